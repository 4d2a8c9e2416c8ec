"""Links that were sent by mail: invitations, new passwords, confirmed addresses.

Looking at a link changes nothing, so that programs which open every link of a mail use none up.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from tocsin.actions import invitations, own_address, passwords
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, security
from tocsin.queries.access import NotFound
from tocsin.web import addresses, screens
from tocsin.web.asked import Asked

_log = logging.getLogger(__name__)
# What a link leads to: whoever asks for one is answered before anything is looked up, so that the
# time that it takes says nothing of who is there.
_post = ThreadPoolExecutor(max_workers=1, thread_name_prefix="links")
_LONGEST_ADDRESS = 254


@screens.public("GET", "HEAD", "POST")
def forgotten(request: Asked) -> HttpResponse:
    """Take an address to send a link for a new password to; every one gets the same answer."""
    if request.tenant is None or not security.rules(request.tenant).passwords:
        raise access.missing()
    email = request.POST.get("login", "").strip()[:_LONGEST_ADDRESS]
    if request.method != "POST":
        return _forgotten(request)
    if not email:
        return _forgotten(request, wrong=_("This is needed."), status=422)
    network = addresses.network(request.address)
    if passwords.may_ask(request.tenant, email, network):
        _post.submit(_send, request.tenant, email).add_done_callback(_noted)
    return _forgotten(request, sent=True)


def _send(tenant: int, email: str) -> None:
    try:
        passwords.send_link(tenant, email)
    finally:
        connection.close()


def _noted(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        _log.error("a link for a new password could not be sent: %s", type(error).__name__)


def settled() -> None:
    """Wait until what was asked for so far is on its way."""
    _post.submit(lambda: None).result()


def _forgotten(
    request: Asked, *, sent: bool = False, wrong: str = "", status: int = 200
) -> HttpResponse:
    shown = {"sent": sent, "wrong": wrong, "email": request.POST.get("login", "")}
    return render(request, "front/forgotten.html", shown, status=status)


@sensitive_variables("token")
@sensitive_post_parameters("password", "again")
@screens.public("GET", "HEAD", "POST")
def invitation(request: Asked, token: str) -> HttpResponse:
    """Have whoever is invited choose a password."""
    return _choose(request, token, invitations.meant, invitations.accept, "invitation")


@sensitive_variables("token")
@sensitive_post_parameters("password", "again")
@screens.public("GET", "HEAD", "POST")
def password(request: Asked, token: str) -> HttpResponse:
    """Have somebody choose a new password."""
    return _choose(request, token, passwords.meant, passwords.reset, "password")


def _choose(request: Asked, token: str, meant: Any, chosen: Any, purpose: str) -> HttpResponse:
    if request.tenant is None:
        raise access.missing()
    link = meant(request.tenant, token)
    if link is None:
        return _worthless(request)
    wrong: dict[str, str] = {}
    if request.method == "POST":
        typed = request.POST.get("password", "")
        if request.POST.get("again", "") != typed:
            wrong = {"again": _("The two are not the same.")}
        else:
            try:
                chosen(request.tenant, token, typed)
            except NotFound:
                return _worthless(request)
            except Invalid as error:
                wrong = {error.path: screens.wrong(error.path, error.reason)}
            else:
                address = f"{reverse('account_login')}?saved={purpose}"
                return _closed(HttpResponseRedirect(address))
    shown = {"link": link, "wrong": wrong, "purpose": purpose, "least": passwords.LEAST}
    status = 422 if wrong else 200
    return _closed(render(request, "front/choose_password.html", shown, status=status))


@sensitive_variables("token")
@screens.public("GET", "HEAD", "POST")
def address(request: Asked, token: str) -> HttpResponse:
    """Confirm a new address."""
    if request.tenant is None:
        raise access.missing()
    link = own_address.meant(request.tenant, token)
    if link is None:
        return _worthless(request)
    if request.method == "POST":
        try:
            own_address.confirm(request.tenant, token)
        except NotFound:
            return _worthless(request)
        return _closed(HttpResponseRedirect(f"{reverse('account_login')}?saved=email"))
    return _closed(render(request, "front/confirm_address.html", {"link": link}))


def _worthless(request: Asked) -> HttpResponse:
    """Return the one answer for a link that is used, too old, of another desk or none at all."""
    response = render(request, "front/worthless.html", status=404)
    response.headers["X-Tocsin"] = "worthless"
    return _closed(response)


def _closed(response: HttpResponse) -> HttpResponse:
    """Have nobody else learn the address: while it lasts it is a key.

    A page with a form says its origin and no more: without that browsers send the form as if it
    came from nowhere, and it would be refused.
    """
    has_form = response.status_code in (200, 422)
    response.headers["Referrer-Policy"] = "strict-origin" if has_form else "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
