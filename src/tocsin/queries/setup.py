"""The configuration in force as people read it: calendars, policies, pipelines."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.engine.calendar import Calendar
from tocsin.engine.hours import Hours, day_number
from tocsin.engine.policy import Policy
from tocsin.engine.version import CalendarVersion
from tocsin.engine.zone import DAY_S
from tocsin.queries import access, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.stages import STAGE_RANK, Pipeline

_DAY = dt.timedelta(days=1)
_AHEAD_DAYS = 366
_SHOWN_DAYS = 14
_MOST_ODD = 40


@dataclass(frozen=True, slots=True)
class Day:
    """A date of a calendar: its open stretches in hours since midnight, and its holiday if any."""

    date: dt.date
    open: tuple[tuple[float, float], ...]
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A calendar in its newest version: the next two weeks, and the odd days of a year."""

    key: str
    version: int
    zone: str
    since: dt.datetime | None
    days: tuple[Day, ...]
    odd: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """All of it at `now`."""

    now: dt.datetime
    calendars: tuple[Shown, ...]
    policies: tuple[Policy, ...]
    pipelines: tuple[Pipeline, ...]


@access.needs(Right.READ_CONFIGURATION)
def setup(*, by: Actor, now: dt.datetime | None = None) -> Setup:
    """Return what is in force; stage limits are with the pipelines and not among the policies."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
    at = now or clock
    return Setup(
        now=at,
        calendars=tuple(_shown(found[-1], at) for found in at_work.versions.calendars.values()),
        policies=tuple(_policies(at_work, at)),
        pipelines=tuple(at_work.pipelines.values()),
    )


def _policies(at_work: Desk, at: dt.datetime) -> list[Policy]:
    newest: dict[str, Policy] = {}
    for policy in at_work.versions.policies:
        if policy.rank < STAGE_RANK and policy.in_force(at):
            known = newest.get(policy.key)
            if known is None or known.version < policy.version:
                newest[policy.key] = policy
    return sorted(newest.values(), key=lambda policy: policy.rank)


def _shown(found: CalendarVersion, at: dt.datetime) -> Shown:
    calendar = found.calendar
    today = calendar.local_date(at)
    days = [_day(calendar, today + k * _DAY) for k in range(_SHOWN_DAYS)]
    return Shown(
        key=found.key,
        version=found.version,
        zone=calendar.zone.name,
        since=found.valid_from,
        days=tuple(days),
        odd=tuple(_odd(calendar, today))[:_MOST_ODD],
    )


def _odd(calendar: Calendar, today: dt.date) -> Iterator[Day]:
    """Yield the days of the year ahead that are not as their weekday usually is."""
    usual = calendar.ordinary()
    for k in range(_AHEAD_DAYS):
        date = today + k * _DAY
        if _open(calendar, date) != _open(usual, date):
            yield _day(calendar, date)


def _open(calendar: Calendar, date: dt.date) -> tuple[tuple[float, float], ...]:
    """Return the open stretches of a date in hours since its midnight."""
    number = day_number(date)
    midnight = calendar.zone.first(number * DAY_S)
    return tuple(
        ((begin / 1e6 - midnight) / 3600, (end / 1e6 - midnight) / 3600)
        for begin, end in calendar.source.openings_on(number)
    )


def _day(calendar: Calendar, date: dt.date) -> Day:
    return Day(date, _open(calendar, date), _name(calendar, date))


def _name(calendar: Calendar, date: dt.date) -> str:
    source = calendar.source
    if not isinstance(source, Hours):
        return ""
    named = (held.dates().get(date, "") for held in source.holidays if date not in held.keep)
    return next((name for name in named if name), "")
