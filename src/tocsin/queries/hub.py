"""The hub: what needs people now, in figures, signals and lanes, and what to work on next.

Counts are exact at the instant of asking: what is breached by time alone is breached at once.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tocsin.engine.compliance import Figures
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, filters, reach, showing, tally
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk, Person
from tocsin.queries.filters import Wanted, Where, Which
from tocsin.queries.showing import Card
from tocsin.queries.tally import Day, Tally
from tocsin.records import rows

WINDOW = dt.timedelta(days=7)
_LONGEST = dt.timedelta(days=92)
_NEXT = 8
# From here on the order of work finds the first few sooner than sorting all of them does.
_MANY = 5000
_WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Signal:
    """A count, and the list that holds exactly those tickets."""

    key: str
    count: int
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Lane:
    """Work that one role answers for; `severity` is critical, warning or ok.

    `next_at` is the earliest due in it, in the past when something is overdue, None without one.
    `owner` is who fills the role: None until somebody is named in the settings.
    """

    key: str
    backlog: int
    wanted: Wanted
    next_at: dt.datetime | None
    severity: str
    owner: Person | None = None

    @property
    def enforced(self) -> bool:
        """Whether it must move now."""
        return self.severity != "ok"


@dataclass(frozen=True, slots=True)
class Next:
    """A ticket to work on, and the lane that it comes first in."""

    card: Card
    lane: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """The way back under control: breached first, escalate next, then go live."""

    breached: Signal
    escalate: Signal
    controlled: Signal

    @property
    def under_control(self) -> bool:
        """Whether nothing is breached and no escalation is due."""
        return not self.breached.count and not self.escalate.count


@dataclass(frozen=True, slots=True)
class Hub:
    """One look at the desk, or at one team of it, at `now`, over a window that begins at `since`.

    `promises` are those decided in the window; `days` are the same by days of the desk's zone.
    `steps` are the alerts and escalation steps that fell due in it, `in_time` those carried out
    within 60 seconds. `escalates_at` is the next planned step. `signals` are by their keys; those
    of a field that one does not read are left out.
    """

    now: dt.datetime
    since: dt.datetime
    team: str | None
    promises: Figures
    days: tuple[Day, ...]
    steps: int
    in_time: int
    signals: Mapping[str, Signal]
    lanes: tuple[Lane, ...]
    work_next: tuple[Next, ...]
    recovery: Recovery
    escalates_at: dt.datetime | None

    @property
    def hit_rate(self) -> float:
        """The share of promises kept in percent; 100 when none was decided."""
        return _WHOLE if self.promises.rate is None else self.promises.rate

    @property
    def enforcement(self) -> float:
        """The share of steps carried out in time in percent; 100 when none was due."""
        return _WHOLE * self.in_time / self.steps if self.steps else _WHOLE

    @property
    def critical(self) -> int:
        """How many lanes are critical."""
        return sum(lane.severity == "critical" for lane in self.lanes)

    @property
    def warning(self) -> int:
        """How many lanes are in warning."""
        return sum(lane.severity == "warning" for lane in self.lanes)


@access.needs(Right.READ_TICKETS)
def hub(
    *,
    by: Actor,
    team: str | None = None,
    window: dt.timedelta = WINDOW,
    now: dt.datetime | None = None,
) -> Hub:
    """Return the hub of the desk, or of a team of it. To a contact there is none.

    Without `now` the counts may be up to a second old, and no older than the newest event.
    """
    if by.contact is not None:
        raise access.missing()
    if not dt.timedelta(0) < window <= _LONGEST:
        raise Invalid("window", f"must be longer than nothing and at most {_LONGEST.days} days")
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        scope = None if team is None else filters.team_id(at_work, team)
        found = tally.tally(at_work, by, scope, window, clock=clock, now=now)
        at = now or clock
        base = Wanted(team=team)
        signals = _signals(by, found, base)
        work = _work_next(at_work, by, signals, base, at)
    return Hub(
        now=at,
        since=found.since,
        team=team,
        promises=found.promises,
        days=found.days,
        steps=found.steps,
        in_time=found.in_time,
        signals=signals,
        lanes=_lanes(found, signals),
        work_next=work,
        recovery=Recovery(
            signals["breached"], signals["escalation due"], _signal(found, base, Which.CONTROLLED)
        ),
        escalates_at=found.escalates_at,
    )


def _signals(by: Actor, found: Tally, base: Wanted) -> dict[str, Signal]:
    created = replace(base, which=Which.CREATED, since=found.since)
    listed = (
        *(Which.ACTIVE, Which.URGENT, Which.URGENT_BREACHED, Which.UNASSIGNED, Which.BREACHED),
        *(Which.AT_RISK, Which.ESCALATION_DUE, Which.FIRST_RESPONSE),
        *(Which.WAITING_INTERNAL, Which.WAITING_CUSTOMER),
    )
    return {
        "created": Signal("created", found.counts[Which.CREATED], created),
        **{
            which.value: _signal(found, base, which)
            for which in listed
            if filters.readable(by, which)
        },
    }


def _signal(found: Tally, base: Wanted, which: Which) -> Signal:
    return Signal(which.value, found.counts[which], replace(base, which=which))


def _lanes(found: Tally, signals: Mapping[str, Signal]) -> tuple[Lane, ...]:
    def lane(which: Which, next_at: dt.datetime | None, *, over: bool, near: bool) -> Lane:
        severity = "critical" if over else "warning" if near else "ok"
        signal = signals[which.value]
        return Lane(signal.key, signal.count, signal.wanted, next_at, severity)

    counts, at = found.counts, found.now
    escalates, responds = found.escalates_at, found.respond_at
    return (
        lane(
            Which.BREACHED,
            found.due_at,
            over=counts[Which.BREACHED] > 0,
            near=counts[Which.AT_RISK] > 0,
        ),
        lane(
            Which.ESCALATION_DUE,
            escalates,
            over=escalates is not None and escalates < at,
            near=counts[Which.ESCALATION_DUE] > 0,
        ),
        lane(
            Which.FIRST_RESPONSE,
            responds,
            over=responds is not None and responds < at,
            near=found.respond_warn_at is not None and found.respond_warn_at <= at,
        ),
    )


def _work_next(
    at_work: Desk, by: Actor, signals: Mapping[str, Signal], base: Wanted, now: dt.datetime
) -> tuple[Next, ...]:
    """Return the first few: breached, then escalation due, then what is at risk, then the rest."""
    chosen: dict[int, str] = {}
    for which in (Which.BREACHED, Which.ESCALATION_DUE, Which.AT_RISK, Which.FIRST_RESPONSE):
        if signals[which.value].count and len(chosen) < _NEXT:
            many = signals[which.value].count >= _MANY
            wanted = replace(base, which=which)
            for id_ in _first(filters.conditions(at_work, by, wanted, now), many=many):
                chosen.setdefault(id_, which.value)
    ids = list(chosen)[:_NEXT]
    return tuple(Next(c, chosen[c.id]) for c in showing.cards(at_work, by, ids, now=now))


def _first(where: Where, *, many: bool) -> Sequence[int]:
    # Few are gathered before they are put into order; a look through the order might see all.
    fence = "" if many else " OFFSET 0"
    found = rows.query(
        f"SELECT id FROM (SELECT t.id, t.rank_at FROM ticket t WHERE {where.sql}{fence}) f"
        " ORDER BY rank_at, id LIMIT %s",
        [*where.given, _NEXT],
    )
    return [row[0] for row in found]
