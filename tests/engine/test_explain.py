"""Explanations: why a clock is due when it is, in segments that add up, and in one sentence."""

import itertools
import json

import pytest
from hypothesis import given
from tests.engine.random_desks import Desk, desks
from tests.stories.story import OFFICE, Story, at, closed_on, hours, policy, promise

from tocsin.engine import explain, replay
from tocsin.engine.clock import NOTHING, State


def moved() -> Story:
    """Return a ticket whose clock changed its priority, policy and calendar, and paused."""
    calendars = {
        "office": [OFFICE, closed_on(OFFICE, "2026-01-14", valid_from=at("Tue 12:00").isoformat())]
    }
    targets = {"P1": "20h", "*": "24h"}
    story = Story(
        policies=[
            policy(promise("resolution", "30h"), key="b", version=3, rank=1, when={"team": "b"}),
            policy(promise("resolution", targets), key="a", version=2, rank=2),
        ],
        calendars=calendars,
    )
    story.opened("Mon 09:00", team="a", priority="P3")
    story.status("Mon 10:00", "waiting customer")
    story.status("Mon 11:00", "open")
    story.priority("Mon 12:00", "P1")
    story.team("Tue 09:00", "b")
    story.calendar_changes("Tue 12:00", "office", 2)
    return story


def test_each_segment_names_its_event_and_versions_and_seconds() -> None:
    story = moved()
    clock = story.clock("resolution", now="Thu 10:00")
    found = explain.strips(clock, now=at("Thu 10:00"))
    assert [
        (s.state, s.start, s.end, s.event, s.policy, s.calendar, s.used / hours(1)) for s in found
    ] == [
        ("running", at("Mon 09:00"), at("Mon 10:00"), "fact 1", *OLD, 1),
        ("paused", at("Mon 10:00"), at("Mon 11:00"), "fact 2", *OLD, 0),
        ("running", at("Mon 11:00"), at("Mon 12:00"), "fact 3", *OLD, 1),
        ("running", at("Mon 12:00"), at("Tue 09:00"), "fact 4", "a v2 (P1)", "office v1", 5),
        ("running", at("Tue 09:00"), at("Tue 12:00"), "fact 5", *NEW, "office v1", 3),
        ("running", at("Tue 12:00"), at("Thu 10:00"), "fact 6", *NEW, "office v2", 6),
    ]
    assert found[1].reason == "waiting customer"
    assert sum((strip.used for strip in found), NOTHING) == clock.used_at(at("Thu 10:00"))


OLD = ("a v2 (any other priority)", "office v1")
NEW = ("b v3 (any other priority)",)


@given(desks())
def test_segments_add_up_to_what_is_used(desk: Desk) -> None:
    for clock in replay.replay("T-1", desk.facts, desk.versions, now=desk.ends).clocks:
        found = explain.explanation(clock, now=desk.ends)
        strips = explain.strips(clock, now=desk.ends)
        if clock.anchor == clock.started_at:
            total = sum(strip.used / hours(1) * 3600 for strip in strips)
            assert total == pytest.approx(found["used_seconds"], abs=1e-4)
        since = [strip.used for strip in strips if strip.start >= clock.anchor]
        assert sum(since, NOTHING) == clock.used_at(clock.stopped_at or desk.ends)
        for one, other in itertools.pairwise(strips):
            assert one.end == other.start
        assert strips[0].start == clock.started_at
        assert strips[-1].end == (clock.stopped_at or desk.ends)


@given(desks())
def test_an_explanation_is_plain_data(desk: Desk) -> None:
    for clock in replay.replay("T-1", desk.facts, desk.versions, now=desk.ends).clocks:
        found = explain.explanation(clock, now=desk.ends)
        assert json.loads(json.dumps(found)) == found
        assert found["sentence"] == explain.sentence(clock, now=desk.ends)
        zone = clock.calendar.calendar.zone
        assert zone.name in found["sentence"]
        if clock.due is not None:
            assert explain.local(clock.due, zone) in found["sentence"]
        assert found["sentence"].endswith(".")
        assert "\n" not in found["sentence"]


def sentence(story: Story, now: str, key: str = "resolution") -> str:
    return explain.sentence(story.clock(key, now=now), now=at(now))


def test_the_sentence_of_a_running_clock() -> None:
    story = Story(promise("resolution", {"P1": "8h"}))
    story.opened("Mon 10:00", priority="P1")
    assert sentence(story, "Mon 12:30") == (
        "resolution: 8 h for P1 by calendar office v1 from "
        "Mon 2026-01-12 10:00:00+01:00 Europe/Stockholm; "
        "due Tue 2026-01-13 10:00:00+01:00 Europe/Stockholm, 2 h 30 min used."
    )


def test_the_sentence_of_a_clock_that_waits() -> None:
    story = Story(promise("resolution", {"P1": "8h"}))
    story.opened("Mon 10:00", priority="P1")
    story.status("Mon 11:30", "waiting customer")
    assert sentence(story, "Tue 12:30") == (
        "resolution: 8 h for P1 by calendar office v1 from "
        "Mon 2026-01-12 10:00:00+01:00 Europe/Stockholm; "
        "paused since Mon 2026-01-12 11:30:00+01:00 Europe/Stockholm "
        "with 1 h 30 min used, 6 h 30 min left."
    )


def test_the_sentence_of_a_clock_that_stopped_late() -> None:
    story = Story(promise("resolution", {"P1": "2h"}))
    story.opened("last Fri 15:00", priority="P1")
    story.status("last Fri 16:00", "waiting customer")
    story.status("last Fri 16:30", "open")
    story.status("Mon 11:00", "resolved")
    assert story.due("resolution") == at("Mon 09:30")
    assert sentence(story, "Mon 12:00") == (
        "resolution: 2 h for P1 by calendar office v1 from "
        "Fri 2026-01-09 15:00:00+01:00 Europe/Stockholm, not counting 30 min of pauses; "
        "due Mon 2026-01-12 09:30:00+01:00 Europe/Stockholm, "
        "resolved Mon 2026-01-12 11:00:00+01:00 Europe/Stockholm with 3 h 30 min used; "
        "breached Mon 2026-01-12 09:30:00+01:00 Europe/Stockholm, "
        "over by 1 h 30 min of open time (1 h 30 min by the wall clock)."
    )


def test_the_sentence_of_a_change_blames_the_change() -> None:
    story = Story(promise("resolution", {"P1": "2h", "P3": "16h"}))
    story.opened("Mon 09:00", priority="P3")
    story.priority("Mon 12:00", "P1")
    assert sentence(story, "Mon 12:00").endswith(
        "; breached Mon 2026-01-12 12:00:00+01:00 Europe/Stockholm"
        " because of a change (reclassified)."
    )


def test_the_sentence_is_in_the_zone_of_the_calendar() -> None:
    story = Story(promise("first response", "2h", calendar="new york"))
    story.opened("Mon 16:30")
    found = sentence(story, "Mon 17:00", "first response")
    assert "from Mon 2026-01-12 10:30:00-05:00 America/New_York" in found
    assert "due Mon 2026-01-12 12:30:00-05:00 America/New_York" in found


def test_the_sentence_of_a_promise_of_days_over_a_change_of_clocks() -> None:
    story = Story(promise("acknowledgement", {"business_days": 1, "at": "close"}))
    story.opened("Fri 27 Mar 12:00")
    found = sentence(story, "Fri 27 Mar 13:00", "acknowledgement")
    assert found == (
        "acknowledgement: close of business on business day 1 for any other priority by calendar "
        "office v1 from Fri 2026-03-27 12:00:00+01:00 Europe/Stockholm; "
        "due Mon 2026-03-30 17:00:00+02:00 Europe/Stockholm, 1 h used."
    )


def test_without_a_due_the_reason_stands_in_its_place() -> None:
    story = Story(promise("resolution", "90000000h"))
    story.opened("Mon 09:00")
    assert "no due: the due would be past the year 9999" in sentence(story, "Mon 10:00")
    found = explain.explanation(story.clock("resolution"), now=at("Mon 10:00"))
    assert (found["due"], found["no_due_because"]) == (
        None,
        "the due would be past the year 9999",
    )


def test_all_that_explains_a_clock_as_plain_data() -> None:
    story = Story(promise("resolution", {"P1": "2h", "P3": "16h"}))
    story.opened("Mon 09:00", priority="P3")
    story.priority("Mon 12:00", "P1")
    story.status("Mon 12:30", "resolved")
    clock = story.clock("resolution")
    found = explain.explanation(clock, now=at("Mon 13:00"))
    breach = {
        "due": "2026-01-12T10:00:00+00:00",
        "breached_at": "2026-01-12T11:00:00+00:00",
        "cause": "reclassified",
        "policy": "standard v1 (P1)",
        "superseded_by": None,
    }
    segments = found["segments"]
    assert {**found, "sentence": "", "segments": []} == {
        "clock": "SLA/resolution#1",
        "state": "stopped",
        "verdict": "breached",
        "sentence": "",
        "policy": "standard v1 (P1)",
        "rule": "priority is P1",
        "target": "2 h",
        "calendar": "office v1",
        "calendar_digest": clock.calendar.calendar.digest,
        "started_at": "2026-01-12T08:00:00+00:00",
        "due": "2026-01-12T10:00:00+00:00",
        "no_due_because": None,
        "stopped_at": "2026-01-12T11:30:00+00:00",
        "outcome": "resolved",
        "used_seconds": 12_600,
        "remaining_seconds": -5_400,
        "overrun_seconds": {"open": 5_400, "wall": 5_400},
        "segments": [],
        "breaches": [breach],
    }
    assert [(s["state"], s["seconds"], s["policy"]) for s in segments] == [
        ("running", 10_800, "standard v1 (P3)"),
        ("running", 1_800, "standard v1 (P1)"),
    ]


def test_microseconds_are_told_and_whole_seconds_are_whole() -> None:
    story = Story(promise("resolution", "2h"))
    story.opened("Mon 09:00")
    story.status("Mon 09:00:00.250000", "resolved")
    found = explain.explanation(story.clock("resolution"), now=at("Mon 10:00"))
    assert found["used_seconds"] == 0.25
    assert isinstance(found["remaining_seconds"], float)
    whole = explain.explanation(story.clock("resolution"), now=at("Mon 10:00"))["overrun_seconds"]
    assert whole == {"open": 0, "wall": 0}
    assert isinstance(whole["open"], int)


def test_empty_segments_are_left_out() -> None:
    story = Story(promise("resolution", {"P1": "2h", "P3": "16h"}))
    story.opened("Mon 09:00", priority="P3")
    story.priority("Mon 09:00", "P1")
    story.status("Mon 10:00", "waiting customer")
    story.status("Mon 10:00", "open")
    clock = story.clock("resolution", now="Mon 11:00")
    found = explain.strips(clock, now=at("Mon 11:00"))
    assert [(strip.state, strip.policy, strip.used) for strip in found] == [
        ("running", "standard v1 (P1)", hours(1)),
        ("running", "standard v1 (P1)", hours(1)),
    ]
    assert clock.state is State.RUNNING
