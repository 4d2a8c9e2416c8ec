"""Replay: facts and versioned configuration in, clocks out. Pure, and the same in any order.

`advance` takes one fact; the product calls it as facts come. `fold` takes facts in their order.
What `advance` cannot know alone, a fact that comes late or one that judges the past anew, `learn`
folds again: so both agree to the last bit.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tocsin.engine import course, motion, preset
from tocsin.engine import event as events
from tocsin.engine.clock import Breach, Cause, Clock
from tocsin.engine.course import Moment
from tocsin.engine.event import MERGED, Event, Kind
from tocsin.engine.ticket import Ticket
from tocsin.engine.version import Versions
from tocsin.kit.invalid import Invalid

# Facts of the configuration concern every ticket.
_OF_ALL = frozenset({Kind.CALENDAR_VERSION, Kind.POLICY_ATTACHED})


def replay(ticket: str, log: Iterable[Event], versions: Versions, *, now: dt.datetime) -> Ticket:
    """Return the ticket as its facts up to `now` make it, breaches before `now` on record."""
    return at(fold(ticket, events.in_order(log), versions, until=now), now)


def fold(
    ticket: str, log: Sequence[Event], versions: Versions, *, until: dt.datetime | None = None
) -> Ticket:
    """Return the ticket as its facts make it, up to `until`; `log` holds them in their order."""
    state = _opened(ticket, log)
    for k, fact in enumerate(log):
        if until is not None and fact.effective_at > until:
            break
        if restates(fact):
            state = _judged_anew(state, log[: k + 1], versions)
        else:
            state = advance(state, fact, versions)
    return state


def restates(fact: Event) -> bool:
    """Say whether a fact judges what was before it anew by another version of a policy."""
    return fact.kind is Kind.POLICY_ATTACHED and fact.payload.get("basis") == "restate"


def _opened(ticket: str, log: Sequence[Event]) -> Ticket:
    """Return a ticket without facts yet.

    Words of a ticket that was merged into it may be older than itself: they found it as it began.
    """
    if log and log[0].source == MERGED:
        created = next((fact for fact in log if fact.kind is Kind.CREATED), None)
        if created is not None:
            return Ticket(ticket, fields=created.changes(), begun=True)
    return Ticket(ticket)


def _judged_anew(before: Ticket, log: Sequence[Event], versions: Versions) -> Ticket:
    """Return the ticket as if the versions that restating facts name had been in force always.

    What that has missed in the past was missed at the instant of the restatement, and what was
    missed before and is not any more stays on record as superseded.
    """
    fact = log[-1]
    if not fact.payload.get("reason"):
        raise Invalid("reason", f"the fact {fact.key!r} restates the past: it must give a reason")
    before = at(before, fact.effective_at)
    anew = _opened(before.id, log)
    anew = replace(anew, pinned=_pins(known for known in log if restates(known)))
    for known in log:
        anew = advance(anew, known, versions)
    anew = at(anew, fact.effective_at)
    old = {clock.id: clock for clock in before.clocks}
    clocks = tuple(_compared(clock, old.get(clock.id), fact) for clock in anew.clocks)
    return replace(anew, clocks=clocks)


def _compared(clock: Clock, old: Clock | None, fact: Event) -> Clock:
    known = {breach.due: breach for breach in old.breaches} if old else {}
    shown = {breach.due for breach in clock.breaches}
    at_fact = fact.effective_at

    def marked(breach: Breach) -> Breach:
        if breach.due in known:
            return replace(known[breach.due], terms=breach.terms, superseded_by=None)
        return replace(breach, breached_at=at_fact, cause=Cause.POLICY)

    kept = [
        replace(breach, superseded_by=breach.superseded_by or fact.key)
        for due, breach in known.items()
        if due not in shown
    ]
    breaches = (*kept, *(marked(breach) for breach in clock.breaches))
    return replace(clock, breaches=tuple(sorted(breaches, key=lambda breach: breach.due)))


def _pins(facts: Iterable[Event]) -> dict[str, int]:
    found: dict[str, int] = {}
    for fact in facts:
        key, version = str(fact.payload["policy"]), int(fact.payload["version"])
        found[key] = max(version, found.get(key, 0))
    return found


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
    if not restates(event) and (ticket.last is None or event.order > ticket.last):
        return advance(ticket, event, versions)
    return fold(ticket.id, events.in_order([*log, event]), versions)


def advance(ticket: Ticket, event: Event, versions: Versions) -> Ticket:
    """Return the ticket after a fact that is later, by `Event.order`, than all it knows."""
    if event.ticket != ticket.id and event.kind not in _OF_ALL:
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
    if event.kind is Kind.CALENDAR_VERSION:
        return course.recalendared(ticket, event, versions)
    moment = Moment(event, _facts(ticket, event), versions)
    ticket = _marked(ticket, moment)
    if not ticket.begun or ticket.gone:
        return ticket
    for slot in versions.slots():
        ticket = course.moved(ticket, slot, moment)
    return ticket


def _marked(ticket: Ticket, moment: Moment) -> Ticket:
    """Return the ticket after what the fact does to it as a whole."""
    event = moment.event
    match event.kind:
        case Kind.POLICY_ATTACHED:
            moment.versions.policy(str(event.payload["policy"]), int(event.payload["version"]))
            pins = _pins([event])
            pinned = {key: max(pin, ticket.pinned.get(key, 0)) for key, pin in pins.items()}
            return replace(ticket, pinned={**ticket.pinned, **pinned})
        case Kind.ACKNOWLEDGEMENT:
            return replace(ticket, acknowledged=(*ticket.acknowledged, event.effective_at))
        case Kind.MERGE if "into" in event.payload:
            return course.merged(ticket, event)
        case Kind.SPAM:
            return course.shelved(ticket, event)
        case Kind.RESTORE:
            return course.restored(ticket, moment)
        case Kind.OVERRIDE:
            return course.overridden(ticket, event)
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
