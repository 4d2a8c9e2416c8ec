"""Decisions: what is done at an instant, what is planned, and under which keys."""

import datetime as dt

import pytest
from tests.stories.story import Story, at, hours, messages, promise, timeline, words

from tocsin.engine import decide, replay, schedule
from tocsin.engine.clock import State
from tocsin.engine.decide import Decision, Snapshot
from tocsin.engine.effect import Alarm, Breached, Deed, Escalate, Notify, Restate, Warn
from tocsin.engine.event import Kind
from tocsin.engine.ticket import Ticket

MICROSECOND = dt.timedelta(microseconds=1)
PATHS = {
    "rescue": {
        "levels": [
            {"name": "L1", "wait": "0m", "team": "desk", "notify": ["duty"]},
            {"name": "L2", "wait": "1h", "team": "second line"},
        ]
    }
}


def opened(target: object = "4h", *alerts: dict[str, object], **fields: object) -> Story:
    story = Story(promise("resolution", target, alerts=[*alerts], **fields), paths=PATHS)
    story.opened("Mon 09:00")
    return story


def test_a_ticket_without_clocks_has_nothing_to_do_ever() -> None:
    assert decide.decide(Snapshot(Ticket("T-1")), now=at("Mon 09:00")) == Decision((), None)


def test_it_wakes_at_the_first_thing_that_is_planned() -> None:
    story = opened("4h", {"at": "50%"}, {"before": "1h"}, {"after": "1h"})
    wakes = []
    when: dt.datetime | None = at("Mon 09:00")
    while when is not None:
        wakes.append(when)
        when = decide.decide(Snapshot(story.state), now=when).wake_at
    assert wakes == [
        at("Mon 09:00"),
        at("Mon 11:00"),
        at("Mon 12:00"),
        at("Mon 13:00") + MICROSECOND,
        at("Mon 14:00"),
    ]


def test_a_paused_clock_plans_nothing_that_lies_before_its_due() -> None:
    story = opened("4h", {"at": "50%"}, {"after": "1h"})
    story.status("Mon 10:00", "waiting customer")
    assert decide.decide(Snapshot(story.state), now=at("Mon 10:00")) == Decision((), None)


def test_a_stopped_clock_plans_nothing() -> None:
    story = opened("4h", {"at": "50%"}, {"after": "1h"}, path="rescue")
    story.status("Mon 14:00", "resolved")
    assert words(story.pulse("Mon 14:00")) == ["breach resolution"]
    assert story.wakes_at() is None
    story.status("Mon 15:00", "spam")
    assert story.pulse("Mon 16:00") == []


@pytest.mark.scenario("E57")
def test_what_a_stop_overtook_is_not_sent() -> None:
    story = opened("4h", {"at": "50%"}, {"after": "30m"}, path="rescue")
    story.status("Mon 15:30", "resolved")
    # The pulse slept through all of it: the violation is recorded, and nobody is called.
    assert words(story.pulse("Mon 16:00")) == ["breach resolution"]


def test_a_cancelled_clock_keeps_what_it_missed_on_record() -> None:
    story = opened("1h")
    story.status("Mon 11:00", "spam")
    assert story.clock("resolution").state is State.CANCELLED
    assert words(story.pulse("Mon 11:00")) == ["breach resolution"]
    assert story.verdict("resolution") == "none"


@pytest.mark.scenario("E48")
def test_a_cancelled_clock_that_had_missed_nothing_is_silent_for_ever() -> None:
    story = opened("4h", {"at": "50%"}, path="rescue")
    story.status("Mon 10:00", "spam")
    assert timeline(story.runs_until("Fri 17:00")) == []


def test_the_last_warning_that_fell_due_unseen_is_sent_and_the_others_recorded() -> None:
    story = opened("4h", {"at": "25%"}, {"at": "50%"}, {"at": "75%"})
    found = story.pulse("Mon 11:30")
    assert words(found) == ["warn 25 %, superseded", "warn 50 %"]
    [message] = messages(found)
    assert [key.which for key in message.items] == ["50 %/0"]
    assert words(story.pulse("Mon 12:00")) == ["warn 75 %"]


def test_a_level_names_its_team_and_its_plan() -> None:
    story = opened("1h", path="rescue")
    effects = [e for _, e in story.runs_until("Mon 12:00") if isinstance(e, Escalate)]
    assert [(e.step.name, e.step.team, e.planned_at) for e in effects] == [
        ("L1", "desk", at("Mon 10:00")),
        ("L2", "second line", at("Mon 11:00")),
    ]
    assert effects[0].step.notify == ("duty",)
    assert effects[0].late == MICROSECOND


def test_levels_wait_in_open_time_while_the_clock_waits() -> None:
    story = opened("1h", path="rescue")
    story.runs_until("Mon 10:30")
    story.status("Mon 10:30", "waiting customer")
    assert timeline(story.runs_until("Tue 10:00")) == []
    story.status("Tue 10:00", "open")
    assert timeline(story.runs_until("Tue 17:00")) == [("Tue 13 10:30", "escalate L2")]


def test_a_breach_key_is_its_due_and_a_moved_one_its_change_too() -> None:
    story = opened({"P1": "1h", "*": "8h"})
    story.priority("Mon 12:00", "P1")
    clock = story.clock("resolution")
    [breach] = clock.breaches
    key = schedule.breach_key(clock, breach)
    due, changed = schedule.mark(at("Mon 10:00")), schedule.mark(at("Mon 12:00"))
    assert key == (Deed.BREACH, "SLA/resolution#1", "due", f"{due}/{changed}")


def test_a_warning_key_is_the_open_time_at_which_it_lies() -> None:
    story = opened("4h", {"before": "1h"}, {"before": "1h", "in": "wall"})
    planned = {p.key.which: p.key.mark for p in schedule.ahead(story.clock("resolution"))}
    assert planned["1 h before/0"] == str(3 * 3_600_000_000)
    assert planned["1 h before (wall time)/0"] == schedule.mark(at("Mon 13:00"))


def test_a_restart_warns_again() -> None:
    story = opened({"P1": "2h", "*": "8h"}, {"at": "50%"}, on_priority="restart")
    assert words(story.pulse("Mon 13:00")) == ["warn 50 %"]
    story.priority("Mon 14:00", "P1")
    assert timeline(story.runs_until("Mon 16:00")) == [("Mon 12 15:00", "warn 50 %")]


def test_a_pause_warns_not_again() -> None:
    story = opened("4h", {"before": "2h"})
    assert words(story.pulse("Mon 11:00")) == ["warn 2 h before"]
    for hour in ("12", "13", "14"):
        story.status(f"Mon {hour}:00", "waiting customer")
        story.status(f"Mon {hour}:30", "open")
        assert story.pulse(f"Mon {hour}:30") == []


def test_a_message_names_breaches_and_levels_first() -> None:
    story = Story(
        promise("first response", "4h", alerts=[{"at": "25%"}]),
        promise("resolution", "1h", path="rescue"),
        paths=PATHS,
    )
    story.opened("Mon 09:00")
    found = story.pulse("Mon 10:30")
    [message] = messages(found)
    assert [key.deed for key in message.items] == [Deed.BREACH, Deed.ESCALATE, Deed.WARN]
    assert message.critical
    assert isinstance(found[-1], Notify)


def test_a_message_that_was_not_sent_keeps_its_key_until_it_is() -> None:
    story = opened("4h", {"at": "50%"})
    one, other = (
        messages(decide.decide(Snapshot(story.state), now=at(when)).effects)
        for when in ("Mon 11:00", "Mon 11:05")
    )
    assert [m.key for m in one] == [m.key for m in other]


def test_a_restatement_tells_nobody() -> None:
    story = opened("4h")
    story.pulse("Mon 14:00")
    story.status("Mon 12:00", "resolved")
    found = story.pulse("Mon 14:30")
    assert [type(effect) for effect in found] == [Restate]


def test_an_alarm_is_raised_once_for_a_calendar() -> None:
    story = opened("90000000h")
    [alarm, message] = story.pulse("Mon 09:00")
    assert isinstance(alarm, Alarm)
    assert isinstance(message, Notify)
    assert not message.critical
    assert story.pulse("Mon 10:00") == []
    story.status("Mon 11:00", "in progress")
    assert story.pulse("Mon 11:00") == []


def test_detected_is_kept_apart_from_breached() -> None:
    story = opened("1h")
    [breach] = [e for e in story.pulse("Wed 09:00") if isinstance(e, Breached)]
    assert breach.breach.breached_at == at("Mon 10:00")
    assert breach.detected_at == at("Wed 09:00")


def test_alerts_after_the_due_follow_a_late_change_from_the_change_on() -> None:
    story = opened({"P1": "1h", "*": "8h"}, {"after": "1h"})
    story.priority("Mon 12:30", "P1")
    found = story.pulse("Mon 12:30")
    # An hour after the due has gone by already, but nobody could have known.
    [warning] = [effect for effect in found if isinstance(effect, Warn)]
    assert (warning.planned_at, warning.late) == (at("Mon 12:30"), hours(0))
    assert not warning.superseded


def test_a_rehearsal_is_an_unfailing_pulse() -> None:
    story = opened("4h", {"at": "50%"}, {"after": "1h"}, path="rescue")
    story.status("Mon 11:30", "waiting customer")
    story.status("Mon 12:00", "open")
    story.status("Mon 16:00", "resolved")
    found = decide.rehearse("T-1", story.facts, story.versions, now=at("Tue 17:00"))
    assert timeline(found.effects) == [
        ("Mon 12 11:00", "warn 50 %"),
        ("Mon 12 13:30", "breach resolution"),
        ("Mon 12 13:30", "escalate L1"),
        ("Mon 12 14:30", "warn 1 h after"),
        ("Mon 12 14:30", "escalate L2"),
    ]
    assert found.ticket == replay.replay("T-1", story.facts, story.versions, now=at("Tue 17:00"))


def test_a_rehearsal_takes_imported_history_as_if_it_were_live() -> None:
    story = Story(promise("resolution", "4h", alerts=[{"at": "50%"}]))
    story.fact("Mon 09:00", Kind.CREATED, imported=True)
    found = decide.rehearse("T-1", story.facts, story.versions, now=at("Mon 12:00"))
    assert timeline(found.effects) == [("Mon 12 11:00", "warn 50 %")]


def test_levels_follow_a_late_change_from_the_change_on() -> None:
    story = opened({"P1": "1h", "*": "8h"}, path="rescue")
    story.priority("Mon 12:30", "P1")
    assert timeline(story.runs_until("Mon 17:00")) == [
        ("Mon 12 12:30", "breach resolution"),
        ("Mon 12 12:30", "escalate L1"),
        ("Mon 12 13:30", "escalate L2"),
    ]
