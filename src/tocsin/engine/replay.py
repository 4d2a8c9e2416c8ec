"""Replay: facts and versioned configuration in, clocks out. Pure, and the same in any order.

`advance` takes one fact; the product calls it as facts come. `replay` takes all facts at once.
Both are the same fold over facts in their order, so they agree to the last bit.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tocsin.engine import event as events
from tocsin.engine import motion, preset
from tocsin.engine.clock import Cause, Clock, State
from tocsin.engine.definition import Reopen, Reset, Rule, holds
from tocsin.engine.event import Event, Kind, Order, Side
from tocsin.engine.policy import Terms
from tocsin.engine.version import CalendarVersion, Slot, Versions
from tocsin.kit.invalid import Invalid

_BOOKS = frozenset({Kind.CALENDAR_VERSION, Kind.POLICY_ATTACHED})


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as its facts so far make it: its fields and all its clocks, ended ones included.

    `last` is the order of the newest fact taken in; `pinned` the policies moved to a version by
    an explicit act, `calendars` the newest versions that facts named. `done_at` is when the
    ticket was resolved or closed, None while it is neither. `history_until` is when the newest
    imported fact was learned: what came before is history, and alerts nobody.
    """

    id: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()
    pinned: Mapping[str, int] = field(default_factory=dict)
    calendars: Mapping[str, int] = field(default_factory=dict)
    begun: bool = False
    last: Order | None = None
    acknowledged: tuple[dt.datetime, ...] = ()
    done_at: dt.datetime | None = None
    history_until: dt.datetime | None = None

    def current(self, slot: Slot) -> Clock | None:
        """Return the newest clock of a slot, or None if none ever started."""
        for clock in reversed(self.clocks):
            if (clock.terms.agreement, clock.terms.definition.key) == slot:
                return clock
        return None

    def has_sla(self) -> bool:
        """Say whether any policy ever gave the ticket a clock; if not it belongs in "no SLA"."""
        return bool(self.clocks)


@dataclass(frozen=True, slots=True)
class _Moment:
    """An event with what conditions may look at, and the configuration it happens under."""

    event: Event
    facts: Mapping[str, Any]
    versions: Versions


def replay(ticket: str, log: Iterable[Event], versions: Versions, *, now: dt.datetime) -> Ticket:
    """Return the ticket as its facts up to `now` make it, breaches before `now` on record."""
    state = Ticket(ticket)
    for event in events.in_order(log):
        if event.effective_at <= now:
            state = advance(state, event, versions)
    return at(state, now)


def at(ticket: Ticket, now: dt.datetime) -> Ticket:
    """Return the ticket with what has fallen due before `now` on record; itself if nothing has."""
    for clock in ticket.clocks:
        if motion.elapsed(clock, now) is not clock:
            break
    else:
        return ticket
    return replace(ticket, clocks=tuple(motion.elapsed(clock, now) for clock in ticket.clocks))


def learn(ticket: Ticket, log: Iterable[Event], event: Event, versions: Versions) -> Ticket:
    """Return the ticket with one more fact: taken in as it comes, or in its place if it is late.

    `log` holds the facts known before; a fact that is among them already changes nothing.
    """
    log = list(log)
    if any(known.key == event.key for known in log):
        return ticket
    if ticket.last is None or event.order > ticket.last:
        return advance(ticket, event, versions)
    state = Ticket(ticket.id)
    for fact in events.in_order([*log, event]):
        state = advance(state, fact, versions)
    return state


def advance(ticket: Ticket, event: Event, versions: Versions) -> Ticket:
    """Return the ticket after a fact that is later, by `Event.order`, than all it knows."""
    if event.ticket != ticket.id and event.kind is not Kind.CALENDAR_VERSION:
        raise Invalid(
            "ticket",
            f"the fact {event.key!r} belongs to ticket {event.ticket!r}, not {ticket.id!r}",
        )
    if event.kind is Kind.EFFECT:
        return replace(ticket, last=event.order)
    fields = {**ticket.fields, **event.changes()}
    done = fields.get("status") in preset.DONE
    ticket = replace(
        ticket,
        fields=fields,
        done_at=(ticket.done_at or event.effective_at) if done else None,
        last=event.order,
        begun=ticket.begun or event.kind is Kind.CREATED,
        history_until=_history(ticket.history_until, event),
    )
    ticket = at(ticket, event.effective_at)
    match event.kind:
        case Kind.CALENDAR_VERSION:
            return _with_calendar(ticket, event, versions)
        case Kind.POLICY_ATTACHED:
            policy = versions.policy(str(event.payload["policy"]), int(event.payload["version"]))
            ticket = replace(ticket, pinned={**ticket.pinned, policy.key: policy.version})
        case Kind.ACKNOWLEDGEMENT:
            ticket = replace(ticket, acknowledged=(*ticket.acknowledged, event.effective_at))
    if not ticket.begun:
        return ticket
    moment = _Moment(event, _facts(ticket, event), versions)
    for slot in versions.slots():
        ticket = _moved(ticket, slot, moment)
    return ticket


def _history(until: dt.datetime | None, event: Event) -> dt.datetime | None:
    """Return until when the ticket is history; for ever when nobody says when it was learned."""
    if not event.imported:
        return until
    learned = event.recorded_at or dt.datetime.max.replace(tzinfo=dt.UTC)
    return learned if until is None else max(until, learned)


def _facts(ticket: Ticket, event: Event) -> dict[str, Any]:
    """Return what conditions may look at: the ticket's fields, and the event's own facts."""
    changed = event.payload.get("name") if event.kind is Kind.FIELD else event.kind.value
    return {
        **ticket.fields,
        "event": event.kind.value,
        "side": event.side.value,
        "changed": changed,
    }


def _with_calendar(ticket: Ticket, event: Event, versions: Versions) -> Ticket:
    """Move the clocks of a calendar to the version that the fact names.

    That is the live ones; a restatement judges those that have stopped as well.
    """
    wanted = versions.calendar(str(event.payload["calendar"]), int(event.payload["version"]))
    restate = event.payload.get("basis") == "restate"
    if restate and not event.payload.get("reason"):
        raise Invalid("reason", f"the fact {event.key!r} restates the past: it must give a reason")
    clocks: list[Clock] = []
    for clock in ticket.clocks:
        other = clock.calendar.key == wanted.key and clock.calendar != wanted
        if other and clock.live:
            clocks.append(motion.recalendared(clock, event, wanted, restate=restate))
        elif other and restate and clock.state is State.STOPPED:
            clocks.append(motion.restated(clock, event, wanted))
        else:
            clocks.append(clock)
    newest = max(wanted.version, ticket.calendars.get(wanted.key, 0))
    calendars = {**ticket.calendars, wanted.key: newest}
    return replace(ticket, clocks=tuple(clocks), calendars=calendars)


def _moved(ticket: Ticket, slot: Slot, moment: _Moment) -> Ticket:
    """Return the ticket with the clock of one slot moved by the event."""
    event, facts, versions = moment.event, moment.facts, moment.versions
    clock = ticket.current(slot)
    if clock is not None and clock.live:
        terms = versions.terms(slot, facts, clock.started_at, ticket.pinned)
        ticket, clock = _retermed(ticket, clock, terms, moment)
        return _acted(ticket, clock, moment) if clock.live else ticket
    # A stopped clock that goes on does so under the version that it began with.
    since = clock.started_at if clock and clock.state is State.STOPPED else event.effective_at
    terms = versions.terms(slot, facts, since, ticket.pinned)
    terms = terms or versions.terms(slot, facts, event.effective_at, ticket.pinned)
    if terms is None or event.kind in _BOOKS or not holds(terms.definition.start, facts):
        return ticket
    if _thanks(ticket, clock, terms.definition.grace, event):
        return ticket
    return (
        _begun(ticket, terms, moment, 1) if clock is None else _again(ticket, clock, terms, moment)
    )


def _retermed(
    ticket: Ticket, clock: Clock, terms: Terms | None, moment: _Moment
) -> tuple[Ticket, Clock]:
    """Return the ticket with a live clock under the terms that its policies now give it."""
    event = moment.event
    if terms is None:
        changed = motion.cancelled(clock, event, "no policy gives this clock any more")
        return _put(ticket, clock, changed), changed
    if terms == clock.terms:
        return ticket, clock
    calendar = clock.calendar
    if terms.row.calendar != calendar.key:
        calendar = _calendar(ticket, terms.row.calendar, moment)
    if terms.same_policy == clock.terms.same_policy:
        changed = motion.reclassified(clock, event, terms, calendar)
        return _put(ticket, clock, changed), changed
    old, follower = motion.replaced(clock, event, terms, calendar)
    if old is follower:
        return ticket, clock
    ticket = _put(ticket, clock, old)
    return replace(ticket, clocks=(*ticket.clocks, follower)), follower


def _begun(ticket: Ticket, terms: Terms, moment: _Moment, cycle: int) -> Ticket:
    """Return the ticket with a new clock, which the event may pause or stop at once."""
    calendar = _calendar(ticket, terms.row.calendar, moment)
    clock = motion.started(cycle, terms, calendar, moment.event)
    ticket = replace(ticket, clocks=(*ticket.clocks, clock))
    return _acted(ticket, clock, moment, fresh=True)


def _next(ticket: Ticket, clock: Clock, moment: _Moment) -> Ticket:
    """Return the ticket with the next cycle of a clock begun, under what is in force by now."""
    slot = (clock.terms.agreement, clock.terms.definition.key)
    at, facts = moment.event.effective_at, moment.facts
    terms = moment.versions.terms(slot, facts, at, ticket.pinned)
    return ticket if terms is None else _begun(ticket, terms, moment, clock.cycle + 1)


def _calendar(ticket: Ticket, key: str, moment: _Moment) -> CalendarVersion:
    """Return the version of a calendar for time from the event on: current then, or named since."""
    current = moment.versions.calendar_at(key, moment.event.effective_at)
    named = ticket.calendars.get(key, 0)
    return moment.versions.calendar(key, named) if named > current.version else current


def _again(ticket: Ticket, clock: Clock, terms: Terms, moment: _Moment) -> Ticket:
    """Return the ticket after the start condition held for a clock that had ended."""
    definition, event = terms.definition, moment.event
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
            calendar = _calendar(ticket, clock.calendar.key, moment)
            live = motion.reopened(clock, event, mode, calendar)
    ticket, live = _retermed(_put(ticket, clock, live), live, terms, moment)
    return _acted(ticket, live, moment)


def _thanks(ticket: Ticket, clock: Clock | None, grace: dt.timedelta, event: Event) -> bool:
    """Say whether the event is a word of thanks inside the grace window, which starts nothing.

    The window begins when the clock stopped or the ticket was done, whichever is later.
    """
    if event.side is not Side.CUSTOMER or event.payload.get("question") is not False:
        return False
    ends = (ticket.done_at, clock.stopped_at if clock else None)
    return any(end is not None and event.effective_at - end <= grace for end in ends)


def _acted(ticket: Ticket, clock: Clock, moment: _Moment, *, fresh: bool = False) -> Ticket:
    """Return the ticket after the strongest predicate that holds has acted on a live clock."""
    definition, event, facts = clock.terms.definition, moment.event, moment.facts
    if rule := holds(definition.cancel, facts):
        return _put(ticket, clock, motion.cancelled(clock, event, rule.reason or "cancelled"))
    if rule := holds(definition.stop, facts):
        return _put(ticket, clock, motion.stopped(clock, event, rule.reason or "stopped"))
    if rule := holds(definition.pause, facts):
        return _put(ticket, clock, motion.paused(clock, event, _reason(rule, facts)))
    if not fresh and holds(definition.reset, facts):
        return _reset(ticket, clock, moment)
    if clock.state is State.PAUSED and holds(definition.resume, facts):
        return _put(ticket, clock, motion.resumed(clock, event))
    return ticket


def _reset(ticket: Ticket, clock: Clock, moment: _Moment) -> Ticket:
    event = moment.event
    if clock.terms.definition.on_reset is Reset.RESTART:
        return _put(ticket, clock, motion.restarted(clock, event, Cause.TIME))
    return _next(_put(ticket, clock, motion.stopped(clock, event, "reset")), clock, moment)


def _reason(rule: Rule, facts: Mapping[str, Any]) -> str:
    """Return why a clock pauses: the rule's own word, else the values that it looked at."""
    looked = (facts.get(name) for name in sorted(rule.when.names()))
    return rule.reason or ", ".join(str(value) for value in looked if value is not None) or "paused"


def _put(ticket: Ticket, old: Clock, new: Clock) -> Ticket:
    if new is old:
        return ticket
    return replace(ticket, clocks=tuple(new if clock is old else clock for clock in ticket.clocks))
