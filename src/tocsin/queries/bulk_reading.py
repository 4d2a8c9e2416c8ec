"""When somebody was last stopped because they had opened too many tickets."""

import datetime as dt

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows


@access.needs(Right.READ_TICKETS)
def stopped_at(*, by: Actor) -> dt.datetime | None:
    """Return when the reader was last stopped, None if they never were."""
    with reach.reading(by):
        found = rows.query(
            "SELECT max(effective_at) FROM event WHERE tenant_id = %s AND stream_kind = 'sign-in'"
            " AND stream_id = %s AND payload::json ->> 'did' = 'bulk reading'",
            [by.tenant, by.person],
        )
    at: dt.datetime | None = found[0][0]
    return at
