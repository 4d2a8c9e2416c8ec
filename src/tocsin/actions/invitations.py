"""Invitations: a link by which somebody who was added chooses their first password."""

import datetime as dt

from django.db import transaction

from tocsin.actions import configuration, ledger, one_time_links, passwords, private_letters
from tocsin.actions.one_time_links import Link
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import context

_PURPOSE = one_time_links.INVITATION


@access.needs(Right.ADMINISTER)
def invite(*, person: int, by: Actor, now: dt.datetime | None = None) -> str:
    """Invite somebody to choose a password within 24 hours; an invitation before ends.

    It is sent by mail and "" is returned. Where no mail leaves, or TOCSIN_URL is not set, the link
    is returned instead (perhaps without our address, "/t/…"): whoever invites passes it on. It is
    shown this once.
    """
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = at_work.people.get(person)
        if known is None:
            raise access.missing()
        if not known.active:
            raise Invalid("person", "is not active; activate them first")
        # With another role the invitation is another one: who sent it meant the one of today.
        token = one_time_links.make(by.tenant, person, _PURPOSE, now=at, about=known.role)
        url = one_time_links.leads_to(at_work.key, _PURPOSE, token)
        mailed = private_letters.can_send(by.tenant)
        if mailed:
            private_letters.send(by.tenant, person, _PURPOSE, now=at, url=url)
        configuration.record(by, "person", person, "invited", {"mailed": mailed}, now=at)
    return "" if mailed else url


@access.operates
def meant(tenant: int, token: str, *, now: dt.datetime | None = None) -> Link | None:
    """Return who a link invites, or None when it invites nobody (any more)."""
    with transaction.atomic(), context.tenant(tenant):
        return _found(tenant, token, now or ledger.clock())


def _found(tenant: int, token: str, at: dt.datetime) -> Link | None:
    link = one_time_links.find(tenant, token, _PURPOSE, now=at)
    return link if link is not None and link.about == link.role else None


@access.operates
def accept(tenant: int, token: str, password: str, *, now: dt.datetime | None = None) -> None:
    """Set the password of whoever is invited; the link is used up. They sign in as anybody does."""
    link = meant(tenant, token, now=now)
    if link is None:
        raise access.missing()
    hashed = passwords.hashed(
        password, name=link.name, email=link.email, desk=passwords.names_of(tenant)
    )
    with ledger.configuring(tenant, now=now) as (_, at):
        # Looked up again: of two at once the second finds nothing.
        link = _found(tenant, token, at)
        if link is None:
            raise access.missing()
        passwords.set_by_link(link, hashed, at, did="invitation accepted")
