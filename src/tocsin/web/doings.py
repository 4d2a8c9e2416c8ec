"""What people do to tickets: each route is one action, for scripts and for plain forms alike."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import bell, pauses, taking, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, allowed
from tocsin.queries.access import Right
from tocsin.queries.cards import Card
from tocsin.web import screens, ticket
from tocsin.web.asked import Asked


def _seen(request: Asked) -> int | None:
    """Return the version that the reader looked at; what they did not see they must not undo."""
    given = request.POST.get("seen", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def _back(request: Asked, card: Card, sentence: str = "") -> HttpResponse:
    return screens.done(request, reverse("ticket", args=[card.number]), sentence)


@screens.needs(Right.CHANGE, "POST")
def move(request: Asked, number: int) -> HttpResponse:
    """Move a ticket to another stage."""
    card = ticket.by_number(request, number)
    to = request.POST.get("to", "")
    tickets.move(ticket_id=card.id, to=to, by=request.by, seen=_seen(request))
    return _back(request, card)


@screens.needs(Right.READ_TICKETS, "POST")
def say(request: Asked, number: int) -> HttpResponse:
    """Reply to the customer or write a note; after a reply the ticket may wait for the customer.

    Each asks for a right of its own.
    """
    card = ticket.by_number(request, number)
    body, by, seen = request.POST.get("body", ""), request.by, _seen(request)
    team = request.POST.get("private_to") or None
    if request.POST.get("kind") == "note":
        tickets.note(ticket_id=card.id, body=body, by=by, private_to=team, seen=seen)
        return _back(request, card)
    if team is not None:
        # What was meant for a few must not go to the customer.
        raise Invalid("private_to", _("is for notes: a reply goes to the customer"))
    waits = request.POST.get("then") == "wait"
    if waits and Right.CHANGE not in allowed.allowed(ticket_id=card.id, by=by):
        # Both or nothing: the reply could not be taken back.
        raise access.missing()
    tickets.reply(ticket_id=card.id, body=body, by=by, seen=seen)
    if waits:
        tickets.pause(ticket_id=card.id, reason=_("Waiting for an answer"), by=by)
    return _back(request, card)


@screens.needs(Right.ASSIGN, "POST")
def assign(request: Asked, number: int) -> HttpResponse:
    """Give a ticket to a person, a team or nobody."""
    card = ticket.by_number(request, number)
    person, team = request.POST.get("person", ""), request.POST.get("team")
    if person and not (person.isdecimal() and len(person) < 19):
        raise Invalid("person", _("choose somebody from the list"))
    tickets.assign(
        ticket_id=card.id,
        person=int(person) if person else None,
        team=team or None,
        by=request.by,
        seen=_seen(request),
    )
    return _back(request, card)


@screens.needs(Right.CHANGE, "POST")
def priority(request: Asked, number: int) -> HttpResponse:
    """Set the priority."""
    card = ticket.by_number(request, number)
    to = request.POST.get("to", "")
    tickets.set_priority(ticket_id=card.id, to=to, by=request.by, seen=_seen(request))
    return _back(request, card)


@screens.needs(Right.CHANGE, "POST")
def pause(request: Asked, number: int) -> HttpResponse:
    """Wait, for a reason."""
    card = ticket.by_number(request, number)
    waits = tickets.pause(
        ticket_id=card.id,
        reason=request.POST.get("reason", ""),
        status=request.POST.get("status", ""),
        by=request.by,
        seen=_seen(request),
    )
    return _back(request, card, "" if waits else _("Asked for leave to pause; the clocks run on."))


@screens.needs(Right.APPROVE_PAUSES, "POST")
def approve_pause(request: Asked, number: int) -> HttpResponse:
    """Allow the pause that somebody asked for."""
    return _plain(pauses.approve_pause, request, number)


@screens.needs(Right.APPROVE_PAUSES, "POST")
def refuse_pause(request: Asked, number: int) -> HttpResponse:
    """Refuse the pause that somebody asked for."""
    return _plain(pauses.refuse_pause, request, number)


def _plain(deed: Callable[..., None], request: Asked, number: int) -> HttpResponse:
    card = ticket.by_number(request, number)
    deed(ticket_id=card.id, by=request.by, seen=_seen(request))
    return _back(request, card)


@screens.needs(Right.CHANGE, "POST")
def resume(request: Asked, number: int) -> HttpResponse:
    """End the waiting."""
    return _plain(tickets.resume, request, number)


@screens.needs(Right.CHANGE, "POST")
def resolve(request: Asked, number: int) -> HttpResponse:
    """Say that it is solved."""
    return _plain(tickets.resolve, request, number)


@screens.needs(Right.CHANGE, "POST")
def reopen(request: Asked, number: int) -> HttpResponse:
    """Take it into work again."""
    return _plain(tickets.reopen, request, number)


@screens.needs(Right.ASSIGN, "POST")
def take_next(request: Asked) -> HttpResponse:
    """Take the ticket that needs somebody most and that nobody has."""
    number = taking.take_next(by=request.by)
    if number is None:
        return screens.done(request, reverse("hub"), _("Everything that is open has an owner."))
    return screens.done(request, reverse("ticket", args=[number]))


@screens.needs(Right.SIGNED_IN, "POST")
def read(request: Asked) -> HttpResponse:
    """Mark one's notifications as read, up to the newest that was shown."""
    up_to = request.POST.get("up_to", "")
    if not (up_to.isdecimal() and len(up_to) < 19):
        raise Invalid("up_to", _("is no notification"))
    bell.read(by=request.by, up_to=int(up_to))
    return screens.done(request, reverse("notifications"))
