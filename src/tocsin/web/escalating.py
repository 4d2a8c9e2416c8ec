"""What people do to the escalations of a ticket: acknowledge, begin by hand, stop, take over."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import escalations
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import Right
from tocsin.queries.cards import Card
from tocsin.web import screens, ticket
from tocsin.web.asked import Asked


def _back(request: Asked, card: Card, sentence: str = "") -> HttpResponse:
    return screens.done(request, reverse("ticket", args=[card.number]), sentence)


def _number(request: Asked) -> int | None:
    """Return which escalation of the ticket is meant, None for all that run."""
    given = request.POST.get("number", "")
    if given and not (given.isdecimal() and len(given) < 9):
        raise Invalid("number", _("is no escalation of this ticket"))
    return int(given) if given else None


@screens.needs(Right.ESCALATE, "POST")
def acknowledge_escalation(request: Asked, number: int) -> HttpResponse:
    """Say that one is at it."""
    card = ticket.by_number(request, number)
    which = _number(request)
    new = escalations.acknowledge(ticket_id=card.id, number=which, via="page", by=request.by)
    return _back(request, card, "" if new else _("There is nothing that waits to be acknowledged."))


@screens.needs(Right.ESCALATE, "POST")
def escalate(request: Asked, number: int) -> HttpResponse:
    """Begin a path by hand, for a reason."""
    card = ticket.by_number(request, number)
    path, reason = request.POST.get("path", ""), request.POST.get("reason", "")
    escalations.start(ticket_id=card.id, path=path, reason=reason, by=request.by)
    return _back(request, card)


@screens.needs(Right.ESCALATE, "POST")
def stop_escalation(request: Asked, number: int) -> HttpResponse:
    """End an escalation, for a reason."""
    card = ticket.by_number(request, number)
    which = _number(request)
    if which is None:
        raise Invalid("number", _("is no escalation of this ticket"))
    reason = request.POST.get("reason", "")
    escalations.stop(ticket_id=card.id, number=which, reason=reason, by=request.by)
    return _back(request, card)
