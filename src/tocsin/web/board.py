"""The board of a pipeline, and the parts of it that scripts fetch when something moved."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.kit import shape
from tocsin.queries import access
from tocsin.queries import board as boards
from tocsin.queries import cards as ticket_cards
from tocsin.queries.access import Right
from tocsin.queries.cards import Card
from tocsin.queries.listing import Which
from tocsin.queries.stages import Pipeline
from tocsin.web import layout, screens
from tocsin.web.asked import Asked

# Cards a column at first; the rest comes when somebody scrolls to it.
_MOST = 40
_MOST_ASKED = 100
FILTERS = (
    (Which.ACTIVE, gettext_noop("All")),
    (Which.MINE, gettext_noop("Mine")),
    (Which.UNASSIGNED, gettext_noop("Unassigned")),
    (Which.BREACHED, gettext_noop("Breached")),
)


@screens.needs(Right.READ_TICKETS)
def board(request: Asked, pipeline: str | None = None) -> HttpResponse:
    """Show the board of a pipeline, of the first one unless it is named."""
    around = layout.around(request)
    only = _only(request)
    shown: dict[str, Any] = {
        "board": None,
        "only": only.value,
        "filters": [(which.value, _(name)) for which, name in FILTERS],
        "may_change": Right.CHANGE in request.by.rights,
    }
    cards: list[Card] = []
    if around.desk.pipelines:
        _known(around.desk.pipelines, pipeline)
        shown["board"] = made = boards.board(
            by=request.by, pipeline=pipeline, only=only, most=_MOST
        )
        cards = [card for column in made.columns for card in column.cards]
    clocks = layout.faces_of(cards)
    return layout.show(request, "board", "board/board.html", shown, around=around, clocks=clocks)


@screens.needs(Right.READ_TICKETS)
def cards(request: Asked, pipeline: str) -> HttpResponse:
    """Return some cards of a board as they now stand on it, and the counts of its columns."""
    around = layout.around(request)
    _known(around.desk.pipelines, pipeline)
    given = request.GET.get("ids", "").split(",")
    ids = [int(one) for one in given if one.isdecimal() and len(one) < 19][:_MOST_ASKED]
    only = _only(request)
    found = [
        card
        for card in ticket_cards.cards(by=request.by, ids=ids)
        if _stands(card, pipeline, only, request, around.now)
    ]
    made = boards.board(by=request.by, pipeline=pipeline, only=only, most=0)
    return _part(request, pipeline, found, counts=made.columns, now=around.now)


@screens.needs(Right.READ_TICKETS)
def column(request: Asked, pipeline: str, stage: str) -> HttpResponse:
    """Return further cards of a column."""
    around = layout.around(request)
    _known(around.desk.pipelines, pipeline)
    page = boards.column(
        by=request.by,
        pipeline=pipeline,
        stage=stage,
        after=request.GET.get("after") or None,
        only=_only(request),
        most=_MOST,
    )
    more = {"stage": stage, "after": page.after}
    return _part(request, pipeline, page.cards, counts=(), now=around.now, **more)


def _stands(card: Card, pipeline: str, only: Which, request: Asked, now: dt.datetime) -> bool:
    """Say whether a card stands on this board with this filter."""
    if card.pipeline != pipeline:
        return False
    if card.status in ("resolved", "closed"):
        lately = only in (Which.ACTIVE, Which.MINE) and now - card.last_at < boards.DONE_FOR
        return lately and (only is not Which.MINE or card.assignee == request.by.person)
    match only:
        case Which.MINE:
            return card.assignee == request.by.person
        case Which.UNASSIGNED:
            return card.assignee is None
        case Which.BREACHED:
            return card.due_at is not None and card.due_at < now
    return card.status not in ("spam", "merged")


def _part(request: Asked, pipeline: str, cards: Sequence[Card], **shown: Any) -> HttpResponse:
    shown = {"stage": "", "after": None, **shown}
    own = {
        "pipeline": pipeline,
        "cards": cards,
        "only": _only(request).value,
        "may_change": Right.CHANGE in request.by.rights,
    }
    return render(request, "board/cards.html", own | shown)


def _known(pipelines: Mapping[str, Pipeline], key: str | None) -> None:
    """Refuse a pipeline that there is not as any page that there is not."""
    if key is not None and key not in pipelines:
        raise access.missing()


def _only(request: Asked) -> Which:
    given = request.GET.get("only") or Which.ACTIVE.value
    return Which(shape.one_of(given, "only", [which.value for which, _name in FILTERS]))
