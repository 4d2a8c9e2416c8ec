"""Changing one's own address: the new one is confirmed by a link, the old one is told."""

import datetime as dt

from django.db import IntegrityError, transaction

from tocsin.actions import configuration, given, ledger, one_time_links, private_letters
from tocsin.actions.one_time_links import Link
from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.records import context, rows

_PURPOSE = one_time_links.EMAIL


@access.needs(Right.SIGNED_IN)
def ask(*, email: str, by: Actor, now: dt.datetime | None = None) -> None:
    """Ask to sign in with another address: it counts once its link was followed."""
    found = given.text(email, "email")
    local, _, domain = found.rpartition("@")
    if not (local and domain) or any(one.isspace() or not one.isprintable() for one in found):
        raise Invalid("email", "is no address")
    if by.person is None:
        raise access.missing()
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        key = found.casefold()
        if any(p.email.casefold() == key for p in at_work.people.values()):
            raise Invalid("email", "is somebody's address already")
        if not private_letters.can_send(by.tenant):
            raise NotAllowed("no mail leaves this desk, so no address can be confirmed")
        token = one_time_links.make(by.tenant, by.person, _PURPOSE, now=at, about=found)
        url = one_time_links.leads_to(at_work.key, _PURPOSE, token)
        private_letters.send(by.tenant, by.person, _PURPOSE, now=at, url=url, address=found)
        private_letters.send(by.tenant, by.person, "email asked", now=at)
        configuration.record(by, "person", by.person, "address asked", {}, now=at)


@access.operates
def meant(tenant: int, token: str, *, now: dt.datetime | None = None) -> Link | None:
    """Return whose address a link confirms (`about` is that address), or None."""
    with transaction.atomic(), context.tenant(tenant):
        return one_time_links.find(tenant, token, _PURPOSE, now=now or ledger.clock())


@access.operates
def confirm(tenant: int, token: str, *, now: dt.datetime | None = None) -> None:
    """Give somebody the address that their link was sent to; the link is used up."""
    with ledger.configuring(tenant, now=now) as (_, at):
        link = one_time_links.find(tenant, token, _PURPOSE, now=at)
        if link is None:
            raise access.missing()
        try:
            with transaction.atomic():
                rows.run(
                    "UPDATE person SET email = %s, email_key = %s WHERE tenant_id = %s AND id = %s",
                    [link.about, link.about.casefold(), tenant, link.person],
                )
        except IntegrityError:
            raise NotAllowed("somebody else has this address by now") from None
        # All links of theirs were sent to the address before.
        one_time_links.end(tenant, link.person, now=at)
        by = access.person(tenant, link.person, link.role)
        content = canonical.encoded({"email": link.about}).decode()
        configuration.record(
            by, "person", link.person, "address confirmed", {}, now=at, content=content
        )
