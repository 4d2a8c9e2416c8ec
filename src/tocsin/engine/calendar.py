"""Calendars: when time counts. Adding, subtracting and measuring open time, exactly and fast.

>>> import datetime as dt
>>> office = Calendar.from_dict({
...     "zone": "Europe/Stockholm",
...     "week": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
... })
>>> friday = dt.datetime(2026, 1, 9, 15, tzinfo=dt.UTC)  # 16:00 in Stockholm
>>> office.add(friday, dt.timedelta(hours=4)).isoformat()
'2026-01-12T11:00:00+00:00'
"""

import datetime as dt
import functools
import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any, Self

from tocsin.engine.hours import EPOCH_DATE, Hours, Pairs, day_number
from tocsin.engine.instant import EPOCH, micros, position, refusal, since_epoch
from tocsin.engine.span import intersect, merge
from tocsin.engine.timeline import NOTHING, Timeline
from tocsin.engine.zone import DAY_S, Zone
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

SAVE_WITHIN = dt.timedelta(days=366)


class _Combined:
    """Several calendars as one: open where any (`union`) or where all (`intersection`) are."""

    __slots__ = ("how", "parts")

    def __init__(self, how: str, parts: tuple["Calendar", ...]) -> None:
        self.how = how
        self.parts = parts

    @property
    def zone(self) -> Zone:
        return self.parts[0].zone

    @property
    def regular_from(self) -> int:
        return max(part.source.regular_from for part in self.parts)

    def openings(self, lo: int, hi: int) -> Pairs:
        """Return the merged open pairs within ``[lo, hi)``."""
        each = [part.source.openings(lo, hi) for part in self.parts]
        if self.how == "union":
            return merge(pair for pairs in each for pair in pairs)
        return functools.reduce(intersect, each)

    def openings_on(self, day: int) -> Pairs:
        """Return the openings that begin on the local date `day` of the first calendar's zone."""
        start = self.zone.first(day * DAY_S) * 1_000_000
        end = self.zone.first((day + 1) * DAY_S) * 1_000_000
        reach = DAY_S * 1_000_000
        while True:
            # What began before `start` is found to open a microsecond before it.
            found = [p for p in self.openings(start - 1, end + reach) if start <= p[0] < end]
            # An opening longer than a year is cut off: nobody waits for its closing.
            if not found or found[-1][1] < end + reach or reach > 366 * DAY_S * 1_000_000:
                return found
            reach *= 4

    def ordinary(self) -> "_Combined":
        """Return the same combination of the parts without their exceptions and holidays."""
        return _Combined(self.how, tuple(part.ordinary() for part in self.parts))

    def to_dict(self, *, published: bool) -> dict[str, Any]:
        """Return the data form: ``{"union": [calendar, …]}`` or ``{"intersection": […]}``."""
        return {self.how: [part.source.to_dict(published=published) for part in self.parts]}


class Calendar:
    """A calendar: open time that clocks count, closed time that they do not.

    Instants go in as aware datetimes of any zone and come out in UTC; lengths are timedeltas of
    physical time, kept to the microsecond. A naive datetime or a negative length is a ValueError.
    An instant that does not exist (no open time left, or past the year 9999) is None. Calendars
    are values: they never change, and equal data makes equal calendars.
    """

    __slots__ = ("_digest", "source", "timeline")

    def __init__(self, source: Hours | _Combined) -> None:
        self.source = source
        self.timeline = Timeline(source.openings, source.regular_from)
        self._digest = ""

    @classmethod
    def from_dict(cls, data: object, path: str = "") -> Self:
        """Read the data form: zone, week, exceptions, holidays; or a union or intersection.

        Refuses mistakes with an `Invalid` (a ValueError) that names the field. Shape:
        ``{"zone": "Europe/Stockholm", "week": {"mon": ["09:00-17:00"]}, "exceptions":
        {"2026-12-24": []}}`` or ``{"union": [calendar, calendar]}``. `zone` may be a name or, in
        a published calendar, the zone's own transitions.
        """
        fields = shape.mapping(data, path or "calendar")
        for how in ("union", "intersection"):
            if how in fields:
                shape.only(fields, path, (how,))
                place = f"{path}.{how}" if path else how
                parts = shape.listing(fields[how], place)
                if len(parts) < 2:
                    raise Invalid(place, "needs at least two calendars")
                made = [cls.from_dict(part, f"{place}[{k}]") for k, part in enumerate(parts)]
                return cls.combined(how, made)
        return cls(Hours.from_dict(fields, path))

    @classmethod
    def combined(cls, how: str, parts: Iterable["Calendar"]) -> Self:
        """Return calendars as one: the ``union`` or the ``intersection`` of their open time."""
        return cls(_Combined(how, tuple(parts)))

    def to_dict(self) -> dict[str, Any]:
        """Return the data form that `from_dict` reads, zones by name."""
        return self.source.to_dict(published=False)

    def published(self) -> dict[str, Any]:
        """Return the data form with each zone's transitions and their digest inside.

        Read again it needs no time zone database, and a newer database cannot move its dues.
        """
        return self.source.to_dict(published=True)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the published form: calendars that are equal, zones included."""
        if not self._digest:
            text = json.dumps(self.published(), sort_keys=True, separators=(",", ":"))
            self._digest = hashlib.sha256(text.encode()).hexdigest()
        return self._digest

    @property
    def zone(self) -> Zone:
        """The zone in which the calendar is written; of a combined one, that of its first part."""
        return self.source.zone

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Calendar({self.to_dict()!r})"

    def add(self, start: dt.datetime, length: dt.timedelta) -> dt.datetime | None:
        """Return the earliest instant at which `length` of open time since `start` is used up.

        A length used up exactly at a closing ends there, not at the next opening. A length of
        zero gives the first open instant at or after `start`.
        """
        if length <= NOTHING:
            _refuse_negative(length)
            return self._found(self.timeline.add(since_epoch(start), length))
        # The common case in one piece, since this is the operation that everything waits for.
        try:
            t = start - EPOCH
            lo, hi, opens, closes, used = self.timeline.table
            if lo <= t < hi:
                k = bisect_right(closes, t)
                target = used[k] - closes[k] + (t if t > opens[k] else opens[k]) + length
                k = bisect_left(used, target, k)
                return EPOCH + (closes[k] - used[k] + target)
        except (IndexError, OverflowError):
            pass  # the answer lies beyond what is compiled
        except TypeError:
            raise refusal(start) from None
        return self._found(self.timeline.add(t, length))

    def subtract(self, end: dt.datetime, length: dt.timedelta) -> dt.datetime | None:
        """Return the latest instant from which `length` of open time fits before `end`.

        A length of zero fits from `end` itself.
        """
        _refuse_negative(length)
        return self._found(self.timeline.subtract(since_epoch(end), length))

    def between(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """Return the open time from `a` to `b`; negative when `b` is earlier than `a`."""
        return self.timeline.between(since_epoch(a), since_epoch(b))

    @staticmethod
    def _found(at: dt.timedelta | None) -> dt.datetime | None:
        try:
            return None if at is None else EPOCH + at
        except OverflowError:
            return None

    def next_open(self, t: dt.datetime) -> dt.datetime | None:
        """Return the first open instant at or after `t`."""
        return self.add(t, NOTHING)

    def is_open(self, t: dt.datetime) -> bool:
        """Say whether `t` is open: openings include their first instant, not their closing."""
        return self.timeline.is_open(since_epoch(t))

    def union(self, *others: "Calendar") -> "Calendar":
        """Return a calendar that is open whenever this one or any of `others` is."""
        return self._combined("union", others)

    def intersection(self, *others: "Calendar") -> "Calendar":
        """Return a calendar that is open only while this one and all of `others` are."""
        return self._combined("intersection", others)

    def _combined(self, how: str, others: tuple["Calendar", ...]) -> "Calendar":
        return Calendar(_Combined(how, (self, *others))) if others else self

    def ordinary(self) -> "Calendar":
        """Return the same calendar without its exceptions and holidays."""
        return Calendar(self.source.ordinary())

    def openings(self, a: dt.datetime, b: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
        """Return the openings within ``[a, b)`` as UTC pairs, clipped to it."""
        pairs = self.source.openings(micros(a), micros(b))
        return [(EPOCH + position(o), EPOCH + position(c)) for o, c in pairs]

    def closings_on(self, date: dt.date) -> list[dt.datetime]:
        """Return the closings, in order, of the spans that start on the local `date`."""
        return [EPOCH + position(closes) for _, closes in self.source.openings_on(day_number(date))]

    def local_date(self, t: dt.datetime) -> dt.date:
        """Return the civil date of `t` in the calendar's zone."""
        second = micros(t) // 1_000_000
        return EPOCH_DATE + dt.timedelta(days=(second + self.zone.offset_at(second)) // DAY_S)

    def opens_within(self, t: dt.datetime, length: dt.timedelta = SAVE_WITHIN) -> bool:
        """Say whether there is open time after `t` within `length` (366 days unless told)."""
        at = since_epoch(t)
        return self.timeline.between(at, at + length) > NOTHING

    def check_savable(self, *, now: dt.datetime) -> None:
        """Refuse a calendar without any open time in the 366 days after `now`."""
        if not self.opens_within(now):
            raise Invalid("week", "the calendar has no open hour in the next 366 days")


def _refuse_negative(length: dt.timedelta) -> None:
    if length < NOTHING:
        raise ValueError(f"a length must not be negative, got {length}")
