"""The register of violations: each promise that was missed, by how much, and who saw to it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.engine.clock import Cause
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, filters, naming, overruns, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.filters import Where
from tocsin.queries.overruns import Overrun
from tocsin.records import rows

MOST = 1000
# What a violation is looked for by, in words of the desk.
CAUSES = tuple(cause.value for cause in Cause)
_OWN = (
    *("id", "ticket_id", "clock", "due_at", "breached_at", "detected_at", "cause", "policy"),
    *("policy_version", "owner", "team", "stage", "withdrawn_at", "acknowledged_at"),
    *("acknowledged_by_id", "note"),
)
_AGREEMENTS = ("SLA", "OLA", "UC")


@dataclass(frozen=True, slots=True)
class Sought:
    """Which violations; what is None is not asked for. `owner`, `team`, `stage` are of that time.

    `since` and `until` bound when they happened. `clock` is a kind of clock, such as
    ``resolution``. An empty owner, team or stage is that of none.
    """

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    team: str | None = None
    owner: str | None = None
    stage: str | None = None
    clock: str | None = None
    policy: str | None = None
    cause: str | None = None
    acknowledged: bool | None = None
    standing: bool | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """One of them. `owner`, `team` and `stage` are names of what held when it happened.

    `clock` is the clock's id within its ticket, `kind` what kind of clock it is. Without `overrun`
    there is none: it was withdrawn.
    """

    id: int
    ticket: int
    number: int
    subject: str
    clock: str
    kind: str
    due_at: dt.datetime
    breached_at: dt.datetime
    detected_at: dt.datetime
    cause: str
    policy: str
    policy_version: int
    owner: str
    team: str
    stage: str
    withdrawn_at: dt.datetime | None
    acknowledged_at: dt.datetime | None
    acknowledged_by: str
    note: str
    overrun: Overrun | None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the register, the newest first. `after` leads to the next one, None at the end."""

    violations: tuple[Violation, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Sum:
    """How many there are; `waiting` are those that stand and that nobody has acknowledged."""

    all: int
    standing: int
    waiting: int
    acknowledged: int
    withdrawn: int


@access.needs(Right.READ_REPORTS)
def violations(
    *,
    by: Actor,
    sought: Sought | None = None,
    after: str | None = None,
    most: int = 50,
    now: dt.datetime | None = None,
) -> Page:
    """Return a page of the register, from its beginning or after another page."""
    if shape.whole(most, "most", least=1) > MOST:
        raise Invalid("most", f"is {most}; {MOST} are the most")
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        where = _conditions(by, sought or Sought())
        if after is not None:
            where.add("(v.breached_at, v.id) < (%s, %s)", *filters.place(after))
        found = _found(where, most + 1)
        shown = found[:most]
        over = overruns.of(at_work, [row[-1] for row in shown], now=now or clock)
    made = tuple(_violation(row, at_work, over.get(row[0])) for row in shown)
    more = filters.token(made[-1].breached_at, made[-1].id) if len(found) > most else None
    return Page(made, more)


@access.needs(Right.READ_REPORTS)
def count(*, by: Actor, sought: Sought | None = None) -> Sum:
    """Return how many there are in the register, all its pages together."""
    with reach.reading(by):
        where = _conditions(by, sought or Sought())
        found = rows.query(
            "SELECT count(*), count(*) FILTER (WHERE v.withdrawn_at IS NULL),"
            " count(*) FILTER (WHERE v.withdrawn_at IS NULL AND v.acknowledged_at IS NULL),"
            " count(v.acknowledged_at), count(v.withdrawn_at)"
            f" FROM violation v WHERE {where.sql}",
            where.given,
        )
    return Sum(*found[0])


def _conditions(by: Actor, sought: Sought) -> Where:
    where = Where("v.tenant_id = %s", [by.tenant])
    seen, own = reach.about(by, "v.ticket_id")
    where.add(seen, *own)
    if sought.cause is not None:
        shape.one_of(sought.cause, "cause", CAUSES)
    tests: tuple[tuple[str, Any], ...] = (
        ("v.breached_at >= %s", sought.since),
        ("v.breached_at < %s", sought.until),
        ("v.team = %s", sought.team),
        ("v.owner = %s", sought.owner),
        ("v.stage = %s", sought.stage),
        ("v.policy = %s", sought.policy),
        ("v.cause = %s", sought.cause),
    )
    for test, value in tests:
        if value is not None:
            where.add(test, _text(value))
    if sought.clock is not None:
        where.add("v.clock LIKE ANY(%s)", _ids_of(_text(sought.clock)))
    for column, wanted in (
        ("v.acknowledged_at", sought.acknowledged),
        ("v.withdrawn_at", None if sought.standing is None else not sought.standing),
    ):
        if wanted is not None:
            where.add(f"{column} IS {'NOT ' if wanted else ''}NULL")
    return where


def _text(value: Any) -> Any:
    if isinstance(value, str) and "\0" in value:
        raise Invalid("sought", "holds a NUL character, which no text has")
    return value


def _ids_of(kind: str) -> list[str]:
    """Return patterns for the ids of clocks of a kind: ``SLA/resolution#%``."""
    for sign in "\\%_":
        kind = kind.replace(sign, f"\\{sign}")
    return [f"{agreement}/{kind}#%" for agreement in _AGREEMENTS]


def _found(where: Where, most: int) -> list[tuple[Any, ...]]:
    """Return a page's rows: the violation's own, its ticket's, and last its clock's as a value."""
    columns = ", ".join(f"v.{name}" for name in _OWN)
    clock = ", ".join(f"c.{name}" for name in overruns.COLUMNS)
    found = rows.query(
        f"SELECT {columns}, t.number, t.subject, {clock},"
        # A clock that ended while it was paused has no due on its row; if it was missed once only,
        # it is that one.
        " c.due_at IS NULL AND NOT EXISTS (SELECT FROM violation x WHERE x.tenant_id = v.tenant_id"
        " AND x.ticket_id = v.ticket_id AND x.clock = v.clock AND x.id <> v.id"
        " AND x.withdrawn_at IS NULL)"
        f" FROM (SELECT {columns}, v.tenant_id FROM violation v WHERE {where.sql}"
        " ORDER BY v.breached_at DESC, v.id DESC LIMIT %s) v"
        " JOIN ticket t ON t.tenant_id = v.tenant_id AND t.id = v.ticket_id"
        " LEFT JOIN clock c ON c.tenant_id = v.tenant_id AND c.ticket_id = v.ticket_id"
        " AND c.key = v.clock ORDER BY v.breached_at DESC, v.id DESC",
        [*where.given, most],
    )
    first = len(_OWN) + 2
    return [(*row[:first], _missed(row, first)) for row in found]


def _missed(row: Sequence[Any], first: int) -> overruns.Missed:
    own = dict(zip(_OWN, row, strict=False))
    return overruns.Missed(
        id=own["id"],
        ticket=own["ticket_id"],
        clock=own["clock"],
        due=own["due_at"],
        withdrawn=own["withdrawn_at"] is not None,
        only=bool(row[-1]),
        row=dict(zip(overruns.COLUMNS, row[first:-1], strict=True)),
    )


def _violation(row: Sequence[Any], at_work: Desk, over: Overrun | None) -> Violation:
    own = dict(zip(_OWN, row, strict=False))
    who = at_work.people.get(own.pop("acknowledged_by_id") or 0)
    return Violation(
        ticket=own.pop("ticket_id"),
        number=row[len(_OWN)],
        subject=row[len(_OWN) + 1],
        kind=naming.kind(own["clock"]),
        owner=naming.owner(at_work, own.pop("owner")),
        team=naming.team(at_work, own.pop("team")),
        stage=naming.stage(at_work, own.pop("stage")),
        acknowledged_by=who.name if who else "",
        overrun=over,
        **own,
    )
