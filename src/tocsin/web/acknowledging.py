"""Acknowledging and snoozing: from the product, and by a signed link in a message."""

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from tocsin.actions import acknowledging, escalations, snoozing
from tocsin.actions.acknowledging import Worthless
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, cards, readers
from tocsin.queries.access import Actor, Right
from tocsin.queries.cards import Card
from tocsin.queries.readers import Reader
from tocsin.web import screens, ticket
from tocsin.web.asked import Asked

# What a signed link allows, of what its person may do.
_RIGHTS = frozenset({Right.ESCALATE, Right.READ_TICKETS})


@screens.needs(Right.ESCALATE, "POST")
def acknowledge(request: Asked, number: int) -> HttpResponse:
    """Say that one is at it."""
    card = ticket.by_number(request, number)
    first = escalations.acknowledge(ticket_id=card.id, by=request.by)
    told = _("Acknowledged.") if first else _("There was nothing left to acknowledge.")
    return screens.done(request, reverse("ticket", args=[card.number]), told)


@screens.needs(Right.SIGNED_IN, "POST")
def snooze(request: Asked, number: int) -> HttpResponse:
    """Hear nothing of a ticket for some minutes but what is critical; none ends that."""
    if Right.READ_TICKETS not in request.by.rights:
        raise access.missing()
    card = ticket.by_number(request, number)
    given = request.POST.get("minutes", "")
    if not (given.isdecimal() and len(given) < 6):
        raise Invalid("minutes", _("is no number of minutes"))
    back = reverse("ticket", args=[card.number])
    if int(given) == 0:
        snoozing.end(ticket_id=card.id, by=request.by)
        return screens.done(request, back, _("You hear of it again."))
    snoozing.snooze(ticket_id=card.id, length=dt.timedelta(minutes=int(given)), by=request.by)
    return screens.done(request, back, _("Snoozed: only what is critical comes."))


@screens.public("GET", "HEAD", "POST")
def by_link(request: Asked, token: str) -> HttpResponse:
    """Show what a signed link acknowledges; do it when the button is pressed.

    Programs that look at every link of a mail acknowledge nothing by that.
    """
    try:
        reader, card = _meant(request, token)
    except Worthless as error:
        return _refused(request, error)
    by = _only(reader)
    with translation.override(reader.language.lower()):
        done = request.method == "POST"
        first = done and escalations.acknowledge(ticket_id=card.id, by=by, via="mail")
        shown = {"card": card, "reader": reader, "done": done, "first": first, "sentence": ""}
        response = render(request, "front/acknowledge.html", shown)
    # The address is a key for seven days: it goes to nobody else.
    # With no referrer at all browsers send a form without its origin, and that is refused.
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _meant(request: Asked, token: str) -> tuple[Reader, Card]:
    """Return the person and ticket of a link, or raise `Worthless`."""
    named = acknowledging.meant(token, tenant=request.tenant)
    reader = readers.reader(named.tenant, named.person)
    if reader is None or not _only(reader).rights >= _RIGHTS:
        raise Worthless
    card = cards.numbered(by=_only(reader), number=named.number)
    if card is None:
        raise Worthless
    return reader, card


def _only(reader: Reader) -> Actor:
    """Return a person as an actor who may do no more than their link says."""
    return reader.actor.only(_RIGHTS)


def _refused(request: Asked, error: Worthless) -> HttpResponse:
    sentence = _("This link does not work. Sign in to acknowledge.")
    if error.expired:
        sentence = _("This link has expired: it works for seven days. Sign in to acknowledge.")
    status = 410 if error.expired else 404
    response = render(request, "front/acknowledge.html", {"sentence": sentence}, status=status)
    response.headers["X-Tocsin"] = "worthless"
    return response
