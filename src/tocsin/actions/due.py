"""Deciding what has fallen due: a batch of one tenant's tickets, in one transaction."""

import datetime as dt
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
from django.db import Error, OperationalError, connection, transaction

from tocsin.actions import effects, ledger, quarantine
from tocsin.actions.work import Work
from tocsin.queries import access, desk
from tocsin.records import context, rows

# The version of the rules that this code decides by; the gate in the database must have the same.
UNDERSTOOD = 1
MOST = 100
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Decided:
    """What a batch came to: its tenant, how many tickets, and how late each effect was."""

    tenant: int
    tickets: int = 0
    late: list[dt.timedelta] = field(default_factory=list)


@dataclass(slots=True)
class Attempts:
    """What a process has begun, noted where its death cannot undo it.

    `side` is a connection of its own in autocommit. The connection that does the work holds the
    lock of `token` for as long as it lives, so a note whose token nobody holds is of a dead one.
    """

    side: psycopg.Connection
    token: int = field(default_factory=lambda: secrets.randbelow(2**31))
    _armed: object = None

    def arm(self) -> None:
        """Have the working connection hold the token; again after each reconnection."""
        connection.ensure_connection()
        if self._armed is not connection.connection:
            rows.run("SELECT pg_advisory_lock(hashtext('tocsin pulse'), %s)", [self.token])
            self._armed = connection.connection

    def begin(self, tenant: int, tickets: Sequence[int]) -> int:
        """Note what is about to be decided; returns the number of the note."""
        found = self.side.execute(
            "INSERT INTO batch (token, tenant_id, tickets) VALUES (%s, %s, %s) RETURNING id",
            [self.token, tenant, list(tickets)],
        ).fetchone()
        assert found is not None
        return int(found[0])

    def end(self, note: int) -> None:
        """Take the note back, after a failure that was survived."""
        self.side.execute("DELETE FROM batch WHERE id = %s", [note])

    def orphans(self) -> list[tuple[int, list[int]]]:
        """Take over what the dead had begun: tenant and tickets."""
        found = self.side.execute("SELECT tenant_id, tickets FROM pulse_orphans()").fetchall()
        return [(int(tenant), list(tickets)) for tenant, tickets in found]


@access.operates
def take(
    attempts: Attempts, *, most: int = MOST, after: int = 0, now: dt.datetime | None = None
) -> Decided | None:
    """Decide the due tickets of the next tenant after `after`; None when nothing is due.

    If the batch fails its tickets are decided one by one, and one that fails again is held back.
    """
    attempts.arm()
    note, tenant, tickets = 0, 0, list[int]()
    try:
        with transaction.atomic():
            found = rows.query(
                "SELECT * FROM pulse_claim(%s, %s, %s, %s)", [most, after, UNDERSTOOD, now]
            )
            if not found:
                return None
            tenant, tickets = int(found[0][0]), [int(row[1]) for row in found]
            note = attempts.begin(tenant, tickets)
            return _decide(tenant, tickets, note, now)
    except OperationalError:
        # The database went away, not a ticket's fault: the note tells whoever comes next.
        raise
    except Exception:
        if not tickets:
            raise
        _log.exception("a batch of %d tickets failed; they are decided singly", len(tickets))
        attempts.end(note)
    done = Decided(tenant)
    for ticket in tickets:
        one = single(attempts, tenant, ticket, now=now)
        done.tickets += one.tickets
        done.late += one.late
    return done


@access.operates
def single(
    attempts: Attempts, tenant: int, ticket: int, *, now: dt.datetime | None = None
) -> Decided:
    """Decide one ticket that was in a batch which failed; hold it back if it fails again.

    The attempt is counted, and committed, before the work begins.
    """
    attempts.arm()
    if not quarantine.attempt(tenant, ticket):
        return Decided(tenant)
    note = attempts.begin(tenant, [ticket])
    try:
        with transaction.atomic():
            return _decide(tenant, [ticket], note, now)
    except OperationalError:
        raise
    except Exception as error:
        _log.exception("ticket %d of tenant %d cannot be decided", ticket, tenant)
        attempts.end(note)
        quarantine.hold(tenant, ticket, reason(error))
        return Decided(tenant)


def reason(error: Exception) -> str:
    """Return an error in one line, as the administrator reads it."""
    told = str(error).strip().splitlines()
    return f"{type(error).__name__}: {told[0] if told else ''}"[:500]


@access.operates
def redo(attempts: Attempts, *, now: dt.datetime | None = None) -> int:
    """Decide singly what processes that died had begun; returns how many tickets."""
    count = 0
    for tenant, tickets in attempts.orphans():
        for ticket in tickets:
            try:
                count += single(attempts, tenant, ticket, now=now).tickets
            except Error:
                # What is left of this list would be forgotten: it is noted again for the next.
                attempts.begin(tenant, tickets)
                raise
    return count


def _decide(tenant: int, tickets: Sequence[int], note: int, now: dt.datetime | None) -> Decided:
    with rows.together(), context.tenant(tenant):
        at_work, _ = desk.at_work(tenant)
        works = ledger.lock(at_work, tickets, now=now)
        for work in works:
            effects.settle(work)
        ledger.write(works)
        rows.run("DELETE FROM batch WHERE id = %s", [note])
    return Decided(tenant, len(works), [late for work in works for late in _late(work)])


def _late(work: Work) -> list[dt.timedelta]:
    return [row["decided_at"] - row["planned_at"] for row in work.alerts]
