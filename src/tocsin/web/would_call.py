"""The page that says who would be called for a ticket at an instant."""

import datetime as dt

from django.http import HttpResponse
from django.utils.translation import gettext as _

from tocsin.actions import would_call as acts
from tocsin.actions.would_call import Simulation
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import NotFound, Right
from tocsin.web import layout, on_call, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.on_call import Typed


@screens.needs(Right.READ_CONFIGURATION)
def would_call(request: Asked) -> HttpResponse:
    """Ask for a ticket and an instant, and show whom each alert and step would call then."""
    around = layout.around(request)
    number = request.GET.get("ticket", "").strip().upper().removeprefix("T-")
    typed = request.GET.get("at", "").strip()
    form, found = Typed(person=number, begins=typed), None
    if number:
        form, found = _looked_up(request, form, around.now)
    shown = {
        **settings.frame("on-call"),
        "title": _("Who would be called?"),
        "form": form,
        "found": found,
    }
    status = 422 if form.reason else 200
    return layout.show(
        request, "settings", "settings/would_call.html", shown, around=around, status=status
    )


def _looked_up(request: Asked, form: Typed, now: dt.datetime) -> tuple[Typed, Simulation | None]:
    try:
        number = on_call.number(form.person, "ticket")
        at = on_call.instant(form.begins, "at") if form.begins else now
        return form, acts.would_call(number=number, at=at, by=request.by)
    except Invalid as error:
        wrong = _("is not a ticket's number") if error.path == "ticket" else ""
        reason = wrong or on_call.said(error.reason)
        return Typed(form.person, form.begins, field=error.path, reason=reason), None
    except NotFound:
        reason = _("There is no ticket of this number.")
        return Typed(form.person, form.begins, field="ticket", reason=reason), None
