"""By how much promises were missed: in open time of their calendars and by the wall clock."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.engine import replay
from tocsin.engine.clock import Clock
from tocsin.engine.event import Event
from tocsin.engine.ticket import Ticket
from tocsin.queries import facts
from tocsin.queries.desk import Desk

COLUMNS = ("state", "since", "due_at", "stopped_at", "left_us", "calendar", "calendar_version")
_NOTHING = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class Overrun:
    """How long a promise was missed by; it still grows while it is not `final`.

    `moved` says that the due was put elsewhere later: it is what had gathered until then.
    """

    business: dt.timedelta
    wall: dt.timedelta
    final: bool
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """A missed due and its clock's row; `only` says that no other due of the clock can be meant."""

    id: int
    ticket: int
    clock: str
    due: dt.datetime
    withdrawn: bool
    only: bool
    row: Mapping[str, Any]


def of(at_work: Desk, missed: Iterable[Missed], *, now: dt.datetime) -> dict[int, Overrun]:
    """Return the overruns by the ids of what was missed; what was withdrawn has none.

    A row of a clock says all of its present due. The others are reckoned from the facts: how much
    had gathered when the due was moved.
    """
    made: dict[int, Overrun] = {}
    left: list[Missed] = []
    for one in missed:
        if one.withdrawn or one.row["state"] is None:
            continue
        found = _of_row(one, at_work, now)
        if found is None:
            left.append(one)
        else:
            made[one.id] = found
    if not left:
        return made
    logs = facts.of_tickets(at_work.tenant, sorted({one.ticket for one in left}))
    for one in left:
        log = facts.with_calendars(logs[one.ticket], at_work.calendar_facts)
        found = _of_facts(one, log, at_work, now)
        if found is not None:
            made[one.id] = found
    return made


def _of_row(one: Missed, at_work: Desk, now: dt.datetime) -> Overrun | None:
    """Return the overrun by the clock's row, None if that row is about another due."""
    row, left = one.row, one.row["left_us"]
    if left is None or not (row["due_at"] == one.due or (one.only and left < 0)):
        return None
    end = row["stopped_at"] or now
    remaining = dt.timedelta(microseconds=left)
    if row["state"] == "running":
        known = at_work.versions.calendar(row["calendar"], row["calendar_version"])
        remaining -= known.calendar.between(row["since"], max(end, row["since"]))
    business, wall = max(-remaining, _NOTHING), max(end - one.due, _NOTHING)
    return Overrun(business, wall, final=row["stopped_at"] is not None)


def _of_facts(one: Missed, log: Sequence[Event], at_work: Desk, now: dt.datetime) -> Overrun | None:
    """Return the overrun by the ticket's facts: that of its end, or of when the due was moved."""
    state, found = Ticket(str(one.ticket)), None
    for fact in log:
        if fact.effective_at > now:
            break
        was = _clock(replay.at(state, fact.effective_at), one)
        state = replay.advance(state, fact, at_work.versions)
        if was is not None and _clock(state, one) is None:
            business, wall = was.overrun_at(fact.effective_at)
            found = Overrun(business, wall, final=True, moved=True)
    last = _clock(replay.at(state, now), one)
    if last is None:
        return found
    business, wall = last.overrun_at(now)
    return Overrun(business, wall, final=last.stopped_at is not None)


def _clock(state: Ticket, one: Missed) -> Clock | None:
    """Return the clock while the missed due is its present one."""
    for clock in state.clocks:
        if clock.id == one.clock:
            return clock if clock.present_due() == one.due else None
    return None
