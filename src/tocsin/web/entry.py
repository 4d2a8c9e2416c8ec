"""What every request passes: which tenant it is for, who asks, and what a refusal looks like."""

import functools
import re
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse, set_script_prefix
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.actions import sign_ins, tenants
from tocsin.kit import machine_clock
from tocsin.kit.invalid import Invalid
from tocsin.queries import readers
from tocsin.queries.access import NotFound, Refused, Stale
from tocsin.queries.readers import Reader
from tocsin.web import addresses, devices, policy, screens
from tocsin.web.asked import Asked

Respond = Callable[[Asked], HttpResponse]
TENANT = "tenant"
# What scripts send with what they ask by themselves, and keep for a moment before a page that they
# load again: it is no use of the session. Whoever leaves it out gains no more than by clicking.
AUTOMATIC, AUTOMATIC_COOKIE = "X-Automatic", "tocsin_automatic"
# A browser takes a cookie of such a name from the host itself only, over TLS.
HOST_ONLY = "__Host-"
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
        request.address = addresses.address(request)
        request.tenant = None if named is None else _tenant(named)
        request.prefix = prefix
        set_script_prefix(prefix)
        request.path_info = rest
        request.path = prefix.removesuffix("/") + rest
        if named is not None and request.tenant is None:
            request.path_info = "/there-is-no-such-desk"
        bound = settings.SESSION_COOKIE_SECURE and prefix == "/" and named is not None
        if bound:
            _unbind(request)
        response = self._respond(request)
        _settle(request)
        for cookie in response.cookies.values():
            # Two tenants are two sign-ins, also in one browser.
            cookie["path"] = prefix
        if bound:
            _bind(response)
        policy.guard(request, response)
        return response


def _settle(request: Asked) -> None:
    """Have a session that was saved with this answer end when the rules say so."""
    session = getattr(request, "session", None)
    if session is not None and session.modified and session.session_key:
        sign_ins.saved(request.tenant, session.session_key)


def _cookies() -> tuple[str, ...]:
    return (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, devices.COOKIE)


def _unbind(request: Asked) -> None:
    """Take cookies of this host alone: no other host can have set one of such a name."""
    for name in _cookies():
        request.COOKIES.pop(name, None)
        if HOST_ONLY + name in request.COOKIES:
            request.COOKIES[name] = request.COOKIES[HOST_ONLY + name]


def _bind(response: HttpResponse) -> None:
    """Have the browser keep our cookies for this host alone."""
    for name in _cookies():
        if name in response.cookies:
            cookie = response.cookies.pop(name)
            cookie.set(HOST_ONLY + name, cookie.value, cookie.coded_value)
            cookie["secure"], cookie["domain"] = True, ""
            dict.__setitem__(response.cookies, HOST_ONLY + name, cookie)


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
    # Another database of the same process (tests, a restore) is another world.
    place = str(connection.settings_dict["NAME"]), key
    known = _tenants.get(place)
    if known is None:
        known = tenants.find(key)
        if known is not None:
            _tenants[place] = known
    return known


# Tenants never go and keep their keys, so what was found once holds.
_tenants: dict[tuple[str, str], int] = {}


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
    if not _goes_on(request.tenant, session.session_key or "", used=not _is_automatic(request)):
        session.flush()
        return None
    found = readers.reader(request.tenant, int(person))
    if found is None:
        return None
    # The password was changed since: whoever has the old session is not let in.
    given = str(session.get(HASH_SESSION_KEY, ""))
    known = [constant_time_compare(given, one) for one in found.session_hashes]
    return found if any(known) else None


def _is_automatic(request: Asked) -> bool:
    return AUTOMATIC in request.headers or AUTOMATIC_COOKIE in request.COOKIES


def _goes_on(tenant: int, session: str, *, used: bool) -> bool:
    """Say whether a session has not come to its time; the database is asked once a minute.

    One that was ended is gone from Django's own table, which is read each time. What a page asked
    by itself is no look at what its person does.
    """
    now = machine_clock.steady()
    if any(now - _looked.get((tenant, session, one), -_LOOK_S) < _LOOK_S for one in {True, used}):
        return True
    if not sign_ins.goes_on(tenant, session, used=used):
        return False
    if len(_looked) >= _MOST_LOOKED:
        _looked.clear()
    _looked[tenant, session, used] = now
    return True


_LOOK_S = 60.0
_MOST_LOOKED = 10_000
# When each session was looked at last, by this process, for something used and for the rest.
_looked: dict[tuple[int, str, bool], float] = {}


def look_again() -> None:
    """Have every session be looked at with its next request."""
    _looked.clear()


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
        """Pass it on; what is not there gets a page of ours.

        Whoever may not come from where they are gets one that says so, and can sign out.
        """
        reader = request.reader
        if reader is not None and not reader.comes_from(request.address):
            out = reverse("account_logout").removeprefix(request.prefix[:-1])
            if request.path_info != out:
                return elsewhere(request)
        odd = _holds_nul(request)
        if odd is not None:
            told = screens.wrong(odd, gettext_noop("holds a NUL character, which no text has"))
            return screens.told(request, told, status=422)
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


def _holds_nul(request: Asked) -> str | None:
    """Return the name of something that was asked with a NUL in it: no text of ours holds one.

    What is posted is looked at where it is read: some of it is for programs.
    """
    for name, values in request.GET.lists():
        if "\0" in name or any("\0" in value for value in values):
            return name.replace("\0", "")
    return None


def elsewhere(request: Asked) -> HttpResponse:
    """Return what somebody gets who is signed in, from a network that is not allowed to them."""
    assert request.reader is not None
    sign_ins.refused_from(request.reader.tenant, request.reader.id, devices.origin(request))
    if screens.is_partial(request):
        told = _("You may not use this desk from the network that you are in.")
        return screens.told(request, told, status=403)
    return render(request, "front/elsewhere.html", status=403)


def missing(request: Asked) -> HttpResponse:
    """Return the one page for what is not there and what is not for the reader."""
    response = render(request, "front/missing.html", status=404)
    response.headers["X-Tocsin"] = "missing"
    return response
