"""Subscriptions of browsers that have ended: addresses that are none any more.

The process that learns of it may not delete what people have set. It puts the address behind all
others, so that it is nobody's first any more; it is removed when its owner next changes theirs.
"""

import datetime as dt

from tocsin.actions import configuration, ledger
from tocsin.actions.letters import FailedForGood, Lease, Outcome
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import rows

CHANNEL = "push"
# What a push service's 404 and 410 mean. It is read again when the letter is completed.
GONE = "the browser has ended this subscription: switch web push on in it again"
# Behind all that people can have: the last place is that of addresses that have ended.
_ENDED = 32767
_STREAM = "person"


@access.operates
def ended(lease: Lease, outcome: Outcome, *, now: dt.datetime | None = None) -> bool:
    """Put the address of a letter last whose push service says that it is gone; say if it was."""
    if lease.channel != CHANNEL or not isinstance(outcome, FailedForGood):
        return False
    if not outcome.reason.startswith(GONE):
        return False
    by = access.operator(lease.tenant)
    with ledger.configuring(lease.tenant, now=now) as (_, at):
        found = rows.query(
            "UPDATE contact_method m SET position = %s FROM outbox o WHERE o.tenant_id = %s"
            " AND o.id = %s AND m.tenant_id = o.tenant_id AND m.person_id = o.person_id"
            " AND m.channel = %s AND m.address = %s AND m.position <> %s"
            " RETURNING m.id, m.person_id",
            [_ENDED, lease.tenant, lease.id, CHANNEL, lease.address, _ENDED],
        )
        for id_, person in found:
            told = {"channel": CHANNEL, "method": str(id_)}
            configuration.record(by, _STREAM, person, "contact method ended", told, now=at)
    return bool(found)


@access.needs(Right.SIGNED_IN)
def clear(*, by: Actor, now: dt.datetime | None = None) -> int:
    """Remove the browsers of one's own that have ended; returns how many there were."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        found = rows.query(
            "DELETE FROM contact_method WHERE tenant_id = %s AND person_id = %s AND channel = %s"
            " AND position = %s RETURNING id",
            [by.tenant, by.person, CHANNEL, _ENDED],
        )
        for (id_,) in found:
            told = {"channel": CHANNEL, "method": str(id_)}
            configuration.record(
                by, _STREAM, by.person or 0, "contact method removed", told, now=at
            )
    return len(found)
