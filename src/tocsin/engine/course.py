"""The course of a ticket's clocks: how one fact begins, moves, ends and reopens each of them."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.engine import motion, source
from tocsin.engine.clock import Cause, Clock, State
from tocsin.engine.definition import Merge, Reopen, Reset, Rule, holds
from tocsin.engine.event import MERGED, Event, Kind, Side
from tocsin.engine.policy import Terms, instant_from
from tocsin.engine.recall import OF_EVENTS, Slot
from tocsin.engine.ticket import Ticket
from tocsin.engine.value import replace
from tocsin.engine.version import CalendarVersion, Versions
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

_BOOKS = frozenset({Kind.CALENDAR_VERSION, Kind.POLICY_ATTACHED})
STOPPED, CANCELLED = "stopped by hand", "cancelled by hand"
_BY_HAND = (STOPPED, CANCELLED)


@dataclass(frozen=True, slots=True)
class Moment:
    """An event with what conditions may look at, and the configuration it happens under."""

    event: Event
    facts: Mapping[str, Any]
    versions: Versions
    # Whether policies may give other terms after it than before.
    may_change_terms: bool = True
    # The fields that it set, and what conditions may look at of the event itself.
    touched: Collection[str] = OF_EVENTS


def moved(ticket: Ticket, slot: Slot, moment: Moment) -> Ticket:
    """Return the ticket with the clock of one slot moved by the event."""
    event, facts, versions = moment.event, moment.facts, moment.versions
    clock, at, pinned = ticket.current(slot), event.effective_at, ticket.pinned
    if clock is not None and clock.live:
        if _untouched(clock, moment) or _ignored(clock.terms, event):
            return ticket
        if _renews(clock, moment):
            return _next(
                ticket.put(clock, done := motion.stopped(clock, event, "reset")), done, moment
            )
        if moment.may_change_terms:
            terms = versions.terms(slot, facts, clock.started_at, pinned, at)
            ticket, clock = _retermed(ticket, clock, terms, moment)
        return _acted(ticket, clock, moment) if clock.live else ticket
    # A stopped clock that goes on does so under the version that it began with.
    since = clock.started_at if clock and clock.state is State.STOPPED else at
    terms = versions.terms(slot, facts, since, pinned, at) or versions.terms(
        slot, facts, at, pinned
    )
    if terms is None or event.kind in _BOOKS or _ignored(terms, event):
        return ticket
    if not holds(terms.definition.start, facts):
        return ticket
    if _thanks(ticket, clock, terms.definition.grace, event):
        return ticket
    return (
        _begun(ticket, terms, moment, 1) if clock is None else _again(ticket, clock, terms, moment)
    )


def _untouched(clock: Clock, moment: Moment) -> bool:
    """Say whether nothing that a live clock looks at is otherwise than at the fact before."""
    looks_at = clock.terms.definition.looks_at
    return not moment.may_change_terms and looks_at.isdisjoint(moment.touched)


def _ignored(terms: Terms, event: Event) -> bool:
    """Say whether the clock takes no notice of words that came over from a merged ticket."""
    return event.source == MERGED and terms.definition.on_merge is Merge.KEEP


def _renews(clock: Clock, moment: Moment) -> bool:
    """Say whether the event ends the cycle and begins the next; the old one keeps its terms."""
    definition, facts = clock.terms.definition, moment.facts
    if definition.on_reset is not Reset.NEW_CYCLE or not holds(definition.reset, facts):
        return False
    stronger = (definition.cancel, definition.stop, definition.pause)
    return not any(holds(predicate, facts) for predicate in stronger)


def _retermed(
    ticket: Ticket, clock: Clock, terms: Terms | None, moment: Moment
) -> tuple[Ticket, Clock]:
    """Return the ticket with a live clock under the terms that its policies now give it."""
    event = moment.event
    if terms is None:
        changed = motion.cancelled(clock, event, "no policy gives this clock any more")
        return ticket.put(clock, changed), changed
    if clock.promised or terms == (clock.base or clock.terms):
        return ticket, clock
    calendar = clock.calendar
    if terms.calendar != calendar.key:
        calendar = calendar_of(ticket, terms.calendar, moment)
    if terms.same_policy == clock.terms.same_policy:
        changed = motion.reclassified(clock, event, terms, calendar)
        return ticket.put(clock, changed), changed
    old, follower = motion.replaced(clock, event, terms, calendar)
    if old is follower:
        return ticket, clock
    ticket = ticket.put(clock, old)
    return replace(ticket, clocks=(*ticket.clocks, follower)), follower


def _begun(ticket: Ticket, terms: Terms, moment: Moment, cycle: int) -> Ticket:
    """Return the ticket with a new clock, which the event may pause or stop at once."""
    calendar = calendar_of(ticket, terms.calendar, moment)
    clock = motion.started(cycle, terms, calendar, moment.event)
    if moment.event.kind is Kind.CALLBACK_PROMISED:
        # Somebody gave their word for an instant: that is the due.
        due = instant_from(moment.event.payload["promised_at"], "promised_at")
        clock = replace(motion.overridden(clock, moment.event, due), promised=True)
    ticket = replace(ticket, clocks=(*ticket.clocks, clock))
    return _acted(ticket, clock, moment, fresh=True)


def _next(ticket: Ticket, clock: Clock, moment: Moment) -> Ticket:
    """Return the ticket with the next cycle of a clock begun, under what is in force by now."""
    slot = (clock.terms.agreement, clock.terms.definition.key)
    at, facts = moment.event.effective_at, moment.facts
    terms = moment.versions.terms(slot, facts, at, ticket.pinned)
    return ticket if terms is None else _begun(ticket, terms, moment, clock.cycle + 1)


def calendar_of(ticket: Ticket, key: str, moment: Moment) -> CalendarVersion:
    """Return the version of a calendar for time from the event on: current then, or named since."""
    current = moment.versions.calendar_at(key, moment.event.effective_at)
    named = ticket.calendars.get(key, 0)
    return moment.versions.calendar(key, named) if named > current.version else current


def _again(ticket: Ticket, clock: Clock, terms: Terms, moment: Moment) -> Ticket:
    """Return the ticket after the start condition held for a clock that had ended."""
    definition, event = terms.definition, moment.event
    if clock.outcome in _BY_HAND:
        return ticket
    if clock.state is State.CANCELLED:
        return _next(ticket, clock, moment)
    # What stopped the clock may still hold (a level, such as a status): then nothing reopened it.
    if holds(definition.stop, moment.facts):
        return ticket
    match definition.on_reopen:
        case Reopen.NEVER:
            return ticket
        case Reopen.NEW_CYCLE:
            return _next(ticket, clock, moment)
        case mode:
            calendar = calendar_of(ticket, clock.calendar.key, moment)
            live = motion.reopened(clock, event, mode, calendar)
    ticket, live = _retermed(ticket.put(clock, live), live, terms, moment)
    return _acted(ticket, live, moment)


def _thanks(ticket: Ticket, clock: Clock | None, grace: dt.timedelta, event: Event) -> bool:
    """Say whether the event is a word of thanks inside the grace window, which starts nothing.

    The window begins when the clock stopped or the ticket was done, whichever is later.
    """
    if event.side is not Side.CUSTOMER or event.payload.get("question") is not False:
        return False
    ends = (ticket.done_at, clock.stopped_at if clock else None)
    return any(end is not None and event.effective_at - end <= grace for end in ends)


def _acted(ticket: Ticket, clock: Clock, moment: Moment, *, fresh: bool = False) -> Ticket:
    """Return the ticket after the strongest predicate that holds has acted on a live clock."""
    definition, event, facts = clock.terms.definition, moment.event, moment.facts
    if rule := holds(definition.cancel, facts):
        return ticket.put(clock, motion.cancelled(clock, event, rule.reason or "cancelled"))
    if rule := holds(definition.stop, facts):
        return ticket.put(clock, motion.stopped(clock, event, rule.reason or "stopped"))
    if rule := holds(definition.pause, facts):
        return ticket.put(clock, motion.paused(clock, event, _reason(rule, facts)))
    if not fresh and definition.on_reset is Reset.RESTART and holds(definition.reset, facts):
        return ticket.put(clock, motion.restarted(clock, event, Cause.TIME))
    if clock.state is State.PAUSED and holds(definition.resume, facts):
        return ticket.put(clock, motion.resumed(clock, event))
    return ticket


def _reason(rule: Rule, facts: Mapping[str, Any]) -> str:
    """Return why a clock pauses: the rule's own word, else the values that it looked at."""
    looked = (facts.get(name) for name in sorted(rule.when.names()))
    return rule.reason or ", ".join(str(value) for value in looked if value is not None) or "paused"


# ------------------------------------------------------------------------- what a fact does to all


def merged(ticket: Ticket, event: Event) -> Ticket:
    """Return a ticket that went into another one: its clocks end, that one's go on.

    ``carried`` names the clocks whose promise a clock over there answers for from now on.
    """
    carried = set(event.payload.get("carried", ()))
    clocks = tuple(
        motion.ended(clock, event, "merged", answered=clock.id in carried)
        for clock in ticket.clocks
    )
    return replace(ticket, clocks=clocks, gone="merged")


def shelved(ticket: Ticket, event: Event) -> Ticket:
    """Return a ticket that is spam or was deleted: its clocks count nowhere any more."""
    if ticket.gone:
        return ticket
    clocks = tuple(motion.shelved(clock, event, event.kind.value) for clock in ticket.clocks)
    aside = tuple(motion.aside(clock, event) for clock in ticket.clocks)
    return replace(ticket, clocks=clocks, gone=event.kind.value, shelved=aside)


def restored(ticket: Ticket, event: Event) -> Ticket:
    """Return a ticket that was no spam after all: its clocks go on as they were."""
    if ticket.gone != Kind.SPAM.value:
        return ticket
    clocks = tuple(motion.restored(clock, event) for clock in ticket.shelved)
    return replace(ticket, clocks=clocks, gone="", shelved=())


def overridden(ticket: Ticket, event: Event) -> Ticket:
    """Return the ticket after somebody has decided about one of its clocks, with their reason.

    ``{clock: SLA/resolution#1, due: INSTANT, reason: …}``, or ``do: stop`` or ``do: cancel`` in
    the place of a due. A clock that has ended stays as it is.
    """
    payload = event.payload
    if not payload.get("reason"):
        raise Invalid("reason", f"the fact {event.key!r} overrides a clock: it must give a reason")
    named = (clock for clock in ticket.clocks if clock.id == payload.get("clock") and clock.live)
    clock = next(named, None)
    if clock is None:
        return ticket
    if "due" in payload:
        due = instant_from(payload["due"], "due")
        return ticket.put(clock, motion.overridden(clock, event, due))
    if shape.one_of(payload.get("do"), "do", ("stop", "cancel")) == "stop":
        return ticket.put(clock, motion.stopped(clock, event, STOPPED))
    return ticket.put(clock, motion.cancelled(clock, event, CANCELLED))


def recalendared(ticket: Ticket, event: Event, versions: Versions) -> Ticket:
    """Move the clocks of a calendar to the version that the fact names.

    That is the live ones; a restatement judges those that have stopped as well. Clocks by several
    calendars as one go over when any of those does.
    """
    wanted = versions.calendar(str(event.payload["calendar"]), int(event.payload["version"]))
    restate = event.payload.get("basis") == "restate"
    if restate and not event.payload.get("reason"):
        raise Invalid("reason", f"the fact {event.key!r} restates the past: it must give a reason")
    clocks = tuple(_recalendared(clock, wanted, event, versions) for clock in ticket.clocks)
    shelved = tuple(_recalendared(clock, wanted, event, versions) for clock in ticket.shelved)
    newest = max(wanted.version, ticket.calendars.get(wanted.key, 0))
    calendars = {**ticket.calendars, wanted.key: newest}
    return replace(ticket, clocks=clocks, shelved=shelved, calendars=calendars)


def _recalendared(clock: Clock, wanted: CalendarVersion, event: Event, versions: Versions) -> Clock:
    restate = event.payload.get("basis") == "restate"
    if clock.calendar.key != wanted.key:
        made = source.parts(clock.calendar.key)
        if made is None or wanted.key not in made[1]:
            return clock
        wanted = versions.calendar_at(clock.calendar.key, event.effective_at)
    if clock.calendar == wanted:
        return clock
    if clock.live:
        return motion.recalendared(clock, event, wanted, restate=restate)
    if restate and clock.state is State.STOPPED:
        return motion.restated(clock, event, wanted)
    return clock
