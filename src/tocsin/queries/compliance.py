"""Compliance: how many promises that were decided were kept, and by whom, where and when."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.engine.compliance import Compliance, Figures
from tocsin.engine.verdict import Verdict
from tocsin.kit import shape
from tocsin.queries import access, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows

# What a clock's row says of the instant at which its promise was decided, or of now.
DIMENSIONS = ("owner", "stage", "type", "month", "priority", "team")
USUAL = ("owner", "stage", "type", "month")
NOBODY = "(none)"
# The newest clock of each ticket that answers for the promise; one that was cancelled or replaced
# in time answers for nothing.
_JUDGED = (
    "SELECT DISTINCT ON (ticket_id) ticket_id, verdict FROM clock"
    " WHERE tenant_id = %s AND definition = %s AND verdict <> 'none' AND {seen}"
    " ORDER BY ticket_id, started_at DESC, cycle DESC, length(key) DESC, key DESC"
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the verdict of the desk that tickets came from is ours: `agree` of `compared`."""

    compared: int
    agree: int
    source_met: int

    @property
    def differ(self) -> int:
        """How many verdicts are not ours."""
        return self.compared - self.agree


def dimensions_of(by: Actor) -> tuple[str, ...]:
    """Return the dimensions that an actor may ask for: those that tell of no hidden field."""
    return tuple(name for name in DIMENSIONS if access.reads(by, name))


@access.needs(Right.READ_REPORTS)
def compliance(
    *,
    by: Actor,
    dimensions: Sequence[str] = USUAL,
    definition: str | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> Compliance:
    """Return how many promises were kept, in all and under each value of each dimension.

    With `since` or `until` only those decided from then on or before then; what is open is decided
    at no instant, so a period has none. `definition` names one clock, such as ``resolution``.
    """
    for name in dimensions:
        shape.one_of(name, "dimensions", dimensions_of(by))
    wanted = list(dict.fromkeys(dimensions))
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        found = _counted(by, wanted, definition, since, until)
    names = _names(at_work)
    made = Compliance()
    for which, value, figures in found:
        if which is None:
            made.total = figures
        elif which != "month" or value:
            told = names.get(which, {}).get(value, value) or NOBODY
            made.by[which][told] = figures
    return made


def _counted(
    by: Actor,
    dimensions: Sequence[str],
    definition: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
) -> list[tuple[str | None, str, Figures]]:
    """Return figures in all (no dimension) and by each value of each dimension, in one look."""
    seen, own = reach.about(by, "ticket_id")
    where = f"tenant_id = %s AND verdict IN ('met', 'breached', 'open') AND {seen}"
    given: list[Any] = [by.tenant, *own]
    tests: tuple[tuple[str, Any], ...] = (
        ("definition = %s", definition),
        ("decided_at >= %s", since),
        ("decided_at < %s", until),
    )
    for test, value in tests:
        if value is not None:
            where, given = f"{where} AND {test}", [*given, value]
    columns = "".join(f"{name}, " for name in dimensions)
    # A bit for each dimension, 0 for the one that a row is about.
    bits = f"GROUPING({', '.join(dimensions)})" if dimensions else "0"
    sets = ", ".join(["()", *(f"({name})" for name in dimensions)])
    counts = ", ".join(
        f"count(*) FILTER (WHERE verdict = '{verdict}')" for verdict in ("met", "breached", "open")
    )
    statement = (
        f"SELECT {columns}{bits}, {counts} FROM clock WHERE {where} GROUP BY GROUPING SETS ({sets})"
    )
    last = len(dimensions) - 1
    about = {((1 << len(dimensions)) - 1) ^ (1 << (last - k)): k for k in range(len(dimensions))}
    made: list[tuple[str | None, str, Figures]] = []
    for row in rows.query(statement, given):
        place = about.get(row[len(dimensions)]) if dimensions else None
        figures = Figures(*row[len(dimensions) + 1 :])
        if place is None:
            made.append((None, "", figures))
        else:
            made.append((dimensions[place], row[place], figures))
    return made


def _names(at_work: Desk) -> Mapping[str, Mapping[str, str]]:
    """Return what people call an owner or a team; two people of one name are told apart."""
    people = at_work.people.values()
    shared = Counter(person.name for person in people)
    owners = {
        str(person.id): person.name if shared[person.name] == 1 else f"{person.name} ({person.id})"
        for person in people
    }
    return {"owner": owners, "team": {key: team.name for key, team in at_work.teams.items()}}


@access.needs(Right.READ_REPORTS)
def agreement(*, by: Actor, definition: str = "resolution", source: str | None = None) -> Agreement:
    """Return how often the verdict of the desk that tickets came from is that of our clock.

    A source says that it keeps a promise until it breaks it, so of a ticket that is not closed,
    its promise undecided, that says nothing yet.
    """
    where = "" if source is None else " AND i.source = %s"
    seen, own = reach.about(by, "ticket_id")
    given: list[Any] = [by.tenant, definition, *own, by.tenant]
    with reach.reading(by):
        # All of a tenant's rows are joined. Right after an import the planner takes them for a few
        # and would look through all again for each.
        rows.run("SET LOCAL enable_nestloop = off")
        found = rows.query(
            f"WITH judged AS ({_JUDGED.format(seen=seen)}) SELECT i.met, j.verdict, count(*)"
            " FROM imported i JOIN judged j ON j.ticket_id = i.ticket_id"
            " JOIN ticket t ON t.tenant_id = i.tenant_id AND t.id = i.ticket_id"
            " WHERE i.tenant_id = %s AND i.met IS NOT NULL"
            f" AND NOT (i.met AND j.verdict = 'open' AND t.status <> 'closed'){where}"
            " GROUP BY 1, 2",
            given if source is None else [*given, source],
        )
    return _agreement(found)


def _agreement(found: Iterable[tuple[bool, str, int]]) -> Agreement:
    counts = {(bool(met), verdict): count for met, verdict, count in found}
    agree = counts.get((True, Verdict.MET.value), 0) + counts.get(
        (False, Verdict.BREACHED.value), 0
    )
    met = sum(count for (kept, _), count in counts.items() if kept)
    return Agreement(sum(counts.values()), agree, met)
