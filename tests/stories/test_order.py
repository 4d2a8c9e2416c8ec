"""Stories of several things at once: which predicate acts when more than one holds."""

import itertools

import pytest
from tests.stories.story import Story, at, hours, promise, replayed

from tocsin.engine.clock import Clock, State
from tocsin.engine.event import Kind

STRONGEST_FIRST = ("cancel", "stop", "pause", "reset", "resume", "start")


PAIRS = [*itertools.combinations(STRONGEST_FIRST, 2)]


def signalled(first: str, *signals: str) -> Clock:
    """Return a clock of which every predicate waits for its own word in one field."""
    words = {name: {"signal": {"contains": name}} for name in STRONGEST_FIRST}
    story = Story(promise("own", "8h", **words, on_reopen="restart"))
    story.opened("Mon 09:00", signal=first)
    for k, signal in enumerate(signals):
        story.fact(f"Mon {10 + k}:00", Kind.FIELD, name="signal", to=signal)
    return story.clock("own")


def outcome(clock: Clock) -> tuple[object, ...]:
    return (clock.state, clock.due, clock.used, clock.anchor, clock.round, clock.stopped_at)


@pytest.mark.parametrize(("stronger", "weaker"), PAIRS)
@pytest.mark.parametrize("before", [(), ("pause",)])
def test_the_stronger_predicate_acts(stronger: str, weaker: str, before: tuple[str, ...]) -> None:
    alone = signalled("start", *before, stronger)
    both = signalled("start", *before, f"{weaker} {stronger}")
    assert outcome(both) == outcome(alone)


@pytest.mark.parametrize(
    ("signal", "state", "due", "used"),
    [
        ("cancel", State.CANCELLED, None, 1),
        ("stop", State.STOPPED, "Mon 17:00", 1),
        ("pause", State.PAUSED, None, 1),
        ("reset", State.RUNNING, "Tue 10:00", 0),
        ("resume", State.RUNNING, "Mon 17:00", 0),
        ("start", State.RUNNING, "Mon 17:00", 0),
        ("nothing", State.RUNNING, "Mon 17:00", 0),
    ],
)
def test_what_each_predicate_does(signal: str, state: State, due: str | None, used: int) -> None:
    clock = signalled("start", signal)
    assert (clock.state, clock.due) == (state, at(due) if due else None)
    assert clock.used == hours(used)


def test_a_clock_that_begins_waiting_is_paused_and_not_absent() -> None:
    clock = signalled("start pause")
    assert (clock.state, clock.started_at) == (State.PAUSED, at("Mon 09:00"))
    assert clock.used == hours(0)


@pytest.mark.parametrize(
    ("signal", "state"), [("start stop", State.STOPPED), ("start cancel", State.CANCELLED)]
)
def test_a_clock_that_begins_and_ends_at_once_is_on_record(signal: str, state: State) -> None:
    clock = signalled(signal)
    assert (clock.state, clock.stopped_at) == (state, at("Mon 09:00"))


def test_a_clock_that_begins_at_its_reset_begins_once() -> None:
    clock = signalled("start reset")
    assert (clock.cycle, clock.round, clock.anchor) == (1, 0, at("Mon 09:00"))


def test_what_stopped_a_clock_and_still_holds_keeps_it_stopped() -> None:
    clock = signalled("start", "stop", "start stop")
    assert (clock.state, clock.stopped_at) == (State.STOPPED, at("Mon 10:00"))
    again = signalled("start", "stop", "start")
    assert (again.state, again.due) == (State.RUNNING, at("Tue 11:00"))


@pytest.mark.scenario("E42")
def test_facts_of_one_instant_count_in_the_order_of_their_source_however_they_arrive() -> None:
    story = Story(promise("resolution", "8h"))
    story.opened("Mon 09:00")
    story.fact("Mon 10:00", Kind.STATUS, to="waiting customer", source_seq=10)
    story.fact("Mon 10:00", Kind.STATUS, to="open", source_seq=11)
    story.fact("Mon 12:00", Kind.STATUS, to="waiting customer", source_seq=13)
    story.fact("Mon 12:00", Kind.STATUS, to="open", source_seq=12)
    tickets = [replayed(story, facts, "Tue 12:00") for facts in itertools.permutations(story.facts)]
    assert all(ticket == tickets[0] for ticket in tickets)
    [clock] = tickets[0].clocks
    assert (clock.state, clock.used) == (State.PAUSED, hours(3))
