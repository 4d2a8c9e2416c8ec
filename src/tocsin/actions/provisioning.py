"""People from elsewhere: an identity provider or a directory says who they are, and their groups.

Who signs in by a provider is found by what it calls them, never by what they call themselves; an
address that it has checked finds them the first time, where the provider's settings allow it.
"""

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import transaction

from tocsin.actions import configuration, ledger, people, placing
from tocsin.actions.placing import Mapped
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.records import context, rows

UNKNOWN = "nobody here is known by this account; ask an administrator"
NOTHING = "your groups there let you do nothing here; ask an administrator"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a provider says of somebody; `subject` is what it calls them and nobody else, ever.

    `verified` says that it has checked the address. `groups` is None when it did not say.
    """

    subject: str
    email: str = ""
    name: str = ""
    verified: bool = False
    groups: frozenset[str] | None = None


class _Provider(NamedTuple):
    key: str
    by_email: bool
    mapping: Mapped


@access.needs(Right.ADMINISTER)
def provisioned(
    *,
    external: str,
    email: str,
    name: str,
    by: Actor,
    groups: Collection[str] | None = None,
    mapping: Mapped | None = None,
    now: dt.datetime | None = None,
) -> int:
    """Have a directory's person here, and return their id; for SCIM.

    They are found by `external`, what the directory calls them, and never by their address: who
    has that address already is refused (`Invalid`, "email"). A new one is `limited`, unless
    `groups` give more by `mapping` (group: {"role", "teams" as ids, "permission_sets" as keys});
    somebody known gets what these say when both are given, and stays as they are otherwise.
    """
    if not external.strip():
        raise Invalid("external_id", "is empty")
    place = None
    if groups is not None and mapping:
        place = placing.place(mapping, groups) or placing.nothing(mapping)
    with ledger.configuring(by.tenant, now=now) as (_, at):
        known = rows.query(
            "SELECT id FROM person WHERE tenant_id = %s AND external_id = %s",
            [by.tenant, external],
        )
        if known:
            person = int(known[0][0])
        else:
            role = place.role if place else "limited"
            person = people.add_person(name=name, email=email, role=role, by=by, now=at)
            rows.run(
                "UPDATE person SET external_id = %s, password = %s"
                " WHERE tenant_id = %s AND id = %s",
                [external, make_password(None), by.tenant, person],
            )
        if place is not None:
            placing.put(person, place, "directory", by, at)
    return person


@access.operates
def signed_in(
    tenant: int, provider: str, claimed: Claimed, *, now: dt.datetime | None = None
) -> int:
    """Return the id of the active person that a provider has just let in, placed by their groups.

    Raises `NotAllowed` for who is not known here and cannot be added, has left, or is in no group
    that means anything here; `NotFound` when the provider is not switched on.
    """
    known = _settled(tenant, provider, claimed)
    if known is not None:
        return known
    with ledger.configuring(tenant, now=now) as (_, at):
        found = _provider(tenant, provider)
        by = access.automation(tenant)
        person = _linked(tenant, found, claimed) or _by_address(tenant, found, claimed, at)
        place = placing.place(found.mapping, claimed.groups or ())
        if person is None and place is not None:
            person = _added(tenant, found, claimed, place.role, at)
        if person is None or not _is_active(tenant, person):
            raise NotAllowed(UNKNOWN)
        # A provider that says nothing of groups takes nothing away, and gives nothing.
        if found.mapping and claimed.groups is not None:
            wanted = place or placing.nothing(found.mapping)
            placing.put(person, wanted, f"identity provider {found.key}", by, at)
    # What was taken away stays taken away: this is said after the end of the transaction.
    if found.mapping and place is None:
        raise NotAllowed(NOTHING)
    return person


def _settled(tenant: int, provider: str, claimed: Claimed) -> int | None:
    """Return the person when there is nothing to change, as on most days."""
    with transaction.atomic(), context.tenant(tenant):
        found = _provider(tenant, provider)
        person = _linked(tenant, found, claimed)
        if person is None or not _is_active(tenant, person):
            return None
        if not found.mapping:
            return person
        place = placing.place(found.mapping, claimed.groups or ())
        return person if place and placing.settled(tenant, person, place) else None


def _provider(tenant: int, key: str) -> _Provider:
    found = rows.query(
        "SELECT key, by_email, groups FROM identity_provider"
        " WHERE tenant_id = %s AND key = %s AND enabled",
        [tenant, key],
    )
    if not found:
        raise access.missing()
    return _Provider(found[0][0], found[0][1], json.loads(found[0][2]))


def _linked(tenant: int, provider: _Provider, claimed: Claimed) -> int | None:
    # The person is looked for behind the tenant's wall too: allauth's table knows no tenants.
    found = rows.query(
        "SELECT p.id FROM socialaccount_socialaccount s JOIN person p ON p.id = s.user_id"
        " WHERE s.provider = %s AND s.uid = %s AND p.tenant_id = %s",
        [placing.provider(tenant, provider.key), claimed.subject, tenant],
    )
    return int(found[0][0]) if found else None


def _by_address(tenant: int, provider: _Provider, claimed: Claimed, at: dt.datetime) -> int | None:
    if not (provider.by_email and claimed.verified and claimed.email):
        return None
    # Whoever has an identity already keeps it: two that name one address are not one person.
    found = rows.query(
        "SELECT p.id FROM person p WHERE p.tenant_id = %s AND p.email_key = %s AND p.is_active"
        " AND NOT EXISTS (SELECT FROM socialaccount_socialaccount s WHERE s.user_id = p.id)",
        [tenant, claimed.email.strip().casefold()],
    )
    if not found:
        return None
    _link(tenant, provider, claimed, found[0][0], at)
    return int(found[0][0])


def _added(
    tenant: int, provider: _Provider, claimed: Claimed, role: str, at: dt.datetime
) -> int | None:
    if not (claimed.verified and claimed.email):
        return None
    try:
        person: int = people.add_person(
            name=claimed.name.strip() or claimed.email,
            email=claimed.email,
            role=role,
            by=access.automation(tenant),
            now=at,
        )
    except Invalid:
        # Somebody has the address, or it is none: whoever it is has to be linked by a person.
        return None
    # None at all, so that they are asked to prove who they are where they can.
    rows.run(
        "UPDATE person SET password = %s WHERE tenant_id = %s AND id = %s",
        [make_password(None), tenant, person],
    )
    _link(tenant, provider, claimed, person, at)
    return person


def _link(tenant: int, provider: _Provider, claimed: Claimed, person: int, at: dt.datetime) -> None:
    own: dict[str, Any] = {
        "user_id": person,
        "provider": placing.provider(tenant, provider.key),
        "uid": claimed.subject,
        "last_login": at,
        "date_joined": at,
        # Nothing of what they said is kept.
        "extra_data": {},
    }
    rows.insert("socialaccount_socialaccount", [own])
    told = {"source": f"identity provider {provider.key}"}
    configuration.record(
        access.automation(tenant), "person", person, "linked", told, now=at, content=claimed.subject
    )


def _is_active(tenant: int, person: int) -> bool:
    return bool(
        rows.query(
            "SELECT 1 FROM person WHERE tenant_id = %s AND id = %s AND is_active", [tenant, person]
        )
    )
