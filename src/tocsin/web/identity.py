"""Signing in by a tenant's identity provider: on the way there, and back."""

import datetime as dt
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from tocsin.actions import limits, provisioning
from tocsin.kit import machine_clock
from tocsin.queries import readers
from tocsin.queries.access import NotAllowed
from tocsin.web import addresses, openid, proving, screens
from tocsin.web.asked import Asked
from tocsin.web.discovery import Unusable
from tocsin.web.openid import Provider

_log = logging.getLogger(__name__)
# Each way there may ask the provider something, so nobody goes it without end.
_MOST, _EACH = 20, dt.timedelta(seconds=15)


@screens.public("POST")
def begin(request: Asked, key: str) -> HttpResponse:
    """Lead to a provider, with a state, a nonce and a challenge that are good for one way back.

    With `prove` in the form whoever is signed in proves anew who they are.
    """
    if _too_often(request):
        return _refused(request, _("Too many tries. Wait a minute, then try again."), status=429)
    proves = bool(request.POST.get("prove"))
    if proves and request.reader is None:
        return HttpResponseRedirect(reverse("account_login"))
    nonce = secrets.token_urlsafe(32)
    anew = {"prompt": "login", "max_age": "0"} if proves else {}
    try:
        found = openid.provider(request, key)
        there = found.redirect(
            request,
            process="login",
            next_url=_onward(request),
            auth_params={"nonce": nonce, **anew},
            nonce=nonce,
            proves=proves,
        )
    except Unusable as error:
        return _failed(request, key, error)
    # Not a redirect: the browser would not follow one from a form to another host.
    shown = {"address": there.url, "name": found.opened.name}
    return render(request, "socialaccount/onward.html", shown)


@screens.public("GET")
def callback(request: Asked, key: str) -> HttpResponse:
    """Take what a provider sends back, and sign in whoever it is."""
    try:
        found = openid.provider(request, key)
        state = openid.take_state(request, found)
        if state is None:
            return _refused(request, _("This way in was used, or is too old. Begin again."))
        if request.GET.get("error") == "access_denied":
            return HttpResponseRedirect(reverse("account_login"))
        if "error" in request.GET or not request.GET.get("code"):
            raise Unusable("it sent back an error and no code")
        said = openid.claims(request, found, state)
    except Unusable as error:
        return _failed(request, key, error)
    return _come_in(request, found, state, said)


def _come_in(
    request: Asked, found: Provider, state: Mapping[str, Any], said: Mapping[str, Any]
) -> HttpResponse:
    assert request.tenant is not None
    claimed = openid.claimed(found.opened, said)
    try:
        person = provisioning.signed_in(request.tenant, found.opened.key, claimed)
    except NotAllowed as error:
        return _refused(request, screens.sentence(error))
    if state.get("proves"):
        return _proved(request, person, state, said)
    account = readers.account(request.tenant, person)
    if account is None:
        return _refused(request, screens.sentence(NotAllowed(provisioning.UNKNOWN)))
    record_authentication(request, account, "socialaccount", provider=found.sub_id)
    response: HttpResponse = perform_login(request, account, redirect_url=state.get("next"))
    return response


def _proved(
    request: Asked, person: int, state: Mapping[str, Any], said: Mapping[str, Any]
) -> HttpResponse:
    """Note the proof of whoever is signed in, if it is theirs and the provider has just asked."""
    at = said.get("auth_time")
    asked = isinstance(at, int | float) and not isinstance(at, bool)
    now = machine_clock.wall().timestamp()
    just = asked and -60 <= now - float(at or 0) <= proving.FRESH.total_seconds()
    if request.reader is None or request.reader.id != person or not just:
        return _refused(request, _("The provider did not ask anew who you are, or it is not you."))
    proving.note(request, "provider")
    return HttpResponseRedirect(str(state.get("next") or reverse("hub")))


def _too_often(request: Asked) -> bool:
    who = addresses.network(addresses.address(request))
    return (
        limits.take("identity", who, most=_MOST, each=_EACH, tenant=request.tenant or 0) is not None
    )


def _failed(request: Asked, key: str, error: Unusable) -> HttpResponse:
    _log.warning("signing in by %s of tenant %s failed: %s", key, request.tenant, error)
    return _refused(
        request,
        _("The identity provider could not be asked, or its answer proves nothing. Try again."),
    )


def _refused(request: Asked, sentence: str, *, status: int = 403) -> HttpResponse:
    return render(request, "socialaccount/refused.html", {"sentence": sentence}, status=status)


def _onward(request: Asked) -> str:
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith(request.prefix) else reverse("hub")
