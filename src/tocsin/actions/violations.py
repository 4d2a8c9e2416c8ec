"""Seeing to violations: somebody says that they know of one, and what they make of it."""

import datetime as dt
from dataclasses import replace

from django.db import transaction

from tocsin.actions import given, ledger
from tocsin.engine.event import Kind, Side
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.audit import instant
from tocsin.records import context, rows


@access.needs(Right.ACKNOWLEDGE)
def acknowledge(
    *, violation_id: int, note: str = "", by: Actor, now: dt.datetime | None = None
) -> None:
    """Acknowledge a violation, once, with a note or without.

    It stands in the ticket's log as well. Escalation goes on: that ends by an act on the ticket.
    """
    note = given.text(note, "note", kind="reason", empty=True)
    with ledger.change(_ticket(by, violation_id), by=by, now=now) as work:
        # Read under the ticket's lock: of two who acknowledge at once the second is refused.
        found = rows.query(
            "SELECT clock, due_at, withdrawn_at, acknowledged_at FROM violation"
            " WHERE tenant_id = %s AND id = %s",
            [by.tenant, violation_id],
        )
        clock, due, withdrawn_at, acknowledged_at = found[0]
        if withdrawn_at is not None:
            raise NotAllowed("the violation was withdrawn; there is nothing to acknowledge")
        if acknowledged_at is not None:
            raise NotAllowed("somebody has acknowledged this violation already")
        told = {"did": "acknowledged", "clock": clock, "due": instant(due)}
        # Not a word of a colleague on the ticket: no clock may take it for one.
        as_desk = replace(by, side=Side.AUTOMATION)
        work.add(Kind.NOTE, told, as_desk, content=note or None)
        rows.run(
            "UPDATE violation SET acknowledged_at = %s, acknowledged_by_id = %s, note = %s"
            " WHERE tenant_id = %s AND id = %s",
            [work.now, by.person, note, by.tenant, violation_id],
        )


def _ticket(by: Actor, violation: int) -> int:
    with transaction.atomic(), context.tenant(by.tenant):
        found = rows.query(
            "SELECT ticket_id FROM violation WHERE tenant_id = %s AND id = %s",
            [by.tenant, violation],
        )
    if not found:
        raise access.missing()
    return int(found[0][0])
