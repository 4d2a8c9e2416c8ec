"""The laws of open time, on random calendars around hard dates."""

import datetime as dt

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.engine.oracle import DAY, SECOND, instant
from tests.engine.random_calendars import (
    FEWER,
    Case,
    Data,
    Moment,
    calendars,
    cases,
    pairs_of_cases,
    second_of,
)

from tocsin.engine.calendar import Calendar

WEEK = dt.timedelta(weeks=1)
NOTHING = dt.timedelta(0)
MICROSECOND = dt.timedelta(microseconds=1)


def length(micros: int) -> dt.timedelta:
    return dt.timedelta(microseconds=micros)


def some_open(found: dt.datetime | None) -> dt.datetime:
    """Leave out what the law does not speak of: no such instant."""
    assume(found is not None)
    assert found is not None
    return found


def draw_start(data: st.DataObject, case: Case) -> dt.datetime:
    t = data.draw(case.instants())
    assume(case.is_soon(t))
    return instant(t)


def draw_length(data: st.DataObject, case: Case, start: dt.datetime) -> dt.timedelta:
    return length(data.draw(case.lengths((start - instant(0)) // MICROSECOND)))


@given(st.data(), cases())
def test_what_was_added_is_between_and_at_no_earlier_instant(
    data: st.DataObject, case: Case
) -> None:
    a = draw_start(data, case)
    d = draw_length(data, case, a)
    due = some_open(case.calendar.add(a, d))
    assert due >= a
    assert case.calendar.between(a, due) == d
    if d:
        assert case.calendar.between(a, due - MICROSECOND) < d
    else:
        assert case.calendar.is_open(due)


@given(st.data(), cases())
def test_what_was_subtracted_is_between_and_from_no_later_instant(
    data: st.DataObject, case: Case
) -> None:
    e = draw_start(data, case)
    d = draw_length(data, case, e)
    start = some_open(case.calendar.subtract(e, d))
    assert start <= e
    assert case.calendar.between(start, e) == d
    if d:
        assert case.calendar.is_open(start)
        assert case.calendar.between(start + MICROSECOND, e) < d
    else:
        assert start == e


@given(st.data(), cases())
def test_lengths_add_up(data: st.DataObject, case: Case) -> None:
    a = draw_start(data, case)
    d1 = draw_length(data, case, a)
    middle = some_open(case.calendar.add(a, d1))
    assume(case.is_soon((middle - instant(0)) // MICROSECOND))
    d2 = max(draw_length(data, case, middle), MICROSECOND)
    assert case.calendar.add(middle, d2) == case.calendar.add(a, d1 + d2)


@given(st.data(), cases())
def test_subtracting_what_was_added_comes_back_no_earlier(data: st.DataObject, case: Case) -> None:
    a = draw_start(data, case)
    d = draw_length(data, case, a)
    back = some_open(case.calendar.subtract(some_open(case.calendar.add(a, d)), d))
    assert back >= a
    # Between the two nothing was open, or the amount would not fit.
    assert case.calendar.between(a, back) == NOTHING


@given(st.data(), cases())
def test_between_adds_up_and_is_signed(data: st.DataObject, case: Case) -> None:
    a, b, c = (instant(data.draw(case.instants())) for _ in range(3))
    between = case.calendar.between
    assert between(a, b) + between(b, c) == between(a, c)
    assert between(b, a) == -between(a, b)
    assert between(a, a) == NOTHING
    assert abs(between(a, b)) <= abs(b - a)


@given(st.data(), cases())
def test_a_later_start_or_a_longer_target_is_never_due_earlier(
    data: st.DataObject, case: Case
) -> None:
    add, subtract = case.calendar.add, case.calendar.subtract
    a, later = sorted([draw_start(data, case), draw_start(data, case)])
    d, longer = sorted([draw_length(data, case, a), draw_length(data, case, later)])
    assert some_open(add(a, d)) <= some_open(add(later, d))
    assert some_open(subtract(a, d)) <= some_open(subtract(later, d))
    # A length of zero waits for the next opening, which one that ends at a closing does not.
    if d:
        assert some_open(add(a, d)) <= some_open(add(a, longer))
    assert some_open(subtract(later, d)) >= some_open(subtract(later, longer))


@given(st.data(), cases())
def test_next_open_is_open_and_nothing_was_before(data: st.DataObject, case: Case) -> None:
    a = draw_start(data, case)
    first = some_open(case.calendar.next_open(a))
    assert case.calendar.is_open(first)
    assert case.calendar.between(a, first) == NOTHING
    assert case.calendar.next_open(first) == first
    assert case.calendar.is_open(a) is (first == a)


@given(st.data(), cases())
def test_openings_are_apart_in_order_and_add_up(data: st.DataObject, case: Case) -> None:
    a, b = sorted(instant(data.draw(case.instants())) for _ in range(2))
    openings = case.calendar.openings(a, b)
    edges = [edge for pair in openings for edge in pair]
    assert edges == sorted(set(edges))
    assert sum((closes - opens for opens, closes in openings), NOTHING) == case.calendar.between(
        a, b
    )
    for opens, closes in openings:
        assert case.calendar.is_open(opens)
        assert case.calendar.is_open(closes - MICROSECOND)
        assert closes == b or not case.calendar.is_open(closes)


@given(st.data(), pairs_of_cases())
@FEWER
def test_union_and_intersection_share_the_time_out(
    data: st.DataObject, pair: tuple[Case, Case]
) -> None:
    # No second is lost or counted twice: what is in both is in the union once.
    one, other = pair
    a, b = (instant(data.draw(one.instants())) for _ in range(2))
    either, both = one.calendar.union(other.calendar), one.calendar.intersection(other.calendar)
    assert either.between(a, b) + both.between(a, b) == one.calendar.between(
        a, b
    ) + other.calendar.between(a, b)
    for t in (a, b):
        opens = [one.calendar.is_open(t), other.calendar.is_open(t)]
        assert either.is_open(t) is any(opens)
        assert both.is_open(t) is all(opens)


@given(st.data(), cases())
@FEWER
def test_union_and_intersection_with_itself_change_nothing(data: st.DataObject, case: Case) -> None:
    a, b = (instant(data.draw(case.instants())) for _ in range(2))
    for made in (case.calendar.union(case.calendar), case.calendar.intersection(case.calendar)):
        assert made.between(a, b) == case.calendar.between(a, b)


@st.composite
def steady_calendars(draw: st.DrawFn) -> Data:
    """Calendars without exceptions in zones whose offset stays since 1970."""
    zone = st.sampled_from(["UTC", "Asia/Kolkata", "America/Phoenix", "Etc/GMT+12", "Etc/GMT-14"])
    moment = Moment("UTC", 0)

    def steady(data: Data) -> Data:
        if "week" in data:
            return {"zone": draw(zone), "week": data["week"]}
        return {how: [steady(part) for part in parts] for how, parts in data.items()}

    return steady(draw(calendars(moment)))


@given(
    steady_calendars(),
    st.integers(second_of("1971-01-01") * SECOND, second_of("2300-01-01") * SECOND),
    st.integers(0, 9 * DAY),
    st.integers(0, 1_000),
)
@FEWER
def test_a_shift_by_weeks_shifts_everything_by_weeks(
    data: Data, at: int, micros: int, weeks: int
) -> None:
    calendar = Calendar.from_dict(data)
    a, b = instant(at), instant(at + micros)
    shift = weeks * WEEK
    assume(calendar.between(a, a + WEEK) > NOTHING)
    d = 2 * calendar.between(a, b)
    assert calendar.add(a + shift, d) == some_open(calendar.add(a, d)) + shift
    assert calendar.subtract(b + shift, d) == some_open(calendar.subtract(b, d)) + shift
    assert calendar.between(a + shift, b + shift) == calendar.between(a, b)
    assert calendar.is_open(a + shift) is calendar.is_open(a)
