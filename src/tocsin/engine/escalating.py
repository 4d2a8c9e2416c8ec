"""Escalating: what a fact does to the paths of a ticket, and what lies ahead of them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.engine import escalation, preset, schedule
from tocsin.engine.alert import Alert, Basis
from tocsin.engine.calendar import Calendar
from tocsin.engine.clock import Clock
from tocsin.engine.effect import Deed, Key
from tocsin.engine.escalation import Escalation
from tocsin.engine.event import Event, Kind
from tocsin.engine.path import EscalationPath, Step
from tocsin.engine.schedule import MICROSECOND, Planned
from tocsin.engine.ticket import Ticket
from tocsin.engine.trigger import EVERY, On, Trigger
from tocsin.engine.value import replace
from tocsin.engine.version import Versions

# ------------------------------------------------------------------------------- what facts do


def followed(
    ticket: Ticket,
    event: Event,
    before: Mapping[str, Any],
    facts: Mapping[str, Any],
    versions: Versions,
) -> Ticket:
    """Return the ticket after what a fact does to its escalations and their triggers.

    `before` are its fields before the fact, `facts` what conditions may look at after it.
    """
    if not versions.paths:
        return ticket
    if event.kind is Kind.STAGE or event.kind is Kind.CREATED or escalation.touches(event):
        ticket = replace(ticket, touched_at=event.effective_at)
    if any(one.running for one in ticket.escalations):
        each = tuple(_told(one, ticket, event, versions) for one in ticket.escalations)
        ticket = replace(ticket, escalations=each)
    arisen = dict(_arisen(event, before, facts, versions))
    return replace(ticket, arisen={**ticket.arisen, **arisen}) if arisen else ticket


def of_its_own(ticket: Ticket, event: Event) -> Ticket:
    """Return the ticket after a fact of one of its escalations."""
    if event.payload["did"] == "begun":
        known = ticket.escalations
        return replace(ticket, escalations=(*known, escalation.begun(known, event)))
    number = int(event.payload["escalation"])
    each = tuple(
        escalation.changed(one, event) if one.number == number and one.running else one
        for one in ticket.escalations
    )
    return replace(ticket, escalations=each)


def _told(one: Escalation, ticket: Ticket, event: Event, versions: Versions) -> Escalation:
    path = versions.path(one.path, one.version)
    named = event.payload.get("escalation")
    if not one.running or path is None:
        return one
    if event.kind is Kind.ACKNOWLEDGEMENT and named is not None and named != one.number:
        return one
    return escalation.told(
        one, event, path, gone=bool(ticket.gone), done=ticket.done_at is not None
    )


def _arisen(
    event: Event, before: Mapping[str, Any], facts: Mapping[str, Any], versions: Versions
) -> Iterator[tuple[tuple[str, int], dt.datetime]]:
    changed = event.changes().keys() | {"event", "side", "changed", "was"}
    for path in versions.paths_at(event.effective_at):
        if path.looks_at.isdisjoint(changed):
            continue
        for n, trigger in enumerate(path.triggers):
            if trigger.arises(before, facts):
                yield (path.key, n), event.effective_at


def settled(ticket: Ticket, at: dt.datetime) -> Ticket:
    """Return the ticket with those escalations ended that began with a clock which has ended."""
    if not any(one.running and one.clock for one in ticket.escalations):
        return ticket
    each = tuple(_with_clock(one, ticket, at) for one in ticket.escalations)
    return replace(ticket, escalations=each)


def _with_clock(one: Escalation, ticket: Ticket, at: dt.datetime) -> Escalation:
    clock = ticket.clock(one.clock) if one.running and one.clock else None
    if clock is None or clock.live:
        return one
    return replace(one, ended_at=at, ended="clock")


# ------------------------------------------------------------------------------- what lies ahead


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the paths of a ticket plan: beginnings by a path's trigger, steps by branch, calls."""

    starts: tuple[tuple[Planned, EscalationPath, Trigger], ...]
    branches: tuple[tuple[Escalation, tuple[Planned, ...]], ...]
    calls: tuple[tuple[Escalation, dt.datetime, tuple[tuple[str, str], ...]], ...]


NOTHING = Ahead((), (), ())


def ahead(ticket: Ticket, versions: Versions | None, now: dt.datetime) -> Ahead:
    """Return all that the paths of a ticket plan, what is past included."""
    if versions is None or not versions.paths or ticket.gone:
        return NOTHING
    starts = tuple(
        (planned, path, trigger)
        for path in versions.paths_at(now)
        if path.when.matches(ticket.fields)
        for n, trigger in enumerate(path.triggers)
        for planned in _starts(ticket, path, n, trigger, versions)
        if _may_begin(ticket, path, planned)
    )
    branches: list[tuple[Escalation, tuple[Planned, ...]]] = []
    calls: list[tuple[Escalation, dt.datetime, tuple[tuple[str, str], ...]]] = []
    for one in ticket.escalations:
        path = versions.path(one.path, one.version)
        if path is None or not one.running:
            continue
        found = tuple(_steps(ticket, one, path, versions))
        branches += [(one, tuple(b)) for b in _by_branch(found).values()]
        at = escalation.resumes(one, path)
        if at is not None:
            calls.append((one, at, _levels(found)))
    return Ahead(starts, tuple(branches), tuple(calls))


def instants(found: Ahead) -> Iterator[dt.datetime]:
    """Yield every instant at which something is planned."""
    yield from (planned.at for planned, _, _ in found.starts)
    yield from (planned.at for _, steps in found.branches for planned in steps)
    yield from (at for _, at, _ in found.calls)


def _may_begin(ticket: Ticket, path: EscalationPath, planned: Planned) -> bool:
    """Say whether a path may begin: what it does itself must not make it begin again."""
    for one in ticket.escalations:
        if one.path == path.key and (one.ended_at is None or planned.at <= one.ended_at):
            return False
    return True


def _starts(
    ticket: Ticket, path: EscalationPath, n: int, trigger: Trigger, versions: Versions
) -> Iterator[Planned]:
    which, since = f"{path.key}/{n + 1}", path.valid_from
    match trigger.on:
        case On.CLOCK:
            for clock in ticket.clocks:
                planned = _of_clock(clock, trigger, ticket)
                if planned is not None and (since is None or planned.at >= since):
                    key = Key(Deed.START, clock.id, which, planned.key.mark)
                    # A breach exists an instant after its due.
                    late = (
                        MICROSECOND
                        if trigger.alert and not trigger.alert.before
                        else dt.timedelta(0)
                    )
                    yield Planned(key, planned.at + late, planned.at, planned.at, _MARK)
        case On.TIME:
            at = _untouched(ticket, path, trigger, versions)
            if at is not None:
                key = Key(Deed.START, "", which, schedule.mark(at))
                at = at if since is None else max(at, since)
                yield Planned(key, at, at, at, _MARK)
        case On.MANUAL:
            return
        case _:
            found = ticket.arisen.get((path.key, n))
            if found is not None:
                yield Planned(
                    Key(Deed.START, "", which, schedule.mark(found)), found, found, found, _MARK
                )


# Nothing is told by what only marks an instant.
_MARK = Alert("start", notify=())


def _of_clock(clock: Clock, trigger: Trigger, ticket: Ticket) -> Planned | None:
    wanted = trigger.clock in (EVERY, clock.terms.definition.key)
    alert = trigger.alert
    if alert is None or not wanted or not clock.live or not trigger.when.matches(ticket.fields):
        return None
    if alert.before and clock.missed() is not None:
        return None
    return schedule.threshold(clock, alert)


def _untouched(
    ticket: Ticket, path: EscalationPath, trigger: Trigger, versions: Versions
) -> dt.datetime | None:
    fields, since = ticket.fields, ticket.touched_at
    if since is None or fields.get("status") in preset.DONE:
        return None
    if trigger.stage and fields.get("stage") != trigger.stage:
        return None
    if not trigger.when.matches(fields):
        return None
    calendar = _calendar(path, fields, since, versions)
    if trigger.basis is Basis.BUSINESS and calendar is not None:
        return calendar.add(since, trigger.wait)
    return since + trigger.wait


def _calendar(
    path: EscalationPath, fields: Mapping[str, Any], at: dt.datetime, versions: Versions
) -> Calendar | None:
    if path.calendar is None:
        return None
    key = versions.calendar_of(path.calendar, fields, at)
    return versions.calendar_at(key, at).calendar if key else None


def _steps(
    ticket: Ticket, one: Escalation, path: EscalationPath, versions: Versions
) -> Iterator[Planned]:
    clock = ticket.clock(one.clock) if one.clock else None
    calendar = _calendar(path, ticket.fields, one.begun_at, versions)
    return escalation.steps(one, path, clock, calendar)


def _by_branch(found: tuple[Planned, ...]) -> dict[str, list[Planned]]:
    made: dict[str, list[Planned]] = {}
    for planned in found:
        if isinstance(planned.what, Step):
            made.setdefault(planned.what.branch, []).append(planned)
    return made


def _levels(found: tuple[Planned, ...]) -> tuple[tuple[str, str], ...]:
    """Return the last level of each branch that had come when somebody acknowledged."""
    last: dict[str, str] = {}
    for planned in found:
        if isinstance(planned.what, Step):
            last[planned.what.branch] = planned.what.level
    return tuple(last.items())
