"""Signing in by a tenant's identity provider: on the way there, and back."""

import datetime as dt
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import limits, provisioning
from tocsin.actions.provisioning import Claimed
from tocsin.kit import machine_clock
from tocsin.queries import readers
from tocsin.queries.access import NotAllowed
from tocsin.web import addresses, openid, proving, saml, screens
from tocsin.web.asked import Asked
from tocsin.web.discovery import Unusable

_log = logging.getLogger(__name__)
# Each way there may ask the provider something, so nobody goes it without end.
_MOST, _EACH = 20, dt.timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Way:
    """A way that somebody has come back by: the provider's key, and what allauth calls it.

    `state` is what was noted when it began; `asked_at` when the provider asked who they are, if it
    says so.
    """

    key: str
    provider: str
    state: Mapping[str, Any]
    asked_at: float | None


@screens.public("POST")
def begin(request: Asked, key: str) -> HttpResponse:
    """Lead to a provider, with what is good for one way back.

    With `prove` in the form whoever is signed in proves anew who they are.
    """
    if _too_often(request):
        return refused(request, _("Too many tries. Wait a minute, then try again."), status=429)
    proves = bool(request.POST.get("prove"))
    if proves and request.reader is None:
        return HttpResponseRedirect(reverse("account_login"))
    try:
        name, address = _by_saml(request, key, proves) or _by_openid(request, key, proves)
    except Unusable as error:
        return failed(request, key, error)
    # Not a redirect: the browser would not follow one from a form to another host.
    shown = {"address": address, "name": name}
    return render(request, "socialaccount/onward.html", shown)


def _by_saml(request: Asked, key: str, proves: bool) -> tuple[str, str] | None:
    """Return a provider's name and where to go, None for one that does not speak SAML."""
    found = saml.provider(request, key)
    if found is None:
        return None
    state = {"next": _onward(request), "proves": proves}
    there = saml.way(request, found, state, anew=proves, now=machine_clock.wall())
    return found.opened.name, there


def _by_openid(request: Asked, key: str, proves: bool) -> tuple[str, str]:
    """Return a provider's name and where to go, with a state, a nonce and a challenge."""
    nonce = secrets.token_urlsafe(32)
    anew = {"prompt": "login", "max_age": "0"} if proves else {}
    found = openid.provider(request, key)
    there = found.redirect(
        request,
        process="login",
        next_url=_onward(request),
        auth_params={"nonce": nonce, **anew},
        nonce=nonce,
        proves=proves,
    )
    return found.opened.name, there.url


@screens.public("GET")
def callback(request: Asked, key: str) -> HttpResponse:
    """Take what a provider sends back, and sign in whoever it is."""
    try:
        found = openid.provider(request, key)
        state = openid.take_state(request, found)
        if state is None:
            return refused(request, _("This way in was used, or is too old. Begin again."))
        if request.GET.get("error") == "access_denied":
            return HttpResponseRedirect(reverse("account_login"))
        if "error" in request.GET or not request.GET.get("code"):
            raise Unusable("it sent back an error and no code")
        said = openid.claims(request, found, state)
    except Unusable as error:
        return failed(request, key, error)
    at = said.get("auth_time")
    asked_at = float(at) if isinstance(at, int | float) and not isinstance(at, bool) else None
    way = Way(key, found.sub_id, state, asked_at)
    return come_in(request, way, openid.claimed(found.opened, said))


def come_in(request: Asked, way: Way, claimed: Claimed) -> HttpResponse:
    """Sign in whomever a provider has let in, or take it as their proof where they asked for it."""
    assert request.tenant is not None
    try:
        person = provisioning.signed_in(request.tenant, way.key, claimed)
    except NotAllowed as error:
        return refused(request, screens.sentence(error))
    if way.state.get("proves"):
        return _proved(request, person, way)
    account = readers.account(request.tenant, person)
    if account is None:
        return refused(request, screens.sentence(NotAllowed(provisioning.UNKNOWN)))
    record_authentication(request, account, "socialaccount", provider=way.provider)
    response: HttpResponse = perform_login(request, account, redirect_url=way.state.get("next"))
    return response


def _proved(request: Asked, person: int, way: Way) -> HttpResponse:
    """Note the proof of whoever is signed in, if it is theirs and the provider has just asked."""
    now = machine_clock.wall().timestamp()
    just = way.asked_at is not None and -60 <= now - way.asked_at <= proving.FRESH.total_seconds()
    if request.reader is None or request.reader.id != person or not just:
        return refused(request, _("The provider did not ask anew who you are, or it is not you."))
    proving.note(request, "provider")
    return HttpResponseRedirect(str(way.state.get("next") or reverse("hub")))


def _too_often(request: Asked) -> bool:
    who = addresses.network(addresses.address(request))
    return (
        limits.take("identity", who, most=_MOST, each=_EACH, tenant=request.tenant or 0) is not None
    )


def failed(request: Asked, key: str, error: Unusable) -> HttpResponse:
    """Answer whom a provider could not prove; why stands in the log."""
    _log.warning("signing in by %s of tenant %s failed: %s", key, request.tenant, error)
    return refused(
        request,
        _("The identity provider could not be asked, or its answer proves nothing. Try again."),
    )


def refused(request: Asked, sentence: str, *, status: int = 403) -> HttpResponse:
    """Answer whom is not let in by this way, with why."""
    return render(request, "socialaccount/refused.html", {"sentence": sentence}, status=status)


def _onward(request: Asked) -> str:
    return proving.inside(request, request.POST.get("next", ""), reverse("hub"))
