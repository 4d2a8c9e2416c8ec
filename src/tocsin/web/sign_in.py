"""Signing in and out: allauth's form and limits, our tenants and our pages."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.decorators import rate_limit
from django.contrib.auth import logout
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters

from tocsin.queries import access, readers
from tocsin.web import entry, proving, screens
from tocsin.web.asked import Asked


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
    """Allauth in a desk of tenants: nobody signs up, and limits count within a tenant."""

    def is_open_for_signup(self, request: Asked) -> bool:
        """Return False: people are added by an administrator."""
        return False

    def login(self, request: Asked, user: Any) -> None:
        """Begin a session, which is worth something in this tenant only."""
        super().login(request, user)
        request.session[entry.TENANT] = request.tenant
        proving.note(request)

    def _get_login_attempts_cache_key(self, request: Asked, **credentials: Any) -> str:
        return f"{request.tenant}:{credentials.get('email', '').strip().casefold()}"


@sensitive_post_parameters("password")
@screens.public("GET", "HEAD", "POST")
@rate_limit(action="login")  # type: ignore[untyped-decorator]  # allauth has no types
def sign_in(request: Asked) -> HttpResponse:
    """Show the form, and take it; what was typed stays when it is not accepted."""
    if request.tenant is None:
        raise access.missing()
    onward = _onward(request)
    if request.reader is not None:
        return HttpResponseRedirect(onward)
    form = LoginForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            response: HttpResponse = form.login(request, redirect_url=onward)
        except ImmediateHttpResponse as error:
            response = error.response
        return response
    shown = {"form": form, "onward": onward, "email": request.POST.get("login", "")}
    return render(request, "front/sign_in.html", shown, status=422 if form.errors else 200)


@screens.public("POST")
def sign_out(request: Asked) -> HttpResponse:
    """End the session."""
    logout(request)
    return HttpResponseRedirect(reverse("account_login"))


def _onward(request: Asked) -> str:
    """Return where to go afterwards: the page that was asked for, if it is one of this tenant."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith(request.prefix) else reverse("hub")
