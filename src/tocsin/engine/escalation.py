"""Escalations that run on a ticket: what the facts make of them, and which steps lie ahead."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine import schedule
from tocsin.engine.alert import Basis
from tocsin.engine.calendar import Calendar
from tocsin.engine.clock import Clock
from tocsin.engine.effect import Deed, Key
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.path import EscalationPath, Step, Stop
from tocsin.engine.schedule import Planned
from tocsin.engine.value import replace

BY_HAND = "manual"
# What a person does to a ticket; looking is none of it.
TOUCHES = frozenset(
    {
        *(Kind.AGENT_MESSAGE, Kind.NOTE, Kind.ASSIGNEE, Kind.TEAM),
        *(Kind.STAGE, Kind.STATUS, Kind.PRIORITY, Kind.FIELD),
    }
)


@dataclass(frozen=True)
class Escalation:
    """A path that began on a ticket. It goes by one version of the path, whatever comes later.

    `base` is the instant from which its steps are planned: its beginning, or when a level was
    called again (then `levels` are the first ones, by branch, and `calls` counts). `skipped` are
    steps that found nobody, `deferred` those that wait for a shift, by name and call.
    """

    id: str
    number: int
    path: str
    version: int
    trigger: str
    begun_at: dt.datetime
    base: dt.datetime
    clock: str = ""
    reason: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    calls: int = 0
    acknowledged_at: dt.datetime | None = None
    acknowledged_by: str = ""
    ended_at: dt.datetime | None = None
    ended: str = ""
    skipped: frozenset[str] = frozenset()
    deferred: Mapping[str, dt.datetime] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether steps may still come."""
        return self.ended_at is None


def touches(event: Event) -> bool:
    """Say whether a fact is a touch: something that a person of the owning team did."""
    by_person = event.side is Side.AGENT and event.kind in TOUCHES
    return by_person and event.payload.get("outside") is not True


def named(name: str, calls: int, turn: int) -> str:
    """Return what a step is called in its escalation: again after a call, again in each round."""
    return f"{name}{f' call {calls + 1}' if calls else ''}{f' round {turn + 1}' if turn else ''}"


# ------------------------------------------------------------------------------ what facts do


def begun(known: tuple[Escalation, ...], event: Event) -> Escalation:
    """Return the escalation that a fact begins."""
    told = event.payload
    path, at = str(told["path"]), _instant(told["at"])
    nth = sum(one.path == path for one in known) + 1
    return Escalation(
        id=f"path/{path}#{nth}",
        number=len(known) + 1,
        path=path,
        version=int(told["version"]),
        trigger=str(told["trigger"]),
        begun_at=at,
        base=at,
        clock=str(told.get("clock") or ""),
        reason=str(told.get("reason") or ""),
    )


def changed(one: Escalation, event: Event) -> Escalation:
    """Return an escalation after a fact of its own."""
    told = event.payload
    match told["did"]:
        case "ended":
            return ended(one, event, "by hand")
        case "version":
            return replace(one, version=int(told["version"]))
        case "called":
            return replace(
                one,
                base=_instant(told["at"]),
                levels={str(k): str(v) for k, v in told["levels"].items()},
                calls=one.calls + 1,
                acknowledged_at=None,
                acknowledged_by="",
            )
        case "skipped":
            return replace(one, skipped=one.skipped | {str(told["step"])})
        case "deferred":
            later = {str(told["step"]): _instant(told["until"])}
            return replace(one, deferred={**one.deferred, **later})
    return one


def ended(one: Escalation, event: Event, why: str) -> Escalation:
    """Return an escalation that a fact has ended."""
    return replace(one, ended_at=event.effective_at, ended=why)


def told(
    one: Escalation, event: Event, path: EscalationPath, *, gone: bool, done: bool
) -> Escalation:
    """Return a running escalation after a fact of the ticket that may end it."""
    stop = path.stop
    if gone or (done and Stop.RESOLVED in stop):
        return ended(one, event, Stop.RESOLVED.value)
    match event.kind:
        case Kind.ACKNOWLEDGEMENT if Stop.ACKNOWLEDGED in stop or path.within is not None:
            return _acknowledged(one, event, path)
        case Kind.AGENT_MESSAGE if event.side is Side.AGENT and Stop.ANSWERED in stop:
            return ended(one, event, Stop.ANSWERED.value)
        case Kind.STAGE if event.side is Side.AGENT and Stop.MOVED in stop:
            return ended(one, event, Stop.MOVED.value)
    if one.acknowledged_at is not None and touches(event):
        # Somebody is at it: that is what was asked for.
        return ended(one, event, Stop.ACKNOWLEDGED.value)
    return one


def _acknowledged(one: Escalation, event: Event, path: EscalationPath) -> Escalation:
    known = replace(one, acknowledged_by=event.actor, acknowledged_at=event.effective_at)
    if path.within is None:
        return ended(known, event, Stop.ACKNOWLEDGED.value)
    return one if one.acknowledged_at is not None else known


def _instant(value: Any) -> dt.datetime:
    return dt.datetime.fromisoformat(str(value)).astimezone(dt.UTC)


# ------------------------------------------------------------------------------- what lies ahead


def steps(
    one: Escalation, path: EscalationPath, clock: Clock | None, calendar: Calendar | None
) -> Iterator[Planned]:
    """Yield the steps of a running escalation, those of the past included, branch by branch.

    Each is planned from the planned instant of the one before. Open time is that of the live
    `clock` that it began with, or else of the `calendar`. From an acknowledgement on nothing comes.
    """
    if not one.running:
        return
    hours = _Hours(clock, calendar)
    for name, branch in path.branches().items():
        levels = [step.level for step in branch]
        level = one.levels.get(name)
        first = levels.index(level) if level in levels else 0
        yield from _branch(one, path, branch[first:], branch, hours)


@dataclass(frozen=True, slots=True)
class _Hours:
    """What open time is counted by: the live clock that it began with, or a calendar."""

    clock: Clock | None
    calendar: Calendar | None

    def after(self, planned: dt.datetime, step: Step) -> dt.datetime | None:
        """Return when a step comes that waits from the planned instant on."""
        if self.clock is not None and (self.calendar is None or step.basis is Basis.WALL):
            return schedule.after(self.clock, planned, step.wait, step.basis)
        if not step.wait or step.basis is Basis.WALL or self.calendar is None:
            return planned + step.wait
        return self.calendar.add(planned, step.wait)


def _branch(
    one: Escalation,
    path: EscalationPath,
    first: tuple[Step, ...],
    whole: tuple[Step, ...],
    hours: _Hours,
) -> Iterator[Planned]:
    """Yield the steps of a branch: of the first round those that are left, then all of them."""
    planned, free = one.base, one.calls > 0
    for turn in range(1 + (path.repeat.times if path.repeat else 0)):
        for k, step in enumerate(whole if turn else first):
            if turn and k == 0 and path.repeat is not None:
                found: dt.datetime | None = planned + path.repeat.every
            else:
                found = planned if free else hours.after(planned, step)
            if found is None or (one.acknowledged_at is not None and found >= one.acknowledged_at):
                return
            name = named(step.name, one.calls, turn)
            planned, free = found, name in one.skipped
            yield _planned(one, step, name, planned)
            if name in one.deferred:
                planned = max(planned, one.deferred[name])
                yield _planned(one, step, f"{name} deferred", planned)


def _planned(one: Escalation, step: Step, name: str, at: dt.datetime) -> Planned:
    key = Key(Deed.ESCALATE, one.id, f"{one.path}/{name}", schedule.mark(one.begun_at))
    return Planned(key, at, at, at, step)


def resumes(one: Escalation, path: EscalationPath) -> dt.datetime | None:
    """Return when the level is called again because who acknowledged did nothing, or None."""
    if not one.running or one.acknowledged_at is None or path.within is None:
        return None
    return one.acknowledged_at + path.within
