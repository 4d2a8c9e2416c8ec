"""Promises kept and broken day by day, for charts."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A date of a zone: from when until when it lasts, and what was decided in it."""

    date: dt.date
    since: dt.datetime
    until: dt.datetime
    met: int
    breached: int

    @property
    def share(self) -> float | None:
        """The compliance of the day, None when nothing was decided."""
        decided = self.met + self.breached
        return self.met / decided if decided else None


@access.needs(Right.READ_REPORTS)
def by_day(
    *,
    by: Actor,
    since: dt.datetime,
    until: dt.datetime,
    zone: dt.tzinfo,
    definition: str | None = None,
) -> list[Day]:
    """Return every date of a period, empty ones too; the period's ends cut its days."""
    seen, own = reach.about(by, "ticket_id")
    where, given = f" AND {seen}", list[Any](own)
    if definition is not None:
        where, given = f"{where} AND definition = %s", [*given, definition]
    with reach.reading(by):
        found = rows.query(
            "SELECT (decided_at AT TIME ZONE %s)::date, count(*) FILTER (WHERE verdict = 'met'),"
            " count(*) FILTER (WHERE verdict = 'breached') FROM clock WHERE tenant_id = %s"
            f" AND verdict IN ('met', 'breached') AND decided_at >= %s AND decided_at < %s{where}"
            " GROUP BY 1",
            [str(zone), by.tenant, since, until, *given],
        )
    counts = {date: (met, breached) for date, met, breached in found}
    made, date = list[Day](), since.astimezone(zone).date()
    while (begin := dt.datetime.combine(date, dt.time(), zone)) < until:
        end = dt.datetime.combine(date + _DAY, dt.time(), zone)
        made.append(Day(date, max(begin, since), min(end, until), *counts.get(date, (0, 0))))
        date += _DAY
    return made
