"""Escalations by hand: begin one, say that one is at it, end it, take it over to a new version."""

import datetime as dt

from tocsin.actions import given, ledger
from tocsin.actions.messages import said
from tocsin.actions.work import Work
from tocsin.engine import escalation, preset
from tocsin.engine.escalation import Escalation
from tocsin.engine.event import Kind
from tocsin.kit import shape
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.audit import instant


@access.needs(Right.ESCALATE)
def start(
    *, ticket_id: int, path: str, reason: str, by: Actor, now: dt.datetime | None = None
) -> None:
    """Begin a path on a ticket at once, for a reason that everybody can read."""
    reason = given.text(reason, "reason")
    with ledger.change(ticket_id, by=by, now=now) as work:
        known = {one.key: one for one in work.desk.versions.paths_at(work.now)}
        shape.one_of(path, "path", sorted(known))
        if work.field("status") in preset.DONE or work.state.gone:
            raise NotAllowed("the ticket has come to its end; reopen it first")
        if any(one.running and one.path == path for one in work.state.escalations):
            raise NotAllowed("this path is running on the ticket already")
        payload = {
            "did": "begun",
            "path": path,
            "version": known[path].version,
            "trigger": escalation.BY_HAND,
            "at": instant(work.now),
            "reason": reason,
        }
        work.add(Kind.ESCALATION, payload, by)
        _note(work, by, f"Escalated by hand, {known[path].name}: {reason}")


@access.needs(Right.ESCALATE)
def acknowledge(
    *,
    ticket_id: int,
    by: Actor,
    number: int | None = None,
    via: str = "",
    now: dt.datetime | None = None,
) -> bool:
    """Say that one is at it: steps that were to come do not. Anybody of the desk may.

    Without a number it is for everything that runs on the ticket. Says whether it changed anything:
    a second one just after the first does not.
    """
    with ledger.change(ticket_id, by=by, now=now) as work:
        if number is not None:
            _running(work, number)
        if not _waits(work, number):
            return False
        payload = {} if number is None else {"escalation": number}
        work.add(Kind.ACKNOWLEDGEMENT, payload | ({"via": via} if via else {}), by)
        return True


def _waits(work: Work, number: int | None) -> bool:
    """Say whether there is something that nobody has acknowledged yet."""
    running = [one for one in work.state.escalations if one.running]
    if any(number in (None, one.number) and one.acknowledged_at is None for one in running):
        return True
    if number is not None:
        return False
    at = max(work.state.acknowledged, default=None)
    told = [
        f.effective_at for f in work.log if f.payload.get("deed") in ("warn", "breach", "escalate")
    ]
    return bool(told) and (at is None or at < max(told))


@access.needs(Right.ESCALATE)
def stop(
    *, ticket_id: int, number: int, reason: str, by: Actor, now: dt.datetime | None = None
) -> None:
    """End an escalation for a reason."""
    reason = given.text(reason, "reason")
    with ledger.change(ticket_id, by=by, now=now) as work:
        one = _running(work, number)
        work.add(Kind.ESCALATION, {"did": "ended", "escalation": number}, by)
        _note(work, by, f"Escalation {one.path} ended by hand: {reason}")


@access.needs(Right.ESCALATE)
def upgrade(*, ticket_id: int, number: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Take a running escalation over to the newest version of its path.

    Steps that were taken are not taken again.
    """
    with ledger.change(ticket_id, by=by, now=now) as work:
        one = _running(work, number)
        newest = [path.version for path in work.desk.versions.paths if path.key == one.path]
        if max(newest) == one.version:
            raise NotAllowed("it runs by the newest version of its path already")
        payload = {"did": "version", "escalation": number, "version": max(newest)}
        work.add(Kind.ESCALATION, payload, by)


def _running(work: Work, number: int) -> Escalation:
    for one in work.state.escalations:
        if one.number == number and one.running:
            return one
    raise NotAllowed("this escalation has ended already")


def _note(work: Work, by: Actor, text: str) -> None:
    noted = work.add(Kind.NOTE, {}, by, content=text)
    work.messages.append(said(work, noted, by, text, public=False))
