"""Calendar operations on whole arrays: reports, forecasts and what-if over millions of clocks.

Instants are int64 UTC microseconds since 1970, lengths int64 microseconds. `NEVER` stands where a
scalar operation gives None, in arguments too (viewed as ``datetime64[us]`` it is NaT). Results
equal those of `Calendar`, element by element.
"""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from tocsin.engine.calendar import Calendar
from tocsin.engine.instant import MICROSECOND, position
from tocsin.engine.timeline import EARLIEST, FOREVER, LATEST, Table

Micros = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Question = Callable[[timedelta, timedelta], timedelta | None]

NEVER = int(np.iinfo(np.int64).min)
_END = int(np.iinfo(np.int64).max)
_FIRST, _LAST = EARLIEST // MICROSECOND, LATEST // MICROSECOND - 1
_LONGEST = FOREVER // MICROSECOND
# A bucket with more values than this is searched slower than by bisection.
_CROWDED = 6


class _Sorted:
    """A sorted array that finds places for many values at once.

    Equal buckets lead to within a few steps of each place; for random values that is five times
    as fast as bisection, whose every step misses the cache or the branch.
    """

    def __init__(self, values: Micros) -> None:
        self.values = values
        self._padded = np.append(values, _END)
        count = 2 * len(values) + 1
        self._start = int(values[0]) if len(values) else 0
        span = int(values[-1]) - self._start if len(values) else 0
        self._width = span // count + 1
        edges = self._start + self._width * np.arange(count + 1, dtype=np.int64)
        self._first = np.searchsorted(values, edges, "left")
        self._crowd = int(np.diff(self._first).max(initial=0))

    def places(self, wanted: Micros, *, right: bool) -> Micros:
        """Return how many values lie before each wanted one (`right`: or equal it)."""
        if self._crowd > _CROWDED or not len(self.values):
            return np.searchsorted(self.values, wanted, "right" if right else "left")
        bucket = (wanted - self._start) // self._width
        k: Micros = self._first[np.clip(bucket, 0, len(self._first) - 1)]
        before = np.less_equal if right else np.less
        while (step := before(self._padded[k], wanted)).any():
            k = k + step
        return k


class Bulk:
    """The operations of one calendar over arrays of one shape (scalars are broadcast)."""

    def __init__(self, calendar: Calendar) -> None:
        self._timeline = calendar.timeline
        self._table: Table | None = None

    def add(self, starts: Micros, lengths: Micros) -> Micros:
        """Return `Calendar.add` of each pair; ValueError when a length is negative."""
        t, d, known = _instants_and_lengths(starts, lengths)
        self._grow(t[known], d, self._timeline.add, ahead=True)
        k = self._closes.places(t, right=True)
        inside = known & (k < self._count) & (t >= self._lo) & (t < self._hi)
        k = np.where(inside, k, 0)
        begin = np.maximum(t, self._opens[k])
        target = begin - self._spent[k] + d
        j = self._used.places(target, right=False)
        inside = inside & (j < self._count)
        due = np.where(d == 0, begin, target + self._spent[np.where(inside, j, 0)])
        return _filled(due, inside, known, _instant(self._timeline.add), t, d)

    def subtract(self, ends: Micros, lengths: Micros) -> Micros:
        """Return `Calendar.subtract` of each pair; ValueError when a length is negative."""
        t, d, known = _instants_and_lengths(ends, lengths)
        self._grow(t[known], d, self._timeline.subtract, ahead=False)
        target = self._before(t) - d
        k = self._used.places(target, right=True)
        inside = known & (target >= 0) & (k < self._count) & (t >= self._lo) & (t < self._hi)
        begin = np.where(d == 0, t, target + self._spent[np.where(inside, k, 0)])
        return _filled(begin, inside, known, _instant(self._timeline.subtract), t, d)

    def between(self, a: Micros, b: Micros) -> Micros:
        """Return `Calendar.between` of each pair: open microseconds, negative when b < a."""
        given = _broadcast(a, b)
        a, b = (np.clip(instants, _FIRST, _LAST) for instants in given)
        known = (a == given[0]) & (b == given[1])
        both = np.concatenate([a[known], b[known]])
        self._grow(both, np.zeros_like(both), self._timeline.add, ahead=True)
        inside = known & (np.minimum(a, b) >= self._lo) & (np.maximum(a, b) < self._hi)
        open_time = self._before(b) - self._before(a)
        return _filled(open_time, inside, known, self._timeline.between, a, b)

    def next_open(self, t: Micros) -> Micros:
        """Return `Calendar.next_open` of each instant."""
        return self.add(t, np.zeros_like(t))

    def is_open(self, t: Micros) -> Flags:
        """Return `Calendar.is_open` of each instant."""
        found = self.next_open(t)
        flags: Flags = (found == np.asarray(t)) & (found != NEVER)
        return flags

    def _before(self, t: Micros) -> Micros:
        """Return the open time from the start of the table to each instant."""
        k = self._closes.places(t, right=True)
        last = np.minimum(k, self._count - 1)
        spent = np.maximum(t, self._opens[last]) - self._spent[last]
        return np.where(k >= self._count, self._total, spent)

    def _grow(self, t: Micros, d: Micros, ask: Question, *, ahead: bool) -> None:
        """Have the timeline compile what the furthest question needs, and load its table."""
        if t.size:
            first, last = position(int(t.min())), position(int(t.max()))
            self._timeline.cover(first, last)
            ask(last if ahead else first, position(int(d.max(initial=0))))
        table = self._timeline.table
        if table is self._table:
            return
        self._table = table
        self._lo, self._hi = table.lo // MICROSECOND, table.hi // MICROSECOND
        # An opening that never comes keeps the arrays of an empty calendar from being empty.
        opens, closes, used = (
            np.array(column or [LATEST], "timedelta64[us]").astype(np.int64)
            for column in (table.opens, table.closes, table.used)
        )
        self._count = len(table.used)
        self._total = int(used[-1]) if self._count else 0
        self._opens = opens
        self._spent = closes - used
        self._closes, self._used = _Sorted(closes), _Sorted(used)


def _broadcast(left: Micros, right: Micros) -> tuple[Micros, Micros]:
    arrays = [np.asarray(value) for value in (left, right)]
    for array in arrays:
        # Not np.integer: numpy counts lengths with a unit of their own (timedelta64) as that, too.
        if array.dtype.kind != "i":
            raise ValueError(f"expected int64 microseconds, got an array of {array.dtype}")
    a, b = np.broadcast_arrays(*(array.astype(np.int64, copy=False) for array in arrays))
    return a, b


def _instants_and_lengths(left: Micros, right: Micros) -> tuple[Micros, Micros, Flags]:
    """Return both, cut to what 64 bits can add up, and which of them name an instant and length."""
    t, d = _broadcast(left, right)
    if d.size and bool(((d < 0) & (d != NEVER)).any()):
        raise ValueError("a length must not be negative")
    instants, lengths = np.clip(t, _FIRST, _LAST), np.clip(d, 0, _LONGEST)
    return instants, lengths, (t == instants) & (d != NEVER)


def _filled(found: Micros, inside: Flags, known: Flags, ask: Question, *given: Micros) -> Micros:
    """Answer one by one what lies outside the compiled table; the unknown stays unknown."""
    filled = np.where(inside, found, NEVER)
    for place in np.argwhere(known & ~inside):
        index = tuple(place)
        left, right = (position(int(array[index])) for array in given)
        answer = ask(left, right)
        filled[index] = NEVER if answer is None else answer // MICROSECOND
    return filled


def _instant(ask: Question) -> Question:
    """Return the same question with None for an answer past the year 9999."""

    def asked(t: timedelta, d: timedelta) -> timedelta | None:
        found = ask(t, d)
        return None if found is None or found >= LATEST else found

    return asked
