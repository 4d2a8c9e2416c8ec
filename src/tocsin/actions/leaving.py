"""What ends when somebody leaves: their ways in, and their hold on open tickets."""

import dataclasses
import datetime as dt
from typing import Any

from tocsin.actions import effects, ledger, sessions
from tocsin.actions.work import Work
from tocsin.engine.event import Kind, Side
from tocsin.queries.access import Actor
from tocsin.queries.desk import Desk
from tocsin.records import rows

# So many tickets in one transaction: others need not wait for long.
_AT_ONCE = 50
_OPEN = ("new", "open", "waiting customer", "waiting internal")
_OF = "tenant_id = %s AND person_id = %s"


def end_access(by: Actor, person: int, at: dt.datetime) -> dict[str, Any]:
    """End sessions, links, tokens and web push, and what is unsent; returns how many of each.

    Call it under the configuration's lock, in the transaction that says that they have left.
    """
    own = [by.tenant, person]
    tokens = rows.query(
        f"UPDATE api_token SET revoked_at = %s WHERE {_OF} AND revoked_at IS NULL RETURNING id",
        [at, *own],
    )
    push = rows.query(
        f"DELETE FROM contact_method WHERE {_OF} AND channel = 'push' RETURNING id", own
    )
    rows.run(
        f"UPDATE outbox SET state = 'cancelled', told = 'the person has left' WHERE {_OF}"
        # Of what may have been sent already nobody may say that it was not.
        " AND state = 'pending' AND told NOT LIKE 'may have been sent%%'",
        own,
    )
    return {
        "sessions": sessions.end_of(by.tenant, person, by=by.name, at=at),
        "links": end_links(by, person, at),
        "tokens": len(tokens),
        "push": len(push),
    }


def end_links(by: Actor, person: int, at: dt.datetime) -> int:
    """Make the links worthless that were sent to somebody, and return how many there were."""
    found = rows.query(
        f"UPDATE one_time_link SET used_at = %s WHERE {_OF} AND used_at IS NULL RETURNING id",
        [at, by.tenant, person],
    )
    return len(found)


def hand_over(by: Actor, person: int, to: int | None, *, now: dt.datetime | None) -> int:
    """Give somebody's open tickets to a person, or back to their teams; returns how many.

    It is the desk that does it, by the word of whoever let them go: nobody has touched a ticket.
    """
    actor, done = dataclasses.replace(by, side=Side.AUTOMATION), 0
    while True:
        with ledger.session(by.tenant) as (at_work, _):
            found = rows.query(
                "SELECT id FROM ticket WHERE tenant_id = %s AND assignee_id = %s"
                " AND status = ANY(%s) ORDER BY id LIMIT %s",
                [by.tenant, person, list(_OPEN), _AT_ONCE],
            )
            works = ledger.lock(at_work, [row[0] for row in found], now=now)
            for work in works:
                effects.settle(work)
                done += _give(work, person, to, actor)
                effects.settle(work)
            ledger.write(works)
        if len(found) < _AT_ONCE:
            return done


def _give(work: Work, person: int, to: int | None, by: Actor) -> int:
    """Give away one ticket, unless somebody else has just taken it."""
    if work.field("assignee") != str(person):
        return 0
    heir = None if to is None else work.desk.people.get(to)
    owner = str(heir.id) if heir is not None and heir.active else None
    if owner is None and not work.field("team"):
        team = _team(work.desk, person)
        if team is not None:
            work.add(Kind.TEAM, {"to": team, "reason": "left"}, by)
    work.add(Kind.ASSIGNEE, {"to": owner, "reason": "left"}, by)
    return 1


def _team(at_work: Desk, person: int) -> str | None:
    """Return the team of somebody that a ticket without one goes to: the first by level."""
    found = [one for one in at_work.teams.values() if person in at_work.members.get(one.id, ())]
    return min(found, key=lambda one: (one.level, one.key)).key if found else None
