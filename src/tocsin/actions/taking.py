"""Taking the next one: of two people who ask at once each gets another ticket."""

import datetime as dt

from tocsin.actions import effects, ledger
from tocsin.engine.event import Kind
from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows


@access.needs(Right.ASSIGN)
def take_next(*, by: Actor, now: dt.datetime | None = None) -> int | None:
    """Give the actor the unowned ticket that ranks first; returns its number, or None.

    A ticket that waits for somebody is left alone; one that another person is just taking is
    passed over.
    """
    if by.person is None:
        raise access.missing()
    with ledger.session(by.tenant) as (at_work, _):
        own, given = reach.condition(by)
        found = rows.query(
            "SELECT t.id FROM ticket t WHERE t.tenant_id = %s AND t.assignee_id IS NULL"
            f" AND t.status IN ('new', 'open') AND {own} ORDER BY t.rank_at, t.id LIMIT 1"
            " FOR UPDATE OF t SKIP LOCKED",
            [by.tenant, *given],
        )
        if not found:
            return None
        work = ledger.lock(at_work, [found[0][0]], now=now)[0]
        effects.settle(work)
        work.add(Kind.ASSIGNEE, {"to": str(by.person)}, by)
        effects.settle(work)
        ledger.write([work])
        return int(work.row["number"])
