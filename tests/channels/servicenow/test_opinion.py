"""The second opinion: verdicts, figures, violations, hours and differences, worked out by hand.

The contract is the one in examples/servicenow: Monday to Friday 08:00-17:00 at UTC-06:00, which is
14:00-23:00 UTC, nine hours a day. Monday 4 January 2016 is the first day of all stories.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from tests.channels.servicenow import log_file
from tests.channels.servicenow.log_file import COLUMNS, row, story
from tests.channels.servicenow.random_rows import logged, some_rows

from tocsin.channels.servicenow.form import Form
from tocsin.channels.servicenow.opinion import Opinion
from tocsin.channels.servicenow.receive import Log
from tocsin.engine.version import Versions
from tocsin.kit import yaml_file

ROOT = Path(__file__).resolve().parents[3]
CONTRACT: Mapping[str, Any] = yaml_file.load(ROOT / "examples/servicenow/policy.yaml").data
VERSIONS = Versions.from_dict(CONTRACT)
OPENED = "4/1/2016 14:00"  # Monday 08:00 local, the first opening
CRITICAL, HIGH = {"priority": "1 - Critical"}, {"priority": "2 - High"}
MODERATE, LOW = {"priority": "3 - Moderate"}, {"priority": "4 - Low"}
NET = {"assignment_group": "Net", "category": "Lines"}

STORIES = [
    # Eight hours used of eight, to the minute: due 16:00 local.
    *story("INC1", OPENED, "4/1/2016 22:00", **CRITICAL),
    # One minute more.
    *story("INC2", OPENED, "4/1/2016 22:01", made_sla="false", **CRITICAL, **NET),
    # Opened at the closing, so it begins on Tuesday: nine hours used of eight, due Tue 16:00.
    *story("INC3", "4/1/2016 23:00", "5/1/2016 23:00", made_sla="false", **HIGH, **NET),
    # Six days of nine hours and eight on the seventh are 62 hours: due Tuesday 12 January 16:00.
    *story("INC4", OPENED, "12/1/2016 22:00", **MODERATE),
    # 134 hours are due on Friday 22 January 16:00; 181 had been used on Monday 1 February 09:00.
    *story("INC5", OPENED, "1/2/2016 15:00", made_sla="false", **LOW),
    # Nine to five: the eight hours end at a closing, and until the next opening nothing is used.
    *story("INC8", "4/1/2016 15:00", "5/1/2016 13:59", category="?", **CRITICAL),
]
# 63 hours used, more than the 62 of Moderate, but closed as Low in its closing row.
RECLASSIFIED = [
    row("INC7", closed_at="12/1/2016 23:00", **MODERATE),
    row(
        "INC7",
        incident_state="Closed",
        sys_mod_count="1",
        sys_updated_at="12/1/2016 23:00",
        closed_at="12/1/2016 23:00",
        **LOW,
    ),
]
# Not closed when the log ends, on Monday 1 February 15:00 UTC; one hour used.
STILL_OPEN = [row("INC6", opened_at="1/2/2016 14:00", assignment_group="?", **MODERATE)]


def judged(
    folder: Path,
    rows: Iterable[Mapping[str, str]],
    policy: Mapping[str, Any] = CONTRACT,
    top: int = 10,
    columns: Iterable[str] = COLUMNS,
) -> dict[str, Any]:
    """Return the opinion on a log as the plain data of `--json`."""
    log = Log(log_file.write(folder, rows, columns), Form.from_dict(policy.get("log", {})))
    log.survey()
    assert log.last_at is not None
    versions = VERSIONS if policy is CONTRACT else Versions.from_dict(policy)
    opinion = Opinion(versions, log.form.compare, log.last_at, top)
    for incident in log.incidents():
        opinion.take(incident)
    return {"incidents": opinion.incidents, **opinion.to_dict()}


def figures(met: int, breached: int, still_open: int, rate: float | None) -> dict[str, Any]:
    return {"met": met, "breached": breached, "open": still_open, "hit_rate": rate}


ALL = [*STORIES, *RECLASSIFIED, *STILL_OPEN]


# ------------------------------------------------------------------------------ counts and rates


def test_verdicts_are_counted_once_an_incident(tmp_path: Path) -> None:
    found = judged(tmp_path, ALL)
    assert found["incidents"] == 8
    # Met: 1, 4, 7, 8. Breached: 2, 3, 5.
    assert (found["met"], found["breached"], found["open"]) == (4, 3, 1)
    assert found["hit_rate"] == 57.14
    assert found["clocks"] == {"resolution": figures(4, 3, 1, 57.14)}
    assert found["without_clock"] == 0


def test_hit_rates_by_priority_group_category_and_month(tmp_path: Path) -> None:
    by = judged(tmp_path, ALL)["by"]
    assert by["priority"] == {
        "1 - Critical": figures(2, 1, 0, 66.67),
        "2 - High": figures(0, 1, 0, 0.0),
        "3 - Moderate": figures(1, 0, 1, 100.0),
        "4 - Low": figures(1, 1, 0, 50.0),  # judged by the final priority
    }
    assert by["group"] == {
        "(none)": figures(0, 0, 1, None),
        "Desk": figures(4, 1, 0, 80.0),
        "Net": figures(0, 2, 0, 0.0),
    }
    assert by["category"] == {
        "(none)": figures(1, 0, 0, 100.0),
        "Lines": figures(0, 2, 0, 0.0),
        "Mail": figures(3, 1, 1, 75.0),
    }
    # A missed promise belongs to the month of its due, not of the closing.
    assert by["month"] == {"2016-01": figures(4, 3, 0, 57.14)}


@pytest.mark.parametrize(
    ("zone", "opened", "closed", "month"),
    [
        ("UTC", "29/1/2016 10:00", "31/1/2016 23:30", "2016-01"),
        ("Europe/Stockholm", "29/1/2016 10:00", "31/1/2016 23:30", "2016-02"),
        ("America/New_York", "31/1/2016 10:00", "1/2/2016 04:30", "2016-01"),
    ],
)
def test_the_month_is_that_of_the_calendars_clocks(
    tmp_path: Path, zone: str, opened: str, closed: str, month: str
) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    always = {"zone": zone, "week": {day: ["00:00-24:00"] for day in days}}
    policy = {**CONTRACT, "calendars": {"office": always}}
    found = judged(tmp_path, story("INC1", opened, closed, **LOW), policy)
    assert set(found["by"]["month"]) == {month}


def test_an_incident_that_no_policy_is_for_has_no_clock(tmp_path: Path) -> None:
    rows = [*ALL, *story("INC9", OPENED, "5/1/2016 15:00", priority="5 - Planning")]
    found = judged(tmp_path, rows)
    assert (found["incidents"], found["without_clock"]) == (9, 1)
    assert (found["met"], found["breached"], found["open"]) == (4, 3, 1)
    assert found["agree_with_source"] == 7
    assert "5 - Planning" not in found["by"]["priority"]


def test_a_clock_that_was_cancelled_answers_for_nothing(tmp_path: Path) -> None:
    rule = {**CONTRACT["policies"][0], "when": {"category": "Mail"}}
    moved = [row("INC1"), row("INC1", sys_mod_count="1", category="Lines")]
    rows = [*moved, *story("INC2", OPENED, "4/1/2016 15:00")]
    found = judged(tmp_path, rows, {**CONTRACT, "policies": [rule]})
    assert (found["incidents"], found["without_clock"]) == (2, 1)
    assert (found["met"], found["breached"], found["open"]) == (1, 0, 0)
    assert found["differences"] == []
    assert found["agree_with_source"] == 1


# ------------------------------------------------------------------------------------ violations


def test_violations_come_worst_first_with_both_lengths(tmp_path: Path) -> None:
    hour = 3_600
    assert judged(tmp_path, ALL)["violations"] == [
        {
            "number": "INC5",
            "terms": "4 - Low",
            "due": "2016-01-22 16:00-06:00",
            "ended": "2016-02-01 09:00-06:00",
            "over_seconds": 47 * hour,  # 181 - 134
            "wall_seconds": (9 * 24 + 17) * hour,
        },
        {
            "number": "INC3",
            "terms": "2 - High",
            "due": "2016-01-05 16:00-06:00",
            "ended": "2016-01-05 17:00-06:00",
            "over_seconds": hour,
            "wall_seconds": hour,
        },
        {
            "number": "INC2",
            "terms": "1 - Critical",
            "due": "2016-01-04 16:00-06:00",
            "ended": "2016-01-04 16:01-06:00",
            "over_seconds": 60,
            "wall_seconds": 60,
        },
    ]


def test_a_violation_of_what_is_still_open_grows_until_the_end_of_the_log(tmp_path: Path) -> None:
    rows = [row("INC1", **CRITICAL), row("INC2", sys_updated_at="5/1/2016 15:00")]
    found = judged(tmp_path, rows)
    assert [
        (v["number"], v["ended"], v["over_seconds"], v["wall_seconds"]) for v in found["violations"]
    ] == [("INC1", "", 2 * 3_600, 17 * 3_600)]
    assert (found["breached"], found["open"]) == (1, 1)


def test_a_shorter_list_of_violations_is_the_beginning_of_the_longer(tmp_path: Path) -> None:
    rows: list[dict[str, str]] = []
    for k in reversed(range(12)):
        # Minutes over: 0, 1, 2, 0, 1, 2, … so that every length is there four times.
        rows += story(f"INC{k:02d}", OPENED, f"4/1/2016 22:0{1 + k % 3}", **CRITICAL)
    whole = judged(tmp_path, rows, top=20)["violations"]
    assert [v["number"] for v in whole[:5]] == ["INC02", "INC05", "INC08", "INC11", "INC01"]
    for top in (1, 2, 5, 7):
        assert judged(tmp_path, rows, top=top)["violations"] == whole[:top]


# ----------------------------------------------------------------------------------------- hours


def test_what_would_have_come_is_counted_by_local_hour(tmp_path: Path) -> None:
    # Critical from 08:00 Monday, closed Tuesday 15:01: 75 % at 14:00, an hour before at 15:00, the
    # breach and L1 at 16:00, L2 four hours on at 11:00 Tuesday; L3, nine more, does not come.
    late = story("INC1", OPENED, "5/1/2016 21:01", **CRITICAL)
    # The same from 10:00: 75 % at 16:00, an hour before on Tuesday at 08:00, closed at 08:30.
    good = story("INC2", "4/1/2016 16:00", "5/1/2016 14:30", **CRITICAL)
    assert judged(tmp_path, [*late, *good])["would_have_come_by_hour"] == {
        "alert 1 h before": {"08": 1, "15": 1},
        "alert 75 %": {"14": 1, "16": 1},
        "breach": {"16": 1},
        "to L1": {"16": 1},
        "to L2": {"11": 1},
    }


def test_the_last_that_would_have_come_are_listed_in_their_order(tmp_path: Path) -> None:
    rows: list[dict[str, str]] = []
    for k in reversed(range(50)):
        rows += story(f"INC{k:02d}", f"4/1/2016 14:{k:02d}", "4/1/2016 21:59", **CRITICAL)
    # 75 % of each at 14:00 local and later, an hour before at 15:00 and later.
    last = judged(tmp_path, rows, top=2)["would_have_come_last"]
    assert [(came["number"], came["at"]) for came in last] == [
        ("INC48", "2016-01-04T21:48:00+00:00"),
        ("INC49", "2016-01-04T21:49:00+00:00"),
    ]
    assert {came["what"] for came in last} == {"alert 1 h before, to owner, manager"}
    assert {came["clock"] for came in last} == {"SLA/resolution#1"}


def test_of_alerts_that_fall_due_at_once_only_the_last_comes(tmp_path: Path) -> None:
    # Low until 15:30 local, then Critical with seven and a half hours used of eight: 75 % and an
    # hour before have both passed by then.
    both = {"closed_at": "4/1/2016 21:45"}
    rows = [
        row("INC1", **both, **LOW),
        row("INC1", **both, **CRITICAL, sys_mod_count="1", sys_updated_at="4/1/2016 21:30"),
        row("INC1", **both, **CRITICAL, **at("Closed", 2, 0)),
    ]
    rows[2]["sys_updated_at"] = both["closed_at"]
    found = judged(tmp_path, rows)
    assert found["would_have_come_by_hour"] == {"alert 1 h before": {"15": 1}}
    assert found["met"] == 1


def test_nothing_would_have_come_for_what_was_done_at_once(tmp_path: Path) -> None:
    found = judged(tmp_path, story("INC1", OPENED, "4/1/2016 14:30", **CRITICAL))
    assert found["would_have_come_by_hour"] == {}


# ----------------------------------------------------------------------------------- differences


def test_servicenows_verdict_agrees_or_is_told_as_a_difference(tmp_path: Path) -> None:
    found = judged(tmp_path, ALL)
    assert found["agree_with_source"] == 7
    assert found["without_source_verdict"] == 1  # the one that is still open
    assert found["differences"] == []


def test_a_log_without_verdicts_has_nothing_to_compare(tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name != "made_sla"]
    found = judged(tmp_path, ALL, columns=columns)
    assert (found["agree_with_source"], found["without_source_verdict"]) == (0, 8)
    assert found["differences"] == []
    assert found["met"] == 4


@pytest.mark.parametrize(
    ("state", "made_sla", "difference", "without"),
    [
        ("New", "true", [], 1),  # made_sla is true from the first row on: it says nothing yet
        ("Resolved", "true", [], 1),
        ("New", "?", [], 1),
        ("New", "false", [("breached", "open")], 0),  # missed by ServiceNow's account alone
    ],
)
def test_the_promise_of_an_open_incident_is_not_decided(
    tmp_path: Path, state: str, made_sla: str, difference: list[tuple[str, str]], without: int
) -> None:
    found = judged(tmp_path, [row("INC1", incident_state=state, made_sla=made_sla)])
    assert (found["open"], found["agree_with_source"]) == (1, 0)
    assert [(told["source"], told["ours"]) for told in found["differences"]] == difference
    assert found["without_source_verdict"] == without


def test_an_open_clock_of_a_closed_incident_is_a_difference(tmp_path: Path) -> None:
    # A policy whose clock stops at what never comes.
    clock = {**CONTRACT["policies"][0]["clocks"][0], "stop": {"category": "Never"}}
    rule = {**CONTRACT["policies"][0], "clocks": [clock]}
    found = judged(
        tmp_path, story("INC1", OPENED, "4/1/2016 15:00"), {**CONTRACT, "policies": [rule]}
    )
    assert [(d["source"], d["ours"]) for d in found["differences"]] == [("met", "open")]


def the_difference(
    folder: Path, rows: list[dict[str, str]], policy: Any = CONTRACT
) -> dict[str, str]:
    found = judged(folder, rows, policy)["differences"]
    assert len(found) == 1
    told: dict[str, str] = found[0]
    return told


def test_a_difference_says_what_was_used_and_which_reading_would_give_it(tmp_path: Path) -> None:
    # Nine hours used of eight, but resolved after six.
    rows = story("INC3", "4/1/2016 23:00", "5/1/2016 23:00", resolved_at="5/1/2016 20:00", **HIGH)
    assert the_difference(tmp_path, rows) == {
        "number": "INC3",
        "source": "met",
        "ours": "breached",
        "why": "9 h of open time used of 8 h; "
        "ServiceNow's verdict would follow if the clock stopped at resolution",
    }


def test_a_difference_by_the_wall_clock(tmp_path: Path) -> None:
    # Opened Monday 16:00 local, closed Tuesday 09:00: 2 hours used, 17 by the wall clock.
    rows = story("INC1", "4/1/2016 22:00", "5/1/2016 15:00", made_sla="false", **HIGH)
    assert the_difference(tmp_path, rows)["why"] == (
        "2 h of open time used of 8 h; ServiceNow's verdict would follow by the wall clock"
    )


def test_a_difference_by_an_earlier_priority(tmp_path: Path) -> None:
    # 63 hours used: in time as Low, as which it was closed, and too late as Moderate.
    rows = [{**cells, "made_sla": "false"} for cells in RECLASSIFIED]
    why = the_difference(tmp_path, rows)["why"]
    assert why.startswith("63 h of open time used of 134 h; ServiceNow's verdict would follow ")
    assert "by its earlier priority 3 - Moderate" in why


def test_a_difference_by_waiting_for_the_customer(tmp_path: Path) -> None:
    # Waited from 10:00 to 12:00 local: seven hours used without, nine with.
    both = {"closed_at": "4/1/2016 23:00", **CRITICAL}
    states = [("New", 14), ("Awaiting User Info", 16), ("Active", 18), ("Closed", 23)]
    rows = [row("INC1", **both, **at(state, k, hour)) for k, (state, hour) in enumerate(states)]
    assert the_difference(tmp_path, rows)["why"] == (
        "9 h of open time used of 8 h; "
        "ServiceNow's verdict would follow if waiting for the customer did not count"
    )


def test_what_a_clock_does_not_count_already_explains_no_difference(tmp_path: Path) -> None:
    # Paused from 10:00 to 12:00 local: eight and a half hours used of eight by the closing on
    # Tuesday at 09:30; to take the two off once more would make it look in time.
    clock = {
        **CONTRACT["policies"][0]["clocks"][0],
        "pause": [{"when": {"status": "waiting customer"}}],
    }
    policy = {**CONTRACT, "policies": [{**CONTRACT["policies"][0], "clocks": [clock]}]}
    both = {"closed_at": "5/1/2016 15:30", **CRITICAL}
    states = [("New", 14), ("Awaiting User Info", 16), ("Active", 18)]
    rows = [row("INC1", **both, **at(state, k, hour)) for k, (state, hour) in enumerate(states)]
    closing = {**at("Closed", 3, 0), "sys_updated_at": both["closed_at"]}
    why = the_difference(tmp_path, [*rows, row("INC1", **both, **closing)], policy)["why"]
    assert why.startswith("8 h 30 min of open time used of 8 h; no other reading")


def at(state: str, count: int, hour: int) -> dict[str, str]:
    return {
        "incident_state": state,
        "sys_mod_count": str(count),
        "sys_updated_at": f"4/1/2016 {hour}:00",
    }


def test_a_difference_that_nothing_explains_lists_what_was_tried(tmp_path: Path) -> None:
    # In time by every reading, and yet missed by ServiceNow's account.
    rows = story("INC1", OPENED, "4/1/2016 15:00", made_sla="false", resolved_at="4/1/2016 14:30")
    why = the_difference(tmp_path, rows)["why"]
    assert why.startswith("1 h of open time used of 62 h; no other reading of the contract gives ")
    for reading in ("by the wall clock", "waiting for the customer", "stopped at resolution"):
        assert reading in why


# ------------------------------------------------------------------------------------- properties


@given(some_rows())
def test_every_incident_is_counted_once_whatever_the_log(rows: list[dict[str, str]]) -> None:
    with logged(rows) as path:
        log, incidents = log_file.read(path)
    if log.last_at is None:
        assert incidents == {}
        return
    opinion = Opinion(VERSIONS, "resolution", log.last_at, 3)
    for incident in incidents.values():
        opinion.take(incident)
    found = opinion.to_dict()
    with_clock = found["met"] + found["breached"] + found["open"]
    assert with_clock + found["without_clock"] == opinion.incidents == len(incidents)
    compared = found["agree_with_source"] + len(found["differences"])
    assert compared + found["without_source_verdict"] == with_clock
    for dimension in ("priority", "group", "category"):
        assert with_clock == sum(
            one["met"] + one["breached"] + one["open"]
            for one in found["by"].get(dimension, {}).values()
        )
    assert len(found["violations"]) == min(3, found["breached"])
