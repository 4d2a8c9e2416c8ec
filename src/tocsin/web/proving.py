"""Proving anew who one is: what is grave asks for it when the last proof is not fresh."""

import datetime as dt

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from tocsin.kit import machine_clock
from tocsin.web.asked import Asked

FRESH = dt.timedelta(minutes=10)
PROVED_AT = "proved_at"


def note(request: Asked) -> None:
    """Note in the session that whoever it is of has just proved who they are."""
    request.session[PROVED_AT] = machine_clock.wall().timestamp()


def is_fresh(request: Asked) -> bool:
    """Say whether they have proved it within the last ten minutes."""
    proved = float(request.session.get(PROVED_AT, 0))
    return 0 <= machine_clock.wall().timestamp() - proved <= FRESH.total_seconds()


def ask(request: Asked) -> HttpResponse:
    """Lead to where it is proved, and back; a form that was sent is told so, and keeps its text."""
    address = reverse("prove")
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(f"{address}?{urlencode({'next': request.get_full_path()})}")
    response = HttpResponse(status=403)
    response.headers["X-Prove"] = address
    return response
