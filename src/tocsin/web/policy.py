"""What browsers are told about each answer: where its parts may come from, and who may see it."""

import functools

from django.conf import settings
from django.http import HttpResponse

from tocsin.web.asked import Asked

# No inline code or style, no eval, nothing from elsewhere, no frames. See ux.md §2.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; connect-src 'self'"
)


def guard(request: Asked, response: HttpResponse) -> None:
    """Put the headers on an answer, fragments and errors included."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _with_live(live_origin(request)))
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    if request.tenant is not None:
        # What a tenant's people see is for nobody's cache.
        headers.setdefault("Cache-Control", "private, no-store")


@functools.lru_cache(maxsize=64)
def _with_live(origin: str) -> str:
    return f"{_POLICY} {origin}".rstrip()


def live_origin(request: Asked) -> str:
    """Return the origin of the event streams when it is another one than that of the pages."""
    if settings.LIVE_URL:
        address: str = settings.LIVE_URL
        return "/".join(address.split("/")[:3]) if "://" in address else ""
    host = request.get_host()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return f"{request.scheme}://{name}:{settings.LIVE_PORT}"


def live_address(request: Asked) -> str:
    """Return where a tenant's pages find their event stream."""
    base = settings.LIVE_URL.rstrip("/") or live_origin(request)
    return f"{base}{request.prefix}live/events"
