"""What comes back from providers under /hooks/: an arrival, who is behind it, what it may do.

A channel proves who sent an arrival before it reads it, and raises `Forged` when that fails. What
it asks for is then done as the person whose address it came from, with that person's rights.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from tocsin.actions import (
    escalations,
    ledger,
    links,
    providers,
    snoozing,
    strongbox,
    tenants,
    tickets,
)
from tocsin.queries import access, cards, granted
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows


class Forged(Exception):
    """It does not prove that the provider sent it: no signature, a wrong one, or an old one."""


class Unusable(Exception):
    """The provider's own secrets cannot be read: nothing can be proved, so nothing is let in."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request of a provider. `body` is as it came; names of headers are lower case.

    `url` is the address as the provider was given it, the query included; `at` the database's
    clock.
    """

    tenant: int
    provider: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider is told. `afterwards` is run when it has its answer, and may take long."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/plain; charset=utf-8"
    afterwards: Callable[[], None] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Behind:
    """The person behind an address of a channel."""

    name: str
    language: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Line:
    """A provider that may call: `typed` are its settings with its secrets, `at` is now.

    `root` is the public address of this installation, "" when nobody has said it.
    """

    tenant: int
    typed: Mapping[str, str] = field(repr=False)
    at: dt.datetime
    root: str


@access.operates
def line(desk: str, provider: int, channel: str) -> Line | None:
    """Return the enabled provider of a tenant's key, id and channel; None for anything else.

    What is not there takes as long as what is. Raises `Unusable`.
    """
    tenant = tenants.find(desk)
    # A tenant that is not there is asked for its providers all the same.
    found = [
        one
        for one in providers.of_tenant(tenant or 0)
        if one.id == provider and one.channel == channel and one.enabled
    ]
    if tenant is None or not found:
        return None
    try:
        typed = providers.opened(found[0])
    except strongbox.Locked as error:
        raise Unusable(str(error)) from None
    return Line(tenant, typed, ledger.clock(), links.address())


@access.operates
def person(tenant: int, channel: str, address: str) -> Behind | None:
    """Return the active person who has that address; None when nobody has, or several have."""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT p.id, p.name, p.language, p.role FROM contact_method m"
            " JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id"
            " WHERE m.tenant_id = %s AND m.channel = %s AND m.address = %s AND p.is_active",
            [tenant, channel, address],
        )
        if len(found) != 1:
            return None
        id_, name, language, role = found[0]
        by = granted.actor(tenant, id_, role, granted.held(tenant, id_))
    return Behind(name, language, by)


@access.needs(Right.ESCALATE)
def acknowledge(*, number: int, via: str, by: Actor, now: dt.datetime | None = None) -> bool:
    """Acknowledge what runs on a ticket, as somebody who may read it and may do so.

    Says whether it changed anything.
    """
    return escalations.acknowledge(ticket_id=_ticket(number, by), by=by, via=via, now=now)


@access.needs(Right.READ_TICKETS)
def snooze(
    *, number: int, length: dt.timedelta, by: Actor, now: dt.datetime | None = None
) -> dt.datetime:
    """Leave a person alone with what is not urgent of a ticket for a while; returns until when."""
    return snoozing.snooze(ticket_id=_ticket(number, by), length=length, by=by, now=now)


@access.needs(Right.NOTE)
def note_once(*, number: int, text: str, by: Actor, now: dt.datetime | None = None) -> bool:
    """Write a note on a ticket unless it has the very same one; says whether it was written."""
    id_ = _ticket(number, by)
    with transaction.atomic(), context.tenant(by.tenant):
        # The same event may arrive twice at once: the second waits here for the first.
        rows.query("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [text, id_])
        same = rows.query(
            "SELECT 1 FROM message WHERE tenant_id = %s AND ticket_id = %s AND body = %s LIMIT 1",
            [by.tenant, id_, text],
        )
        if not same:
            tickets.note(ticket_id=id_, body=text, by=by, now=now)
    return not same


@access.operates
def settled_at(tenant: int, number: int) -> dt.datetime | None:
    """Return since when there is something to acknowledge on a ticket, by what is known.

    That is when the first escalation that nobody has acknowledged began, and not before the last
    acknowledgement: what somebody did elsewhere earlier than that says nothing of it. None when
    there was neither.
    """
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT greatest("
            "(SELECT min(e.begun_at) FROM escalation e WHERE e.tenant_id = t.tenant_id"
            " AND e.ticket_id = t.id AND e.ended_at IS NULL AND e.acknowledged_at IS NULL),"
            " (SELECT max(f.effective_at) FROM event f WHERE f.tenant_id = t.tenant_id"
            " AND f.stream_kind = 'ticket' AND f.stream_id = t.id AND f.kind = 'acknowledgement'))"
            " FROM ticket t WHERE t.tenant_id = %s AND t.number = %s",
            [tenant, number],
        )
    return found[0][0] if found else None


def _ticket(number: int, by: Actor) -> int:
    found = cards.numbered(by=by, number=number)
    if found is None:
        raise access.missing()
    return found.id
