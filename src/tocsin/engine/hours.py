"""Opening hours as people write them (a zone, a week, exceptions) and where they fall in UTC."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine.holiday import HolidaySet, date_of
from tocsin.engine.span import Span, intersect, merge, spans_of_date
from tocsin.engine.zone import DAY_S, Zone
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECOND = 1_000_000
EPOCH_DATE = dt.date(1970, 1, 1)
_THURSDAY = 3  # 1970-01-01
_FIELDS = ("zone", "week", "exceptions", "holidays")
# A span may reach two days past its date and an offset a day more: dates this near to a change of
# offset are resolved one by one.
_NEAR_DAYS = 4

Pairs = list[tuple[int, int]]


def day_number(date: dt.date) -> int:
    """Return `date` as days since 1970-01-01."""
    return (date - EPOCH_DATE).days


@dataclass(frozen=True)
class Hours:
    """Weekly opening hours in one zone, with exceptions that replace the spans of their date.

    `week` has seven tuples of spans, Monday first. `exceptions` are those written one by one and
    win over `holidays`.
    """

    zone: Zone
    week: tuple[tuple[Span, ...], ...]
    exceptions: Mapping[dt.date, tuple[Span, ...]] = field(default_factory=dict)
    holidays: tuple[HolidaySet, ...] = ()
    _replaced: Mapping[int, tuple[Span, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        replaced = {day: a_set.hours for a_set in self.holidays for day in a_set.dates()}
        replaced.update(self.exceptions)
        object.__setattr__(self, "_replaced", {day_number(day): s for day, s in replaced.items()})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], path: str) -> "Hours":
        """Read the data form of `Calendar.from_dict`; refuse mistakes by field."""
        shape.only(data, path, _FIELDS)
        for name in ("zone", "week"):
            if name not in data:
                raise Invalid(path, f"a calendar needs `{name}`")
        prefix = f"{path}." if path else ""
        week = shape.mapping(data["week"], f"{prefix}week")
        shape.only(week, f"{prefix}week", WEEKDAYS)
        hours = cls(
            zone=Zone.from_dict(data["zone"], f"{prefix}zone"),
            week=tuple(spans_of_date(week.get(day, []), f"{prefix}week.{day}") for day in WEEKDAYS),
            exceptions=_exceptions(data.get("exceptions", {}), f"{prefix}exceptions"),
            holidays=tuple(
                HolidaySet.from_dict(item, f"{prefix}holidays[{k}]")
                for k, item in enumerate(
                    shape.listing(data.get("holidays", []), f"{prefix}holidays")
                )
            ),
        )
        if not any(hours.week) and not any(hours._replaced.values()):
            raise Invalid(f"{prefix}week", "the calendar has no open hours at all")
        return hours

    def to_dict(self, *, published: bool) -> dict[str, Any]:
        """Return the data form; a published one carries the zone's transitions, not its name."""
        data: dict[str, Any] = {
            "zone": self.zone.to_dict() if published else self.zone.name,
            "week": {
                name: [str(span) for span in spans]
                for name, spans in zip(WEEKDAYS, self.week, strict=True)
                if spans
            },
            "exceptions": {
                str(day): [str(span) for span in spans]
                for day, spans in sorted(self.exceptions.items())
            },
        }
        if self.holidays:
            data["holidays"] = [a_set.to_dict() for a_set in self.holidays]
        return data

    def ordinary(self) -> "Hours":
        """Return the same week in the same zone without exceptions and holidays."""
        return Hours(self.zone, self.week)

    @property
    def regular_from(self) -> int:
        """The UTC microsecond after which nothing but the week and the yearly zone rule counts."""
        last = max(self._replaced, default=0) + _NEAR_DAYS
        return max(last * DAY_S, self.zone.regular_from + _NEAR_DAYS * DAY_S) * SECOND

    def spans_on(self, day: int) -> tuple[Span, ...]:
        """Return the spans that start on the date `day` (days since 1970-01-01)."""
        spans = self._replaced.get(day)
        return self.week[(day + _THURSDAY) % 7] if spans is None else spans

    def openings(self, lo: int, hi: int) -> Pairs:
        """Return the merged open pairs within ``[lo, hi)``, all in UTC microseconds."""
        # A span that began up to two days (and an offset) earlier may still be running.
        first, last = lo // SECOND // DAY_S - 3, hi // SECOND // DAY_S + 2
        changes = self.zone.changes((first - _NEAR_DAYS) * DAY_S, (last + _NEAR_DAYS) * DAY_S)
        near = {
            day
            for change in changes
            for day in range(change.at // DAY_S - _NEAR_DAYS, change.at // DAY_S + _NEAR_DAYS + 1)
        }
        offset = changes[0].before if changes else self.zone.offset_at(first * DAY_S)
        pairs: Pairs = []
        k = 0
        for day in range(first, last):
            midnight = day * DAY_S
            while k < len(changes) and changes[k].at <= midnight:
                offset = changes[k].after
                k += 1
            spans = self.spans_on(day)
            if not spans:
                continue
            if day in near:
                pairs += self._resolved(day)
                continue
            base = midnight - offset
            pairs += [((base + s.opens) * SECOND, (base + s.closes) * SECOND) for s in spans]
        return intersect(merge(pairs), [(lo, hi)])

    def openings_on(self, day: int) -> Pairs:
        """Return the pairs of the spans that start on the date `day`, merged, unclipped."""
        return merge(self._resolved(day))

    def _resolved(self, day: int) -> Pairs:
        """Apply the law of summer time to the spans of one date (docs/engine.md, Calendars)."""
        midnight = day * DAY_S
        changes = self.zone.changes(midnight - 2 * DAY_S, midnight + 4 * DAY_S)
        if any(change.skips_date(midnight) for change in changes):
            return []
        return [
            (
                self.zone.first(midnight + span.opens) * SECOND,
                self.zone.last(midnight + span.closes) * SECOND,
            )
            for span in self.spans_on(day)
        ]


def _exceptions(value: object, path: str) -> dict[dt.date, tuple[Span, ...]]:
    if not isinstance(value, Mapping):
        raise Invalid(path, f"expected dates with their spans, got {shape.describe(value)}")
    found: dict[dt.date, tuple[Span, ...]] = {}
    for key, spans in value.items():
        day = date_of(key, path)
        if day in found:
            raise Invalid(f"{path}.{day}", "the date is named twice")
        found[day] = spans_of_date(spans, f"{path}.{day}")
    return found
