"""Addresses at which providers tell us something about a message that they carry.

They stand below TOCSIN_URL. Without it nobody can call us back, and nothing asks them to.
"""

import hashlib
import hmac
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core import signing

from tocsin.actions import links
from tocsin.actions.letters import Lease

_SEAL = "seal"
# For how long an answer to a message counts: nobody presses a key of a call on the next day.
ANSWERABLE_S = 24 * 3600


def address(lease: Lease, channel: str, **more: str) -> str:
    """Return where the provider of a letter may call us, "" when nobody can from outside."""
    base = links.address()
    if not base or not lease.tenant_key or lease.provider is None:
        return ""
    query = f"?{urlencode(more)}" if more else ""
    return f"{base}/hooks/{lease.tenant_key}/{lease.provider}/{channel}{query}"


def sealed(url: str, secret: str) -> str:
    """Return an address with a seal that only who knows the secret can make."""
    joint = "&" if urlsplit(url).query else "?"
    return f"{url}{joint}{_SEAL}={_sealed(url, secret)}"


def genuine(url: str, secret: str) -> bool:
    """Say whether an address carries the seal of its path and query; the host may be a proxy's."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    given = "".join(value for name, value in query if name == _SEAL)
    rest = urlencode([(name, value) for name, value in query if name != _SEAL])
    expected = _sealed(parts._replace(query=rest).geturl(), secret)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _sealed(url: str, secret: str) -> str:
    parts = urlsplit(url)
    named = f"{parts.path}?{parts.query}".encode("utf-8", "replace")
    return hmac.new(secret.encode(), named, hashlib.sha256).hexdigest()


# ------------------------------------------------------------------------- which letter is answered


def token(lease: Lease, channel: str) -> str:
    """Return a signed name of a letter, for answers to it."""
    return signing.dumps([lease.tenant, lease.id], salt=f"tocsin.hooks.{channel}")


def letter(token: str, tenant: int, channel: str) -> int | None:
    """Return the id of the letter that is answered; None when the token is not ours or too old."""
    try:
        found = signing.loads(token, salt=f"tocsin.hooks.{channel}", max_age=ANSWERABLE_S)
    except signing.BadSignature:
        return None
    return int(found[1]) if found[0] == tenant else None
