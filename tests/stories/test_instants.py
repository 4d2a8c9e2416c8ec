"""Stories of instants: leap seconds, mornings on which everything is due, reports of the past."""

import pytest
from tests.stories.story import Story, at, promise

from tocsin.engine import replay, verdict
from tocsin.engine.decide import Snapshot, decide
from tocsin.engine.effect import Breached
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.policy import instant_from


@pytest.mark.scenario("E33")
def test_a_leap_second_is_the_second_after_it() -> None:
    leap = instant_from("2016-12-31T23:59:60Z", "at")
    assert leap == instant_from("2017-01-01T00:00:00Z", "at")
    assert instant_from("2017-01-01T00:59:60.5+01:00", "at").microsecond == 500_000
    story = Story(promise("resolution", "1h", calendar="always"))
    story.opened("Mon 09:00")
    assert (leap - instant_from("2016-12-31T23:59:59Z", "at")).total_seconds() == 1


@pytest.mark.scenario("E62")
def test_what_is_due_when_the_day_begins_is_decided_at_its_instant() -> None:
    story = Story(promise("resolution", "1h", at_close="next opening", alerts=[{"at": "75%"}]))
    opening, late = at("Mon 09:00"), at("Mon 09:00:00.000001")
    for number in range(5_000):
        facts = [Event(f"T-{number}", Kind.CREATED, at("last Fri 16:00"), f"{number}")]
        ticket = replay.replay(f"T-{number}", facts, story.versions, now=at("last Fri 16:00"))
        before = decide(Snapshot(ticket), now=at("last Fri 16:45"))
        done = frozenset(effect.key for effect in before.effects)
        assert before.wake_at == late
        assert decide(Snapshot(ticket, done), now=opening).effects == ()
        breach = decide(Snapshot(ticket, done), now=late).effects[0]
        assert isinstance(breach, Breached)
        assert (breach.breach.due, breach.detected_at) == (opening, late)


@pytest.mark.scenario("E68")
def test_a_report_as_of_an_instant_takes_what_was_known_then() -> None:
    story = Story(promise("resolution", "2h"))
    story.opened("Mon 09:00")
    story.status("Mon 12:00", "resolved")
    april = list(story.facts)
    story.status("Mon 10:00", "waiting customer")
    story.status("Mon 11:30", "open")

    def report(facts: list[Event]) -> str:
        [clock] = replay.replay("T-1", facts, story.versions, now=at("Mon 12:00")).clocks
        return verdict.of(clock, now=at("Mon 12:00")).value

    assert (report(april), report(story.facts)) == ("breached", "met")
    # Both can be computed again, whatever has come since.
    assert report([f for f in story.facts if f in april]) == "breached"


@pytest.mark.scenario("E43")
def test_a_clock_begins_when_the_word_was_received_whatever_its_header_says() -> None:
    story = Story(promise("first response", "4h"))
    story.opened("Mon 09:00", header_date="2026-01-09T08:00:00+01:00")
    assert story.clock("first response").started_at == at("Mon 09:00")
    assert story.ticket().fields["header_date"] == "2026-01-09T08:00:00+01:00"
    assert story.facts[0].side is Side.CUSTOMER
