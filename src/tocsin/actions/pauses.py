"""Leave to pause: what somebody asked for is carried out or refused by those who may."""

import datetime as dt

from tocsin.actions import ledger, waiting
from tocsin.actions.work import Work
from tocsin.engine.event import Event, Kind
from tocsin.queries import access, discipline
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.records import rows


@access.needs(Right.APPROVE_PAUSES)
def approve_pause(
    *, ticket_id: int, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> None:
    """Have the ticket wait as somebody asked: from now on, not from when they asked."""
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        request = _request(work)
        work.add(Kind.FIELD, {"name": discipline.REQUEST, "to": None, "did": "approved"}, by)
        waiting.begin(work, str(request.payload["to"]), _reason(work, request), by)
        waiting.ring(work, "pause approved", [_person(request)], by)


@access.needs(Right.APPROVE_PAUSES)
def refuse_pause(
    *, ticket_id: int, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> None:
    """Refuse a pause that somebody asked for; the clocks run on."""
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        request = _request(work)
        work.add(Kind.FIELD, {"name": discipline.REQUEST, "to": None, "did": "refused"}, by)
        waiting.ring(work, "pause refused", [_person(request)], by)


def _request(work: Work) -> Event:
    found = discipline.pending(work.log)
    if found is None:
        raise NotAllowed("nobody asks for a pause of this ticket any more")
    return found


def _reason(work: Work, request: Event) -> str:
    """Return why, as it was written; it may have been erased since."""
    found = rows.query(
        "SELECT c.content FROM event e JOIN event_content c ON c.tenant_id = e.tenant_id"
        " AND c.event_id = e.id WHERE e.tenant_id = %s AND e.key = %s",
        [work.tenant, request.key],
    )
    return str(found[0][0]) if found else "–"


def _person(request: Event) -> int | None:
    kind, _, id_ = request.actor.partition(":")
    return int(id_) if kind == "person" and id_.isdecimal() else None
