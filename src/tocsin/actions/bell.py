"""Reading what one was told."""

import datetime as dt

from tocsin.actions import ledger
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import rows


@access.needs(Right.SIGNED_IN)
def read(*, by: Actor, up_to: int, now: dt.datetime | None = None) -> None:
    """Mark one's own notifications up to an id as read; those that came meanwhile are not."""
    with ledger.session(by.tenant) as (_, clock):
        rows.run(
            "UPDATE notification SET read_at = %s WHERE tenant_id = %s AND person_id = %s"
            " AND id <= %s AND read_at IS NULL",
            [now or clock, by.tenant, by.person, up_to],
        )
