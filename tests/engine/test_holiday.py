"""Holiday sets: days as data, yearly days through the years, leap days, half days, days kept."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.oracle import WEEKDAYS

from tocsin.engine.calendar import Calendar
from tocsin.engine.holiday import HolidaySet
from tocsin.kit.invalid import Invalid

WEEK = {day: ["09:00-17:00"] for day in WEEKDAYS}
DAY = dt.timedelta(days=1)


def dates(**data: Any) -> list[str]:
    return [str(day) for day in HolidaySet.from_dict(data).dates()]


def open_hours(date: str, *sets: dict[str, Any], **changes: Any) -> float:
    """Return the open hours of a UTC date in a calendar with the holiday sets."""
    data = {"zone": "UTC", "week": WEEK, "holidays": list(sets)} | changes
    start = dt.datetime.fromisoformat(f"{date}T00:00Z")
    return Calendar.from_dict(data).between(start, start + DAY) / dt.timedelta(hours=1)


def test_days_are_taken_as_they_are_written() -> None:
    days = {"2026-12-25": "Christmas Day", "2026-01-01": "New Year's Day"}
    assert HolidaySet.from_dict({"days": days}).dates() == {
        dt.date(2026, 1, 1): "New Year's Day",
        dt.date(2026, 12, 25): "Christmas Day",
    }
    assert dates(days={}) == []


def test_yearly_days_recur_through_the_years() -> None:
    assert dates(yearly={"12-24": "Christmas Eve", "01-06": "Epiphany"}, years=[2025, 2027]) == [
        "2025-01-06",
        "2025-12-24",
        "2026-01-06",
        "2026-12-24",
        "2027-01-06",
        "2027-12-24",
    ]
    assert dates(yearly={"12-31": "x"}, years=[9999, 9999]) == ["9999-12-31"]
    assert dates(yearly={"01-01": "x"}, years=[1, 1]) == ["0001-01-01"]


def test_e34_a_yearly_29_february_is_there_in_leap_years_only() -> None:
    assert dates(yearly={"02-29": "Leap day"}, years=[2096, 2104]) == ["2096-02-29", "2104-02-29"]
    assert dates(yearly={"02-29": "Leap day"}, years=[2025, 2027]) == []
    assert dates(yearly={"02-29": "Leap day"}, years=[2025, 2028], leap_day="skip") == [
        "2028-02-29"
    ]


def test_e34_unless_28_february_stands_in() -> None:
    assert dates(yearly={"02-29": "Leap day"}, years=[2026, 2029], leap_day="28 february") == [
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
        "2029-02-28",
    ]
    shut = {"yearly": {"02-29": "Leap day"}, "years": [2026, 2028], "leap_day": "28 february"}
    assert [open_hours(date, shut) for date in ("2026-02-28", "2028-02-28", "2028-02-29")] == [
        0,
        8,
        0,
    ]


def test_a_written_day_gives_its_name_to_a_yearly_one() -> None:
    found = HolidaySet.from_dict(
        {"yearly": {"12-24": "Yearly"}, "years": [2026, 2027], "days": {"2026-12-24": "Written"}}
    ).dates()
    assert found == {dt.date(2026, 12, 24): "Written", dt.date(2027, 12, 24): "Yearly"}


def test_days_that_are_kept_stay_ordinary() -> None:
    data = {"days": {"2026-12-24": "x", "2026-12-25": "y"}, "keep": ["2026-12-24", "2026-07-01"]}
    assert dates(**data) == ["2026-12-25"]
    assert [open_hours(date, data) for date in ("2026-12-24", "2026-12-25", "2026-12-26")] == [
        8,
        0,
        8,
    ]
    yearly = {"yearly": {"05-01": "x"}, "years": [2026, 2028], "keep": [dt.date(2027, 5, 1)]}
    assert dates(**yearly) == ["2026-05-01", "2028-05-01"]


def test_half_days_are_open_for_their_hours_alone() -> None:
    half = {"days": {"2026-12-31": "New Year's Eve"}, "hours": ["08:00-10:00", "11:00-12:30"]}
    assert open_hours("2026-12-31", half) == 3.5
    assert open_hours("2026-12-30", half) == 8


def test_an_exception_written_one_by_one_wins() -> None:
    shut = {"days": {"2026-12-24": "x", "2026-12-25": "y"}}
    exceptions = {"2026-12-24": ["09:00-12:00"], "2026-12-26": []}
    found = [
        open_hours(date, shut, exceptions=exceptions)
        for date in ("2026-12-24", "2026-12-25", "2026-12-26")
    ]
    assert found == [3, 0, 0]


def test_of_two_sets_that_name_a_date_the_later_wins() -> None:
    shut = {"days": {"2026-12-24": "x"}}
    half = {"days": {"2026-12-24": "x"}, "hours": ["09:00-12:00"]}
    assert open_hours("2026-12-24", shut, half) == 3
    assert open_hours("2026-12-24", half, shut) == 0


def test_a_holiday_leaves_the_night_before_alone() -> None:
    nights = {"zone": "UTC", "week": {"wed": ["22:00-30:00"], "thu": ["22:00-30:00"]}}
    shut = {"days": {"2026-12-24": "a Thursday"}}
    start = dt.datetime(2026, 12, 23, tzinfo=dt.UTC)
    found = Calendar.from_dict(nights | {"holidays": [shut]}).openings(start, start + 4 * DAY)
    assert found == [
        (dt.datetime(2026, 12, 23, 22, tzinfo=dt.UTC), dt.datetime(2026, 12, 24, 6, tzinfo=dt.UTC))
    ]


FULL = {
    "country": "DE",
    "subdivision": "BY",
    "categories": ["public", "catholic"],
    "source": "holidays 0.108",
    "days": {"2026-06-04": "Fronleichnam"},
    "yearly": {"02-29": "Leap day", "12-24": "Heiliger Abend"},
    "years": [2026, 2030],
    "leap_day": "28 february",
    "hours": ["09:00-12:00"],
    "keep": ["2028-12-24"],
}


def test_the_data_form_round_trips() -> None:
    holidays = HolidaySet.from_dict(FULL)
    assert holidays.to_dict() == FULL
    assert HolidaySet.from_dict(holidays.to_dict()) == holidays
    calendar = Calendar.from_dict({"zone": "Europe/Berlin", "week": WEEK, "holidays": [FULL]})
    assert calendar.to_dict()["holidays"] == [FULL]
    assert Calendar.from_dict(calendar.to_dict()) == calendar
    assert Calendar.from_dict(calendar.published()).digest == calendar.digest


def test_where_days_come_from_decides_nothing() -> None:
    bare = {name: FULL[name] for name in FULL if name not in ("country", "subdivision", "source")}
    assert HolidaySet.from_dict(bare).dates() == HolidaySet.from_dict(FULL).dates()


@given(
    st.dictionaries(
        st.dates(dt.date(2020, 1, 1), dt.date(2022, 12, 31)), st.just("x"), max_size=20
    ),
    st.sets(st.dates(dt.date(2020, 1, 1), dt.date(2022, 12, 31)), max_size=5),
)
def test_a_set_is_the_same_as_its_dates_written_as_exceptions(
    days: dict[dt.date, str], keep: set[dt.date]
) -> None:
    data = {"zone": "Europe/Stockholm", "week": WEEK}
    holidays = [{"days": days, "keep": sorted(keep)}]
    closed: dict[dt.date, list[str]] = {day: [] for day in days if day not in keep}
    a, b = dt.datetime(2019, 12, 1, tzinfo=dt.UTC), dt.datetime(2023, 2, 1, tzinfo=dt.UTC)
    by_set = Calendar.from_dict(data | {"holidays": holidays})
    by_exceptions = Calendar.from_dict(data | {"exceptions": closed})
    assert by_set.openings(a, b) == by_exceptions.openings(a, b)


@pytest.mark.parametrize(
    "date", ["2026-12-24 ", "2026/12/24", "2026-12-24T00:00", "", "2026-13-01"]
)
def test_a_date_is_written_in_one_way(date: str) -> None:
    with pytest.raises(Invalid, match="is not a date; write it like 2026-12-24"):
        HolidaySet.from_dict({"days": {date: "x"}})
