"""Tickets that cannot be decided: out of the way of the others, and shown to an administrator."""

import datetime as dt

from django.db import transaction

from tocsin.actions import alarms, ledger
from tocsin.queries import access
from tocsin.records import context, rows

MOST_ATTEMPTS = 3
_SHORT = dt.timedelta(seconds=5)
_LONG = dt.timedelta(hours=1)
_KILLED = "deciding it ended the process each time"


@access.operates
def attempt(tenant: int, ticket: int) -> bool:
    """Count an attempt at one ticket and commit that; says whether there should be one.

    A ticket that has used up its attempts is held back for an hour, and gets a new one then.
    """
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT attempts FROM ticket WHERE tenant_id = %s AND id = %s FOR UPDATE",
            [tenant, ticket],
        )
        if not found:
            return False
        if found[0][0] >= MOST_ATTEMPTS:
            _hold(tenant, ticket, _KILLED, _LONG)
            return False
        rows.run(
            "UPDATE ticket SET attempts = attempts + 1 WHERE tenant_id = %s AND id = %s",
            [tenant, ticket],
        )
    return True


@access.operates
def hold(tenant: int, ticket: int, reason: str) -> None:
    """Hold a ticket back after a failed attempt: shortly at first, for an hour after three."""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT attempts FROM ticket WHERE tenant_id = %s AND id = %s FOR UPDATE",
            [tenant, ticket],
        )
        used_up = bool(found) and found[0][0] >= MOST_ATTEMPTS
        _hold(tenant, ticket, reason, _LONG if used_up else _SHORT)


def _hold(tenant: int, ticket: int, reason: str, length: dt.timedelta) -> None:
    now = ledger.clock()
    rows.run(
        "UPDATE ticket SET held_until = %s, held_reason = %s, attempts = CASE WHEN %s THEN 0"
        " ELSE attempts END WHERE tenant_id = %s AND id = %s",
        [now + length, reason, length == _LONG, tenant, ticket],
    )
    if length == _LONG:
        key = f"held/{ticket}/{now.isoformat()}"
        alarms.raise_(tenant, "held", reason, key=key, now=now, ticket=ticket)
