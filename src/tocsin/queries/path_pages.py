"""Escalation paths as their pages show them: where each runs, and which tickets would begin one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.engine import decide, escalating, replay
from tocsin.engine.event import Event
from tocsin.engine.path import EscalationPath
from tocsin.engine.version import Versions
from tocsin.queries import access, facts, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows

MOST = 1000
_BATCH = 250
_ACTIVE = ("new", "open", "waiting customer", "waiting internal")


@dataclass(frozen=True, slots=True)
class Running:
    """A path that runs on a ticket: since when, at which level, and what comes next."""

    ticket: int
    subject: str
    path: str
    version: int
    number: int
    level: str
    begun_at: dt.datetime
    next_at: dt.datetime | None
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class Begins:
    """A ticket that would begin a path at an instant; one that is not later than now does at once.

    `trigger` counts the path's triggers from 0.
    """

    ticket: int
    subject: str
    at: dt.datetime
    trigger: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """What activating a path would begin, of `looked` open tickets, the newest of `open`.

    `fits` of them pass its condition. `rows` are those that begin it, the first ones first; `now`
    of these do at once.
    """

    open: int
    looked: int
    fits: int
    now: int
    rows: tuple[Begins, ...]


@access.needs(Right.READ_CONFIGURATION)
def running(*, by: Actor, path: str = "", most: int = 200) -> tuple[Running, ...]:
    """Return where paths run, or one of them: what comes first stands first."""
    which, given = (" AND e.path = %s", [path]) if path else ("", [])
    seen, own = reach.condition(by)
    with reach.reading(by):
        found = rows.query(
            "SELECT t.number, t.subject, e.path, e.path_version, e.number, e.level, e.begun_at,"
            " e.next_at, e.acknowledged_at IS NOT NULL FROM escalation e"
            " JOIN ticket t ON t.tenant_id = e.tenant_id AND t.id = e.ticket_id"
            f" WHERE e.tenant_id = %s AND e.ended_at IS NULL{which} AND {seen}"
            " ORDER BY e.next_at NULLS LAST, t.number, e.number LIMIT %s",
            [by.tenant, *given, *own, most],
        )
    return tuple(Running(*row) for row in found)


@access.needs(Right.READ_CONFIGURATION)
def beginning(*, key: str, after: Desk, now: dt.datetime, by: Actor, most: int = MOST) -> Beginning:
    """Return which open tickets would begin a path under the desk `after`, and when.

    A trigger that waits for a change cannot be foreseen: it begins nothing here.
    """
    path = next((one for one in after.versions.paths_at(now) if one.key == key), None)
    seen, own = reach.condition(by)
    with reach.reading(by):
        there = rows.query(
            "SELECT t.id, t.number, t.subject, count(*) OVER () FROM ticket t WHERE t.tenant_id"
            f" = %s AND t.status = ANY(%s) AND {seen} ORDER BY t.id DESC LIMIT %s",
            [by.tenant, list(_ACTIVE), *own, most],
        )
    if path is None:
        return Beginning(there[0][3] if there else 0, 0, 0, 0, ())
    fits, found = 0, list[Begins]()
    for first in range(0, len(there), _BATCH):
        part = there[first : first + _BATCH]
        ids = [row[0] for row in part]
        with reach.reading(by):
            logs = facts.of_tickets(by.tenant, ids)
        for id_, number, subject, _ in part:
            log = facts.with_calendars(logs.get(id_, []), after.calendar_facts)
            fit, begins = _looked(str(id_), log, after.versions, path, now)
            fits += fit
            found += [Begins(number, subject, at, trigger) for at, trigger in begins]
    found.sort(key=lambda one: (one.at, one.ticket))
    at_once = sum(one.at <= now for one in found)
    return Beginning(there[0][3] if there else 0, len(there), fits, at_once, tuple(found))


def _looked(
    id_: str, log: Sequence[Event], versions: Versions, path: EscalationPath, now: dt.datetime
) -> tuple[bool, list[tuple[dt.datetime, int]]]:
    """Return whether a ticket fits a path, and when it would first begin it by which trigger."""
    if not log:
        return False, []
    ticket = replay.at(replay.fold(id_, log, versions), now)
    if not path.when.matches(ticket.fields):
        return False, []
    done = decide.done(log)
    planned = [
        (one.planned_at, path.triggers.index(trigger))
        for one, own, trigger in escalating.ahead(ticket, versions, now).starts
        if own.key == path.key and one.key not in done
    ]
    return True, [min(planned)] if planned else []
