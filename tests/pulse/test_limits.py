"""A report that takes long, and a change of a table in line behind it, do not hold up deadlines."""

import datetime as dt
import threading
import time

import psycopg
import pytest
from psycopg import errors
from tests.desk import Database, company
from tests.pulse.test_pulse import running, until

from tocsin.kit import database as kit

pytestmark = pytest.mark.long("processes beside each other")


def connected(database: Database, role: str) -> psycopg.Connection:
    return psycopg.connect(**kit.parameters(database.url, role))  # type: ignore[arg-type]


@pytest.mark.promise("F15")
def test_each_role_has_its_limits(database: Database) -> None:
    limits = {}
    for role in ("app", "pulse", "worker", "watchman", "live", "sequencer", "audit", "migrate"):
        with connected(database, role) as found:
            limits[role] = [
                found.execute(f"SHOW {name}".encode()).fetchall()[0][0]
                for name in (
                    "statement_timeout",
                    "lock_timeout",
                    "idle_in_transaction_session_timeout",
                )
            ]
    usual = ["10s", "8s", "1min"]
    assert limits == {
        "app": usual,
        "live": usual,
        "sequencer": usual,
        "pulse": ["30s", "5s", "5s"],
        "worker": ["30s", "5s", "10s"],
        "watchman": ["30s", "5s", "10s"],
        "audit": ["2min", "5s", "10min"],
        "migrate": ["0", "3s", "0"],
    }


@pytest.mark.promise("F15", "P4")
@pytest.mark.asvs("15.2.2")
def test_a_long_report_does_not_delay_the_pulse(database: Database) -> None:
    clock = database.one("SELECT clock_timestamp()")
    desk = company(now=clock - dt.timedelta(hours=2))
    for k in range(20):
        due = clock + dt.timedelta(seconds=5, milliseconds=300 * k)
        desk.open(now=due - dt.timedelta(hours=1))
    with connected(database, "audit") as report:
        # A transaction that has read everything and stays open, as one does that reckons.
        report.execute("SELECT enter_tenant(%s)", [desk.tenant])
        for table in ("ticket", "clock", "event", "alert"):
            report.execute(f"SELECT count(*) FROM {table}".encode())
        with running(database):
            until(lambda: database.one("SELECT count(*) FROM violation") == 20)
        report.execute("SELECT 1")
    # Of those that fell due while it was at work; on a machine on which nothing else runs it is
    # milliseconds.
    worst = database.one(
        "SELECT coalesce(max(detected_at - breached_at), interval '0') FROM violation"
        " WHERE breached_at > (SELECT min(started_at) + interval '1 s' FROM beat)"
    )
    assert worst < dt.timedelta(seconds=5)


@pytest.mark.promise("F15")
def test_a_change_of_a_table_does_not_stand_in_line_for_long(database: Database) -> None:
    """Whoever waits for a whole table holds up all that come after: it gives up in time."""
    desk = company()
    with connected(database, "audit") as report, connected(database, "migrate") as change:
        report.execute("SELECT enter_tenant(%s)", [desk.tenant])
        report.execute("SELECT count(*) FROM ticket")
        began = time.monotonic()
        refused = threading.Event()

        def alter() -> None:
            with pytest.raises(errors.LockNotAvailable):
                change.execute("ALTER TABLE ticket ADD COLUMN later text")
            refused.set()

        thread = threading.Thread(target=alter)
        thread.start()
        # A person's change stands behind it, and is done once it has given up.
        desk.open()
        thread.join(30)
        assert refused.is_set()
        assert time.monotonic() - began < 8
    assert database.one("SELECT count(*) FROM ticket") == 1
