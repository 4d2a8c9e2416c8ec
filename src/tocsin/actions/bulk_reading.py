"""Bulk reading: each ticket that a person opens counts, and beyond a budget they must prove anew.

Whoever empties a desk opens its tickets one after the other. Nobody at work opens hundreds an hour.
"""

import datetime as dt

from django.db import transaction

from tocsin.actions import alarms, configuration, ledger, read_budget
from tocsin.actions.read_budget import BLOCKED, HOUR, STREAM, WENT_ON
from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Refused, Right
from tocsin.records import context, rows

# How often in an hour a proof gives a budget more.
_MOST_PROOFS = 2
# A mark this young is not written again: who reads a ticket all day writes little.
_YOUNG = dt.timedelta(minutes=5)
# The auditor's pages look back over a year; older marks are for nothing.
_LOOKED_BACK = dt.timedelta(days=366)


class Spent(Refused):
    """Too many tickets were opened in an hour (429); `again` says whether a proof gives more."""

    def __init__(self, *, allowed: int, again: bool) -> None:
        super().__init__(
            "you have opened %(allowed)s tickets within an hour, which is all that you may",
            allowed=allowed,
        )
        self.allowed = allowed
        self.again = again


class Unproved(Refused):
    """They have to prove who they are first."""


@access.needs(Right.READ_TICKETS)
def open_(*, number: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Count that a person opens the ticket of that number; raise `Spent` beyond their budget.

    Ask before the ticket: beyond the budget one that is there and one that is not are one answer.
    What they opened within the hour already stays open to them.
    """
    if by.person is None:
        return
    with transaction.atomic(), context.tenant(by.tenant):
        at = now or ledger.clock()
        ticket, read_at = _ticket(number, by)
        if read_at is not None and at - read_at < _YOUNG:
            return
        spent = None
        if read_at is None or at - read_at >= HOUR:
            _wait_turn(by)
            spent = _spent(by, at)
        if spent is None and ticket is not None and not _takes_old(ticket, by, read_at, at):
            mark = {"tenant_id": by.tenant, "person_id": by.person, "ticket_id": ticket}
            rows.upsert(
                "read_mark",
                [{**mark, "read_at": at}],
                ("tenant_id", "person_id", "ticket_id"),
            )
    # Not inside: what was noted of it must stay.
    if spent is not None:
        raise spent


def _ticket(number: int, by: Actor) -> tuple[int | None, dt.datetime | None]:
    seen, given = reach.condition(by)
    found = rows.query(
        "SELECT t.id, m.read_at FROM ticket t LEFT JOIN read_mark m"
        " ON m.tenant_id = t.tenant_id AND m.ticket_id = t.id AND m.person_id = %s"
        f" WHERE t.tenant_id = %s AND t.number = %s AND {seen}",
        [by.person, by.tenant, number, *given],
    )
    return found[0] if found else (None, None)


def _takes_old(ticket: int, by: Actor, read_at: dt.datetime | None, at: dt.datetime) -> bool:
    """Write a first mark over one that nobody looks at any more, if there is one; says whether.

    So nobody has more marks than the tickets that they open within the longest time looked at.
    """
    if read_at is not None:
        return False
    return bool(
        rows.query(
            "UPDATE read_mark SET ticket_id = %s, read_at = %s WHERE tenant_id = %s AND id ="
            " (SELECT id FROM read_mark WHERE tenant_id = %s AND person_id = %s AND read_at < %s"
            " ORDER BY read_at LIMIT 1) RETURNING id",
            [ticket, at, by.tenant, by.tenant, by.person, at - _LOOKED_BACK],
        )
    )


def _wait_turn(by: Actor) -> None:
    """Have one request of a person at a time count, and write into their stream of the log."""
    rows.run(
        "SELECT pg_advisory_xact_lock(hashtext('tocsin sign-in'), hashtext(%s))",
        [f"{by.tenant}/{by.person}"],
    )


def _spent(by: Actor, at: dt.datetime) -> Spent | None:
    """Return what to refuse with, if the budget is used up; the first time it is told."""
    budget = read_budget.budget(by)
    used = read_budget.used(by, at)
    if used < budget:
        return None
    hour = read_budget.hour(by, at)
    allowed = budget * (1 + hour.proofs)
    if used < allowed:
        return None
    if allowed not in hour.levels:
        told = {"tickets": used, "allowed": allowed}
        configuration.record(by, STREAM, by.person or 0, BLOCKED, told, now=at)
    if not hour.levels:
        _alarm(by, at)
    return Spent(allowed=allowed, again=hour.proofs < _MOST_PROOFS)


def _alarm(by: Actor, at: dt.datetime) -> None:
    """Tell those above the person, each one once, and the administrators."""
    found = rows.query(
        "WITH RECURSIVE above AS (SELECT id, name, manager_id, 0 AS far FROM person"
        " WHERE tenant_id = %s AND id = %s"
        " UNION SELECT p.id, p.name, p.manager_id, a.far + 1 FROM person p JOIN above a"
        " ON p.id = a.manager_id WHERE p.tenant_id = %s AND a.far < 20)"
        " SELECT id, name, far FROM above ORDER BY far",
        [by.tenant, by.person, by.tenant],
    )
    name = str(found[0][1]) if found else ""
    chain = [id_ for id_, _, far in found if far and id_ != by.person]
    administrators = rows.query(
        "SELECT id FROM person WHERE tenant_id = %s AND role = 'administrator' AND is_active",
        [by.tenant],
    )
    everybody = {*chain, *(row[0] for row in administrators)} - {by.person}
    key = f"bulk reading/{by.person}/{at:%Y%m%dT%H%M%S}"
    alarms.tell(by.tenant, everybody, BLOCKED, name, key=key, now=at)


@access.needs(Right.READ_TICKETS)
def go_on(*, proved_at: dt.datetime, by: Actor, now: dt.datetime | None = None) -> None:
    """Give one budget more to somebody who has proved who they are since they were stopped."""
    if by.person is None:
        return
    with transaction.atomic(), context.tenant(by.tenant):
        at = now or ledger.clock()
        _wait_turn(by)
        hour = read_budget.hour(by, at)
        if hour.blocked_at is None or hour.proved_last:
            return
        if hour.proofs >= _MOST_PROOFS:
            raise Spent(allowed=read_budget.budget(by) * (1 + hour.proofs), again=False)
        if not hour.blocked_at < proved_at:
            raise Unproved("prove who you are first")
        told = {"proof": hour.proofs + 1}
        configuration.record(by, STREAM, by.person, WENT_ON, told, now=at)
