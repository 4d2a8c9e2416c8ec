"""Clocks: what has been used of a promise, what remains, when it is due, and what was missed."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from tocsin.engine.definition import AtClose
from tocsin.engine.policy import Terms
from tocsin.engine.target import Form
from tocsin.engine.version import CalendarVersion

NOTHING = dt.timedelta(0)
# Why a clock stands still whose ticket is spam or deleted, for as long as nobody restores it.
SHELVED = "shelved"


class State(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    REPLACED = "replaced"  # another policy took over; see the clock that follows it


class Cause(StrEnum):
    """Why a due is where it is: by time alone, or because somebody moved it."""

    TIME = "time"
    RECLASSIFIED = "reclassified"
    POLICY = "policy change"
    CALENDAR = "calendar edit"
    REOPENED = "reopened"
    OVERRIDE = "override"


@dataclass(frozen=True)
class Segment:
    """A stretch of a clock's life in one state and under one set of terms.

    `event` is the key of the fact that began it. `end` is None while it lasts; `used` is the open
    time it consumed (zero unless it ran).
    """

    state: State
    start: dt.datetime
    end: dt.datetime | None
    event: str
    reason: str
    terms: Terms
    calendar: CalendarVersion
    used: dt.timedelta = NOTHING


@dataclass(frozen=True)
class Breach:
    """A missed due. Never deleted: a restatement names itself in `superseded_by`.

    `breached_at` is the due, or the instant of the change that moved the due into the past; then
    `cause` says so, and nobody is blamed for the time before.
    """

    due: dt.datetime
    breached_at: dt.datetime
    cause: Cause
    terms: Terms
    superseded_by: str | None = None


@dataclass(frozen=True)
class Clock:
    """One clock of one ticket, as far as its facts are known.

    `used` is the open time consumed before `since`, the start of the present segment. `anchor` is
    where the target counts from, `armed_at` when the present due came into being, for `cause`.
    `round` counts restarts within a cycle, `link` the policies a cycle went through. `base` is what
    the policies gave, where somebody has put a due of their own in its place; if that is our word
    to the customer, it is `promised`, and no change of terms moves it.
    """

    ticket: str
    cycle: int
    state: State
    terms: Terms
    calendar: CalendarVersion
    anchor: dt.datetime
    since: dt.datetime
    armed_at: dt.datetime
    segments: tuple[Segment, ...]
    link: int = 0
    round: int = 0
    base: Terms | None = None
    promised: bool = False
    used: dt.timedelta = NOTHING
    paused_open: dt.timedelta = NOTHING
    due: dt.datetime | None = None
    undue: str = ""
    cause: Cause = Cause.TIME
    breaches: tuple[Breach, ...] = ()
    stopped_at: dt.datetime | None = None
    outcome: str = ""

    @property
    def id(self) -> str:
        """The name of the clock within its ticket: agreement, key, cycle and, if any, link."""
        link = f".{self.link}" if self.link else ""
        return f"{self.terms.agreement}/{self.terms.definition.key}#{self.cycle}{link}"

    @property
    def started_at(self) -> dt.datetime:
        """When the clock's first segment began."""
        return self.segments[0].start

    @property
    def live(self) -> bool:
        """Whether something can still happen to the clock."""
        return self.state in (State.RUNNING, State.PAUSED)

    @property
    def counts_length(self) -> bool:
        """Whether the target is a length of open time, rather than a form that counts days."""
        return self.terms.row.target.form is Form.LENGTH

    @property
    def standing(self) -> tuple[Breach, ...]:
        """The breaches that no restatement has superseded."""
        return tuple(breach for breach in self.breaches if breach.superseded_by is None)

    def budget_ends(self) -> dt.datetime | None:
        """Return when a paused clock has used up what its policy lets it pause, or None."""
        budget = self.terms.definition.pauses.budget
        if budget is None or self.state is not State.PAUSED:
            return None
        begun, reason = self.segments[-1].start, self.segments[-1].reason
        if reason == SHELVED:
            return None
        return self.calendar.calendar.add(begun, max(budget - self.paused_open, NOTHING))

    def used_at(self, at: dt.datetime) -> dt.timedelta:
        """Return the open time consumed up to `at` (of what is known, for an instant past it)."""
        if self.state is State.RUNNING and at >= self.since:
            return self.used + self.calendar.calendar.between(self.since, at)
        used = NOTHING
        for segment in self._counted():
            end = at if segment.end is None else min(at, segment.end)
            if segment.start < end:
                used += segment.calendar.calendar.between(segment.start, end)
        return used

    def _counted(self) -> list[Segment]:
        """Return the running segments that count: those since the anchor."""
        return [s for s in self.segments if s.state is State.RUNNING and s.start >= self.anchor]

    def reaches(self, level: dt.timedelta, *, opening: bool = False) -> dt.datetime | None:
        """Return when the open time consumed reaches `level`: in the past, or if all goes on.

        None while the clock does not run, when the level lies ahead; None past all open time. A
        level that a pause meets at its very beginning is reached when the clock goes on. With
        `opening` a level that is reached at a closing is held to be reached at the next opening.
        """
        if level > self.used:
            if self.state is not State.RUNNING:
                return None
            return _after(self.calendar, self.since, level - self.used, opening=opening)
        left, counted = level, self._counted()
        for k, segment in enumerate(counted):
            at = _after(segment.calendar, segment.start, left, opening=opening)
            goes_on = k + 1 < len(counted) and counted[k + 1].start == segment.end
            if segment.end is None or (
                at is not None and (at < segment.end or (at == segment.end and goes_on))
            ):
                return at
            left -= segment.used
        return None

    def falls_due(self) -> dt.datetime | None:
        """Return the due by the segments so far; None while a pause holds it back, or past all.

        A pause moves a due that it finds ahead; one that was missed before stays where it was.
        """
        target, calendar = self.terms.row.target, self.calendar.calendar
        opening = self.terms.definition.at_close is AtClose.NEXT_OPENING
        if self.counts_length:
            return self.reaches(target.length, opening=opening)
        due = target.due(self.anchor, calendar)
        for segment in self.segments:
            if due is None or segment.start > due:
                break
            if segment.state is State.RUNNING or segment.start < self.anchor:
                continue
            if segment.end is None:
                return None
            if segment.end > due:
                # What was left when the pause began is left when it ends.
                due = calendar.add(segment.end, calendar.between(segment.start, due))
            elif paused := segment.calendar.calendar.between(segment.start, segment.end):
                due = calendar.add(due, paused)
        return (calendar.next_open(due) or due) if opening and due is not None else due

    def present_due(self) -> dt.datetime | None:
        """Return the due; of a clock that has none now, the one that it had missed before."""
        return self.due if self.state is State.RUNNING else self.due or self.falls_due()

    def missed(self) -> Breach | None:
        """Return the standing breach of the present due, or None while that is not missed."""
        due = self.present_due()
        return next((breach for breach in self.standing if breach.due == due), None)

    def remaining_at(self, at: dt.datetime) -> dt.timedelta | None:
        """Return the open time left at `at`, negative when overrun; None without a due."""
        if self.counts_length:
            return self.terms.row.target.length - self.used_at(at)
        due = self.present_due()
        if due is None:
            return None
        if at <= due:
            return self.calendar.calendar.between(at, due)
        return self.used_at(due) - self.used_at(at)

    def overrun_at(self, at: dt.datetime) -> tuple[dt.timedelta, dt.timedelta]:
        """Return by how much the due is past at `at`, in open time and in calendar time."""
        end = self.stopped_at or at
        remaining = self.remaining_at(end)
        past = self.present_due()
        if remaining is None or past is None:
            return NOTHING, NOTHING
        return max(-remaining, NOTHING), max(end - past, NOTHING)


def _after(
    calendar: CalendarVersion, start: dt.datetime, length: dt.timedelta, *, opening: bool
) -> dt.datetime | None:
    at = calendar.calendar.add(start, length)
    return (calendar.calendar.next_open(at) or at) if opening and at is not None else at
