"""What a calendar does to the time ahead, against days counted by hand."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import at

from tocsin.engine.calendar import Calendar
from tocsin.queries import calendar_report
from tocsin.queries.calendar_report import Report

NOW = at("2026-01-05 09:00")  # a Monday
H = dt.timedelta(hours=1)
WORKING = ("mon", "tue", "wed", "thu", "fri")
OFFICE: dict[str, Any] = {
    "zone": "Europe/Stockholm",
    "week": {day: ["09:00-17:00"] for day in WORKING},
}
NEW_YORK = {**OFFICE, "zone": "America/New_York"}
HOLIDAYS = {"days": {"2026-01-06": "Trettondagen", "2027-01-01": "Nyårsdagen"}}


def report(**more: Any) -> Report:
    return calendar_report.report(Calendar.from_dict({**OFFICE, **more}), now=NOW)


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# ------------------------------------------------------------------------------------------- days


def test_two_weeks_are_shown_from_the_calendars_own_date_on() -> None:
    found = report()
    assert [day.date for day in found.days] == [date("2026-01-05") + k * 24 * H for k in range(14)]
    assert found.days[0].open == ((9.0, 17.0),)
    assert found.days[5].closed
    # It is Tuesday already in Auckland.
    late = calendar_report.report(
        Calendar.from_dict({**OFFICE, "zone": "Pacific/Auckland"}), now=at("2026-01-05 12:00")
    )
    assert late.first == date("2026-01-06")


def test_odd_days_are_told_with_why_and_what_is_usual() -> None:
    found = report(
        holidays=[HOLIDAYS, {"days": {"2026-04-30": "Valborg"}, "hours": ["09:00-12:00"]}],
        exceptions={"2026-02-02": ["09:00-17:00"], "2026-02-07": ["10:00-12:00"], "2026-02-09": []},
    )
    told = {
        one.day.date: (one.day.why, one.day.name, one.day.length, one.usual) for one in found.odd
    }
    assert told == {
        date("2026-01-06"): ("holiday", "Trettondagen", 0 * H, 8 * H),
        date("2026-02-07"): ("exception", "", 2 * H, 0 * H),
        date("2026-02-09"): ("exception", "", 0 * H, 8 * H),
        date("2026-04-30"): ("holiday", "Valborg", 3 * H, 8 * H),
        date("2027-01-01"): ("holiday", "Nyårsdagen", 0 * H, 8 * H),
    }, "an exception that is as the weekday usually is, is not odd"
    assert found.closed == 3
    assert found.days[1].name == "Trettondagen"


def test_a_day_that_is_kept_and_a_holiday_on_a_sunday_are_not_odd() -> None:
    kept = {
        "days": {"2026-01-06": "Trettondagen", "2026-04-05": "Påskdagen"},
        "keep": ["2026-01-06"],
    }
    assert report(holidays=[kept]).odd == ()


def test_dates_at_the_ends_of_time_do_no_harm() -> None:
    found = report(exceptions={"0001-01-01": [], "9999-12-31": []})
    assert found.odd == ()


def test_the_report_ends_after_24_months() -> None:
    found = report(exceptions={"2027-12-31": [], "2028-01-03": [], "2026-01-02": []})
    assert found.last == date("2027-12-31")
    assert [one.day.date for one in found.odd] == [date("2027-12-31")]


# ----------------------------------------------------------------------------------------- months


def test_months_have_their_open_time_and_what_holidays_take() -> None:
    found = report(holidays=[HOLIDAYS])
    assert len(found.months) == 12
    january = found.months[0]
    # 22 weekdays, of which Tuesday the 6th is off.
    assert (january.first, january.length, january.days) == (date("2026-01-01"), 21 * 8 * H, 21)
    assert january.usual == 22 * 8 * H
    assert found.months[-1].first == date("2026-12-01")


def test_a_night_shift_counts_in_the_month_in_which_it_is_worked() -> None:
    found = report(week={"sat": ["22:00-30:00"]})
    # Saturday 31 January until six on Sunday 1 February: two hours are January's.
    assert found.months[0].length == (4 * 8 + 2) * H
    assert found.months[1].length == (3 * 8 + 6 + 2) * H


@given(st.lists(st.sampled_from(WORKING), unique=True, min_size=1), st.booleans())
def test_months_add_up_to_the_year(days: list[str], with_holidays: bool) -> None:
    more = {"holidays": [HOLIDAYS]} if with_holidays else {}
    calendar = Calendar.from_dict(
        {**OFFICE, "week": {key: ["22:00-30:00"] for key in days}, **more}
    )
    found = calendar_report.report(calendar, now=NOW)
    midnights = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) - H for year in (2026, 2027)]
    assert sum((m.length for m in found.months), 0 * H) == calendar.between(*midnights)


# ------------------------------------------------------------------------------------ clock changes


def test_a_clock_change_is_told_with_what_it_does_to_the_hours() -> None:
    always = report(week={key: ["00:00-24:00"] for key in (*WORKING, "sat", "sun")})
    told = [(turn.date, turn.effect, turn.after - turn.before) for turn in always.turns]
    assert told == [
        (date("2026-03-29"), -H, H),
        (date("2026-10-25"), H, -H),
        (date("2027-03-28"), -H, H),
        (date("2027-10-31"), H, -H),
    ]
    assert [turn.effect for turn in report().turns] == [0 * H] * 4


def test_the_change_in_a_night_shift_belongs_to_the_evening_before() -> None:
    found = report(week={"sat": ["22:00-30:00"]})
    assert (found.turns[0].date, found.turns[0].effect) == (date("2026-03-28"), -H)
    assert found.turns[0].at == at("2026-03-29 01:00")


def test_a_zone_without_summer_time_has_no_changes() -> None:
    assert report(zone="Asia/Tokyo").turns == ()


def test_each_zone_of_a_combined_calendar_is_looked_at() -> None:
    both = Calendar.from_dict({"union": [OFFICE, NEW_YORK]})
    found = calendar_report.report(both, now=NOW)
    assert {turn.zone for turn in found.turns} == {"Europe/Stockholm", "America/New_York"}
    assert len(found.turns) == 8


# ------------------------------------------------------------------------------------------- ends


@pytest.mark.parametrize(
    ("sets", "ends", "runs_out"),
    [
        ([], None, False),
        ([HOLIDAYS], "2027-12-31", False),
        ([{"days": {"2026-06-06": "Nationaldagen"}}], "2026-12-31", True),
        ([{"yearly": {"12-24": "Julafton"}, "years": [2026, 2040]}], "2040-12-31", False),
        ([{"days": {}}], None, False),
        ([{**HOLIDAYS, "country": "SE"}, {"days": {"2026-04-30": "Valborg"}}], "2027-12-31", False),
        ([{"days": {"2026-04-30": "Valborg"}}, HOLIDAYS], "2027-12-31", False),
        (
            [{**HOLIDAYS, "country": "SE"}, {"country": "NO", "days": {"2026-05-17": "17. mai"}}],
            "2026-12-31",
            True,
        ),
    ],
)
def test_it_is_told_where_holidays_end(
    sets: list[dict[str, Any]], ends: str | None, runs_out: bool
) -> None:
    found = report(holidays=sets)
    assert found.ends == (date(ends) if ends else None)
    assert found.runs_out is runs_out


def test_the_longest_time_closed() -> None:
    found = report(exceptions={"2026-12-24": [], "2026-12-25": []})
    assert found.pause == (at("2026-12-23 16:00"), at("2026-12-28 08:00"))


def test_a_calendar_that_opens_too_late_is_told() -> None:
    never: dict[str, Any] = {"week": {}}
    assert report(**never, exceptions={"2027-01-06": ["09:00-10:00"]}).opens
    assert not report(**never, exceptions={"2027-01-07": ["09:00-10:00"]}).opens


# ------------------------------------------------------------------------------------------ holes


def test_holes_are_where_one_is_open_and_the_other_closed() -> None:
    """E30: the customer in New York, the team in Stockholm, a holiday at the team alone."""
    team = Calendar.from_dict({**OFFICE, "holidays": [HOLIDAYS]})
    customer = Calendar.from_dict(NEW_YORK)
    found = calendar_report.holes(customer, team, now=NOW)
    # New York opens at 15:00 of Stockholm: two hours of eight are covered.
    assert [(one.weekday, one.opens, one.closes) for one in found.week] == [
        (k, 11.0, 17.0) for k in range(5)
    ]
    # Four weeks of the year are nearer or further apart by an hour: three in spring, one in autumn.
    nearer = [w for w in range(52) if _apart(w) == 5]
    assert found.weekdays[2] == (52 * 6 * H - len(nearer) * H) / 52
    assert found.weekdays[5:] == (0 * H, 0 * H)
    assert found.extra == ((date("2026-01-06"), 2 * H), (date("2027-01-01"), 2 * H))


def _apart(week: int) -> int:
    """Return how many hours New York and Stockholm are apart on the Wednesday of a week."""
    import zoneinfo

    noon = dt.datetime(2026, 1, 7, 12) + dt.timedelta(weeks=week)
    there, here = (
        noon.replace(tzinfo=zoneinfo.ZoneInfo(name)).utcoffset()
        for name in ("America/New_York", "Europe/Stockholm")
    )
    assert there is not None
    assert here is not None
    return round((here - there) / H)


def test_what_is_covered_has_no_holes() -> None:
    office = Calendar.from_dict(OFFICE)
    found = calendar_report.holes(office, office, now=NOW)
    assert (found.week, found.length, found.extra) == ((), 0 * H, ())


@given(
    st.lists(
        st.sampled_from(["06:00-10:00", "09:00-17:00", "12:00-13:00", "20:00-30:00"]), max_size=3
    ),
    st.lists(
        st.sampled_from(["06:00-10:00", "09:00-17:00", "12:00-13:00", "20:00-30:00"]), max_size=3
    ),
)
def test_holes_and_what_both_cover_are_all_of_it(one: list[str], other: list[str]) -> None:
    first, second = (
        Calendar.from_dict(
            {
                "union": [
                    {"zone": "Europe/Stockholm", "week": {key: [span] for key in WORKING}}
                    for span in ["12:00-12:30", "12:00-12:30", *spans]
                ]
            }
        )
        for spans in (one, other)
    )
    found = calendar_report.holes(first, second, now=NOW)
    begin, end = (
        dt.datetime(2026, 1, 4, 23, tzinfo=dt.UTC) + k * dt.timedelta(weeks=52) for k in (0, 1)
    )
    all_of_it = first.between(begin, end)
    both = first.intersection(second).between(begin, end)
    assert abs(found.length * 52 - (all_of_it - both)) < dt.timedelta(seconds=1)
