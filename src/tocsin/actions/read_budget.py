"""How many tickets a person may still open or export within the hour, inside a tenant."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from tocsin.queries.access import Actor
from tocsin.records import rows

STREAM = "sign-in"
# What the log says of somebody who was stopped, and of one who then proved who they are.
BLOCKED, WENT_ON = "bulk reading", "reads on"
HOUR = dt.timedelta(hours=1)
# Exports whose rows are tickets.
OF_TICKETS = ("violations",)
_DEFAULT = 300


@dataclass(frozen=True, slots=True)
class Hour:
    """What the log says of a person's last hour.

    `levels` are the budgets at which they were stopped, the last time at `blocked_at`. `proofs` is
    how often they went on; `proved_last` says whether they have since they were last stopped.
    """

    blocked_at: dt.datetime | None
    levels: frozenset[int]
    proofs: int
    proved_last: bool


def left(by: Actor, at: dt.datetime) -> int:
    """Return how many tickets a person may still open or export."""
    return max(0, budget(by) * (1 + hour(by, at).proofs) - used(by, at))


def budget(by: Actor) -> int:
    """Return how many tickets a person of the tenant may open in an hour."""
    found = rows.query("SELECT read_budget FROM security WHERE tenant_id = %s", [by.tenant])
    return int(found[0][0]) if found else _DEFAULT


def used(by: Actor, at: dt.datetime) -> int:
    """Return how many tickets they opened or exported within the hour.

    What a second person agreed to does not count.
    """
    since, own = at - HOUR, [by.tenant, by.person]
    return int(
        rows.query(
            "SELECT (SELECT count(*) FROM read_mark WHERE tenant_id = %s AND person_id = %s"
            " AND read_at > %s) + (SELECT coalesce(sum(rows), 0) FROM export WHERE tenant_id = %s"
            " AND person_id = %s AND taken_at > %s AND decided_by_id IS NULL AND what = ANY(%s))",
            [*own, since, *own, since, list(OF_TICKETS)],
        )[0][0]
    )


def hour(by: Actor, at: dt.datetime) -> Hour:
    """Return how often they were stopped within the hour, and how often they went on."""
    found = rows.query(
        "SELECT effective_at, payload FROM event WHERE tenant_id = %s AND stream_kind = %s"
        " AND stream_id = %s AND effective_at > %s ORDER BY stream_seq",
        [by.tenant, STREAM, by.person, at - HOUR],
    )
    blocked_at, levels, proofs, last = None, set[int](), 0, False
    for when, payload in found:
        told: dict[str, Any] = json.loads(payload)
        if told.get("did") == BLOCKED:
            levels.add(int(told["allowed"]))
            blocked_at, last = when, False
        elif told.get("did") == WENT_ON:
            proofs, last = proofs + 1, True
    return Hour(blocked_at, frozenset(levels), proofs, last)
