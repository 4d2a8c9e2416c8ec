"""Where a request comes from: the address that the last machine of ours saw."""

import ipaddress

from django.conf import settings

from tocsin.web.asked import Asked


def address(request: Asked) -> str:
    """Return the IP address of whoever asks, "" when nobody can say.

    Streams go by the same rule: see `behind`.
    """
    given = request.META
    return behind(given.get("REMOTE_ADDR", ""), given.get("HTTP_X_FORWARDED_FOR", ""))


def behind(seen: str, told: str) -> str:
    """Return the address of whoever asks, by the peer's own and by X-Forwarded-For as it came.

    Each of our `PROXIES` adds the address that it saw at the end of X-Forwarded-For; what stands
    before those was written by whoever asks, and counts for nothing. What is odd is not read.
    """
    seen, count = _read(seen), settings.PROXIES
    if count < 1:
        return seen
    forwarded = told.split(",")
    if len(forwarded) < count:
        # Somebody has gone round a proxy, so nothing is known of others.
        return seen
    return _read(forwarded[-count]) or seen


def peer(request: Asked) -> str:
    """Return the address of the machine at the other end of the connection."""
    return _read(request.META.get("REMOTE_ADDR", ""))


def _read(text: str) -> str:
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def network(address_: str) -> str:
    """Return what limits count by: an address, of IPv6 the network that one customer has."""
    try:
        found = ipaddress.ip_address(address_)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address_
