"""Stories of what people decide about clocks by hand, each with its reason."""

import pytest
from tests.stories.story import Story, at, hours, promise, words

from tocsin.engine.clock import Cause, State
from tocsin.engine.event import Kind
from tocsin.kit.invalid import Invalid

CLOCK = "SLA/resolution#1"


def test_a_due_of_ones_own_holds_until_the_policies_say_otherwise() -> None:
    story = Story(promise("resolution", {"P1": "2h", "P2": "8h"}))
    story.opened("Mon 09:00", priority="P2")
    story.overridden("Mon 10:00", CLOCK, due="Tue 12:00")
    clock = story.clock("resolution")
    assert (clock.due, clock.cause, clock.used) == (at("Tue 12:00"), Cause.OVERRIDE, hours(1))
    story.status("Mon 11:00", "in progress")
    assert story.due("resolution") == at("Tue 12:00")
    story.priority("Mon 10:30", "P1")
    assert story.due("resolution") == at("Mon 11:00")


def test_of_a_paused_clock_the_due_holds_if_it_went_on_now() -> None:
    story = Story(promise("resolution", "8h"))
    story.opened("Mon 09:00")
    story.status("Mon 10:00", "waiting customer")
    story.overridden("Mon 11:00", CLOCK, due="Mon 15:00")
    assert story.clock("resolution").due is None
    story.status("Mon 12:00", "open")
    # Four hours were left; the pause went on for one of them.
    assert story.due("resolution") == at("Mon 16:00")


def test_a_due_in_the_past_is_missed_by_the_override_and_not_before() -> None:
    story = Story(promise("resolution", "8h"))
    story.opened("Mon 09:00")
    story.overridden("Mon 12:00", CLOCK, due="Mon 11:00")
    [breach] = story.clock("resolution").breaches
    assert (breach.breached_at, breach.cause) == (at("Mon 12:00"), Cause.OVERRIDE)


def test_an_override_after_a_breach_takes_nothing_off_the_record() -> None:
    story = Story(promise("resolution", "2h"))
    story.opened("Mon 09:00")
    assert words(story.pulse("Mon 12:00")) == ["breach resolution"]
    story.overridden("Mon 12:00", CLOCK, due="Mon 16:00")
    assert words(story.pulse("Mon 12:00")) == []
    story.status("Mon 15:00", "resolved")
    assert story.verdict("resolution") == "breached"


@pytest.mark.parametrize(("do", "verdict"), [("stop", "met"), ("cancel", "none")])
def test_a_clock_is_ended_by_hand_and_stays_so(do: str, verdict: str) -> None:
    story = Story(promise("resolution", "8h"))
    story.opened("Mon 09:00")
    story.overridden("Mon 10:00", CLOCK, do=do)
    assert story.verdict("resolution") == verdict
    story.status("Mon 11:00", "waiting customer")
    story.status("Mon 12:00", "open")
    [clock] = story.clocks("resolution")
    assert clock.state is (State.STOPPED if do == "stop" else State.CANCELLED)


def test_one_that_has_ended_stays_as_it_is() -> None:
    story = Story(promise("resolution", "8h"))
    story.opened("Mon 09:00")
    story.status("Mon 10:00", "resolved")
    before = story.clock("resolution")
    story.overridden("Mon 11:00", CLOCK, due="Tue 12:00")
    assert story.clock("resolution") == before


def test_without_a_reason_nothing_is_overridden() -> None:
    story = Story(promise("resolution", "8h"))
    story.opened("Mon 09:00")
    with pytest.raises(Invalid, match="must give a reason"):
        story.fact("Mon 10:00", Kind.OVERRIDE, clock=CLOCK, do="stop")
