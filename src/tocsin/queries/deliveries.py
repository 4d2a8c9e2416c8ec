"""Deliveries: every message that left or should, what was tried, and what is to be sent again."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows
from tocsin.records.outbox import OUTBOX_STATES

STATES = OUTBOX_STATES
# Nobody tries these any more; an administrator can have them sent again.
DEAD = ("dead", "unsure")
_LISTED = 50


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time at which a message was handed over; `outcome` is sent, failed, refused, unsure."""

    attempt: int
    at: dt.datetime
    outcome: str
    told: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message. `provider` is who carried it; `told` what keeps it from leaving."""

    id: int
    channel: str
    state: str
    person: str | None
    address: str
    ticket: int | None
    urgent: bool
    created_at: dt.datetime
    next_at: dt.datetime
    sent_at: dt.datetime | None
    delivered_at: dt.datetime | None
    maybe_sent: bool
    provider: str | None
    told: str
    tries: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Which:
    """Which messages: of a channel, in some states, written in a stretch of time, before an id."""

    channel: str = ""
    states: tuple[str, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, newest first; `more` is the id before which there are others."""

    found: tuple[Delivery, ...]
    more: int | None


@access.needs(Right.ADMINISTER)
def log(which: Which, *, by: Actor) -> Page:
    """Return a page of messages with all that was tried."""
    where, values = _where(which)
    seen, own = reach.about(by, "o.ticket_id")
    with reach.reading(by):
        found = rows.query(
            "SELECT o.id, o.channel, o.state, p.name, o.address, t.number, o.urgent, o.created_at,"
            " o.next_at, o.sent_at, o.delivered_at, o.maybe_sent, v.name, o.told FROM outbox o"
            " LEFT JOIN person p ON p.tenant_id = o.tenant_id AND p.id = o.person_id"
            " LEFT JOIN ticket t ON t.tenant_id = o.tenant_id AND t.id = o.ticket_id"
            " LEFT JOIN provider v ON v.tenant_id = o.tenant_id AND v.id = o.provider_id"
            f" WHERE o.tenant_id = %s{where} AND {seen} ORDER BY o.id DESC LIMIT {_LISTED + 1}",
            [by.tenant, *values, *own],
        )
        listed = found[:_LISTED]
        tries = _tries(by.tenant, [row[0] for row in listed])
    made = tuple(Delivery(*(*row, tuple(tries.get(row[0], ())))) for row in listed)
    return Page(made, listed[-1][0] if len(found) > _LISTED else None)


def _where(which: Which) -> tuple[str, list[Any]]:
    parts: list[tuple[str, Any]] = []
    if which.channel:
        parts.append(("o.channel = %s", which.channel))
    if which.states:
        parts.append(("o.state = ANY(%s)", list(which.states)))
    if which.since is not None:
        parts.append(("o.created_at >= %s", which.since))
    if which.until is not None:
        parts.append(("o.created_at < %s", which.until))
    if which.before is not None:
        parts.append(("o.id < %s", which.before))
    return "".join(f" AND {text}" for text, _ in parts), [value for _, value in parts]


def _tries(tenant: int, ids: Iterable[int]) -> dict[int, list[Attempt]]:
    found: dict[int, list[Attempt]] = {}
    for id_, *rest in rows.query(
        "SELECT outbox_id, attempt, at, outcome, told FROM delivery_attempt"
        " WHERE tenant_id = %s AND outbox_id = ANY(%s) ORDER BY outbox_id, id",
        [tenant, list(ids)],
    ):
        found.setdefault(id_, []).append(Attempt(*rest))
    return found


@access.needs(Right.ADMINISTER)
def counts(since: dt.datetime, *, by: Actor) -> dict[str, dict[str, int]]:
    """Return how many messages were written since then, by channel and state."""
    seen, own = reach.about(by, "ticket_id")
    with reach.reading(by):
        found = rows.query(
            "SELECT channel, state, count(*) FROM outbox WHERE tenant_id = %s AND created_at >= %s"
            f" AND {seen} GROUP BY channel, state ORDER BY channel, state",
            [by.tenant, since, *own],
        )
    told: dict[str, dict[str, int]] = {}
    for channel, state, count in found:
        told.setdefault(channel, {})[state] = int(count)
    return told
