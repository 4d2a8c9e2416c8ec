"""Signing in: how often it may be tried, and the sessions that come of it.

A try is counted before a password is looked at: by account, by network and for the whole desk. Who
has signed in on a device before has a count of their own there, so that nobody else's tries lock
them out. What is refused is told in the log as sums.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import check_password
from django.db import transaction

from tocsin.actions import configuration, ledger, limits, sessions
from tocsin.kit import canonical
from tocsin.queries import access, readers, security
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows

SEEN_EACH = dt.timedelta(minutes=1)
# So long lasts what a browser began that has not signed in: a question, half of a sign-in.
_UNSIGNED = dt.timedelta(hours=1)
_LONGEST_AGENT = 200
_TOLD_EACH = dt.timedelta(minutes=10)
# What of a person's account may be tried from somewhere new: five at once, then one a minute, and
# after some fifteen one an hour.
_ACCOUNT = (
    ("sign-in account", 5, dt.timedelta(minutes=1)),
    ("sign-in account, long", 15, dt.timedelta(hours=1)),
)
_DEVICE = (
    ("sign-in device", 10, dt.timedelta(minutes=1)),
    ("sign-in device, long", 50, dt.timedelta(hours=1)),
)
_PROOFS = (
    ("prove", 5, dt.timedelta(minutes=1)),
    ("prove, long", 20, dt.timedelta(hours=1)),
)
_THIS, _THAT = "s.session_key = %s", "s.person_id = %s AND s.id = %s"
_NETWORK = ("sign-in network", 30, dt.timedelta(seconds=10))
_DESK = ("sign-in desk", 300, dt.timedelta(seconds=0.2))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody signs in from. `device` is empty unless they have signed in there before.

    `network` is what limits count by, `address` what people are shown.
    """

    address: str = ""
    network: str = ""
    agent: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try. `person` is Django's user, None when nobody is let in.

    `hasty` says that there were too many tries of all kinds, whoever they were for.
    """

    person: Any = None
    hasty: bool = False


# ---------------------------------------------------------------------------------------- trying


@access.operates
def attempt(tenant: int, email: str, password: str, *, origin: Origin) -> Tried:
    """Try to sign somebody in by address and password.

    An address that nobody has, one whose person has left, a wrong password and an account that has
    been tried too often get the same answer after the same work.
    """
    account = email.strip().casefold()
    if not origin.device and not _may(tenant, [_NETWORK], origin.network):
        return Tried(hasty=True)
    if not origin.device and not _may(tenant, [_DESK], ""):
        return Tried(hasty=True)
    listed, who = (_DEVICE, f"{account}\n{origin.device}") if origin.device else (_ACCOUNT, account)
    open_ = _may(tenant, listed, who)
    found = readers.by_password(tenant, account if open_ else "", password)
    if found is None or not security.rules(tenant).passwords:
        _refused(tenant, account, origin)
        return Tried()
    for what, _, _ in listed:
        limits.forget(what, who, tenant=tenant)
    if not origin.device:
        limits.give_back(_NETWORK[0], origin.network, tenant=tenant)
        limits.give_back(_DESK[0], "", tenant=tenant)
    return Tried(found)


@access.needs(Right.SIGNED_IN)
def prove(*, password: str, by: Actor) -> bool:
    """Say whether a password is that of whoever acts; a try is counted before it is looked at.

    Where passwords are switched off none proves anything.
    """
    person = _own(by)
    if not security.rules(by.tenant).passwords or not _may(by.tenant, _PROOFS, str(person)):
        return False
    account = readers.account(by.tenant, person)
    if account is None or not check_password(password, account.password):
        return False
    for what, _, _ in _PROOFS:
        limits.forget(what, str(person), tenant=by.tenant)
    return True


@access.operates
def by_address(tenant: int, email: str) -> Any:
    """Return Django's user of an address, who is active, or None: somebody else has proved it."""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT id FROM person WHERE tenant_id = %s AND email_key = %s AND is_active",
            [tenant, email.strip().casefold()],
        )
    return readers.account(tenant, int(found[0][0])) if found else None


def _may(tenant: int, listed: Sequence[tuple[str, int, dt.timedelta]], who: str) -> bool:
    return all(
        limits.take(what, who, most=most, each=each, tenant=tenant) is None
        for what, most, each in listed
    )


@access.operates
def known_as(tenant: int, email: str) -> str:
    """Return what a device keeps of an account that has signed in there: not its address."""
    return hashlib.sha256(f"{tenant}\0{email.strip().casefold()}".encode()).hexdigest()[:24]


def _refused(tenant: int, account: str, origin: Origin) -> None:
    """Note that a try was refused: one fact in ten minutes and account says how many there were."""
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT id FROM person WHERE tenant_id = %s AND email_key = %s", [tenant, account]
        )
    # Of addresses that nobody has, all count as one.
    person = int(found[0][0]) if found else 0
    limits.count("sign-in refused", str(person), tenant=tenant)
    if limits.take("sign-in refused, told", str(person), most=1, each=_TOLD_EACH, tenant=tenant):
        return
    tries = limits.counted("sign-in refused", str(person), tenant=tenant)
    with _noting(tenant, person) as at:
        by = access.automation(tenant)
        _note(by, person, "refused", {"tries": tries}, at, origin=origin)


@access.operates
def refused_from(tenant: int, person: int, origin: Origin) -> None:
    """Note that somebody came from a network that they may not come from; once an hour."""
    who = str(person)
    if limits.take("elsewhere", who, most=1, each=dt.timedelta(hours=1), tenant=tenant):
        return
    with _noting(tenant, person) as at:
        _note(access.automation(tenant), person, "refused network", {}, at, origin=origin)


@contextmanager
def _noting(tenant: int, person: int, now: dt.datetime | None = None) -> Iterator[dt.datetime]:
    """Be in a transaction that may add to the facts of one person's signing in."""
    with transaction.atomic(), context.tenant(tenant):
        sessions.alone_with(tenant, person)
        yield now or ledger.clock()


def _note(
    by: Actor,
    person: int,
    did: str,
    told: dict[str, Any],
    at: dt.datetime,
    *,
    origin: Origin | None = None,
) -> None:
    found = origin or Origin()
    content = canonical.encoded({"address": found.address, "agent": _agent(found)}).decode()
    configuration.record(by, sessions.STREAM, person, did, told, now=at, content=content)


def _agent(origin: Origin) -> str:
    return "".join(c if c.isprintable() else " " for c in origin.agent)[:_LONGEST_AGENT]


# -------------------------------------------------------------------------------------- sessions


@access.operates
def began(
    tenant: int,
    person: int,
    *,
    session: str,
    means: str,
    origin: Origin,
    before: str = "",
    now: dt.datetime | None = None,
) -> None:
    """Keep that a session began, by what means; `before` is the key of one that it replaces."""
    if limits.take("forget limits", "", most=1, each=dt.timedelta(days=1)) is None:
        limits.forget_old(now=now)
        rows.run("DELETE FROM django_session WHERE expire_date < clock_timestamp()")
    with _noting(tenant, person, now) as at:
        if before and before != session:
            sessions.end(tenant, _THIS, [before], by="signing in again", at=at)
        row = {
            "tenant_id": tenant,
            "person_id": person,
            "session_key": session,
            "means": means,
            "address": origin.address,
            "agent": _agent(origin),
            "begun_at": at,
            "seen_at": at,
            "proved_at": at,
        }
        rows.insert("sign_in", [row])
        by = access.automation(tenant)
        _note(by, person, "signed in", {"means": means}, at, origin=origin)


@access.operates
def proved(
    tenant: int, *, session: str, before: str, means: str = "", now: dt.datetime | None = None
) -> None:
    """Keep that somebody has proved again who they are; their session has another key since."""
    with transaction.atomic(), context.tenant(tenant):
        rows.run(
            "UPDATE sign_in SET session_key = %s, proved_at = %s,"
            " means = CASE WHEN %s = '' OR %s = ANY(string_to_array(means, ' ')) THEN means"
            " ELSE means || ' ' || %s END"
            " WHERE tenant_id = %s AND session_key = %s AND ended_at IS NULL",
            [session, now or ledger.clock(), means, means, means, tenant, before],
        )


@access.operates
def goes_on(
    tenant: int, session: str, *, used: bool = True, now: dt.datetime | None = None
) -> bool:
    """Say whether a session lasts still, and keep that it is in use, at most once a minute.

    It ends after the tenant's hours, or without use for so many minutes; what a page asks by
    itself (not `used`) keeps nobody in. It ends as well when its person has come to need a second
    factor and has none. The stream of a browser ends by the same: what Django keeps of the session
    says until when.
    """
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT begun_at, seen_at, clock_timestamp() FROM sign_in"
            " WHERE tenant_id = %s AND session_key = %s AND ended_at IS NULL",
            [tenant, session],
        )
        if not found:
            return False
        begun_at, seen_at, clock = found[0]
        at, rules = now or clock, security.rules(tenant)
        latest = begun_at + dt.timedelta(hours=rules.session_hours)
        idle = dt.timedelta(minutes=rules.idle_minutes)
        over = "time" if at >= min(latest, seen_at + idle) else ""
        over = over or ("second factor" if sessions.owes(tenant, session) else "")
        if over:
            sessions.end(tenant, _THIS, [session], by=over, at=at)
            return False
        if used and at - seen_at >= SEEN_EACH:
            seen_at = at
            rows.run(
                "UPDATE sign_in SET seen_at = %s WHERE tenant_id = %s AND session_key = %s",
                [at, tenant, session],
            )
        _until(session, min(latest, seen_at + idle))
        return True


@access.operates
def saved(tenant: int | None, session: str, *, now: dt.datetime | None = None) -> None:
    """Have what Django has just kept of a session end when the rules say so.

    By itself it would last as long as its cookie, which knows no rules. What belongs to nobody who
    is signed in lasts for an hour.
    """
    if tenant is None or not goes_on(tenant, session, used=False, now=now):
        _until(session, (now or ledger.clock()) + _UNSIGNED)


def _until(session: str, until: dt.datetime) -> None:
    rows.run("UPDATE django_session SET expire_date = %s WHERE session_key = %s", [until, session])


@access.operates
def signed_out(tenant: int, person: int, session: str, *, now: dt.datetime | None = None) -> None:
    """Keep that somebody has ended their session."""
    with _noting(tenant, person, now) as at:
        if sessions.end(tenant, _THIS, [session], by=f"person:{person}", at=at):
            _note(access.automation(tenant), person, "signed out", {}, at)


@access.needs(Right.SIGNED_IN)
def end(*, sign_in: int, by: Actor, now: dt.datetime | None = None) -> None:
    """End one of one's own sessions."""
    person = _own(by)
    with _noting(by.tenant, person, now) as at:
        if not sessions.end(by.tenant, _THAT, [person, sign_in], by=by.name, at=at):
            raise access.missing()
        _note(by, person, "ended", {"sessions": 1}, at)


@access.needs(Right.SIGNED_IN)
def end_others(*, session: str, by: Actor, now: dt.datetime | None = None) -> int:
    """End all of one's own sessions but this one; returns how many there were."""
    person = _own(by)
    with _noting(by.tenant, person, now) as at:
        count = sessions.end_of(by.tenant, person, by=by.name, at=at, spare=session)
        if count:
            _note(by, person, "ended", {"sessions": count}, at)
    return count


@access.needs(Right.ADMINISTER)
def end_all(
    *, person: int, by: Actor, sign_in: int | None = None, now: dt.datetime | None = None
) -> int:
    """End the sessions of somebody, or one of them; returns how many there were."""
    with _noting(by.tenant, person, now) as at:
        if sign_in is not None:
            count = sessions.end(by.tenant, _THAT, [person, sign_in], by=by.name, at=at)
        else:
            count = sessions.end_of(by.tenant, person, by=by.name, at=at)
        if count:
            _note(by, person, "ended", {"sessions": count}, at)
    return count


def _own(by: Actor) -> int:
    if by.person is None:
        raise access.missing()
    return by.person
