"""What is promised: the policy file of a company, and what it promises to a ticket."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tocsin.engine.calendar import Calendar
from tocsin.engine.holiday import HolidaySet
from tocsin.engine.policy import Agreement
from tocsin.engine.target import Form
from tocsin.engine.version import Versions
from tocsin.kit import holiday_dates

# Those whose offices close; the night is worked through on holidays, and so is `always`.
_YEARS = (-1, 0, 1, 2)
_CLOSED_ON_HOLIDAYS = ("office", "extended")


def config(data: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Return a company's policy file, with the country's holidays of the years around `now`."""
    given, own = data["holidays"], data["promises"]
    days = holiday_dates.dates(
        given["country"],
        subdivision=given.get("subdivision"),
        categories=given["categories"],
        years=[now.year + k for k in _YEARS],
    )
    origin = {"country": given["country"], "source": holiday_dates.source()}
    holidays = [HolidaySet(days=days, origin=origin).to_dict()]
    calendars = {
        key: {**calendar, "holidays": holidays} if key in _CLOSED_ON_HOLIDAYS else dict(calendar)
        for key, calendar in own["calendars"].items()
    }
    return {**own, "calendars": calendars}


class Book:
    """The promises of a company, to be asked before there is a ticket."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    @classmethod
    def of(cls, data: Mapping[str, Any], now: dt.datetime) -> "Book":
        """Return the promises of a company around `now`."""
        return cls(Versions.from_dict(config(data, now)))

    def promised(
        self, clock: str, facts: Mapping[str, Any], at: dt.datetime
    ) -> tuple[Calendar, dt.timedelta] | None:
        """Return calendar and open time that a clock begun at `at` gets; None for no clock."""
        terms = self._versions.terms((Agreement.SLA, clock), facts, at, {})
        if terms is None:
            return None
        calendar = self._versions.calendar_at(terms.calendar, at).calendar
        target = terms.row.target
        if target.form is Form.LENGTH:
            return calendar, target.length
        due = target.due(at, calendar)
        return None if due is None else (calendar, calendar.between(at, due))
