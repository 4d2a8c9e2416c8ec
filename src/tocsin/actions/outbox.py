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

from tocsin.actions import alarms, configuration, ledger
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows

_log = logging.getLogger(__name__)
# Longer than the longest sending, so that a lease ends only when its process hangs or is dead.
LEASE = dt.timedelta(seconds=90)
_DELAYS = tuple(dt.timedelta(seconds=s) for s in (5, 30, 120, 600, 1800))
_LONGEST = dt.timedelta(hours=1)
_JITTER = 0.2
GIVE_UP = dt.timedelta(hours=48)
# What `told` says of a letter that a recipient may have. It is read again: a letter that may have
# been sent is handed over once more and no further, whatever dies in between.
_MAYBE = "may have been sent"
_ONCE = f"{_MAYBE}: handed over, no answer was written"
_TWICE = f"{_MAYBE} twice: handed over again, no answer was written"
_LONGEST_TOLD = 500
_LISTED = 500


class LeaseLost(RuntimeError):
    """Somebody else has the letter by now, or has finished it: nothing was changed."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it."""


@dataclass(frozen=True, slots=True)
class FailedForNow:
    """It was not taken and may be later; `retry_after` is how long the provider asks to wait."""

    reason: str
    retry_after: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class FailedForGood:
    """It was not taken and never will be."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """It was handed over whole, and the answer was lost."""

    reason: str


Outcome = Sent | FailedForNow | FailedForGood | Unsure


@dataclass(frozen=True, slots=True)
class Recipient:
    """The person whom a letter is for; `address` is empty when there is none to write to."""

    name: str
    address: str
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class About:
    """The ticket that a letter is about."""

    number: int
    subject: str


@dataclass(frozen=True, slots=True)
class Lease:
    """A letter that is ours to send until the lease ends. `at` is the database's clock.

    `parts` is JSON as it was written: only whoever words the letter reads it.
    """

    tenant: int
    id: int
    token: uuid.UUID
    at: dt.datetime
    channel: str
    key: str
    parts: str
    urgent: bool
    created_at: dt.datetime
    attempts: int
    maybe_sent: bool
    told: str
    recipient: Recipient | None
    about: About | None

    @property
    def handed(self) -> bool:
        """Whether it was handed over before and nobody knows what came of that."""
        return self.told.startswith(_MAYBE)


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
    " o.attempts, o.maybe_sent, o.told, p.name,"
    " CASE WHEN p.is_active THEN p.email ELSE '' END, p.language, p.zone, t.number, t.subject"
    " FROM outbox o"
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
    name, address, language, zone, number, subject = row[10:]
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
        recipient=None if name is None else Recipient(name, address, language, zone),
        about=None if number is None else About(number, subject),
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
            _write(lease, state="unsure", told=_TWICE)
            _given_up(lease, _TWICE, ledger.clock())
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
    """
    with _inside(lease):
        at = now or ledger.clock()
        changes = _judged(lease, outcome, at)
        _write(lease, **changes)
        if changes["state"] in ("dead", "unsure"):
            _given_up(lease, changes["told"], at)
    state: str = changes["state"]
    return state


@access.operates
def postpone(
    lease: Lease,
    reason: str,
    length: dt.timedelta,
    *,
    expires: bool = True,
    now: dt.datetime | None = None,
) -> None:
    """Give a letter back that was not handed over: this was no attempt.

    With `expires` false it waits for ever, say for somebody to name a mail server.
    """
    with _inside(lease):
        at = now or ledger.clock()
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
        case Sent():
            return {"state": "sent", "sent_at": at, "told": ""}
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
                return {"state": "unsure", "told": f"{_MAYBE} twice: {reason}", "maybe_sent": True}
            next_at = at + delay(lease.key, lease.attempts)
            told = f"{_MAYBE}: {reason}"
            return {"state": "pending", "next_at": next_at, "told": told, "maybe_sent": True}


def _remembering(lease: Lease, reason: str) -> str:
    """Return the reason, with what must not be forgotten of the times before in front."""
    if lease.told == _TWICE:
        return _TWICE
    return f"{_MAYBE} before; {reason}" if lease.handed else reason


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
