"""Browsers in which somebody has signed in before: what a cookie of ours says of them."""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpResponse

from tocsin.actions import sign_ins
from tocsin.actions.sign_ins import Origin
from tocsin.web import addresses
from tocsin.web.asked import Asked

COOKIE = "tocsin_device"
_SALT = "tocsin device"
_AGE_S = 180 * 24 * 3600
_MOST = 5


@dataclass(frozen=True, slots=True)
class _Device:
    id: str
    accounts: tuple[str, ...]


def origin(request: Asked, email: str = "") -> Origin:
    """Return where a request comes from; a device counts as known if this account signed in there.

    The cookie is signed and says nothing of addresses. It lets nobody in: it has only a count of
    tries of its own.
    """
    device = _read(request)
    known = device is not None and sign_ins.known_as(request.tenant or 0, email) in device.accounts
    return Origin(
        address=request.address,
        network=addresses.network(request.address),
        agent=request.headers.get("User-Agent", ""),
        device=device.id if device is not None and known else "",
    )


def remember(request: Asked, response: HttpResponse, email: str) -> None:
    """Have the browser keep that this account has signed in in it."""
    before = _read(request) or _Device(secrets.token_hex(16), ())
    own = sign_ins.known_as(request.tenant or 0, email)
    accounts = [own, *(one for one in before.accounts if one != own)][:_MOST]
    response.set_cookie(
        COOKIE,
        signing.dumps({"t": request.tenant, "d": before.id, "a": accounts}, salt=_SALT),
        max_age=_AGE_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _read(request: Asked) -> _Device | None:
    try:
        told = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_AGE_S)
    except signing.BadSignature:
        return None
    return _Device(told["d"], tuple(told["a"])) if told["t"] == request.tenant else None
