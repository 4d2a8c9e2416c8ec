"""Bulk operations equal the scalar ones, element by element."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.oracle import DAY, HOUR_S, SECOND, instant, micros
from tests.engine.random_calendars import FEWER, Case, cases

from tocsin.engine.bulk import NEVER, Bulk
from tocsin.engine.calendar import Calendar

Micros = npt.NDArray[np.int64]
HOUR = HOUR_S * SECOND
END = int(np.iinfo(np.int64).max)
OFFICE: dict[str, Any] = {
    "zone": "Europe/Stockholm",
    "week": {day: ["09:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "exceptions": {"2026-12-24": [], "2026-12-31": ["09:00-12:00"]},
}
# For the questions that look through 400 years.
WEDNESDAYS = {"zone": "Europe/Stockholm", "week": {"wed": ["09:00-12:00"]}}
NEVER_OPEN = {
    "intersection": [
        {"zone": "UTC", "week": {"mon": ["09:00-17:00"]}},
        {"zone": "UTC", "week": {"tue": ["09:00-17:00"]}},
    ]
}


def office() -> Calendar:
    return Calendar.from_dict(OFFICE)


def at(year: int, month: int = 1, day: int = 1, hour: int = 0) -> int:
    return micros(dt.datetime(year, month, day, hour, tzinfo=dt.UTC))


def array(*values: int) -> Micros:
    return np.array(values, dtype=np.int64)


AFTERNOON = at(2026, 1, 9, 13)  # a Friday, 14:00 in Stockholm


def scalar(calendar: Calendar, name: str, left: int, right: int) -> int:
    """Answer by the scalar operation, with NEVER for None and for what no datetime can say."""
    if NEVER in (left, right):
        return NEVER
    try:
        t = instant(left)
        if name == "between":
            return calendar.between(t, instant(right)) // dt.timedelta(microseconds=1)
    except OverflowError:
        return NEVER
    ask: Callable[[dt.datetime, dt.timedelta], dt.datetime | None] = getattr(calendar, name)
    found = ask(t, min(dt.timedelta(microseconds=right), dt.timedelta.max))
    return NEVER if found is None else micros(found)


def assert_equal_to_scalar(calendar: Calendar, name: str, left: Micros, right: Micros) -> None:
    found = getattr(Bulk(calendar), name)(left, right)
    expected = [scalar(calendar, name, int(a), int(b)) for a, b in zip(left, right, strict=True)]
    assert found.dtype == np.int64
    assert found.tolist() == expected


# ------------------------------------------------------------------ the same as one by one


@given(st.data(), cases())
@FEWER
def test_random_calendars(data: st.DataObject, case: Case) -> None:
    instants = data.draw(st.lists(case.instants(), min_size=1, max_size=12))
    starts = [t for t in instants if case.is_soon(t)]
    lengths = [data.draw(case.lengths(t)) for t in starts]
    if starts:
        assert_equal_to_scalar(case.calendar, "add", array(*starts), array(*lengths))
        assert_equal_to_scalar(case.calendar, "subtract", array(*starts), array(*lengths))
    assert_equal_to_scalar(case.calendar, "between", array(*instants), array(*reversed(instants)))
    opens = Bulk(case.calendar).is_open(array(*instants))
    if starts:
        assert opens.tolist() == [case.calendar.is_open(instant(t)) for t in instants]
        found = Bulk(case.calendar).next_open(array(*starts))
        assert found.tolist() == [scalar(case.calendar, "add", t, 0) for t in starts]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["add", "subtract", "between"])
def test_thousands_over_ten_years(name: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    left = random.integers(at(2021), at(2031), 1500)
    right = random.integers(at(2021), at(2031), 1500)
    if name != "between":
        right = random.integers(0, 900 * HOUR, 1500)
        # Whole hours from whole hours end at closings and begin at openings.
        whole = slice(0, 700)
        left[whole] -= left[whole] % HOUR
        right[whole] -= right[whole] % HOUR
        right[::50] = 0
    assert_equal_to_scalar(office(), name, left, right)


@pytest.mark.parametrize("name", ["add", "subtract"])
def test_around_every_edge(name: str) -> None:
    calendar = office()
    edges = [
        micros(edge)
        for pair in calendar.openings(instant(at(2026, 12, 18)), instant(at(2027, 1, 8)))
        for edge in pair
    ]
    starts = [edge + step for edge in edges for step in (-1, 0, 1)]
    lengths = [0, 1, 3 * HOUR - 1, 3 * HOUR, 3 * HOUR + 1, 7 * HOUR, 14 * HOUR]
    left, right = (grid.ravel() for grid in np.meshgrid(array(*starts), array(*lengths)))
    assert_equal_to_scalar(calendar, name, left, right)


def test_openings_that_are_unevenly_spread() -> None:
    # A crowd of short openings in one hour, then one a year: no bucket fits all.
    crowd = [f"10:{m:02d}:00-10:{m:02d}:30" for m in range(60)]
    dates = {f"{year}-06-01": ["09:00-10:00"] for year in range(1960, 2060)}
    data = {"zone": "UTC", "week": {}, "exceptions": dates | {"2026-02-02": crowd}}
    random = np.random.default_rng(7)
    starts = np.concatenate(
        [
            random.integers(at(1990), at(2027), 200),
            random.integers(at(2026, 2, 2), at(2026, 2, 3), 200),
        ]
    )
    for name in ("add", "subtract"):
        assert_equal_to_scalar(
            Calendar.from_dict(data), name, starts, random.integers(0, 20 * HOUR, 400)
        )


# ------------------------------------------------------------------ far, never, and too much


def test_far_instants_first_and_near_ones_after() -> None:
    calendar = Calendar.from_dict(WEDNESDAYS)
    bulk = Bulk(calendar)
    for years in ((9000, 9990), (2026, 2027), (2026, 9990), (1, 2)):
        random = np.random.default_rng(years[0])
        starts = random.integers(at(years[0]), at(years[1]), 12)
        lengths = random.integers(0, 70 * HOUR, 12)
        expected = [
            scalar(calendar, "add", int(t), int(d)) for t, d in zip(starts, lengths, strict=True)
        ]
        assert bulk.add(starts, lengths).tolist() == expected
    assert len(calendar.timeline.table.opens) <= 2_440 * 53


def test_a_calendar_asked_in_bulk_about_the_far_future_stays_small() -> None:
    calendar = Calendar.from_dict(WEDNESDAYS)
    Bulk(calendar).add(array(at(9000)), array(HOUR))
    Bulk(calendar).between(array(at(2026)), array(at(2026, 2)))
    # No more than 400 years, and those until the rules are regular.
    assert len(calendar.timeline.table.opens) <= 420 * 53
    assert calendar.next_open(instant(at(2026))) == instant(at(2026, 1, 7, 8))


def test_none_is_never() -> None:
    calendar = Calendar.from_dict(NEVER_OPEN)
    bulk = Bulk(calendar)
    starts = array(at(2026), at(1950), at(9000))
    assert bulk.add(starts, starts * 0 + HOUR).tolist() == [NEVER] * 3
    assert bulk.next_open(starts).tolist() == [NEVER] * 3
    assert bulk.subtract(starts, starts * 0 + HOUR).tolist() == [NEVER] * 3
    assert bulk.subtract(starts, starts * 0).tolist() == starts.tolist()
    assert bulk.between(starts, starts[::-1]).tolist() == [0, 0, 0]
    assert bulk.is_open(starts).tolist() == [False] * 3


def test_some_are_never_and_the_others_are_not() -> None:
    once = Calendar.from_dict(
        {"zone": "UTC", "week": {}, "exceptions": {"2026-06-01": ["09:00-10:00"]}}
    )
    starts = array(at(2026), at(2027), at(2026, 6, 1, 9), at(2026, 6, 1, 10), at(2026))
    lengths = array(HOUR, HOUR, 0, 0, HOUR + 1)
    assert_equal_to_scalar(once, "add", starts, lengths)
    assert_equal_to_scalar(once, "subtract", starts, lengths)
    assert Bulk(once).add(starts, lengths).tolist() == [
        at(2026, 6, 1, 10),
        NEVER,
        at(2026, 6, 1, 9),
        NEVER,
        NEVER,
    ]


def test_never_in_is_never_out() -> None:
    bulk = Bulk(office())
    t = AFTERNOON
    assert bulk.add(array(NEVER, t), array(HOUR, HOUR)).tolist() == [NEVER, t + HOUR]
    assert bulk.subtract(array(NEVER, t), array(HOUR, HOUR)).tolist() == [NEVER, t - HOUR]
    assert bulk.between(array(NEVER, t, t), array(t, NEVER, t)).tolist() == [NEVER, NEVER, 0]
    assert bulk.between(array(NEVER), array(NEVER)).tolist() == [NEVER]
    assert bulk.next_open(array(NEVER, t)).tolist() == [NEVER, t]
    assert bulk.is_open(array(NEVER, t)).tolist() == [False, True]
    # What an unknown length leads to is unknown, not an error: chains pass NEVER on.
    assert bulk.add(array(t, t), bulk.between(array(NEVER, t), array(t, t))).tolist() == [NEVER, t]
    assert bulk.subtract(array(t, t), array(NEVER, 0)).tolist() == [NEVER, t]
    assert bulk.add(array(NEVER), array(NEVER)).tolist() == [NEVER]


def test_never_is_not_a_time() -> None:
    found = Bulk(Calendar.from_dict(NEVER_OPEN)).next_open(array(at(2026)))
    assert np.isnat(found.view("datetime64[us]")).tolist() == [True]


@pytest.mark.parametrize("name", ["add", "subtract"])
def test_lengths_beyond_all_time(name: str) -> None:
    # Sums that no 64 bits hold must not come out as dates.
    starts = array(at(2026), at(2026), at(2026), at(1), at(9999), at(2026))
    lengths = array(END, END - at(2026), END // 2, END - 1, END, HOUR)
    assert_equal_to_scalar(Calendar.from_dict(WEDNESDAYS), name, starts, lengths)


def test_instants_that_no_datetime_can_say() -> None:
    bulk = Bulk(office())
    outside = array(END, END - 1, NEVER + 1, at(9999, 12, 31, 23) + HOUR, at(1) - 1)
    assert bulk.add(outside[:4], array(HOUR)).tolist()[:2] == [NEVER, NEVER]
    assert bulk.add(outside, array(HOUR))[3] == NEVER
    assert bulk.is_open(outside).tolist() == [False] * 5
    assert bulk.subtract(outside[2:3], array(HOUR)).tolist() == [NEVER]
    together = np.append(outside, AFTERNOON)
    assert bulk.add(together, array(HOUR))[-1] == AFTERNOON + HOUR


def test_what_is_used_up_after_the_last_year_is_never() -> None:
    always = Calendar.from_dict(
        {
            "zone": "UTC",
            "week": {"fri": ["00:00-48:00"], "sun": ["00:00-48:00"], "tue": ["00:00-48:00"]},
        }
    )
    # The year 9999 ends on a Friday.
    starts = array(at(9999, 12, 31, 23), at(9999, 12, 31, 23))
    lengths = array(HOUR - 1, HOUR)
    assert Bulk(always).add(starts, lengths).tolist() == [starts[0] + HOUR - 1, NEVER]
    assert_equal_to_scalar(always, "add", starts, lengths)


def test_between_over_all_the_years_there_are() -> None:
    always = Calendar.from_dict(
        {
            "zone": "UTC",
            "week": {d: ["00:00-24:00"] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        }
    )
    first, last = at(1), at(9999, 12, 31)
    found = Bulk(always).between(array(first, last, at(3000)), array(last, first, first))
    assert found.tolist() == [last - first, first - last, first - at(3000)]


# ------------------------------------------------------------------ shapes


def test_scalars_are_broadcast() -> None:
    bulk = Bulk(office())
    t = AFTERNOON
    starts = array(t, t + 1, t + DAY)
    expected = bulk.add(starts, array(HOUR, HOUR, HOUR)).tolist()
    assert bulk.add(starts, np.int64(HOUR)).tolist() == expected  # type: ignore[arg-type]
    assert bulk.add(starts, array(HOUR)).tolist() == expected
    assert bulk.between(array(t), starts).tolist() == [0, 1, 3 * HOUR]
    assert bulk.subtract(array(t), array(HOUR, HOUR + 1)).tolist() == [t - HOUR, t - 2 * HOUR - 1]
    with pytest.raises(ValueError, match="broadcast"):
        bulk.add(starts, array(1, 2))


def test_two_dimensions() -> None:
    calendar = office()
    bulk = Bulk(calendar)
    random = np.random.default_rng(3)
    starts = random.integers(at(2026), at(2027), (5, 1))
    lengths = random.integers(0, 100 * HOUR, (1, 7))
    for name in ("add", "subtract"):
        found = getattr(bulk, name)(starts, lengths)
        assert found.shape == (5, 7)
        for i in range(5):
            for j in range(7):
                expected = scalar(calendar, name, int(starts[i, 0]), int(lengths[0, j]))
                assert int(found[i, j]) == expected
    assert bulk.is_open(starts).shape == (5, 1)
    assert bulk.between(starts, starts.T).shape == (5, 5)
    assert (bulk.between(starts, starts.T) == -bulk.between(starts.T, starts)).all()


def test_two_dimensions_with_answers_from_beyond_the_table() -> None:
    calendar = Calendar.from_dict(WEDNESDAYS)
    near = at(2026, 1, 7, 8)
    starts = array(near, NEVER, at(9990), near).reshape(2, 2)
    found = Bulk(calendar).add(starts, array(HOUR))
    assert found[0].tolist() == [near + HOUR, NEVER]
    assert found[1].tolist() == [scalar(calendar, "add", at(9990), HOUR), near + HOUR]


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_empty_arrays(shape: tuple[int, ...]) -> None:
    for bulk in (Bulk(office()), Bulk(Calendar.from_dict(NEVER_OPEN))):
        empty = np.zeros(shape, dtype=np.int64)
        for found in (
            bulk.add(empty, empty),
            bulk.subtract(empty, empty),
            bulk.between(empty, empty),
            bulk.next_open(empty),
        ):
            assert found.shape == shape
            assert found.dtype == np.int64
        assert bulk.is_open(empty).shape == shape
        assert bulk.is_open(empty).dtype == np.bool_


def test_single_values_without_dimension() -> None:
    bulk = Bulk(office())
    t = np.array(AFTERNOON)
    assert bulk.add(t, np.array(HOUR)) == AFTERNOON + HOUR
    assert bulk.subtract(t, np.array(HOUR)) == AFTERNOON - HOUR
    assert bulk.between(t, t) == 0
    assert bulk.is_open(t)
    assert bulk.next_open(np.array(NEVER)) == NEVER


def test_other_integers_and_lists_are_taken() -> None:
    bulk = Bulk(office())
    t = AFTERNOON
    assert bulk.add([t, t], [HOUR, 0]).tolist() == [t + HOUR, t]  # type: ignore[arg-type]
    assert bulk.add(array(t), np.array([7], dtype=np.int16)).tolist() == [t + 7]


def test_the_arrays_of_the_caller_stay_as_they_are() -> None:
    bulk = Bulk(Calendar.from_dict(WEDNESDAYS))
    starts, lengths = array(at(2026), NEVER, at(9990)), array(HOUR, 0, HOUR)
    before = starts.tolist(), lengths.tolist()
    for name in ("add", "subtract", "between"):
        getattr(bulk, name)(starts, lengths)
    bulk.is_open(starts)
    assert (starts.tolist(), lengths.tolist()) == before
    starts.flags.writeable = False
    bulk.add(starts, lengths)


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    "wrong",
    [
        np.array([1.0]),
        np.array([True]),
        np.array(["2026-01-09"], dtype="datetime64[us]"),
        np.array([1], dtype="timedelta64[us]"),
        np.array(["2026-01-09"]),
        np.array([dt.datetime(2026, 1, 9, tzinfo=dt.UTC)]),
        np.array([1 + 1j]),
        np.array([1], dtype=np.uint64),
        np.array([]),
    ],
    ids=lambda wrong: str(wrong.dtype),
)
def test_other_types_are_refused(wrong: Any) -> None:
    bulk = Bulk(office())
    right = array(at(2026))
    for ask in (bulk.add, bulk.subtract, bulk.between):
        with pytest.raises(ValueError, match="expected int64 microseconds, got an array of"):
            ask(wrong, right)
        with pytest.raises(ValueError, match="expected int64 microseconds, got an array of"):
            ask(right, wrong)
    for question in (bulk.next_open, bulk.is_open):
        with pytest.raises(ValueError, match="expected int64 microseconds, got an array of"):
            question(wrong)


@pytest.mark.parametrize("length", [-1, -HOUR, NEVER + 1])
def test_negative_lengths_are_refused(length: int) -> None:
    bulk = Bulk(office())
    for ask in (bulk.add, bulk.subtract):
        with pytest.raises(ValueError, match="must not be negative"):
            ask(array(at(2026), at(2026)), array(HOUR, length))
