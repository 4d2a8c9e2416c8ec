"""Whether all is well, for machines and for people, and what this installation is."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

import tocsin
from tocsin.queries import health as queries
from tocsin.web import screens
from tocsin.web.asked import Asked


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
