"""The transaction that queries run in: inside the tenant, with the eyes of whoever asks.

Whoever sees every ticket reads as the pages do. Whoever sees some of them reads as a role of the
database for which no others exist: no count, list or search can tell of what is out of reach.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from tocsin.queries import access
from tocsin.queries.access import Actor
from tocsin.records import context
from tocsin.records.context import Within


@contextmanager
def reading(by: Actor) -> Iterator[None]:
    """Read in the actor's tenant what they may see."""
    with transaction.atomic(), context.tenant(by.tenant, within(by)):
        yield


def within(by: Actor) -> Within | None:
    """Return whose eyes an actor reads with, None for those of the desk itself."""
    if by.person is None:
        return None
    return Within(by.person, tuple(sorted(by.teams)), _reach(by))


def _reach(by: Actor) -> tuple[str, ...] | None:
    right = access.of_tickets(by.using)
    if by.sees_all(right):
        return None
    return tuple(
        sorted(
            f"{'*' if team is None else team}/{'*' if type_ is None else type_}"
            for grant in by.grants
            if right in grant.rights
            for team in (grant.teams if grant.teams is not None else (None,))
            for type_ in (grant.types if grant.types is not None else (None,))
        )
    )


def condition(by: Actor) -> tuple[str, list[object]]:
    """Return what `ticket t` must be for the actor to see it, as SQL and its parameters.

    The wall in front of the one of the database: either would do alone.
    """
    if by.contact is not None:
        return "t.contact_id = %s", [by.contact]
    found = _reach(by)
    if found is None:
        return "true", []
    return seen_by("%s", "%s::text[]"), [by.person, by.person, list(found)]


def seen_by(person: str, reach: str) -> str:
    """Return what `ticket t` must be for a person of that reach, both of them as SQL."""
    return (
        f"(t.assignee_id = {person} OR EXISTS (SELECT FROM participant own"
        " WHERE own.ticket_id = t.id AND own.tenant_id = t.tenant_id"
        f" AND own.person_id = {person}) OR {reach} && ARRAY['*/*', '*/' || t.type,"
        " coalesce(t.team_id::text, '-') || '/*', coalesce(t.team_id::text, '-') || '/' || t.type])"
    )


def about(by: Actor, ticket: str) -> tuple[str, list[object]]:
    """Return what a row must be whose column `ticket` names one, for the actor to see that one.

    A row about no ticket is for all who see rows of its table.
    """
    found, given = condition(by)
    if found == "true":
        return found, given
    return (
        f"({ticket} IS NULL OR {ticket} IN (SELECT t.id FROM ticket t WHERE t.tenant_id = %s"
        f" AND {found}))",
        [by.tenant, *given],
    )
