"""Decide: a ticket and an instant in, effects and the next moment to wake out.

Deciding is idempotent: given the keys of its own effects as done, it decides nothing more.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tocsin.engine import escalating, motion, replay, schedule
from tocsin.engine import event as events
from tocsin.engine.alert import Alert
from tocsin.engine.clock import Breach, Clock
from tocsin.engine.effect import (
    Alarm,
    Breached,
    Deed,
    Effect,
    Escalate,
    Key,
    Notify,
    Restate,
    Resume,
    Start,
    Warn,
)
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.path import Step
from tocsin.engine.schedule import Planned
from tocsin.engine.ticket import Ticket
from tocsin.engine.version import Versions


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a decision needs: the ticket, and the keys of all effects carried out so far.

    Without `versions` no path begins or goes on, save those that clocks name.
    """

    ticket: Ticket
    done: frozenset[Key] = frozenset()
    versions: Versions | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, and the earliest instant at which there may be something to do again."""

    effects: tuple[Effect, ...]
    wake_at: dt.datetime | None


def decide(snapshot: Snapshot, *, now: dt.datetime) -> Decision:
    """Return all that has fallen due by `now` and is not done, and when to look again.

    `wake_at` is later than `now`, or None when nothing is planned. Of several warnings of a clock
    that fell due unseen only the last is sent; the others, and those that a breach has overtaken,
    are recorded as superseded. Of imported history breaches are recorded, and nothing alerts.
    """
    return _decided(snapshot, now, silent=snapshot.ticket.history_until)


def done(log: Iterable[Event]) -> frozenset[Key]:
    """Return the keys of the effects that the facts say were carried out."""
    return frozenset(key_of(event.payload) for event in log if event.kind is Kind.EFFECT)


def key_of(payload: Mapping[str, Any]) -> Key:
    """Return the key of an effect from the payload of the fact that it was carried out."""
    deed, clock, which, mark = (str(payload[name]) for name in Key._fields)
    return Key(Deed(deed), clock, which, mark)


def _decided(snapshot: Snapshot, now: dt.datetime, *, silent: dt.datetime | None) -> Decision:
    ticket, done = replay.at(snapshot.ticket, now), snapshot.done
    effects: list[Effect] = []
    wake: list[dt.datetime] = []
    shown: set[Key] = set()
    restated = {key for key in done if key.deed is Deed.RESTATE}
    for clock in ticket.clocks:
        due = [_recordable(item, restated) for item in schedule.ahead(clock, ticket.acknowledged)]
        steps = list(schedule.levels(clock, ticket.acknowledged))
        shown.update(item.key for item in due)
        due = [item for item in due if isinstance(item.what, Breach) or _live(item.at, silent)]
        steps = [item for item in steps if _live(item.at, silent)]
        wake += [item.at for item in due + steps if item.at > now]
        if (ends := clock.budget_ends()) is not None:
            wake.append(ends)
            # What it will miss once its pauses are used up may be on record, if time jumped back.
            later = schedule.ahead(motion.elapsed(clock, ends))
            shown.update(_recordable(item, restated).key for item in later)
        effects += _warnings(clock, _pending(due, done, now), now)
        effects += _escalations(_pending(steps, done, now), ticket, now)
        if _live(clock.since, silent):
            effects += _alarms(clock, done)
    coming = escalating.ahead(ticket, snapshot.versions, now)
    effects += _paths(coming, ticket, done, now, silent)
    wake += [at for at in escalating.instants(coming) if at > now]
    effects += _restatements(shown, done)
    effects += _message(effects, silent)
    return Decision(tuple(effects), min(wake, default=None))


def _live(at: dt.datetime, silent: dt.datetime | None) -> bool:
    """Say whether what was planned for `at` is more than history."""
    return silent is None or at > silent


def _pending(planned: Sequence[Planned], done: frozenset[Key], now: dt.datetime) -> list[Planned]:
    """Return what has fallen due and is not done, in the order in which it was planned."""
    found = [item for item in planned if item.at <= now and item.key not in done]
    # Of those that come at one instant the one that lies nearest to the due comes last.
    return sorted(found, key=lambda item: (item.at, item.raw, item.key))


def _warnings(clock: Clock, pending: list[Planned], now: dt.datetime) -> Iterator[Effect]:
    """Record each breach; send the last alert that fell due and mark those it overtook."""
    alerts = [item for item in pending if isinstance(item.what, Alert)]
    for item in pending:
        if isinstance(item.what, Breach):
            yield Breached(item.key, item.what, detected_at=now)
        elif isinstance(item.what, Alert):
            missed = item.what.before and clock.missed() is not None
            yield Warn(
                key=item.key,
                alert=item.what,
                planned_at=item.planned_at,
                due=clock.present_due() or item.planned_at,
                late=now - item.planned_at,
                compressed=item.raw < clock.anchor,
                superseded=missed or item is not alerts[-1],
            )


def _escalations(
    pending: list[Planned], ticket: Ticket, now: dt.datetime, number: int = 0
) -> Iterator[Effect]:
    """Take the step that is due now; those that nobody saw fall due are skipped.

    So are those whose condition does not hold.
    """
    wanted = [item for item in pending if isinstance(item.what, Step) and _holds(item.what, ticket)]
    for branch in dict.fromkeys(
        item.what.branch for item in pending if isinstance(item.what, Step)
    ):
        last = next((item for item in reversed(wanted) if item.what.branch == branch), None)  # type: ignore[union-attr]  # steps
        for item in pending:
            if isinstance(item.what, Step) and item.what.branch == branch:
                late = now - item.planned_at
                yield Escalate(
                    item.key, item.what, item.planned_at, late, item is not last, escalation=number
                )


def _holds(step: Step, ticket: Ticket) -> bool:
    return step.when.matches(ticket.fields)


def _paths(
    coming: escalating.Ahead,
    ticket: Ticket,
    done: frozenset[Key],
    now: dt.datetime,
    silent: dt.datetime | None,
) -> Iterator[Effect]:
    """Begin paths, take their steps, and call a level again that somebody left at that."""
    started: set[str] = set()
    for planned, path, trigger in coming.starts:
        due = planned.at <= now and planned.key not in done and _live(planned.at, silent)
        if due and path.key not in started:
            started.add(path.key)
            late = now - planned.planned_at
            yield Start(
                planned.key,
                path.key,
                path.version,
                trigger.on.value,
                planned.planned_at,
                late,
                planned.key.clock,
            )
    for one, steps in coming.branches:
        yield from _escalations(_pending(steps, done, now), ticket, now, one.number)
    for one, at, levels in coming.calls:
        key = Key(Deed.RESUME, one.id, str(one.calls + 1), schedule.mark(at))
        if at <= now and key not in done:
            yield Resume(key, one.number, levels, at, now - at)


def _restatements(shown: set[Key], done: frozenset[Key]) -> Iterator[Effect]:
    """Withdraw breaches on record that the facts, as they are now known, no longer show.

    A due that is still to come shows its breach: a system clock that jumps back withdraws nothing.
    """
    missing = [key for key in done if key.deed is Deed.BREACH and key not in shown]
    for key in sorted(missing):
        restated = key._replace(deed=Deed.RESTATE)
        if restated not in done:
            yield Restate(restated, withdrawn=key)


def _recordable(item: Planned, restated: set[Key]) -> Planned:
    """Return what is planned under a key that no restatement has used up."""
    key = item.key
    while restated and key._replace(deed=Deed.RESTATE) in restated:
        key = key._replace(which=f"{key.which} again")
    return item if key is item.key else replace(item, key=key)


def _alarms(clock: Clock, done: frozenset[Key]) -> Iterator[Effect]:
    if clock.live and clock.undue and clock.undue != "paused":
        key = Key(Deed.ALARM, clock.id, clock.calendar.ref, schedule.mark(clock.since))
        if key not in done:
            yield Alarm(key, clock.undue)


def _message(effects: list[Effect], silent: dt.datetime | None) -> list[Effect]:
    """Gather what people must hear of into one message, breaches and escalations first."""
    told = [effect for effect in effects if _tells(effect, silent)]
    if not told:
        return []
    told.sort(key=lambda effect: (isinstance(effect, Warn | Alarm), effect.key))
    critical = any(isinstance(effect, Breached | Escalate) for effect in told)
    # What it tells happens once, so that names it: one instant may bring several messages.
    first = told[0].key
    key = Key(Deed.NOTIFY, first.clock, f"{first.deed} {first.which}", first.mark)
    return [Notify(key, tuple(effect.key for effect in told), critical)]


def _tells(effect: Effect, silent: dt.datetime | None) -> bool:
    if isinstance(effect, Breached):
        return _live(effect.breach.breached_at, silent)
    if isinstance(effect, Restate | Start | Resume):
        return False
    return not getattr(effect, "superseded", False)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an unfailing pulse would have done: the ticket in the end, and each effect's instant."""

    ticket: Ticket
    effects: tuple[tuple[dt.datetime, Effect], ...]


def rehearse(
    ticket: str, log: Iterable[Event], versions: Versions, *, now: dt.datetime
) -> Rehearsal:
    """Return what would have happened by itself up to `now`, had the clocks run all along.

    The facts are taken as live, imported or not: this answers "what would have been".
    """
    done: frozenset[Key] = frozenset()
    found: list[tuple[dt.datetime, Effect]] = []
    facts = [fact for fact in events.in_order(log) if fact.effective_at <= now]
    state = replay.opened(ticket, facts)
    wake_at: dt.datetime | None = None
    for k, fact in enumerate(facts):
        before = state
        state = replay.grown(state, facts, k, versions)
        last = k + 1 == len(facts)
        until = now if last else facts[k + 1].effective_at
        # A fact that moved no clock changed nothing that was planned.
        moved = (
            state.clocks is not before.clocks
            or fact.kind is Kind.ACKNOWLEDGEMENT
            or bool(versions.paths)
        )
        at = fact.effective_at if moved else wake_at
        # Facts of one instant are one transaction: they are decided upon together.
        while at is not None and (at < until or (last and at <= until)):
            decision = _decided(Snapshot(state, done, versions), at, silent=None)
            state = _begun(state, decision, at, versions)
            done |= {effect.key for effect in decision.effects}
            found += [(at, effect) for effect in decision.effects]
            at = decision.wake_at
        wake_at = at
    return Rehearsal(replay.at(state, now), tuple(found))


def _begun(state: Ticket, decision: Decision, at: dt.datetime, versions: Versions) -> Ticket:
    """Return the ticket with the escalations that a decision begins or calls again."""
    for effect in decision.effects:
        payload = began(effect)
        if payload is not None:
            key = f"rehearsed/{'/'.join(effect.key)}"
            fact = Event(state.id, Kind.ESCALATION, at, key, payload, Side.AUTOMATION)
            state = replay.advance(state, fact, versions)
    return state


def began(effect: Effect) -> dict[str, Any] | None:
    """Return what the fact of an effect tells the ticket's escalations, None if nothing."""
    match effect:
        case Start():
            return {
                "did": "begun",
                "path": effect.path,
                "version": effect.version,
                "trigger": effect.trigger,
                "at": effect.planned_at.isoformat(),
                "clock": effect.clock,
            }
        case Resume():
            return {
                "did": "called",
                "escalation": effect.escalation,
                "levels": dict(effect.levels),
                "at": effect.planned_at.isoformat(),
            }
    return None
