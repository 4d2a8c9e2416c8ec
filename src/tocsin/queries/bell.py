"""What a person was told in the product: the lines under their bell."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One notification; `parts` says what happened, for whoever puts it into words."""

    id: int
    ticket: int | None
    number: int | None
    subject: str
    parts: Mapping[str, Any]
    critical: bool
    at: dt.datetime
    read: bool


@access.needs(Right.SIGNED_IN)
def lines(*, by: Actor, before: int | None = None, most: int = 50) -> list[Line]:
    """Return a person's own notifications, the newest first; `before` is an id to go on from."""
    seen, own = reach.about(by, "n.ticket_id")
    with reach.reading(by):
        found = rows.query(
            "SELECT n.id, n.ticket_id, t.number, t.subject, n.parts, n.critical, n.created_at,"
            " n.read_at IS NOT NULL FROM notification n"
            " LEFT JOIN ticket t ON t.tenant_id = n.tenant_id AND t.id = n.ticket_id"
            f" WHERE n.tenant_id = %s AND n.person_id = %s AND n.id < %s AND {seen}"
            " ORDER BY n.id DESC LIMIT %s",
            [by.tenant, by.person, before or 2**62, *own, most],
        )
    return [
        Line(
            id=row[0],
            ticket=row[1],
            number=row[2],
            subject=row[3] or "",
            parts=json.loads(row[4]),
            critical=row[5],
            at=row[6],
            read=row[7],
        )
        for row in found
    ]


@access.needs(Right.SIGNED_IN)
def unread(*, by: Actor) -> int:
    """Return how many a person has not read, up to 100."""
    seen, own = reach.about(by, "ticket_id")
    with reach.reading(by):
        found = rows.query(
            "SELECT count(*) FROM (SELECT FROM notification WHERE tenant_id = %s"
            f" AND person_id = %s AND read_at IS NULL AND {seen} LIMIT %s) x",
            [by.tenant, by.person, *own, MOST_COUNTED],
        )
    return int(found[0][0])
