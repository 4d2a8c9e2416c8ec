"""What an actor may do to one ticket: rights that are for some tickets only are looked at there."""

import dataclasses

from tocsin.queries import access, reach
from tocsin.queries.access import OF_TICKETS, Actor, Right, Subject
from tocsin.records import rows


@access.needs(Right.READ_TICKETS)
def allowed(*, ticket_id: int, by: Actor) -> frozenset[Right]:
    """Return the rights of an actor that hold for a ticket."""
    if not by.grants:
        return by.rights
    with reach.reading(by):
        found = rows.query(
            "SELECT contact_id, team_id, type, assignee_id, ARRAY(SELECT p.person_id"
            " FROM participant p WHERE p.tenant_id = t.tenant_id AND p.ticket_id = t.id)"
            " FROM ticket t WHERE t.tenant_id = %s AND t.id = %s",
            [by.tenant, ticket_id],
        )
    if not found:
        raise access.missing()
    contact, team, type_, assignee, parts = found[0]
    subject = Subject(contact, team, type_, assignee, frozenset(parts))
    return frozenset(
        right
        for right in by.rights
        if right not in OF_TICKETS or access.sees(dataclasses.replace(by, using=right), subject)
    )
