"""Sessions: who is signed in, where from, by what means and since when."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.queries.identity_providers import Button, speaks_saml
from tocsin.records import context, rows


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has not ended. `here` says that it is the one that asks."""

    id: int
    means: str
    address: str
    agent: str
    begun_at: dt.datetime
    seen_at: dt.datetime
    here: bool


@access.needs(Right.SIGNED_IN)
def mine(*, session: str, by: Actor) -> list[Session]:
    """Return one's own sessions, the one used last in front."""
    if by.person is None:
        raise access.missing()
    return _of(by, by.person, session)


@access.needs(Right.ADMINISTER)
def of_person(*, person: int, by: Actor) -> list[Session]:
    """Return the sessions of somebody, the one used last in front."""
    return _of(by, person, "")


@access.needs(Right.SIGNED_IN)
def linked(*, by: Actor) -> list[Button]:
    """Return the providers that one is known by and can sign in by, by name."""
    with transaction.atomic(), context.tenant(by.tenant):
        found = rows.query(
            "SELECT DISTINCT i.name, i.key FROM identity_provider i"
            " JOIN socialaccount_socialaccount s ON s.provider = i.tenant_id || '-' || i.key"
            " JOIN person p ON p.id = s.user_id AND p.tenant_id = i.tenant_id"
            " WHERE i.tenant_id = %s AND i.enabled AND (i.kind = 'oidc' OR %s)"
            " AND p.id = %s ORDER BY i.name, i.key",
            [by.tenant, speaks_saml(), by.person],
        )
    return [Button(key, name) for name, key in found]


def _of(by: Actor, person: int, session: str) -> list[Session]:
    # Not with narrow eyes: nobody who sees only some tickets may look into this table at large.
    with transaction.atomic(), context.tenant(by.tenant):
        found = rows.query(
            "SELECT s.id, s.means, s.address, s.agent, s.begun_at, s.seen_at, s.session_key = %s"
            " FROM sign_in s"
            " LEFT JOIN security x ON x.tenant_id = s.tenant_id"
            " WHERE s.tenant_id = %s AND s.person_id = %s AND s.ended_at IS NULL"
            # What has come to its time is over, though nobody has asked since.
            " AND s.begun_at + make_interval(hours => coalesce(x.session_hours, 12))"
            " > clock_timestamp()"
            " AND s.seen_at + make_interval(mins => coalesce(x.idle_minutes, 120))"
            " > clock_timestamp()"
            " ORDER BY s.seen_at DESC, s.id DESC",
            [session, by.tenant, person],
        )
    return [Session(*row) for row in found]
