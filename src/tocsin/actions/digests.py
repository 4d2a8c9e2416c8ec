"""Digests: what waited for a minute, for quiet hours or for an outage to end, in few messages."""

import datetime as dt
import logging
from typing import Any

from django.db import transaction

from tocsin.actions import holding, ledger, notifying
from tocsin.actions.due import reason
from tocsin.actions.holding import DIGEST, QUIET
from tocsin.kit import canonical
from tocsin.queries import access, desk
from tocsin.queries.desk import Desk
from tocsin.records import context, rows

_log = logging.getLogger(__name__)
SINGLES = 5
_LISTED = 200  # lines of one digest; the rest is a number
_AGAIN = dt.timedelta(seconds=10)
_PATIENCE = dt.timedelta(minutes=5)
_BEHIND = dt.timedelta(seconds=60)


@access.operates
def take(*, most: int = 100, now: dt.datetime | None = None) -> int:
    """Carry out the timers of one tenant that are due; returns how many."""
    with transaction.atomic():
        found = rows.query("SELECT * FROM schedule_claim(%s, %s, %s)", [most, now, [DIGEST, QUIET]])
        if not found:
            return 0
        tenant = int(found[0][0])
        with context.tenant(tenant):
            at_work, _ = desk.at_work(tenant)
            at = now or ledger.clock()
            for _, id_ in found:
                _carry_out(at_work, int(id_), at)
    return len(found)


def _carry_out(at_work: Desk, id_: int, now: dt.datetime) -> None:
    """Carry out one timer; one that fails is tried again later and spoils no other."""
    where = [at_work.tenant, id_]
    try:
        with transaction.atomic():
            kind, person, planned = rows.query(
                "SELECT kind, object, planned_for FROM schedule WHERE tenant_id = %s AND id = %s",
                where,
            )[0]
            own = _digest if kind == DIGEST else _quiet
            if again := own(at_work, int(person), planned, now):
                rows.run(
                    "UPDATE schedule SET wake_at = %s WHERE tenant_id = %s AND id = %s",
                    [again, *where],
                )
            else:
                rows.run("DELETE FROM schedule WHERE tenant_id = %s AND id = %s", where)
    except Exception as error:  # whatever it is, the others go on
        rows.run(
            "UPDATE schedule SET attempts = attempts + 1, held_until = %s"
            " WHERE tenant_id = %s AND id = %s",
            [now + _AGAIN * 6, *where],
        )
        _log.error("timer %d of tenant %d: %s", id_, at_work.tenant, reason(error))


def _digest(
    at_work: Desk, person: int, planned: dt.datetime, now: dt.datetime
) -> dt.datetime | None:
    """Tell what was gathered; returns when to try again, None when all is told."""
    tenant = at_work.tenant
    if now - planned < _PATIENCE and _catching_up(tenant, now):
        # More is coming: one digest later is better than two now.
        return now + _AGAIN
    if until := _hushed(at_work, person, now):
        holding.plan(tenant, {(QUIET, person): until})
    late = _late(tenant, person, DIGEST, now)
    if late:
        outage = any(one["decided_at"] - one["planned_at"] > notifying.LATE for one in late)
        key = f"digest/{person}/{planned.isoformat()}"
        _tell(at_work, person, late, key, now, why="" if outage else "minute")
    return None


def _hushed(at_work: Desk, person: int, now: dt.datetime) -> dt.datetime | None:
    """Have what is not critical go on waiting if it must; returns until when, if anything does."""
    until = holding.quiet_until(at_work, person, now)
    found = rows.query(
        "WITH held AS (UPDATE alert a SET state = 'quiet' WHERE tenant_id = %s"
        " AND recipient_id = %s AND state = 'digest' AND NOT critical AND (%s OR EXISTS ("
        " SELECT FROM snooze s WHERE s.tenant_id = a.tenant_id AND s.ticket_id = a.ticket_id"
        " AND s.person_id = a.recipient_id AND s.until > %s)) RETURNING ticket_id)"
        " SELECT count(*), min(s.until) FROM held h LEFT JOIN snooze s ON s.tenant_id = %s"
        " AND s.ticket_id = h.ticket_id AND s.person_id = %s AND s.until > %s",
        [at_work.tenant, person, until is not None, now, at_work.tenant, person, now],
    )
    count, snoozed = found[0]
    return (until or snoozed) if count else None


def _quiet(
    at_work: Desk, person: int, planned: dt.datetime, now: dt.datetime
) -> dt.datetime | None:
    """Tell what waited for quiet hours or snoozes to end; returns when the next of them does."""
    if until := holding.quiet_until(at_work, person, now):
        return until
    late = _late(at_work.tenant, person, QUIET, now)
    if late:
        key = f"quiet/{person}/{planned.isoformat()}/{now.isoformat()}"
        _tell(at_work, person, late, key, now, why="quiet")
    found = rows.query(
        "SELECT min(s.until) FROM alert a JOIN snooze s ON s.tenant_id = a.tenant_id"
        " AND s.ticket_id = a.ticket_id AND s.person_id = a.recipient_id"
        " WHERE a.tenant_id = %s AND a.recipient_id = %s AND a.state = 'quiet'",
        [at_work.tenant, person],
    )
    ends: dt.datetime | None = found[0][0]
    return max(ends, now + _AGAIN) if ends else None


def _catching_up(tenant: int, now: dt.datetime) -> bool:
    """Say whether there are tickets that should have been decided a minute ago."""
    return bool(
        rows.query(
            "SELECT 1 FROM ticket WHERE tenant_id = %s AND wake_at IS NOT NULL"
            " AND GREATEST(wake_at, held_until) < %s LIMIT 1",
            [tenant, now - _BEHIND],
        )
    )


def _late(tenant: int, person: int, state: str, now: dt.datetime) -> list[dict[str, Any]]:
    """Return what a person has not been told yet, and mark it as told; most critical first.

    What is snoozed stays as it is.
    """
    found = rows.query(
        "WITH told AS (UPDATE alert a SET state = 'told' WHERE tenant_id = %s"
        " AND recipient_id = %s AND state = %s AND (critical OR NOT EXISTS ("
        " SELECT FROM snooze s WHERE s.tenant_id = a.tenant_id AND s.ticket_id = a.ticket_id"
        " AND s.person_id = a.recipient_id AND s.until > %s))"
        " RETURNING ticket_id, deed, clock, which, planned_at, critical, channel, decided_at)"
        " SELECT k.number, t.deed, t.clock, t.which, t.planned_at, t.critical, t.ticket_id,"
        " t.decided_at FROM told t JOIN ticket k ON k.tenant_id = %s AND k.id = t.ticket_id"
        " WHERE t.channel = 'product' ORDER BY t.critical DESC, k.priority, t.planned_at",
        [tenant, person, state, now, tenant],
    )
    names = ("ticket", "deed", "clock", "which", "planned_at", "critical", "ticket_id")
    return [dict(zip((*names, "decided_at"), row, strict=True)) for row in found]


def _tell(
    at_work: Desk,
    person: int,
    late: list[dict[str, Any]],
    key: str,
    now: dt.datetime,
    *,
    why: str,
) -> None:
    singles = [one for one in late if one["critical"]][:SINGLES]
    rest = [one for one in late if one not in singles]
    for k, one in enumerate(singles):
        lines = {"lines": [notifying.line(one)]}
        _write(at_work, person, f"{key}/{k}", lines, now, ticket=one["ticket_id"])
    if rest:
        listed = [{**notifying.line(one), "ticket": one["ticket"]} for one in rest[:_LISTED]]
        parts: dict[str, Any] = {"digest": listed, "more": len(rest) - len(listed)}
        if why:
            parts["why"] = why
        _write(at_work, person, key, parts, now, critical=any(one["critical"] for one in rest))


def _write(
    at_work: Desk,
    person: int,
    key: str,
    parts: dict[str, Any],
    now: dt.datetime,
    *,
    ticket: int | None = None,
    critical: bool = True,
) -> None:
    own = {"tenant_id": at_work.tenant, "ticket_id": ticket}
    text = canonical.encoded(parts).decode()
    row = {"person_id": person, "key": key, "parts": text, "critical": critical}
    rows.insert("notification", [{**own, **row, "created_at": now}])
    if person not in at_work.people:
        return
    said = canonical.encoded({**parts, "desk": at_work.key, "person": person}).decode()
    letters = [
        notifying.letter(
            f"{key}/{way}",
            way,
            person,
            said,
            urgent=critical,
            now=now,
            address=notifying.address_of(at_work, person, way),
        )
        for way in notifying.channels(at_work, person, critical=critical)
        if way != notifying.PRODUCT
    ]
    if letters:
        rows.insert("outbox", [{**own, **letter} for letter in letters])
        rows.run("SELECT pg_notify(%s, '')", [ledger.DOORBELL])
