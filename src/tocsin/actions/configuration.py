"""Facts of the configuration: the same log as that of tickets, one stream for each thing."""

import datetime as dt
from typing import Any

from tocsin.actions import audit
from tocsin.actions.work import sealed
from tocsin.engine.event import Event, Kind
from tocsin.queries.access import Actor
from tocsin.records import rows

# What processes keep of a tenant between transactions: a change makes them read it again.
_KEPT = frozenset(
    {
        *("tenant", "calendar", "policy", "pipeline", "person", "team"),
        *("contract", "hours", "priorities", "options"),
        *("path", "on-call", "template", "responsibilities", "absence"),
    }
)


def record(
    by: Actor,
    stream: str,
    id_: int,
    did: str,
    payload: dict[str, Any],
    *,
    now: dt.datetime,
    kind: Kind = Kind.CONFIGURED,
    content: str | None = None,
) -> int:
    """Append a fact to the stream of one thing; returns its number there.

    Whoever calls this holds the lock of the configuration or has just made the thing, so the
    numbers are without gaps.
    """
    found = rows.query(
        "SELECT coalesce(max(stream_seq), 0) FROM event"
        " WHERE tenant_id = %s AND stream_kind = %s AND stream_id = %s",
        [by.tenant, stream, id_],
    )
    seq = int(found[0][0]) + 1
    told, salt = sealed({"did": did, **payload}, content)
    event = Event(
        ticket="",
        kind=kind,
        effective_at=now,
        recorded_at=now,
        key=f"{stream}/{id_}/{seq}",
        payload=told,
        side=by.side,
        actor=by.name,
        source_seq=seq,
    )
    entry = audit.Entry(rows.ids("event", 1)[0], (stream, id_), seq, event, content, salt)
    audit.append(by.tenant, [entry])
    if stream in _KEPT:
        rows.run("UPDATE tenant SET config_version = config_version + 1 WHERE id = %s", [by.tenant])
    return seq
