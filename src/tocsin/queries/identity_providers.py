"""Identity providers as the settings and the sign-in page show them; never their secrets."""

import datetime as dt
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows
from tocsin.records.people import ROLES


@dataclass(frozen=True, slots=True)
class Button:
    """A provider that people may sign in by."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A provider, by OpenID or SAML; `known` counts the people who have signed in by it."""

    id: int
    key: str
    kind: str
    name: str
    settings: Mapping[str, Any]
    groups: Mapping[str, Mapping[str, Any]]
    enabled: bool
    by_email: bool
    known: int
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Choices:
    """What members of a group can be given: teams by id, permission sets by key, with names."""

    roles: tuple[str, ...]
    teams: tuple[tuple[int, str], ...]
    sets: tuple[tuple[str, str], ...]


@access.operates
def speaks_saml() -> bool:
    """Say whether the extra for SAML is installed; nothing of it is imported."""
    try:
        return all(importlib.util.find_spec(name) for name in ("onelogin", "xmlsec"))
    except ValueError:
        # Somebody has put something else in its place.
        return False


@access.operates
def enabled(tenant: int) -> list[Button]:
    """Return the providers of a tenant that are switched on and can be spoken with."""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT key, name FROM identity_provider WHERE tenant_id = %s AND enabled"
            " AND (kind = 'oidc' OR %s) ORDER BY name, key",
            [tenant, speaks_saml()],
        )
    return [Button(*row) for row in found]


@access.needs(Right.ADMINISTER)
def listed(*, by: Actor) -> list[Shown]:
    """Return a tenant's providers by name."""
    with reach.reading(by):
        found = rows.query(
            "SELECT id, key, kind, name, settings, groups, enabled, by_email,"
            " (SELECT count(*) FROM socialaccount_socialaccount s"
            " WHERE s.provider = i.tenant_id || '-' || i.key), changed_at"
            " FROM identity_provider i WHERE tenant_id = %s ORDER BY name, key",
            [by.tenant],
        )
    return [
        Shown(
            id=row[0],
            key=row[1],
            kind=row[2],
            name=row[3],
            settings=json.loads(row[4]),
            groups=json.loads(row[5]),
            enabled=row[6],
            by_email=row[7],
            known=row[8],
            changed_at=row[9],
        )
        for row in found
    ]


@access.needs(Right.ADMINISTER)
def one(id_: int, *, by: Actor) -> Shown:
    """Return one provider."""
    for shown in listed(by=by):
        if shown.id == id_:
            return shown
    raise access.missing()


@access.needs(Right.ADMINISTER)
def choices(*, by: Actor) -> Choices:
    """Return the teams and permission sets that there are, by name."""
    with reach.reading(by):
        teams = rows.query(
            "SELECT id, name FROM team WHERE tenant_id = %s ORDER BY name", [by.tenant]
        )
        sets = rows.query(
            "SELECT key, name FROM permission_set WHERE tenant_id = %s ORDER BY name", [by.tenant]
        )
    return Choices(ROLES, tuple(teams), tuple(sets))
