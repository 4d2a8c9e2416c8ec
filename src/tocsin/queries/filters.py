"""What lists hold: a closed set of named filters, so that each figure opens exactly its tickets.

Inside a tenant, for queries that have checked their right.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tocsin.engine.verdict import Verdict
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, compliance, reach
from tocsin.queries.access import Actor
from tocsin.queries.desk import Desk

# A step of escalation that comes within this time is due to be worked on.
ESCALATES_WITHIN = dt.timedelta(minutes=30)
# The predicate of the indexes over active tickets, word for word.
ACTIVE = "t.status IN ('new', 'open', 'waiting customer', 'waiting internal')"
# The facts that had the ticket of a clock wait while the clock lived.
PAUSED = (
    "e.tenant_id = c.tenant_id AND e.stream_kind = 'ticket' AND e.stream_id = c.ticket_id"
    " AND e.kind = 'status' AND e.payload::json ->> 'to' IN ('waiting customer',"
    " 'waiting internal') AND e.effective_at >= c.started_at AND e.effective_at <= c.stopped_at"
)
_ALL = 2**31 - 1
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_VERDICTS = (Verdict.MET.value, Verdict.BREACHED.value, Verdict.OPEN.value)


class Which(StrEnum):
    """The named lists. Those up to `first response` hold active tickets only."""

    ACTIVE = "active"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    URGENT = "urgent"
    URGENT_BREACHED = "urgent breached"
    BREACHED = "breached"
    AT_RISK = "at risk"
    ESCALATION_DUE = "escalation due"
    FIRST_RESPONSE = "first response"
    WAITING_CUSTOMER = "waiting customer"
    WAITING_INTERNAL = "waiting internal"
    CONTROLLED = "under control"
    CREATED = "created"
    RESOLVED = "resolved"
    DONE = "done"
    ALL = "all"


_BY_PRIORITY = frozenset({Which.URGENT, Which.URGENT_BREACHED})


@dataclass(frozen=True, slots=True)
class Drill:
    """The clocks behind a figure of compliance: one line of the list for each clock.

    `verdict` is met, breached or open (None for all three); `dimension` and `value` name a row of
    the report as it shows it ("owner", "Ann"). The period is that of the list. `rescued` asks for
    promises that pauses kept, `paused_by` for those that this actor paused.
    """

    definition: str | None = None
    verdict: str | None = None
    dimension: str | None = None
    value: str = ""
    rescued: bool = False
    paused_by: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list holds. What is None is not asked for; `words` is as people search.

    `since` and `until` bound when a ticket was opened, of what is done when it was, and of a drill
    when the promises were decided. `person` is who has the ticket; of `mine` it is who asks.
    """

    which: Which = Which.ACTIVE
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    pipeline: str | None = None
    stage: str | None = None
    team: str | None = None
    person: int | None = None
    account: int | None = None
    priority: str | None = None
    type: str | None = None
    words: str = ""
    drill: Drill | None = None


# ------------------------------------------------------------------------------------ the order


def order(which: Which) -> tuple[str, bool]:
    """Return the column that a list is in the order of, and whether the newest comes first."""
    match which:
        case Which.CREATED | Which.ALL:
            return "t.opened_at", True
        case Which.RESOLVED | Which.DONE:
            return "t.done_at", True
        case _:
            return "t.rank_at", False


def drill_order(drill: Drill) -> str:
    """Return the column that a drill is in the order of, the newest first: none of it is NULL."""
    return "c.decided_at" if drill.verdict in _VERDICTS[:2] else "c.started_at"


def token(at: dt.datetime, id_: int) -> str:
    """Return the place of a line as text: what an address can carry."""
    return f"{(at - _EPOCH) // _MICROSECOND}.{id_}"


def place(after: str) -> list[Any]:
    """Return the place that a page ended at; refuse what no page gave out."""
    at, _, id_ = after.partition(".")
    digits = at.removeprefix("-")
    if digits.isdecimal() and id_.isdecimal() and len(digits) < 19 and len(id_) < 19:
        try:
            return [_EPOCH + int(at) * _MICROSECOND, int(id_)]
        except OverflowError:
            pass
    raise Invalid("after", f"{shape.describe(after)} is not where a page ended")


# ------------------------------------------------------------------------------------ conditions


@dataclass(slots=True)
class Where:
    """A condition in SQL over `ticket t`, and its parameters."""

    sql: str
    given: list[Any]

    def add(self, sql: str, *given: Any) -> None:
        """Ask for that as well."""
        self.sql = f"{self.sql} AND {sql}"
        self.given += given


def readable(by: Actor, which: Which) -> bool:
    """Say whether a named list tells nothing of fields that the actor does not read."""
    return which not in _BY_PRIORITY or access.reads(by, "priority")


def _check_readable(by: Actor, wanted: Wanted) -> None:
    """Refuse a list that would tell of a field which the actor does not read, as if it were none.

    Whoever may ask for all tickets of a priority knows which tickets have it.
    """
    if not readable(by, wanted.which):
        raise Invalid("which", f"{wanted.which.value!r} cannot be used here")
    for name, value in (("priority", wanted.priority), ("type", wanted.type)):
        if value is not None and not access.reads(by, name):
            raise Invalid(name, "is no field here")


def conditions(at_work: Desk, by: Actor, wanted: Wanted, now: dt.datetime) -> Where:
    """Return what a ticket must be to stand in a list."""
    if by.hidden:
        _check_readable(by, wanted)
    where = Where("t.tenant_id = %s", [at_work.tenant])
    if wanted.drill is not None:
        _drilled(where, at_work, by, wanted, wanted.drill)
    else:
        _named(where, by, wanted, now)
        _valued(where, at_work, wanted)
    if wanted.words.strip():
        words = wanted.words
        if "\0" in words:
            raise Invalid("words", "holds a NUL character, which no text has")
        where.add("t.id IN (SELECT ticket_id FROM search_tickets(%s, %s))", words, _ALL)
    seen, given = reach.condition(by)
    if seen != "true":
        where.add(seen, *given)
    return where


def _named(where: Where, by: Actor, wanted: Wanted, now: dt.datetime) -> None:
    which = wanted.which
    if which not in (Which.CREATED, Which.RESOLVED, Which.DONE, Which.ALL):
        where.add(ACTIVE)
    if which is Which.MINE:
        where.add("t.assignee_id = %s", by.person)
    elif told := _tests(now).get(which):
        where.add(told)
    column = "t.done_at" if which in (Which.RESOLVED, Which.DONE) else "t.opened_at"
    _between(where, column, wanted)


def _tests(now: dt.datetime) -> dict[Which, str]:
    """Return what the named lists ask of a ticket beside being active."""
    at, soon = _told(now), _told(now + ESCALATES_WITHIN)
    urgent = "t.priority IN ('P1', 'P2')"
    return {
        Which.UNASSIGNED: "t.assignee_id IS NULL",
        Which.URGENT: urgent,
        Which.URGENT_BREACHED: f"{urgent} AND t.due_at < {at}",
        Which.BREACHED: f"t.due_at < {at}",
        Which.AT_RISK: f"t.warn_at <= {at} AND t.due_at >= {at}",
        Which.ESCALATION_DUE: f"t.escalates_at <= {soon}",
        Which.FIRST_RESPONSE: "t.respond_at IS NOT NULL",
        Which.WAITING_CUSTOMER: "t.status = 'waiting customer'",
        Which.WAITING_INTERNAL: "t.status = 'waiting internal'",
        Which.CONTROLLED: f"(t.due_at IS NULL OR t.due_at >= {at})"
        f" AND (t.escalates_at IS NULL OR t.escalates_at > {soon})",
        Which.RESOLVED: "t.done_at IS NOT NULL",
        Which.DONE: "t.done_at IS NOT NULL",
    }


def _told(at: dt.datetime) -> str:
    # In the text, not beside it: how many are due by now decides which index is the right one, and
    # a plan that is made once for all instants cannot know.
    return f"timestamptz '{at.astimezone(dt.UTC).isoformat()}'"


def _between(where: Where, column: str, wanted: Wanted) -> None:
    if wanted.since is not None:
        where.add(f"{column} >= %s", wanted.since)
    if wanted.until is not None:
        where.add(f"{column} < %s", wanted.until)


def _valued(where: Where, at_work: Desk, wanted: Wanted) -> None:
    pipeline: int | None = None
    if wanted.pipeline is not None:
        shape.one_of(wanted.pipeline, "pipeline", at_work.pipelines)
        pipeline = at_work.pipelines[wanted.pipeline].id
        where.add("t.pipeline_id = %s", pipeline)
    if wanted.stage is not None:
        where.add("t.stage_id = ANY(%s)", _stages(at_work, pipeline, wanted.stage))
    if wanted.team is not None:
        where.add("t.team_id = %s", team_id(at_work, wanted.team))
    for column, value in (
        ("t.assignee_id", wanted.person),
        ("t.account_id", wanted.account),
        ("t.priority", wanted.priority),
        ("t.type", wanted.type),
    ):
        if value is not None:
            where.add(f"{column} = %s", value)


def _stages(at_work: Desk, pipeline: int | None, key: str) -> Sequence[int]:
    """Return the stages of that key, in one pipeline or in all; those that are gone as well."""
    found = [
        id_
        for (of, stage), id_ in at_work.stage_ids.items()
        if stage == key and pipeline in (None, of)
    ]
    if not found:
        shape.one_of(key, "stage", sorted({stage for _, stage in at_work.stage_ids}))
    return found


def team_id(at_work: Desk, team: str) -> int:
    """Return the id of a team by its key or name; refuse one that there is not."""
    key = team.casefold()
    shape.one_of(key, "team", at_work.teams)
    return at_work.teams[key].id


def _drilled(where: Where, at_work: Desk, by: Actor, wanted: Wanted, drill: Drill) -> None:
    """Ask for the clocks that `compliance` counted, by the same words."""
    verdicts: tuple[str, ...] = _VERDICTS
    if drill.verdict is not None:
        verdicts = (shape.one_of(drill.verdict, "verdict", verdicts),)
    where.sql = "c.tenant_id = %s"
    # In the text: there is an index for each of them.
    where.add(" OR ".join(f"c.verdict = '{one}'" for one in verdicts).join("()"))
    if drill.definition is not None:
        where.add("c.definition = %s", drill.definition)
    if drill.dimension is not None:
        name = shape.one_of(drill.dimension, "dimension", compliance.dimensions_of(by))
        where.add(f"c.{name} = ANY(%s)", _stored(at_work, name, drill.value))
    if drill.rescued:
        where.add("c.rescued")
    if drill.paused_by is not None:
        where.add(f"EXISTS (SELECT FROM event e WHERE {PAUSED} AND e.actor = %s)", drill.paused_by)
    _between(where, "c.decided_at", wanted)


def _stored(at_work: Desk, dimension: str, shown: str) -> list[str]:
    """Return what clocks hold of a value that the report shows by a name."""
    if shown == compliance.NOBODY:
        return [""]
    names = compliance._names(at_work).get(dimension, {})
    return [kept for kept, name in names.items() if name == shown] or [shown]
