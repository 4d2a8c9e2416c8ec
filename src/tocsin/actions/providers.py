"""Providers of a tenant: adding, changing, ordering and trying them. Secrets go in and stay in."""

import datetime as dt
import json
import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from tocsin.actions import carriers, configuration, given, ledger, links, strongbox
from tocsin.actions.carriers import Carrier
from tocsin.actions.letters import Lease, Outcome, Recipient, Sent
from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.queries.audit import instant
from tocsin.records import context, rows

_log = logging.getLogger(__name__)
STREAM = "provider"
_NOBODY = Recipient("", "", "en", "UTC")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as workers need it; `sealed` are its secrets, which `opened` opens."""

    id: int
    tenant: int
    channel: str
    name: str
    enabled: bool
    settings: str
    sealed: str = field(repr=False)
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a test: whether the provider took it, and its answer when it did not."""

    taken: bool
    told: str


# ----------------------------------------------------------------------------------- for processes

_COLUMNS = "id, tenant_id, channel, name, enabled, settings, secret, changed_at"


@access.operates
def of_tenant(tenant: int) -> list[Provider]:
    """Return a tenant's providers, those that come first in front."""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            f"SELECT {_COLUMNS} FROM provider WHERE tenant_id = %s ORDER BY position, id", [tenant]
        )
    return [Provider(*row) for row in found]


@access.operates
def opened(provider: Provider) -> dict[str, str]:
    """Return the settings of a provider with its secrets; raises `strongbox.Locked`."""
    return {**json.loads(provider.settings), **_secrets(provider)}


def _secrets(provider: Provider) -> dict[str, str]:
    listed: Mapping[str, str] = json.loads(provider.sealed or "{}")
    return {
        name: strongbox.open_(text, for_=_place(provider.tenant, provider.id, name))
        for name, text in listed.items()
    }


def _place(tenant: int, id_: int, name: str) -> str:
    return f"{tenant}/{id_}/{name}"


# ------------------------------------------------------------------------------- for administrators


@access.needs(Right.ADMINISTER)
def add(
    *,
    carrier: Carrier[Any],
    name: str,
    typed: Mapping[str, str],
    by: Actor,
    now: dt.datetime | None = None,
) -> int:
    """Add a provider behind those that its channel has, and return its id."""
    name = given.text(name, "name")
    carriers.checked(carrier, typed)
    with ledger.configuring(by.tenant, now=now) as (_, at):
        _free(carrier.channel, name, by)
        id_ = rows.ids("provider", 1)[0]
        last = rows.query(
            "SELECT coalesce(max(position), -1) FROM provider"
            " WHERE tenant_id = %s AND channel = %s",
            [by.tenant, carrier.channel],
        )
        row = {
            "id": id_,
            "tenant_id": by.tenant,
            "channel": carrier.channel,
            "name": name,
            **_written(carrier, typed, by.tenant, id_),
            "enabled": True,
            "position": int(last[0][0]) + 1,
            "changed_at": at,
            "told": "",
        }
        rows.insert("provider", [row])
        told = {"channel": carrier.channel, "set": sorted(k for k, v in typed.items() if v.strip())}
        configuration.record(by, STREAM, id_, "added", {**told, "name": name}, now=at)
    return id_


@access.needs(Right.ADMINISTER)
def change(
    *,
    provider: int,
    carrier: Carrier[Any],
    name: str,
    typed: Mapping[str, str],
    by: Actor,
    forget: Iterable[str] = (),
    now: dt.datetime | None = None,
) -> None:
    """Change the settings of a provider. A secret that is left empty stays, unless forgotten."""
    name = given.text(name, "name")
    with ledger.configuring(by.tenant, now=now) as (_, at):
        before = _found(provider, by, carrier.channel)
        if before.name != name:
            _free(carrier.channel, name, by)
        kept = _kept(before, carrier, typed, frozenset(forget))
        after = {**typed, **kept}
        carriers.checked(carrier, after)
        written = _written(carrier, after, by.tenant, provider)
        _update(provider, {**written, "name": name, "told": ""}, by, at)
        told = {"channel": carrier.channel, "name": name, "changed": _changed(before, after, typed)}
        configuration.record(by, STREAM, provider, "changed", told, now=at)


def _kept(
    before: Provider, carrier: Carrier[Any], typed: Mapping[str, str], forget: frozenset[str]
) -> dict[str, str]:
    """Return the secrets that stay as they were."""
    wanted = {
        one.name
        for one in carrier.fields
        if one.kind == "secret" and not typed.get(one.name, "").strip() and one.name not in forget
    }
    listed: Mapping[str, str] = json.loads(before.sealed or "{}")
    found = {}
    for name in sorted(wanted & set(listed)):
        try:
            found[name] = strongbox.open_(listed[name], for_=_place(before.tenant, before.id, name))
        except strongbox.Locked as error:
            raise Invalid(name, f"cannot be read any more: {error}") from None
    return found


def _changed(before: Provider, after: Mapping[str, str], typed: Mapping[str, str]) -> list[str]:
    """Return the names of the settings that are others now: the names, never the values."""
    plain: Mapping[str, str] = json.loads(before.settings)
    secret: Mapping[str, str] = json.loads(before.sealed or "{}")
    new = {name for name in after if after[name].strip()}
    gone = (set(plain) | set(secret)) - new
    other = {n for n in new if n in plain and plain[n] != after[n].strip()}
    entered = {n for n in new if n not in plain and typed.get(n, "").strip()}
    return sorted(gone | other | entered)


@access.needs(Right.ADMINISTER)
def switch(*, provider: int, on: bool, by: Actor, now: dt.datetime | None = None) -> None:
    """Switch a provider on or off; what waits for it goes to the next one of the channel."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        before = _found(provider, by)
        if before.enabled == on:
            return
        _update(provider, {"enabled": on}, by, at)
        told = {"channel": before.channel, "name": before.name}
        did = "switched on" if on else "switched off"
        configuration.record(by, STREAM, provider, did, told, now=at)
        rows.run("SELECT pg_notify(%s, '')", [ledger.DOORBELL])


@access.needs(Right.ADMINISTER)
def put_first(*, provider: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Have a provider come before the others of its channel."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        before = _found(provider, by)
        others = rows.query(
            "SELECT id FROM provider WHERE tenant_id = %s AND channel = %s AND id <> %s"
            " ORDER BY position, id",
            [by.tenant, before.channel, provider],
        )
        for position, id_ in enumerate([provider, *(row[0] for row in others)]):
            rows.run(
                "UPDATE provider SET position = %s WHERE tenant_id = %s AND id = %s",
                [position, by.tenant, id_],
            )
        told = {"channel": before.channel, "name": before.name}
        configuration.record(by, STREAM, provider, "put first", told, now=at)


@access.needs(Right.ADMINISTER)
def hook(*, provider: int, by: Actor) -> tuple[str, str]:
    """Return where a provider tells us things: this installation's address, or "", and the path."""
    with transaction.atomic(), context.tenant(by.tenant):
        found = _found(provider, by)
        key = rows.query("SELECT key FROM tenant WHERE id = %s", [by.tenant])[0][0]
    return links.address(), f"/hooks/{key}/{provider}/{found.channel}"


@access.needs(Right.ADMINISTER)
def try_out(
    *, provider: int, carrier: Carrier[Any], address: str, by: Actor, now: dt.datetime | None = None
) -> Tried:
    """Send a message by a provider, right now and past the queue, and keep what it answered.

    It goes to an address, or without one to whoever asks.
    """
    with transaction.atomic(), context.tenant(by.tenant):
        found = _found(provider, by, carrier.channel)
        at = now or ledger.clock()
        lease = _trial(found, by, at)
    if address.strip() and carrier.address is not None:
        lease = carriers.addressed(lease, carrier.address(address.strip()))
    tried = _tried(found, carrier, lease)
    with ledger.configuring(by.tenant, now=now) as (_, later):
        rows.run(
            "UPDATE provider SET tested_at = %s, told = %s WHERE tenant_id = %s AND id = %s",
            [later, tried.told, by.tenant, provider],
        )
        told = {"channel": found.channel, "name": found.name, "taken": tried.taken}
        configuration.record(by, STREAM, provider, "tested", told, now=later)
    return tried


def _tried(provider: Provider, carrier: Carrier[Any], lease: Lease) -> Tried:
    try:
        # Nothing is sent inside a transaction.
        outcome: Outcome = carrier.send(lease, carriers.checked(carrier, opened(provider)))
    except strongbox.Locked as error:
        return Tried(False, f"its secrets cannot be read: {error}")
    except Invalid as error:
        return Tried(False, f"its settings cannot be used: {error}")
    except Exception as error:
        _log.exception("test of provider %s of tenant %s", provider.id, provider.tenant)
        return Tried(False, f"a mistake in our code: {type(error).__name__}")
    return Tried(True, "") if isinstance(outcome, Sent) else Tried(False, outcome.reason[:500])


def _trial(provider: Provider, by: Actor, at: dt.datetime) -> Lease:
    person = rows.query(
        "SELECT name, email, language, zone FROM person WHERE tenant_id = %s AND id = %s",
        [by.tenant, by.person],
    )
    own = rows.query(
        "SELECT address FROM contact_method WHERE tenant_id = %s AND person_id = %s"
        " AND channel = %s ORDER BY position, id LIMIT 1",
        [by.tenant, by.person, provider.channel],
    )
    key = rows.query("SELECT key FROM tenant WHERE id = %s", [by.tenant])
    line = {"deed": "test", "clock": "", "which": provider.name, "planned_at": instant(at)}
    return Lease(
        tenant=by.tenant,
        id=0,
        token=uuid.uuid4(),
        at=at,
        channel=provider.channel,
        key=f"test/{provider.id}/{instant(at)}",
        parts=canonical.encoded({"lines": [line], "desk": key[0][0]}).decode(),
        urgent=False,
        created_at=at,
        attempts=1,
        maybe_sent=False,
        told="",
        recipient=Recipient(*person[0]) if person else _NOBODY,
        about=None,
        address=own[0][0] if own else "",
        provider=provider.id,
        tenant_key=key[0][0],
    )


# --------------------------------------------------------------------------------------------- rows


def _found(id_: int, by: Actor, channel: str | None = None) -> Provider:
    found = rows.query(
        f"SELECT {_COLUMNS} FROM provider WHERE tenant_id = %s AND id = %s", [by.tenant, id_]
    )
    if not found or channel not in (None, found[0][2]):
        raise access.missing()
    return Provider(*found[0])


def _free(channel: str, name: str, by: Actor) -> None:
    taken = rows.query(
        "SELECT 1 FROM provider WHERE tenant_id = %s AND channel = %s AND name = %s",
        [by.tenant, channel, name],
    )
    if taken:
        raise Invalid("name", f"there is a provider {name!r} in this channel already")


def _written(
    carrier: Carrier[Any], typed: Mapping[str, str], tenant: int, id_: int
) -> dict[str, str]:
    """Return what is kept of settings: the plain ones to read, each secret sealed for its place."""
    values = {one.name: typed.get(one.name, "").strip() for one in carrier.fields}
    secret = {one.name for one in carrier.fields if one.kind == "secret"}
    plain = {name: value for name, value in values.items() if value and name not in secret}
    sealed = {
        name: strongbox.seal(values[name], for_=_place(tenant, id_, name))
        for name in sorted(secret)
        if values[name]
    }
    return {
        "settings": canonical.encoded(plain).decode(),
        "secret": canonical.encoded(sealed).decode() if sealed else "",
    }


def _update(id_: int, changes: Mapping[str, Any], by: Actor, at: dt.datetime) -> None:
    listed = ", ".join(f"{column} = %s" for column in changes)
    rows.run(
        f"UPDATE provider SET {listed}, changed_at = %s WHERE tenant_id = %s AND id = %s",
        [*changes.values(), at, by.tenant, id_],
    )
