"""Open time compiled: sorted openings with cumulative open time.

Every question is one or two binary searches at any horizon. The table grows on demand, and beyond
the last exception and irregular change of offset it repeats with the 400 years of the Gregorian
calendar, so that no question ever needs more than that.

Positions are timedeltas since `EPOCH`: they compare and add as fast as plain integers, keep every
microsecond, and need no conversion from and to the datetimes of the callers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import timedelta
from itertools import accumulate
from typing import NamedTuple

from tocsin.engine.instant import MICROSECOND, position

YEAR = timedelta(days=366)
CYCLE = timedelta(days=146_097)  # 400 Gregorian years: whole weeks, so weekdays and rules repeat
EARLIEST = timedelta(days=-719_162)  # 0001-01-01
LATEST = timedelta(days=2_932_897)  # 10000-01-01
NOTHING = timedelta(0)
FOREVER = LATEST - EARLIEST + MICROSECOND  # longer than any two instants are apart

Pairs = list[tuple[int, int]]


class Table(NamedTuple):
    """What is compiled so far: openings within ``[lo, hi)``, never changed once made.

    `used[k]` is the open time from `lo` to `closes[k]`.
    """

    lo: timedelta
    hi: timedelta
    opens: list[timedelta]
    closes: list[timedelta]
    used: list[timedelta]

    @classmethod
    def of(cls, lo: timedelta, hi: timedelta, pairs: list[tuple[timedelta, timedelta]]) -> "Table":
        """Compile merged pairs that lie within ``[lo, hi)``."""
        opens = [pair[0] for pair in pairs]
        closes = [pair[1] for pair in pairs]
        return cls(lo, hi, opens, closes, list(accumulate(c - o for o, c in pairs)))

    def before(self, t: timedelta) -> timedelta:
        """Return the open time from `lo` to `t`."""
        k = bisect_right(self.opens, t) - 1
        if k < 0:
            return NOTHING
        left = self.closes[k] - t
        return self.used[k] - left if left > NOTHING else self.used[k]


class Timeline:
    """Open time between positions, compiled lazily from `openings(lo, hi)` (UTC microseconds).

    Safe to share between threads: a table is replaced whole, so two threads can at worst compile
    the same years twice. `None` means that no such instant exists.
    """

    __slots__ = ("_limit", "_openings", "_regular_from", "table")

    def __init__(self, openings: Callable[[int, int], Pairs], regular_from: int) -> None:
        self._openings = openings
        self._regular_from = min(max(position(regular_from), EARLIEST), LATEST)
        # The table never grows past one whole cycle of regular time.
        self._limit = self._regular_from + CYCLE
        self.table = Table(NOTHING, NOTHING, [], [], [])

    def add(self, t: timedelta, length: timedelta) -> timedelta | None:
        """Return the earliest instant at which `length` of open time after `t` is used up.

        For a length of zero: the first open instant at or after `t`.
        """
        if t >= self._limit:
            rounds = (t - self._regular_from) // CYCLE
            found = self.add(t - rounds * CYCLE, length)
            return None if found is None else found + rounds * CYCLE
        table = self.cover(t, t)
        length = min(length, FOREVER)
        # With no length to use up, the instant before the first used microsecond is wanted.
        wanted = length or MICROSECOND
        while True:
            target = table.before(t) + wanted
            k = bisect_left(table.used, target)
            if k < len(table.used):
                break
            if table.hi >= self._limit:
                return self._add_folded(t, length)
            table = self.cover(t, min(2 * table.hi - table.lo, self._limit) - MICROSECOND)
        return table.closes[k] - table.used[k] + target - (wanted - length)

    def _add_folded(self, t: timedelta, length: timedelta) -> timedelta | None:
        """Answer `add` past the limit: whole cycles are counted, the rest looked up."""
        table = self.cover(min(t, self._regular_from), self._limit - MICROSECOND)
        start = table.before(self._regular_from)
        cycle = table.before(self._limit) - start
        if not cycle:
            return None
        wanted = length or MICROSECOND
        rounds, rest = divmod(table.before(t) - start + wanted - MICROSECOND, cycle)
        if rounds > FOREVER // CYCLE:
            return None
        target = start + rest + MICROSECOND
        k = bisect_left(table.used, target)
        return table.closes[k] - table.used[k] + target - (wanted - length) + rounds * CYCLE

    def subtract(self, t: timedelta, length: timedelta) -> timedelta | None:
        """Return the latest instant from which `length` of open time fits before `t`."""
        if not length:
            return t
        length = min(length, FOREVER)
        if t > self._limit:
            return self._subtract_folded(t, length)
        last = t - MICROSECOND
        table = self.cover(last, last)
        while (target := table.before(t) - length) < NOTHING:
            if table.lo <= EARLIEST:
                return None
            table = self.cover(max(2 * table.lo - table.hi, EARLIEST), last)
        k = bisect_right(table.used, target)
        return table.closes[k] - table.used[k] + target

    def _subtract_folded(self, t: timedelta, length: timedelta) -> timedelta | None:
        """Answer `subtract` for an end past the limit: whole cycles first, then the table."""
        target = self._since_start(t) - length
        if target < NOTHING:
            return self.subtract(self._regular_from, -target)
        cycle = self._since_start(self._limit)
        rounds, rest = divmod(target, cycle)
        found = self.subtract(self._limit, cycle - rest)
        return None if found is None else found + rounds * CYCLE

    def between(self, a: timedelta, b: timedelta) -> timedelta:
        """Return the open time from `a` to `b`; negative when `b` is earlier."""
        table = self.table
        if not (table.lo <= a <= table.hi and table.lo <= b <= table.hi):
            if max(a, b) > self._limit:
                return self._since_start(b) - self._since_start(a)
            table = self.cover(min(a, b), max(a, b) - MICROSECOND)
        return table.before(b) - table.before(a)

    def _since_start(self, t: timedelta) -> timedelta:
        """Return the open time from `_regular_from` to `t`, whole cycles counted."""
        rounds = max(0, (t - self._regular_from) // CYCLE)
        table = self.cover(min(t, self._regular_from), self._limit - MICROSECOND)
        start = table.before(self._regular_from)
        cycle = table.before(self._limit) - start
        return rounds * cycle + table.before(t - rounds * CYCLE) - start

    def is_open(self, t: timedelta) -> bool:
        """Say whether `t` lies in an opening (half-open: a closing instant is closed)."""
        if t >= self._limit:
            t -= (t - self._regular_from) // CYCLE * CYCLE
        table = self.cover(t, t)
        k = bisect_right(table.opens, t) - 1
        return k >= 0 and t < table.closes[k]

    def cover(self, a: timedelta, b: timedelta) -> Table:
        """Return a table that covers the positions `a` to `b`, compiling what is missing."""
        table = self.table
        if table.lo <= a and b < table.hi:
            return table
        # From the limit on nothing is compiled, since it repeats.
        a, b = min(a, self._limit - MICROSECOND), min(b, self._limit - MICROSECOND)
        if table.hi == table.lo:
            lo, hi = max(a - YEAR, EARLIEST), min(max(a, b) + YEAR, self._limit)
            table = Table.of(lo, hi, self._compiled(lo, hi))
        elif a < table.lo or table.hi <= b:
            lo = table.lo if a >= table.lo else max(a - YEAR, EARLIEST)
            hi = table.hi if b < table.hi else min(b + YEAR, self._limit)
            known = list(zip(table.opens, table.closes, strict=True))
            earlier, later = self._compiled(lo, table.lo), self._compiled(table.hi, hi)
            table = Table.of(lo, hi, earlier + known + later)
        # Answered from what was made here: another thread may put its own in place meanwhile.
        self.table = table
        return table

    def _compiled(self, lo: timedelta, hi: timedelta) -> list[tuple[timedelta, timedelta]]:
        if lo >= hi:
            return []
        pairs = self._openings(lo // MICROSECOND, hi // MICROSECOND)
        return [(position(opens), position(closes)) for opens, closes in pairs]
