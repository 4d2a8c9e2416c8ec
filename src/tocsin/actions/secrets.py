"""What lies sealed in the database: with which keys, and sealing it anew with the key of today.

The installation's key is changed while the desk runs: the new one and those before are given
together, everything is sealed anew, and then the ones before are taken away. What is sealed with a
key that is gone can only be forgotten, and entered again.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tocsin.actions import configuration, ledger, strongbox, tenants
from tocsin.kit import canonical
from tocsin.queries import access
from tocsin.records import context, rows

STREAM = "installation"
# So many rows at a time: whoever changes something meanwhile waits for no more than these.
_MOST = 50
# What becomes of one sealed text, by its name and itself; None takes it away.
_Each = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows with something sealed in a column: the text itself, or texts in JSON.

    `place` says what such a text is sealed for, by the tenant, what stands in the column `whose`,
    and the text's name. Rows without a tenant hang on the person who is in that column. Those for
    which `where` does not hold are past use: whether they can be read is all the same.
    """

    name: str
    table: str
    column: str
    place: Callable[[int, Any, str], str]
    whose: str = "id"
    by_person: bool = False
    where: str = "true"

    @property
    def listed(self) -> str:
        """The statement for a tenant's rows with something sealed: id, whose it is, the text."""
        hung = f" JOIN person p ON p.id = r.{self.whose}" if self.by_person else ""
        return (
            f"SELECT r.id, r.{self.whose}, r.{self.column}::text FROM {self.table} r{hung}"
            f" WHERE {'p' if self.by_person else 'r'}.tenant_id = %s AND r.id > %s AND {self.where}"
            f" AND r.{self.column}::text ~ '1:[0-9a-f]{{8}}:' ORDER BY r.id"
        )


# As the modules that seal say it themselves; a test lists them and has each be renewed.
KINDS = (
    Kind("providers", "provider", "secret", lambda tenant, id_, name: f"{tenant}/{id_}/{name}"),
    Kind(
        "identity providers",
        "identity_provider",
        "secret",
        lambda tenant, id_, _: f"identity provider/{tenant}/{id_}",
    ),
    Kind(
        "second factors",
        "mfa_authenticator",
        "data",
        lambda _tenant, person, _name: f"second factor of {person}",
        whose="user_id",
        by_person=True,
    ),
    Kind(
        "letters",
        "outbox",
        "parts",
        lambda tenant, key, _: f"{tenant}/letter/{key}",
        whose="key",
        where="r.key LIKE 'private/%%' AND r.state NOT IN ('sent', 'cancelled')",
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What is sealed: how many texts by their kind and their key's name, and which keys lack.

    `today` is the name of the key that seals now.
    """

    today: str
    counted: Mapping[tuple[str, str], int]
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Done:
    """How far it is: of one kind in one desk, so many rows were looked at, and changed."""

    desk: str
    kind: str
    looked_at: int
    changed: int


# What each sealed text of a row becomes, by the row's kind, tenant and whose it is.
_Chosen = Callable[[Kind, int, Any], _Each]


@access.operates
def look() -> Found:
    """Count what is sealed in every tenant, by key. Nothing is opened.

    Each part asks it at its start. What is sealed is for the pages to read, so it is looked at as
    they would, whichever part asks.
    """
    counted: Counter[tuple[str, str]] = Counter()
    with _as_pages():
        found = tenants.everyone()
    for tenant, _, _ in found:
        with _as_pages(), context.tenant(tenant):
            for kind in KINDS:
                counted.update(
                    (kind.name, key)
                    for *_, text in rows.query(kind.listed, [tenant, 0])
                    for key in strongbox.keys_in(text)
                )
    known = strongbox.key_names()
    return Found(known[0], dict(counted), frozenset(key for _, key in counted) - set(known))


@contextmanager
def _as_pages() -> Iterator[None]:
    with transaction.atomic():
        rows.run("SET LOCAL ROLE tocsin_app")
        yield


@access.operates
def renew() -> Iterator[Done]:
    """Seal with the key of today what another one has sealed; yields how far it is.

    Each batch is a transaction of its own, so it may be stopped and begun again at any time. Raises
    `strongbox.Locked` at what no key opens: look first.
    """

    def anew(kind: Kind, tenant: int, whose: Any) -> _Each:
        return lambda name, text: strongbox.renewed(text, for_=kind.place(tenant, whose, name))

    yield from _everywhere(anew, "sealed anew")


@access.operates
def forget(key: str) -> Iterator[Done]:
    """Take away what is sealed with a key that is gone; yields how far it is.

    Raises `strongbox.Locked` for a key that is there: what it has sealed can still be read.
    """
    if key in strongbox.key_names():
        raise strongbox.Locked(f"the key {key} is here: what it has sealed can be read")

    def gone(_kind: Kind, _tenant: int, _whose: Any) -> _Each:
        return lambda _, text: None if key in strongbox.keys_in(text) else text

    yield from _everywhere(gone, "forgotten")


def _everywhere(each: _Chosen, did: str) -> Iterator[Done]:
    for tenant, desk, _ in tenants.everyone():
        for kind in KINDS:
            last, looked_at, changed = 0, 0, 0
            while True:
                seen, last, new = _batch(kind, tenant, last, each, did)
                looked_at, changed = looked_at + seen, changed + new
                if seen < _MOST:
                    break
            if looked_at:
                yield Done(desk, kind.name, looked_at, changed)


def _batch(kind: Kind, tenant: int, after: int, each: _Chosen, did: str) -> tuple[int, int, int]:
    """Go through the next rows after an id; returns how many, the last one's id, and how many new.

    Whoever changes such a row meanwhile waits, and finds it sealed by the one key or the other.
    """
    with ledger.configuring(tenant) as (_, at):
        found = rows.query(f"{kind.listed} LIMIT {_MOST} FOR UPDATE OF r", [tenant, after])
        changed = 0
        for id_, whose, text in found:
            value = json.loads(text) if text.startswith("{") else text
            new = _walked(value, "", each(kind, tenant, whose))
            if new != value:
                changed += 1
                _write(kind, id_, new)
        if changed:
            told = {"of": kind.name, "count": changed, "key": strongbox.key_names()[0]}
            by = access.operator(tenant)
            configuration.record(by, STREAM, 0, f"secrets {did}", told, now=at)
    return len(found), found[-1][0] if found else after, changed


def _walked(value: Any, name: str, each: _Each) -> Any:
    """Return a value with what becomes of the sealed texts in it; what is taken away is not."""
    if isinstance(value, str):
        return each(name, value) if strongbox.is_sealed(value) else value
    if isinstance(value, dict):
        made = {key: _walked(one, key, each) for key, one in value.items()}
        return {key: one for key, one in made.items() if one is not None or value[key] is None}
    if isinstance(value, list):
        return [new for one in value if (new := _walked(one, name, each)) is not None]
    return value


def _write(kind: Kind, id_: int, value: Any) -> None:
    text = canonical.encoded(value).decode() if isinstance(value, dict) else value or ""
    # Texts are empty where nothing is kept; what allauth keeps is an object in any case.
    text = "" if text == "{}" and not kind.by_person else text
    typed = "%s::jsonb" if kind.by_person else "%s"
    rows.run(f"UPDATE {kind.table} SET {kind.column} = {typed} WHERE id = %s", [text, id_])
