"""What leaves: leasing letters to whoever sends them, and writing what came of it.

`claim`, then for each letter `begin`, the sending, `complete`. Every step after the claim carries
the token of the lease: whoever has lost it changes nothing. Nothing is sent inside a transaction.
"""

import datetime as dt
import hashlib
import json
import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tocsin.actions import alarms, configuration, ledger, other_ways, subscriptions
from tocsin.actions.letters import (
    MAYBE,
    About,
    FailedForGood,
    FailedForNow,
    Lease,
    Outcome,
    Recipient,
    Sent,
    Unsure,
)
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows

__all__ = [
    "About",
    "FailedForGood",
    "FailedForNow",
    "Lease",
    "Outcome",
    "Recipient",
    "Sent",
    "Unsure",
]

_log = logging.getLogger(__name__)
# Longer than the longest sending, so that a lease ends only when its process hangs or is dead.
LEASE = dt.timedelta(seconds=90)
_DELAYS = tuple(dt.timedelta(seconds=s) for s in (5, 30, 120, 600, 1800))
_LONGEST = dt.timedelta(hours=1)
_JITTER = 0.2
GIVE_UP = dt.timedelta(hours=48)
# What `told` says of a letter that a recipient may have. It is read again: a letter that may have
# been sent is handed over once more and no further, whatever dies in between.
_ONCE = f"{MAYBE}: handed over, no answer was written"
_TWICE = f"{MAYBE} twice: handed over again, no answer was written"
_LONGEST_TOLD = 500
_LISTED = 500
# An urgent letter that failed so often goes out by the person's next way as well.
_PATIENCE = 2
_OUTCOMES = {Sent: "sent", FailedForNow: "failed", FailedForGood: "refused", Unsure: "unsure"}


class LeaseLost(RuntimeError):
    """Somebody else has the letter by now, or has finished it: nothing was changed."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A letter that nobody tries to send any more, and why (`unsure`: it may have arrived)."""

    id: int
    state: str
    channel: str
    person: str | None
    ticket: int | None
    urgent: bool
    attempts: int
    created_at: dt.datetime
    reason: str


# ----------------------------------------------------------------------------------------- leasing


@access.operates
def look() -> tuple[dt.datetime, dt.datetime | None]:
    """Return the database's clock, and the instant at which the first letter is ready."""
    now, ready = rows.query("SELECT * FROM outbox_look()")[0]
    return now, ready


@access.operates
def beat(process: str, told: Mapping[str, Any]) -> None:
    """Write that a worker is alive, and its figures."""
    rows.run(
        "INSERT INTO beat (process, kind, started_at, beat_at, told)"
        " VALUES (%s, 'worker', clock_timestamp(), clock_timestamp(), %s)"
        " ON CONFLICT (process) DO UPDATE SET beat_at = EXCLUDED.beat_at, told = EXCLUDED.told",
        [process, json.dumps(told)],
    )


@access.operates
def claim(most: int = 20, lease: dt.timedelta = LEASE) -> list[Lease]:
    """Lease letters that are ready and return them, urgent ones first."""
    with transaction.atomic():
        taken = rows.query("SELECT * FROM outbox_claim(%s, %s)", [most, lease])
    # From here on the leases stand, whatever happens to us.
    by_tenant: dict[int, dict[int, uuid.UUID]] = {}
    for tenant, id_, token in taken:
        by_tenant.setdefault(tenant, {})[id_] = token
    found = [one for tenant, tokens in by_tenant.items() for one in _read(tenant, tokens)]
    return sorted(found, key=lambda one: (not one.urgent, one.created_at, one.id))


_LETTER = (
    "SELECT o.id, clock_timestamp(), o.channel, o.key, o.parts, o.urgent, o.created_at,"
    " o.attempts, o.maybe_sent, o.told, o.address, o.provider_id,"
    " p.name, CASE WHEN p.is_active THEN p.email ELSE '' END, p.language, p.zone,"
    " t.number, t.subject, n.key"
    " FROM outbox o"
    " JOIN tenant n ON n.id = o.tenant_id"
    " LEFT JOIN person p ON p.tenant_id = o.tenant_id AND p.id = o.person_id"
    " LEFT JOIN ticket t ON t.tenant_id = o.tenant_id AND t.id = o.ticket_id"
    " WHERE o.tenant_id = %s AND o.id = ANY(%s)"
)


def _read(tenant: int, tokens: Mapping[int, uuid.UUID]) -> list[Lease]:
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(_LETTER, [tenant, list(tokens)])
    return [_lease(tenant, tokens[row[0]], row) for row in found]


def _lease(tenant: int, token: uuid.UUID, row: tuple[Any, ...]) -> Lease:
    id_, at, channel, key, parts, urgent, created_at, attempts, maybe_sent, told = row[:10]
    address, provider, name, mail, language, zone, number, subject, tenant_key = row[10:]
    return Lease(
        tenant=tenant,
        id=id_,
        token=token,
        at=at,
        channel=channel,
        key=key,
        parts=parts,
        urgent=urgent,
        created_at=created_at,
        attempts=attempts,
        maybe_sent=maybe_sent,
        told=told,
        recipient=None if name is None else Recipient(name, mail, language, zone),
        about=None if number is None else About(number, subject),
        address=address,
        provider=provider,
        tenant_key=tenant_key,
    )


# --------------------------------------------------------------------------------- what came of it


@access.operates
def begin(lease: Lease, length: dt.timedelta = LEASE) -> bool:
    """Note, right before it, that a letter is handed over; False when it must not be.

    It must not be handed over a third time when two times nobody knows what came of it. Raises
    `LeaseLost` when it is somebody else's. The lease begins anew.
    """
    with _inside(lease):
        if lease.told == _TWICE:
            at = ledger.clock()
            _write(lease, state="unsure", told=_TWICE)
            _given_up(lease, _TWICE, at)
            # As when its sending fails: what is urgent reaches them by another way.
            other_ways.send(lease, at)
            return False
        told = _TWICE if lease.handed else _ONCE
        found = rows.query(
            "UPDATE outbox SET lease_until = clock_timestamp() + %s, told = %s, maybe_sent = %s"
            f" {_MINE}",
            [length, told, lease.handed, *_mine(lease)],
        )
        _one(lease, found)
    return True


@access.operates
def complete(lease: Lease, outcome: Outcome, *, now: dt.datetime | None = None) -> str:
    """Write what came of a letter and return its new state; raise `LeaseLost` when it is not ours.

    What failed for now is tried again for 48 hours. What may have been sent is tried once more.
    The attempt is kept with it; an urgent letter that fails is sent by another way too.
    """
    with _inside(lease):
        at = now or ledger.clock()
        changes = _judged(lease, outcome, at)
        if changes["state"] == "sent" and lease.provider is not None:
            changes["provider_id"] = lease.provider
        _write(lease, **changes)
        _keep(lease, outcome, at)
        given_up = changes["state"] in ("dead", "unsure")
        if given_up:
            _given_up(lease, changes["told"], at)
        if given_up or (changes["state"] == "pending" and lease.attempts >= _PATIENCE):
            other_ways.send(lease, at)
    # In a transaction of its own: it changes what people have set, and not this letter.
    subscriptions.ended(lease, outcome, now=at)
    state: str = changes["state"]
    return state


def _keep(lease: Lease, outcome: Outcome, at: dt.datetime) -> None:
    """Write the attempt down, for good."""
    told = "" if isinstance(outcome, Sent) else _plain(outcome.reason)
    rows.run(
        "INSERT INTO delivery_attempt (tenant_id, outbox_id, attempt, at, outcome, told)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [lease.tenant, lease.id, lease.attempts, at, _OUTCOMES[type(outcome)], told],
    )
    if lease.provider is not None:
        rows.run(
            "UPDATE provider SET told = %s WHERE tenant_id = %s AND id = %s AND told <> %s",
            [told, lease.tenant, lease.provider, told],
        )


@access.operates
def delivered(tenant: int, channel: str, reference: str, at: dt.datetime) -> bool:
    """Note that a provider says that a message arrived; False when there is no such message.

    Providers say it several times and late: the first time counts.
    """
    if not reference:
        return False
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "UPDATE outbox SET delivered_at = LEAST(coalesce(delivered_at, %s), %s)"
            " WHERE tenant_id = %s AND channel = %s AND reference = %s RETURNING id",
            [at, at, tenant, channel, reference],
        )
    return bool(found)


@access.operates
def postpone(
    lease: Lease,
    reason: str,
    length: dt.timedelta,
    *,
    expires: bool = True,
    blocked: bool = False,
    now: dt.datetime | None = None,
) -> None:
    """Give a letter back that was not handed over: this was no attempt.

    With `expires` false it waits for ever, say for somebody to name a mail server. `blocked` says
    that its provider is out of order or missing: what is urgent leaves by another way.
    """
    with _inside(lease):
        at = now or ledger.clock()
        if blocked:
            other_ways.send(lease, at)
        told = _remembering(lease, reason) if reason else lease.told
        if expires and at >= lease.created_at + GIVE_UP:
            _write(lease, state="dead", told=told)
            _given_up(lease, told, at)
            return
        _write(
            lease,
            state="pending",
            next_at=at + length,
            attempts=max(0, lease.attempts - 1),
            maybe_sent=lease.handed,
            told=told,
        )


def _given_up(lease: Lease, told: str, at: dt.datetime) -> None:
    """Tell the administrators of a letter that nobody will try again, not by the same way."""
    _log.warning("letter %s of tenant %s: %s", lease.id, lease.tenant, told)
    key = f"letter/{lease.id}/{lease.attempts}"
    alarms.raise_(lease.tenant, "letter", told, key=key, now=at, mail=False)


def delay(key: str, attempts: int) -> dt.timedelta:
    """Return how long to wait after so many attempts: the same for the same letter, ±20 %."""
    usual = _DELAYS[attempts - 1] if 0 < attempts <= len(_DELAYS) else _LONGEST
    # From the key, so that letters which failed together come back apart, in every process.
    digest = hashlib.sha256(f"{key}/{attempts}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 0xFFFFFFFF
    return usual * (1 + _JITTER * (2 * share - 1))


def _judged(lease: Lease, outcome: Outcome, at: dt.datetime) -> dict[str, Any]:
    match outcome:
        case Sent(reference):
            return {"state": "sent", "sent_at": at, "told": "", "reference": _plain(reference)}
        case FailedForGood(reason):
            return {"state": "dead", "told": _remembering(lease, reason)}
        case FailedForNow(reason, retry_after):
            next_at = at + max(delay(lease.key, lease.attempts), retry_after or dt.timedelta(0))
            told = _remembering(lease, reason)
            if next_at > lease.created_at + GIVE_UP:
                return {"state": "dead", "told": f"{told} (given up after 48 hours)"}
            return {"state": "pending", "next_at": next_at, "told": told}
        case Unsure(reason):
            if lease.handed or at >= lease.created_at + GIVE_UP:
                return {"state": "unsure", "told": f"{MAYBE} twice: {reason}", "maybe_sent": True}
            next_at = at + delay(lease.key, lease.attempts)
            told = f"{MAYBE}: {reason}"
            return {"state": "pending", "next_at": next_at, "told": told, "maybe_sent": True}


def _remembering(lease: Lease, reason: str) -> str:
    """Return the reason, with what must not be forgotten of the times before in front."""
    if lease.told == _TWICE:
        return _TWICE
    return f"{MAYBE} before; {reason}" if lease.handed else reason


@contextmanager
def _inside(lease: Lease) -> Iterator[None]:
    with transaction.atomic(), context.tenant(lease.tenant):
        yield


_MINE = "WHERE tenant_id = %s AND id = %s AND state = 'sending' AND lease_token = %s RETURNING id"


def _mine(lease: Lease) -> list[Any]:
    return [lease.tenant, lease.id, lease.token]


def _write(lease: Lease, **changes: Any) -> None:
    """End the lease with these changes, or raise."""
    changes["told"] = _plain(changes["told"])
    listed = ", ".join(f"{column} = %s" for column in changes)
    found = rows.query(
        f"UPDATE outbox SET lease_token = NULL, lease_until = NULL, {listed} {_MINE}",
        [*changes.values(), *_mine(lease)],
    )
    _one(lease, found)


def _one(lease: Lease, found: list[tuple[Any, ...]]) -> None:
    if len(found) != 1:
        _log.warning("LeaseLost: letter %s of tenant %s is not ours", lease.id, lease.tenant)
        raise LeaseLost(f"the lease of letter {lease.id} is over and somebody else has it")


def _plain(told: str) -> str:
    # A provider's own words: the database takes no NUL, and pages want a line.
    return " ".join("".join(c if c.isprintable() else " " for c in told).split())[:_LONGEST_TOLD]


# ------------------------------------------------------------------------------------ dead letters


@access.needs(Right.ADMINISTER)
def dead_letters(*, by: Actor) -> list[DeadLetter]:
    """Return the letters that were given up or may have been sent twice, newest first."""
    with transaction.atomic(), context.tenant(by.tenant):
        found = rows.query(
            "SELECT o.id, o.state, o.channel, p.name, t.number, o.urgent, o.attempts,"
            " o.created_at, o.told FROM outbox o"
            " LEFT JOIN person p ON p.tenant_id = o.tenant_id AND p.id = o.person_id"
            " LEFT JOIN ticket t ON t.tenant_id = o.tenant_id AND t.id = o.ticket_id"
            " WHERE o.tenant_id = %s AND o.state IN ('dead', 'unsure')"
            f" ORDER BY o.id DESC LIMIT {_LISTED}",
            [by.tenant],
        )
    return [DeadLetter(*row) for row in found]


@access.needs(Right.ADMINISTER)
def replay(id_: int, *, by: Actor, now: dt.datetime | None = None) -> None:
    """Put a dead letter back, as if it had just been written: its 48 hours begin anew.

    One that may have been sent can be put back as well: whoever does it accepts another copy.
    """
    with ledger.session(by.tenant) as (_, clock):
        at = now or clock
        # The row's lock, held from here on, keeps the numbers of its stream of facts in order.
        found = rows.query(
            "UPDATE outbox SET state = 'pending', attempts = 0, created_at = %s, next_at = %s,"
            " told = '' WHERE tenant_id = %s AND id = %s AND state IN ('dead', 'unsure')"
            " RETURNING key",
            [at, at, by.tenant, id_],
        )
        if not found:
            raise access.missing()
        told = {"letter": found[0][0]}
        configuration.record(by, "outbox", id_, "letter replayed", told, now=at)
        rows.run("SELECT pg_notify(%s, '')", [ledger.DOORBELL])
