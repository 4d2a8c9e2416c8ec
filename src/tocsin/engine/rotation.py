"""Rotations: a layer of an on-call schedule, and whose turn it is.

Turns change hands at local wall time, in summer as in winter: a weekly turn that ends on a change
of offset is an hour longer or shorter. A hand-over that falls in a gap happens at the first instant
after it, one whose time comes twice at the first of the two.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tocsin.engine.calendar import Calendar
from tocsin.engine.hours import SECOND, Hours, Pairs, day_number
from tocsin.engine.span import HOUR_S, intersect, merge
from tocsin.engine.zone import DAY_S, Zone

_WEEK_S = 7 * DAY_S


class Every(StrEnum):
    """What the length of a turn counts."""

    HOURS = "hours"
    DAY = "day"
    WEEK = "week"


UNIT_S = {Every.HOURS: HOUR_S, Every.DAY: DAY_S, Every.WEEK: _WEEK_S}


class OnDays(StrEnum):
    """What a layer does on the closed days of a calendar."""

    SKIP = "skip"  # it is silent on them
    ONLY = "only"  # it is silent on all others


@dataclass(frozen=True, slots=True)
class Days:
    """The closed days of a calendar, as days since 1970, and what a layer does on them."""

    calendar: str
    how: OnDays
    dates: frozenset[int]


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of one turn, in UTC seconds; `since` is where the turn itself begins."""

    begins: int
    ends: int
    people: tuple[int, ...]
    since: int


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns in one zone, from a date on, all the time or in weekly windows only.

    A turn lasts `length` hours, days or weeks; `hand_over` is the local second of the day at which
    it goes on, `weekday` (Monday is 0) the day of weekly ones. Several people can share a turn. A
    layer `beside` the others adds its people to theirs, any other takes their place.
    """

    name: str
    zone: Zone
    turns: tuple[tuple[int, ...], ...]
    every: Every
    begins: dt.date
    length: int = 1
    hand_over: int = 0
    weekday: int = 0
    only: Hours | None = None
    days: Days | None = None
    beside: bool = False

    def at(self, second: int) -> tuple[int, ...]:
        """Return who is on call at a UTC second by this layer alone."""
        for turn in self.stretches(second, second + 1):
            return turn.people
        return ()

    def stretches(self, lo: int, hi: int) -> Iterator[Turn]:
        """Yield the turns within ``[lo, hi)`` of UTC seconds, cut to the windows of the layer."""
        for begins, ends in self._active(lo, hi):
            k = self._turn(begins)
            since = self._starts(k)
            while since < ends:
                until = self._starts(k + 1)
                # A turn that would lie in a gap altogether does not happen.
                if max(since, begins) < until:
                    people = self.turns[k % len(self.turns)]
                    yield Turn(max(since, begins), min(until, ends), people, since)
                k, since = k + 1, until

    @property
    def _period(self) -> int:
        return self.length * UNIT_S[self.every]

    @property
    def _first(self) -> int:
        """The local second at which the layer begins."""
        return day_number(self.begins) * DAY_S + self.hand_over

    def _starts(self, k: int) -> int:
        """Return the UTC second at which turn `k` begins."""
        anchor = self._first
        if self.every is Every.WEEK:
            # A layer that begins on another day begins with the rest of a turn.
            anchor -= (self.begins.weekday() - self.weekday) % 7 * DAY_S
        return self.zone.first(anchor + k * self._period)

    def _turn(self, second: int) -> int:
        """Return which turn runs at a UTC second."""
        local = second + self.zone.offset_at(second)
        k = (local - self._first) // self._period
        # Near a change of offset, or in a first turn that is not whole, the guess may be off.
        while self._starts(k + 1) <= second:
            k += 1
        while self._starts(k) > second:
            k -= 1
        return k

    def _active(self, lo: int, hi: int) -> Pairs:
        pairs = [(max(lo, self.zone.first(self._first)), hi)]
        pairs = merge(pairs)
        if pairs and self.only is not None:
            opened = self.only.openings(lo * SECOND, hi * SECOND)
            pairs = intersect(pairs, [(o // SECOND, c // SECOND) for o, c in opened])
        if pairs and self.days is not None:
            named = self._dates(lo, hi)
            if self.days.how is OnDays.SKIP:
                named = without([(lo, hi)], named)
            pairs = intersect(pairs, named)
        return pairs

    def _dates(self, lo: int, hi: int) -> Pairs:
        """Return where the days of the calendar fall, each from midnight to midnight."""
        assert self.days is not None
        first, last = lo // DAY_S - 2, hi // DAY_S + 2
        if len(self.days.dates) < last - first:
            found: Collection[int] = [day for day in self.days.dates if first <= day <= last]
        else:
            found = [day for day in range(first, last + 1) if day in self.days.dates]
        zone = self.zone
        return merge((zone.first(day * DAY_S), zone.first((day + 1) * DAY_S)) for day in found)


def without(pairs: Pairs, taken: Pairs) -> Pairs:
    """Return what of merged pairs is left when others are taken away."""
    found: Pairs = []
    ends = [pair[1] for pair in taken]
    for opens, closes in pairs:
        since = opens
        for begins, until in taken[bisect_right(ends, opens) :]:
            if begins >= closes:
                break
            if since < begins:
                found.append((since, begins))
            since = max(since, until)
        if since < closes:
            found.append((since, closes))
    return found


def closed_days(calendar: Calendar) -> frozenset[int]:
    """Return the days since 1970 that holidays or exceptions of a calendar close.

    Of a calendar made of several these are the days of any of them.
    """
    source = calendar.source
    if not isinstance(source, Hours):
        return frozenset().union(*(closed_days(part) for part in source.parts))
    found = {day for one in source.holidays if not one.hours for day in one.dates()}
    found -= source.exceptions.keys()
    found |= {day for day, spans in source.exceptions.items() if not spans}
    return frozenset(day_number(day) for day in found)
