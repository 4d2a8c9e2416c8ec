"""Identity providers of a tenant: adding, changing, switching. Secrets go in and stay in."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from tocsin.actions import (
    configuration,
    given,
    ledger,
    placing,
    saml_settings,
    security,
    strongbox,
)
from tocsin.kit import canonical, shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.records import context, rows

STREAM = "identity provider"
LONGEST = 500
MOST_GROUPS = 500
_KEY = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_CLAIM = re.compile(r"[0-9A-Za-z_.:/-]{1,200}")


@dataclass(frozen=True, slots=True)
class Group:
    """What members of a group there are here."""

    group: str
    role: str
    teams: tuple[int, ...] = ()
    sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """The settings of an OpenID provider as they were typed; an empty secret keeps the one before.

    `claim` is where the provider says the groups, `scopes` what is asked for beside the usual.
    `checked` says that the provider has checked each address that it names. `by_email` lets an
    address that was checked find the person the first time.
    """

    name: str
    issuer: str
    client: str
    secret: str = field(default="", repr=False)
    claim: str = "groups"
    scopes: str = ""
    checked: bool = False
    by_email: bool = False
    groups: Sequence[Group] = ()


@dataclass(frozen=True, slots=True)
class TypedSaml:
    """The settings of a SAML provider as they were typed.

    `address` is where people sign in there; `certificates` are blocks of PEM. `subject` says how it
    names people ("persistent", "email"); `claim`, `email` and `person` are the attributes of the
    groups, the address and the name. `checked` and `by_email` are as for OpenID.
    """

    name: str
    issuer: str
    address: str
    certificates: str
    subject: str = "persistent"
    claim: str = "groups"
    email: str = "email"
    person: str = ""
    checked: bool = False
    by_email: bool = False
    groups: Sequence[Group] = ()


@dataclass(frozen=True, slots=True)
class OpenedSaml:
    """A SAML provider as signing in needs it; `provider` is what allauth calls it."""

    provider: str
    name: str
    issuer: str
    address: str
    certificates: tuple[str, ...]
    subject: str
    claim: str
    email: str
    person: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A provider as signing in needs it, with its secret; `provider` is what allauth calls it."""

    key: str
    provider: str
    name: str
    issuer: str
    client: str
    claim: str
    scopes: tuple[str, ...]
    checked: bool
    secret: str = field(repr=False)


@access.operates
def opened(tenant: int, key: str) -> Opened | None:
    """Return a provider that is switched on, None without; raises `strongbox.Locked`."""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT id, name, settings, secret FROM identity_provider"
            " WHERE tenant_id = %s AND key = %s AND kind = 'oidc' AND enabled",
            [tenant, key],
        )
    if not found:
        return None
    id_, name, settings, secret = found[0]
    own = json.loads(settings)
    return Opened(
        key=key,
        provider=placing.provider(tenant, key),
        name=name,
        issuer=own["issuer"],
        client=own["client"],
        claim=own["claim"],
        scopes=tuple(own["scopes"]),
        checked=own["checked"],
        secret=strongbox.open_(secret, for_=_place(tenant, id_)),
    )


@access.operates
def opened_saml(tenant: int, key: str) -> OpenedSaml | None:
    """Return a SAML provider that is switched on, None without."""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT name, settings FROM identity_provider"
            " WHERE tenant_id = %s AND key = %s AND kind = 'saml' AND enabled",
            [tenant, key],
        )
    if not found:
        return None
    own = json.loads(found[0][1])
    own["certificates"] = tuple(own["certificates"])
    return OpenedSaml(provider=placing.provider(tenant, key), name=found[0][0], **own)


def _place(tenant: int, id_: int) -> str:
    return f"identity provider/{tenant}/{id_}"


@access.needs(Right.ADMINISTER)
def add(*, key: str, typed: Typed | TypedSaml, by: Actor, now: dt.datetime | None = None) -> int:
    """Add a provider, switched off, and return its id; `key` stands in its callback address."""
    if not _KEY.fullmatch(key):
        raise Invalid("key", "must have small letters, digits and dashes only")
    secret = _secret(typed)
    if not secret and isinstance(typed, Typed):
        raise Invalid("secret", "is empty")
    with ledger.configuring(by.tenant, now=now) as (_, at):
        settings, groups = _checked(typed, by)
        taken = "SELECT 1 FROM identity_provider WHERE tenant_id = %s AND key = %s"
        if rows.query(taken, [by.tenant, key]):
            raise Invalid("key", f"there is a provider {key!r} already")
        id_ = rows.ids("identity_provider", 1)[0]
        row = {
            "id": id_,
            "tenant_id": by.tenant,
            "key": key,
            "name": given.text(typed.name, "name"),
            "kind": _kind(typed),
            "settings": settings,
            "secret": secret and strongbox.seal(secret, for_=_place(by.tenant, id_)),
            "groups": groups,
            "enabled": False,
            "by_email": typed.by_email,
            "changed_at": at,
        }
        rows.insert("identity_provider", [row])
        told = {"key": key, "by_email": typed.by_email}
        content = _content(settings, groups)
        configuration.record(by, STREAM, id_, "added", told, now=at, content=content)
    return id_


@access.needs(Right.ADMINISTER)
def change(
    *, provider: int, typed: Typed | TypedSaml, by: Actor, now: dt.datetime | None = None
) -> None:
    """Change a provider. Where it is stays as it is while people are known by it.

    So does how it names people.
    """
    with ledger.configuring(by.tenant, now=now) as (_, at):
        key, before, _ = _found(provider, by, kind=_kind(typed))
        settings, groups = _checked(typed, by)
        after = json.loads(settings)
        for name in ("issuer", "subject"):
            if before.get(name) != after.get(name) and _known(by.tenant, key):
                # What another issuer calls somebody could be what this one called somebody else.
                raise Invalid(name, "people are known by this provider; add another one instead")
        changes = {
            "name": given.text(typed.name, "name"),
            "settings": settings,
            "groups": groups,
            "by_email": typed.by_email,
        }
        secret = _secret(typed)
        if secret:
            changes["secret"] = strongbox.seal(secret, for_=_place(by.tenant, provider))
        _update(provider, changes, by, at)
        told = {"key": key, "by_email": typed.by_email, "secret": "secret" in changes}
        content = _content(settings, groups)
        configuration.record(by, STREAM, provider, "changed", told, now=at, content=content)
        security.keep_a_way_in(by.tenant)


@access.needs(Right.ADMINISTER)
def switch(*, provider: int, on: bool, by: Actor, now: dt.datetime | None = None) -> None:
    """Switch a provider on or off; whoever has signed in by it stays signed in.

    Without passwords the last one by which an administrator comes in stays on.
    """
    with ledger.configuring(by.tenant, now=now) as (_, at):
        key, _, enabled = _found(provider, by)
        if enabled == on:
            return
        _update(provider, {"enabled": on}, by, at)
        did = "switched on" if on else "switched off"
        configuration.record(by, STREAM, provider, did, {"key": key}, now=at)
        security.keep_a_way_in(by.tenant)


@access.needs(Right.ADMINISTER)
def forget(*, provider: int, by: Actor, now: dt.datetime | None = None) -> int:
    """Forget who is known by a provider, which must be switched off; returns how many they were."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        key, _, enabled = _found(provider, by)
        if enabled:
            raise NotAllowed("switch the provider off first")
        count = _known(by.tenant, key)
        rows.run(
            "DELETE FROM socialaccount_socialaccount WHERE provider = %s",
            [placing.provider(by.tenant, key)],
        )
        told = {"key": key, "people": count}
        configuration.record(by, STREAM, provider, "forgot people", told, now=at)
    return count


# --------------------------------------------------------------------------------------- the edge


def _kind(typed: Typed | TypedSaml) -> str:
    return "oidc" if isinstance(typed, Typed) else "saml"


def _secret(typed: Typed | TypedSaml) -> str:
    return typed.secret.strip() if isinstance(typed, Typed) else ""


def _checked(typed: Typed | TypedSaml, by: Actor) -> tuple[str, str]:
    """Return the settings and the groups as they are kept; raises `Invalid`."""
    settings = _openid(typed) if isinstance(typed, Typed) else saml_settings.checked(typed)
    return canonical.encoded(settings).decode(), canonical.encoded(_groups(typed, by)).decode()


def _openid(typed: Typed) -> dict[str, Any]:
    client = typed.client.strip()
    if not client or len(client) > LONGEST:
        raise Invalid("client", "is empty or too long")
    if len(typed.secret) > LONGEST:
        raise Invalid("secret", "is too long")
    if not _CLAIM.fullmatch(typed.claim):
        raise Invalid("claim", "must be the name of a claim, such as groups")
    scopes = typed.scopes.split()
    if not all(_CLAIM.fullmatch(one) for one in scopes) or len(scopes) > 20:
        raise Invalid("scopes", "must be words with spaces between")
    return {
        "issuer": given.web_address(typed.issuer, "issuer", longest=LONGEST),
        "client": client,
        "claim": typed.claim,
        "scopes": scopes,
        "checked": typed.checked,
    }


def _content(settings: str, groups: str) -> str:
    # Names of groups and of hosts are texts of others: they lie where they can be erased.
    return f'{{"groups":{groups},"settings":{settings}}}'


def _groups(typed: Typed | TypedSaml, by: Actor) -> dict[str, Any]:
    if len(typed.groups) > MOST_GROUPS:
        raise Invalid("groups", f"are {len(typed.groups)}; {MOST_GROUPS} are the most")
    teams = {row[0] for row in rows.query("SELECT id FROM team WHERE tenant_id = %s", [by.tenant])}
    sets = {
        row[0]
        for row in rows.query("SELECT key FROM permission_set WHERE tenant_id = %s", [by.tenant])
    }
    found: dict[str, Any] = {}
    for n, one in enumerate(typed.groups):
        path = f"groups.{n}"
        name = given.text(one.group, f"{path}.group", kind="name")
        if name in found:
            raise Invalid(f"{path}.group", "two are the same")
        shape.one_of(one.role, f"{path}.role", placing.ROLES)
        if not set(one.teams) <= teams:
            raise Invalid(f"{path}.teams", "there is no such team")
        if not set(one.sets) <= sets:
            raise Invalid(f"{path}.sets", "there is no such permission set")
        found[name] = {
            "role": one.role,
            "teams": sorted(set(one.teams)),
            "permission_sets": sorted(set(one.sets)),
        }
    return found


# --------------------------------------------------------------------------------------------- rows


def _found(id_: int, by: Actor, *, kind: str = "") -> tuple[str, Mapping[str, Any], bool]:
    found = rows.query(
        "SELECT key, settings, enabled FROM identity_provider"
        " WHERE tenant_id = %s AND id = %s AND (%s = '' OR kind = %s)",
        [by.tenant, id_, kind, kind],
    )
    if not found:
        raise access.missing()
    return found[0][0], json.loads(found[0][1]), found[0][2]


def _known(tenant: int, key: str) -> int:
    found = rows.query(
        "SELECT count(*) FROM socialaccount_socialaccount WHERE provider = %s",
        [placing.provider(tenant, key)],
    )
    return int(found[0][0])


def _update(id_: int, changes: Mapping[str, Any], by: Actor, at: dt.datetime) -> None:
    listed = ", ".join(f"{column} = %s" for column in changes)
    rows.run(
        f"UPDATE identity_provider SET {listed}, changed_at = %s WHERE tenant_id = %s AND id = %s",
        [*changes.values(), at, by.tenant, id_],
    )
