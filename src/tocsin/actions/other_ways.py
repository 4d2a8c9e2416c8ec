"""Other ways: an urgent letter that does not get through leaves by the person's next channel."""

import datetime as dt

from tocsin.actions import ledger, notifying
from tocsin.actions.letters import Lease
from tocsin.records import rows

_MOST_WAYS = 12
_NEXT = "/next/"


def send(lease: Lease, at: dt.datetime) -> None:
    """Have an urgent letter leave at once by the person's next way that has not got it."""
    if not lease.urgent:
        return
    where = [lease.tenant, lease.id]
    ((person,),) = rows.query(
        "SELECT person_id FROM outbox WHERE tenant_id = %s AND id = %s", where
    )
    if person is None:
        return
    # A key ends in its channel: its siblings are the other ways that were used from the start.
    root = lease.key.partition(_NEXT)[0]
    siblings, channel = root.rpartition("/")[0], lease.channel
    for _ in range(_MOST_WAYS):
        way = notifying.next_method(lease.tenant, person, channel)
        if way is None:
            return
        channel, address = way
        key = f"{root}{_NEXT}{channel}"
        keys = [lease.tenant, [key, f"{siblings}/{channel}"]]
        known = rows.query("SELECT key FROM outbox WHERE tenant_id = %s AND key = ANY(%s)", keys)
        if (key,) in known:
            return  # it has begun before, and sees to itself
        if known:
            continue
        rows.run(
            "INSERT INTO outbox (tenant_id, channel, person_id, ticket_id, key, address, parts,"
            " urgent, state, created_at, next_at, attempts, maybe_sent, told)"
            " SELECT tenant_id, %s, person_id, ticket_id, %s, %s, parts, urgent, 'pending', %s, %s,"
            " 0, false, '' FROM outbox WHERE tenant_id = %s AND id = %s",
            [channel, key, address, at, at, *where],
        )
        rows.run("SELECT pg_notify(%s, '')", [ledger.DOORBELL])
        return
