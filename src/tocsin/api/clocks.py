"""The clocks of a ticket, each with all that explains it."""

import datetime as dt
from typing import Any

from django.http import JsonResponse

from tocsin.actions import bulk_reading
from tocsin.api import declared
from tocsin.api.declared import About, Call
from tocsin.engine.policy import instant_from
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import why
from tocsin.queries.access import Right

_FIRST, _LAST = 1970, 2199
_INSTANT = {"type": "string", "format": "date-time"}
_SECONDS = {"type": "number", "description": "seconds of open time"}
_MAYBE_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_CLOCK: dict[str, Any] = {
    "type": "object",
    "properties": {
        "clock": {"type": "string"},
        "state": {"type": "string"},
        "verdict": {"type": "string"},
        "sentence": {"type": "string"},
        "started_at": _INSTANT,
        "due": _MAYBE_INSTANT,
        "stopped_at": _MAYBE_INSTANT,
        "used_seconds": _SECONDS,
        "remaining_seconds": {"type": ["number", "null"]},
        "segments": {"type": "array", "items": {"type": "object"}},
        "breaches": {"type": "array", "items": {"type": "object"}},
        "versions": {"type": "object"},
        "candidates": {"type": "array", "items": {"type": "object"}},
        "sentences": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["clock", "state", "verdict", "started_at", "due", "used_seconds", "segments"],
}
_ABOUT = About(
    summary="The clocks of a ticket, each with all that explains it",
    query={
        "at": {**_INSTANT, "description": "the instant to look at; now"},
        "as_of": {**_INSTANT, "description": "by what was known then; now"},
        "clock": {"type": "string", "description": "one clock by its id, or all of a kind"},
    },
    gives={
        "type": "object",
        "properties": {
            "ticket": {"type": "string"},
            "at": _INSTANT,
            "as_of": _MAYBE_INSTANT,
            "clocks": {"type": "array", "items": _CLOCK},
        },
        "required": ["ticket", "at", "as_of", "clocks"],
        "additionalProperties": False,
    },
)


@declared.needs(Right.READ_TICKETS, about=_ABOUT)
def clocks(call: Call, number: int) -> JsonResponse:
    """Return the clocks of a ticket: `at` an instant, `as_of` what was known then, or one `clock`.

    Instants are in UTC, lengths in seconds of open time.
    """
    shape.only(dict(call.GET), "", ("at", "as_of", "clock"))
    # Before it is looked for: whoever has opened too many learns nothing of what is there.
    bulk_reading.open_(number=number, by=call.by)
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
    if given is None:
        return None
    try:
        found = instant_from(given, name)
    except OverflowError:
        # In UTC it would lie before the first year or after the last one there is.
        found = None
    # No ticket is so old, and no calendar reaches so far.
    if found is None or not _FIRST <= found.year <= _LAST:
        raise Invalid(name, f"must lie in the years {_FIRST} to {_LAST}")
    return found
