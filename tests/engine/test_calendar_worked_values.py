"""The worked values of the law that concern calendars alone, by their numbers."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tocsin.engine.calendar import Calendar

HOUR = dt.timedelta(hours=1)
NOTHING = dt.timedelta(0)
NINE_TO_FIVE = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
STD: dict[str, Any] = {"zone": "Europe/Stockholm", "week": NINE_TO_FIVE}
NEW_YORK: dict[str, Any] = {"zone": "America/New_York", "week": NINE_TO_FIVE}
ALL: dict[str, Any] = {
    "zone": "Europe/Stockholm",
    "week": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
}
MONDAY_OFF = STD | {"exceptions": {"2026-01-12": []}}
MONDAY_HALF = STD | {"exceptions": {"2026-01-12": ["09:00-12:00"]}}
LUNCH = STD | {"week": {day: ["09:00-12:00", "13:00-17:00"] for day in NINE_TO_FIVE}}
SUNDAY_MORNING = {"zone": "Europe/Stockholm", "week": {"sun": ["00:00-08:00"]}}
IN_THE_GAP = {"zone": "Europe/Stockholm", "week": {"sun": ["02:30-08:00"]}}


def stockholm(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Stockholm"))


@pytest.mark.parametrize(
    ("data", "start", "hours", "expected"),
    [
        pytest.param(STD, "2026-01-09 16:00", 4, "2026-01-12T11:00:00Z", id="BT01"),
        pytest.param(STD, "2026-01-09 16:00", 1, "2026-01-09T16:00:00Z", id="BT02"),
        pytest.param(STD, "2026-01-09 17:00", 1, "2026-01-12T09:00:00Z", id="BT03"),
        pytest.param(STD, "2026-01-10 13:00", 0.5, "2026-01-12T08:30:00Z", id="BT04"),
        pytest.param(STD, "2026-01-12 08:59:30", 1, "2026-01-12T09:00:00Z", id="BT05"),
        pytest.param(ALL, "2026-01-09 16:00", 24, "2026-01-10T15:00:00Z", id="BT06a"),
        pytest.param(STD, "2026-01-09 16:00", 24, "2026-01-14T15:00:00Z", id="BT06b"),
        pytest.param(MONDAY_OFF, "2026-01-09 16:00", 4, "2026-01-13T11:00:00Z", id="BT07"),
        pytest.param(MONDAY_HALF, "2026-01-09 16:00", 4, "2026-01-12T11:00:00Z", id="BT08a"),
        # The half day is used up at its close, and what is left goes on the next morning.
        pytest.param(MONDAY_HALF, "2026-01-09 16:00", 4.5, "2026-01-13T08:30:00Z", id="BT08-more"),
        pytest.param(LUNCH, "2026-01-12 11:00", 2, "2026-01-12T13:00:00Z", id="BT09"),
        pytest.param(SUNDAY_MORNING, "2026-03-29 00:00", 4, "2026-03-29T03:00:00Z", id="DST1"),
        pytest.param(SUNDAY_MORNING, "2026-10-25 00:00", 4, "2026-10-25T02:00:00Z", id="DST2"),
        pytest.param(IN_THE_GAP, "2026-03-29 00:00", 0, "2026-03-29T01:00:00Z", id="DST3"),
        pytest.param(IN_THE_GAP, "2026-03-29 00:00", 1, "2026-03-29T02:00:00Z", id="DST3b"),
        pytest.param(ALL, "2026-03-28 12:00", 24, "2026-03-29T11:00:00Z", id="DST6"),
        pytest.param(NEW_YORK, "2026-01-12 16:30", 2, "2026-01-12T17:30:00Z", id="TZ1"),
        pytest.param(STD, "2026-01-12 16:30", 2, "2026-01-13T09:30:00Z", id="TZ2"),
        pytest.param(STD, "2026-01-09 16:30", 2, "2026-01-12T09:30:00Z", id="AL2"),
        pytest.param(STD, "2026-01-09 16:00", 4, "2026-01-12T11:00:00Z", id="CE1-before"),
        pytest.param(MONDAY_OFF, "2026-01-09 16:00", 4, "2026-01-13T11:00:00Z", id="CE1-after"),
    ],
)
def test_add(data: dict[str, Any], start: str, hours: float, expected: str) -> None:
    found = Calendar.from_dict(data).add(stockholm(start), hours * HOUR)
    assert found == dt.datetime.fromisoformat(expected)
    assert found.tzinfo is dt.UTC


@pytest.mark.parametrize(
    ("day", "seconds"),
    [
        pytest.param("2026-03-29", 25_200.0, id="DST1b"),
        pytest.param("2026-10-25", 32_400.0, id="DST2b"),
        pytest.param("2026-06-07", 28_800.0, id="any-other-Sunday"),
    ],
)
def test_length_of_a_sunday_morning(day: str, seconds: float) -> None:
    calendar = Calendar.from_dict(SUNDAY_MORNING)
    start = stockholm(f"{day} 00:00")
    assert calendar.between(start, start + dt.timedelta(days=1)).total_seconds() == seconds


def test_e36_one_business_hour_before_monday_half_past_nine_is_friday_half_past_four() -> None:
    calendar = Calendar.from_dict(STD)
    found = calendar.subtract(stockholm("2026-01-12 09:30"), HOUR)
    assert found == stockholm("2026-01-09 16:30")


def test_e2_a_length_of_zero_is_the_first_open_instant() -> None:
    calendar = Calendar.from_dict(STD)
    for start, first in (
        ("2026-01-09 16:59:59.999999", "2026-01-09 16:59:59.999999"),
        ("2026-01-09 17:00", "2026-01-12 09:00"),
        ("2026-01-12 09:00", "2026-01-12 09:00"),
    ):
        assert calendar.add(stockholm(start), NOTHING) == stockholm(first)
        assert calendar.next_open(stockholm(start)) == stockholm(first)
        assert calendar.subtract(stockholm(start), NOTHING) == stockholm(start)


def test_e6_seconds_are_summed_exactly() -> None:
    # Sixty short stretches, none of them a whole minute, and one microsecond on its own.
    calendar = Calendar.from_dict(STD)
    t = stockholm("2026-01-09 16:59:00.000001")
    total = NOTHING
    for k in range(60):
        step = dt.timedelta(seconds=17 * k, microseconds=333_333 * k)
        total += calendar.between(t, t + step)
        t += step
    assert total == calendar.between(stockholm("2026-01-09 16:59:00.000001"), t)
    assert calendar.between(t, t) == NOTHING
    due = calendar.add(stockholm("2026-01-09 16:59:59.999999"), dt.timedelta(microseconds=2))
    assert due == stockholm("2026-01-12 09:00:00.000001")


def test_e30_a_holiday_only_at_the_team_leaves_the_customer_a_hole() -> None:
    team = Calendar.from_dict(MONDAY_OFF)
    customer = Calendar.from_dict(NEW_YORK)
    monday = stockholm("2026-01-12 00:00")
    tuesday = stockholm("2026-01-13 00:00")
    assert customer.between(monday, tuesday) == 8 * HOUR
    assert team.intersection(customer).between(monday, tuesday) == NOTHING
    assert team.intersection(customer).between(tuesday, tuesday + 24 * HOUR) == 2 * HOUR
    assert team.union(customer).between(tuesday, tuesday + 24 * HOUR) == 14 * HOUR


def test_e31_and_e32_another_zone_is_another_calendar() -> None:
    moved = Calendar.from_dict(STD | {"zone": "Europe/Helsinki"})
    stayed = Calendar.from_dict(STD)
    assert moved != stayed
    assert moved.next_open(stockholm("2026-01-11 12:00")) == stockholm("2026-01-12 08:00")
    assert stayed.next_open(stockholm("2026-01-11 12:00")) == stockholm("2026-01-12 09:00")


def test_a_night_shift_belongs_to_the_date_on_which_it_starts() -> None:
    nights = {"zone": "Europe/Stockholm", "week": {"fri": ["22:00-30:00"], "sat": ["22:00-30:00"]}}
    friday = stockholm("2026-01-09 00:00")
    week = 7 * 24 * HOUR
    assert Calendar.from_dict(nights).between(friday, friday + week) == 16 * HOUR
    # Saturday off: Friday's night still runs into it; Saturday's does not begin.
    off = Calendar.from_dict(nights | {"exceptions": {"2026-01-10": []}})
    assert off.openings(friday, friday + week) == [
        (stockholm("2026-01-09 22:00"), stockholm("2026-01-10 06:00"))
    ]
    # Friday off: nothing of its night, not even the part on Saturday.
    off = Calendar.from_dict(nights | {"exceptions": {"2026-01-09": []}})
    assert off.openings(friday, friday + week) == [
        (stockholm("2026-01-10 22:00"), stockholm("2026-01-11 06:00"))
    ]


def test_spans_that_touch_or_overlap_across_dates_are_one_opening() -> None:
    data = {
        "zone": "Europe/Stockholm",
        "week": {
            "mon": ["09:00-12:00", "12:00-24:00"],
            "tue": ["00:00-30:00"],
            "wed": ["05:00-07:00"],
        },
    }
    monday = stockholm("2026-01-12 00:00")
    assert Calendar.from_dict(data).openings(monday, monday + 96 * HOUR) == [
        (stockholm("2026-01-12 09:00"), stockholm("2026-01-14 07:00"))
    ]


def test_a_date_within_the_night_before_adds_nothing() -> None:
    data = {"zone": "Europe/Stockholm", "week": {"mon": ["20:00-48:00"], "tue": ["01:00-08:00"]}}
    monday = stockholm("2026-01-12 00:00")
    assert Calendar.from_dict(data).openings(monday, monday + 96 * HOUR) == [
        (stockholm("2026-01-12 20:00"), stockholm("2026-01-14 00:00"))
    ]


def test_the_exceptions_of_each_part_count() -> None:
    # Also where another part has none and lies in a zone that never changes.
    plain = {"zone": "UTC", "week": NINE_TO_FIVE}
    shut = plain | {"exceptions": {"2026-01-12": []}}
    monday = dt.datetime(2026, 1, 12, tzinfo=dt.UTC)
    for parts in ([plain, shut], [shut, plain]):
        both = Calendar.from_dict({"intersection": parts})
        assert both.between(monday, monday + 24 * HOUR) == NOTHING
        assert both.next_open(monday) == monday + 33 * HOUR
        either = Calendar.from_dict({"union": parts})
        assert either.between(monday, monday + 24 * HOUR) == 8 * HOUR
        # 400 years later the date is an ordinary Monday again.
        later = monday + dt.timedelta(days=146_097)
        assert both.between(later, later + 24 * HOUR) == 8 * HOUR


def test_the_hour_that_comes_twice() -> None:
    # 02:00-03:00 is shown twice on 25 October: an opening in it takes the first occurrence, a
    # closing the last, and two zoneinfo datetimes with the two folds are an hour apart.
    calendar = Calendar.from_dict({"zone": "Europe/Stockholm", "week": {"sun": ["02:15-02:45"]}})
    first = stockholm("2026-10-25 02:15")
    assert calendar.between(first, first.replace(fold=1)) == HOUR
    assert calendar.openings(first - HOUR, first + 24 * HOUR) == [
        (
            dt.datetime(2026, 10, 25, 0, 15, tzinfo=dt.UTC),
            dt.datetime(2026, 10, 25, 1, 45, tzinfo=dt.UTC),
        )
    ]


def test_a_span_inside_the_gap_is_no_opening() -> None:
    calendar = Calendar.from_dict({"zone": "Europe/Stockholm", "week": {"sun": ["02:15-02:45"]}})
    start = stockholm("2026-03-29 00:00")
    assert calendar.openings(start, start + 24 * HOUR) == []
    assert calendar.next_open(start) == stockholm("2026-04-05 02:15")
    assert calendar.closings_on(dt.date(2026, 3, 29)) == []


def test_the_local_date_is_that_of_the_calendars_zone() -> None:
    lord_howe = Calendar.from_dict(STD | {"zone": "Australia/Lord_Howe"})
    assert lord_howe.local_date(dt.datetime(2026, 1, 1, 13, tzinfo=dt.UTC)) == dt.date(2026, 1, 2)
    assert lord_howe.local_date(dt.datetime(2026, 1, 1, 12, 59, tzinfo=dt.UTC)) == dt.date(
        2026, 1, 1
    )
    apia = Calendar.from_dict(STD | {"zone": "Pacific/Apia"})
    change = dt.datetime(2011, 12, 30, 10, tzinfo=dt.UTC)
    assert apia.local_date(change - dt.timedelta(microseconds=1)) == dt.date(2011, 12, 29)
    assert apia.local_date(change) == dt.date(2011, 12, 31)


def test_closings_are_those_of_the_spans_that_start_on_the_date() -> None:
    nights = LUNCH | {"week": {"fri": ["09:00-12:00", "13:00-17:00", "22:00-30:00"]}}
    calendar = Calendar.from_dict(nights)
    assert calendar.closings_on(dt.date(2026, 1, 9)) == [
        stockholm("2026-01-09 12:00"),
        stockholm("2026-01-09 17:00"),
        stockholm("2026-01-10 06:00"),
    ]
    assert calendar.closings_on(dt.date(2026, 1, 10)) == []


def test_closings_of_a_union_are_those_of_the_openings_that_begin_on_the_date() -> None:
    both = Calendar.from_dict(STD).union(Calendar.from_dict(NEW_YORK))
    # Nine in Stockholm to five in New York: one opening, on Monday in Stockholm.
    assert both.closings_on(dt.date(2026, 1, 12)) == [stockholm("2026-01-12 23:00")]
    assert both.closings_on(dt.date(2026, 1, 11)) == []


def test_a_closing_of_a_union_is_its_own_however_far_it_is() -> None:
    # Open from Monday 09:00 to Saturday 09:00 without a break.
    long = {"zone": "Europe/Stockholm", "week": {"mon": ["09:00-48:00"], "wed": ["00:00-48:00"]}}
    rest = {"zone": "Europe/Stockholm", "week": {"thu": ["20:00-48:00"], "sat": ["00:00-09:00"]}}
    both = Calendar.from_dict(long).union(Calendar.from_dict(rest))
    assert both.closings_on(dt.date(2026, 1, 12)) == [stockholm("2026-01-17 09:00")]
    assert both.closings_on(dt.date(2026, 1, 14)) == []


def test_calendars_are_values() -> None:
    calendar = Calendar.from_dict(LUNCH)
    again = Calendar.from_dict(calendar.to_dict())
    assert again == calendar
    assert hash(again) == hash(calendar)
    assert again.to_dict() == calendar.to_dict()
    assert Calendar.from_dict(calendar.published()) == calendar
    assert Calendar.from_dict(STD) != calendar
    assert calendar != LUNCH
    assert calendar.union() == calendar
    assert "Europe/Stockholm" in repr(calendar)
