"""Snoozing: a person hears nothing of a ticket for a while but what is critical."""

import dataclasses
import datetime as dt

from tocsin.actions import ledger
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows

LONGEST = dt.timedelta(days=7)


@access.needs(Right.SIGNED_IN)
def snooze(
    *, ticket_id: int, length: dt.timedelta, by: Actor, now: dt.datetime | None = None
) -> dt.datetime:
    """Hear nothing of a ticket for that long, 7 days at most; returns until when.

    What is critical still comes. The rest is told in one message at the end.
    """
    if not dt.timedelta(0) < length <= LONGEST:
        raise Invalid("length", "must be more than nothing and 7 days at most")
    with ledger.session(by.tenant) as (_, clock):
        at = now or clock
        until, person = at + length, _own(ticket_id, by)
        rows.run(
            "DELETE FROM snooze WHERE tenant_id = %s AND person_id = %s AND until <= %s",
            [by.tenant, person, at],
        )
        row = {"tenant_id": by.tenant, "ticket_id": ticket_id, "person_id": person}
        key = ("tenant_id", "ticket_id", "person_id")
        rows.upsert("snooze", [{**row, "until": until}], key)
        # A longer one than before ends later, a shorter one must not be told too late.
        _look(by, person, until)
    return until


@access.needs(Right.SIGNED_IN)
def end(*, ticket_id: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Hear of a ticket again from now on; what waited comes at once."""
    with ledger.session(by.tenant) as (_, clock):
        person = _own(ticket_id, by)
        rows.run(
            "DELETE FROM snooze WHERE tenant_id = %s AND ticket_id = %s AND person_id = %s",
            [by.tenant, ticket_id, person],
        )
        _look(by, person, now or clock)
        rows.run("SELECT pg_notify(%s, '')", [ledger.DOORBELL])


def _own(ticket_id: int, by: Actor) -> int:
    own, given = reach.condition(dataclasses.replace(by, using=Right.READ_TICKETS))
    found = rows.query(
        f"SELECT 1 FROM ticket t WHERE t.tenant_id = %s AND t.id = %s AND {own}",
        [by.tenant, ticket_id, *given],
    )
    if by.person is None or Right.READ_TICKETS not in by.rights or not found:
        raise access.missing()
    return by.person


def _look(by: Actor, person: int, at: dt.datetime) -> None:
    """Have what waits for the person be looked at no later than that."""
    rows.run(
        "UPDATE schedule SET wake_at = LEAST(wake_at, %s), planned_for = LEAST(planned_for, %s)"
        " WHERE tenant_id = %s AND kind = 'quiet' AND object = %s",
        [at, at, by.tenant, person],
    )
