"""Callbacks: somebody asked to be called, we gave our word for an instant, and it was done."""

import datetime as dt

from tocsin.actions import given, ledger
from tocsin.engine.event import Kind
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.audit import instant


@access.needs(Right.WRITE)
def request(*, ticket_id: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Note that the contact wants to be called."""
    with ledger.change(ticket_id, by=by, now=now) as work:
        work.add(Kind.CALLBACK_REQUESTED, {}, by)


@access.needs(Right.NOTE)
def promise(*, ticket_id: int, at: dt.datetime, by: Actor, now: dt.datetime | None = None) -> None:
    """Promise to call by an instant: that is the due of the callback clock."""
    with ledger.change(ticket_id, by=by, now=now) as work:
        if at <= work.now:
            raise Invalid("at", "is past; choose an instant that lies ahead")
        work.add(Kind.CALLBACK_PROMISED, {"promised_at": instant(at)}, by)


@access.needs(Right.NOTE)
def done(*, ticket_id: int, outcome: str, by: Actor, now: dt.datetime | None = None) -> None:
    """Say that the call was made, and what came of it."""
    outcome = given.text(outcome, "reason")
    with ledger.change(ticket_id, by=by, now=now) as work:
        asked = (Kind.CALLBACK_REQUESTED, Kind.CALLBACK_PROMISED)
        calls = [fact.kind for fact in work.log if fact.kind in (*asked, Kind.CALLBACK_DONE)]
        if not calls or calls[-1] is Kind.CALLBACK_DONE:
            raise NotAllowed("nobody is waiting to be called")
        work.add(Kind.CALLBACK_DONE, {}, by, content=outcome)
