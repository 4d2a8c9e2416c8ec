"""Targets in all their forms, over weekends, ends of months, changes of clocks and all horizons."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stories.story import ALWAYS, DAYS, OFFICE, Data, at, closed_on

from tocsin.engine.calendar import Calendar
from tocsin.engine.target import Target
from tocsin.kit.invalid import Invalid

NIGHT: Data = {"zone": "Europe/Stockholm", "week": {day: ["22:00-30:00"] for day in DAYS[:5]}}
LUNCH: Data = {**OFFICE, "week": {day: ["09:00-12:00", "13:00-17:00"] for day in DAYS[:5]}}
SPRING_NIGHT = {
    "zone": "Europe/Stockholm",
    "week": {"sun": ["00:00-08:00"], "sat": ["01:00-02:30"]},
}
HOLIDAYS = closed_on(OFFICE, "2026-01-14", "2026-01-15")
HALF_DAY: Data = {**OFFICE, "exceptions": {"2026-01-16": ["09:00-12:00"]}}


def due(target: Any, start: str, calendar: Data = OFFICE) -> dt.datetime | None:
    return Target.from_dict(target).due(at(start), Calendar.from_dict(calendar))


def days(count: int, when: str = "close") -> Data:
    return {"business_days": count, "at": when}


@pytest.mark.parametrize(
    ("target", "start", "calendar", "expected"),
    [
        ("4h", "last Fri 16:00", OFFICE, "Mon 12:00"),
        ("1h", "last Fri 16:00", OFFICE, "last Fri 17:00"),
        ("30m", "Sat 13:00", OFFICE, "next Mon 09:30"),
        ("24h", "last Fri 16:00", OFFICE, "Wed 16:00"),
        ("2h", "Mon 11:00", LUNCH, "Mon 14:00"),
        ("24h", "Sat 28 Mar 12:00", ALWAYS, "Sun 29 Mar 13:00"),
        ("720h", "Mon 09:00", OFFICE, "Fri 15 May 17:00"),
        # The day after the start is day 1, whether or not the start fell on a business day.
        (days(3), "Tue 10:00", OFFICE, "Fri 17:00"),
        (days(1), "Fri 10:00", OFFICE, "next Mon 17:00"),
        (days(1), "Fri 23:00", OFFICE, "next Mon 17:00"),
        (days(1), "Sat 10:00", OFFICE, "next Mon 17:00"),
        (days(1), "Sun 23:59", OFFICE, "next Mon 17:00"),
        (days(2), "Tue 10:00", HOLIDAYS, "next Mon 17:00"),
        (days(3), "Tue 10:00", HALF_DAY, "Fri 12:00"),
        (days(1), "Mon 10:00", LUNCH, "Tue 17:00"),
        # A night shift belongs to the date on which it begins.
        (days(1), "Mon 10:00", NIGHT, "Wed 06:00"),
        (days(1), "Tue 02:00", NIGHT, "Thu 06:00"),
        (days(90), "Mon 09:00", OFFICE, "Mon 18 May 17:00"),
        (days(5, "same time"), "Mon 10:30", OFFICE, "next Mon 10:30"),
        (days(1, "same time"), "Fri 16:00", OFFICE, "next Mon 16:00"),
        (days(1, "same time"), "Fri 20:00", OFFICE, "next Mon 20:00"),
        ({"calendar_days": 3}, "Fri 16:00", OFFICE, "next Mon 16:00"),
        ({"calendar_days": 1}, "Fri 16:00", OFFICE, "Sat 16:00"),
        ({"calendar_weeks": 8}, "Tue 10:00", OFFICE, "Tue 10 Mar 10:00"),
        ({"calendar_months": 1}, "Fri 30 Jan 10:00", OFFICE, "Sat 28 Feb 10:00"),
        ({"calendar_months": 1}, "Sat 31 Jan 10:00", OFFICE, "Sat 28 Feb 10:00"),
        ({"calendar_months": 2}, "Sat 31 Jan 10:00", OFFICE, "Tue 31 Mar 10:00"),
        ({"calendar_months": 3}, "Sat 31 Jan 10:00", OFFICE, "Thu 30 Apr 10:00"),
        ({"calendar_months": 11}, "Sat 31 Jan 10:00", OFFICE, "Thu 31 Dec 10:00"),
    ],
)
def test_due(target: Any, start: str, calendar: Data, expected: str) -> None:
    assert due(target, start, calendar) == at(expected)


@pytest.mark.scenario("E34")
@pytest.mark.parametrize(("year", "day"), [(2026, 28), (2027, 28), (2028, 29), (2100, 28)])
def test_a_month_from_the_last_of_january_ends_in_february(year: int, day: int) -> None:
    utc = Calendar.from_dict({**OFFICE, "zone": "UTC"})
    start = dt.datetime(year, 1, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC)
    for first in (31, 30, 29):
        found = Target.from_dict({"calendar_months": 1}).due(start.replace(day=first), utc)
        assert found == start.replace(month=2, day=min(day, first))
    a_year = Target.from_dict({"calendar_months": 12}).due(start.replace(month=1, day=31), utc)
    assert a_year == start.replace(year=year + 1)


def test_a_year_from_a_leap_day_is_the_last_of_february() -> None:
    utc = Calendar.from_dict({**OFFICE, "zone": "UTC"})
    leap = dt.datetime(2028, 2, 29, 10, tzinfo=dt.UTC)
    found = Target.from_dict({"calendar_months": 12}).due(leap, utc)
    assert found == dt.datetime(2029, 2, 28, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("target", "start", "expected"),
    [
        # The same local time, over the night of the change.
        ({"calendar_days": 1}, "Sat 28 Mar 12:00", "2026-03-29T10:00:00+00:00"),
        ({"calendar_days": 1}, "Sat 24 Oct 12:00", "2026-10-25T11:00:00+00:00"),
        # 02:30 does not exist on 29 March: the instant after the gap.
        ({"calendar_days": 1}, "Sat 28 Mar 02:30", "2026-03-29T01:00:00+00:00"),
        ({"calendar_months": 1}, "Sat 28 Feb 02:30", "2026-03-28T01:30:00+00:00"),
        # 02:30 comes twice on 25 October: the first.
        ({"calendar_days": 1}, "Sat 24 Oct 02:30", "2026-10-25T00:30:00+00:00"),
        ({"calendar_weeks": 1}, "Sun 18 Oct 02:30", "2026-10-25T00:30:00+00:00"),
    ],
)
def test_local_time_over_a_change_of_clocks(target: Any, start: str, expected: str) -> None:
    found = due(target, start)
    assert found is not None
    assert found.isoformat() == expected


def test_close_of_business_on_the_day_of_a_change() -> None:
    found = due(days(1), "Sat 28 Mar 12:00", SPRING_NIGHT)
    assert found == dt.datetime(2026, 3, 29, 6, tzinfo=dt.UTC)
    gap = {"zone": "Europe/Stockholm", "week": {"sun": ["01:00-02:30"], "mon": ["09:00-17:00"]}}
    assert due(days(1), "Sat 28 Mar 12:00", gap) == dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)
    # A span that lies wholly in the gap makes no business day.
    lost = {"zone": "Europe/Stockholm", "week": {"sun": ["02:10-02:50"], "mon": ["09:00-17:00"]}}
    assert due(days(1), "Sat 28 Mar 12:00", lost) == at("Mon 30 Mar 17:00")


def test_microseconds_are_kept() -> None:
    start = at("Mon 10:00").replace(microsecond=123_456)
    for target in ("1h", days(1, "same time"), {"calendar_days": 1}, {"calendar_months": 1}):
        found = Target.from_dict(target).due(start, Calendar.from_dict(OFFICE))
        assert found is not None
        assert found.microsecond == 123_456


def test_dates_are_those_of_the_calendars_zone() -> None:
    tokyo = {**OFFICE, "zone": "Asia/Tokyo"}
    # Monday 20:00 in Stockholm is Tuesday 04:00 in Tokyo, so day 1 is Wednesday there.
    assert due(days(1), "Mon 20:00", tokyo) == at("Wed 09:00")


FAR: list[Any] = [
    "90000000h",
    days(3_000),
    days(3_000, "same time"),
    {"calendar_days": 36_525},
    {"calendar_weeks": 36_525},
    {"calendar_months": 36_525},
]


@pytest.mark.scenario("E64")
@pytest.mark.parametrize("target", FAR, ids=str)
@pytest.mark.parametrize("year", [2026, 9000, 9990, 9999])
@pytest.mark.parametrize("calendar", [OFFICE, ALWAYS, NIGHT, {**ALWAYS, "zone": "Etc/GMT+12"}])
def test_beyond_all_dates_there_is_no_due_and_no_exception(
    target: Any, year: int, calendar: Data
) -> None:
    start = dt.datetime(year, 12, 30, 12, tzinfo=dt.UTC)
    found = Target.from_dict(target).due(start, Calendar.from_dict(calendar))
    assert found is None or found > start


@pytest.mark.scenario("E64")
@pytest.mark.parametrize("target", ["1h", "24h", days(1), days(1, "same time"), *FAR[3:]], ids=str)
@pytest.mark.parametrize("calendar", [OFFICE, ALWAYS, NIGHT, {**ALWAYS, "zone": "Etc/GMT+12"}])
def test_on_the_last_day_of_all_nothing_breaks(target: Any, calendar: Data) -> None:
    read = Calendar.from_dict(calendar)
    for start in (
        dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC),
        dt.datetime(9999, 12, 31, 12, tzinfo=dt.UTC),
        dt.datetime(9999, 12, 30, 12, tzinfo=dt.UTC),
    ):
        found = Target.from_dict(target).due(start, read)
        assert found is None or found > start


def test_a_calendar_without_hours_has_no_business_days() -> None:
    closed = closed_on(
        {"zone": "UTC", "week": {"mon": ["09:00-17:00"]}},
        *((dt.date(2026, 1, 12) + dt.timedelta(weeks=k)).isoformat() for k in range(200)),
    )
    assert due(days(1), "Mon 10:00", closed) is None
    assert due({"calendar_days": 2}, "Mon 10:00", closed) == at("Wed 10:00")


@pytest.mark.parametrize(
    "written", ["8h", "1h 30m", days(3), days(3, "same time"), {"calendar_days": 2}, *FAR]
)
def test_what_is_written_is_read_again(written: Any) -> None:
    target = Target.from_dict(written)
    assert Target.from_dict(target.to_dict()) == target


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("8h", "8 h"),
        ({"business_days": 3}, "close of business on business day 3"),
        (days(2, "same time"), "the same time on business day 2"),
        ({"calendar_weeks": 8}, "8 calendar weeks"),
    ],
)
def test_in_words(written: Any, words: str) -> None:
    assert str(Target.from_dict(written)) == words


@pytest.mark.parametrize(
    ("written", "path", "words"),
    [
        ("0h", "target", "longer than zero"),
        ("2d", "target", "ambiguous"),
        (8, "target", "expected a length"),
        (None, "target", "expected a length"),
        ({}, "target", "name one form"),
        ({"business_days": 0}, "target.business_days", "at least 1"),
        ({"business_days": -1}, "target.business_days", "at least 1"),
        ({"business_days": "3"}, "target.business_days", "whole number"),
        ({"business_days": True}, "target.business_days", "whole number"),
        ({"business_days": 1.5}, "target.business_days", "whole number"),
        ({"business_days": 3, "at": "closing"}, "target.at", "did you mean close?"),
        ({"calendar_days": 0}, "target.calendar_days", "at least 1"),
        ({"calendar_days": 3, "at": "close"}, "target.at", "unknown field"),
        ({"calendar_day": 3}, "target.calendar_day", "did you mean calendar_days?"),
        ({"calendar_days": 1, "calendar_weeks": 1}, "target", "name one form"),
        ({"calendar_months": 36_526}, "target.calendar_months", "further than a hundred years"),
    ],
)
def test_mistakes_are_refused_where_they_stand(written: Any, path: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        Target.from_dict(written)
    assert refused.value.path == path
    assert words in refused.value.reason


@given(
    st.integers(0, 20_000_000).map(lambda m: at("Mon 00:00") + dt.timedelta(minutes=m)),
    st.integers(1, 30),
)
def test_close_of_business_is_a_closing_and_counts_business_days(
    start: dt.datetime, count: int
) -> None:
    calendar = Calendar.from_dict(OFFICE)
    found = Target.from_dict(days(count)).due(start, calendar)
    assert found is not None
    open_time = calendar.between(start, found)
    assert dt.timedelta(hours=8 * count) <= open_time <= dt.timedelta(hours=8 * (count + 1))
    assert not calendar.is_open(found)
    assert calendar.is_open(found - dt.timedelta(microseconds=1))
