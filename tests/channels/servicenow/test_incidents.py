"""Rows become facts: what changed when, whatever the order of the file, and every oddity told."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.channels.servicenow import log_file
from tests.channels.servicenow.log_file import COLUMNS, lines, only_remark, read, row, told
from tests.channels.servicenow.random_rows import MALFORMED, logged, some_rows

from tocsin.channels.servicenow.form import STATES, Form
from tocsin.channels.servicenow.receive import Incident, Log
from tocsin.engine.event import Kind, in_order

Rows = list[dict[str, str]]


def later(minute: int, count: int, state: str, **cells: str) -> dict[str, str]:
    """Return a row of INC1 written that many minutes after 14:00, its `count`-th update."""
    at = f"4/1/2016 {14 + minute // 60}:{minute % 60:02d}"
    return row(incident_state=state, sys_mod_count=str(count), sys_updated_at=at, **cells)


def one(folder: Path, rows: Rows) -> tuple[Log, Incident]:
    log, found = read(log_file.write(folder, rows))
    assert set(found) == {"INC1"}
    return log, found["INC1"]


# ------------------------------------------------------------------------------ from row to fact


def test_what_changes_from_row_to_row_becomes_a_fact_of_its_kind(tmp_path: Path) -> None:
    columns = [*COLUMNS, "assigned_to", "u_plan"]
    rows = [
        later(0, 0, "New", u_plan="gold"),
        later(5, 1, "Active", u_plan="gold", assigned_to="Ann", assignment_group="Net"),
        later(7, 2, "Awaiting User Info", u_plan="none", assigned_to="Ann", assignment_group="Net"),
        later(9, 3, "Awaiting User Info", u_plan="none", assigned_to="Ann", assignment_group="Net"),
        later(30, 4, "Resolved", u_plan="none", priority="1 - Critical", assignment_group="Net"),
    ]
    log, found = read(log_file.write(tmp_path, rows, columns))
    incident = found["INC1"]
    assert incident.events[0].kind is Kind.CREATED
    assert incident.events[0].payload == {
        "status": "new",
        "priority": "3 - Moderate",
        "team": "Desk",
        "category": "Mail",
        "assignee": None,
        "u_plan": "gold",
    }
    assert told(incident)[1:] == [
        ("04 14:05", "team", "Net"),
        ("04 14:05", "assignee", "Ann"),
        ("04 14:05", "status", "open"),
        ("04 14:07", "u_plan", "none"),
        ("04 14:07", "status", "waiting customer"),
        ("04 14:30", "priority", "1 - Critical"),
        ("04 14:30", "assignee", None),
        ("04 14:30", "status", "resolved"),
    ]
    kinds = [event.kind for event in incident.events[1:]]
    assert kinds[:3] == [Kind.TEAM, Kind.ASSIGNEE, Kind.STATUS]
    assert kinds[3] is Kind.FIELD
    assert incident.fields["priority"] == "1 - Critical"
    assert log.remarks == []


@pytest.mark.parametrize(("state", "status"), [*STATES.items()])
def test_each_state_of_servicenow_has_a_status(tmp_path: Path, state: str, status: str) -> None:
    log, incident = one(tmp_path, [later(0, 0, "Resolved"), later(5, 1, state)])
    statuses = [value for _, name, value in told(incident) if name == "status"]
    assert statuses == ["resolved", *([status] if status != "resolved" else [])]
    assert log.remarks == []


def test_a_state_of_a_companys_own_is_named_in_the_policy(tmp_path: Path) -> None:
    rows = [later(0, 0, "New"), later(5, 1, "Parked"), later(9, 2, "Active")]
    path = log_file.write(tmp_path, rows)
    log, found = read(path, Form.from_dict({"states": {"Parked": "waiting internal"}}))
    assert ("04 14:05", "status", "waiting internal") in told(found["INC1"])
    assert log.remarks == []


@pytest.mark.parametrize("state", ["-100", "?", "", "new", "Parked"])
def test_an_unknown_state_leaves_the_status_and_is_told(tmp_path: Path, state: str) -> None:
    rows = [
        later(0, 0, "Active"),
        later(5, 1, state, category="Net"),
        later(9, 2, "Resolved", category="Net"),
    ]
    log, incident = one(tmp_path, rows)
    assert told(incident)[1:] == [
        ("04 14:00", "status", "open"),
        ("04 14:05", "category", "Net"),  # the rest of the row counts
        ("04 14:09", "status", "resolved"),
    ]
    cell = state.strip()
    remark = only_remark(log)
    assert (remark.line, remark.number, remark.rejected) == (3, "INC1", False)
    assert remark.reason == f"incident_state: {cell!r} is unknown; the status before it stays"


@pytest.mark.parametrize(
    ("state", "status"),
    [("Resolved", "resolved"), ("Active", "open"), ("Awaiting User Info", "waiting customer")],
)
def test_a_first_row_written_late_says_nothing_about_the_time_before_it(
    tmp_path: Path, state: str, status: str
) -> None:
    _, incident = one(tmp_path, [later(45, 3, state)])
    assert incident.events[0].payload["status"] == "new"
    assert told(incident) == [("04 14:00", "created", None), ("04 14:45", "status", status)]


# --------------------------------------------------------------------------------------- closing


def test_an_incident_told_by_its_closed_row_alone_was_open_until_closed_at(tmp_path: Path) -> None:
    log, incident = one(tmp_path, [later(180, 7, "Closed", closed_at="4/1/2016 16:30")])
    assert told(incident) == [("04 14:00", "created", None), ("04 16:30", "status", "closed")]
    assert log.remarks == []


def test_a_closed_row_written_after_the_closing_counts_from_closed_at(tmp_path: Path) -> None:
    closed = "4/1/2016 15:00"
    rows = [
        later(0, 0, "New", closed_at=closed),
        later(180, 1, "Closed", closed_at=closed, priority="1 - Critical"),
    ]
    _, incident = one(tmp_path, rows)
    # The priority of the closing row holds when the incident closes.
    assert told(incident)[1:] == [
        ("04 15:00", "priority", "1 - Critical"),
        ("04 15:00", "status", "closed"),
    ]


def test_a_closing_never_goes_back_before_the_row_before_it(tmp_path: Path) -> None:
    closed = "4/1/2016 14:30"
    rows = [
        later(0, 0, "New", closed_at=closed),
        later(60, 1, "Resolved", closed_at=closed),
        later(90, 2, "Closed", closed_at=closed),
    ]
    _, incident = one(tmp_path, rows)
    assert told(incident)[-1] == ("04 15:00", "status", "closed")


def test_the_priority_of_the_closing_row_counts_before_the_closing(tmp_path: Path) -> None:
    closed = "4/1/2016 15:00"
    rows = [
        later(0, 0, "New", closed_at=closed),
        later(60, 1, "Closed", closed_at=closed, priority="4 - Low", category="Net"),
    ]
    _, incident = one(tmp_path, rows)
    assert [event.kind for event in in_order(reversed(incident.events))] == [
        *(Kind.CREATED, Kind.FIELD, Kind.PRIORITY, Kind.STATUS)
    ]
    assert incident.fields["priority"] == "4 - Low"


def test_closed_before_closed_at_is_resolved_until_then(tmp_path: Path) -> None:
    closed = "4/1/2016 16:00"
    rows = [
        later(0, 0, "New", closed_at=closed),
        later(30, 1, "Closed", closed_at=closed),
        later(45, 2, "Active", closed_at=closed),
        later(120, 3, "Closed", closed_at=closed),
    ]
    log, incident = one(tmp_path, rows)
    assert told(incident)[1:] == [
        ("04 14:30", "status", "resolved"),
        ("04 14:45", "status", "open"),
        ("04 16:00", "status", "closed"),
    ]
    remark = only_remark(log)
    assert (remark.line, remark.rejected) == (3, False)
    assert remark.reason.startswith("incident_state: Closed before closed_at")


@pytest.mark.parametrize("state", ["Resolved", "Active", "Awaiting User Info", "-100"])
def test_a_closing_that_no_row_says_is_taken_from_its_column_and_told(
    tmp_path: Path, state: str
) -> None:
    closed = "4/1/2016 14:30"
    # Also when the last row is of the very instant of the closing.
    for minute in (20, 30):
        rows = [later(0, 0, "New", closed_at=closed), later(minute, 1, state, closed_at=closed)]
        log, incident = one(tmp_path, rows)
        facts = in_order(incident.events)
        assert facts[-1].payload == {"to": "closed"}
        assert f"{facts[-1].effective_at:%H:%M}" == "14:30"
        remark = log.remarks[-1]
        assert (remark.line, remark.rejected) == (3, False)
        assert remark.reason == "closed_at: no row says Closed then; taken from this column"


def test_closed_without_closed_at_counts_from_its_row(tmp_path: Path) -> None:
    log, incident = one(tmp_path, [later(0, 0, "New"), later(30, 1, "Closed")])
    assert told(incident)[-1] == ("04 14:30", "status", "closed")
    assert log.remarks == []


def test_without_closed_at_an_incident_stays_open(tmp_path: Path) -> None:
    _, incident = one(tmp_path, [later(0, 0, "New"), later(30, 1, "Resolved")])
    assert told(incident)[-1] == ("04 14:30", "status", "resolved")


# ------------------------------------------------------------------------------ rows that are odd


def test_closed_before_opened_leaves_the_row_out(tmp_path: Path) -> None:
    rows = [row(), row(sys_mod_count="1", closed_at="4/1/2016 13:59", category="Net")]
    log, incident = one(tmp_path, rows)
    assert told(incident) == [("04 14:00", "created", None)]
    remark = only_remark(log)
    assert (remark.line, remark.reason) == (3, "closed_at: is before opened_at")
    assert remark.rejected


def test_updated_before_opened_leaves_the_row_out(tmp_path: Path) -> None:
    rows = [row(sys_updated_at="4/1/2016 13:59", category="Net"), row(sys_mod_count="1")]
    log, incident = one(tmp_path, rows)
    assert incident.fields["category"] == "Mail"
    remark = only_remark(log)
    assert (remark.line, remark.reason) == (2, "sys_updated_at: is before opened_at")


def test_opened_at_another_time_than_in_the_last_row_leaves_the_row_out(tmp_path: Path) -> None:
    rows = [row(opened_at="4/1/2016 12:00", category="Net"), later(9, 1, "Active")]
    log, incident = one(tmp_path, rows)
    assert f"{incident.opened_at:%H:%M}" == "14:00"
    remark = only_remark(log)
    assert (remark.line, remark.reason) == (2, "opened_at: is not that of line 3")


def test_of_two_rows_with_one_count_the_earlier_is_kept(tmp_path: Path) -> None:
    rows = [row(), later(20, 1, "Active", category="Late"), later(10, 1, "Active", category="Soon")]
    log, incident = one(tmp_path, rows)
    assert ("04 14:10", "category", "Soon") in told(incident)
    assert "Late" not in {value for *_, value in told(incident)}
    assert [(r.line, r.rejected) for r in log.remarks] == [(4, False), (3, True)]
    assert log.remarks[0].reason == "sys_updated_at: goes back before line 3"
    assert log.remarks[1].reason == "sys_mod_count: 1 is that of line 4 too"


def test_of_two_rows_with_one_count_and_time_the_same_is_kept_in_any_order(tmp_path: Path) -> None:
    rows = [row(), later(10, 1, "Active", category="B"), later(10, 1, "Active", category="A")]
    _, one_way = one(tmp_path, rows)
    log, other_way = one(tmp_path, [rows[0], rows[2], rows[1]])
    assert one_way == other_way
    assert lines(log.remarks, rejected=True) == [4]


def test_an_update_that_goes_back_in_time_is_used_in_its_place_and_told(tmp_path: Path) -> None:
    rows = [row(), later(20, 1, "Active"), later(10, 2, "On Hold"), later(30, 3, "Resolved")]
    log, incident = one(tmp_path, rows)
    assert told(incident)[1:] == [
        ("04 14:10", "status", "waiting internal"),
        ("04 14:20", "status", "open"),
        ("04 14:30", "status", "resolved"),
    ]
    remark = only_remark(log)
    assert (remark.line, remark.rejected) == (4, False)
    assert remark.reason == "sys_updated_at: goes back before line 3"


def test_a_log_written_newest_first_is_not_odd(tmp_path: Path) -> None:
    rows = [row(), later(10, 1, "Active"), later(20, 2, "Resolved")]
    _, oldest_first = one(tmp_path, rows)
    log, newest_first = one(tmp_path, rows[::-1])
    assert newest_first == oldest_first
    assert log.remarks == []


def test_the_same_row_has_the_same_key_in_a_longer_export(tmp_path: Path) -> None:
    rows = [row(), later(10, 1, "Active")]
    _, short = one(tmp_path, rows)
    _, long = read(log_file.write(tmp_path, [row("INC0"), *rows, later(20, 2, "Resolved")]))
    assert long["INC1"].events[: len(short.events)] == short.events


# ------------------------------------------------------------------------------------- properties


def marks_used(incidents: dict[str, Incident]) -> list[str]:
    """Return the marks of the rows that facts were made of."""
    return [
        event.changes()["u_mark"]
        for incident in incidents.values()
        for event in incident.events
        if "u_mark" in event.changes()
    ]


@given(some_rows(), st.lists(st.tuples(st.integers(0, 20), st.sampled_from(MALFORMED)), max_size=4))
def test_every_row_is_used_or_rejected_with_its_line_and_a_reason(rows: Rows, extra: Any) -> None:
    with logged(rows, extra) as path:
        log, found = read(path)
        text = path.read_text().splitlines()
    left_out = lines(log.remarks, rejected=True)
    used = [k for k, line in enumerate(text, 1) if line.rpartition(",")[2] in marks_used(found)]
    assert sorted([*left_out, *used]) == list(range(2, len(text) + 1))
    assert log.rows == len(text) - 1 == len(left_out) + len(marks_used(found))
    assert all(remark.reason for remark in log.remarks)
    for remark in log.remarks:
        assert text[remark.line - 1].startswith(remark.number)


@given(some_rows().flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_the_rows_decides_nothing(both: tuple[Rows, Rows]) -> None:
    rows, shuffled = both
    with logged(rows) as path:
        log, found = read(path)
    with logged(shuffled) as path:
        other, again = read(path)
    assert again == found
    assert (other.rows, other.last_at) == (log.rows, log.last_at)
    left_out = [
        sorted(of[line - 2]["u_mark"] for line in lines(a.remarks, rejected=True))
        for of, a in ((rows, log), (shuffled, other))
    ]
    assert left_out[0] == left_out[1]


@given(some_rows())
def test_facts_are_yielded_so_that_sorting_them_keeps_each_rows_order(rows: Rows) -> None:
    with logged(rows) as path:
        _, found = read(path)
    for incident in found.values():
        facts = in_order(incident.events)
        assert len(facts) == len(incident.events), "two facts share a key"
        assert facts[0].kind is Kind.CREATED
        assert facts[0].effective_at == incident.opened_at
        assert all(fact.effective_at >= incident.opened_at for fact in facts)
