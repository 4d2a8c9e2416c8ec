"""The clocks of a ticket, each with all that explains it."""

import datetime as dt

from django.http import JsonResponse

from tocsin.api import declared
from tocsin.api.declared import Call
from tocsin.engine.policy import instant_from
from tocsin.kit import shape
from tocsin.queries import why
from tocsin.queries.access import Right


@declared.needs(Right.READ_TICKETS)
def clocks(call: Call, number: int) -> JsonResponse:
    """Return the clocks of a ticket: `at` an instant, `as_of` what was known then, or one `clock`.

    Instants are in UTC, lengths in seconds of open time.
    """
    shape.only(dict(call.GET), "", ("at", "as_of", "clock"))
    found = why.explained(
        number=number,
        by=call.by,
        clock=call.GET.get("clock", ""),
        now=_instant(call, "at"),
        as_of=_instant(call, "as_of"),
    )
    return JsonResponse(found.to_dict())


def _instant(call: Call, name: str) -> dt.datetime | None:
    given = call.GET.get(name)
    return None if given is None else instant_from(given, name)
