"""Targets: what a clock promises, as a length of open time or as a form that counts days."""

import datetime as dt
import functools
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tocsin.engine import duration, instant
from tocsin.engine.calendar import Calendar
from tocsin.engine.hours import day_number
from tocsin.engine.instant import EPOCH
from tocsin.engine.zone import DAY_S
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

_MOST_DAYS = 36_525  # a hundred years: no promise reaches further
# How far to look for the next business day before a calendar is held to have none.
_LOOK_DAYS = 367


class Form(StrEnum):
    """How a target counts."""

    LENGTH = "length"
    CLOSE_OF_BUSINESS = "close"
    SAME_TIME = "same time"
    CALENDAR_DAYS = "calendar_days"
    CALENDAR_WEEKS = "calendar_weeks"
    CALENDAR_MONTHS = "calendar_months"


@dataclass(frozen=True, slots=True)
class Target:
    """A promise: `length` of open time, or a `count` of days, weeks or months from the start.

    Forms that count days look at dates in the calendar's zone; the day after the start is day 1.
    """

    form: Form
    length: dt.timedelta = dt.timedelta(0)
    count: int = 0

    def due(self, start: dt.datetime, calendar: Calendar) -> dt.datetime | None:
        """Return the due of a clock started at `start` and never paused, or None."""
        try:
            return self._due(start, calendar)
        except OverflowError:  # a date past the year 9999
            return None

    def _due(self, start: dt.datetime, calendar: Calendar) -> dt.datetime | None:
        match self.form:
            case Form.LENGTH:
                return calendar.add(start, self.length)
            case Form.CLOSE_OF_BUSINESS:
                date = _business_day(calendar.local_date(start), self.count, calendar)
                return None if date is None else calendar.closings_on(date)[-1]
            case Form.SAME_TIME:
                date = _business_day(calendar.local_date(start), self.count, calendar)
            case Form.CALENDAR_DAYS | Form.CALENDAR_WEEKS:
                days = self.count * (7 if self.form is Form.CALENDAR_WEEKS else 1)
                date = _days_later(calendar.local_date(start), days)
            case Form.CALENDAR_MONTHS:
                date = _months_later(calendar.local_date(start), self.count)
        return None if date is None else _at_time_of(start, date, calendar)

    @classmethod
    def from_dict(cls, value: object, path: str = "target") -> "Target":
        """Read ``8h``, ``{business_days: 3, at: close}`` or ``{calendar_months: 1}``."""
        if not isinstance(value, dict):
            return cls(Form.LENGTH, length=duration.parse(value, path))
        data = shape.mapping(value, path)
        if "business_days" in data:
            shape.only(data, path, ("business_days", "at"))
            at = shape.one_of(data.get("at", "close"), f"{path}.at", ("close", "same time"))
            return cls(Form(at), count=_count(data["business_days"], f"{path}.business_days"))
        counted = (Form.CALENDAR_DAYS.value, Form.CALENDAR_WEEKS.value, Form.CALENDAR_MONTHS.value)
        shape.only(data, path, ("business_days", *counted))
        if len(data) != 1:
            raise Invalid(
                path, "name one form: a length, business_days, or calendar days, weeks or months"
            )
        name, count = next(iter(data.items()))
        return cls(Form(name), count=_count(count, f"{path}.{name}"))

    def to_dict(self) -> Any:
        """Return the form that `from_dict` reads."""
        if self.form is Form.LENGTH:
            return str(self)
        if self.form in (Form.CLOSE_OF_BUSINESS, Form.SAME_TIME):
            return {"business_days": self.count, "at": self.form.value}
        return {self.form.value: self.count}

    def __str__(self) -> str:
        match self.form:
            case Form.LENGTH:
                return duration.text(self.length)
            case Form.CLOSE_OF_BUSINESS:
                return f"close of business on business day {self.count}"
            case Form.SAME_TIME:
                return f"the same time on business day {self.count}"
        return f"{self.count} {self.form.value.replace('_', ' ')}"


def _count(value: object, path: str) -> int:
    count = shape.whole(value, path, least=1)
    if count > _MOST_DAYS:
        raise Invalid(path, f"{count} is further than a hundred years")
    return count


def _days_later(date: dt.date, days: int) -> dt.date | None:
    try:
        return date + dt.timedelta(days=days)
    except OverflowError:
        return None


def _months_later(date: dt.date, months: int) -> dt.date | None:
    """Return the same day `months` later, or the last day of a month that is too short."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    for day in (date.day, 30, 29, 28):
        try:
            return dt.date(year, month + 1, min(day, date.day))
        except ValueError:
            continue
    return None


@functools.lru_cache(maxsize=4096)
def _business_day(start: dt.date, count: int, calendar: Calendar) -> dt.date | None:
    """Return the `count`-th date after `start` on which hours begin."""
    date: dt.date | None = start
    closed_days = 0
    while date is not None and count and closed_days <= _LOOK_DAYS:
        date = _days_later(date, 1)
        if date is not None and calendar.closings_on(date):
            count -= 1
            closed_days = 0
        else:
            closed_days += 1
    return date if not count else None


def _at_time_of(start: dt.datetime, date: dt.date, calendar: Calendar) -> dt.datetime | None:
    """Return the instant on `date` at which local clocks first show the start's time of day."""
    position = instant.since_epoch(start)
    second = position // dt.timedelta(seconds=1)
    local = second + calendar.zone.offset_at(second)
    shown = calendar.zone.first(day_number(date) * DAY_S + local % DAY_S)
    try:
        return EPOCH + dt.timedelta(seconds=shown, microseconds=position.microseconds)
    except OverflowError:
        return None
