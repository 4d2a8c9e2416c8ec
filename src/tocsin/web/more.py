"""What is seldom done to a ticket: merge, split, spam, another due, callbacks, following up."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.actions import callbacks, clocks, merging
from tocsin.kit.invalid import Invalid
from tocsin.queries import cards, timeline
from tocsin.queries.access import Refused, Right
from tocsin.queries.cards import Card
from tocsin.queries.timeline import Entry
from tocsin.web import layout, reading, screens, ticket
from tocsin.web.asked import Asked

Deed = Callable[[Asked, Card], int | None]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was refused: by which form, at which field, and why."""

    form: str = ""
    field: str = ""
    reason: str = ""


@screens.needs(Right.CHANGE)
@reading.counted
def more(request: Asked, number: int) -> HttpResponse:
    """Show what else can be done."""
    return _page(request, ticket.by_number(request, number), Wrong())


@screens.needs(Right.CHANGE, "POST")
def do(request: Asked, number: str, deed: str) -> HttpResponse:
    """Do one of it; what was refused comes back with what was typed."""
    card = ticket.by_number(request, int(number))
    try:
        made = _DEEDS[deed](request, card)
    except Invalid as error:
        reason = screens.wrong(error.path, error.reason)
        return _page(request, card, Wrong(deed, error.path, reason), status=422)
    except Refused as error:
        return _page(request, card, Wrong(deed, "", screens.sentence(error)), status=422)
    return screens.done(request, reverse("ticket", args=[made or card.number]))


def _page(request: Asked, card: Card, wrong: Wrong, *, status: int = 200) -> HttpResponse:
    around = layout.around(request)
    entries = timeline.timeline(ticket_id=card.id, by=request.by).entries
    shown: dict[str, Any] = {
        "card": card,
        "wrong": wrong,
        "typed": request.POST,
        "said": _said(entries),
        "faces": [face for face in card.faces if face.state in ("running", "paused")],
        "may_override": Right.OVERRIDE in request.by.rights,
        "over": card.status in ("resolved", "closed", "merged"),
        "now": around.now,
    }
    return layout.show(request, "tickets", "tickets/more.html", shown, around=around, status=status)


def _said(entries: tuple[Entry, ...] | list[Entry]) -> list[Entry]:
    """Return what was said in public and can be split off, newest first."""
    return [entry for entry in reversed(entries) if entry.said and entry.public]


# ------------------------------------------------------------------------------------- the deeds


def _merge(request: Asked, card: Card) -> int:
    given = request.POST.get("into", "").strip().lstrip("#").rpartition("-")[2]
    found = cards.numbered(by=request.by, number=_whole(given, "into"))
    if found is None:
        raise Invalid("into", _("is no ticket's number"))
    merging.merge(ticket_id=card.id, into=found.id, by=request.by)
    return found.number


def _split(request: Asked, card: Card) -> int | None:
    made = merging.split(
        ticket_id=card.id,
        message=_whole(request.POST.get("message", ""), "message"),
        subject=request.POST.get("subject", ""),
        start=request.POST.get("start", "message"),
        by=request.by,
    )
    return cards.cards(by=request.by, ids=[made])[0].number


def _follow(request: Asked, card: Card) -> int | None:
    made = merging.follow_up(ticket_id=card.id, body=request.POST.get("body", ""), by=request.by)
    return cards.cards(by=request.by, ids=[made])[0].number


def _spam(request: Asked, card: Card) -> None:
    clocks.spam(ticket_id=card.id, by=request.by)


def _restore(request: Asked, card: Card) -> None:
    clocks.restore(ticket_id=card.id, by=request.by)


def _override(request: Asked, card: Card) -> None:
    do = request.POST.get("do", "")
    clocks.override(
        ticket_id=card.id,
        clock=request.POST.get("clock", ""),
        reason=request.POST.get("reason", ""),
        due=_instant(request.POST.get("due", ""), "due") if do == "due" else None,
        do="" if do == "due" else do,
        by=request.by,
    )


def _promise(request: Asked, card: Card) -> None:
    at = _instant(request.POST.get("at", ""), "at")
    callbacks.promise(ticket_id=card.id, at=at, by=request.by)


def _called(request: Asked, card: Card) -> None:
    callbacks.done(ticket_id=card.id, outcome=request.POST.get("reason", ""), by=request.by)


_DEEDS: dict[str, Deed] = {
    "merge": _merge,
    "split": _split,
    "follow": _follow,
    "spam": _spam,
    "restore": _restore,
    "override": _override,
    "promise": _promise,
    "called": _called,
}


def _whole(text: str, field: str) -> int:
    if not (text.isdecimal() and len(text) < 19):
        raise Invalid(field, _("is no ticket's number") if field == "into" else _("is not chosen"))
    return int(text)


def _instant(text: str, field: str) -> dt.datetime:
    """Read the value of a field for date and time, which is in the reader's zone."""
    try:
        local = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(field, _("is not a date and a time")) from None
    return timezone.make_aware(local.replace(tzinfo=None)).astimezone(dt.UTC)
