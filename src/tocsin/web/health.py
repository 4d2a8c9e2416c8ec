"""Whether all is well, for machines and for people, and what this installation is."""

import hmac
import ipaddress
import os
from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

import tocsin
from tocsin.queries import health as queries
from tocsin.queries.access import missing
from tocsin.web import figures, screens
from tocsin.web.asked import Asked

TOKEN = "TOCSIN_METRICS_TOKEN"
# Somebody passed the request on, so whoever asks is not the machine that it comes from.
_PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Via")


def report() -> tuple[bool, dict[str, Any]]:
    """Return whether all is well, and how: also when there is no database to ask."""
    try:
        found = queries.look()
    except DatabaseError:
        # Why is in the log. Whoever asks from outside learns no addresses and no names.
        return False, {"status": "down", "version": tocsin.__version__}
    status = "ok" if found.ok else "needs attention"
    return found.ok, {"status": status, "version": tocsin.__version__, **found.to_dict()}


@never_cache
@screens.public()
def health(request: Asked) -> HttpResponse:
    """Answer 200 when all is well and 503 when not, with the particulars as JSON."""
    ok, told = report()
    return JsonResponse(told, status=200 if ok else 503)


@never_cache
@screens.public()
def metrics(request: Asked) -> HttpResponse:
    """Answer with figures for Prometheus: to this machine itself, or to whoever has the token."""
    if request.tenant is not None or not _may_measure(request):
        raise missing()
    try:
        told = figures.exposed(queries.look(), queries.pulses())
    except DatabaseError:
        told = figures.exposed(None, ())
    return HttpResponse(told, content_type=figures.FORMAT)


def _may_measure(request: Asked) -> bool:
    wanted = os.environ.get(TOKEN, "")
    if wanted:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode())
    if any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        near = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return near and request.get_host().partition(":")[0] in ("localhost", "127.0.0.1")
