"""Promises that were kept only because their clocks were paused: how many, whose, by whom."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.queries import access, compliance, desk, reach, timeline
from tocsin.queries.access import Actor, Right
from tocsin.queries.filters import PAUSED, Where
from tocsin.records import rows


@dataclass(frozen=True, slots=True)
class Share:
    """Of `met` promises of a team, by the name that the compliance report has for it, `rescued`."""

    name: str
    met: int
    rescued: int


@dataclass(frozen=True, slots=True)
class Pauser:
    """Somebody whose pauses kept promises, and how many: two who paused one clock both did."""

    actor: str
    name: str
    rescued: int


@dataclass(frozen=True, slots=True)
class Rescues:
    """What pauses did for the figures of a period."""

    met: int
    rescued: int
    teams: Sequence[Share]
    pausers: Sequence[Pauser]


@access.needs(Right.READ_REPORTS)
def rescues(
    *,
    by: Actor,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    definition: str | None = None,
) -> Rescues:
    """Return how many of the promises kept in a period would have been missed without pauses."""
    where = _met(by, since, until, definition)
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        teams = rows.query(
            "SELECT c.team, count(*), count(*) FILTER (WHERE c.rescued) FROM clock c"
            f" WHERE {where.sql} GROUP BY 1",
            where.given,
        )
        pausers = rows.query(
            # Few are: they come first, and the facts of just those are looked up.
            f"WITH c AS MATERIALIZED (SELECT * FROM clock c WHERE {where.sql} AND c.rescued)"
            f" SELECT e.actor, count(DISTINCT c.id) FROM c JOIN event e ON {PAUSED} GROUP BY 1",
            where.given,
        )
        known = timeline.contacts(by.tenant, {actor for actor, _ in pausers})
    called = compliance._names(at_work)["team"]
    shares = [
        Share(called.get(key, key) or compliance.NOBODY, met, rescued)
        for key, met, rescued in teams
        if rescued
    ]
    return Rescues(
        met=sum(met for _, met, _ in teams),
        rescued=sum(rescued for *_, rescued in teams),
        teams=sorted(shares, key=lambda one: (-one.rescued, one.name)),
        pausers=sorted(
            (Pauser(a, timeline.name_of(a, at_work, known), count) for a, count in pausers),
            key=lambda one: (-one.rescued, one.name),
        ),
    )


def _met(
    by: Actor, since: dt.datetime | None, until: dt.datetime | None, definition: str | None
) -> Where:
    where = Where("c.tenant_id = %s AND c.verdict = 'met'", [by.tenant])
    seen, own = reach.about(by, "c.ticket_id")
    where.add(seen, *own)
    tests: tuple[tuple[str, Any], ...] = (
        ("c.definition = %s", definition),
        ("c.decided_at >= %s", since),
        ("c.decided_at < %s", until),
    )
    for test, value in tests:
        if value is not None:
            where.add(test, value)
    return where
