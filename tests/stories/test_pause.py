"""Stories of stopping, pausing and reopening."""

import datetime as dt
import itertools

import pytest
from tests.stories.story import (
    OFFICE,
    Story,
    at,
    closed_on,
    hours,
    messages,
    minutes,
    policy,
    promise,
    replayed,
    timeline,
    words,
)

from tocsin.engine import motion, verdict
from tocsin.engine.clock import Cause, Clock, State
from tocsin.engine.definition import Definition, Rule
from tocsin.engine.effect import Alarm, Breached, Restate
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.policy import Agreement, Row, Terms
from tocsin.engine.target import Form, Target
from tocsin.kit.invalid import Invalid


def resolution(target: object = "8h", **fields: object) -> Story:
    return Story(promise("resolution", target, **fields))


@pytest.mark.scenario("E1")
@pytest.mark.parametrize(
    ("done", "outcome"),
    [
        ("Mon 16:59:59.999999", "met"),
        ("Mon 17:00", "met"),
        ("Mon 17:00:00.000001", "breached"),
        ("Tue 08:00", "breached"),
    ],
)
def test_a_stop_exactly_at_the_due_is_in_time(done: str, outcome: str) -> None:
    story = resolution("8h")
    story.opened("Mon 09:00")
    assert story.due("resolution") == at("Mon 17:00")
    story.status(done, "resolved")
    assert story.verdict("resolution") == outcome
    assert len(story.clock("resolution").breaches) == (outcome == "breached")


@pytest.mark.scenario("E1")
def test_at_the_due_itself_nothing_is_recorded_yet() -> None:
    story = resolution("8h")
    story.opened("Mon 09:00")
    assert story.pulse("Mon 17:00") == []
    assert story.wakes_at() == at("Mon 17:00:00.000001")
    assert words(story.pulse("Mon 17:00:00.000001")) == ["breach resolution"]


@pytest.mark.scenario("E2")
@pytest.mark.parametrize("target", ["0h", "0m", "PT0S", "-1h"])
def test_a_target_of_nothing_or_less_is_refused(target: str) -> None:
    with pytest.raises(Invalid) as refused:
        resolution({"P1": target})
    assert refused.value.path == "policies[0].clocks[0].targets.P1"


def clock_of_nothing(started: str) -> Clock:
    """Return a clock with a target of zero, which no configuration can give."""
    versions = resolution().versions
    always = Rule(when=versions.policies[0].when)
    row = Row("none", versions.policies[0].when, Target(Form.LENGTH), "office")
    terms = Terms("p", 1, Agreement.SLA, Definition("none", (always,), (always,)), row, "office")
    event = Event("T-1", Kind.CREATED, at(started), "e")
    return motion.started(1, terms, versions.calendar_at("office", at(started)), event)


@pytest.mark.scenario("E2")
def test_within_the_engine_nothing_is_due_at_the_first_open_instant() -> None:
    assert clock_of_nothing("Mon 10:00").due == at("Mon 10:00")
    clock = clock_of_nothing("Sat 13:00")
    assert clock.due == at("next Mon 09:00")
    for stop, outcome in [("next Mon 09:00", "met"), ("next Mon 09:00:00.000001", "breached")]:
        event = Event("T-1", Kind.STATUS, at(stop), "stop")
        stopped = motion.stopped(clock, event, "done")
        assert verdict.of(stopped, now=at(stop)).value == outcome


def closed_all_year() -> dict[str, object]:
    days = (dt.date(2026, 1, 12) + dt.timedelta(days=k) for k in range(800))
    return closed_on(OFFICE, *(day.isoformat() for day in days))


@pytest.mark.scenario("E3")
def test_a_calendar_without_hours_makes_a_clock_unschedulable_and_never_a_breach() -> None:
    story = Story(
        promise("resolution", "4h", alerts=[{"at": "50%"}]), calendars={"office": closed_all_year()}
    )
    story.opened("Mon 09:00")
    clock = story.clock("resolution")
    assert (clock.due, clock.undue) == (None, motion.UNSCHEDULABLE)
    found = story.runs_until("Fri 31 Jul 12:00")
    assert timeline(found) == [("Mon 12 09:00", "alarm")]
    [alarm] = [effect for _, effect in found if isinstance(effect, Alarm)]
    assert alarm.reason == motion.UNSCHEDULABLE
    assert story.wakes_at() is None
    story.status("Fri 31 Jul 12:00", "resolved")
    assert story.verdict("resolution") == "met"
    assert words(story.pulse("Fri 31 Jul 12:00")) == []


@pytest.mark.scenario("E3")
def test_an_unschedulable_clock_is_due_as_soon_as_its_calendar_has_hours() -> None:
    calendars = {"office": [closed_all_year(), {**OFFICE, "valid_from": "2026-01-13T09:00+01:00"}]}
    story = Story(promise("resolution", "4h"), calendars=calendars)
    story.opened("Mon 09:00")
    story.pulse("Mon 09:00")
    story.calendar_changes("Tue 09:00", "office", 2)
    assert story.due("resolution") == at("Tue 13:00")


@pytest.mark.scenario("E4")
def test_an_overrun_is_told_in_open_time_and_in_calendar_time() -> None:
    story = resolution("4h")
    story.opened("last Fri 12:00")
    clock = story.clock("resolution", now="Mon 11:00")
    assert clock.due == at("last Fri 16:00")
    assert clock.remaining_at(at("Mon 11:00")) == -hours(3)
    assert clock.overrun_at(at("Mon 11:00")) == (hours(3), hours(67))
    assert clock.overrun_at(at("last Fri 15:00")) == (hours(0), hours(0))


@pytest.mark.scenario("E5")
def test_a_pause_after_the_breach_freezes_the_overrun_and_alerts_in_clock_time() -> None:
    after = [{"after": "2h"}, {"after": "20h", "in": "wall"}]
    story = resolution("1h", alerts=after)
    story.opened("Mon 09:00")
    story.status("Mon 11:00", "waiting customer")
    assert timeline(story.runs_until("Wed 10:00")) == [
        ("Mon 12 11:00", "breach resolution"),
        ("Tue 13 06:00", "warn 20 h after (wall time)"),
    ]
    clock = story.clock("resolution", now="Wed 10:00")
    assert story.verdict("resolution", now="Wed 10:00") == "breached"
    assert clock.overrun_at(at("Wed 10:00")) == (hours(1), hours(48))
    story.status("Wed 10:00", "open")
    assert story.due("resolution") == at("Mon 10:00")
    assert timeline(story.runs_until("Wed 17:00")) == [("Wed 14 11:00", "warn 2 h after")]
    assert len(story.clock("resolution", now="Wed 17:00").breaches) == 1


@pytest.mark.scenario("E5")
@pytest.mark.parametrize("target", ["8h", {"business_days": 1, "at": "close"}])
def test_a_pause_after_the_breach_never_makes_a_second_one(target: object) -> None:
    story = resolution(target)
    story.opened("last Thu 17:00" if isinstance(target, dict) else "last Fri 09:00")
    due = at("last Fri 17:00")
    assert story.due("resolution") == due
    story.status("last Fri 18:00", "waiting customer")
    story.status("Mon 12:00", "open")
    story.status("Tue 09:00", "waiting customer")
    story.status("Tue 12:00", "open")
    assert story.due("resolution") == due
    story.status("Wed 09:00", "resolved")
    clock = story.clock("resolution")
    assert [(breach.due, breach.cause) for breach in clock.breaches] == [(due, Cause.TIME)]


@pytest.mark.scenario("E6")
def test_a_pause_within_one_second_counts_to_the_microsecond() -> None:
    story = resolution("8h")
    story.opened("Mon 09:00")
    story.status("Mon 10:00:00.250000", "waiting customer")
    story.status("Mon 10:00:00.750001", "open")
    assert story.due("resolution") == at("Tue 09:00:00.500001")


@pytest.mark.scenario("E6")
def test_sixty_short_pauses_are_not_rounded() -> None:
    story = resolution("4h")
    story.opened("Mon 09:00")
    for minute in range(60):
        story.status(f"Mon 10:{minute:02d}:10", "waiting customer")
        story.status(f"Mon 10:{minute:02d}:39.5", "open")
    assert story.clock("resolution").paused_open == dt.timedelta(seconds=60 * 29.5)
    assert story.due("resolution") == at("Mon 13:29:30")


@pytest.mark.scenario("E7")
def test_a_ticket_resolved_while_it_waits_has_not_used_the_wait() -> None:
    story = resolution("4h")
    story.opened("Mon 09:00")
    story.status("Mon 12:00", "waiting customer")
    story.status("Wed 15:00", "resolved")
    clock = story.clock("resolution")
    assert (clock.used, clock.stopped_at) == (hours(3), at("Wed 15:00"))
    assert story.verdict("resolution") == "met"
    assert clock.remaining_at(at("Wed 15:00")) == hours(1)


@pytest.mark.scenario("E8")
def test_from_one_pause_to_another_is_one_pause_of_two_reasons() -> None:
    story = resolution("4h", pause={"status": ["waiting customer", "waiting vendor"]})
    story.opened("Mon 09:00")
    story.status("Mon 10:00", "waiting customer")
    story.status("Mon 12:00", "waiting vendor")
    story.status("Mon 15:00", "open")
    clock = story.clock("resolution")
    paused = [(s.start, s.end, s.reason) for s in clock.segments if s.state is State.PAUSED]
    assert paused == [
        (at("Mon 10:00"), at("Mon 12:00"), "waiting customer"),
        (at("Mon 12:00"), at("Mon 15:00"), "waiting vendor"),
    ]
    assert clock.due == at("Tue 10:00")


@pytest.mark.scenario("E8")
def test_a_pause_that_a_policy_names_ends_when_that_state_ends() -> None:
    story = resolution("4h", pause={"status": "on hold"})
    story.opened("Mon 09:00")
    story.status("Mon 10:00", "on hold")
    story.status("Mon 12:00", "waiting customer")
    assert story.clock("resolution").state is State.RUNNING
    assert story.due("resolution") == at("Mon 15:00")


@pytest.mark.scenario("E9")
def test_a_pause_that_is_learned_late_withdraws_the_breach() -> None:
    story = resolution("4h", alerts=[{"at": "75%"}])
    story.opened("Mon 09:00")
    assert words(story.pulse("Mon 12:00")) == ["warn 75 %"]
    [recorded] = [e for e in story.pulse("Mon 13:30") if isinstance(e, Breached)]
    assert story.verdict("resolution", now="Mon 13:30") == "breached"
    story.status("Mon 12:30", "waiting customer")
    found = story.pulse("Mon 14:00")
    [restated] = [effect for effect in found if isinstance(effect, Restate)]
    assert restated.withdrawn == recorded.key
    assert words(found) == ["restate"]
    assert messages(found) == []
    clock = story.clock("resolution", now="Mon 14:00")
    assert (clock.state, clock.breaches) == (State.PAUSED, ())
    assert clock.remaining_at(at("Mon 14:00")) == minutes(30)
    assert story.pulse("Mon 15:00") == []


@pytest.mark.scenario("E9")
def test_a_stop_that_is_learned_late_withdraws_the_breach() -> None:
    story = resolution("4h")
    story.opened("Mon 09:00")
    story.pulse("Mon 14:00")
    story.status("Mon 13:00", "resolved")
    assert words(story.pulse("Mon 15:00")) == ["restate"]
    assert story.verdict("resolution", now="Mon 15:00") == "met"


@pytest.mark.scenario("E9")
def test_a_breach_withdrawn_and_found_again_is_recorded_again() -> None:
    story = resolution("8h")
    story.opened("last Fri 09:00")
    assert words(story.pulse("Mon 09:00")) == ["breach resolution"]
    # Both arrive late, the pause first, and no open time lies between them.
    story.status("last Fri 16:59", "waiting customer")
    assert words(story.pulse("Mon 10:00")) == ["restate"]
    story.status("last Fri 16:59", "open")
    assert story.due("resolution") == at("last Fri 17:00")
    assert words(story.pulse("Mon 11:00")) == ["breach resolution"]
    assert words(story.pulse("Mon 12:00")) == []
    story.status("last Fri 16:58", "resolved")
    assert "restate" in words(story.pulse("Mon 13:00"))


@pytest.mark.scenario("E9")
def test_a_breach_of_a_clock_that_never_was_is_withdrawn_too() -> None:
    gold = policy(promise("resolution", "2h"), key="gold", rank=1, when={"team": "gold"})
    other = policy(promise("resolution", "4h"), key="other", rank=2)
    story = Story(policies=[gold, other])
    story.opened("Mon 09:00")
    story.team("Mon 10:00", "gold")
    [breach] = [e for e in story.pulse("Mon 12:00") if isinstance(e, Breached)]
    assert breach.key.clock == "SLA/resolution#1.1"
    # It was the gold team's all along, and so there was no second clock.
    story.team("Mon 08:00", "gold")
    assert [clock.id for clock in story.clocks("resolution")] == ["SLA/resolution#1"]
    found = story.pulse("Mon 12:01")
    assert words(found) == ["breach resolution", "restate"]
    assert [e.withdrawn for e in found if isinstance(e, Restate)] == [breach.key]


@pytest.mark.scenario("E42")
def test_a_resume_that_arrives_before_its_pause_makes_no_difference() -> None:
    story = resolution("8h")
    story.opened("Mon 09:00")
    story.status("Mon 12:00", "open")
    story.status("Mon 10:00", "waiting customer")
    assert story.due("resolution") == at("Tue 11:00")
    tickets = [replayed(story, facts, "Wed 12:00") for facts in itertools.permutations(story.facts)]
    assert all(ticket == tickets[0] for ticket in tickets)


@pytest.mark.scenario("E49")
@pytest.mark.parametrize(
    ("mode", "dues"),
    [("resume", ["Tue 12:00"]), ("new cycle", ["Mon 13:00", "Tue 14:00"])],
)
def test_a_stage_entered_again_goes_on_or_begins_afresh(mode: str, dues: list[str]) -> None:
    triage = promise(
        "time in triage",
        "4h",
        start={"stage": "triage"},
        stop={"stage": {"not_in": ["triage"]}},
        on_reopen=mode,
    )
    story = Story(triage)
    story.opened("Mon 09:00", stage="triage")
    story.fact("Mon 11:00", Kind.STAGE, to="repair")
    story.fact("Tue 10:00", Kind.STAGE, to="triage")
    assert [clock.due for clock in story.clocks("time in triage")] == [at(due) for due in dues]
    total = sum((c.used_at(at("Tue 11:00")) for c in story.clocks("time in triage")), hours(0))
    assert total == hours(3)


def ownership(team: str, calendar: str) -> dict[str, object]:
    return promise(
        f"owned by {team}",
        "4h",
        start={"team": team},
        stop={"team": {"not_in": [team]}},
        on_reopen="new cycle",
        calendar=calendar,
    )


@pytest.mark.scenario("E50")
def test_each_stay_with_a_team_has_a_clock_of_its_own() -> None:
    story = Story(ownership("A", "office"), ownership("B", "office"), promise("resolution", "16h"))
    story.opened("Mon 09:00", team="A")
    story.team("Mon 10:00", "B")
    story.team("Mon 12:00", "A")
    stays = story.clocks("owned by A", now="Mon 15:00")
    assert [(clock.cycle, clock.used_at(at("Mon 15:00"))) for clock in stays] == [
        (1, hours(1)),
        (2, hours(3)),
    ]
    assert [clock.used for clock in story.clocks("owned by B")] == [hours(2)]
    assert len(story.clocks("resolution")) == 1
    assert story.due("resolution") == at("Tue 17:00")


@pytest.mark.scenario("E51")
def test_assigned_outside_the_hours_of_a_team_its_clock_waits_for_them() -> None:
    night = {"zone": "Europe/Stockholm", "week": {"mon": ["22:00-30:00"]}}
    story = Story(ownership("night", "night"), calendars={"night": night})
    story.opened("Mon 09:00", team="day")
    story.team("Mon 18:00", "night")
    clock = story.clock("owned by night", now="Mon 21:00")
    assert clock.used_at(at("Mon 21:00")) == hours(0)
    assert clock.due == at("Tue 02:00")


@pytest.mark.scenario("E13")
def test_a_reopened_ticket_keeps_its_first_response() -> None:
    story = Story(promise("first response", "1h"), promise("resolution", "8h"))
    story.opened("Mon 09:00")
    story.agent_writes("Mon 09:30")
    story.status("Mon 10:00", "resolved")
    story.status("Mon 11:00", "open", by=Side.CUSTOMER)
    [first] = story.clocks("first response")
    assert (first.state, first.stopped_at) == (State.STOPPED, at("Mon 09:30"))
    assert story.clock("resolution").live


@pytest.mark.scenario("E9")
def test_a_breach_that_was_not_the_change_after_all_is_recorded_anew() -> None:
    story = resolution({"P1": "2h", "P3": "8h"})
    story.opened("Mon 09:00", priority="P3")
    story.priority("Mon 12:00", "P1")
    [first] = [e for e in story.pulse("Mon 12:00") if isinstance(e, Breached)]
    assert first.breach.cause is Cause.RECLASSIFIED
    # It turns out that somebody had set it to P1 at once.
    story.priority("Mon 09:00", "P1")
    found = story.pulse("Mon 12:01")
    assert words(found) == ["breach resolution", "restate"]
    [second] = [e for e in found if isinstance(e, Breached)]
    assert (second.breach.due, second.breach.cause) == (first.breach.due, Cause.TIME)
