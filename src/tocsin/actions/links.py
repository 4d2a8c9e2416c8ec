"""Links in messages: to a ticket's page, and signed ones that acknowledge without signing in.

The address of this installation is read here and nowhere else. Without it messages have no links.
"""

import datetime as dt
import os
from dataclasses import dataclass
from urllib.parse import quote

from django.core import signing

ADDRESS = "TOCSIN_URL"
LASTS = dt.timedelta(days=7)
_SALT = "tocsin acknowledge"
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Named:
    """What a signed link is for: one person, one ticket by its number, and that act alone."""

    tenant: int
    person: int
    number: int


class Worthless(ValueError):
    """A signed link that allows nothing; `expired` says that it once did."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("this link allows nothing")
        self.expired = expired


def address() -> str:
    """Return the public address of this installation without a slash at its end, or nothing."""
    found = os.environ.get(ADDRESS, "").strip().rstrip("/")
    return found if found.startswith(("https://", "http://")) else ""


def page(tenant_key: str, path: str) -> str:
    """Return the address of a page of a tenant; nothing when the installation's is not known."""
    base = address()
    return f"{base}/t/{quote(tenant_key, safe='')}/{path}" if base and tenant_key else ""


def ticket(tenant_key: str, number: int) -> str:
    """Return the address of a ticket's page, or nothing."""
    return page(tenant_key, f"tickets/{number}/")


def acknowledge(tenant_key: str, *, tenant: int, person: int, number: int, now: dt.datetime) -> str:
    """Return an address at which that person may acknowledge that ticket for seven days."""
    token = signed(Named(tenant, person, number), now=now)
    return page(tenant_key, f"acknowledge/{token}/")


def signed(named: Named, *, now: dt.datetime) -> str:
    """Return what only this installation can have written, with when it ends."""
    until = int((now + LASTS).timestamp())
    told = [named.tenant, named.person, named.number, until]
    return signing.Signer(salt=_SALT).sign_object(told, compress=False)


def opened(token: str, *, now: dt.datetime) -> Named:
    """Return what a signed link is for; raises `Worthless` when it is not ours or has ended."""
    try:
        if len(token) > _LONGEST:
            raise Worthless
        told = signing.Signer(salt=_SALT).unsign_object(token)
        tenant, person, number, until = (int(one) for one in told)
    except (signing.BadSignature, ValueError, TypeError):
        raise Worthless from None
    if now.timestamp() >= until:
        raise Worthless(expired=True)
    return Named(tenant, person, number)
