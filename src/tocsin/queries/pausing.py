"""What a ticket's page says of pausing it: what it takes, what is left, what was asked for."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.engine.definition import Definition
from tocsin.engine.event import Event, Kind
from tocsin.queries import access, desk, discipline, reach, timeline
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.discipline import Discipline
from tocsin.records import rows

_NOTHING = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much open time a clock may still be paused, of how much in all."""

    clock: str
    left: dt.timedelta
    whole: dt.timedelta


@dataclass(frozen=True, slots=True)
class Request:
    """A pause that somebody asked leave for: the status to wait in, why, who and when."""

    status: str
    reason: str
    who: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Pausing:
    """What pausing takes, by the status to wait in; what of it is left; what was asked for."""

    ways: Mapping[str, Discipline]
    budgets: tuple[Budget, ...]
    request: Request | None

    @property
    def approval(self) -> bool:
        """Whether some way to wait takes somebody's leave."""
        return any(way.approval for way in self.ways.values())

    @property
    def tells(self) -> bool:
        """Whether in some way the customer is told the reason."""
        return any(way.tell_customer for way in self.ways.values())


@access.needs(Right.READ_TICKETS)
def pausing(*, ticket_id: int, by: Actor, now: dt.datetime | None = None) -> Pausing:
    """Return what a page says beside a ticket's pause button; a contact has none."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        seen, given = reach.condition(by)
        found = rows.query(
            "SELECT t.priority, t.type, m.key FROM ticket t"
            " LEFT JOIN team m ON m.tenant_id = t.tenant_id AND m.id = t.team_id"
            f" WHERE t.tenant_id = %s AND t.id = %s AND {seen}",
            [by.tenant, ticket_id, *given],
        )
        if not found or by.contact is not None:
            raise access.missing()
        live = rows.query(
            "SELECT policy, policy_version, definition, state, since, paused_us, calendar,"
            " calendar_version FROM clock WHERE tenant_id = %s AND ticket_id = %s"
            " AND state IN ('running', 'paused') ORDER BY key",
            [by.tenant, ticket_id],
        )
        request = _request(at_work, ticket_id)
    clocks = [(discipline.definition_of(at_work.versions, *row[:3]), row[3:]) for row in live]
    known = {"priority": found[0][0], "type": found[0][1], "team": found[0][2]}
    definitions = [one for one, _ in clocks if one is not None]
    return Pausing(
        ways={way: discipline.asked(definitions, known, way) for way in discipline.WAITING},
        budgets=tuple(
            budget
            for one, row in clocks
            if one is not None and (budget := _budget(at_work, one, row, now or clock)) is not None
        ),
        request=request,
    )


def _budget(
    at_work: Desk, definition: Definition, row: tuple[Any, ...], now: dt.datetime
) -> Budget | None:
    whole = definition.pauses.budget
    if whole is None:
        return None
    state, since, paused_us, calendar, version = row
    used = dt.timedelta(microseconds=paused_us)
    if state == "paused" and since < now:
        used += at_work.versions.calendar(calendar, version).calendar.between(since, now)
    return Budget(definition.key, max(whole - used, _NOTHING), whole)


def _request(at_work: Desk, ticket: int) -> Request | None:
    found = rows.query(
        "SELECT e.kind, e.payload, e.actor, e.effective_at, e.key, c.content FROM event e"
        " LEFT JOIN event_content c ON c.tenant_id = e.tenant_id AND c.event_id = e.id"
        " WHERE e.tenant_id = %s AND e.stream_kind = 'ticket' AND e.stream_id = %s"
        " AND (e.kind = 'status' OR (e.kind = 'field' AND e.payload LIKE %s))"
        " ORDER BY e.effective_at, e.stream_seq",
        [at_work.tenant, ticket, f"%{discipline.REQUEST}%"],
    )
    log = [
        Event("", Kind(kind), at, key, json.loads(payload), actor=actor)
        for kind, payload, actor, at, key, _ in found
    ]
    asked = discipline.pending(log)
    if asked is None:
        return None
    reason = next(row[-1] for row in found if row[4] == asked.key)
    names = timeline.contacts(at_work.tenant, {asked.actor})
    who = timeline.name_of(asked.actor, at_work, names)
    return Request(str(asked.payload["to"]), reason or "", who, asked.effective_at)
