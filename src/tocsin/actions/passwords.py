"""Passwords: what one must be like, changing one's own, and a new one by a link."""

import datetime as dt
import re
from collections.abc import Iterable

from django.contrib.auth import password_validation as django_checks
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tocsin.actions import (
    configuration,
    ledger,
    limits,
    one_time_links,
    private_letters,
    sessions,
    sign_ins,
)
from tocsin.actions.one_time_links import Link
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, security
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows
from tocsin.records.people import Person

LEAST, MOST = 12, 1024
# What whoever guesses at a service desk tries first, beside the names of the desk itself.
WORDS = ("tocsin", "service", "desk", "help", "support", "ticket", "welcome", "password", "admin")
# So many letters and digits must be left of a password without these words.
_OWN = 8
_COMMON = django_checks.CommonPasswordValidator()
_SIMILAR = django_checks.UserAttributeSimilarityValidator(("name", "email"))
# Of one account, and of a tenant altogether.
_RESETS, _RESETS_EACH = 3, dt.timedelta(minutes=20)
_ALL_RESETS, _ALL_EACH = 100, dt.timedelta(seconds=36)
_FROM_ONE, _FROM_EACH = 10, dt.timedelta(minutes=2)


def checked(
    password: str, *, name: str, email: str, desk: Iterable[str], field: str = "password"
) -> str:
    """Return a password that may be taken.

    It is long, not one that everybody knows, not like one's name, and more than words of the `desk`
    (its key, its name) and of such products.
    """
    if not LEAST <= len(password) <= MOST or "\0" in password:
        told = f"must have {LEAST} to {MOST} characters, no NUL among them"
        raise Invalid(field, told)
    for check, told in (
        (_COMMON, "is one of those that everybody tries first"),
        (_SIMILAR, "is too much like your name or address"),
    ):
        try:
            check.validate(password, Person(name=name, email=email))
        except ValidationError:
            raise Invalid(field, told) from None
    if _without(password, desk) < _OWN:
        raise Invalid(field, "is hardly more than the name of the desk and words that go with it")
    return password


def _without(password: str, desk: Iterable[str]) -> int:
    """Return how many letters and digits a password has beside the words that go with a desk."""
    named = re.findall(r"\w{3,}", " ".join(desk).casefold().replace("_", " "))
    left = password.casefold()
    # The long ones first: one word may be a part of another.
    for word in sorted({*WORDS, *named}, key=len, reverse=True):
        left = left.replace(word, " ")
    return sum(sign.isalnum() for sign in left)


def hashed(password: str, *, name: str, email: str, desk: Iterable[str]) -> str:
    """Return the hash of a password that may be taken."""
    return make_password(checked(password, name=name, email=email, desk=desk))


@access.operates
def names_of(tenant: int) -> tuple[str, ...]:
    """Return what a desk is called: its key and its name."""
    with transaction.atomic(), context.tenant(tenant):
        return tuple(rows.query("SELECT key, name FROM tenant WHERE id = %s", [tenant])[0])


@access.needs(Right.SIGNED_IN)
def change(
    *, current: str, password: str, by: Actor, session: str = "", now: dt.datetime | None = None
) -> None:
    """Change one's own password; all sessions but this one end, and one is told by mail."""
    person = _own(by)
    with transaction.atomic(), context.tenant(by.tenant):
        name, email = rows.query(
            "SELECT name, email FROM person WHERE tenant_id = %s AND id = %s",
            [by.tenant, person],
        )[0]
    if not sign_ins.prove(password=current, by=by):
        raise Invalid("current", "is not your password, or was wrong too often")
    new = hashed(password, name=name, email=email, desk=names_of(by.tenant))
    with ledger.configuring(by.tenant, now=now) as (_, at):
        _set(by, person, new, at, spare=session)
        configuration.record(by, "person", person, "password changed", {}, now=at)
        if private_letters.can_send(by.tenant):
            private_letters.send(by.tenant, person, "password changed", now=at)


@access.needs(Right.ADMINISTER)
def give(*, person: int, password: str, by: Actor, now: dt.datetime | None = None) -> None:
    """Give somebody a password; all their sessions end."""
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = at_work.people.get(person)
        if known is None:
            raise Invalid("person", f"there is no person {person}")
        desk = (at_work.key, at_work.name)
        _set(by, person, hashed(password, name=known.name, email=known.email, desk=desk), at)
        configuration.record(by, "person", person, "password set", {}, now=at)


def _own(by: Actor) -> int:
    if by.person is None:
        raise access.missing()
    return by.person


def _set(by: Actor, person: int, hashed: str, at: dt.datetime, *, spare: str = "") -> None:
    """Write a password, and end what the one before was good for."""
    rows.run(
        "UPDATE person SET password = %s WHERE tenant_id = %s AND id = %s",
        [hashed, by.tenant, person],
    )
    one_time_links.end(by.tenant, person, now=at)
    sessions.end_of(by.tenant, person, by=by.name, at=at, spare=spare)


# ------------------------------------------------------------------------------------- by a link


@access.operates
def may_ask(tenant: int, email: str, network: str) -> bool:
    """Count that a link for this address was asked for; False when it was too often.

    It is counted by what was typed: whether anybody has the address makes no difference.
    """
    tries = (
        ("reset from", network, _FROM_ONE, _FROM_EACH),
        ("reset", email.strip().casefold(), _RESETS, _RESETS_EACH),
        ("resets", "", _ALL_RESETS, _ALL_EACH),
    )
    return all(
        limits.take(what, who, most=most, each=each, tenant=tenant) is None
        for what, who, most, each in tries
    )


@access.operates
def send_link(tenant: int, email: str, *, now: dt.datetime | None = None) -> None:
    """Send a link for a new password to whoever has this address, if anybody does."""
    if not security.rules(tenant).passwords:
        return
    with ledger.configuring(tenant, now=now) as (at_work, at):
        key = email.strip().casefold()
        people = at_work.people.values()
        found = next((p.id for p in people if p.active and p.email.casefold() == key), None)
        if found is None or not private_letters.can_send(tenant):
            return
        token = one_time_links.make(tenant, found, one_time_links.PASSWORD, now=at)
        url = one_time_links.leads_to(at_work.key, one_time_links.PASSWORD, token)
        private_letters.send(tenant, found, one_time_links.PASSWORD, now=at, url=url)
        by = access.automation(tenant)
        configuration.record(by, "person", found, "password link sent", {}, now=at)


@access.operates
def meant(tenant: int, token: str, *, now: dt.datetime | None = None) -> Link | None:
    """Return whose password a link changes, or None."""
    with transaction.atomic(), context.tenant(tenant):
        at = now or ledger.clock()
        return one_time_links.find(tenant, token, one_time_links.PASSWORD, now=at)


@access.operates
def reset(tenant: int, token: str, password: str, *, now: dt.datetime | None = None) -> None:
    """Set a password by a link, which is used up; every session of the person ends."""
    link = meant(tenant, token, now=now)
    if link is None:
        raise access.missing()
    # Outside of any lock: it takes a while.
    hashed_ = hashed(password, name=link.name, email=link.email, desk=names_of(tenant))
    with ledger.configuring(tenant, now=now) as (_, at):
        link = one_time_links.find(tenant, token, one_time_links.PASSWORD, now=at)
        if link is None:
            raise access.missing()
        set_by_link(link, hashed_, at, did="password reset")


@access.operates
def set_by_link(link: Link, hashed_: str, at: dt.datetime, *, did: str) -> None:
    """Set a password, already hashed, for whoever a link is for, and use the link up."""
    by = access.person(link.tenant, link.person, link.role)
    one_time_links.use(link, now=at)
    _set(by, link.person, hashed_, at)
    configuration.record(by, "person", link.person, did, {}, now=at)
