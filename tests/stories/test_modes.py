"""Stories of the modes: each value that a definition may have, and what it makes of a clock."""

import pytest
from tests.stories.story import OFFICE, Story, at, hours, policy, promise

from tocsin.engine.clock import State
from tocsin.engine.event import Kind, Side
from tocsin.kit.invalid import Invalid

LADDER = {"P1": "2h", "P2": "6h"}


@pytest.mark.parametrize(
    ("mode", "due"), [("carry", "Mon 11:00"), ("restart", "Mon 14:00"), ("keep", "Mon 15:00")]
)
def test_a_priority_changes(mode: str, due: str) -> None:
    story = Story(promise("resolution", LADDER, on_priority=mode))
    story.opened("Mon 09:00", priority="P2")
    story.priority("Mon 12:00", "P1")
    assert story.clock("resolution").present_due() == at(due)


@pytest.mark.parametrize(
    ("mode", "due"), [("carry", "Mon 11:00"), ("restart", "Mon 14:00"), ("keep", "Mon 15:00")]
)
def test_a_policy_takes_over(mode: str, due: str) -> None:
    story = Story(
        policies=[
            policy(promise("resolution", "2h", on_policy=mode), key="b", when={"team": "b"}),
            policy(promise("resolution", "6h", on_policy=mode), key="a", rank=2),
        ]
    )
    story.opened("Mon 09:00", team="a")
    story.team("Mon 12:00", "b")
    assert story.clock("resolution").present_due() == at(due)


@pytest.mark.parametrize(("mode", "used"), [("piecewise", 1), ("retroactive", 17)])
def test_time_before_a_change_is_measured_by_the_old_or_the_new_calendar(
    mode: str, used: int
) -> None:
    rows = [
        {"label": "all hours", "when": {"priority": "P1"}, "target": "40h", "calendar": "always"},
        {"label": "office", "target": "8h"},
    ]
    story = Story({"clock": "resolution", "targets": rows, "carry": mode})
    story.opened("last Fri 16:00", priority="P2")
    story.priority("last Sat 09:00", "P1")
    assert story.clock("resolution").used == hours(used)


@pytest.mark.parametrize(
    ("mode", "due"),
    [
        ("resume", "Tue 13:00"),
        ("restart", "Tue 17:00"),
        ("new cycle", "Tue 17:00"),
        ("from creation", "Mon 17:00"),
        ("never", None),
    ],
)
def test_a_ticket_is_reopened(mode: str, due: str | None) -> None:
    story = Story(promise("resolution", "8h", on_reopen=mode))
    story.opened("Mon 09:00")
    story.status("Mon 13:00", "resolved")
    story.status("Tue 09:00", "open")
    clock = story.clock("resolution")
    assert len(story.clocks("resolution")) == (2 if mode == "new cycle" else 1)
    if due is None:
        assert clock.state is State.STOPPED
    else:
        assert clock.due == at(due)


@pytest.mark.parametrize(
    ("mode", "found"), [("restart", [(1, 2)]), ("new cycle", [(1, 2), (2, 0)])]
)
def test_a_clock_is_reset(mode: str, found: list[tuple[int, int]]) -> None:
    story = Story(promise("periodic update", "2h", on_reset=mode))
    story.opened("Mon 09:00")
    story.agent_writes("Mon 12:00")
    clocks = story.clocks("periodic update")
    assert clocks[-1].due == at("Mon 14:00")
    assert len(clocks) == len(found)
    assert len(clocks[0].standing) == 1


@pytest.mark.parametrize(("mode", "due"), [("earliest", "Mon 13:00"), ("keep", "Mon 15:00")])
def test_words_come_over_from_a_merged_ticket(mode: str, due: str) -> None:
    story = Story(promise("resolution", "4h", on_merge=mode))
    story.opened("Mon 11:00")
    story.came_over("Mon 09:00", Kind.CUSTOMER_MESSAGE, Side.CUSTOMER)
    assert story.due("resolution") == at(due)


@pytest.mark.parametrize(
    ("mode", "due", "kept"),
    [("due", "last Fri 17:00", "breached"), ("next opening", "Mon 09:00", "met")],
)
def test_a_target_is_used_up_at_a_closing(mode: str, due: str, kept: str) -> None:
    story = Story(promise("resolution", "1h", at_close=mode))
    story.opened("last Fri 16:00")
    assert story.due("resolution") == at(due)
    story.status("Mon 09:00", "resolved")
    assert story.verdict("resolution") == kept


@pytest.mark.parametrize(("mode", "kept"), [("worst", "breached"), ("final", "met")])
def test_a_due_that_was_missed_is_moved(mode: str, kept: str) -> None:
    story = Story(promise("resolution", LADDER, judge=mode))
    story.opened("Mon 09:00", priority="P1")
    story.priority("Mon 12:00", "P2")
    story.status("Mon 14:00", "resolved")
    assert story.verdict("resolution") == kept
    assert len(story.clock("resolution").breaches) == 1


BUDGET = promise("resolution", "4h", pauses={"budget": "2h"})


def test_pauses_end_where_their_budget_does() -> None:
    story = Story(BUDGET)
    story.opened("Mon 09:00")
    story.status("Mon 10:00", "waiting customer")
    assert story.pulse("Mon 10:00") == []
    assert story.wakes_at() == at("Mon 12:00")
    clock = story.clock("resolution", "Mon 13:00")
    assert (clock.state, clock.due, clock.paused_open) == (State.RUNNING, at("Mon 15:00"), hours(2))
    assert clock.segments[-1].reason == "the pauses are used up"
    # Another pause takes nothing more.
    story.status("Mon 13:00", "open")
    story.status("Mon 14:00", "waiting customer")
    assert story.due("resolution") == at("Mon 15:00")


def test_a_budget_is_of_all_pauses_and_counts_open_time_only() -> None:
    story = Story(BUDGET)
    story.opened("last Fri 15:00")
    story.status("last Fri 16:30", "waiting customer")  # half an hour until the weekend
    story.status("Mon 09:30", "open")  # and half an hour after it
    story.status("Mon 10:00", "waiting customer")
    assert story.clock("resolution", "Mon 10:59").state is State.PAUSED
    assert story.clock("resolution", "Mon 11:01").state is State.RUNNING
    assert story.due("resolution", "Mon 11:01") == at("Mon 13:00")


def test_a_due_missed_after_the_budget_is_a_breach_in_time() -> None:
    story = Story(BUDGET)
    story.opened("Mon 09:00")
    story.status("Mon 09:30", "waiting customer")
    found = [(when, e.key.deed.value) for when, e in story.runs_until("Tue 09:00")]
    assert found[0] == (at("Mon 15:00:00.000001"), "breach")


def test_a_clock_of_the_system_that_jumps_back_before_the_budget_ended_takes_nothing_back() -> None:
    story = Story(BUDGET)
    story.opened("Mon 09:00")
    story.status("Mon 10:00", "waiting customer")
    assert len(story.pulse("Mon 16:00")) == 2
    assert story.pulse("Mon 11:00") == []


def test_what_counts_as_an_answer_can_be_said() -> None:
    story = Story(promise("first response", "4h", responses=["note", "automated message"]))
    story.opened("Mon 09:00")
    story.agent_writes("Mon 10:00")
    assert story.clock("first response").live
    story.fact("Mon 11:00", Kind.AUTOMATED_MESSAGE, Side.AUTOMATION)
    assert story.clock("first response").outcome == "answered"


@pytest.mark.parametrize(
    ("clock", "responses", "match"),
    [
        ("first response", [], "nothing would count"),
        ("first response", ["phone"], "phone"),
        ("resolution", ["note"], "waits for no answer"),
    ],
)
def test_what_cannot_be_an_answer_is_refused(clock: str, responses: list[str], match: str) -> None:
    with pytest.raises(Invalid, match=match):
        Story(promise(clock, "4h", responses=responses))


def test_a_reset_by_an_answer_can_be_said_too() -> None:
    story = Story(promise("periodic update", "2h", responses=["note"]), calendars={"x": OFFICE})
    story.opened("Mon 09:00")
    story.agent_writes("Mon 09:30")
    story.fact("Mon 10:00", Kind.NOTE)
    assert story.due("periodic update") == at("Mon 12:00")
