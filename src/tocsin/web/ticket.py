"""A ticket, as a page or as a pane over another page; and why its clocks are due when they are."""

from dataclasses import dataclass

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from tocsin.queries import (
    access,
    allowed,
    cards,
    escalations,
    faces,
    pausing,
    snoozes,
    timeline,
    why,
)
from tocsin.queries.access import Right
from tocsin.queries.cards import Card
from tocsin.queries.desk import Desk
from tocsin.web import (
    choosing,
    drawing,
    escalation_words,
    labels,
    layout,
    names,
    reading,
    screens,
)
from tocsin.web.asked import Asked

# What a public answer stops, while it runs.
_ANSWERED = ("first response", "next response")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a ticket can be given: people, teams, and the stages it may move to.

    `mine` are the teams that a note may be private to.
    """

    me: int | None
    people: list[tuple[int, str]]
    teams: list[tuple[str, str]]
    stages: list[tuple[str, str]]
    mine: list[tuple[str, str]]


@screens.needs(Right.READ_TICKETS)
@reading.counted
def ticket(request: Asked, number: int) -> HttpResponse:
    """Show a ticket: the whole page, or what stands in the pane for a script that asks."""
    around = layout.around(request)
    card = by_number(request, number)
    may = allowed.allowed(ticket_id=card.id, by=request.by)
    shown = {
        "card": card,
        "timeline": timeline.timeline(ticket_id=card.id, by=request.by),
        "labels": labels.Labels(around.desk),
        "choices": _choices(request, card, around.desk),
        "stops": _stops(card),
        "pausing": pausing.pausing(ticket_id=card.id, by=request.by),
        "may_approve": Right.APPROVE_PAUSES in may,
        "may_change": Right.CHANGE in may,
        "may_assign": Right.ASSIGN in may,
        "may_note": Right.NOTE in may,
        "hidden": request.by.hidden,
        "fixed": request.by.fixed,
        "may_escalate": Right.ESCALATE in may,
        "escalations": escalations.escalations(ticket_id=card.id, by=request.by, now=around.now),
        "esc_words": escalation_words,
        "snoozed": snoozes.mine(by=request.by, now=around.now, ticket_id=card.id),
        "may_write": Right.WRITE in may,
        "pane": screens.is_partial(request),
        "now": around.now,
    }
    if screens.is_partial(request):
        return render(request, "tickets/ticket.html", shown)
    return layout.show(
        request, "tickets", "tickets/page.html", shown, around=around, clocks=card.faces
    )


def by_number(request: Asked, number: int) -> Card:
    """Return the ticket of that number as a card; raise as for any missing thing."""
    found = cards.numbered(by=request.by, number=number)
    if found is None:
        raise access.missing()
    return found


def _choices(request: Asked, card: Card, desk: Desk) -> Choices:
    people = sorted((p.name, p.id) for p in desk.people.values() if p.active)
    pipeline = desk.pipelines.get(card.pipeline)
    stages: list[tuple[str, str]] = []
    if pipeline is not None:
        here = pipeline.stage(card.stage)
        moves = None if here is None else here.moves
        stages = [
            (stage.key, stage.name)
            for stage in pipeline.stages
            if stage.key != card.stage and (moves is None or stage.key in moves)
        ]
    return Choices(
        me=request.by.person,
        people=[(id_, name) for name, id_ in people if id_ != request.by.person],
        teams=[(team.key, team.name) for team in desk.teams.values()],
        stages=stages,
        mine=[(team.key, team.name) for team in desk.teams.values() if team.id in request.by.teams],
    )


def _stops(card: Card) -> str:
    running = [face.name for face in card.faces if face.state == "running"]
    return ", ".join(names.clock(name) for name in running if name in _ANSWERED)


@screens.needs(Right.READ_TICKETS)
@reading.counted
def explained(request: Asked, number: int) -> HttpResponse:
    """Explain one clock of a ticket: a strip of its stretches, a sentence, or JSON."""
    partial = screens.is_partial(request)
    around = None if partial else layout.around(request)
    clock = request.GET.get("clock", "")
    if not clock:
        raise access.missing()
    found = why.explained(number=number, clock=clock, by=request.by).clocks[0]
    if screens.wants_json(request) or request.GET.get("as") == "json":
        return JsonResponse(found.to_dict())
    shown = {
        "why": drawing.strip(found, request.get_full_path()),
        "asked": choosing.asked(found),
        "sayings": choosing.sayings(found),
        "number": number,
        "clock": names.clock(found.clock.terms.definition.key),
    }
    if around is None:
        return render(request, "tickets/why.html", shown)
    return layout.show(request, "tickets", "tickets/why_page.html", shown, around=around)


@screens.needs(Right.READ_TICKETS)
def lines(request: Asked) -> HttpResponse:
    """Return the open time of calendars, for clocks that came into a page later."""
    wanted = request.GET.getlist("calendar")[:20]
    return JsonResponse(faces.lines(by=request.by, calendars=wanted))
