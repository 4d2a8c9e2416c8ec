"""Counting a desk's tickets and promises, quickly: from narrow indexes, and not twice a second.

A count of 100,000 tickets looks at 100,000 entries whatever one does. Their traits are small
numbers in an index of their own, so one look counts them all; what lies before an instant is
counted by that instant's index; days are counted one by one. What was counted is kept for a second
at most, and no longer than until the tenant's next event: who sees an event and asks again gets
what it made.
"""

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from django.db import connection

from tocsin.engine import zone
from tocsin.engine.compliance import Figures
from tocsin.engine.instant import EPOCH, micros
from tocsin.engine.zone import DAY_S, Zone
from tocsin.queries import filters, reach
from tocsin.queries.access import Actor
from tocsin.queries.desk import Desk
from tocsin.queries.filters import ACTIVE, Which
from tocsin.records import context, rows
from tocsin.records.tickets import (
    RESPONDS,
    UNASSIGNED,
    URGENT,
    WAITS_FOR_CUSTOMER,
    WAITS_INTERNALLY,
)

# A step that is carried out later than this after its planned instant was not enforced.
IN_TIME = dt.timedelta(seconds=60)
KEPT = dt.timedelta(seconds=1)
_MOST_KEPT = 256
_MOST_WAITING = 10_000
_EPOCH_DATE = dt.date(1970, 1, 1)
_TRAITS = {
    Which.WAITING_CUSTOMER: WAITS_FOR_CUSTOMER,
    Which.WAITING_INTERNAL: WAITS_INTERNALLY,
    Which.URGENT: URGENT,
    Which.UNASSIGNED: UNASSIGNED,
    Which.FIRST_RESPONSE: RESPONDS,
}


@dataclass(frozen=True, slots=True)
class Day:
    """The promises decided on a day of the desk's zone, as far as it lies in the window."""

    date: dt.date
    promises: Figures


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted at `now`; instants are the earliest of active tickets."""

    now: dt.datetime
    since: dt.datetime
    counts: Mapping[Which, int]
    due_at: dt.datetime | None
    escalates_at: dt.datetime | None
    respond_at: dt.datetime | None
    respond_warn_at: dt.datetime | None
    days: tuple[Day, ...]
    steps: int
    in_time: int

    @property
    def promises(self) -> Figures:
        """All promises decided in the window."""
        met = sum(day.promises.met for day in self.days)
        return Figures(met, sum(day.promises.breached for day in self.days))


_kept: OrderedDict[tuple[Hashable, ...], tuple[dt.datetime, Any]] = OrderedDict()
_turn = Lock()
_T = TypeVar("_T")


def kept(
    at_work: Desk, what: tuple[Hashable, ...], clock: dt.datetime, count: Callable[[], _T]
) -> _T:
    """Return what `count` gave less than a second ago, if nothing has happened since; else count.

    `what` names it within the tenant, `clock` is the database's.
    """
    key = (str(connection.settings_dict["NAME"]), at_work.tenant, _events(at_work.tenant), *what)
    # What one sees is for nobody who sees other tickets.
    key = (*key, context.narrowed())
    with _turn:
        known = _kept.get(key)
    if known is not None and dt.timedelta(0) <= clock - known[0] < KEPT:
        found: _T = known[1]
        return found
    made = count()
    with _turn:
        _kept[key] = clock, made
        _kept.move_to_end(key)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return made


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is counted: a desk or a team of it, as far as the actor sees it."""

    at_work: Desk
    by: Actor
    team: int | None

    def tickets(self) -> tuple[str, list[Any]]:
        """Return the condition for `ticket t`."""
        seen, given = reach.condition(self.by)
        where, own = f"t.tenant_id = %s AND {seen}", [self.at_work.tenant, *given]
        return (
            (where, own)
            if self.team is None
            else (f"{where} AND t.team_id = %s", [*own, self.team])
        )

    def about(self, row: str) -> tuple[str, list[Any]]:
        """Return the condition for rows about tickets, which have the key of a team."""
        seen, given = reach.about(self.by, f"{row}.ticket_id")
        where, own = f"{row}.tenant_id = %s AND {seen}", [self.at_work.tenant, *given]
        if self.team is None:
            return where, own
        return f"{where} AND {row}.team = %s", [*own, _key(self.at_work, self.team)]


def tally(
    at_work: Desk,
    by: Actor,
    team: int | None,
    window: dt.timedelta,
    *,
    clock: dt.datetime,
    now: dt.datetime | None = None,
) -> Tally:
    """Return what there is to count of a desk or a team of it for an actor; inside the tenant.

    `clock` is the database's. With `now` it is counted anew, as of then.
    """
    scope = _Scope(at_work, by, team)
    if now is not None:
        return _counted(scope, window, now)
    what = ("hub", team, window, at_work.config_version)
    return kept(at_work, what, clock, lambda: _counted(scope, window, clock))


def _events(tenant: int) -> int:
    """Return how many events there are: those with a place in the order, and those about to."""
    found = rows.query(
        "SELECT coalesce((SELECT last FROM counter WHERE tenant_id = %s AND name = 'position'), 0)"
        " + (SELECT count(*) FROM (SELECT FROM unsequenced WHERE tenant_id = %s LIMIT %s) x)",
        [tenant, tenant, _MOST_WAITING],
    )
    return int(found[0][0])


def _counted(scope: _Scope, window: dt.timedelta, now: dt.datetime) -> Tally:
    since = now - window
    counts = _by_traits(scope)
    found = _by_time(scope, since, now)
    breached = found["breached"]
    counts |= {
        Which.BREACHED: breached,
        Which.URGENT_BREACHED: found["urgent_breached"],
        # What is breached was at risk before.
        Which.AT_RISK: found["risked"] - breached,
        Which.ESCALATION_DUE: found["escalating"],
        Which.CONTROLLED: counts[Which.ACTIVE] - breached - found["only_escalating"],
        Which.CREATED: found["created"],
    }
    steps, in_time = _steps(scope, since, now)
    return Tally(
        now=now,
        since=since,
        counts=counts,
        **{name: found[name] for name in _INSTANTS},
        days=_days(scope, since, now),
        steps=steps,
        in_time=in_time,
    )


def _by_traits(scope: _Scope) -> dict[Which, int]:
    of, given = _of(scope)
    found = rows.query(f"SELECT t.traits, count(*) FROM ticket t WHERE {of} GROUP BY 1", given)
    made = {Which.ACTIVE: sum(count for _, count in found)}
    return made | {
        which: sum(count for traits, count in found if traits & bit)
        for which, bit in _TRAITS.items()
    }


def _of(scope: _Scope) -> tuple[str, list[Any]]:
    """Return the condition for active tickets of a scope."""
    where, given = scope.tickets()
    return f"{where} AND {ACTIVE}", given


_COUNTS = ("breached", "urgent_breached", "escalating", "only_escalating", "risked", "created")
_INSTANTS = ("due_at", "escalates_at", "respond_at", "respond_warn_at")
# The index of risks holds those that owe an answer, and says so by that.
_ANSWERS = dict.fromkeys(_INSTANTS, "") | {"respond_warn_at": " AND t.respond_at IS NOT NULL"}


def _by_time(scope: _Scope, since: dt.datetime, now: dt.datetime) -> dict[str, Any]:
    """Return what instants decide: each part is one look into the index of that instant."""
    of, own = _of(scope)
    every, given = scope.tickets()
    soon = now + filters.ESCALATES_WITHIN
    # Not min(): a policy on the table keeps it from taking the first of the index.
    firsts = ", ".join(
        f"(SELECT t.{name} FROM ticket t WHERE {of} AND t.{name} IS NOT NULL{_ANSWERS[name]}"
        f" ORDER BY t.{name} LIMIT 1)"
        for name in _INSTANTS
    )
    found = rows.query(
        "SELECT d.*, e.*,"
        f" (SELECT count(*) FROM ticket t WHERE {of} AND t.warn_at <= %s),"
        f" (SELECT count(*) FROM ticket t WHERE {every} AND t.opened_at >= %s),"
        f" {firsts} FROM (SELECT count(*), count(*) FILTER (WHERE t.traits & {URGENT} > 0)"
        f" FROM ticket t WHERE {of} AND t.due_at < %s) d,"
        " (SELECT count(*), count(*) FILTER (WHERE t.due_at IS NULL OR t.due_at >= %s)"
        f" FROM ticket t WHERE {of} AND t.escalates_at <= %s) e",
        [
            *(*own, now, *given, since),
            *(own * len(_INSTANTS)),
            *(*own, now, now, *own, soon),
        ],
    )
    return dict(zip((*_COUNTS, *_INSTANTS), found[0], strict=True))


def _days(scope: _Scope, since: dt.datetime, now: dt.datetime) -> tuple[Day, ...]:
    """Return the promises by the day on which they were decided, each by looks of its own."""
    own = zone.named(scope.at_work.zone)
    bounds = [since, *_midnights(own, since, now), now]
    where, given = scope.about("c")
    one = (
        f"(SELECT count(*) FROM clock c WHERE {where} AND c.decided_at >= d.since"
        " AND c.decided_at < d.until AND c.verdict = '{}')"
    )
    found = rows.query(
        f"SELECT d.since, {one.format('met')}, {one.format('breached')}"
        " FROM unnest(%s::timestamptz[], %s::timestamptz[]) d (since, until)",
        [*given, *given, bounds[:-1], bounds[1:]],
    )
    return tuple(
        Day(_date(own, begin), Figures(met, breached)) for begin, met, breached in sorted(found)
    )


def _date(own: Zone, at: dt.datetime) -> dt.date:
    second = micros(at) // 1_000_000
    return _EPOCH_DATE + dt.timedelta(days=(second + own.offset_at(second)) // DAY_S)


def _midnights(own: Zone, since: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """Return the beginnings of days between two instants."""
    first, last = ((_date(own, at) - _EPOCH_DATE).days for at in (since, until))
    found = (EPOCH + dt.timedelta(seconds=own.first(day * DAY_S)) for day in range(first, last + 1))
    return [at for at in found if since < at < until]


def _steps(scope: _Scope, since: dt.datetime, now: dt.datetime) -> tuple[int, int]:
    """Return how many alerts and escalation steps fell due in the window, and how many in time.

    What is due and nobody has carried out is missed as well, once a ticket.
    """
    waits, waiting = scope.tickets()
    late = f"{waits} AND t.wake_at IS NOT NULL AND GREATEST(t.wake_at, t.held_until) <= %s"
    where, step = scope.about("a")
    (due, in_time, missed) = rows.query(
        "SELECT count(*), count(*) FILTER (WHERE a.decided_at <= a.planned_at + %s),"
        f" (SELECT count(*) FROM ticket t WHERE {late}) FROM alert a"
        f" WHERE {where} AND a.planned_at >= %s AND a.planned_at < %s AND a.counts"
        " AND a.deed <> 'alarm'",
        [IN_TIME, *waiting, now - IN_TIME, *step, since, now],
    )[0]
    return int(due + missed), int(in_time)


def _key(at_work: Desk, team: int) -> str:
    held = at_work.team_by_id(team)
    return held.key if held else ""
