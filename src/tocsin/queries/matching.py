"""Which open tickets a policy would be for, while it is being written."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine import condition
from tocsin.engine import event as events
from tocsin.engine.policy import Agreement, Policy
from tocsin.queries import access, desk, facts, reach, showing
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.showing import Card
from tocsin.queries.stages import STAGE_RANK
from tocsin.records import rows

_BATCH = 500
MOST = 5_000
SHOWN = 10
_ACTIVE = ("new", "open", "waiting customer", "waiting internal")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A policy as far as it chooses tickets. `when` is the condition as it is written.

    A rank of None stands behind all others.
    """

    key: str
    when: Mapping[str, Any] = field(default_factory=dict)
    agreement: Agreement = Agreement.SLA
    rank: int | None = None
    contract: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """A policy that is asked first, and how many of the matching tickets it takes away."""

    key: str
    rank: int
    taken: int


@dataclass(frozen=True, slots=True)
class Matching:
    """What was found: of `looked` open tickets (of `open` that there are) `count` match.

    `left` of them are taken by no policy before; `first` are the first of those that match.
    """

    open: int
    looked: int
    count: int
    left: int
    first: tuple[Card, ...]
    before: tuple[Before, ...]


@access.needs(Right.READ_CONFIGURATION)
def matching(
    *, wanted: Wanted, by: Actor, most: int = MOST, now: dt.datetime | None = None
) -> Matching:
    """Return which open tickets pass a policy's condition, and which policies take some away.

    The newest tickets are looked at first, `most` of them at the most. A condition that cannot be
    read is refused by its field.
    """
    when = condition.from_dict(wanted.when, "when") if wanted.when else condition.ALWAYS
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        at = now or clock
        others = _before(at_work, wanted, at)
        looked, found, left = 0, list[int](), 0
        taken: Counter[str] = Counter()
        for id_, known in _open(by, most):
            looked += 1
            if not when.matches(known) or not _promised(at_work, wanted, known, at):
                continue
            found.append(id_)
            taker = next((one for one in others if _takes(at_work, one, known, at)), None)
            if taker is None:
                left += 1
            else:
                taken[taker.key] += 1
        there = looked if looked < most else _count(by)
        cards = showing.cards(at_work, by, found[:SHOWN], now=at)
    before = tuple(Before(one.key, one.rank, taken[one.key]) for one in others)
    return Matching(there, looked, len(found), left, tuple(cards), before)


def _before(at_work: Desk, wanted: Wanted, at: dt.datetime) -> list[Policy]:
    """Return the policies in force that are asked before, in their order."""
    found = {
        policy.key: policy
        for policy in sorted(at_work.versions.policies, key=lambda policy: policy.version)
        if policy.agreement is wanted.agreement and policy.in_force(at)
    }
    return sorted(
        (
            policy
            for policy in found.values()
            if policy.key != wanted.key
            and policy.rank < (STAGE_RANK if wanted.rank is None else wanted.rank)
        ),
        key=lambda policy: policy.rank,
    )


def _takes(at_work: Desk, policy: Policy, known: Mapping[str, Any], at: dt.datetime) -> bool:
    own = Wanted(policy.key, contract=policy.contract)
    return policy.when.matches(known) and _promised(at_work, own, known, at)


def _promised(at_work: Desk, wanted: Wanted, known: Mapping[str, Any], at: dt.datetime) -> bool:
    """Say whether the policy needs no contract, or the ticket's account has one that names it."""
    if not wanted.contract:
        return True
    return bool(at_work.versions.books.names(wanted.key, known.get("account"), at))


def _read_by(by: Actor, known: dict[str, Any]) -> dict[str, Any]:
    """Return fields without those that the actor does not read: no condition may find them."""
    return {name: value for name, value in known.items() if access.reads(by, name)}


def _count(by: Actor) -> int:
    seen, given = reach.condition(by)
    found = rows.query(
        f"SELECT count(*) FROM ticket t WHERE t.tenant_id = %s AND t.status = ANY(%s) AND {seen}",
        [by.tenant, list(_ACTIVE), *given],
    )
    return int(found[0][0])


def _open(by: Actor, most: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield open tickets, the newest first, each with its fields as the actor reads them."""
    seen, given = reach.condition(by)
    after, left = 2**62, most
    while left > 0:
        ids = [
            row[0]
            for row in rows.query(
                "SELECT t.id FROM ticket t WHERE t.tenant_id = %s AND t.status = ANY(%s)"
                f" AND t.id < %s AND {seen} ORDER BY t.id DESC LIMIT %s",
                [by.tenant, list(_ACTIVE), after, *given, min(_BATCH, left)],
            )
        ]
        if not ids:
            return
        logs = facts.of_tickets(by.tenant, ids)
        yield from ((id_, _read_by(by, _fields(logs.get(id_, [])))) for id_ in ids)
        after, left = ids[-1], left - len(ids)


def _fields(log: Iterable[events.Event]) -> dict[str, Any]:
    """Return a ticket's fields as its facts have set them."""
    made: dict[str, Any] = {}
    for event in events.in_order(log):
        made.update(event.changes())
    return made
