"""What came of the desk's audits of itself."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from tocsin.queries import access, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.reckoning import Difference
from tocsin.records import rows

_COLUMNS = "started_at, finished_at, by, tickets, clocks, violations, differences, sample"


@dataclass(frozen=True, slots=True)
class Run:
    """One run: when, by whom, how much was looked at, and how much was otherwise."""

    started_at: dt.datetime
    finished_at: dt.datetime
    by: str
    tickets: int
    clocks: int
    violations: int
    differences: int
    sample: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Audits:
    """The newest runs first; `planned_at` is the next, None while none has been planned yet.

    `state` is "planned", "queued" when it is due, "running" while somebody is at it.
    """

    now: dt.datetime
    runs: tuple[Run, ...]
    planned_at: dt.datetime | None
    state: str


@access.needs(Right.READ_AUDIT)
def audits(*, by: Actor, most: int = 30, now: dt.datetime | None = None) -> Audits:
    """Return the newest runs, and when the next is planned."""
    with reach.reading(by):
        _, clock = desk.at_work(by.tenant)
        found = rows.query(
            f"SELECT {_COLUMNS} FROM audit_run WHERE tenant_id = %s"
            " ORDER BY finished_at DESC, id DESC LIMIT %s",
            [by.tenant, most],
        )
        planned = rows.query(
            "SELECT wake_at, held_until FROM schedule WHERE tenant_id = %s AND kind = 'audit'",
            [by.tenant],
        )
    at = now or clock
    runs = tuple(_run(row) for row in found)
    if not planned:
        return Audits(at, runs, None, "planned")
    wake_at, held = planned[0]
    if held is not None and held > at:
        return Audits(at, runs, wake_at, "running")
    return Audits(at, runs, wake_at, "queued" if wake_at <= at else "planned")


def _run(row: tuple[Any, ...]) -> Run:
    sample = tuple(Difference(**one) for one in json.loads(row[-1]))
    return Run(*(*row[:-1], sample))
