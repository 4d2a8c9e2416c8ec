"""How clocks move: every transition takes a clock and a fact and returns the clock after it."""

import dataclasses
import datetime as dt
from itertools import takewhile

from tocsin.engine.clock import NOTHING, SHELVED, Breach, Cause, Clock, Segment, State
from tocsin.engine.definition import Carry, Change, Reopen
from tocsin.engine.event import Event
from tocsin.engine.policy import Terms
from tocsin.engine.target import Form, Target
from tocsin.engine.value import replace
from tocsin.engine.version import CalendarVersion

_SOON = dt.timedelta(days=366)
UNSCHEDULABLE = "the calendar has no open hour in the next 366 days"
BEYOND = "the due would be past the year 9999"
OVER_BUDGET = "the pauses are used up"


def started(cycle: int, terms: Terms, calendar: CalendarVersion, event: Event) -> Clock:
    """Return a new running clock."""
    at = event.effective_at
    clock = Clock(
        ticket=event.ticket,
        cycle=cycle,
        state=State.RUNNING,
        terms=terms,
        calendar=calendar,
        anchor=at,
        since=at,
        armed_at=at,
        segments=(Segment(State.RUNNING, at, None, event.key, "started", terms, calendar),),
    )
    return _due(clock)


def elapses(clock: Clock, at: dt.datetime) -> bool:
    """Say whether time alone may have done something to the clock by `at`."""
    if clock.state is State.RUNNING:
        return clock.due is not None and clock.due < at
    return clock.state is State.PAUSED and clock.terms.definition.pauses.budget is not None


def elapsed(clock: Clock, at: dt.datetime) -> Clock:
    """Return the clock with what time alone has done by `at`.

    That is its breach on record if its due lies before `at`, and a pause that has used up its
    budget ended where it did.
    """
    ends = clock.budget_ends()
    if ends is not None and ends <= at:
        last = clock.segments[-1]
        begun = replace(last, state=State.RUNNING, start=ends, reason=OVER_BUDGET)
        clock = _due(replace(_begun(clock, begun), state=State.RUNNING, armed_at=ends))
    due = clock.due
    if due is None or due >= at or clock.state is not State.RUNNING:
        return clock
    return _breached(clock, due)


def paused(clock: Clock, event: Event, reason: str) -> Clock:
    """Return the clock paused; paused already, with a new segment if the reason is another."""
    if clock.state is State.PAUSED and clock.segments[-1].reason == reason:
        return clock
    if clock.state is State.RUNNING:
        clock = elapsed(clock, event.effective_at)
        budget = clock.terms.definition.pauses.budget
        if budget is not None and clock.paused_open >= budget:
            return clock
    clock = _cut(clock, event, State.PAUSED, reason)
    return replace(clock, state=State.PAUSED, due=None, undue="paused")


def resumed(clock: Clock, event: Event) -> Clock:
    """Return the clock running again, with the time it had left."""
    clock = _cut(clock, event, State.RUNNING, "resumed")
    return _due(replace(clock, state=State.RUNNING, armed_at=event.effective_at))


def stopped(clock: Clock, event: Event, reason: str) -> Clock:
    """Return the clock stopped; of a paused one the pause ends uncounted."""
    at = event.effective_at
    clock = _ended(elapsed(clock, at), at)
    return replace(clock, state=State.STOPPED, stopped_at=at, outcome=reason, undue="")


def cancelled(clock: Clock, event: Event, reason: str) -> Clock:
    """Return the clock cancelled: out of all statistics, whatever it had missed on record."""
    at = event.effective_at
    clock = _ended(elapsed(clock, at), at)
    return replace(clock, state=State.CANCELLED, stopped_at=at, outcome=reason, due=None, undue="")


def restarted(clock: Clock, event: Event, cause: Cause) -> Clock:
    """Return the clock counting from zero in the same cycle."""
    at = event.effective_at
    clock = _cut(elapsed(clock, at), event, clock.state, "restarted")
    return _due(
        replace(
            clock,
            anchor=at,
            armed_at=at,
            used=NOTHING,
            paused_open=NOTHING,
            round=clock.round + 1,
            cause=cause,
        )
    )


def reopened(clock: Clock, event: Event, mode: Reopen, calendar: CalendarVersion) -> Clock:
    """Return a stopped clock live again by `calendar`: resumed, restarted or from creation."""
    at = event.effective_at
    stopped_at = clock.stopped_at or at
    standing = Segment(
        State.STOPPED, stopped_at, at, event.key, "stopped", clock.terms, clock.calendar
    )
    if mode is Reopen.FROM_CREATION:
        used = clock.calendar.calendar.between(stopped_at, at)
        standing = replace(standing, state=State.RUNNING, reason="counted from creation", used=used)
        clock = replace(clock, used=clock.used + used)
    running = Segment(State.RUNNING, at, None, event.key, "reopened", clock.terms, calendar)
    clock = replace(
        clock,
        state=State.RUNNING,
        calendar=calendar,
        stopped_at=None,
        outcome="",
        due=None,
        since=at,
        armed_at=at,
        cause=Cause.REOPENED,
        segments=(*clock.segments, standing, running),
    )
    if mode is Reopen.RESTART:
        return restarted(clock, event, Cause.REOPENED)
    if not clock.counts_length and mode is Reopen.RESUME:
        open_time = standing.calendar.calendar.between(stopped_at, at)
        clock = replace(clock, paused_open=clock.paused_open + open_time)
    return _settled(_due(clock), at)


def reclassified(clock: Clock, event: Event, terms: Terms, calendar: CalendarVersion) -> Clock:
    """Return the clock under another row of its policy, by the policy's mode for that."""
    if terms.definition.on_priority is Change.KEEP:
        return clock
    clock = replace(clock, base=None)
    return _retermed(clock, event, terms, calendar, cause=Cause.RECLASSIFIED)


def replaced(
    clock: Clock, event: Event, terms: Terms, calendar: CalendarVersion
) -> tuple[Clock, Clock]:
    """Return the clock ended because another policy took over, and the clock that follows it."""
    if terms.definition.on_policy is Change.KEEP:
        return clock, clock
    at = event.effective_at
    clock = elapsed(clock, at)
    # What this policy's due was, the next one does not answer for.
    follower = replace(clock, link=clock.link + 1, breaches=(), due=None, base=None)
    follower = _retermed(follower, event, terms, calendar, cause=Cause.POLICY)
    old = replace(
        _ended(clock, at),
        state=State.REPLACED,
        stopped_at=at,
        outcome=f"replaced by {terms.ref}",
    )
    return old, follower


def overridden(clock: Clock, event: Event, due: dt.datetime) -> Clock:
    """Return a live clock with a due that somebody decided on, by the clock's own hours.

    What the policies gave stays in `base`: the override holds until they give something else.
    """
    at = event.effective_at
    clock = _cut(elapsed(clock, at), event, clock.state, Cause.OVERRIDE.value)
    length = max(clock.used + clock.calendar.calendar.between(at, due), NOTHING)
    row = dataclasses.replace(clock.terms.row, target=Target(Form.LENGTH, length=length))
    terms, base = dataclasses.replace(clock.terms, row=row), clock.base or clock.terms
    last = replace(clock.segments[-1], terms=terms)
    clock = replace(clock, terms=terms, base=base, segments=(*clock.segments[:-1], last))
    return _settled(_due(replace(clock, armed_at=at, cause=Cause.OVERRIDE)), at)


def ended(clock: Clock, event: Event, reason: str, *, answered: bool) -> Clock:
    """Return the clock of a ticket that was merged into another one, over there.

    What it had missed stays on record, unless a clock over there answers for it as well.
    """
    at = event.effective_at
    if clock.live:
        clock = replace(
            _ended(elapsed(clock, at), at),
            state=State.REPLACED,
            stopped_at=at,
            outcome=reason,
            due=None,
            undue="",
        )
    if not answered:
        return clock
    breaches = tuple(
        replace(breach, superseded_by=breach.superseded_by or event.key)
        for breach in clock.breaches
    )
    return replace(clock, state=State.CANCELLED, outcome=reason, due=None, breaches=breaches)


def shelved(clock: Clock, event: Event, reason: str) -> Clock:
    """Return a clock out of all statistics, live or stopped."""
    if clock.live:
        return cancelled(clock, event, reason)
    if clock.state is State.STOPPED:
        return replace(clock, state=State.CANCELLED, outcome=reason, due=None)
    return clock


def aside(clock: Clock, event: Event) -> Clock:
    """Return a clock that stands still, which is no pause; from creation, one that goes on."""
    if not clock.live or clock.terms.definition.on_reopen is Reopen.FROM_CREATION:
        return clock
    clock = _cut(elapsed(clock, event.effective_at), event, State.PAUSED, SHELVED)
    return replace(clock, state=State.PAUSED, due=None, undue="paused")


def restored(clock: Clock, event: Event) -> Clock:
    """Return a clock that was put aside as it was before."""
    if not clock.live or clock.terms.definition.on_reopen is Reopen.FROM_CREATION:
        return clock
    before = next(s for s in reversed(clock.segments) if s.reason != SHELVED)
    waits = before.state is State.PAUSED
    clock = _cut(clock, event, before.state, before.reason if waits else "restored")
    aside = takewhile(lambda segment: segment.reason == SHELVED, clock.segments[-2::-1])
    stood = sum((s.calendar.calendar.between(s.start, s.end or s.start) for s in aside), NOTHING)
    clock = replace(clock, paused_open=clock.paused_open - stood, state=before.state)
    return _due(replace(clock, armed_at=event.effective_at))


def recalendared(clock: Clock, event: Event, calendar: CalendarVersion, *, restate: bool) -> Clock:
    """Return the clock under another version of its calendar.

    By default only the time from `at` on counts by it. With `restate` all of the clock's time
    does, and breaches that it would not have had are superseded.
    """
    at = event.effective_at
    reason = SHELVED if clock.segments[-1].reason == SHELVED else "calendar changed"
    clock = _cut(elapsed(clock, at), event, clock.state, reason)
    clock = _with_calendar(clock, calendar)
    if restate:
        return _restated(clock, event, calendar, until=at)
    return _settled(_due(replace(clock, armed_at=at, cause=Cause.CALENDAR)), at)


def restated(clock: Clock, event: Event, calendar: CalendarVersion) -> Clock:
    """Return a stopped clock as it would have ended by another version of its calendar."""
    stopped_at, last = clock.stopped_at or event.effective_at, clock.segments[-1]
    ran = last.state is State.RUNNING
    waited = clock.calendar.calendar.between(last.start, stopped_at)
    live = replace(
        clock,
        state=last.state,
        since=last.start,
        used=clock.used - last.used,
        paused_open=clock.paused_open - (NOTHING if ran else waited),
        segments=(*clock.segments[:-1], replace(last, end=None, used=NOTHING)),
    )
    live = _restated(_with_calendar(live, calendar), event, calendar, until=stopped_at)
    return replace(_ended(live, stopped_at), state=State.STOPPED)


def _restated(
    clock: Clock, event: Event, calendar: CalendarVersion, *, until: dt.datetime
) -> Clock:
    """Return a live clock with its past measured anew, and breaches as that shows them."""
    clock = _remeasured(clock, calendar, only=calendar.key)
    clock = _due(replace(clock, armed_at=event.effective_at, cause=Cause.CALENDAR))
    breaches = tuple(_rejudged(clock, breach, event) for breach in clock.breaches)
    return _settled(replace(clock, breaches=breaches), until)


def _rejudged(clock: Clock, breach: Breach, event: Event) -> Breach:
    """Return a breach as the clock's segments show it now: it stands, or is superseded.

    One from before a restart, or by terms that the clock never had as it is judged now, is not of
    the time that was measured anew: it stays.
    """
    calendars = [s.calendar for s in clock.segments if s.terms == breach.terms]
    if breach.due < clock.anchor or not calendars:
        return breach
    seen = replace(clock, terms=breach.terms, calendar=calendars[-1])
    stands = seen.falls_due() == breach.due
    return replace(breach, superseded_by=None if stands else breach.superseded_by or event.key)


def _retermed(
    clock: Clock, event: Event, terms: Terms, calendar: CalendarVersion, *, cause: Cause
) -> Clock:
    at = event.effective_at
    clock = _cut(elapsed(clock, at), event, clock.state, cause.value, terms)
    clock = _with_calendar(replace(clock, terms=terms), calendar)
    definition = terms.definition
    mode = definition.on_policy if cause is Cause.POLICY else definition.on_priority
    if mode is Change.RESTART:
        return restarted(clock, event, cause)
    if terms.definition.carry is Carry.RETROACTIVE:
        clock = _remeasured(clock, calendar)
    return _settled(_due(replace(clock, armed_at=at, cause=cause)), at)


def _with_calendar(clock: Clock, calendar: CalendarVersion) -> Clock:
    last = replace(clock.segments[-1], calendar=calendar)
    return replace(clock, calendar=calendar, segments=(*clock.segments[:-1], last))


def _remeasured(clock: Clock, calendar: CalendarVersion, *, only: str = "") -> Clock:
    """Return the clock with its running time since the anchor measured by `calendar`.

    All of it, or what versions of the calendar `only` had measured.
    """
    segments = tuple(
        replace(
            segment,
            calendar=calendar,
            used=calendar.calendar.between(segment.start, segment.end or segment.start),
        )
        if segment.state is State.RUNNING
        and segment.start >= clock.anchor
        and only in ("", segment.calendar.key)
        else segment
        for segment in clock.segments
    )
    counted = [s.used for s in segments if s.state is State.RUNNING and s.start >= clock.anchor]
    return replace(clock, segments=segments, used=sum(counted, NOTHING))


def _settled(clock: Clock, at: dt.datetime) -> Clock:
    """Return the clock with a breach on record if a change at `at` moved its due into the past.

    A paused clock has no due, but a smaller target can be used up before it resumes.
    """
    due = clock.present_due()
    return _breached(clock, due) if due is not None and due < at else clock


def _breached(clock: Clock, due: dt.datetime) -> Clock:
    if any(breach.due == due for breach in clock.standing):
        return clock
    moved = due < clock.armed_at
    breach = Breach(
        due=due,
        breached_at=clock.armed_at if moved else due,
        cause=clock.cause if moved else Cause.TIME,
        terms=clock.terms,
    )
    return replace(clock, breaches=(*clock.breaches, breach))


def _ended(clock: Clock, at: dt.datetime) -> Clock:
    """Return the clock with its last segment ended and its time added up."""
    last = clock.segments[-1]
    open_time = clock.calendar.calendar.between(last.start, at)
    ran = last.state is State.RUNNING
    return replace(
        clock,
        since=at,
        used=clock.used + (open_time if ran else NOTHING),
        paused_open=clock.paused_open + (NOTHING if ran else open_time),
        segments=(*clock.segments[:-1], replace(last, end=at, used=open_time if ran else NOTHING)),
    )


def _cut(
    clock: Clock, event: Event, state: State, reason: str, terms: Terms | None = None
) -> Clock:
    """Return the clock with its last segment ended and one in `state` begun."""
    begun = Segment(
        state, event.effective_at, None, event.key, reason, terms or clock.terms, clock.calendar
    )
    return _begun(clock, begun)


def _begun(clock: Clock, segment: Segment) -> Clock:
    clock = _ended(clock, segment.start)
    return replace(clock, segments=(*clock.segments, segment))


def _due(clock: Clock) -> Clock:
    """Return the clock with the due that its state and terms give it, or the reason for none."""
    if clock.state is not State.RUNNING:
        return clock
    calendar, due = clock.calendar.calendar, clock.falls_due()
    # Only a due that is far away, or none, can hide a calendar without open hours.
    if due is None or due - clock.since > _SOON:
        if not calendar.opens_within(clock.since):
            return replace(clock, due=None, undue=UNSCHEDULABLE)
        if due is None:
            return replace(clock, due=None, undue=BEYOND)
    return replace(clock, due=due, undue="")
