"""Far horizons: every year to 9999, sparse calendars, no open time, and work that stays bounded."""

import datetime as dt
import functools
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.oracle import DAY, Oracle, instant, micros

from tocsin.engine.calendar import Calendar
from tocsin.engine.timeline import Table, Timeline
from tocsin.kit.invalid import Invalid

CYCLE = dt.timedelta(days=146_097)  # 400 years
NOTHING = dt.timedelta(0)
MICROSECOND = dt.timedelta(microseconds=1)
FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)
LAST = dt.datetime.max.replace(tzinfo=dt.UTC)
DATA: dict[str, dict[str, Any]] = {
    "office": {
        "zone": "Europe/Stockholm",
        "week": {
            "mon": ["09:00-12:00", "13:00-17:00"],
            "thu": ["00:15-02:30"],
            "sun": ["01:30-02:15"],
        },
        "exceptions": {"2026-12-24": [], "2031-01-01": ["10:00-12:00"]},
    },
    "nights in the south": {
        "zone": "Australia/Lord_Howe",
        "week": {"sat": ["22:00-48:00"], "tue": ["23:30-24:00"]},
    },
    "Ireland, once a week": {"zone": "Europe/Dublin", "week": {"sun": ["00:30:15-01:29:45"]}},
    # Its rule began in 2019: what was before must not come back in 2418.
    "Norfolk Island": {"zone": "Pacific/Norfolk", "week": {"wed": ["09:00-17:00"]}},
    "follow the sun": {
        "union": [
            {"zone": "America/New_York", "week": {"mon": ["09:00-17:00"], "sun": ["00:00-04:00"]}},
            {"zone": "Pacific/Norfolk", "week": {"mon": ["09:00-17:00"], "sun": ["01:00-03:00"]}},
        ]
    },
    # Open only in the weeks in which one land has changed its clocks and the other has not.
    "between two changes": {
        "intersection": [
            {"zone": "America/New_York", "week": {"tue": ["09:00-09:30"]}},
            {"zone": "Europe/Stockholm", "week": {"tue": ["14:00-14:30"]}},
        ]
    },
    "always": {
        "zone": "America/Nuuk",
        "week": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    },
}
NAMES = st.sampled_from(sorted(DATA))


def utc(*fields: int) -> dt.datetime:
    return dt.datetime(*fields, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


# Kept through the examples of a test: compiling 400 years once is enough.
@functools.cache
def both(name: str) -> tuple[Calendar, Oracle]:
    return Calendar.from_dict(DATA[name]), Oracle(DATA[name])


def weekly(zone: str = "Europe/Stockholm") -> Calendar:
    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return Calendar.from_dict({"zone": zone, "week": week})


# ------------------------------------------------------------------ the years to 9999


@given(
    NAMES, st.integers(micros(utc(2430, 1, 1)), micros(utc(9990, 1, 1))), st.integers(0, 99 * DAY)
)
def test_far_instants_against_the_oracle(name: str, t: int, span: int) -> None:
    # All of it lies past the years that are compiled, or crosses their end.
    calendar, oracle = both(name)
    amount = oracle.between(t, t + span)
    assert calendar.between(instant(t), instant(t + span)) == amount * MICROSECOND
    assert calendar.between(instant(t + span), instant(t)) == -amount * MICROSECOND
    assert calendar.is_open(instant(t)) is oracle.is_open(t)
    if oracle.between(t, t + 400 * DAY) > amount:
        for length in (amount, amount + 1):
            expected = oracle.add(t, length)
            assert expected is not None
            assert calendar.add(instant(t), length * MICROSECOND) == instant(expected)
    if oracle.between(t - 400 * DAY, t) > amount:
        for length in (amount, amount + 1):
            expected = oracle.subtract(t, length)
            assert expected is not None
            assert calendar.subtract(instant(t), length * MICROSECOND) == instant(expected)


@given(
    NAMES,
    st.integers(micros(utc(2110, 1, 1)), micros(utc(2111, 1, 1))),
    st.integers(1, 18),
    st.integers(0, 99 * DAY),
)
def test_everything_repeats_every_400_years(name: str, t: int, rounds: int, span: int) -> None:
    # From 2110 on nothing but the week and the yearly rules of the zones counts.
    calendar, _ = both(name)
    base, shift = instant(t), rounds * CYCLE
    far, reach = base + shift, span * MICROSECOND
    amount = calendar.between(base, base + reach)
    assert calendar.is_open(far) is calendar.is_open(base)
    assert calendar.between(far, far + reach) == amount
    due = calendar.add(base, amount)
    assert due is not None
    assert calendar.add(far, amount) == due + shift
    start = calendar.subtract(base + reach, amount)
    assert start is not None
    assert calendar.subtract(far + reach, amount) == start + shift
    # Across the rounds: whole ones and a rest.
    whole = calendar.between(base, far)
    assert calendar.between(base, far + reach) == whole + amount
    if amount:
        assert calendar.add(base, whole + amount) == calendar.add(far, amount)
        assert calendar.subtract(far + reach, whole + amount) == start
    # Exactly a whole number of rounds ends at the last moment that was open.
    end = calendar.add(base, whole)
    assert end is not None
    assert end <= far
    assert calendar.between(end, far) == NOTHING
    assert calendar.between(end - MICROSECOND, end) == MICROSECOND


@pytest.mark.parametrize("year", [2019, 2020, 2418, 2419, 2420, 2818, 2819, 9218])
def test_what_was_before_the_rules_of_today_does_not_come_back(year: int) -> None:
    calendar, oracle = both("Norfolk Island")
    january, july = micros(utc(year, 1, 5)), micros(utc(year, 7, 5))
    for t in (january, july):
        expected = oracle.add(t, 0)
        assert expected is not None
        assert calendar.next_open(instant(t)) == instant(expected)


def test_the_questions_at_the_ends_of_time() -> None:
    always = both("always")[0]
    hour = dt.timedelta(hours=1)
    assert always.add(LAST, hour) is None
    assert always.add(LAST - hour, hour) == LAST
    assert always.add(LAST, NOTHING) == LAST
    assert always.subtract(FIRST, hour) is None
    assert always.subtract(FIRST + hour, hour) == FIRST
    assert always.is_open(FIRST)
    assert always.is_open(LAST)
    assert always.between(FIRST, LAST) == LAST - FIRST
    assert always.between(LAST, FIRST) == FIRST - LAST
    assert always.add(FIRST, LAST - FIRST) == LAST
    assert always.add(FIRST, LAST - FIRST + MICROSECOND) is None
    assert always.subtract(LAST, LAST - FIRST) == FIRST
    assert always.subtract(LAST, LAST - FIRST + MICROSECOND) is None


def test_an_instant_that_utc_can_no_longer_write_is_taken() -> None:
    # Midnight of the year 1 in the east is an instant of the year before.
    east, west = dt.timezone(dt.timedelta(hours=14)), dt.timezone(-dt.timedelta(hours=12))
    first, last = dt.datetime.min.replace(tzinfo=east), dt.datetime.max.replace(tzinfo=west)
    always = both("always")[0]
    assert always.next_open(first) == FIRST
    assert always.subtract(first, MICROSECOND) is None
    assert always.add(last, MICROSECOND) is None
    assert always.next_open(last) is None
    assert not always.is_open(first)
    assert always.subtract(last, dt.timedelta(hours=13)) == last - dt.timedelta(hours=13)


@pytest.mark.parametrize("name", sorted(DATA))
def test_a_length_beyond_all_time_is_never(name: str) -> None:
    # E64: null, no exception; the longest length there is, and one that is used up past 9999.
    calendar, _ = both(name)
    for length in (dt.timedelta.max, dt.timedelta(days=4_000_000), LAST - FIRST + MICROSECOND):
        for start in (utc(2026, 1, 1), utc(9998, 1, 1)):
            assert calendar.add(start, length) is None
            if name == "Norfolk Island":  # all the years back to the first are compiled for that
                assert calendar.add(FIRST, length) is None
                assert calendar.subtract(start, length) is None


def test_a_second_a_week_for_ten_thousand_years() -> None:
    calendar = Calendar.from_dict({"zone": "UTC", "week": {"mon": ["00:00:00-00:00:01"]}})
    assert calendar.add(utc(2026, 1, 1), dt.timedelta.max) is None
    assert calendar.add(utc(2026, 1, 1), dt.timedelta(days=3_000_000)) is None
    assert calendar.add(utc(2026, 1, 5), dt.timedelta(seconds=1000)) == utc(
        2026, 1, 5, 0, 0, 1
    ) + 999 * (dt.timedelta(weeks=1))


# ------------------------------------------------------------------ sparse, or never open


def once_a_year(years: range) -> Calendar:
    openings = {f"{year}-06-01": ["10:00-11:00"] for year in years}
    return Calendar.from_dict({"zone": "Europe/Stockholm", "week": {}, "exceptions": openings})


def test_one_opening_a_year() -> None:
    calendar = once_a_year(range(2000, 3000))
    start = utc(2026, 1, 1)
    assert calendar.next_open(start) == utc(2026, 6, 1, 8)
    assert calendar.add(start, dt.timedelta(minutes=90)) == utc(2027, 6, 1, 8, 30)
    assert calendar.add(start, dt.timedelta(hours=500)) == utc(2525, 6, 1, 9)
    assert calendar.add(start, dt.timedelta(hours=974)) == utc(2999, 6, 1, 9)
    assert calendar.add(start, dt.timedelta(hours=974, microseconds=1)) is None
    assert calendar.subtract(start, dt.timedelta(hours=26)) == utc(2000, 6, 1, 8)
    assert calendar.subtract(start, dt.timedelta(hours=26, microseconds=1)) is None
    assert calendar.next_open(utc(2999, 6, 1, 9)) is None
    assert calendar.between(FIRST, LAST) == dt.timedelta(hours=1000)


def test_a_calendar_of_exceptions_alone() -> None:
    calendar = Calendar.from_dict(
        {"zone": "America/New_York", "week": {}, "exceptions": {"2026-11-01": ["00:30-02:30"]}}
    )
    # The night the clocks go back: three hours.
    assert calendar.between(utc(2026, 1, 1), utc(2027, 1, 1)) == dt.timedelta(hours=3)
    assert calendar.add(utc(2020, 1, 1), dt.timedelta(hours=3)) == utc(2026, 11, 1, 7, 30)
    assert calendar.add(utc(2020, 1, 1), dt.timedelta(hours=3, microseconds=1)) is None
    assert calendar.next_open(utc(2026, 11, 1, 7, 30)) is None
    assert calendar.next_open(utc(9000, 1, 1)) is None
    assert calendar.subtract(utc(9000, 1, 1), dt.timedelta(hours=3)) == utc(2026, 11, 1, 4, 30)
    assert calendar.subtract(utc(2026, 11, 1), MICROSECOND) is None


def test_exceptions_in_the_last_year() -> None:
    calendar = Calendar.from_dict(
        {
            "zone": "UTC",
            "week": {},
            "exceptions": {"9999-12-30": ["00:00-48:00"], "0001-01-02": ["09:00-10:00"]},
        }
    )
    assert calendar.next_open(utc(2026, 1, 1)) == utc(9999, 12, 30)
    assert calendar.add(utc(2026, 1, 1), dt.timedelta(hours=47)) == utc(9999, 12, 31, 23)
    assert calendar.add(utc(2026, 1, 1), dt.timedelta(hours=48)) is None
    assert calendar.subtract(utc(2026, 1, 1), dt.timedelta(hours=1)) == utc(1, 1, 2, 9)
    assert calendar.subtract(utc(2026, 1, 1), dt.timedelta(hours=2)) is None


def test_calendars_that_are_never_open_together() -> None:
    mondays = {"zone": "Europe/Stockholm", "week": {"mon": ["09:00-17:00"]}}
    tuesdays = {"zone": "Europe/Stockholm", "week": {"tue": ["09:00-17:00"]}}
    never = Calendar.from_dict({"intersection": [mondays, tuesdays]})
    for t in (FIRST, utc(2026, 1, 1), utc(5000, 1, 1), LAST):
        assert never.next_open(t) is None
        assert never.add(t, dt.timedelta(hours=1)) is None
        assert never.subtract(t, dt.timedelta(hours=1)) is None
        assert never.subtract(t, NOTHING) == t
        assert not never.is_open(t)
    assert never.between(FIRST, LAST) == NOTHING


# ------------------------------------------------------------------ bounded work (E63)


def table_length(calendar: Calendar) -> int:
    return len(calendar.timeline.table.opens)


def test_ninety_business_days_need_no_more_than_a_few_years() -> None:
    calendar = weekly()
    assert calendar.add(utc(2026, 1, 5, 8), dt.timedelta(hours=720)) == utc(2026, 5, 8, 15)
    assert table_length(calendar) < 3 * 366


@pytest.mark.parametrize("year", [2026, 9998])
def test_no_question_compiles_more_than_400_years(year: int) -> None:
    calendar = weekly()
    start = utc(year, 1, 5, 8)
    assert calendar.next_open(start) is not None
    assert (calendar.add(start, dt.timedelta(days=200_000)) is None) is (year == 9998)
    assert calendar.add(start, dt.timedelta(days=3_000_000)) is None
    assert calendar.subtract(start, dt.timedelta(days=30)) is not None
    assert calendar.between(utc(2026, 1, 1), start + dt.timedelta(days=90)) > NOTHING
    assert calendar.is_open(start.replace(hour=10)) is (start.weekday() < 5)
    assert table_length(calendar) <= 415 * 262


def test_a_calendar_asked_about_the_far_future_first_answers_about_today() -> None:
    data = DATA["Ireland, once a week"]
    calendar = Calendar.from_dict(data)
    for start in (utc(9990, 1, 1), utc(2026, 1, 9, 15), utc(9990, 1, 1), utc(1970, 1, 1)):
        fresh = Calendar.from_dict(data)
        hours = dt.timedelta(hours=4)
        assert calendar.add(start, hours) == fresh.add(start, hours)
        assert calendar.subtract(start, hours) == fresh.subtract(start, hours)
    assert table_length(calendar) <= 475 * 53


def test_an_hour_of_questions_does_not_fill_the_memory() -> None:
    calendar = weekly()
    tracemalloc.start()
    try:
        for year in range(2026, 2036):
            calendar.add(utc(year, 1, 5, 8), dt.timedelta(hours=720))
        size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Ten years of office hours: about 3,000 openings of three numbers each.
    assert size < 2_000_000
    assert peak < 4_000_000


class Interrupted(Timeline):
    """A timeline in whose place another thread puts a smaller table after each compilation."""

    def cover(self, a: dt.timedelta, b: dt.timedelta) -> Table:
        compiled = super().cover(a, b)
        self.table = Table(NOTHING, NOTHING, [], [], [])
        return compiled


@pytest.mark.parametrize("name", sorted(DATA))
def test_threads_that_compile_at_the_same_time_do_not_disturb_each_other(name: str) -> None:
    calendar, _ = both(name)
    interrupted = Interrupted(calendar.source.openings, calendar.source.regular_from)
    at, length = utc(2026, 2, 3) - instant(0), dt.timedelta(days=3, microseconds=1)
    assert interrupted.add(at, length) == calendar.timeline.add(at, length)
    assert interrupted.subtract(at, length) == calendar.timeline.subtract(at, length)
    assert interrupted.between(at, 3 * at) == calendar.timeline.between(at, 3 * at)
    assert interrupted.is_open(at) is calendar.timeline.is_open(at)


def test_threads_do_not_disturb_each_other_beyond_what_is_compiled() -> None:
    calendar, _ = both("Ireland, once a week")
    source = calendar.source
    interrupted = Interrupted(source.openings, source.regular_from)
    at, length = utc(2026, 1, 1) - instant(0), dt.timedelta(days=1000)
    assert interrupted.add(at, length) == calendar.timeline.add(at, length)
    later = at + 3 * CYCLE
    assert interrupted.subtract(later, length) == calendar.timeline.subtract(later, length)
    assert interrupted.between(at, later) == calendar.timeline.between(at, later)


# ------------------------------------------------------------------ E3: what can be saved


def closed_until(date: str) -> Calendar:
    """A calendar that opens on one date alone."""
    return Calendar.from_dict(
        {"zone": "Europe/Stockholm", "week": {}, "exceptions": {date: ["09:00-17:00"]}}
    )


def test_a_calendar_needs_open_time_within_366_days_to_be_saved() -> None:
    now = utc(2026, 1, 1)
    weekly().check_savable(now=now)
    closed_until("2027-01-01").check_savable(now=now)
    for date in ("2027-01-02", "2025-12-31", "9999-01-01"):
        with pytest.raises(Invalid) as refused:
            closed_until(date).check_savable(now=now)
        assert refused.value.path == "week"
        assert refused.value.reason == "the calendar has no open hour in the next 366 days"


def test_the_366_days_are_counted_to_the_microsecond() -> None:
    opens = utc(2027, 1, 1, 8)
    calendar = closed_until("2027-01-01")
    assert not calendar.opens_within(opens - dt.timedelta(days=366))
    assert calendar.opens_within(opens - dt.timedelta(days=366) + MICROSECOND)
    assert calendar.opens_within(utc(2027, 1, 1, 16) - MICROSECOND)
    assert not calendar.opens_within(utc(2027, 1, 1, 16))
    assert calendar.opens_within(opens - dt.timedelta(hours=1), dt.timedelta(hours=2))
    assert not calendar.opens_within(opens - dt.timedelta(hours=1), dt.timedelta(hours=1))


def test_exceptions_that_close_a_whole_year_cannot_be_saved() -> None:
    days = (dt.date(2026, 1, 1) + dt.timedelta(days=k) for k in range(800))
    closed: dict[str, list[str]] = {day.isoformat(): [] for day in days}
    calendar = Calendar.from_dict(weekly().to_dict() | {"exceptions": closed})
    with pytest.raises(Invalid, match="no open hour"):
        calendar.check_savable(now=utc(2026, 1, 10))
    # But it is a calendar, and its clocks go on after it.
    assert calendar.next_open(utc(2026, 1, 10)) == utc(2028, 3, 13, 8)
    calendar.check_savable(now=utc(2028, 1, 1))


def test_at_the_end_of_time_nothing_can_be_saved_and_nothing_breaks() -> None:
    with pytest.raises(Invalid, match="no open hour"):
        closed_until("2026-06-01").check_savable(now=LAST)
