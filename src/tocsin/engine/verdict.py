"""Verdicts: whether a promise was kept, once that is decided."""

import datetime as dt
from enum import StrEnum

from tocsin.engine.clock import NOTHING, Clock, State
from tocsin.engine.definition import Judge


class Verdict(StrEnum):
    """What became of a promise. Only met and breached are decided and count for compliance."""

    MET = "met"
    BREACHED = "breached"
    OPEN = "open"
    NONE = "none"  # cancelled or replaced: another clock, or none, answers for the promise


def of(clock: Clock, *, now: dt.datetime) -> Verdict:
    """Return the verdict on a clock: met if and only if it stopped at or before its due.

    Judged by the worst due, a due that was missed stays missed when a later change moves it; by
    the final due, only the last one counts. A clock still live is breached once its due has passed.
    """
    missed = _missed(clock, now)
    if clock.state in (State.CANCELLED, State.REPLACED):
        # What was missed before stays on record; otherwise there is nothing to judge.
        return Verdict.BREACHED if missed and clock.state is State.REPLACED else Verdict.NONE
    if missed:
        return Verdict.BREACHED
    return Verdict.MET if clock.state is State.STOPPED else Verdict.OPEN


def _missed(clock: Clock, now: dt.datetime) -> bool:
    if clock.terms.definition.judge is Judge.WORST and clock.standing:
        return True
    end = clock.stopped_at or now
    if clock.due is not None:
        return end > clock.due
    if clock.counts_length:
        # Paused to the end: the time used decides.
        return clock.terms.row.target.length - clock.used_at(end) < NOTHING
    return bool(clock.standing)


def rescued(clock: Clock, *, now: dt.datetime) -> bool:
    """Say whether a promise was kept that would have been missed without the clock's pauses."""
    if of(clock, now=now) is not Verdict.MET or not clock.paused_open:
        return False
    target = clock.terms.row.target
    if clock.counts_length:
        return clock.used + clock.paused_open > target.length
    due = target.due(clock.anchor, clock.calendar.calendar)
    return due is not None and clock.stopped_at is not None and clock.stopped_at > due


def decided_at(clock: Clock, *, now: dt.datetime) -> dt.datetime | None:
    """Return the instant that places a verdict in a period: a met clock's stop, a missed due."""
    match of(clock, now=now):
        case Verdict.MET:
            return clock.stopped_at
        case Verdict.BREACHED:
            last = clock.standing[-1].due if clock.standing else clock.due
            return last or clock.stopped_at
        case _:
            return None
