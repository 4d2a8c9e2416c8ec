"""Second factors: adding, using and losing them. Each change is a fact, and tells its person.

The secret of an app is sealed, for its person alone (`data.secret`); recovery codes are kept as
hashes, passkeys are public by nature. The table is the sign-in library's and knows no tenants, so
each write goes by way of the person.
"""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from tocsin.actions import (
    alarms,
    configuration,
    given,
    limits,
    one_time_codes,
    security,
    sessions,
    strongbox,
)
from tocsin.kit import machine_clock
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, factors
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.audit import instant
from tocsin.queries.factors import APP, CODES, PASSKEY, Key
from tocsin.records import context, rows

# What a code was, for those who note by what means somebody came in.
BY_APP, BY_RECOVERY = "app", "recovery code"
# So many codes may be tried at once, then one each so often: whoever guesses gets nowhere.
_LIMITED = "second factor"
_TRIES, _TRY_EACH = 10, dt.timedelta(minutes=5)
_MOST_PASSKEYS = 20


@access.needs(Right.SIGNED_IN)
def begin_app(*, by: Actor) -> str:
    """Return a new secret for an app, sealed: the page keeps it until a code proves the app."""
    return strongbox.seal(one_time_codes.new_secret(), for_=_waiting(by))


@access.needs(Right.SIGNED_IN)
def shown_app(*, sealed: str, issuer: str, account: str, by: Actor) -> tuple[str, str]:
    """Return the secret of an app that is being added, and the address that its picture holds."""
    secret = strongbox.open_(sealed, for_=_waiting(by))
    return secret, one_time_codes.address(secret, issuer=issuer, account=account)


@access.needs(Right.SIGNED_IN)
def add_app(
    *, sealed: str, code: str, by: Actor, but: str = "", now: dt.datetime | None = None
) -> list[str]:
    """Add an app that shows the right code; returns recovery codes if these are the first.

    All sessions of the person end but the one whose key is `but`.
    """
    person = _self(by)
    secret = strongbox.open_(sealed, for_=_waiting(by))
    with _changing(by, person, now) as at:
        if _of_kind(by, person, APP):
            raise Invalid("code", "there is an app already; remove it first")
        step = one_time_codes.step_of(secret, one_time_codes.plain(code), now=at, after=0)
        if step is None:
            raise Invalid("code", "the code is not what the app shows now; look at both clocks")
        # The code that proved it is used up.
        data = {"secret": strongbox.seal(secret, for_=_seal(person)), "step": step}
        _insert(person, APP, data, at)
        return _added(by, person, "app", but, at)


@access.needs(Right.SIGNED_IN)
def add_passkey(
    *, key: Key, name: str, by: Actor, but: str = "", now: dt.datetime | None = None
) -> list[str]:
    """Add a passkey that a browser made and that was checked; returns recovery codes as above."""
    person, name = _self(by), given.text(name, "name")
    with _changing(by, person, now) as at:
        known = _of_kind(by, person, PASSKEY)
        if len(known) >= _MOST_PASSKEYS:
            raise Invalid("name", "there are as many passkeys as one may have; remove one")
        data = {
            "name": name,
            "credential": _text(key.credential),
            "public": _text(key.public),
            "handle": _text(key.handle),
        }
        if any(own["credential"] == data["credential"] for _, own in known):
            raise Invalid("name", "this passkey is here already")
        _insert(person, PASSKEY, data, at)
        return _added(by, person, "passkey", but, at)


@access.needs(Right.SIGNED_IN)
def remove(*, factor: int, by: Actor, but: str = "", now: dt.datetime | None = None) -> None:
    """Remove one of one's own factors; the last one stays where the role needs one."""
    person = _self(by)
    with _changing(by, person, now) as at:
        own = factors.of_person(by.tenant, person)
        found = next((one for one in own.own if one.id == factor), None)
        if found is None:
            raise access.missing()
        if own.needed and len(own.own) == 1:
            raise NotAllowed("your role needs a second factor; add another one first")
        last = len(own.own) == 1
        _delete(person, "TRUE" if last else f"id = {found.id}")
        security.keep_a_way_in(by.tenant)
        told = {"factor": "app" if found.kind == APP else "passkey"}
        _told(by, person, "factor removed", told, at, tell="factor removed", but=but)


@access.needs(Right.SIGNED_IN)
def renew_codes(*, by: Actor, but: str = "", now: dt.datetime | None = None) -> list[str]:
    """Return new recovery codes; the ones before are worth nothing any more."""
    person = _self(by)
    with _changing(by, person, now) as at:
        if not factors.of_person(by.tenant, person).own:
            raise NotAllowed("recovery codes stand in for a second factor; add one first")
        codes = _new_codes(person, at)
        _told(by, person, "recovery codes made", {}, at, tell="factor added", but=but)
        return codes


@access.needs(Right.ADMINISTER)
def reset(*, person: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Take all factors from somebody who has lost them; their sessions end."""
    with _changing(by, person, now) as at:
        count = len(factors.of_person(by.tenant, person).own)
        _delete(person, "TRUE")
        security.keep_a_way_in(by.tenant)
        told = {"count": count}
        _told(by, person, "factors reset", told, at, tell="factor removed", but="")


@access.operates
def may_try(tenant: int, person: int) -> dt.timedelta | None:
    """Count one more try at a code; returns how long to wait instead when there were too many."""
    return limits.take(_LIMITED, str(person), most=_TRIES, each=_TRY_EACH, tenant=tenant)


@access.operates
def check_code(tenant: int, person: int, typed: str, *, now: dt.datetime | None = None) -> str:
    """Return what a typed code was, BY_APP or BY_RECOVERY, and use it up; "" for a wrong one.

    Whoever calls this has asked `may_try` before.
    """
    at, code = now or machine_clock.wall(), one_time_codes.plain(typed)
    with transaction.atomic(), context.tenant(tenant):
        by = _themselves(tenant, person)
        # Of two at once the second waits, and finds the code used.
        sessions.alone_with(tenant, person)
        found = _checked_app(by, person, code, at) or _checked_recovery(by, person, code, at)
    if found:
        limits.forget(_LIMITED, str(person), tenant=tenant)
    return found


def _checked_app(by: Actor, person: int, code: str, at: dt.datetime) -> str:
    for id_, data in _of_kind(by, person, APP):
        secret = strongbox.open_(str(data["secret"]), for_=_seal(person))
        step = one_time_codes.step_of(secret, code, now=at, after=int(data["step"]))
        if step is not None:
            _used(id_, {**data, "step": step}, at)
            return BY_APP
    return ""


def _checked_recovery(by: Actor, person: int, code: str, at: dt.datetime) -> str:
    wanted = one_time_codes.hashed(code)
    for id_, data in _of_kind(by, person, CODES):
        if wanted in data["codes"]:
            left = [one for one in data["codes"] if one != wanted]
            _used(id_, {**data, "codes": left}, at)
            told = {"left": len(left)}
            configuration.record(by, sessions.STREAM, person, "recovery code used", told, now=at)
            _tell(by, person, "recovery code used", at)
            return BY_RECOVERY
    return ""


@access.operates
def note_passkey(tenant: int, person: int, key: int, *, now: dt.datetime | None = None) -> None:
    """Note that a passkey was used."""
    at = now or machine_clock.wall()
    with transaction.atomic(), context.tenant(tenant):
        rows.run(
            "UPDATE mfa_authenticator SET last_used_at = %s WHERE id = %s AND user_id ="
            " (SELECT id FROM person WHERE tenant_id = %s AND id = %s)",
            [at, key, tenant, person],
        )


def _self(by: Actor) -> int:
    if by.person is None:
        raise access.missing()
    return by.person


def _themselves(tenant: int, person: int) -> Actor:
    """Return somebody who is signing in, as whoever a fact is of."""
    return Actor(tenant, f"person:{person}", person=person)


@contextmanager
def _changing(by: Actor, person: int, now: dt.datetime | None) -> Iterator[dt.datetime]:
    """Be alone with a person's ways of signing in; nobody else's can be meant."""
    with transaction.atomic(), context.tenant(by.tenant):
        if not rows.query(
            "SELECT 1 FROM person WHERE tenant_id = %s AND id = %s", [by.tenant, person]
        ):
            raise access.missing()
        sessions.alone_with(by.tenant, person)
        yield now or machine_clock.wall()


def _seal(person: int) -> str:
    return f"second factor of {person}"


def _waiting(by: Actor) -> str:
    return f"second factor to be of {_self(by)}"


def _of_kind(by: Actor, person: int, kind: str) -> list[tuple[int, dict[str, Any]]]:
    found = rows.query(
        "SELECT a.id, a.data::text FROM mfa_authenticator a JOIN person p ON p.id = a.user_id"
        " WHERE p.tenant_id = %s AND p.id = %s AND p.is_active AND a.type = %s ORDER BY a.id"
        # Secrets may be sealed anew meanwhile, by a command.
        " FOR UPDATE OF a",
        [by.tenant, person, kind],
    )
    return [(int(id_), json.loads(data)) for id_, data in found]


def _insert(person: int, kind: str, data: dict[str, Any], at: dt.datetime) -> None:
    rows.run(
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%s, %s, %s, %s)",
        [person, kind, json.dumps(data), at],
    )


def _used(id_: int, data: dict[str, Any], at: dt.datetime) -> None:
    rows.run(
        "UPDATE mfa_authenticator SET data = %s, last_used_at = %s WHERE id = %s",
        [json.dumps(data), at, id_],
    )


def _delete(person: int, which: str) -> None:
    rows.run(f"DELETE FROM mfa_authenticator WHERE user_id = %s AND {which}", [person])


def _added(by: Actor, person: int, factor: str, but: str, at: dt.datetime) -> list[str]:
    first = not _of_kind(by, person, CODES)
    codes = _new_codes(person, at) if first else []
    _told(by, person, "factor added", {"factor": factor}, at, tell="factor added", but=but)
    return codes


def _new_codes(person: int, at: dt.datetime) -> list[str]:
    codes = one_time_codes.recovery_codes()
    _delete(person, f"type = '{CODES}'")
    _insert(person, CODES, {"codes": [one_time_codes.hashed(one) for one in codes]}, at)
    return codes


def _told(
    by: Actor,
    person: int,
    did: str,
    payload: dict[str, Any],
    at: dt.datetime,
    *,
    tell: str,
    but: str,
) -> None:
    """Note what was done, tell the person whose factors these are, and end other sessions."""
    configuration.record(by, sessions.STREAM, person, did, payload, now=at)
    _tell(by, person, tell, at)
    sessions.end_of(by.tenant, person, by="second factor", at=at, spare=but)


def _tell(by: Actor, person: int, deed: str, at: dt.datetime) -> None:
    """Tell the person under their bell and by mail, whatever hours they want to be quiet in."""
    key = f"{sessions.STREAM}/{person}/{deed}/{instant(at)}"
    alarms.tell(by.tenant, [person], deed, "", key=key, now=at)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
