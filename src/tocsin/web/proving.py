"""Proving anew who one is: what is grave asks for it when the last proof is not fresh."""

import datetime as dt
from typing import Any
from urllib.parse import unquote

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from tocsin.actions import sign_ins
from tocsin.kit import machine_clock
from tocsin.queries import identity_providers, readers, security
from tocsin.queries import sign_ins as known
from tocsin.queries.readers import Reader
from tocsin.web import factor_proofs
from tocsin.web.asked import Asked

FRESH = dt.timedelta(minutes=10)
PROVED_AT = "proved_at"
_FORM = "form_kept"
_MOST_FIELDS, _MOST_TEXT = 60, 20_000
# What nobody should find in a page: it is typed again.
_SECRET = ("password", "secret", "token", "code", "csrf", "credential", "current", "again")


def note(request: Asked, means: str = "") -> None:
    """Note in the session that whoever it is of has just proved who they are, by what means.

    The session gets another key: one that was known before is worth less than this one.
    """
    mark(request)
    if request.tenant is not None and request.reader is not None:
        before = request.session.session_key or ""
        request.session.cycle_key()
        after = request.session.session_key or ""
        sign_ins.proved(request.tenant, session=after, before=before, means=means)


def mark(request: Asked) -> None:
    """Note it in a session that has just begun."""
    request.session[PROVED_AT] = machine_clock.wall().timestamp()


def is_fresh(request: Asked) -> bool:
    """Say whether they have proved it within the last ten minutes."""
    proved = float(request.session.get(PROVED_AT, 0))
    return 0 <= machine_clock.wall().timestamp() - proved <= FRESH.total_seconds()


def ask(request: Asked) -> HttpResponse:
    """Lead to where it is proved, and back.

    A script that sent a form is told where that is. A form that was sent without one is kept, but
    for secrets, and can be sent on afterwards.
    """
    address = reverse("prove")
    if request.method in ("GET", "HEAD"):
        request.session.pop(_FORM, None)
        return HttpResponseRedirect(f"{address}?{urlencode({'next': request.get_full_path()})}")
    if request.headers.get("HX-Request") or "application/json" in request.headers.get("Accept", ""):
        response = HttpResponse(status=403)
    else:
        _keep(request)
        response = page(request, onward=_before(request), status=403)
    response.headers["X-Prove"] = address
    return response


def page(request: Asked, *, onward: str, wrong: str = "", status: int = 200) -> HttpResponse:
    """Return the page on which somebody proves who they are."""
    reader = request.reader
    assert reader is not None
    by_password = has_password(reader)
    linked = known.linked(by=reader.actor)
    # Whoever has nothing else may be found by their address there.
    others = [] if by_password else identity_providers.enabled(reader.tenant)
    shown = {
        "onward": onward,
        "wrong": wrong,
        "has_password": by_password,
        "reader": reader,
        "own": factor_proofs.offered(request),
        "providers": linked or others,
    }
    return render(request, "front/prove.html", shown, status=status)


def has_password(reader: Reader) -> bool:
    """Say whether somebody has a password that counts for something in this desk."""
    account = readers.account(reader.tenant, reader.id)
    usable = account is not None and account.has_usable_password()
    return usable and security.rules(reader.tenant).passwords


def inside(request: Asked, wanted: str, otherwise: str) -> str:
    """Return an address if it leads to a page of this tenant, else the other one."""
    ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    # A browser goes up by two dots, however they are spelt: to another desk of the same host.
    up = ".." in unquote(wanted).replace("\\", "/").partition("?")[0].split("/")
    return wanted if ours and not up and wanted.startswith(request.prefix) else otherwise


def _before(request: Asked) -> str:
    """Return the page that a form stood on: the browser says it, and it is looked at."""
    named = request.headers.get("Referer", "")
    origin = f"{request.scheme}://{request.get_host()}"
    path = named.removeprefix(origin) if named.startswith(f"{origin}/") else ""
    return inside(request, path, reverse("hub"))


def _keep(request: Asked) -> None:
    """Keep a form as it was sent, without secrets and files; none that is too long."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not any(word in name.casefold() for word in _SECRET)
    ]
    if len(fields) <= _MOST_FIELDS and sum(len(n) + len(v) for n, v in fields) <= _MOST_TEXT:
        request.session[_FORM] = {"to": request.get_full_path(), "fields": fields}
    else:
        request.session.pop(_FORM, None)


def take_form(request: Asked) -> dict[str, Any] | None:
    """Return the form that was kept, where it goes and its fields, and forget it; None if none."""
    found = request.session.pop(_FORM, None)
    return found if isinstance(found, dict) and inside(request, found["to"], "") else None


def refusal() -> str:
    """Return what is said when it was not proved."""
    return _("That was not right. After several wrong tries you have to wait a while.")
