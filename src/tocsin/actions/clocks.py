"""What people decide about clocks themselves: overriding one, taking a ticket off the record."""

import datetime as dt

from tocsin.actions import given, ledger, statuses
from tocsin.engine.event import Kind
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.audit import instant

DEEDS = ("stop", "cancel")


@access.needs(Right.OVERRIDE)
def override(
    *,
    ticket_id: int,
    clock: str,
    reason: str,
    by: Actor,
    due: dt.datetime | None = None,
    do: str = "",
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Give a running or paused clock another due, or stop or cancel it by hand, for a reason.

    The reason stands in the log for good, beside who did it. A due holds until the policies give
    the clock other terms; open time before it counts, so it lies in the clock's hours.
    """
    reason = given.text(reason, "reason")
    if (due is None) is (not do):
        raise Invalid("due", "name a due, or what is to be done: stop or cancel")
    if do:
        shape.one_of(do, "do", DEEDS)
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        found = next((one for one in work.state.clocks if one.id == clock), None)
        if found is None or not found.live:
            raise Invalid("clock", "is none of this ticket that runs or is paused")
        payload = {"clock": clock, "reason": reason}
        if due is None:
            work.add(Kind.OVERRIDE, {**payload, "do": do}, by)
            return
        if due <= work.now:
            raise Invalid("due", "is past; choose an instant that lies ahead")
        work.add(Kind.OVERRIDE, {**payload, "due": instant(due)}, by)


@access.needs(Right.CHANGE)
def spam(
    *, ticket_id: int, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> None:
    """Say that a ticket is spam: its clocks are cancelled and it is in no statistics."""
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if work.state.gone:
            raise NotAllowed(
                "ticket %(number)s is %(status)s",
                number=work.row["number"],
                status=work.field("status"),
            )
        work.add(Kind.SPAM, {}, by)


@access.needs(Right.CHANGE)
def restore(
    *, ticket_id: int, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> None:
    """Say that a ticket was no spam: it goes back to where it was, and so do its clocks."""
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if work.state.gone != Kind.SPAM.value:
            raise NotAllowed("the ticket is no spam, so there is nothing to restore")
        work.add(Kind.RESTORE, {"to": statuses.before_spam(work)}, by)
