"""Stories of calendars that change while clocks run, and of dues beyond any calendar."""

import datetime as dt
from dataclasses import replace

import pytest
from tests.stories.story import (
    ALWAYS,
    OFFICE,
    Data,
    Story,
    at,
    closed_on,
    hours,
    promise,
    timeline,
    words,
)

from tocsin.engine import motion, zone
from tocsin.engine.calendar import Calendar
from tocsin.engine.clock import Cause
from tocsin.engine.effect import Restate, Warn
from tocsin.kit.invalid import Invalid


def versions(first: Data, second: Data, published: str) -> list[Data]:
    return [first, {**second, "valid_from": at(published).isoformat()}]


HOLIDAY = closed_on(OFFICE, "2026-01-13")  # Tuesday


def desk(first: Data, second: Data, published: str, target: object = "8h", **more: object) -> Story:
    calendars = {"office": versions(first, second, published)}
    return Story(promise("resolution", target, **more), calendars=calendars)


@pytest.mark.scenario("E27")
def test_a_holiday_added_for_tomorrow_moves_dues_and_alerts() -> None:
    story = desk(OFFICE, HOLIDAY, "Mon 15:00", alerts=[{"at": "25%"}, {"before": "1h"}])
    story.opened("Mon 12:00")
    found = timeline(story.runs_until("Mon 15:00"))
    story.calendar_changes("Mon 15:00", "office", 2)
    assert story.due("resolution") == at("Wed 12:00")
    found += timeline(story.runs_until("Wed 17:00"))
    assert found == [
        ("Mon 12 14:00", "warn 25 %"),
        ("Wed 14 11:00", "warn 1 h before"),
        ("Wed 14 12:00", "breach resolution"),
    ]


@pytest.mark.scenario("E27")
def test_a_holiday_counts_for_a_clock_that_comes_to_its_calendar_later() -> None:
    rows = [
        {"label": "high", "when": {"priority": "high"}, "target": "8h", "calendar": "always"},
        {"label": "low", "target": "8h"},
    ]
    calendars = {"office": versions(OFFICE, HOLIDAY, "Mon 13:00")}
    story = Story({"clock": "resolution", "targets": rows}, calendars=calendars)
    story.opened("Mon 12:00", priority="low")
    story.priority("Mon 12:30", "high")
    story.calendar_changes("Mon 13:00", "office", 2)
    story.priority("Mon 14:00", "low")
    assert story.due("resolution") == at("Wed 12:00")


@pytest.mark.scenario("E27")
def test_a_holiday_counts_for_a_clock_that_is_reopened_after_it_was_added() -> None:
    story = desk(OFFICE, HOLIDAY, "Mon 15:00")
    story.opened("Mon 12:00")
    story.status("Mon 14:00", "resolved")
    story.calendar_changes("Mon 15:00", "office", 2)
    story.status("Mon 16:00", "open")
    assert story.due("resolution") == at("Wed 14:00")


@pytest.mark.scenario("E27")
def test_a_holiday_moves_the_due_of_a_waiting_clock_when_it_resumes() -> None:
    story = desk(OFFICE, HOLIDAY, "Mon 15:00")
    story.opened("Mon 12:00")
    story.status("Mon 14:00", "waiting customer")
    story.calendar_changes("Mon 15:00", "office", 2)
    story.status("Mon 16:00", "open")
    assert story.due("resolution") == at("Wed 14:00")


def breached_on_tuesday(published: str = "Wed 10:00") -> Story:
    story = desk(OFFICE, HOLIDAY, published, "12h")
    story.opened("Mon 09:00")
    story.pulse("Tue 14:00")
    assert story.verdict("resolution", now="Tue 14:00") == "breached"
    return story


@pytest.mark.scenario("E28")
def test_a_holiday_added_for_yesterday_restates_nothing_by_itself() -> None:
    story = breached_on_tuesday()
    story.calendar_changes("Wed 10:00", "office", 2)
    assert story.due("resolution") == at("Tue 13:00")
    assert words(story.pulse("Wed 10:00")) == []
    assert story.verdict("resolution") == "breached"


@pytest.mark.scenario("E28")
def test_a_restatement_keeps_both_verdicts() -> None:
    story = breached_on_tuesday()
    fact = story.calendar_changes("Wed 10:00", "office", 2, basis="restate", reason="bank holiday")
    clock = story.clock("resolution")
    assert (clock.used, clock.due) == (hours(9), at("Wed 13:00"))
    assert [(b.due, b.superseded_by) for b in clock.breaches] == [(at("Tue 13:00"), fact.key)]
    assert [e for e in story.pulse("Wed 10:00") if isinstance(e, Restate)]
    assert story.verdict("resolution") == "open"


@pytest.mark.scenario("E28")
@pytest.mark.parametrize("waits", [False, True])
def test_a_restatement_judges_clocks_that_had_ended_too(waits: bool) -> None:
    story = breached_on_tuesday()
    if waits:
        story.status("Tue 14:30", "waiting customer")
    story.status("Tue 15:00", "resolved")
    fact = story.calendar_changes("Wed 10:00", "office", 2, basis="restate", reason="bank holiday")
    clock = story.clock("resolution")
    assert (clock.used, clock.stopped_at) == (hours(8), at("Tue 15:00"))
    assert [(b.due, b.superseded_by) for b in clock.breaches] == [(at("Tue 13:00"), fact.key)]
    assert words(story.pulse("Wed 10:00")) == ["restate"]
    assert story.verdict("resolution") == "met"


@pytest.mark.scenario("E28")
def test_a_restatement_that_finds_a_breach_in_a_clock_that_had_ended_names_itself() -> None:
    story = desk(HOLIDAY, OFFICE, "Wed 10:00", "12h")
    story.opened("Mon 09:00")
    story.status("Tue 15:00", "resolved")
    assert story.verdict("resolution") == "met"
    story.calendar_changes("Wed 10:00", "office", 2, basis="restate", reason="we did work")
    [breach] = story.clock("resolution").standing
    assert (breach.due, breach.breached_at) == (at("Tue 13:00"), at("Wed 10:00"))
    assert breach.cause is Cause.CALENDAR
    assert story.verdict("resolution") == "breached"


@pytest.mark.scenario("E28")
@pytest.mark.parametrize("state", ["open", "waiting customer", "resolved"])
def test_a_restatement_that_changes_nothing_leaves_the_breach_as_it_was(state: str) -> None:
    story = desk(OFFICE, closed_on(OFFICE, "2026-01-30"), "Wed 10:00", "4h")
    story.opened("Mon 09:00")
    story.status("Tue 09:00", state)
    story.pulse("Tue 12:00")
    story.calendar_changes("Wed 10:00", "office", 2, basis="restate", reason="a holiday to come")
    [breach] = story.clock("resolution").breaches
    assert (breach.due, breach.breached_at, breach.cause) == (
        *[at("Mon 13:00")] * 2,
        Cause.TIME,
    )
    assert breach.superseded_by is None
    assert words(story.pulse("Wed 12:00")) == []


@pytest.mark.scenario("E28")
@pytest.mark.parametrize("state", ["open", "waiting customer", "resolved"])
def test_a_restatement_that_changes_nothing_leaves_a_promise_of_days_as_it_was(state: str) -> None:
    days = {"business_days": 1, "at": "close"}
    story = desk(OFFICE, closed_on(OFFICE, "2026-01-30"), "Thu 10:00", days)
    story.opened("Mon 09:00")
    story.status("Wed 09:00", state)
    story.pulse("Wed 12:00")
    story.calendar_changes("Thu 10:00", "office", 2, basis="restate", reason="a holiday to come")
    [breach] = story.clock("resolution").breaches
    assert (breach.due, breach.cause, breach.superseded_by) == (at("Tue 17:00"), Cause.TIME, None)


@pytest.mark.scenario("E28")
def test_a_restatement_measures_only_what_its_calendar_measured() -> None:
    rows = [
        {"label": "high", "when": {"priority": "high"}, "target": "80h", "calendar": "always"},
        {"label": "low", "target": "80h"},
    ]
    calendars = {"office": versions(OFFICE, HOLIDAY, "Wed 10:00")}
    story = Story({"clock": "resolution", "targets": rows}, calendars=calendars)
    story.opened("Mon 00:00", priority="high")
    story.priority("Tue 00:00", "low")
    story.calendar_changes("Wed 10:00", "office", 2, basis="restate", reason="bank holiday")
    assert story.clock("resolution").used == hours(24 + 0 + 1)


@pytest.mark.scenario("E28")
def test_a_restatement_needs_a_reason() -> None:
    story = breached_on_tuesday()
    with pytest.raises(Invalid, match="must give a reason"):
        story.calendar_changes("Wed 10:00", "office", 2, basis="restate")


@pytest.mark.scenario("E29")
def test_a_holiday_removed_so_that_the_due_is_past_is_nobodys_fault() -> None:
    story = desk(HOLIDAY, OFFICE, "Wed 10:00", "12h")
    story.opened("Mon 09:00")
    assert story.due("resolution") == at("Wed 13:00")
    story.calendar_changes("Wed 10:00", "office", 2, basis="restate", reason="we did work")
    clock = story.clock("resolution")
    assert clock.due == at("Tue 13:00")
    [breach] = clock.breaches
    assert (breach.breached_at, breach.cause) == (at("Wed 10:00"), Cause.CALENDAR)
    assert timeline(story.runs_until("Wed 17:00")) == [("Wed 14 10:00", "breach resolution")]


@pytest.mark.scenario("E31")
def test_a_zone_changed_leaves_the_past_in_the_old_one() -> None:
    london = {**OFFICE, "zone": "Europe/London"}
    story = desk(OFFICE, london, "Mon 12:00", "12h")
    story.opened("Mon 09:00")
    story.calendar_changes("Mon 12:00", "office", 2)
    clock = story.clock("resolution", now="Mon 18:00")
    # Three hours until noon in Stockholm, six until 17:00 in London, three on Tuesday from 10:00.
    assert clock.used_at(at("Mon 12:00")) == hours(3)
    assert clock.used_at(at("Mon 18:00")) == hours(9)
    assert clock.due == at("Tue 13:00")


@pytest.mark.scenario("E32")
def test_a_zone_without_summer_time_moves_what_is_to_come_and_not_what_was() -> None:
    named = zone.named("Europe/Stockholm")
    # Its own transitions end in the summer of 1996; from then on there is winter time only.
    october = int(dt.datetime(1996, 10, 27, 1, tzinfo=dt.UTC).timestamp())
    winter = replace(
        named,
        instants=(*named.instants, october),
        offsets=(*named.offsets, 3600),
        rule="CET-1",
    )
    before = Calendar.from_dict(OFFICE).published()
    after = {**before, "zone": winter.to_dict()}
    story = desk(before, after, "Sat 28 Mar 12:00", "16h")
    story.opened("Fri 27 Mar 09:00")
    assert story.due("resolution") == at("Mon 30 Mar 17:00")
    story.calendar_changes("Sat 28 Mar 12:00", "office", 2)
    assert story.clock("resolution").used == hours(8)
    # 17:00 by clocks that stay at +01:00 is 18:00 by those of the story.
    assert story.due("resolution") == at("Mon 30 Mar 18:00")


@pytest.mark.scenario("E63")
def test_ninety_business_days_on_a_sparse_calendar() -> None:
    sparse = {"zone": "Europe/Stockholm", "week": {"tue": ["10:00-11:00"]}}
    story = Story(
        promise("resolution", "90h", calendar="sparse", pause="never"),
        promise("acknowledgement", {"business_days": 90, "at": "close"}, calendar="sparse"),
        calendars={"sparse": sparse},
    )
    story.opened("Mon 09:00")
    due = story.due("resolution")
    assert due is not None
    assert due.isoformat() == "2027-09-28T09:00:00+00:00"
    assert story.due("acknowledgement") == due


@pytest.mark.scenario("E64")
def test_a_due_past_every_calendar_is_none_with_a_reason() -> None:
    story = Story(promise("resolution", "90000000h", alerts=[{"before": "1h"}]))
    story.opened("Mon 09:00")
    clock = story.clock("resolution")
    assert (clock.due, clock.undue) == (None, motion.BEYOND)
    assert words(story.pulse("Mon 10:00")) == ["alarm"]
    assert story.wakes_at() is None
    assert story.verdict("resolution", now="Tue 10:00") == "open"


@pytest.mark.scenario("E64")
def test_alerts_past_every_calendar_are_none_without_an_exception() -> None:
    path = {"rescue": {"levels": [{"name": "L1", "wait": "90000000h", "in": "wall", "team": "x"}]}}
    alerts = [{"after": "90000000h", "in": "wall"}, {"after": "90000000h"}, {"before": "90000000h"}]
    story = Story(promise("resolution", "8h", path="rescue", alerts=alerts), paths=path)
    story.opened("Mon 09:00")
    assert timeline(story.runs_until("Fri 12:00")) == [
        ("Mon 12 09:00", "warn 90000000 h before, compressed"),
        ("Mon 12 17:00", "breach resolution"),
    ]


@pytest.mark.scenario("E36")
@pytest.mark.parametrize(
    ("due_in", "before", "warned"),
    [("1h", "1h", "Fri 9 16:30"), ("2h", "90m", "Mon 12 09:00")],
)
def test_a_warning_in_business_time_comes_in_business_time(
    due_in: str, before: str, warned: str
) -> None:
    story = Story(promise("resolution", due_in, alerts=[{"before": before}]))
    story.opened("last Fri 16:30")
    found = story.runs_until("Mon 09:29")
    assert timeline(found) == [(warned, f"warn {shown(before)} before")]
    [warning] = [effect for _, effect in found if isinstance(effect, Warn)]
    assert not warning.compressed


def shown(length: str) -> str:
    return {"1h": "1 h", "90m": "1 h 30 min"}[length]


def test_a_calendar_that_is_always_open_has_no_close() -> None:
    story = Story(promise("resolution", "24h"), calendars={"office": ALWAYS})
    story.opened("Sat 28 Mar 12:00")
    assert story.due("resolution") == at("Sun 29 Mar 13:00")
