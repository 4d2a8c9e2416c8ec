"""The report of pauses: how often, for what reason, by whom, and how much time they took out."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.engine import definition
from tocsin.engine.calendar import Calendar
from tocsin.engine.clock import NOTHING
from tocsin.queries import access, desk, discipline, reach, timeline
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows

_MOST_SHOWN = 200
_MOST_LINES = 30
_MICROSECOND = dt.timedelta(microseconds=1)
# Only tickets that began to wait then, and of which a clock was paused, are looked at: of the
# others waiting held nothing.
_CLOCKS = (
    "SELECT ticket_id, started_at, coalesce(stopped_at, %s), state, since, paused_us, calendar,"
    " calendar_version, policy, policy_version, definition FROM clock c WHERE tenant_id = %s"
    " AND (paused_us > 0 OR state = 'paused') AND {seen}"
    " AND started_at < %s AND (stopped_at IS NULL OR stopped_at >= %s)"
    " AND EXISTS (SELECT FROM event e WHERE e.tenant_id = c.tenant_id"
    " AND e.stream_kind = 'ticket' AND e.stream_id = c.ticket_id AND e.kind = 'status'"
    " AND e.effective_at >= %s AND e.payload::json ->> 'to' = ANY(%s)) ORDER BY ticket_id, key"
)
_FACTS = (
    "SELECT e.stream_id, t.number, t.subject, e.effective_at, e.payload::json ->> 'to', e.actor,"
    " c.content FROM event e JOIN ticket t ON t.tenant_id = e.tenant_id AND t.id = e.stream_id"
    " LEFT JOIN event_content c ON c.tenant_id = e.tenant_id AND c.event_id = e.id"
    " WHERE e.tenant_id = %s AND e.stream_kind = 'ticket' AND e.kind = 'status'"
    " AND e.stream_id = ANY(%s) ORDER BY e.stream_id, e.effective_at, e.stream_seq"
)


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause of a ticket: from when until when (None while it lasts), why, and by whom.

    `open` is the open time that it kept from counting, of all the clocks that it held together.
    """

    ticket: int
    number: int
    subject: str
    status: str
    reason: str
    actor: str
    who: str
    begun_at: dt.datetime
    ended_at: dt.datetime | None
    open: dt.timedelta
    wall: dt.timedelta


@dataclass(frozen=True, slots=True)
class Line:
    """Pauses of one kind: `key` is what they are looked for by, `name` what that is called."""

    key: str
    name: str
    count: int
    open: dt.timedelta


@dataclass(frozen=True, slots=True)
class Report:
    """The pauses that began in a period; `newest` are as many of them as a page can hold."""

    count: int
    tickets: int
    open: dt.timedelta
    wall: dt.timedelta
    reasons: Sequence[Line]
    people: Sequence[Line]
    newest: Sequence[Pause]


@access.needs(Right.READ_REPORTS)
def report(
    *,
    by: Actor,
    since: dt.datetime,
    reason: str | None = None,
    actor: str | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """Return the pauses that began from `since` on; of one reason (in any case) or actor only."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        now = now or clock
        held = _held(by, since, now)
        facts = rows.query(_FACTS, [by.tenant, sorted(held)])
        known = timeline.contacts(by.tenant, {row[5] for row in facts})
    found = [
        pause
        for pause in _pauses(at_work, facts, held, known, now)
        if pause.begun_at >= since
        and (reason is None or _key(pause.reason) == _key(reason))
        and (actor is None or pause.actor == actor)
    ]
    found.sort(key=lambda pause: (pause.begun_at, pause.ticket), reverse=True)
    return Report(
        count=len(found),
        tickets=len({pause.ticket for pause in found}),
        open=sum((pause.open for pause in found), NOTHING),
        wall=sum((pause.wall for pause in found), NOTHING),
        reasons=_lines((_key(p.reason), p.reason, p) for p in found),
        people=_lines((p.actor, p.who, p) for p in found),
        newest=found[:_MOST_SHOWN],
    )


def _key(reason: str) -> str:
    """Return what reasons are the same by: people do not write capitals the same way."""
    return " ".join(reason.casefold().split())


def _lines(found: Iterator[tuple[str, str, Pause]]) -> list[Line]:
    """Return the kinds of pauses that took the most time out."""
    called: dict[str, str] = {}
    kinds: dict[str, list[Pause]] = defaultdict(list)
    for key, name, pause in found:
        called.setdefault(key, name)
        kinds[key].append(pause)
    made = [
        Line(key, called[key], len(own), sum((pause.open for pause in own), NOTHING))
        for key, own in kinds.items()
    ]
    return sorted(made, key=lambda line: (-line.open, -line.count, line.key))[:_MOST_LINES]


@dataclass(slots=True)
class _Held:
    """A clock that was paused; `left` is what of its paused time no pause has been given yet."""

    started_at: dt.datetime
    ended_at: dt.datetime
    terms: "_Terms"
    left: dt.timedelta


@dataclass(frozen=True, slots=True)
class _Terms:
    """What clocks have in common: a calendar, the statuses that hold them, what pauses may take."""

    calendar: Calendar
    statuses: frozenset[str]
    budget: dt.timedelta | None


_Key = tuple[str, int, str, int, str]


def _terms(at_work: Desk, key: _Key) -> _Terms:
    calendar = at_work.versions.calendar(*key[:2]).calendar
    kind = discipline.definition_of(at_work.versions, *key[2:])
    if kind is None:
        return _Terms(calendar, frozenset(discipline.WAITING), None)
    held = [one for one in discipline.WAITING if definition.holds(kind.pause, {"status": one})]
    return _Terms(calendar, frozenset(held), kind.pauses.budget)


def _held(by: Actor, since: dt.datetime, now: dt.datetime) -> Mapping[int, list[tuple[Any, ...]]]:
    seen, own = reach.about(by, "c.ticket_id")
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for ticket, *row in rows.query(
        _CLOCKS.format(seen=seen),
        [now, by.tenant, *own, now, since, since, list(discipline.WAITING)],
    ):
        found[ticket].append(tuple(row))
    return found


def _clocks(
    at_work: Desk,
    found: Sequence[tuple[Any, ...]],
    kinds: dict[_Key, _Terms],
    now: dt.datetime,
) -> list[_Held]:
    """Return a ticket's clocks; `kinds` keeps what many have in common."""
    made = []
    for started_at, ended_at, state, paused_since, paused_us, *named in found:
        key: _Key = tuple(named)
        if key not in kinds:
            kinds[key] = _terms(at_work, key)
        terms, left = kinds[key], paused_us * _MICROSECOND
        if state == "paused" and paused_since < now:
            left += terms.calendar.between(paused_since, now)
        left = left if terms.budget is None else min(left, terms.budget)
        made.append(_Held(started_at, ended_at, terms, left))
    return made


def _pauses(
    at_work: Desk,
    facts: Sequence[tuple[Any, ...]],
    held: Mapping[int, list[tuple[Any, ...]]],
    known: Mapping[str, str],
    now: dt.datetime,
) -> Iterator[Pause]:
    """Yield the pauses of tickets, each from one status that waits to the next status."""
    ticket, clocks, kinds = 0, list[_Held](), dict[_Key, _Terms]()
    for k, row in enumerate(facts):
        if row[0] != ticket:
            ticket, clocks = row[0], _clocks(at_work, held[row[0]], kinds, now)
        if row[4] not in discipline.WAITING or row[3] > now:
            continue
        after = facts[k + 1] if k + 1 < len(facts) else None
        ended_at = after[3] if after is not None and after[0] == ticket else None
        end = ended_at or now
        took = _taken([one for one in clocks if row[4] in one.terms.statuses], row[3], end)
        if not took:
            continue
        yield Pause(
            ticket=ticket,
            number=row[1],
            subject=row[2],
            status=row[4],
            reason=row[6] or "",
            actor=row[5],
            who=timeline.name_of(row[5], at_work, known),
            begun_at=row[3],
            ended_at=ended_at,
            open=took,
            wall=end - row[3],
        )


def _taken(clocks: Sequence[_Held], begin: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Return the open time that a pause took out of clocks, and take it off what they have.

    The rows know how long each clock was paused in all: a pause beyond its budget gets none.
    """
    took = NOTHING
    for clock in clocks:
        start, stop = max(begin, clock.started_at), min(end, clock.ended_at)
        if start < stop and clock.left:
            part = min(clock.terms.calendar.between(start, stop), clock.left)
            clock.left -= part
            took += part
    return took
