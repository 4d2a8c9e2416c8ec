"""Digests: after an outage a person hears of all that was late in a few messages."""

import datetime as dt
import logging
from typing import Any

from django.db import transaction

from tocsin.actions import ledger, notifying
from tocsin.actions.due import reason
from tocsin.kit import canonical
from tocsin.queries import access, desk
from tocsin.queries.desk import Desk
from tocsin.records import context, rows

_log = logging.getLogger(__name__)
KIND = "digest"
SINGLES = 5
_LISTED = 200  # lines of one digest; the rest is a number
_AGAIN = dt.timedelta(seconds=10)
_PATIENCE = dt.timedelta(minutes=5)
_BEHIND = dt.timedelta(seconds=60)


@access.operates
def take(*, most: int = 100, now: dt.datetime | None = None) -> int:
    """Carry out the timers of one tenant that are due; returns how many."""
    with transaction.atomic():
        found = rows.query("SELECT * FROM schedule_claim(%s, %s, %s)", [most, now, [KIND]])
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
    try:
        with transaction.atomic():
            _digest(at_work, id_, now)
    except Exception as error:  # whatever it is, the others go on
        rows.run(
            "UPDATE schedule SET attempts = attempts + 1, held_until = %s"
            " WHERE tenant_id = %s AND id = %s",
            [now + _AGAIN * 6, at_work.tenant, id_],
        )
        _log.error("timer %d of tenant %d: %s", id_, at_work.tenant, reason(error))


def _digest(at_work: Desk, id_: int, now: dt.datetime) -> None:
    tenant = at_work.tenant
    where = [tenant, id_]
    found = rows.query(
        "SELECT object, planned_for FROM schedule WHERE tenant_id = %s AND id = %s", where
    )
    person, planned = int(found[0][0]), found[0][1]
    if now - planned < _PATIENCE and _catching_up(tenant, now):
        # More is coming: one digest later is better than two now.
        rows.run(
            "UPDATE schedule SET wake_at = %s WHERE tenant_id = %s AND id = %s",
            [now + _AGAIN, *where],
        )
        return
    late = _late(tenant, person)
    if late:
        _tell(at_work, person, late, f"digest/{person}/{planned.isoformat()}", now)
    rows.run("DELETE FROM schedule WHERE tenant_id = %s AND id = %s", where)


def _catching_up(tenant: int, now: dt.datetime) -> bool:
    """Say whether there are tickets that should have been decided a minute ago."""
    return bool(
        rows.query(
            "SELECT 1 FROM ticket WHERE tenant_id = %s AND wake_at IS NOT NULL"
            " AND GREATEST(wake_at, held_until) < %s LIMIT 1",
            [tenant, now - _BEHIND],
        )
    )


def _late(tenant: int, person: int) -> list[dict[str, Any]]:
    """Return what a person has not been told yet, and mark it as told; most critical first."""
    found = rows.query(
        "WITH told AS (UPDATE alert SET state = 'told' WHERE tenant_id = %s AND recipient_id = %s"
        " AND state = 'digest' RETURNING ticket_id, deed, clock, which, planned_at, critical,"
        " channel)"
        " SELECT k.number, t.deed, t.clock, t.which, t.planned_at, t.critical, t.ticket_id"
        " FROM told t JOIN ticket k ON k.tenant_id = %s AND k.id = t.ticket_id"
        " WHERE t.channel = 'product' ORDER BY t.critical DESC, k.priority, t.planned_at",
        [tenant, person, tenant],
    )
    names = ("ticket", "deed", "clock", "which", "planned_at", "critical", "ticket_id")
    return [dict(zip(names, row, strict=True)) for row in found]


def _tell(
    at_work: Desk, person: int, late: list[dict[str, Any]], key: str, now: dt.datetime
) -> None:
    singles = [one for one in late if one["critical"]][:SINGLES]
    rest = [one for one in late if one not in singles]
    for k, one in enumerate(singles):
        lines = {"lines": [notifying.line(one)]}
        _write(at_work, person, f"{key}/{k}", lines, now, ticket=one["ticket_id"])
    if rest:
        listed = [{**notifying.line(one), "ticket": one["ticket"]} for one in rest[:_LISTED]]
        parts: dict[str, Any] = {"digest": listed, "more": len(rest) - len(listed)}
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
    text = canonical.encoded(parts).decode()
    own = {"tenant_id": at_work.tenant, "ticket_id": ticket}
    row = {"person_id": person, "key": key, "parts": text, "critical": critical}
    rows.insert("notification", [{**own, **row, "created_at": now}])
    known = at_work.people.get(person)
    if known is not None and known.email:
        letter = notifying.letter(f"{key}/mail", "mail", person, text, urgent=critical, now=now)
        rows.insert("outbox", [{**own, **letter}])
        rows.run("SELECT pg_notify(%s, '')", [ledger.DOORBELL])
