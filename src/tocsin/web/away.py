"""What a page says when the database is away: nothing is lost, and nobody watches the deadlines."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from tocsin.web import policy, screens
from tocsin.web.asked import Asked

_AGAIN_S = "5"


def failed(request: Asked) -> HttpResponse:
    """Answer what nobody could answer: 503 when the database is away, 500 for our own mistakes."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return defaults.server_error(request)
    told = _("The desk cannot reach its database. Nothing was changed. Try again in a moment.")
    if screens.wants_json(request):
        answer: HttpResponse = JsonResponse({"told": told}, status=503)
    else:
        answer = render(request, "front/away.html", {"told": told}, status=503)
    answer.headers["Retry-After"] = _AGAIN_S
    if not hasattr(request, "tenant"):
        request.tenant = None  # not even that could be asked
    policy.guard(request, answer)
    return answer
