"""Replay: facts and versioned configuration in, clocks out. Pure, and the same in any order.

`advance` takes one fact; the product calls it as facts come. `fold` takes facts in their order.
What `advance` cannot know alone, a fact that comes late or one that judges the past anew, `learn`
folds again: so both agree to the last bit.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tocsin.engine import course, escalating, motion, preset
from tocsin.engine import event as events
from tocsin.engine.clock import Cause, Clock
from tocsin.engine.course import Moment
from tocsin.engine.event import MERGED, Event, Kind, Side
from tocsin.engine.recall import OF_EVENTS
from tocsin.engine.ticket import Ticket
from tocsin.engine.value import replace
from tocsin.engine.version import Versions
from tocsin.kit.invalid import Invalid

# Facts of the configuration concern every ticket.
_OF_ALL = frozenset({Kind.CALENDAR_VERSION, Kind.POLICY_ATTACHED})
# After these the terms of clocks may be others although the ticket's fields are the same.
_ASKED_ANEW = frozenset({Kind.POLICY_ATTACHED, Kind.RESTORE})


def replay(ticket: str, log: Iterable[Event], versions: Versions, *, now: dt.datetime) -> Ticket:
    """Return the ticket as its facts up to `now` make it, breaches before `now` on record."""
    return at(fold(ticket, events.in_order(log), versions, until=now), now)


def fold(
    ticket: str, log: Sequence[Event], versions: Versions, *, until: dt.datetime | None = None
) -> Ticket:
    """Return the ticket as its facts make it, up to `until`; `log` holds them in their order."""
    state = opened(ticket, log)
    for k, fact in enumerate(log):
        if until is not None and fact.effective_at > until:
            break
        state = grown(state, log, k, versions)
    return state


def grown(ticket: Ticket, log: Sequence[Event], k: int, versions: Versions) -> Ticket:
    """Return the ticket after the fact at place `k` of the log, whose earlier ones it knows."""
    if restates(log[k]):
        return _judged_anew(ticket, log[: k + 1], versions)
    return advance(ticket, log[k], versions)


def restates(fact: Event) -> bool:
    """Say whether a fact judges what was before it anew by another version of a policy."""
    return fact.kind is Kind.POLICY_ATTACHED and fact.payload.get("basis") == "restate"


def opened(ticket: str, log: Sequence[Event]) -> Ticket:
    """Return a ticket without facts yet.

    Words of a ticket that was merged into it may be older than itself: they find it as it began,
    and the customer's first is where it begins.
    """
    early = False
    for fact in log:
        if fact.kind is Kind.CREATED:
            return Ticket(ticket, fields=fact.changes(), awaited=True) if early else Ticket(ticket)
        early = early or fact.source == MERGED
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
    anew = opened(before.id, log)
    anew = replace(anew, pinned=_pins(known for known in log if restates(known)))
    for known in log:
        anew = advance(anew, known, versions)
    anew = at(anew, fact.effective_at)
    old = {clock.id: clock for clock in before.clocks}
    clocks = tuple(_compared(clock, old.get(clock.id), fact) for clock in anew.clocks)
    aside = {clock.id: clock for clock in before.shelved}
    shelved = tuple(_compared(clock, aside.get(clock.id), fact) for clock in anew.shelved)
    return replace(anew, clocks=clocks, shelved=shelved)


def _compared(clock: Clock, old: Clock | None, fact: Event) -> Clock:
    """Return a clock judged anew with the breaches on record: those that stand, and those not."""
    known = old.breaches if old else ()
    stands = {breach.due: breach for breach in clock.standing}
    before = {breach.due: breach for breach in known if breach.due in stands}
    again = [
        replace(before[due], terms=breach.terms, superseded_by=None)
        if due in before
        else replace(breach, breached_at=fact.effective_at, cause=Cause.POLICY)
        for due, breach in stands.items()
    ]
    kept = [
        replace(breach, superseded_by=breach.superseded_by or fact.key)
        for breach in known
        if breach is not before.get(breach.due)
    ]
    breaches = sorted([*kept, *again], key=lambda breach: (breach.due, breach.breached_at))
    return replace(clock, breaches=tuple(breaches))


def _pins(facts: Iterable[Event]) -> dict[str, int]:
    found: dict[str, int] = {}
    for fact in facts:
        key, version = str(fact.payload["policy"]), int(fact.payload["version"])
        found[key] = max(version, found.get(key, 0))
    return found


def at(ticket: Ticket, now: dt.datetime) -> Ticket:
    """Return the ticket with what has fallen due before `now` on record; itself if nothing has."""
    for clock in ticket.clocks:
        if motion.elapses(clock, now) and motion.elapsed(clock, now) is not clock:
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
    if follows(ticket, event):
        return advance(ticket, event, versions)
    return fold(ticket.id, events.in_order([*log, event]), versions)


def follows(ticket: Ticket, event: Event) -> bool:
    """Say whether a fact can be taken in alone: it is the latest, and judges nothing anew.

    Nor does it say what words that had come over before it may have begun.
    """
    if restates(event) or (event.kind is Kind.CREATED and ticket.early):
        return False
    return ticket.last is None or event.order > ticket.last


def advance(ticket: Ticket, event: Event, versions: Versions) -> Ticket:
    """Return the ticket after a fact that is later, by `Event.order`, than all it knows."""
    if event.ticket != ticket.id and event.kind not in _OF_ALL:
        raise Invalid(
            "ticket",
            f"the fact {event.key!r} belongs to ticket {event.ticket!r}, not {ticket.id!r}",
        )
    if event.kind is Kind.EFFECT:
        return replace(ticket, last=event.order)
    if event.kind is Kind.ESCALATION:
        return escalating.of_its_own(replace(ticket, last=event.order), event)
    before, changes = ticket.fields, event.changes()
    fields = {**before, **changes} if changes else before
    done = fields.get("status") in preset.DONE
    ticket = replace(
        ticket,
        fields=fields,
        done_at=(ticket.done_at or event.effective_at) if done else None,
        last=event.order,
        begun=ticket.begun or event.kind is Kind.CREATED or _founds(ticket, event),
        early=ticket.early or (event.source == MERGED and not ticket.begun),
        history_until=_history(ticket.history_until, event),
    )
    ticket = at(ticket, event.effective_at)
    if event.kind is Kind.CALENDAR_VERSION:
        return course.recalendared(ticket, event, versions)
    asked = event.kind in _ASKED_ANEW or versions.looks_at(changes)
    touched = {*changes, *OF_EVENTS}
    moment = Moment(event, _facts(ticket, event, before), versions, asked, touched)
    ticket = _marked(ticket, moment)
    if ticket.begun and not ticket.gone:
        for slot in versions.slots():
            ticket = course.moved(ticket, slot, moment)
    ticket = escalating.followed(ticket, event, before, moment.facts, versions)
    return escalating.settled(ticket, event.effective_at)


def _founds(ticket: Ticket, event: Event) -> bool:
    """Say whether a word that came over is the customer's, and older than the ticket itself."""
    return event.source == MERGED and event.side is Side.CUSTOMER and ticket.awaited


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
            return course.restored(ticket, event)
        case Kind.OVERRIDE:
            return course.overridden(ticket, event)
    return ticket


def _history(until: dt.datetime | None, event: Event) -> dt.datetime | None:
    """Return until when the ticket is history; for ever when nobody says when it was learned."""
    if not event.imported:
        return until
    learned = event.recorded_at or dt.datetime.max.replace(tzinfo=dt.UTC)
    return learned if until is None else max(until, learned)


def _facts(ticket: Ticket, event: Event, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what conditions may look at: the ticket's fields, and the event's own facts."""
    changed = event.payload.get("name") if event.kind is Kind.FIELD else event.kind.value
    return {
        **ticket.fields,
        "event": event.kind.value,
        "side": event.side.value,
        "changed": changed,
        "was": before.get(changed) if isinstance(changed, str) else None,
    }
