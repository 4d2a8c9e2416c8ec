"""The form of an on-call schedule: what is wrong with one at a desk, and which clocks it misses."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.engine import rota, source
from tocsin.engine.books import current
from tocsin.engine.calendar import Calendar
from tocsin.engine.instant import micros
from tocsin.engine.policy import Plan, Policy
from tocsin.engine.rotation import without
from tocsin.engine.span import merge
from tocsin.queries import notified, on_call, rotas
from tocsin.queries.desk import Desk

_LOOKED = dt.timedelta(days=14)
_SECOND = 1_000_000


def mistakes(data: Mapping[str, Any], at_work: Desk) -> Iterator[Callable[[], object]]:
    """Yield checks; each raises `Invalid` with the field that is wrong."""
    calendars = {key: found[-1].calendar for key, found in at_work.versions.calendars.items()}
    yield from rota.checks(data, who=_who(at_work), calendars=calendars)


def _who(at_work: Desk) -> rota.Who:
    if not at_work.tenant:
        return rotas.whom({})  # a file without a desk: anybody may be there
    known = {one.email.casefold(): one.id for one in at_work.people.values() if one.active}
    return lambda address: known.get(address.strip().casefold())


# --------------------------------------------------------------------------- clocks without people


@dataclass(frozen=True, slots=True)
class Unattended:
    """The calendar of a clock is open from `begins` to `ends`, and nobody of its teams is there.

    `teams` are those that its path comes to, `schedules` those that alerts and the path name; no
    schedule at all is what a desk that works by day most often forgets.
    """

    policy: str
    clock: str
    row: str
    calendar: str
    teams: tuple[str, ...]
    schedules: tuple[str, ...]
    begins: dt.datetime
    ends: dt.datetime


def warnings(at_work: Desk, policy: Policy, *, now: dt.datetime) -> tuple[Unattended, ...]:
    """Return where clocks of a policy run while nobody is there, the first stretch of each row.

    Teams without hours of their own are taken to be there always, unless a schedule is named.
    """
    found: list[Unattended] = []
    for plan in policy.plans:
        teams, schedules = _who_acts(at_work, plan)
        for row in plan.rows:
            for key in source.named(row.calendar):
                versions = at_work.versions.calendars.get(key)
                calendar = versions[-1].calendar if versions else None
                hole = calendar and unattended(at_work, calendar, teams, schedules, now=now)
                if hole:
                    clock = (policy.key, plan.definition.key, row.label, key)
                    found.append(Unattended(*clock, teams, schedules, *hole))
    return tuple(found)


def _who_acts(at_work: Desk, plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the teams and the schedules that a clock's path and alerts name."""
    path = plan.definition.path
    steps = path.steps if path else ()
    words = [word for alert in plan.definition.alerts for word in alert.notify]
    words += [word for step in steps for word in step.people]
    teams = dict.fromkeys(step.team.casefold() for step in steps if step.team)
    teams |= {
        word.removeprefix(notified.TEAM).strip().casefold(): None
        for word in words
        if word.startswith(notified.TEAM)
    }
    schedules = dict.fromkeys(key for word in words if (key := notified.schedule(word)))
    return tuple(key for key in teams if key in at_work.teams), tuple(schedules)


def unattended(
    at_work: Desk,
    calendar: Calendar,
    teams: Collection[str],
    schedules: Collection[str],
    *,
    now: dt.datetime,
) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the first stretch of the next two weeks with open time and nobody there, or None."""
    hours = [_hours(at_work, team, now) for team in teams]
    if not schedules and (not hours or None in hours):
        return None  # nobody has said when they work
    until = now + _LOOKED
    there = [pair for own in hours if own is not None for pair in own.openings(now, until)]
    for key in schedules:
        line = on_call.line(at_work, key, now, until)
        there += [(shift.begins, shift.ends) for shift in line if shift.people]
    opened = [_micros(pair) for pair in calendar.openings(now, until)]
    for begins, ends in without(opened, merge(_micros(pair) for pair in there)):
        if ends - begins >= 60 * _SECOND:
            return _instant(begins, now), _instant(ends, now)
    return None


def _hours(at_work: Desk, team: str, now: dt.datetime) -> Calendar | None:
    """Return the calendar by which a team works, or None if it has none of its own."""
    key = current(at_work.versions.books.hours.get(("team", team), ()), now)
    versions = at_work.versions.calendars.get(key) if key else None
    return versions[-1].calendar if versions else None


def _micros(pair: tuple[dt.datetime, dt.datetime]) -> tuple[int, int]:
    return micros(pair[0]), micros(pair[1])


def _instant(at: int, now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(microseconds=at - micros(now))
