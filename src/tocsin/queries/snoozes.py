"""What a person has snoozed."""

import datetime as dt
from dataclasses import dataclass

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows


@dataclass(frozen=True, slots=True)
class Snoozed:
    """A ticket of which a person hears nothing but what is critical, until an instant."""

    ticket: int
    number: int
    subject: str
    until: dt.datetime


@access.needs(Right.SIGNED_IN)
def mine(*, by: Actor, now: dt.datetime, ticket_id: int | None = None) -> list[Snoozed]:
    """Return a person's own snoozes that last, the first to end first; or those of one ticket."""
    with reach.reading(by):
        seen, given = reach.condition(by)
        found = rows.query(
            "SELECT s.ticket_id, t.number, t.subject, s.until FROM snooze s"
            " JOIN ticket t ON t.tenant_id = s.tenant_id AND t.id = s.ticket_id"
            " WHERE s.tenant_id = %s AND s.person_id = %s AND s.until > %s"
            f" AND s.ticket_id = coalesce(%s, s.ticket_id) AND {seen} ORDER BY s.until",
            [by.tenant, by.person, now, ticket_id, *given],
        )
    return [Snoozed(*row) for row in found]
