"""What every request passes: which tenant it is for, who asks, and what a refusal looks like."""

import functools
import re
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import set_script_prefix
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from tocsin.actions import tenants
from tocsin.kit.invalid import Invalid
from tocsin.queries import readers
from tocsin.queries.access import NotFound, Refused, Stale
from tocsin.queries.readers import Reader
from tocsin.web import policy, screens
from tocsin.web.asked import Asked

Respond = Callable[[Asked], HttpResponse]
TENANT = "tenant"
_PATH = re.compile(r"/t/([a-z0-9-]{1,63})(/.*)?")


class Tenants:
    """Finds the tenant, by the path or by the host, and puts its name before every address.

    `request.tenant` is its id, or None for what belongs to no tenant, such as /health.
    """

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: Asked) -> HttpResponse:
        """Answer within the tenant; a tenant there is not looks like any missing page."""
        named, prefix, rest = _named(request)
        request.tenant = None if named is None else _tenant(named)
        request.prefix = prefix
        set_script_prefix(prefix)
        request.path_info = rest
        request.path = prefix.removesuffix("/") + rest
        if named is not None and request.tenant is None:
            request.path_info = "/there-is-no-such-desk"
        response = self._respond(request)
        for cookie in response.cookies.values():
            # Two tenants are two sign-ins, also in one browser.
            cookie["path"] = prefix
        policy.guard(request, response)
        return response


def _named(request: Asked) -> tuple[str | None, str, str]:
    """Return the key of the tenant (None for none), the prefix of its pages, and the rest."""
    domain = settings.DOMAIN
    host = request.get_host().partition(":")[0]
    if domain and host.endswith(f".{domain}"):
        return host.removesuffix(f".{domain}"), "/", request.path_info
    found = _PATH.fullmatch(request.path_info)
    if found is None:
        return None, "/", request.path_info
    return found[1], f"/t/{found[1]}/", found[2] or "/"


def _tenant(key: str) -> int | None:
    known = _tenants.get(key)
    if known is None:
        known = tenants.find(key)
        if known is not None:
            _tenants[key] = known
    return known


# Tenants never go and keep their keys, so what was found once holds.
_tenants: dict[str, int] = {}


class Readers:
    """Finds who asks: `request.reader`, or None; their language and zone hold for the answer."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: Asked) -> HttpResponse:
        """Answer as the reader wants to read."""
        reader = request.reader = _reader(request)
        # What libraries ask for.
        request.user = SimpleLazyObject(functools.partial(_user, request))  # type: ignore[assignment]
        language = reader.language if reader else translation.get_language_from_request(request)
        with (
            translation.override(language.lower()),
            timezone.override(zoneinfo.ZoneInfo(reader.zone if reader else "UTC")),
        ):
            response = self._respond(request)
        response.headers["Content-Language"] = language
        return response


def _reader(request: Asked) -> Reader | None:
    session = request.session
    if request.tenant is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    person = str(session.get(SESSION_KEY, ""))
    if not person.isdecimal() or session.get(TENANT) != request.tenant:
        return None
    found = readers.reader(request.tenant, int(person))
    if found is None:
        return None
    # The password was changed since: whoever has the old session is not let in.
    given = str(session.get(HASH_SESSION_KEY, ""))
    return found if constant_time_compare(given, found.session_hash) else None


def _user(request: Asked) -> Any:
    known = request.reader and readers.account(request.reader.tenant, request.reader.id)
    if not known:
        return AnonymousUser()
    known.backend = request.session[BACKEND_SESSION_KEY]
    return known


class Refusals:
    """Turns what actions and queries refuse into answers that say what to do."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: Asked) -> HttpResponse:
        """Pass it on; what is not there gets a page of ours."""
        response = self._respond(request)
        if response.status_code == 404 and not response.headers.get("X-Tocsin"):
            return missing(request)
        return response

    def process_exception(self, request: Asked, error: Exception) -> HttpResponse | None:
        """Answer a refusal: 404 for what is not there or not theirs, 409, 422."""
        if isinstance(error, NotFound | Http404):
            return missing(request)
        if isinstance(error, Refused):
            status = 409 if isinstance(error, Stale) else 422
            return screens.told(request, screens.sentence(error), status=status)
        if isinstance(error, Invalid):
            return screens.told(request, screens.wrong(error.path, error.reason), status=422)
        return None


def missing(request: Asked) -> HttpResponse:
    """Return the one page for what is not there and what is not for the reader."""
    response = render(request, "front/missing.html", status=404)
    response.headers["X-Tocsin"] = "missing"
    return response
