"""Signing in by SAML: where answers of providers arrive, and where a browser comes in by one."""

import datetime as dt
import logging

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from tocsin.actions import limits
from tocsin.kit import machine_clock
from tocsin.queries import access
from tocsin.web import addresses, identity, saml, screens
from tocsin.web.asked import Asked
from tocsin.web.discovery import Unusable
from tocsin.web.saml import Provider

_log = logging.getLogger(__name__)
# Checking a signature costs something, so nobody has it done without end.
_MOST, _EACH = 60, dt.timedelta(seconds=1)
# The field around the answer, and what else a provider's form has.
_LONGEST_FORM = saml.LONGEST + 16 * 1024


# A provider's page sends this form, so it cannot have our token; and nothing happens by it: without
# a session, what a trusted provider has signed for this address is put aside, once, and whoever
# fetches it must have the session in which the request that it answers began.
@csrf_exempt
@sensitive_post_parameters("SAMLResponse")
@screens.public("POST")
def answer(request: Asked, key: str) -> HttpResponse:
    """Take an answer that a browser brings from a provider, and send the browser on."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > _LONGEST_FORM:
        return identity.refused(request, _("The provider's answer is too long."), status=413)
    if _too_often(request):
        told = _("Too many tries. Wait a minute, then try again.")
        return identity.refused(request, told, status=429)
    try:
        found = _provider(request, key)
        said = saml.answered(found, request.POST.get("SAMLResponse", ""), now=machine_clock.wall())
    except Unusable as error:
        return identity.failed(request, key, error)
    if not saml.is_first(found, said):
        _log.warning("an assertion for %s of tenant %s came again", key, request.tenant)
        return identity.refused(request, _("This way in was used, or is too old. Begin again."))
    saml.keep(found, said)
    onward = f"{reverse('identity_done', args=[key])}?{urlencode({'request': said.request})}"
    # See other: a browser fetches it with its cookies, which it did not send with the form.
    return HttpResponseRedirect(onward, status=303)


@screens.public("GET")
def done(request: Asked, key: str) -> HttpResponse:
    """Sign in whoever began the request that was answered, in the browser in which it began."""
    try:
        found = _provider(request, key)
    except Unusable as error:
        return identity.failed(request, key, error)
    state = saml.take_state(request, found)
    proof = state and saml.take(found, request.GET.get("request", ""))
    if not state or not proof:
        return identity.refused(request, _("This way in was used, or is too old. Begin again."))
    way = identity.Way(key, found.opened.provider, state, proof.asked_at)
    return identity.come_in(request, way, proof.claimed)


@screens.public()
def metadata(request: Asked, key: str) -> HttpResponse:
    """Say who we are at a provider, in the form that providers read."""
    try:
        made = saml.metadata(_provider(request, key))
    except Unusable as error:
        return identity.failed(request, key, error)
    return HttpResponse(made, content_type="application/samlmetadata+xml")


def _provider(request: Asked, key: str) -> Provider:
    found = saml.provider(request, key)
    if found is None:
        raise access.missing()
    return found


def _too_often(request: Asked) -> bool:
    who = addresses.network(addresses.address(request))
    return limits.take("saml", who, most=_MOST, each=_EACH, tenant=request.tenant or 0) is not None
