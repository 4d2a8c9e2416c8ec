"""The transaction that queries run in: inside the tenant, with the eyes of whoever asks.

Whoever sees every ticket reads as the pages do. Whoever sees some of them reads as a role of the
database for which no others exist: no count, list or search can tell of what is out of reach.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from tocsin.queries.access import OF_TICKETS, Actor, Right
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
    return Within(by.person, tuple(sorted(by.teams)), _reach(by, by.using))


def _reach(by: Actor, using: Right | None) -> tuple[str, ...] | None:
    right = using if using in OF_TICKETS else Right.READ_TICKETS
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
    found = _reach(by, by.using)
    if by.person is None or found is None:
        return "true", []
    return (
        "(t.assignee_id = %s OR EXISTS (SELECT FROM participant own WHERE own.ticket_id = t.id"
        " AND own.tenant_id = t.tenant_id AND own.person_id = %s) OR %s::text[] && ARRAY['*/*',"
        " '*/' || t.type, coalesce(t.team_id::text, '-') || '/*',"
        " coalesce(t.team_id::text, '-') || '/' || t.type])",
        [by.person, by.person, list(found)],
    )
