"""Limits: how often something may be tried, counted in the database for all processes together.

What is limited is counted before it is done. A bucket takes `most` tries and one more each `each`.
Counted outside of a transaction a try stays counted, whatever becomes of it.
"""

import datetime as dt
import hashlib

from tocsin.queries import access
from tocsin.records import rows

# A bucket that drips so slowly only counts.
_NEVER_S = 1e9


@access.operates
def take(
    what: str, who: str, *, most: float, each: dt.timedelta, tenant: int = 0
) -> dt.timedelta | None:
    """Count one try of `what` by `who`; return None when it is allowed, else how long to wait.

    A try that is not allowed makes the wait no longer. Without a `tenant` it counts for the whole
    installation.
    """
    wait = rows.query(
        "SELECT rate_limit_take(%s, %s, %s)",
        [_key(what, who, tenant), float(most), each.total_seconds()],
    )
    seconds = float(wait[0][0])
    return dt.timedelta(seconds=seconds) if seconds > 0 else None


@access.operates
def give_back(what: str, who: str, *, tenant: int = 0) -> None:
    """Take one try back: it turned out to be one that is not limited."""
    rows.run(
        "UPDATE rate_limit SET level = greatest(0, level - 1) WHERE key = %s",
        [_key(what, who, tenant)],
    )


@access.operates
def forget(what: str, who: str, *, tenant: int = 0) -> None:
    """Forget all tries of `what` by `who`."""
    rows.run("DELETE FROM rate_limit WHERE key = %s", [_key(what, who, tenant)])


@access.operates
def count(what: str, who: str, *, tenant: int = 0) -> None:
    """Count without a limit, until `counted` asks for the sum."""
    take(what, who, most=_NEVER_S, each=dt.timedelta(seconds=_NEVER_S), tenant=tenant)


@access.operates
def counted(what: str, who: str, *, tenant: int = 0) -> int:
    """Return what was counted since this was asked last."""
    found = rows.query(
        "DELETE FROM rate_limit WHERE key = %s RETURNING level", [_key(what, who, tenant)]
    )
    return round(float(found[0][0])) if found else 0


@access.operates
def forget_old(*, now: dt.datetime | None = None) -> int:
    """Delete what nobody has tried for two days; returns how many rows that were."""
    found = rows.query(
        "WITH gone AS (DELETE FROM rate_limit"
        " WHERE at < coalesce(%s::timestamptz, clock_timestamp()) - interval '2 days' RETURNING 1)"
        " SELECT count(*) FROM gone",
        [now],
    )
    return int(found[0][0])


def _key(what: str, who: str, tenant: int) -> bytes:
    # What people type is hashed: the table says nothing about who was tried.
    return hashlib.sha256(f"{tenant}\0{what}\0{who}".encode()).digest()
