"""What a tenant asks of those who sign in and read."""

import json
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.identity_providers import speaks_saml
from tocsin.records import context, rows


@dataclass(frozen=True, slots=True)
class Rules:
    """What a tenant asks for. `second_factor` are the roles that need one.

    `read_budget` is how many tickets a person may open in an hour. A session ends after
    `session_hours`, or `idle_minutes` without use. Without `passwords` people sign in by way of an
    identity provider only.
    """

    read_budget: int = 300
    export_approval: bool = False
    second_factor: frozenset[str] = frozenset()
    session_hours: int = 12
    idle_minutes: int = 120
    passwords: bool = True


@access.operates
def rules(tenant: int) -> Rules:
    """Return what a tenant asks for; what it never set is as the defaults say."""
    with transaction.atomic(), context.tenant(tenant):
        return _rules(tenant)


@access.needs(Right.ADMINISTER)
def in_force(*, by: Actor) -> Rules:
    """Return the same for whoever sets it."""
    with reach.reading(by):
        return _rules(by.tenant)


def _rules(tenant: int) -> Rules:
    found = rows.query(
        "SELECT read_budget, export_approval, second_factor, session_hours, idle_minutes, passwords"
        " FROM security WHERE tenant_id = %s",
        [tenant],
    )
    if not found:
        return Rules()
    budget, approval, factor, hours, idle, passwords = found[0]
    return Rules(budget, approval, frozenset(json.loads(factor)), hours, idle, passwords)


_OTHER_WAY = (
    "WITH ruling AS (SELECT p.id FROM person p WHERE p.tenant_id = %s"
    " AND p.role = 'administrator' AND p.is_active),"
    " linked AS (SELECT s.user_id, s.provider FROM socialaccount_socialaccount s"
    " JOIN ruling r ON r.id = s.user_id)"
    " SELECT EXISTS (SELECT FROM ruling r JOIN mfa_authenticator a ON a.user_id = r.id"
    " WHERE a.type = 'webauthn') OR EXISTS (SELECT FROM identity_provider i"
    " WHERE i.tenant_id = %s AND i.enabled AND (i.kind = 'oidc' OR %s) AND ("
    "EXISTS (SELECT FROM linked l WHERE l.provider = i.tenant_id || '-' || i.key)"
    # Whoever is known elsewhere already is found by no address: see actions/provisioning.
    " OR (i.by_email AND EXISTS (SELECT FROM ruling r WHERE NOT EXISTS"
    " (SELECT FROM linked l WHERE l.user_id = r.id)))"
    " OR EXISTS (SELECT FROM jsonb_each(i.groups::jsonb) g"
    " WHERE g.value ->> 'role' = 'administrator')))"
)


@access.operates
def other_way_in(tenant: int) -> bool:
    """Say whether an administrator can sign in without a password.

    By a passkey of theirs, or a provider that is switched on and knows one of them, may find one
    by their address, or makes administrators of a group; or a proxy in front says who they are.
    """
    if settings.HEADER_SSO_FROM and settings.HEADER_SSO_SECRET:
        return True
    with transaction.atomic(), context.tenant(tenant):
        return bool(rows.query(_OTHER_WAY, [tenant, tenant, speaks_saml()])[0][0])
