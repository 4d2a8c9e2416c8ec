"""What lies ahead of a clock: the planned instants of its alerts, its breach and its levels."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.engine.alert import Alert, Basis
from tocsin.engine.clock import NOTHING, Breach, Clock, State
from tocsin.engine.effect import Deed, Key
from tocsin.engine.path import Step

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
_IMMINENT = dt.timedelta(minutes=5)
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing that a clock will do at an instant if nothing changes.

    `at` is when it is acted upon, `planned_at` what is recorded: a breach is recorded at its due
    but exists only an instant later, since a stop at the due itself is still in time. `raw` is
    where a threshold would lie by arithmetic alone, before the clock was there to see it.
    """

    key: Key
    at: dt.datetime
    planned_at: dt.datetime
    raw: dt.datetime
    what: Alert | Step | Breach


def mark(at: dt.datetime) -> str:
    """Return an instant as exact text for a key."""
    return str((at - _EPOCH) // MICROSECOND)


def breach_key(clock: Clock, breach: Breach) -> Key:
    """Return the key under which a breach is recorded: its due, and the change if that made it."""
    made = "" if breach.breached_at == breach.due else f"/{mark(breach.breached_at)}"
    return Key(Deed.BREACH, clock.id, "due", mark(breach.due) + made)


def ahead(clock: Clock, acknowledged: tuple[dt.datetime, ...] = ()) -> Iterator[Planned]:
    """Yield all that the clock plans, past instants included, in no particular order.

    What was `acknowledged` after an alert is not told again.
    """
    for breach in clock.standing:
        yield _breach(clock, breach)
    if clock.state is State.RUNNING and clock.due is not None:
        coming = Breach(clock.due, clock.due, clock.cause, clock.terms)
        if all(breach.due != clock.due for breach in clock.standing):
            yield _breach(clock, coming)
    if clock.live:
        for alert in clock.terms.definition.alerts:
            planned = threshold(clock, alert)
            if planned is not None:
                yield planned
                yield from _again(planned, alert, acknowledged)


def threshold(clock: Clock, alert: Alert) -> Planned | None:
    """Return where an alert of a live clock lies, or None while it lies nowhere."""
    return _before(clock, alert) if alert.before else _after(clock, alert)


def _again(
    planned: Planned, alert: Alert, acknowledged: tuple[dt.datetime, ...]
) -> Iterator[Planned]:
    """Yield the times at which an alert is told again, until somebody acknowledges it."""
    if alert.repeat is None:
        return
    for k in range(1, alert.repeat.times + 1):
        at = _later(planned.at, alert.repeat.every * k)
        if at is None or any(planned.at <= seen <= at for seen in acknowledged):
            return
        key = planned.key._replace(mark=f"{planned.key.mark}+{k}")
        yield Planned(key, at, at, at, alert)


def _breach(clock: Clock, breach: Breach) -> Planned:
    past = breach.breached_at > breach.due
    acted_at = breach.breached_at if past else breach.due + MICROSECOND
    return Planned(breach_key(clock, breach), acted_at, breach.breached_at, breach.due, breach)


def _offset(clock: Clock, alert: Alert, due: dt.datetime) -> dt.timedelta:
    if alert.share is None:
        return alert.offset
    # A share of a promise that counts days is a share of the open time it came to.
    return alert.offset_for(_open_target(clock, due))


def _key(clock: Clock, alert: Alert, due: dt.datetime, offset: dt.timedelta) -> Key:
    armed = mark(due)
    if alert.basis is Basis.BUSINESS and clock.counts_length:
        armed = str((clock.terms.row.target.length + offset) // MICROSECOND)
    return Key(Deed.WARN, clock.id, f"{alert.name}/{clock.round}", armed)


def _before(clock: Clock, alert: Alert) -> Planned | None:
    """Plan a warning; nothing while the clock is paused or has no due."""
    due = clock.due
    if due is None:
        return None
    offset = _offset(clock, alert, due)
    if alert.basis is Basis.BUSINESS:
        raw = clock.calendar.calendar.subtract(due, -offset) or _LONG_AGO
    else:
        raw = _later(due, offset) or _LONG_AGO
    at = max(raw, clock.armed_at)
    return Planned(_key(clock, alert, due, offset), at, at, raw, alert)


def _after(clock: Clock, alert: Alert) -> Planned | None:
    """Plan an alert that follows the due; in wall time it comes even while the clock is paused."""
    due, missed = clock.present_due(), clock.missed()
    if due is None:
        return None
    offset = _offset(clock, alert, due)
    if alert.basis is Basis.WALL:
        at = _later(due, offset)
    else:
        at = clock.reaches(clock.used_at(due) + offset)
    if at is None:
        return None
    at = max(at, missed.breached_at if missed else at)
    return Planned(_key(clock, alert, due, offset), at, at, at, alert)


@dataclass(frozen=True, slots=True)
class Margins:
    """How close to its due a clock is shown as at risk (`warn`) and as imminent (`crit`).

    Both are open time left. `warn_at` is the instant from which a running clock with a due is at
    risk, otherwise None.
    """

    warn: dt.timedelta
    crit: dt.timedelta
    warn_at: dt.datetime | None


def margins(clock: Clock) -> Margins:
    """Return the margins: at risk from the policy's first alert before the due, or the last 25 %.

    Imminent is the last 10 % of the target, and five minutes at most.
    """
    calendar, due = clock.calendar.calendar, clock.due
    target = _open_target(clock, due)
    warn, warn_at = target / 4, None
    before = [alert for alert in clock.terms.definition.alerts if alert.before]
    if before:
        warn = max(_open(clock, alert, target) for alert in before)
    if due is not None and clock.state is State.RUNNING:
        # A length of zero fits from the due itself.
        warn_at = calendar.subtract(due, warn) or _LONG_AGO
    return Margins(warn, min(target / 10, _IMMINENT), warn_at)


def _open_target(clock: Clock, due: dt.datetime | None) -> dt.timedelta:
    """Return the target in open time; of one that counts days what it came to at its start."""
    target, calendar = clock.terms.row.target, clock.calendar.calendar
    if clock.counts_length:
        return target.length
    promised = target.due(clock.anchor, calendar) or due
    return NOTHING if promised is None else max(calendar.between(clock.anchor, promised), NOTHING)


def _open(clock: Clock, alert: Alert, target: dt.timedelta) -> dt.timedelta:
    """Return the open time between an alert and the due that it warns of."""
    offset = alert.offset_for(target)
    if alert.basis is Basis.WALL and clock.due is not None:
        begin = _later(clock.due, offset)
        return -offset if begin is None else clock.calendar.calendar.between(begin, clock.due)
    return -offset


def levels(clock: Clock, acknowledged: tuple[dt.datetime, ...]) -> Iterator[Planned]:
    """Yield the steps of the clock's path, each planned from the planned instant before it.

    They begin when the present due is missed and end when the clock does, or when somebody has
    acknowledged. Waits in open time stand still while the clock is paused.
    """
    path = clock.terms.definition.path
    if path is None or not clock.live:
        return
    due, missed = clock.present_due(), clock.missed()
    if due is None:
        return
    begun = missed.breached_at if missed else due
    for steps in path.branches().values():
        planned = begun
        for step in steps:
            found = after(clock, planned, step.wait, step.basis)
            if found is None or any(begun <= at <= found for at in acknowledged):
                break
            planned = found
            key = Key(Deed.ESCALATE, clock.id, f"{path.ref}/{step.name}", mark(due))
            # A level without a wait follows the breach, which exists an instant after the due.
            yield Planned(key, max(planned, due + MICROSECOND), planned, planned, step)


def after(
    clock: Clock, planned: dt.datetime, wait: dt.timedelta, basis: Basis
) -> dt.datetime | None:
    """Return the instant that much time later: of the wall clock, or open time of a live clock."""
    if wait == NOTHING:
        return planned
    if basis is Basis.WALL:
        return _later(planned, wait)
    if clock.due is not None and planned >= clock.since:
        return clock.calendar.calendar.add(planned, wait)
    return clock.reaches(clock.used_at(planned) + wait)


def _later(at: dt.datetime, length: dt.timedelta) -> dt.datetime | None:
    """Return the instant that much wall time later, or None outside of what dates can say."""
    try:
        return at + length
    except OverflowError:
        return None
