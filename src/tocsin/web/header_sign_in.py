"""Signing in by a header of a proxy in front, which has asked who somebody is. Off by default.

It counts only from a machine that TOCSIN_HEADER_SSO_FROM names, and with the secret that
TOCSIN_HEADER_SSO_SECRET names as well: a header alone anybody can write.
"""

import ipaddress
import secrets

from django.conf import settings

from tocsin.web import addresses
from tocsin.web.asked import Asked

PERSON, SECRET = "X-Remote-User", "X-Remote-Secret"


def named(request: Asked) -> str:
    """Return the address of whoever a trusted proxy says that this is, or nothing."""
    networks, secret = settings.HEADER_SSO_FROM, settings.HEADER_SSO_SECRET
    if not networks or not secret:
        return ""
    given = request.headers.get(SECRET, "")
    if not secrets.compare_digest(given.encode(), secret.encode()):
        return ""
    peer = addresses.peer(request)
    if not peer or not any(ipaddress.ip_address(peer) in one for one in networks):
        return ""
    return request.headers.get(PERSON, "").strip()
