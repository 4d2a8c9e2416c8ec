"""What providers tell after they took a message: that it never arrived, or that it was answered."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from tocsin.actions import alarms, other_ways
from tocsin.actions.inbound import Behind
from tocsin.actions.letters import Lease
from tocsin.queries import access, granted
from tocsin.records import context, rows

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """The letter that somebody answers: who they are, and the ticket that it is about."""

    behind: Behind
    number: int


@access.operates
def letter(tenant: int, id_: int) -> Answered | None:
    """Return whom a letter was for and what it is about; None when nobody can answer it."""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT p.id, p.name, p.language, p.role, t.number FROM outbox o"
            " JOIN person p ON p.tenant_id = o.tenant_id AND p.id = o.person_id"
            " JOIN ticket t ON t.tenant_id = o.tenant_id AND t.id = o.ticket_id"
            " WHERE o.tenant_id = %s AND o.id = %s AND p.is_active",
            [tenant, id_],
        )
        if not found:
            return None
        person, name, language, role, number = found[0]
        by = granted.actor(tenant, person, role, granted.held(tenant, person))
    return Answered(Behind(name, language, by), number)


@access.operates
def not_arrived(
    tenant: int, channel: str, reference: str, reason: str, *, at: dt.datetime, lost: bool = True
) -> bool:
    """Note that a message which a provider took did not arrive; what is urgent leaves otherwise.

    With `lost` the letter is given up: administrators hear of it, and can send it again. A call
    that nobody answers is not lost, it only was of no use. Says whether anything was changed.
    """
    told = " ".join(reason.split())[:_LONGEST]
    if not reference:
        return False
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "UPDATE outbox SET state = %s, told = %s WHERE tenant_id = %s AND channel = %s"
            " AND reference = %s AND state = 'sent' AND delivered_at IS NULL AND told = ''"
            " RETURNING id, key, urgent, created_at",
            ["dead" if lost else "sent", told, tenant, channel, reference],
        )
        for id_, key, urgent, created_at in found:
            if lost:
                alarm = f"letter/{id_}/lost"
                alarms.raise_(tenant, "letter", told, key=alarm, now=at, mail=False)
            # Nobody's to send any more: it only says what it was.
            was = Lease(
                tenant=tenant,
                id=id_,
                token=uuid.uuid4(),
                at=at,
                channel=channel,
                key=key,
                parts="{}",
                urgent=urgent,
                created_at=created_at,
                attempts=1,
                maybe_sent=False,
                told="",
                recipient=None,
                about=None,
            )
            other_ways.send(was, at)
    return bool(found)
