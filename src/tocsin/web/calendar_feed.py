"""The shifts of one person at an address of their own, for the calendar programs of telephones.

Such programs can send no header, so the token stands in the address: it opens this and no more.
"""

from django.http import HttpResponse

from tocsin.actions import api_tokens
from tocsin.queries import access, frame, shifts
from tocsin.queries.access import Right
from tocsin.queries.api_tokens import OF_CALENDARS, Scope
from tocsin.web import on_call_calendar, screens
from tocsin.web.asked import Asked


@screens.public()
def calendar_feed(request: Asked, token: str) -> HttpResponse:
    """Give the shifts of a token's person: when, and by what name only if the token says so."""
    # What goes wrong from here on is logged with the path, where no token may stand.
    request.path = f"{request.prefix}calendar/-/shifts.ics"
    found = None
    if request.tenant is not None:
        found = api_tokens.bearer(request.tenant, token, address=request.address)
    if (
        found is None
        or found.scopes.isdisjoint(OF_CALENDARS)
        or Right.READ_CONFIGURATION not in found.actor.rights
    ):
        raise access.missing()
    if found.wait is not None:
        told = {"Retry-After": str(int(found.wait.total_seconds()) + 1)}
        return HttpResponse(status=429, headers=told)
    around = frame.frame(by=found.actor)
    duties = shifts.duties(by=found.actor, person=found.actor.person, now=around.now)
    named = Scope.CALENDAR_NAMES in found.scopes
    content = on_call_calendar.feed(around.desk.key, duties, named=named, now=around.now)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")
