"""Holiday sets as data: named days, dated or yearly, that close dates of a calendar."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tocsin.engine.span import Span, spans_of_date
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

_ORIGIN = ("country", "subdivision", "source")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARLY = re.compile(r"\d{2}-\d{2}", re.ASCII)
_FIELDS = (
    "country",
    "subdivision",
    "categories",
    "source",
    "days",
    "yearly",
    "years",
    "leap_day",
    "hours",
    "keep",
)


class LeapDay(StrEnum):
    """What a yearly 29 February does in a year that has none."""

    SKIP = "skip"
    FEB_28 = "28 february"


@dataclass(frozen=True, slots=True)
class HolidaySet:
    """Days on which a calendar is closed, or open only for `hours` (half days).

    `days` are a snapshot by date; `yearly` days recur on a month and day through the years
    `first_year` to `last_year`. `keep` names dates of the set that stay ordinary days. Country,
    subdivision, categories and source say where the days came from; they decide nothing.
    """

    days: Mapping[dt.date, str] = field(default_factory=dict)
    yearly: Mapping[tuple[int, int], str] = field(default_factory=dict)
    first_year: int = 0
    last_year: int = -1
    leap_day: LeapDay = LeapDay.SKIP
    hours: tuple[Span, ...] = ()
    keep: frozenset[dt.date] = frozenset()
    origin: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, value: object, path: str = "holidays") -> "HolidaySet":
        """Read the data form; refuse a set without days (materialise a country's days first)."""
        data = shape.mapping(value, path)
        shape.only(data, path, _FIELDS)
        if "days" not in data and "yearly" not in data:
            raise Invalid(path, "has no days; list them under `days` or `yearly`")
        first, last = _years(data, path)
        return cls(
            days=_days(data, path),
            yearly={
                _month_day(key, f"{path}.yearly"): str(n) for key, n in _pairs(data, "yearly", path)
            },
            first_year=first,
            last_year=last,
            leap_day=LeapDay(
                shape.one_of(data.get("leap_day", "skip"), f"{path}.leap_day", LeapDay)
            ),
            hours=spans_of_date(data.get("hours", []), f"{path}.hours"),
            keep=frozenset(
                date_of(item, f"{path}.keep[{k}]")
                for k, item in enumerate(shape.listing(data.get("keep", []), f"{path}.keep"))
            ),
            origin=_origin(data, path),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the data form that `from_dict` reads."""
        data: dict[str, Any] = {
            **self.origin,
            "days": {str(day): name for day, name in sorted(self.days.items())},
        }
        if self.yearly:
            data["yearly"] = {
                f"{m:02d}-{d:02d}": name for (m, d), name in sorted(self.yearly.items())
            }
            data["years"] = [self.first_year, self.last_year]
            data["leap_day"] = self.leap_day.value
        if self.hours:
            data["hours"] = [str(span) for span in self.hours]
        if self.keep:
            data["keep"] = [str(day) for day in sorted(self.keep)]
        return data

    def dates(self) -> dict[dt.date, str]:
        """Return each date that the set closes (or shortens) with the name of its day."""
        found = dict(self._yearly_dates())
        found.update(self.days)
        return {day: name for day, name in sorted(found.items()) if day not in self.keep}

    def _yearly_dates(self) -> Iterator[tuple[dt.date, str]]:
        for year in range(self.first_year, self.last_year + 1):
            for (month, day), name in self.yearly.items():
                if (month, day) != (2, 29) or calendar.isleap(year):
                    yield dt.date(year, month, day), name
                elif self.leap_day is LeapDay.FEB_28:
                    yield dt.date(year, 2, 28), name


def date_of(value: object, path: str) -> dt.date:
    """Read a date, as text ``2026-12-24`` or as the date that YAML makes of it."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        # `fromisoformat` alone would take 2026-W52-4, too.
        if isinstance(value, str) and _DATE.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise Invalid(path, f"{shape.describe(value)} is not a date; write it like 2026-12-24")


def _days(data: Mapping[str, Any], path: str) -> dict[dt.date, str]:
    found: dict[dt.date, str] = {}
    for key, name in _pairs(data, "days", path):
        day = date_of(key, f"{path}.days")
        if day in found:
            raise Invalid(f"{path}.days.{day}", "the date is named twice")
        found[day] = str(name)
    return found


def _origin(data: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return where the days came from. It is written out again, so it must be plain text."""
    found: dict[str, Any] = {
        name: shape.text(data[name], f"{path}.{name}") for name in _ORIGIN if name in data
    }
    if "categories" in data:
        place = f"{path}.categories"
        found["categories"] = [
            shape.text(item, f"{place}[{k}]")
            for k, item in enumerate(shape.listing(data["categories"], place))
        ]
    return found


def _pairs(data: Mapping[str, Any], name: str, path: str) -> list[tuple[object, object]]:
    value = data.get(name, {})
    if not isinstance(value, Mapping):
        raise Invalid(
            f"{path}.{name}", f"expected days with their names, got {shape.describe(value)}"
        )
    return list(value.items())


def _month_day(value: object, path: str) -> tuple[int, int]:
    if isinstance(value, str) and _YEARLY.fullmatch(value):
        month, day = int(value[:2]), int(value[3:])
        # 2000 is a leap year, so 29 February passes here.
        if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(2000, month)[1]:
            return month, day
    raise Invalid(path, f"{shape.describe(value)} is not a month and day; write it like '12-24'")


def _years(data: Mapping[str, Any], path: str) -> tuple[int, int]:
    if "yearly" not in data:
        return 0, -1
    years = data.get("years")
    if (
        not isinstance(years, list | tuple)
        or len(years) != 2
        or not all(type(year) is int and 1 <= year <= dt.MAXYEAR for year in years)
        or years[0] > years[1]
    ):
        raise Invalid(
            f"{path}.years", "yearly days need the first and the last year, as in [2026, 2030]"
        )
    return years[0], years[1]
