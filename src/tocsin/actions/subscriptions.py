"""Subscriptions of browsers that have ended: addresses that are none any more."""

import datetime as dt

from tocsin.actions import configuration, ledger
from tocsin.actions.letters import FailedForGood, Lease, Outcome
from tocsin.queries import access
from tocsin.records import rows

CHANNEL = "push"
# What a push service's 404 and 410 mean. It is read again when the letter is completed.
GONE = "the browser has ended this subscription: switch web push on in it again"
_STREAM = "person"


@access.operates
def ended(lease: Lease, outcome: Outcome, *, now: dt.datetime | None = None) -> bool:
    """Remove the address of a letter whose push service says that it is gone; say if it was."""
    if lease.channel != CHANNEL or not isinstance(outcome, FailedForGood):
        return False
    if not outcome.reason.startswith(GONE):
        return False
    by = access.operator(lease.tenant)
    with ledger.configuring(lease.tenant, now=now) as (_, at):
        found = rows.query(
            "DELETE FROM contact_method m USING outbox o WHERE o.tenant_id = %s AND o.id = %s"
            " AND m.tenant_id = o.tenant_id AND m.person_id = o.person_id"
            " AND m.channel = %s AND m.address = %s RETURNING m.id, m.person_id",
            [lease.tenant, lease.id, CHANNEL, lease.address],
        )
        for id_, person in found:
            told = {"channel": CHANNEL, "method": str(id_)}
            configuration.record(by, _STREAM, person, "contact method ended", told, now=at)
    return bool(found)
