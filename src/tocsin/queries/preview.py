"""What a change of the configuration would do to clocks: the same facts under both desks."""

import datetime as dt
import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine import replay, verdict
from tocsin.engine.clock import Clock, State
from tocsin.engine.event import Event, Kind
from tocsin.engine.ticket import Ticket
from tocsin.engine.verdict import Verdict
from tocsin.queries import access, facts, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows

BATCH = 500
_DECIDED = (Verdict.MET, Verdict.BREACHED)
_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock that the change moves: its due, state and verdict as they are and would be.

    `clock` is its id before the change; a clock that another policy takes over is one with the
    clock that follows it.
    """

    number: int
    clock: str
    was_due: dt.datetime | None
    now_due: dt.datetime | None
    was_state: str
    now_state: str
    was_verdict: str
    now_verdict: str


@dataclass(slots=True)
class Preview:
    """What a change would do.

    `clocks` were looked at, of `tickets`; `moved` running ones would be due at another instant,
    `breach` live ones would be missed that are not, `recover` live ones that are missed would not
    be, and `verdicts` decided ones would be others. `rows` are the worst of all these. `of` are
    the tickets that there are to look at; `last` is where a slice of them ended, 0 at their end.
    """

    tickets: int = 0
    clocks: int = 0
    moved: int = 0
    breach: int = 0
    recover: int = 0
    verdicts: int = 0
    rows: list[Moved] = field(default_factory=list)
    of: int = 0
    last: int = 0


@access.needs(Right.READ_CONFIGURATION)
def preview(
    *,
    before: Desk,
    after: Desk,
    by: Actor,
    now: dt.datetime,
    most: int = 200,
    progress: Progress | None = None,
    since: int = 0,
    tickets: int | None = None,
) -> Preview:
    """Return what going from one desk to the other at `now` would do, and change nothing.

    `progress` is told how many tickets are done, and of how many. A slice is of so many `tickets`
    since the one at which the slice before ended.
    """
    change = _Change(before, after, now)
    made = Preview()
    with reach.reading(by):
        every = _touched(by, change)
    touched = [one for one in every if one[0] > since][:tickets]
    made.of = len(every)
    if touched and touched[-1] != every[-1]:
        made.last = touched[-1][0]
    for first in range(0, len(touched), BATCH):
        part = touched[first : first + BATCH]
        with reach.reading(by):
            logs = facts.of_tickets(by.tenant, [id_ for id_, _ in part])
        for id_, number in part:
            _look(made, number, *change.folded(id_, logs.get(id_, [])), now)
        made.rows = heapq.nsmallest(most, made.rows, key=_badness)
        if progress:
            progress(first + len(part), len(touched))
    return made


class _Change:
    """Two desks, and what there is to fold under the later one that is not under the earlier."""

    def __init__(self, before: Desk, after: Desk, now: dt.datetime) -> None:
        self.before, self.after, self.now = before, after, now
        known = {fact.key for fact in before.calendar_facts}
        self.news = [fact for fact in after.calendar_facts if fact.key not in known]

    @property
    def restates(self) -> bool:
        """Whether stopped clocks are judged anew too."""
        return any(fact.payload.get("basis") == "restate" for fact in self.news)

    def folded(self, id_: int, own: list[Event]) -> tuple[Ticket, Ticket]:
        """Return a ticket as its facts make it at `now` under both desks."""
        log = facts.with_calendars(own, self.before.calendar_facts)
        later = facts.with_calendars(own, self.after.calendar_facts)
        before = replay.fold(str(id_), log, self.before.versions)
        if self._goes_on(log, later):
            # Nothing that the change brings counts earlier: only it is new.
            after = before
            for fact in later[len(log) :]:
                after = replay.advance(after, fact, self.after.versions)
        else:
            after = replay.fold(str(id_), later, self.after.versions)
        return replay.at(before, self.now), replay.at(after, self.now)

    def _goes_on(self, log: Sequence[Event], later: Sequence[Event]) -> bool:
        new = later[len(log) :]
        if any(replay.restates(fact) for fact in new) or not log:
            return False
        return all(a is b or a.key == b.key for a, b in zip(log, later, strict=False))


def _touched(by: Actor, change: _Change) -> list[tuple[int, int]]:
    """Return the id and number of each ticket with a clock that the change may move."""
    calendars = [str(fact.payload["calendar"]) for fact in _of(change, Kind.CALENDAR_VERSION)]
    policies = [str(fact.payload["policy"]) for fact in _of(change, Kind.POLICY_ATTACHED)]
    if not calendars and not policies:
        return []
    live = "c.state IN ('running', 'paused')"
    which = ["false"]
    given: list[Any] = [by.tenant]
    if calendars:
        # Clocks by several calendars as one name all of them.
        which.append(
            "EXISTS (SELECT 1 FROM unnest(%s::text[]) k WHERE position(k IN c.calendar) > 0)"
        )
        given.append(calendars)
    if policies:
        # Clocks of other policies may come to this one; clocks of this one may have stopped.
        which.append(f"c.policy = ANY(%s) OR {live}")
        given.append(policies)
    only = "" if change.restates else f" AND {live}"
    seen, own = reach.condition(by)
    found = rows.query(
        "SELECT DISTINCT t.id, t.number FROM clock c JOIN ticket t ON t.tenant_id = c.tenant_id"
        f" AND t.id = c.ticket_id WHERE c.tenant_id = %s AND ({' OR '.join(which)}){only}"
        f" AND {seen} ORDER BY t.id",
        [*given, *own],
    )
    return [(id_, number) for id_, number in found]


def _of(change: _Change, kind: Kind) -> Iterator[Event]:
    return (fact for fact in change.news if fact.kind is kind)


# ------------------------------------------------------------------------------------ comparing

# Which promise: agreement, clock and cycle; its links are one promise that policies hand on.
_Promise = tuple[str, str, int]


def _promises(ticket: Ticket) -> dict[_Promise, list[Clock]]:
    found: dict[_Promise, list[Clock]] = {}
    for clock in ticket.clocks:
        name = (clock.terms.agreement.value, clock.terms.definition.key, clock.cycle)
        found.setdefault(name, []).append(clock)
    return found


def _verdict(links: Sequence[Clock], now: dt.datetime) -> Verdict:
    """Return the verdict on a promise: that of its last link, or that an earlier one was missed."""
    each = [verdict.of(clock, now=now) for clock in links]
    return Verdict.BREACHED if Verdict.BREACHED in each else each[-1]


def _look(made: Preview, number: int, before: Ticket, after: Ticket, now: dt.datetime) -> None:
    """Add what becomes of a ticket's clocks to the preview."""
    made.tickets += 1
    made.clocks += len(before.clocks)
    if before.clocks == after.clocks:
        return
    anew = _promises(after)
    for name, links in _promises(before).items():
        others = anew.pop(name, [])
        row = _row(number, links, others, now)
        if row is not None:
            _count(made, row)
    for links in anew.values():
        row = _row(number, [], links, now)
        if row is not None:
            _count(made, row)


def _row(number: int, was: Sequence[Clock], new: Sequence[Clock], now: dt.datetime) -> Moved | None:
    """Return what becomes of a promise, or None when it stays as it is."""
    row = Moved(
        number=number,
        clock=(was or new)[-1].id,
        was_due=was[-1].due if was else None,
        now_due=new[-1].due if new else None,
        was_state=was[-1].state.value if was else "",
        now_state=new[-1].state.value if new else "",
        was_verdict=_verdict(was, now).value if was else Verdict.NONE.value,
        now_verdict=_verdict(new, now).value if new else Verdict.NONE.value,
    )
    same = (row.was_due, row.was_state, row.was_verdict)
    return None if same == (row.now_due, row.now_state, row.now_verdict) else row


def _count(made: Preview, row: Moved) -> None:
    live = row.was_state in (State.RUNNING, State.PAUSED)
    made.moved += row.was_state == State.RUNNING and row.was_due != row.now_due
    made.breach += live and _worsens(row)
    made.recover += live and _recovers(row)
    made.verdicts += row.was_verdict in _DECIDED and row.was_verdict != row.now_verdict
    made.rows.append(row)


def _worsens(row: Moved) -> bool:
    return row.was_verdict != Verdict.BREACHED and row.now_verdict == Verdict.BREACHED


def _recovers(row: Moved) -> bool:
    return row.was_verdict == Verdict.BREACHED and row.now_verdict != Verdict.BREACHED


def _badness(row: Moved) -> tuple[int, dt.datetime, int]:
    """Return an order: what would be missed, other verdicts, then what is due sooner, by due."""
    if _worsens(row):
        rank = 0
    elif row.was_verdict in _DECIDED and row.was_verdict != row.now_verdict:
        rank = 1
    else:
        rank = 2 if (row.now_due or _NEVER) < (row.was_due or _NEVER) else 3
    return rank, row.now_due or _NEVER, row.number
