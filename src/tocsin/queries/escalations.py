"""The escalations of one ticket as its page shows them, and the paths that may be begun on it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.engine import preset
from tocsin.queries import access, desk, reach, timeline
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows

_COLUMNS = (
    *("number", "path", "path_version", "trigger", "reason", "clock", "begun_at", "level"),
    *("next_at", "next_step", "acknowledged_at", "acknowledged_by", "ended_at", "ended"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One escalation of a ticket. `name` is its path's, `newest` the path's newest version.

    `level` is the last that took over; `next_step` comes at `next_at` if nobody acts.
    `acknowledged_by` is a name. `ended` says why it ended, empty while it runs.
    """

    number: int
    path: str
    name: str
    version: int
    newest: int
    trigger: str
    reason: str
    clock: str
    begun_at: dt.datetime
    level: str
    next_at: dt.datetime | None
    next_step: str
    acknowledged_at: dt.datetime | None
    acknowledged_by: str
    ended_at: dt.datetime | None
    ended: str


@dataclass(frozen=True, slots=True)
class Escalations:
    """What runs, what ended, and the paths by key and name that somebody may begin by hand."""

    running: tuple[Shown, ...] = ()
    ended: tuple[Shown, ...] = ()
    paths: tuple[tuple[str, str], ...] = ()

    @property
    def waits(self) -> bool:
        """Whether something runs that nobody has acknowledged."""
        return any(one.acknowledged_at is None for one in self.running)


@access.needs(Right.READ_TICKETS)
def escalations(*, ticket_id: int, by: Actor, now: dt.datetime | None = None) -> Escalations:
    """Return the escalations of a ticket, the newest first. Customers see none of them."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        seen, given = reach.condition(by)
        own = rows.query(
            f"SELECT t.status FROM ticket t WHERE t.tenant_id = %s AND t.id = %s AND {seen}",
            [by.tenant, ticket_id, *given],
        )
        if not own:
            raise access.missing()
        if by.contact is not None:
            return Escalations()
        found = rows.query(
            f"SELECT {', '.join(_COLUMNS)} FROM escalation WHERE tenant_id = %s AND ticket_id = %s"
            " ORDER BY number DESC",
            [by.tenant, ticket_id],
        )
    shown = [_shown(at_work, row) for row in found]
    running = tuple(one for one in shown if one.ended_at is None)
    busy = {one.path for one in running}
    free = {} if own[0][0] in preset.DONE else _names(at_work, now or clock)
    return Escalations(
        running,
        tuple(one for one in shown if one.ended_at is not None),
        tuple((key, name) for key, name in free.items() if key not in busy),
    )


def _names(at_work: Desk, at: dt.datetime) -> dict[str, str]:
    return {one.key: one.name or one.key for one in at_work.versions.paths_at(at)}


def _shown(at_work: Desk, row: Sequence[Any]) -> Shown:
    own = dict(zip(_COLUMNS, row, strict=True))
    path, version = own["path"], own.pop("path_version")
    known = at_work.versions.path(path, version)
    newest = max((one.version for one in at_work.versions.paths if one.key == path), default=0)
    own["acknowledged_by"] = timeline.name_of(own["acknowledged_by"], at_work, {})
    if own["acknowledged_at"] is not None:
        own["next_at"] = None
    name = known.name or path if known else path
    return Shown(**own, name=name, version=version, newest=newest)
