"""Signing in and out: our limits and our tenants around allauth's steps."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    perform_login,
    perform_password_login,
    record_authentication,
)
from allauth.account.models import Login
from django.contrib.auth import logout
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from tocsin.actions import sign_ins
from tocsin.queries import access, identity_providers, readers, security
from tocsin.queries.access import Right
from tocsin.web import devices, entry, factor_proofs, header_sign_in, proving, screens
from tocsin.web.asked import Asked

BACKEND = "tocsin.web.sign_in.Backend"
# What allauth's records of a session are called here.
_MEANS = {"socialaccount": "provider"}


class Backend(BaseBackend):
    """Knows people by tenant, address and password."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Any:
        """Return the person, or None; outside a tenant there is nobody."""
        tenant = getattr(request, "tenant", None)
        if tenant is None:
            return None
        email, password = credentials.get("email", ""), credentials.get("password", "")
        return readers.by_password(tenant, email, password)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Allauth in a desk of tenants: nobody signs up, and every way in ends in `login`."""

    def is_open_for_signup(self, request: Asked) -> bool:
        """Return False: people are added by an administrator."""
        return False

    def get_login_stages(self) -> list[str]:
        """Return what stands before the desk: a second factor, or having to set one up."""
        return [*super().get_login_stages(), "tocsin.web.factor_stages.SetUp"]

    def login(self, request: Asked, user: Any) -> None:
        """Begin a session, which is worth something in this tenant only and has a key of its own.

        What was known of the browser before signing in is not taken over.
        """
        if request.tenant is None or user.tenant_id != request.tenant:
            raise access.missing()
        user.backend = BACKEND
        before = request.session.session_key or ""
        super().login(request, user)
        request.session[entry.TENANT] = request.tenant
        proving.mark(request)
        sign_ins.began(
            request.tenant,
            user.id,
            session=request.session.session_key or "",
            means=_means(request),
            origin=devices.origin(request),
            before=before,
        )

    def post_login(self, request: Asked, user: Any, **given: Any) -> HttpResponse:
        """Answer whoever is in, and have their browser known from now on."""
        response: HttpResponse = super().post_login(request, user, **given)
        devices.remember(request, response, user.email)
        return response

    def add_message(self, *_given: Any, **_more: Any) -> None:
        """Say nothing: pages say what they have to themselves."""

    def get_client_ip(self, request: Asked) -> str:
        """Return the address that limits of allauth's count by."""
        return request.address or "0.0.0.0"

    def get_login_redirect_url(self, request: Asked) -> str:
        """Return where to go when no page was asked for."""
        return reverse("hub")


def _means(request: Asked) -> str:
    """Return by what somebody signed in, such as ``password totp``."""
    found = []
    for one in request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, []):
        own = one.get("type") if one["method"] == "mfa" else one["method"]
        found.append(_MEANS.get(str(own), str(own)))
    return " ".join(dict.fromkeys(found))


@sensitive_post_parameters("password")
@screens.public("GET", "HEAD", "POST")
def sign_in(request: Asked) -> HttpResponse:
    """Show the form, and take it; what was typed stays when it is not accepted."""
    if request.tenant is None:
        raise access.missing()
    onward = _onward(request)
    if request.reader is not None:
        return HttpResponseRedirect(onward)
    if request.method == "POST":
        return _tried(request, onward)
    response = _by_header(request, onward)
    return response or _form(request, onward)


def _tried(request: Asked, onward: str) -> HttpResponse:
    assert request.tenant is not None
    email, password = request.POST.get("login", ""), request.POST.get("password", "")
    wrong = {
        name: _("This is needed.")
        for name, value in (("login", email.strip()), ("password", password))
        if not value
    }
    if wrong:
        return _form(request, onward, wrong=wrong, status=422)
    tried = sign_ins.attempt(request.tenant, email, password, origin=devices.origin(request, email))
    if tried.hasty:
        told = _("Too many people are signing in, or trying to. Wait a minute, then try again.")
        return _form(request, onward, told=told, status=429)
    if tried.person is None:
        told = _(
            "Address and password do not go together. After several wrong tries you have to wait."
        )
        return _form(request, onward, told=told, status=422)
    login = Login(user=tried.person, redirect_url=onward)
    response: HttpResponse = perform_password_login(request, {"email": email}, login)
    return response


def _by_header(request: Asked, onward: str) -> HttpResponse | None:
    """Sign in whoever a trusted proxy names; None when it names nobody."""
    email = header_sign_in.named(request)
    if not email or request.tenant is None:
        return None
    person = sign_ins.by_address(request.tenant, email)
    if person is None:
        return None
    record_authentication(request, person, "proxy")
    response: HttpResponse = perform_login(request, Login(user=person, redirect_url=onward))
    return response


def _form(
    request: Asked,
    onward: str,
    *,
    told: str = "",
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    assert request.tenant is not None
    shown = {
        "told": told,
        "wrong": wrong or {},
        "onward": onward,
        "email": request.POST.get("login", ""),
        "passwords": security.rules(request.tenant).passwords,
        "providers": identity_providers.enabled(request.tenant),
        "prove": False,
        "saved": request.GET.get("saved", ""),
    }
    return render(request, "front/sign_in.html", shown, status=status)


@screens.public("POST")
def sign_out(request: Asked) -> HttpResponse:
    """End the session."""
    if request.reader is not None:
        key = request.session.session_key or ""
        sign_ins.signed_out(request.reader.tenant, request.reader.id, key)
    logout(request)
    onward = request.POST.get("next", "")
    return HttpResponseRedirect(proving.inside(request, onward, reverse("account_login")))


@sensitive_post_parameters("password", "code", "credential")
@screens.needs(Right.SIGNED_IN, "GET", "HEAD", "POST")
def prove(request: Asked) -> HttpResponse:
    """Have somebody prove who they are, then lead them back to what they were about to do."""
    given = request.POST
    onward = proving.inside(request, given.get("next") or request.GET.get("next", ""), "")
    onward = onward or reverse("hub")
    if request.method != "POST":
        return proving.page(request, onward=onward)
    means = _proof(request)
    if not means:
        return proving.page(request, onward=onward, wrong=proving.refusal(), status=422)
    form = proving.take_form(request)
    proving.note(request, means)
    if form is None:
        return HttpResponseRedirect(onward)
    return render(request, "front/proved.html", {"form": form, "onward": onward})


def _proof(request: Asked) -> str:
    """Return by what somebody has proved who they are, "" when they have not."""
    password = request.POST.get("password", "")
    if not password:
        return factor_proofs.prove(request, request.POST)
    return "password" if sign_ins.prove(password=password, by=request.by) else ""


def _onward(request: Asked) -> str:
    """Return where to go afterwards: the page that was asked for, if it is one of this tenant."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return proving.inside(request, wanted, reverse("hub"))
