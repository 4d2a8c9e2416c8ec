"""Acknowledging by a signed link: what it is for, for whoever holds it."""

import datetime as dt

from tocsin.actions import ledger, links
from tocsin.actions.links import Named, Worthless
from tocsin.queries import access

__all__ = ["Named", "Worthless", "meant"]


@access.operates
def meant(token: str, *, tenant: int | None, now: dt.datetime | None = None) -> Named:
    """Return the person and ticket that a link of this tenant is for, or raise `Worthless`."""
    found = links.opened(token, now=now or ledger.clock())
    if found.tenant != tenant:
        raise Worthless
    return found
