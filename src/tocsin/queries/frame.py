"""What stands around every screen: whose desk it is, the bell, and where the stream goes on."""

import datetime as dt
from dataclasses import dataclass

from tocsin.queries import access, bell, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows


@dataclass(frozen=True, slots=True)
class Frame:
    """One look. `position` is that of the newest event that the page can know of."""

    desk: Desk
    now: dt.datetime
    position: int
    unread: int


@access.needs(Right.SIGNED_IN)
def frame(*, by: Actor) -> Frame:
    """Return the frame. Asked before the contents, so that the stream repeats and never skips."""
    seen, own = reach.about(by, "ticket_id")
    with reach.reading(by):
        at_work, now = desk.at_work(by.tenant)
        found = rows.query(
            "SELECT coalesce((SELECT last FROM counter WHERE tenant_id = %s AND name = 'position'),"
            " 0), (SELECT count(*) FROM (SELECT FROM notification WHERE tenant_id = %s"
            f" AND person_id = %s AND read_at IS NULL AND {seen} LIMIT %s) x)",
            [by.tenant, by.tenant, by.person, *own, bell.MOST_COUNTED],
        )
    return Frame(at_work, now, *found[0])
