"""Second factors: what somebody has beside a password, never what is secret of it.

The table is the sign-in library's and knows no tenants, so each question goes by way of the person,
whose row both walls guard. Only the pages may read it: no narrow role of the database does.
"""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows

# What the sign-in library calls them in its table.
APP, PASSKEY, CODES = "totp", "webauthn", "recovery_codes"


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that proves who one is: an app with codes, or a passkey with a name."""

    id: int
    kind: str
    name: str
    added_at: dt.datetime
    used_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has. `codes` are the recovery codes left; `needed` says their role needs one.

    Recovery codes are no factor by themselves: they stand in for one that was lost.
    """

    own: tuple[Factor, ...] = ()
    codes: int = 0
    needed: bool = False

    @property
    def app(self) -> Factor | None:
        """The app with codes, of which there is one at most."""
        return next((one for one in self.own if one.kind == APP), None)

    @property
    def passkeys(self) -> tuple[Factor, ...]:
        """The passkeys, the oldest first."""
        return tuple(one for one in self.own if one.kind == PASSKEY)

    @property
    def owed(self) -> bool:
        """Whether one is needed and there is none."""
        return self.needed and not self.own


@dataclass(frozen=True, slots=True)
class Key:
    """A passkey as the browser's answers are checked by it; nothing of it is secret.

    `handle` is what the passkey calls its person: a random word that says nothing of them.
    """

    id: int
    credential: bytes
    public: bytes
    handle: bytes


@access.needs(Right.SIGNED_IN)
def mine(*, by: Actor) -> Factors:
    """Return what one has oneself."""
    if by.person is None:
        raise access.missing()
    return of_person(by.tenant, by.person)


@access.operates
def of_person(tenant: int, person: int) -> Factors:
    """Return what a person has, while they sign in; nothing of somebody who is not there."""
    with _inside(tenant):
        found = _rows(tenant, person, "TRUE")
        needed = rows.query(
            "SELECT s.second_factor::jsonb ? p.role FROM person p JOIN security s"
            " ON s.tenant_id = p.tenant_id WHERE p.tenant_id = %s AND p.id = %s",
            [tenant, person],
        )
    own = [
        Factor(id_, kind, str(data.get("name", "")), added_at, used_at)
        for id_, kind, data, added_at, used_at in found
        if kind != CODES
    ]
    codes = sum(len(data["codes"]) for _, kind, data, _, _ in found if kind == CODES)
    return Factors(tuple(own), codes, bool(needed and needed[0][0]))


@access.needs(Right.ADMINISTER)
def holders(*, by: Actor) -> frozenset[int]:
    """Return the people who have a second factor; which one is nobody's business."""
    with _inside(by.tenant):
        found = rows.query(
            "SELECT DISTINCT p.id FROM person p JOIN mfa_authenticator a ON a.user_id = p.id"
            " WHERE p.tenant_id = %s AND a.type <> %s",
            [by.tenant, CODES],
        )
    return frozenset(int(row[0]) for row in found)


@access.operates
def keys(tenant: int, person: int) -> list[Key]:
    """Return a person's passkeys."""
    with _inside(tenant):
        found = _rows(tenant, person, "a.type = 'webauthn'")
    return [_key(id_, data) for id_, _, data, _, _ in found]


@access.operates
def holder(tenant: int, credential: bytes, handle: bytes) -> int | None:
    """Return whose passkey of that tenant it is, by its own id and what it calls its person."""
    known = {"credential": _text(credential), "handle": _text(handle)}
    with _inside(tenant):
        found = rows.query(
            "SELECT p.id FROM person p JOIN mfa_authenticator a ON a.user_id = p.id"
            " WHERE p.tenant_id = %s AND p.is_active AND a.type = 'webauthn'"
            " AND a.data @> %s::jsonb",
            [tenant, json.dumps(known)],
        )
    return int(found[0][0]) if len(found) == 1 else None


@contextmanager
def _inside(tenant: int) -> Iterator[None]:
    # Not with somebody's narrow eyes: these are the reader's own, or nobody has signed in yet.
    with transaction.atomic(), context.tenant(tenant):
        yield


def _rows(tenant: int, person: int, which: str) -> list[tuple[Any, ...]]:
    found = rows.query(
        "SELECT a.id, a.type, a.data::text, a.created_at, a.last_used_at FROM mfa_authenticator a"
        " JOIN person p ON p.id = a.user_id"
        f" WHERE p.tenant_id = %s AND p.id = %s AND {which} ORDER BY a.id",
        [tenant, person],
    )
    return [(id_, kind, json.loads(data), made, used) for id_, kind, data, made, used in found]


def _key(id_: int, data: dict[str, Any]) -> Key:
    known = (base64.b64decode(data[name]) for name in ("credential", "public", "handle"))
    return Key(id_, *known)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
