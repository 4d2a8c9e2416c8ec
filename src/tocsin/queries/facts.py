"""The event log as the engine reads it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from tocsin.engine import event as events
from tocsin.engine.event import Event, Kind, Side

_COLUMNS = (
    "stream_id, kind, effective_at, recorded_at, side, actor, source, source_rank, source_seq,"
    " imported, key, payload"
)


def of_tickets(tenant: int, tickets: Sequence[int]) -> dict[int, list[Event]]:
    """Return the facts of tickets, each ticket's in the order in which they were recorded."""
    found: dict[int, list[Event]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM event WHERE tenant_id = %s AND stream_kind = 'ticket'"
            " AND stream_id = ANY(%s) ORDER BY stream_id, stream_seq",
            [tenant, list(tickets)],
        )
        for row in cursor.fetchall():
            found[row[0]].append(_event(str(row[0]), row))
    return found


def of_calendars(tenant: int) -> Iterator[Event]:
    """Yield the facts that calendars and policies changed under running clocks: every ticket's."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM event WHERE tenant_id = %s"
            " AND stream_kind IN ('calendar', 'policy') AND kind = ANY(%s)"
            " ORDER BY effective_at, stream_id, stream_seq",
            [tenant, [Kind.CALENDAR_VERSION.value, Kind.POLICY_ATTACHED.value]],
        )
        for row in cursor.fetchall():
            yield _event("", row)


def _event(ticket: str, row: tuple[Any, ...]) -> Event:
    return Event(
        ticket=ticket,
        kind=Kind(row[1]),
        effective_at=row[2],
        recorded_at=row[3],
        side=Side(row[4]),
        actor=row[5],
        source=row[6],
        source_rank=row[7],
        source_seq=row[8],
        imported=row[9],
        key=row[10],
        payload=json.loads(row[11]),
    )


def with_calendars(own: list[Event], calendars: Iterable[Event]) -> list[Event]:
    """Return a ticket's facts with those of calendars that came after its first, in order."""
    if not own:
        return own
    ordered = events.in_order(own)
    begun = ordered[0].effective_at
    later = [fact for fact in calendars if fact.effective_at > begun]
    return events.in_order([*ordered, *later]) if later else ordered
