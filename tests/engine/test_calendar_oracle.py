"""The engine against the slow second implementation, on random and on the hardest calendars."""

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.oracle import DAY, REACH, SECOND, Oracle, instant, micros
from tests.engine.random_calendars import (
    FEWER,
    HARD_DATES,
    WINDOW,
    Case,
    cases,
    pairs_of_cases,
    second_of,
)

from tocsin.engine.calendar import Calendar


def at(found: dt.datetime | None) -> int | None:
    assert found is None or found.tzinfo is dt.UTC
    return None if found is None else micros(found)


def length(micros_: int) -> dt.timedelta:
    return dt.timedelta(microseconds=micros_)


def agree(found: int | None, expected: int | None, t: int) -> None:
    """The oracle gives up after some years; from there on the engine may know more."""
    if expected is None:
        assert found is None or abs(found - t) >= REACH
    else:
        assert found == expected


@given(st.data(), cases())
def test_openings(data: st.DataObject, case: Case) -> None:
    a, b = case.around - WINDOW, case.around + WINDOW
    if data.draw(st.booleans()):
        # Cut off anywhere, to the microsecond.
        a, b = sorted([data.draw(case.instants()), data.draw(case.instants())])
    found = case.calendar.openings(instant(a), instant(b))
    assert [(at(opens), at(closes)) for opens, closes in found] == case.oracle.openings(a, b)


@given(st.data(), cases())
def test_add(data: st.DataObject, case: Case) -> None:
    for _ in range(3):
        t = data.draw(case.instants())
        if not case.is_soon(t):
            continue
        d = data.draw(case.lengths(t))
        agree(at(case.calendar.add(instant(t), length(d))), case.oracle.add(t, d), t)


@given(st.data(), cases())
def test_subtract(data: st.DataObject, case: Case) -> None:
    for _ in range(3):
        t = data.draw(case.instants())
        if not case.is_soon(t):
            continue
        d = data.draw(case.lengths(t))
        agree(at(case.calendar.subtract(instant(t), length(d))), case.oracle.subtract(t, d), t)


@given(st.data(), cases())
def test_between(data: st.DataObject, case: Case) -> None:
    for _ in range(3):
        a, b = data.draw(case.instants()), data.draw(case.instants())
        assert case.calendar.between(instant(a), instant(b)) == length(case.oracle.between(a, b))


@given(st.data(), cases())
def test_next_open_and_is_open(data: st.DataObject, case: Case) -> None:
    for _ in range(3):
        t = data.draw(case.instants())
        assert case.calendar.is_open(instant(t)) is case.oracle.is_open(t)
        if case.is_soon(t):
            agree(at(case.calendar.next_open(instant(t))), case.oracle.add(t, 0), t)


@given(st.data(), pairs_of_cases())
@FEWER
def test_union_and_intersection_are_taken_of_calendars(
    data: st.DataObject, pair: tuple[Case, Case]
) -> None:
    one, other = pair
    a, b = one.around - WINDOW, one.around + WINDOW
    for how, made in (
        ("union", one.calendar.union(other.calendar)),
        ("intersection", one.calendar.intersection(other.calendar)),
    ):
        oracle = Oracle({how: [one.data, other.data]})
        found = made.openings(instant(a), instant(b))
        assert [(at(opens), at(closes)) for opens, closes in found] == oracle.openings(a, b)
        assert made == Calendar.from_dict({how: [one.data, other.data]})
        t = data.draw(one.instants())
        most = oracle.between(t, t + 2 * WINDOW)
        if most:
            d = data.draw(st.integers(0, most))
            agree(at(made.add(instant(t), length(d))), oracle.add(t, d), t)


@given(st.data(), cases())
def test_the_zone_in_which_an_instant_is_written_does_not_matter(
    data: st.DataObject, case: Case
) -> None:
    t = data.draw(case.instants())
    utc = instant(t)
    elsewhere = utc.astimezone(dt.timezone(dt.timedelta(hours=-7, minutes=-30)))
    assert case.calendar.is_open(elsewhere) is case.calendar.is_open(utc)
    if case.is_soon(t):
        d = length(data.draw(case.lengths(t)))
        assert case.calendar.add(elsewhere, d) == case.calendar.add(utc, d)
        assert case.calendar.subtract(elsewhere, d) == case.calendar.subtract(utc, d)


@given(st.data(), cases())
@FEWER
def test_what_was_asked_before_does_not_matter(data: st.DataObject, case: Case) -> None:
    # The table grows in both directions as it is asked; a fresh calendar grows otherwise.
    far = [case.around + days * DAY for days in (-800, 0, 400)]
    for t in data.draw(st.permutations(far)):
        fresh = Calendar.from_dict(case.data)
        back = case.calendar.between(instant(case.around), instant(t))
        assert back == fresh.between(instant(case.around), instant(t))
        assert case.calendar.is_open(instant(t)) is fresh.is_open(instant(t))
        if case.is_soon(t):
            d = length(data.draw(case.lengths(t)))
            assert case.calendar.add(instant(t), d) == fresh.add(instant(t), d)
            assert case.calendar.subtract(instant(t), d) == fresh.subtract(instant(t), d)


# Spans that open and close inside the usual gaps and overlaps, reach into the next dates, touch
# and overlap their neighbours.
NASTY_WEEK = {
    "mon": ["00:00-00:30", "01:15-02:15", "02:30-02:45", "09:00-12:00", "12:00-17:00"],
    "tue": ["02:30-03:30", "22:00-30:00"],
    "wed": ["05:00-06:30", "23:30-48:00"],
    "thu": ["00:00-23:00"],  # within Wednesday's
    "fri": ["01:45-02:30", "23:00-25:30", "26:30-27:00"],
    "sat": ["00:30-01:30", "02:00-03:00", "24:00-26:15", "47:00-48:00"],
    "sun": ["00:15-01:00", "01:00-02:30", "02:45-03:15", "23:45-24:15"],
}


@pytest.mark.parametrize(("zone", "date"), HARD_DATES)
def test_hard_dates(zone: str, date: str) -> None:
    # Turned by days, so that each day's spans meet the hard date.
    names = list(NASTY_WEEK)
    for turn in range(7):
        week = {name: NASTY_WEEK[names[(k + turn) % 7]] for k, name in enumerate(names)}
        data = {"zone": zone, "week": week}
        calendar, oracle = Calendar.from_dict(data), Oracle(data)
        around = second_of(date) * SECOND
        a, b = around - 6 * DAY, around + 6 * DAY
        found = calendar.openings(instant(a), instant(b))
        assert [(at(opens), at(closes)) for opens, closes in found] == oracle.openings(a, b)
        choose = random.Random(f"{zone} {date} {turn}")
        for _ in range(4):
            t, d = choose.randrange(a, b), choose.randrange(4 * DAY)
            assert at(calendar.add(instant(t), length(d))) == oracle.add(t, d)
            assert at(calendar.subtract(instant(t), length(d))) == oracle.subtract(t, d)
            assert calendar.between(instant(t), instant(t + d)) == length(oracle.between(t, t + d))


@pytest.mark.parametrize(
    ("zone", "date"),
    [
        ("Pacific/Apia", "2011-12-30"),
        ("Pacific/Fakaofo", "2011-12-30"),
        ("Pacific/Kwajalein", "1993-08-21"),
        ("Pacific/Kiritimati", "1994-12-31"),
        ("Asia/Manila", "1844-12-31"),
    ],
)
def test_a_date_that_a_zone_skipped_has_no_spans(zone: str, date: str) -> None:
    # Neither by the week nor by an exception; and the date before still runs into the gap.
    day = dt.date.fromisoformat(date)
    around = second_of(date) * SECOND
    week = {day.strftime("%a").lower(): ["00:00-48:00"]}
    never = Calendar.from_dict({"zone": zone, "week": week, "exceptions": {date: ["08:00-16:00"]}})
    assert never.between(instant(around - 3 * DAY), instant(around + 4 * DAY)) == dt.timedelta(0)
    assert never.closings_on(day) == []
    before = (day - dt.timedelta(days=1)).isoformat()
    night = Calendar.from_dict(
        {"zone": zone, "week": week, "exceptions": {before: ["22:00-30:00"]}}
    )
    assert night.between(instant(around - 3 * DAY), instant(around + 4 * DAY)) == dt.timedelta(
        hours=2
    )
