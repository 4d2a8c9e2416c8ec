"""Exports: one's own, and those of others that wait for an agreement."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows

_COLUMNS = (
    "e.id, e.person_id, p.name, e.what, e.query, e.reason, e.asked_at, d.name, e.decided_at,"
    " e.approved, e.taken_at, e.rows"
)
_FROM = (
    "FROM export e JOIN person p ON p.tenant_id = e.tenant_id AND p.id = e.person_id"
    " LEFT JOIN person d ON d.tenant_id = e.tenant_id AND d.id = e.decided_by_id"
    " WHERE e.tenant_id = %s"
)


@dataclass(frozen=True, slots=True)
class Export:
    """An export: who asked for which list and why, who decided, when it was taken, how many rows.

    `approved` is None until somebody has decided, and for what needed nobody.
    """

    id: int
    person: int
    who: str
    what: str
    query: str
    reason: str
    asked_at: dt.datetime
    decider: str
    decided_at: dt.datetime | None
    approved: bool | None
    taken_at: dt.datetime | None
    rows: int | None


@access.needs(Right.EXPORT)
def mine(*, by: Actor, most: int = 50) -> list[Export]:
    """Return one's own exports, the newest first."""
    return _found(by, "AND e.person_id = %s ORDER BY e.id DESC LIMIT %s", [by.person, most])


@access.needs(Right.EXPORT)
def agreed(*, by: Actor, export: int) -> Export:
    """Return an export of one's own that somebody agreed to; raise as for any missing thing."""
    found = _found(by, "AND e.person_id = %s AND e.id = %s AND e.approved", [by.person, export])
    if not found:
        raise access.missing()
    return found[0]


@access.needs(Right.APPROVE_EXPORTS)
def waiting(*, by: Actor, most: int = 100) -> list[Export]:
    """Return the exports of others that nobody has decided yet, the oldest first."""
    where = "AND e.person_id <> %s AND e.approved IS NULL AND e.taken_at IS NULL"
    return _found(by, f"{where} ORDER BY e.id LIMIT %s", [by.person, most])


def _found(by: Actor, where: str, given: Sequence[Any]) -> list[Export]:
    with reach.reading(by):
        found = rows.query(f"SELECT {_COLUMNS} {_FROM} {where}", [by.tenant, *given])
    return [_export(row) for row in found]


def _export(row: Sequence[Any]) -> Export:
    values = list(row)
    values[7] = values[7] or ""
    return Export(*values)
