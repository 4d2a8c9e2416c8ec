"""Spans of open time: reading them from text, and merging and intersecting them as UTC pairs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

HOUR_S = 3_600
LATEST_S = 48 * HOUR_S
_CLOCK = r"(\d{2}):(\d{2})(?::(\d{2}))?"
_SPAN = re.compile(f"{_CLOCK}-{_CLOCK}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open hours of one date: local seconds from its midnight, half-open, up to 48:00."""

    opens: int
    closes: int

    @classmethod
    def parse(cls, value: object, path: str) -> "Span":
        """Read ``09:00-17:00`` or, for a night shift, ``22:00-30:00``; refuse anything else."""
        found = _SPAN.fullmatch(value.replace(" ", "")) if isinstance(value, str) else None
        if found is None:
            raise Invalid(path, f"{shape.describe(value)} is not a span; write it like 09:00-17:00")
        numbers = [int(part or 0) for part in found.groups()]
        if any(number > 59 for number in (*numbers[1:3], *numbers[4:6])):
            raise Invalid(path, f"{value!r} has minutes or seconds beyond 59")
        opens = numbers[0] * HOUR_S + numbers[1] * 60 + numbers[2]
        closes = numbers[3] * HOUR_S + numbers[4] * 60 + numbers[5]
        if closes > LATEST_S:
            raise Invalid(path, f"{value!r} goes beyond 48:00")
        if opens >= closes:
            raise Invalid(
                path,
                f"{value!r} ends before it starts or is empty; "
                "a night shift counts on past 24:00, as in 22:00-30:00",
            )
        return cls(opens, closes)

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


def _clock(second: int) -> str:
    shown = f"{second // HOUR_S:02d}:{second % HOUR_S // 60:02d}"
    return f"{shown}:{second % 60:02d}" if second % 60 else shown


def spans_of_date(value: object, path: str) -> tuple[Span, ...]:
    """Read the spans of one date in any order; refuse spans that overlap (touching is fine)."""
    listed = [Span.parse(item, f"{path}[{k}]") for k, item in enumerate(shape.listing(value, path))]
    ordered = sorted(listed)
    for earlier, later in pairwise(ordered):
        if later.opens < earlier.closes:
            raise Invalid(path, f"{earlier} and {later} overlap")
    return tuple(ordered)


def merge(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of half-open pairs, in order, touching ones joined, empty ones dropped."""
    merged: list[tuple[int, int]] = []
    last_open, last_close = 0, None
    for opens, closes in sorted(pairs):
        if closes <= opens:
            continue
        if last_close is not None and opens <= last_close:
            last_close = max(last_close, closes)
            continue
        if last_close is not None:
            merged.append((last_open, last_close))
        last_open, last_close = opens, closes
    if last_close is not None:
        merged.append((last_open, last_close))
    return merged


def intersect(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what two merged lists of pairs have in common, in order."""
    return list(_common(left, right))


def _common(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    i = j = 0
    while i < len(left) and j < len(right):
        opens = max(left[i][0], right[j][0])
        closes = min(left[i][1], right[j][1])
        if opens < closes:
            yield opens, closes
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
