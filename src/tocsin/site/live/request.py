"""What a browser asks for: the tenant by path or host, the session by its cookie, where it was."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from tocsin.web import addresses

_KEY = "[a-z0-9-]{1,63}"
_PATH = re.compile(rf"/t/({_KEY})/live/events")
_SHORT = "/live/events"
_FORWARDED = b"x-forwarded-for"
# No place is this far; whatever has more digits was not ours.
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Request:
    """A wish to watch. `session` is empty for whoever is not signed in.

    `after` is the place of the last event that the browser has heard of; -1 for one that is none.
    `address` is the IP address of whoever asks, "" when nobody can say.
    """

    tenant: str
    session: str
    after: int | None
    origin: str
    address: str = ""


def read(scope: Mapping[str, Any]) -> Request | None:
    """Return what is asked for; None for an address, a host or an origin that is none of ours."""
    headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))
    host, _ = split_domain_port(headers.get(b"host", b"").decode("latin-1"))
    if not host or not validate_host(host, settings.ALLOWED_HOSTS):
        return None
    tenant = _tenant(scope["path"], host)
    origin = headers.get(b"origin", b"").decode("latin-1")
    if tenant is None or (origin and not _same_host(origin, host)):
        return None
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    return Request(
        tenant=tenant,
        session=cookies.get(_cookie(scope["path"]), ""),
        after=_after(headers.get(b"last-event-id"), scope["query_string"]),
        origin=origin,
        address=_address(scope),
    )


def _address(scope: Mapping[str, Any]) -> str:
    """Return where it comes from, by the same rule as for pages."""
    told = [value.decode("latin-1") for name, value in scope["headers"] if name == _FORWARDED]
    peer = scope.get("client") or ("", 0)
    return addresses.behind(str(peer[0]), ",".join(told))


def _cookie(path: str) -> str:
    """Return the name of the session's cookie: over TLS a desk's own host has one bound to it."""
    bound = settings.SESSION_COOKIE_SECURE and path == _SHORT
    return f"__Host-{settings.SESSION_COOKIE_NAME}" if bound else settings.SESSION_COOKIE_NAME


def _tenant(path: str, host: str) -> str | None:
    named, _, domain = host.partition(".")
    if settings.DOMAIN and domain == settings.DOMAIN and re.fullmatch(_KEY, named):
        return named if path == _SHORT else None
    found = _PATH.fullmatch(path)
    return found[1] if found else None


def _same_host(origin: str, host: str) -> bool:
    """Say whether a page of that origin may read: of this host, whatever the port.

    A host that is the same and has been let in is one of ALLOWED_HOSTS.
    """
    try:
        parts = urlsplit(origin)
        named = split_domain_port(parts.netloc)[0]
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and named == host


def _after(header: bytes | None, query: bytes) -> int | None:
    """Return the place after which to go on: the browser's own word goes before the page's."""
    if header is not None:
        said = header.decode("latin-1")
    else:
        # A page names the place that it was made at; the browser, once connected, a later one.
        said = parse_qs(query.decode("latin-1")).get("after", [""])[0]
    if not said:
        return None
    return int(said) if re.fullmatch(rf"[0-9]{{1,{_DIGITS}}}", said) else -1
