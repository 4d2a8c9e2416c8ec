"""Explain: why a clock is due when it is, as a strip of segments, a sentence, and JSON."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.engine import duration, verdict
from tocsin.engine.clock import Breach, Clock, State
from tocsin.engine.instant import EPOCH
from tocsin.engine.zone import Zone

_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Strip:
    """One stretch of a clock: what state, from which event, by which versions, for how long."""

    state: str
    start: dt.datetime
    end: dt.datetime
    event: str
    reason: str
    policy: str
    calendar: str
    used: dt.timedelta

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; instants in UTC, open time in seconds."""
        return {
            "state": self.state,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "event": self.event,
            "reason": self.reason,
            "policy": self.policy,
            "calendar": self.calendar,
            "seconds": _seconds(self.used),
        }


def strips(clock: Clock, *, now: dt.datetime) -> list[Strip]:
    """Return the clock's segments up to `now`, or its end, without empty ones."""
    found: list[Strip] = []
    for segment in clock.segments:
        end = segment.end or max(now, segment.start)
        if end == segment.start and segment is not clock.segments[-1]:
            continue
        used = segment.used
        if segment.end is None and segment.state is State.RUNNING:
            used = segment.calendar.calendar.between(segment.start, end)
        found.append(
            Strip(
                state=segment.state.value,
                start=segment.start,
                end=end,
                event=segment.event,
                reason=segment.reason,
                policy=segment.terms.ref,
                calendar=segment.calendar.ref,
                used=used,
            )
        )
    return found


def sentence(clock: Clock, *, now: dt.datetime) -> str:
    """Return one sentence that says what is due when, and out of what that comes."""
    name, row = clock.terms.definition.key, clock.terms.row
    zone = clock.calendar.calendar.zone
    began = local(clock.anchor, zone)
    promise = f"{name}: {row.target} for {row.label} by calendar {clock.calendar.ref} from {began}"
    if clock.paused_open:
        promise += f", not counting {duration.text(clock.paused_open)} of pauses"
    used = duration.text(clock.used_at(clock.stopped_at or now))
    return f"{promise}; {_state(clock, used, zone)}{_missed(clock, zone)}."


def _state(clock: Clock, used: str, zone: Zone) -> str:
    match clock.state:
        case State.PAUSED:
            remaining = clock.remaining_at(clock.since)
            left = f", {duration.text(remaining)} left" if remaining is not None else ""
            return f"paused since {local(clock.since, zone)} with {used} used{left}"
        case State.RUNNING:
            due = f"due {local(clock.due, zone)}" if clock.due else f"no due: {clock.undue}"
            return f"{due}, {used} used"
    when = local(clock.stopped_at, zone) if clock.stopped_at else "never"
    due = f"due {local(clock.due, zone)}, " if clock.due else ""
    return f"{due}{clock.outcome} {when} with {used} used"


def _missed(clock: Clock, zone: Zone) -> str:
    if not clock.standing:
        return ""
    last = clock.standing[-1]
    over = ""
    if clock.stopped_at:
        open_time, wall_time = clock.overrun_at(clock.stopped_at)
        if wall_time:
            over = (
                f", over by {duration.text(open_time)} of open time "
                f"({duration.text(wall_time)} by the wall clock)"
            )
    why = "" if last.breached_at == last.due else f" because of a change ({last.cause})"
    return f"; breached {local(last.breached_at, zone)}{why}{over}"


def local(at: dt.datetime, zone: Zone) -> str:
    """Return an instant as local time with its offset and zone: a time without one misleads."""
    offset = dt.timedelta(seconds=zone.offset_at((at - EPOCH) // _SECOND))
    shown = at.astimezone(dt.timezone(offset))
    return f"{shown:%a} {shown.isoformat(sep=' ')} {zone.name}"


def minute(at: dt.datetime, zone: Zone) -> str:
    """Return an instant as local time to the minute, with its offset, for narrow tables."""
    offset = dt.timedelta(seconds=zone.offset_at((at - EPOCH) // _SECOND))
    return at.astimezone(dt.timezone(offset)).isoformat(sep=" ", timespec="minutes")


def explanation(clock: Clock, *, now: dt.datetime) -> Mapping[str, Any]:
    """Return all that explains a clock, as plain data for JSON; seconds are open time."""
    remaining = clock.remaining_at(clock.stopped_at or now)
    open_over, wall_over = clock.overrun_at(now)
    return {
        "clock": clock.id,
        "state": clock.state.value,
        "verdict": verdict.of(clock, now=now).value,
        "sentence": sentence(clock, now=now),
        "policy": clock.terms.ref,
        "rule": str(clock.terms.row.when),
        "target": clock.terms.row.target.to_dict(),
        "calendar": clock.calendar.ref,
        "calendar_digest": clock.calendar.calendar.digest,
        "started_at": clock.started_at.isoformat(),
        "due": None if clock.due is None else clock.due.isoformat(),
        "no_due_because": clock.undue or None,
        "stopped_at": None if clock.stopped_at is None else clock.stopped_at.isoformat(),
        "outcome": clock.outcome or None,
        "used_seconds": _seconds(clock.used_at(clock.stopped_at or now)),
        "remaining_seconds": None if remaining is None else _seconds(remaining),
        "overrun_seconds": {"open": _seconds(open_over), "wall": _seconds(wall_over)},
        "segments": [strip.to_dict() for strip in strips(clock, now=now)],
        "breaches": [_breach(breach) for breach in clock.breaches],
    }


def _breach(breach: Breach) -> dict[str, Any]:
    return {
        "due": breach.due.isoformat(),
        "breached_at": breach.breached_at.isoformat(),
        "cause": breach.cause.value,
        "policy": breach.terms.ref,
        "superseded_by": breach.superseded_by,
    }


def _seconds(length: dt.timedelta) -> float | int:
    """Return a length in seconds, whole ones as whole numbers."""
    whole, rest = divmod(length, _SECOND)
    return whole if not rest else length.total_seconds()
