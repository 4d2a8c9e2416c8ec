"""Links that work once: made, looked up and used. The database knows the hash of a token only.

Inside the caller's transaction. Where a link leads is built from TOCSIN_URL and from nothing that a
browser said; without it there is the path alone.
"""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from tocsin.actions import links
from tocsin.records import rows

INVITATION, PASSWORD, EMAIL = "invitation", "password", "email"
LASTS = {
    INVITATION: dt.timedelta(hours=24),
    PASSWORD: dt.timedelta(hours=1),
    EMAIL: dt.timedelta(hours=24),
}
_BYTES = 32
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is good: whose it is, as they are now, and what it was made for."""

    id: int
    tenant: int
    person: int
    about: str
    name: str
    email: str
    role: str
    language: str


def make(tenant: int, person: int, purpose: str, *, now: dt.datetime, about: str = "") -> str:
    """Return the token of a new link; those made before for the same are worth nothing any more."""
    end(tenant, person, now=now, purpose=purpose)
    token = secrets.token_urlsafe(_BYTES)
    row = {
        "tenant_id": tenant,
        "person_id": person,
        "purpose": purpose,
        "token_hash": _hash(token),
        "about": about,
        "made_at": now,
        "expires_at": now + LASTS[purpose],
    }
    rows.insert("one_time_link", [row])
    return token


def find(tenant: int, token: str, purpose: str, *, now: dt.datetime) -> Link | None:
    """Return the link of a token if it is good, and lock it; of an inactive person none is."""
    if not token or len(token) > _LONGEST:
        return None
    found = rows.query(
        "SELECT l.id, l.tenant_id, p.id, l.about, p.name, p.email, p.role, p.language"
        " FROM one_time_link l"
        " JOIN person p ON p.tenant_id = l.tenant_id AND p.id = l.person_id"
        " WHERE l.tenant_id = %s AND l.token_hash = %s AND l.purpose = %s AND l.used_at IS NULL"
        " AND l.made_at <= %s AND l.expires_at > %s AND p.is_active FOR UPDATE OF l",
        [tenant, _hash(token), purpose, now, now],
    )
    return Link(*found[0]) if found else None


def use(link: Link, *, now: dt.datetime) -> None:
    """Use a link up."""
    rows.run(
        "UPDATE one_time_link SET used_at = %s WHERE tenant_id = %s AND id = %s",
        [now, link.tenant, link.id],
    )


def end(tenant: int, person: int, *, now: dt.datetime, purpose: str = "") -> None:
    """Make the links of somebody worthless: those for one purpose, or all."""
    rows.run(
        "UPDATE one_time_link SET used_at = %s WHERE tenant_id = %s AND person_id = %s"
        " AND used_at IS NULL AND (%s = '' OR purpose = %s)",
        [now, tenant, person, purpose, purpose],
    )


def leads_to(tenant_key: str, purpose: str, token: str) -> str:
    """Return where a link leads: an address, or its path where ours is not known."""
    path = f"{purpose}/{token}/"
    return links.page(tenant_key, path) or f"/t/{tenant_key}/{path}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
