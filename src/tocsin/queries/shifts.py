"""Schedules and absences as pages show them: who is on call when, and where nobody is."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tocsin.engine import rota
from tocsin.engine.on_call import Schedule, Shift
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, on_call, on_call_form, reach, rotas
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.on_call_form import Unattended
from tocsin.queries.stages import STAGE_RANK
from tocsin.records import rows

AHEAD = dt.timedelta(days=28)
# How far calendars that are taken along reach.
PAST, COMING = dt.timedelta(days=35), dt.timedelta(days=182)


@dataclass(frozen=True, slots=True)
class Listed:
    """A schedule in a list: who is on call now, until when, and where next nobody is."""

    key: str
    name: str
    zone: str
    now: tuple[str, ...]
    until: dt.datetime | None
    gap: tuple[dt.datetime, dt.datetime] | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a line: who is on call, by name; nobody is a gap."""

    begins: dt.datetime
    ends: dt.datetime
    people: tuple[str, ...]
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One layer over time, or what all of them come to."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Instead:
    """An override of a schedule that has not ended."""

    id: int
    person: str
    begins: dt.datetime
    ends: dt.datetime
    author: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule from `begins` to `ends`: its layers, the upper ones last, and the final line."""

    key: str
    name: str
    zone: str
    begins: dt.datetime
    ends: dt.datetime
    layers: tuple[Line, ...]
    line: Line
    overrides: tuple[Instead, ...] = ()

    @property
    def gaps(self) -> tuple[Bar, ...]:
        """Where nobody is on call."""
        return tuple(bar for bar in self.line.bars if not bar.people)


@dataclass(frozen=True, slots=True)
class Away:
    """An absence that has not ended; `there` is who is there in the end, "" if nobody is."""

    id: int
    person: int
    name: str
    begins: dt.datetime
    ends: dt.datetime
    substitute: str
    there: str
    note: str


@access.needs(Right.READ_CONFIGURATION)
def schedules(*, by: Actor, now: dt.datetime | None = None) -> tuple[Listed, ...]:
    """Return all schedules by name."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
    at = now or clock
    found = [_listed(at_work, key, at) for key in at_work.on_call.schedules]
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


@access.needs(Right.READ_CONFIGURATION)
def unattended(
    *, by: Actor, policy: str | None = None, now: dt.datetime | None = None
) -> tuple[Unattended, ...]:
    """Return where clocks of a policy in force, or of all, run while nobody of theirs is there."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
    at = now or clock
    found = [
        warning
        for one in at_work.versions.in_force(at)
        if policy in (None, one.key) and one.rank < STAGE_RANK
        for warning in on_call_form.warnings(at_work, one, now=at)
    ]
    return tuple(found)


def _listed(at_work: Desk, key: str, now: dt.datetime) -> Listed:
    newest = at_work.on_call.schedules[key][-1][1]
    line = on_call.line(at_work, key, now, now + AHEAD)
    gap = next(((one.begins, one.ends) for one in line if not one.people), None)
    until = line[0].ends if line and line[0].ends < now + AHEAD else None
    return Listed(key, newest.name, newest.zone, _names(at_work, line[0].people), until, gap)


@access.needs(Right.READ_CONFIGURATION)
def plan(
    *, key: str, by: Actor, begins: dt.datetime, ends: dt.datetime, now: dt.datetime | None = None
) -> Plan | None:
    """Return a schedule over time, or None if there is none of that key."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        if key not in at_work.on_call.schedules:
            return None
        overrides = _overrides(at_work, key, now or clock)
    newest = at_work.on_call.schedules[key][-1][1]
    return replace(_plan(at_work, newest, begins, ends), overrides=overrides)


@access.needs(Right.READ_CONFIGURATION)
def drafted(
    *, key: str, data: Any, by: Actor, begins: dt.datetime, ends: dt.datetime
) -> Plan | None:
    """Return what a draft of a schedule would come to, without overrides; None if it has mistakes.

    Who is away is not looked at either: it is the plan as such.
    """
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
    known = {one.email.casefold(): one.id for one in at_work.people.values() if one.active}
    calendars = {name: found[-1].calendar for name, found in at_work.versions.calendars.items()}
    try:
        made = rota.schedule_from(key, data, who=rotas.whom(known), calendars=calendars)
    except Invalid:
        return None
    return _plan(at_work, made, begins, ends, made.line(begins, ends))


def _plan(
    at_work: Desk,
    schedule: Schedule,
    begins: dt.datetime,
    ends: dt.datetime,
    line: list[Shift] | None = None,
) -> Plan:
    layers = tuple(
        Line(layer.name, _bars(at_work, schedule.of_layer(k, begins, ends)))
        for k, layer in enumerate(schedule.layers)
    )
    found = on_call.line(at_work, schedule.key, begins, ends) if line is None else line
    own = (schedule.key, schedule.name, schedule.zone)
    return Plan(*own, begins, ends, layers, Line("", _bars(at_work, found)))


def _bars(at_work: Desk, shifts: list[Shift]) -> tuple[Bar, ...]:
    return tuple(
        Bar(one.begins, one.ends, _names(at_work, one.people), one.people) for one in shifts
    )


def _names(at_work: Desk, people: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(at_work.people[id_].name for id_ in people if id_ in at_work.people)


def _overrides(at_work: Desk, key: str, now: dt.datetime) -> tuple[Instead, ...]:
    found = rows.query(
        "SELECT o.id, p.name, o.begins_at, o.ends_at, coalesce(a.name, '') FROM on_call_override o"
        " JOIN person p ON p.tenant_id = o.tenant_id AND p.id = o.person_id"
        " LEFT JOIN person a ON a.tenant_id = o.tenant_id AND a.id = o.author_id"
        " WHERE o.tenant_id = %s AND o.schedule = %s AND o.ends_at > %s"
        " ORDER BY o.begins_at, o.id",
        [at_work.tenant, key, now],
    )
    return tuple(Instead(*row) for row in found)


@access.needs(Right.SIGNED_IN)
def absences(*, by: Actor, now: dt.datetime | None = None) -> tuple[Away, ...]:
    """Return absences that have not ended. The note of another's is for who plans only."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        at = now or clock
        found = rows.query(
            "SELECT id, person_id, begins_at, ends_at, substitute_id, note FROM absence"
            " WHERE tenant_id = %s AND ends_at > %s ORDER BY begins_at, id",
            [by.tenant, at],
        )
    return tuple(_away(at_work, by, at, *row) for row in found)


def _away(at_work: Desk, by: Actor, now: dt.datetime, *row: Any) -> Away:
    id_, person, begins, ends, substitute, note = row
    people = at_work.people
    there = on_call.present(at_work, person, max(begins, now))
    sees = person == by.person or Right.PLAN_ON_CALL in by.rights
    return Away(
        id_,
        person,
        people[person].name,
        begins,
        ends,
        people[substitute].name if substitute is not None else "",
        people[there].name if there is not None else "",
        note if sees else "",
    )


# --------------------------------------------------------------------------------- to take along


@dataclass(frozen=True, slots=True)
class Duty:
    """A shift of one person in a schedule; `turn` is what stays the same while the plan does."""

    schedule: str
    name: str
    person: int
    who: str
    turn: str
    begins: dt.datetime
    ends: dt.datetime


@access.needs(Right.READ_CONFIGURATION)
def duties(
    *, by: Actor, key: str | None = None, person: int | None = None, now: dt.datetime | None = None
) -> tuple[Duty, ...]:
    """Return the shifts of a schedule or a person, from five weeks ago to half a year ahead."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
    if (key is not None and key not in at_work.on_call.schedules) or (
        person is not None and person not in at_work.people
    ):
        raise access.missing()
    midnight = (now or clock).replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[Duty] = []
    for own in [key] if key is not None else sorted(at_work.on_call.schedules):
        name = at_work.on_call.schedules[own][-1][1].name
        for one in on_call.turns(at_work, own, midnight - PAST, midnight + COMING):
            found += _duties(at_work, own, name, one, midnight - PAST)
    return tuple(one for one in found if person is None or one.person == person)


def _duties(at_work: Desk, key: str, name: str, shift: Shift, edge: dt.datetime) -> list[Duty]:
    # What the edge of the window cuts is called by where its turn began: tomorrow it is the same.
    since = shift.since if shift.begins == edge and shift.since else shift.begins
    people: Mapping[int, Any] = at_work.people
    return [
        Duty(key, name, id_, people[id_].name, since.isoformat(), shift.begins, shift.ends)
        for id_ in shift.people
        if id_ in people
    ]
