"""My queue: what one has to do now, soon, what waits, and what is done today."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tocsin.queries import listing
from tocsin.queries.access import Right
from tocsin.queries.cards import Card
from tocsin.queries.frame import Frame
from tocsin.queries.listing import Wanted, Which
from tocsin.web import layout, moments, screens
from tocsin.web.asked import Asked

_NOW = ("breached", "imminent", "at risk", "unschedulable")
_MOST = 100


@dataclass(frozen=True, slots=True)
class Group:
    """Tickets under one heading."""

    key: str
    name: str
    cards: list[Card]


@screens.needs(Right.READ_TICKETS)
def queue(request: Asked) -> HttpResponse:
    """Show one's own tickets, or for a script the part of the page that is live."""
    around = layout.around(request)
    page = listing.tickets(by=request.by, wanted=Wanted(Which.MINE), most=_MOST)
    groups = _groups(request, page.cards, around)
    unowned = listing.count(by=request.by, wanted=Wanted(Which.UNASSIGNED))
    shown = {
        "groups": groups,
        "more": page.after is not None,
        "unowned": unowned,
        "may_take": Right.ASSIGN in request.by.rights,
        "now": around.now,
    }
    if screens.is_partial(request):
        return render(request, "tickets/queue_part.html", shown)
    clocks = layout.faces_of(card for group in groups for card in group.cards)
    return layout.show(request, "queue", "tickets/queue.html", shown, around=around, clocks=clocks)


def _groups(request: Asked, cards: tuple[Card, ...], around: Frame) -> list[Group]:
    waiting = [card for card in cards if card.status.startswith("waiting")]
    active = [card for card in cards if card not in waiting]
    now = [card for card in active if card.faces and card.faces[0].look in _NOW]
    soon = [card for card in active if card not in now]
    midnight = moments.local(around.now).replace(hour=0, minute=0, second=0, microsecond=0)
    done = listing.tickets(
        by=request.by,
        wanted=Wanted(Which.DONE, person=request.by.person, since=midnight),
        most=20,
    ).cards
    found = [
        Group("now", _("Now"), now),
        Group("soon", _("Soon"), soon),
        Group("waiting", _("Waiting"), waiting),
        Group("done", _("Done today"), list(done)),
    ]
    return [group for group in found if group.cards]
