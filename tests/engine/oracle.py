"""The calendar law a second time, slow and plain, to judge the engine by.

Nothing of `tocsin` is imported. Offsets come from `zoneinfo`, reading the same zone files as the
engine; a local time is resolved by looking which UTC seconds show it; spans are listed date by
date; and every question is answered by walking the openings one after another. Instants are UTC
microseconds since 1970, as plain integers.
"""

import datetime as dt
import functools
import importlib.resources
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

Pair = tuple[int, int]

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
HOUR_S = 3_600
DAY_S = 24 * HOUR_S
OFTEN_S = 6 * HOUR_S  # no offset and no date ever lasted less
SECOND = 1_000_000
DAY = DAY_S * SECOND
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Questions are given up when the walk has gone this far without an answer.
REACH = 900 * DAY
STRIDE = 45 * DAY


@functools.cache
def zone(name: str) -> ZoneInfo:
    """Return the zone as `zoneinfo` reads it from the tzdata package, never from the machine."""
    place = importlib.resources.files("tzdata").joinpath("zoneinfo").joinpath(*name.split("/"))
    with place.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def micros(instant: dt.datetime) -> int:
    return (instant - EPOCH) // dt.timedelta(microseconds=1)


def instant(at: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=at)


@functools.lru_cache(maxsize=1_000_000)
def offset(name: str, second: int) -> int:
    """Return the offset in force at the UTC second, in seconds east."""
    shown = (EPOCH + dt.timedelta(seconds=second)).astimezone(zone(name))
    found = shown.utcoffset()
    assert found is not None
    return found // dt.timedelta(seconds=1)


@functools.lru_cache(maxsize=100_000)
def offsets_around(name: str, day: int) -> tuple[int, ...]:
    """Return the offsets in force from two days before `day` to three after, looked up often."""
    return tuple({offset(name, at) for at in range((day - 2) * DAY_S, (day + 3) * DAY_S, OFTEN_S)})


@functools.lru_cache(maxsize=100_000)
def date_exists(name: str, day: int) -> bool:
    """Say whether clocks ever showed the date `day` (days since 1970-01-01)."""
    often = range((day - 2) * DAY_S, (day + 3) * DAY_S, OFTEN_S)
    return any((at + offset(name, at)) // DAY_S == day for at in often)


def instants_showing(name: str, local: int) -> list[int]:
    """Return the UTC seconds at which clocks show the local second, in order."""
    candidates = [local - east for east in offsets_around(name, local // DAY_S)]
    return sorted(at for at in candidates if at + offset(name, at) == local)


def end_of_gap(name: str, local: int) -> int:
    """Return the first UTC second at which clocks are past a local second they never show."""
    early = late = (local // HOUR_S - 30) * HOUR_S
    while late + offset(name, late) < local:
        early, late = late, late + HOUR_S
    while late - early > 1:
        middle = (early + late) // 2
        if middle + offset(name, middle) < local:
            early = middle
        else:
            late = middle
    return late


def opening(name: str, local: int) -> int:
    """An ambiguous opening is the first occurrence; one in a gap the first instant after it."""
    return (instants_showing(name, local) or [end_of_gap(name, local)])[0]


def closing(name: str, local: int) -> int:
    """An ambiguous closing is the last occurrence; one in a gap is the gap."""
    return (instants_showing(name, local) or [end_of_gap(name, local)])[-1]


def sweep(lists: Iterable[list[Pair]], need: int) -> list[Pair]:
    """Return where at least `need` pairs are open at once; touching stretches become one."""
    steps: Counter[int] = Counter()
    for pairs in lists:
        for opens, closes in pairs:
            if opens < closes:
                steps[opens] += 1
                steps[closes] -= 1
    found: list[Pair] = []
    depth, since = 0, 0
    for at in sorted(steps):
        was, depth = depth, depth + steps[at]
        if was < need <= depth:
            since = at
        elif depth < need <= was:
            found.append((since, at))
    return found


def seconds_of(text: str) -> Pair:
    """Read ``22:00-30:00`` or ``09:00:30-17:00`` as two numbers of seconds."""
    ends = []
    for clock in text.split("-"):
        hours, minutes, *seconds = (int(part) for part in clock.split(":"))
        ends.append(hours * HOUR_S + minutes * 60 + sum(seconds))
    return ends[0], ends[1]


class Oracle:
    """The operations of a calendar, given as the data form that the engine reads."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        how = next((name for name in ("union", "intersection") if name in data), "")
        self.parts = [Oracle(part) for part in data[how]] if how else []
        self.need = len(self.parts) if how == "intersection" else 1
        self.known: dict[int, list[Pair]] = {}

    def openings(self, a: int, b: int) -> list[Pair]:
        """Return the merged openings within ``[a, b)``, cut off at both."""
        if self.parts:
            return sweep([part.openings(a, b) for part in self.parts], self.need)
        days = range(a // DAY - 4, b // DAY + 4)
        for day in days:
            if day not in self.known:
                self.known[day] = list(self.spans_on(day))
        merged = sweep([self.known[day] for day in days], 1)
        return [(max(o, a), min(c, b)) for o, c in merged if max(o, a) < min(c, b)]

    def spans_on(self, day: int) -> Iterator[Pair]:
        """Yield the openings of the spans that start on a date, not merged."""
        name = self.data["zone"]
        date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
        spans = self.data["week"].get(WEEKDAYS[date.weekday()], [])
        spans = self.data.get("exceptions", {}).get(date.isoformat(), spans)
        if not spans or not date_exists(name, day):
            return
        for text in spans:
            opens, closes = seconds_of(text)
            yield (
                opening(name, day * DAY_S + opens) * SECOND,
                closing(name, day * DAY_S + closes) * SECOND,
            )

    def ahead(self, t: int) -> Iterator[Pair]:
        for a, b in pairwise(range(t, t + REACH + STRIDE, STRIDE)):
            yield from self.openings(a, b)

    def behind(self, t: int) -> Iterator[Pair]:
        for b, a in pairwise(range(t, t - REACH - STRIDE, -STRIDE)):
            yield from reversed(self.openings(a, b))

    def add(self, t: int, length: int) -> int | None:
        """The earliest instant at which the amount is used up; for 0 the first open instant."""
        for opens, closes in self.ahead(t):
            if closes - opens >= length:
                return opens + length
            length -= closes - opens
        return None

    def subtract(self, t: int, length: int) -> int | None:
        """The latest instant from which the amount fits before `t`."""
        if not length:
            return t
        for opens, closes in self.behind(t):
            if closes - opens >= length:
                return closes - length
            length -= closes - opens
        return None

    def between(self, a: int, b: int) -> int:
        if b < a:
            return -self.between(b, a)
        return sum(closes - opens for opens, closes in self.openings(a, b))

    def is_open(self, t: int) -> bool:
        return bool(self.openings(t, t + 1))
