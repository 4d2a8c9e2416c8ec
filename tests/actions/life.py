"""What tests of a living desk need: the pulse's turn, and the audit of ourselves."""

import datetime as dt
from typing import Any

import psycopg
from tests.desk import Company, Database, at

from tocsin.actions import due
from tocsin.actions.due import Attempts
from tocsin.queries import reckoning
from tocsin.queries.reckoning import Difference

# Before everything that happens, so that the policies hold.
BEGIN = at("2026-03-01 00:00")
OPENED = at("2026-03-02 09:00")


def after(minutes: float) -> dt.datetime:
    return OPENED + dt.timedelta(minutes=minutes)


def differences(desk: Company) -> list[Difference]:
    """Return what the tables hold otherwise than the log says."""
    return [one for part in reckoning.reckon(by=desk.operator) for one in part.differences]


def beat(database: Database, *, now: dt.datetime) -> int:
    """Decide all that is due, as the pulse does; returns how many tickets."""
    count = 0
    with psycopg.connect(database.admin_url, autocommit=True) as side:
        database.play("pulse")
        attempts = Attempts(side)
        while (decided := due.take(attempts, now=now)) is not None:
            count += decided.tickets
            assert count < 1_000, "it never ends"
    database.play("app")
    return count


def clocks(database: Database, ticket: int) -> dict[str, tuple[Any, ...]]:
    """Return state, due, verdict and outcome of a ticket's clocks by their ids, SLA only."""
    return {
        row[0]: row[1:]
        for row in database.rows(
            "SELECT key, state, due_at, verdict, outcome FROM clock WHERE ticket_id = %s"
            " AND agreement = 'SLA' ORDER BY key",
            ticket,
        )
    }
