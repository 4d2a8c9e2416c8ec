"""The worked values of clocks: every one was computed by hand, in local time and in UTC."""

import datetime as dt

import pytest
from tests.stories.story import (
    OFFICE,
    Story,
    at,
    closed_on,
    hours,
    minutes,
    policy,
    promise,
    timeline,
    words,
)

from tocsin.engine.clock import Cause, State
from tocsin.engine.effect import Warn


def utc(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=dt.UTC)


def resolution(target: object, **fields: object) -> Story:
    return Story(promise("resolution", target, **fields))


def test_pa1_a_pause_over_the_weekend_moves_the_due_by_its_open_time() -> None:
    story = resolution("8h")
    story.opened("last Fri 15:00")
    story.status("last Fri 16:00", "waiting customer")
    assert story.due("resolution") is None
    assert story.clock("resolution").remaining_at(at("last Sun 12:00")) == hours(7)
    story.status("Mon 10:00", "open")
    assert story.due("resolution") == utc(1, 12, 16) == at("Mon 17:00")


def test_pa2_a_pause_wholly_outside_hours_moves_nothing() -> None:
    story = resolution("8h")
    story.opened("last Fri 15:00")
    story.status("last Fri 18:00", "waiting customer")
    story.status("last Sun 12:00", "open")
    assert story.due("resolution") == utc(1, 12, 14) == at("Mon 15:00")


def reopened(mode: str) -> Story:
    story = resolution("8h", on_reopen=mode)
    story.opened("Mon 09:00")
    story.status("Mon 13:00", "resolved")
    story.status("Wed 09:00", "open")
    return story


def test_ro1_a_reopened_clock_resumes_with_the_time_it_had_left() -> None:
    story = reopened("resume")
    assert story.due("resolution") == utc(1, 14, 12) == at("Wed 13:00")
    assert story.clock("resolution").used == hours(4)


def test_ro2_a_reopened_clock_restarts() -> None:
    story = reopened("restart")
    assert story.due("resolution") == utc(1, 14, 16) == at("Wed 17:00")
    assert story.clock("resolution").cycle == 1


def test_ro3_a_reopened_clock_begins_a_new_cycle() -> None:
    story = reopened("new cycle")
    first, second = story.clocks("resolution")
    assert (first.state, first.stopped_at) == (State.STOPPED, at("Mon 13:00"))
    assert (second.cycle, second.due) == (2, at("Wed 17:00"))


def test_ro4_a_reopened_clock_counts_from_creation() -> None:
    story = reopened("from creation")
    clock = story.clock("resolution")
    assert clock.due == at("Mon 17:00")
    assert clock.used == hours(16)
    [breach] = clock.breaches
    assert (breach.breached_at, breach.cause) == (at("Wed 09:00"), Cause.REOPENED)


def raised(to: str, **fields: object) -> Story:
    story = resolution({"Critical": "2h", "High": "4h", "Low": "16h"}, **fields)
    story.opened("Mon 09:00", priority="Low")
    story.priority("Mon 12:00", to)
    return story


def test_pr1_raised_past_its_new_target_the_clock_breaches_at_the_change() -> None:
    story = raised("Critical")
    clock = story.clock("resolution")
    assert clock.due == utc(1, 12, 10) == at("Mon 11:00")
    [breach] = clock.breaches
    assert breach.due == at("Mon 11:00")
    assert breach.breached_at == utc(1, 12, 11) == at("Mon 12:00")
    assert breach.cause is Cause.RECLASSIFIED
    assert story.verdict("resolution") == "breached"


def test_pr2_raised_the_clock_carries_what_it_used() -> None:
    story = raised("High")
    assert story.due("resolution") == utc(1, 12, 12) == at("Mon 13:00")
    assert not story.clock("resolution").breaches


def test_pr3_raised_the_clock_restarts() -> None:
    story = raised("High", on_priority="restart")
    assert story.due("resolution") == utc(1, 12, 15) == at("Mon 16:00")


def test_pr4_raised_the_clock_keeps_its_promise() -> None:
    story = raised("High", on_priority="keep")
    assert story.due("resolution") == at("Tue 17:00")


TWO_CALENDARS = [
    {"label": "Normal", "when": {"priority": "Normal"}, "target": "8h"},
    {"label": "Urgent", "when": {"priority": "Urgent"}, "target": "4h", "calendar": "always"},
]


def urgent(carry: str) -> Story:
    story = Story({"clock": "resolution", "targets": TWO_CALENDARS, "carry": carry})
    story.opened("last Fri 16:00", priority="Normal")
    story.priority("Mon 09:30", "Urgent")
    return story


def test_pr5_each_stretch_counts_by_the_calendar_of_its_time() -> None:
    story = urgent("piecewise")
    assert story.clock("resolution").used == hours(1.5)
    assert story.due("resolution") == utc(1, 12, 11) == at("Mon 12:00")


def test_pr5_or_all_of_it_by_the_new_calendar() -> None:
    story = urgent("retroactive")
    clock = story.clock("resolution")
    assert clock.used == hours(65.5)
    assert clock.due == at("last Fri 20:00")
    [breach] = clock.breaches
    assert (breach.breached_at, breach.cause) == (at("Mon 09:30"), Cause.RECLASSIFIED)


def with_a_holiday_on_monday(published: str) -> list[object]:
    return [
        OFFICE,
        closed_on(OFFICE, "2026-01-12", version=2, valid_from=at(published).isoformat()),
    ]


def test_ce1_a_holiday_added_for_tomorrow_moves_the_due() -> None:
    calendars = {"office": with_a_holiday_on_monday("last Sun 12:00")}
    story = Story(promise("resolution", "4h"), calendars=calendars)
    story.opened("last Fri 16:00")
    assert story.due("resolution") == utc(1, 12, 11) == at("Mon 12:00")
    story.calendar_changes("last Sun 12:00", "office", 2)
    assert story.due("resolution") == utc(1, 13, 11) == at("Tue 12:00")


def holiday_too_late(**payload: object) -> Story:
    calendars = {"office": with_a_holiday_on_monday("Tue 10:00")}
    story = Story(promise("resolution", "4h"), calendars=calendars)
    story.opened("last Fri 16:00")
    story.pulse("Mon 12:01")
    story.calendar_changes("Tue 10:00", "office", 2, **payload)
    return story


def test_ce2_a_holiday_added_for_yesterday_restates_nothing() -> None:
    story = holiday_too_late()
    clock = story.clock("resolution")
    assert clock.due == at("Mon 12:00")
    assert [(b.breached_at, b.superseded_by) for b in clock.breaches] == [(at("Mon 12:00"), None)]
    assert story.verdict("resolution") == "breached"
    assert words(story.pulse("Tue 10:00")) == []


def test_ce2_unless_somebody_asks_for_it_with_a_reason() -> None:
    story = holiday_too_late(basis="restate", reason="the town closed on Monday")
    clock = story.clock("resolution")
    assert clock.used == hours(2)
    assert clock.due == utc(1, 13, 11) == at("Tue 12:00")
    [breach] = clock.breaches
    assert breach.superseded_by == story.facts[-1].key
    assert words(story.pulse("Tue 10:00")) == ["restate"]
    assert story.verdict("resolution") == "open"


def test_tz1_a_promise_counts_by_the_calendar_of_the_customer() -> None:
    story = Story(promise("first response", "2h", calendar="new york"))
    story.opened("Mon 16:30")
    assert story.due("first response") == utc(1, 12, 17, 30) == at("Mon 18:30")


def test_tz2_or_by_that_of_the_team() -> None:
    story = Story(promise("first response", "2h", calendar="office"))
    story.opened("Mon 16:30")
    assert story.due("first response") == utc(1, 13, 9, 30) == at("Tue 10:30")


def test_tz1_and_tz2_run_side_by_side_as_two_agreements() -> None:
    customer = policy(promise("first response", "2h"), key="customer", calendar="new york")
    team = policy(promise("first response", "2h"), key="team", agreement="OLA")
    story = Story(policies=[customer, team])
    story.opened("Mon 16:30")
    dues = {clock.id: clock.due for clock in story.clocks("first response")}
    assert dues == {
        "SLA/first response#1": at("Mon 18:30"),
        "OLA/first response#1": at("Tue 10:30"),
    }


def test_al2_an_alert_two_business_hours_after_the_breach() -> None:
    story = resolution("1h", alerts=[{"after": "2h"}])
    story.opened("last Fri 15:30")
    assert timeline(story.runs_until("Mon 17:00")) == [
        ("Fri 9 16:30", "breach resolution"),
        ("Mon 12 10:30", "warn 2 h after"),
    ]
    assert at("Mon 10:30") == utc(1, 12, 9, 30)


def test_al3_a_warning_longer_than_its_target_comes_once_at_the_start() -> None:
    story = resolution("30m", alerts=[{"before": "1h"}])
    story.opened("Mon 09:00")
    found = story.runs_until("Mon 17:00")
    assert timeline(found) == [
        ("Mon 12 09:00", "warn 1 h before, compressed"),
        ("Mon 12 09:30", "breach resolution"),
    ]
    [warning] = [effect for _, effect in found if isinstance(effect, Warn)]
    assert (warning.planned_at, warning.late) == (at("Mon 09:00"), hours(0))
    calendar = story.clock("resolution").calendar.calendar
    assert calendar.subtract(at("Mon 09:30"), minutes(60)) == utc(1, 9, 15, 30)


def test_du1_close_of_business_on_the_third_business_day_after_receipt() -> None:
    story = Story(promise("acknowledgement", {"business_days": 3, "at": "close"}))
    story.opened("Tue 10:00")
    assert story.due("acknowledgement") == utc(1, 16, 16) == at("Fri 17:00")


@pytest.mark.parametrize(
    ("done", "verdict"), [("12:00:00", "met"), ("12:00:00.000001", "breached")]
)
def test_a_promise_is_met_if_and_only_if_it_stops_by_its_due(done: str, verdict: str) -> None:
    story = resolution("4h")
    story.opened("last Fri 16:00")
    story.status(f"Mon {done}", "resolved")
    assert story.verdict("resolution") == verdict
