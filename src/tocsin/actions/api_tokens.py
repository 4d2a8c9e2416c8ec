"""Tokens that programs act with: made, revoked, and asked whose they are.

A token is 256 random bits behind a prefix by which it is found. The database knows its SHA-256.
"""

import datetime as dt
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from tocsin.actions import configuration, given, ledger, limits
from tocsin.kit import canonical, shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, api_tokens, readers
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.api_tokens import OF_CALENDARS, Scope
from tocsin.queries.readers import Reader
from tocsin.records import context, rows

DAYS, MOST_DAYS = 90, 365
# Of one person at a time.
MOST_TOKENS = 50
# What one token may ask: so much at once, and one more each so often.
AT_ONCE, EACH = 600, dt.timedelta(seconds=0.1)
_FORM = re.compile("tcs_([a-z2-7]{12})_[A-Za-z0-9_-]{43}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_NOTED = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Made:
    """A token that was just made. `token` is the only copy of it there is."""

    id: int
    token: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever came with a token: its person, who acts with no more than its scopes allow.

    `wait` is how long it must be left alone when it has asked too much.
    """

    id: int
    reader: Reader
    scopes: frozenset[Scope]
    actor: Actor
    wait: dt.timedelta | None = None


@access.needs(Right.SIGNED_IN)
def make(
    *,
    name: str,
    scopes: Sequence[str],
    by: Actor,
    days: int = DAYS,
    now: dt.datetime | None = None,
) -> Made:
    """Make a token of one's own, for a year at most. Nobody can show it again."""
    if by.person is None:
        raise access.missing()
    name, wanted = given.text(name, "name"), _scopes(scopes, by)
    if not 1 <= days <= MOST_DAYS:
        raise Invalid("days", f"must be 1 to {MOST_DAYS}")
    with ledger.configuring(by.tenant, now=now) as (_, at):
        _check_room(by, at)
        prefix = "".join(secrets.choice(_LETTERS) for _ in range(12))
        token = f"tcs_{prefix}_{secrets.token_urlsafe(32)}"
        id_, until = rows.ids("api_token", 1)[0], at + dt.timedelta(days=days)
        row = {
            "id": id_,
            "tenant_id": by.tenant,
            "person_id": by.person,
            "made_by_id": by.person,
            "name": name,
            "prefix": prefix,
            "token_hash": _digest(token),
            "scopes": json.dumps(wanted),
            "made_at": at,
            "expires_at": until,
        }
        rows.insert("api_token", [row])
        told = {"person": str(by.person), "scopes": wanted, "until": until.isoformat()}
        content = canonical.encoded({"name": name}).decode()
        configuration.record(by, "api token", id_, "made", told, now=at, content=content)
    return Made(id_, token, until)


def _scopes(named: Sequence[str], by: Actor) -> list[str]:
    """Return scopes once each; refuse those that the person could not use."""
    may = [scope.value for scope in api_tokens.offered(by)]
    wanted = [shape.one_of(one, "scopes", may) for one in dict.fromkeys(named)]
    if not wanted:
        raise Invalid("scopes", "choose at least one")
    # The token of a calendar stands in its address, where others come to see it.
    if not OF_CALENDARS.isdisjoint(wanted) and len(wanted) > 1:
        raise Invalid("scopes", "a calendar needs a token of its own")
    return wanted


def _check_room(by: Actor, at: dt.datetime) -> None:
    found = rows.query(
        "SELECT count(*) FROM api_token WHERE tenant_id = %s AND person_id = %s"
        " AND revoked_at IS NULL AND expires_at > %s",
        [by.tenant, by.person, at],
    )
    if found[0][0] >= MOST_TOKENS:
        raise NotAllowed(f"{MOST_TOKENS} tokens are the most; revoke one first")


@access.needs(Right.SIGNED_IN)
def revoke(*, token: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Have a token end at once: one's own; whoever administers the desk may end any."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        found = rows.query(
            "SELECT person_id, revoked_at FROM api_token WHERE tenant_id = %s AND id = %s",
            [by.tenant, token],
        )
        if not found or (found[0][0] != by.person and Right.ADMINISTER not in by.rights):
            raise access.missing()
        if found[0][1] is not None:
            return
        rows.run(
            "UPDATE api_token SET revoked_at = %s WHERE tenant_id = %s AND id = %s",
            [at, by.tenant, token],
        )
        told = {"person": str(found[0][0])}
        configuration.record(by, "api token", token, "revoked", told, now=at)


@access.operates
def bearer(
    tenant: int, token: str, *, address: str, now: dt.datetime | None = None
) -> Bearer | None:
    """Return who comes with that token from that address; None when nobody is let in by it.

    It counts as asked once. When it was last used is noted once a minute.
    """
    found = _known(tenant, token, now)
    if found is None:
        return None
    id_, person, scopes = found
    reader = readers.reader(tenant, person)
    if reader is None or not reader.comes_from(address):
        return None
    wait = _noted(tenant, id_, now)
    rights = api_tokens.rights_of(scopes)
    return Bearer(id_, reader, scopes, reader.actor.only(rights), wait)


def _known(
    tenant: int, token: str, now: dt.datetime | None
) -> tuple[int, int, frozenset[Scope]] | None:
    form = _FORM.fullmatch(token)
    # A prefix that nobody has is looked for and compared like any other.
    prefix = form[1] if form else ""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT id, person_id, scopes, token_hash FROM api_token"
            " WHERE tenant_id = %s AND prefix = %s AND revoked_at IS NULL"
            " AND expires_at > coalesce(%s, clock_timestamp())",
            [tenant, prefix, now],
        )
    kept = bytes(found[0][3]) if found else bytes(32)
    if not hmac.compare_digest(kept, _digest(token)) or not found:
        return None
    id_, person, scopes, _ = found[0]
    return id_, person, frozenset(Scope(one) for one in json.loads(scopes))


def _noted(tenant: int, id_: int, now: dt.datetime | None) -> dt.timedelta | None:
    """Count one request of a token; return how long it must wait, None when it need not."""
    wait = limits.take("api token", str(id_), most=AT_ONCE, each=EACH, tenant=tenant)
    with transaction.atomic(), context.tenant(tenant):
        rows.run(
            "UPDATE api_token SET used_at = coalesce(%s, clock_timestamp())"
            " WHERE tenant_id = %s AND id = %s AND (used_at IS NULL"
            " OR used_at < coalesce(%s, clock_timestamp()) - %s)",
            [now, tenant, id_, now, _NOTED],
        )
    return wait


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
