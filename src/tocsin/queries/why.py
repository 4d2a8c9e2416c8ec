"""Why a clock is due when it is: its stretches, each with the fact and the versions behind it."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction

from tocsin.engine import explain, replay
from tocsin.engine.clock import Clock
from tocsin.engine.event import Event
from tocsin.engine.explain import Strip
from tocsin.engine.replay import Ticket
from tocsin.queries import access, desk, facts, timeline
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import context, rows

# More pieces than these cannot be told apart in a drawing.
_MOST_PIECES = 240


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch, and what began it: the kind of fact, who, and what it said."""

    strip: Strip
    began: str
    who: str
    told: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the drawing: "running", "closed", "paused" or "over"."""

    state: str
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class Why:
    """A clock explained at `now`; lengths are open time."""

    clock: Clock
    now: dt.datetime
    stretches: tuple[Stretch, ...]
    pieces: tuple[Piece, ...]
    used: dt.timedelta
    left: dt.timedelta | None
    over: dt.timedelta
    due: dt.datetime | None
    next_open: dt.datetime | None

    @property
    def start(self) -> dt.datetime:
        """Where the drawing begins."""
        return self.pieces[0].start if self.pieces else self.clock.started_at

    @property
    def end(self) -> dt.datetime:
        """Where the drawing ends: at the due, or now if that is later."""
        return self.pieces[-1].end if self.pieces else self.now


@access.needs(Right.READ_TICKETS)
def why(*, ticket_id: int, clock: str, by: Actor, now: dt.datetime | None = None) -> Why:
    """Explain a clock of a ticket, such as ``SLA/first response#1``."""
    with transaction.atomic(), context.tenant(by.tenant):
        at_work, clock_now = desk.at_work(by.tenant)
        known = rows.query(
            "SELECT contact_id FROM ticket WHERE tenant_id = %s AND id = %s",
            [by.tenant, ticket_id],
        )
        # What is promised inside is not for the customer.
        if not known or by.contact is not None:
            raise access.missing()
        own = facts.of_tickets(by.tenant, [ticket_id])[ticket_id]
        names = timeline.contacts(by.tenant, {fact.actor for fact in own})
    at = now or clock_now
    log = facts.with_calendars(own, at_work.calendar_facts)
    state = Ticket(str(ticket_id))
    for fact in log:
        if fact.effective_at <= at:
            state = replay.advance(state, fact, at_work.versions)
    state = replay.at(state, at)
    found = next((one for one in state.clocks if one.id == clock), None)
    if found is None:
        raise access.missing()
    return _explained(found, log, at_work, names, at)


def _explained(
    clock: Clock,
    log: list[Event],
    at_work: Desk,
    names: Mapping[str, str],
    now: dt.datetime,
) -> Why:
    end = clock.stopped_at or now
    due = clock.present_due()
    open_over, _ = clock.overrun_at(now)
    by_key = {fact.key: fact for fact in log}
    calendar = clock.calendar.calendar
    closed = clock.live and not calendar.is_open(now)
    return Why(
        clock=clock,
        now=now,
        stretches=tuple(
            _stretch(strip, by_key.get(strip.event), at_work, names)
            for strip in explain.strips(clock, now=end)
        ),
        pieces=tuple(_pieces(clock, due, end)),
        used=clock.used_at(end),
        left=clock.remaining_at(end),
        over=open_over,
        due=due,
        next_open=calendar.next_open(now) if closed else None,
    )


def _stretch(strip: Strip, fact: Event | None, at_work: Desk, names: Mapping[str, str]) -> Stretch:
    if fact is None:
        return Stretch(strip, "", "", "")
    told = fact.payload.get("to") or fact.payload.get("status") or ""
    return Stretch(strip, fact.kind.value, timeline.name_of(fact.actor, at_work, names), str(told))


def _pieces(clock: Clock, due: dt.datetime | None, end: dt.datetime) -> Iterator[Piece]:
    """Yield the drawing: what ran, what was closed, what was paused, and what is past the due."""
    pieces = [piece for strip in explain.strips(clock, now=end) for piece in _of(clock, strip)]
    if due is not None and clock.live and due > end:
        pieces.append(Piece("ahead", end, due))
    for piece in pieces:
        if due is not None and piece.state == "running" and piece.end > due:
            if piece.start < due:
                yield Piece("running", piece.start, due)
            yield Piece("over", max(piece.start, due), piece.end)
        elif piece.end > piece.start:
            yield piece


def _of(clock: Clock, strip: Strip) -> list[Piece]:
    if strip.state != "running":
        return [Piece("paused", strip.start, strip.end)]
    segment = next(one for one in clock.segments if one.start == strip.start)
    openings = segment.calendar.calendar.openings(strip.start, strip.end)
    if len(openings) > _MOST_PIECES:
        return [Piece("running", strip.start, strip.end)]
    found, at = list[Piece](), strip.start
    for opens, closes in openings:
        if opens > at:
            found.append(Piece("closed", at, opens))
        found.append(Piece("running", opens, closes))
        at = closes
    if at < strip.end:
        found.append(Piece("closed", at, strip.end))
    return found
