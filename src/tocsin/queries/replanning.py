"""How far the tickets are that a new version has woken: each is decided anew."""

import datetime as dt
from dataclasses import dataclass

from tocsin.queries import access, configuration, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows


@dataclass(frozen=True, slots=True)
class Replanning:
    """The newest version, since when it counts, and how many tickets are still to be decided."""

    version: int
    since: dt.datetime
    left: int
    now: dt.datetime


@access.needs(Right.READ_CONFIGURATION)
def replanning(
    *, kind: str, key: str, by: Actor, now: dt.datetime | None = None
) -> Replanning | None:
    """Return how far re-planning is after the newest version of a thing; None if there is none.

    A ticket is to be decided when it should have woken and was last decided before the version.
    """
    found = configuration.thing(kind=kind, key=key, by=by)
    if found is None:
        return None
    with reach.reading(by):
        clock = rows.query("SELECT clock_timestamp()")[0][0]
        at = now or clock
        since = found.valid_from or at
        seen, given = reach.condition(by)
        left = rows.query(
            "SELECT count(*) FROM ticket t WHERE t.tenant_id = %s AND t.wake_at <= %s"
            f" AND t.decided_at < %s AND {seen}",
            [by.tenant, at, since + dt.timedelta(microseconds=1), *given],
        )
    return Replanning(found.version, since, int(left[0][0]), at)
