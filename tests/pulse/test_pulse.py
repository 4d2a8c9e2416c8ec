"""A whole pulse, running: it waits for the instant, and outlives what befalls its connections."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from tests.desk import Database, company

from tocsin.pulse.tickets import Pulse
from tocsin.pulse.vigil import Trust


@contextmanager
def running(database: Database) -> Iterator[Pulse]:
    """Run a pulse in a thread of its own."""
    stop = threading.Event()
    pulse = Pulse(database.url, stop)
    database.play("pulse")
    thread = threading.Thread(target=pulse.run)
    thread.start()
    try:
        yield pulse
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def due_soon(database: Database, count: int = 1) -> None:
    clock = database.one("SELECT clock_timestamp()")
    desk = company(now=clock - dt.timedelta(hours=2))
    for k in range(count):
        desk.open(now=clock - dt.timedelta(hours=1) + dt.timedelta(milliseconds=700 + 50 * k))


@pytest.mark.promise("P1")
def test_a_running_pulse_records_breaches_never_before_their_instant(database: Database) -> None:
    due_soon(database, 5)
    with running(database):
        until(lambda: database.one("SELECT count(*) FROM violation") == 5)
    early = "SELECT count(*) FROM violation WHERE detected_at <= breached_at"
    assert database.one(early) == 0
    assert database.one("SELECT count(*) FROM beat WHERE kind = 'pulse'") == 1


def test_a_pulse_goes_on_after_all_its_connections_were_cut(database: Database) -> None:
    with running(database):
        until(lambda: database.one("SELECT count(*) FROM beat") == 1)
        database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        database.play("app")
        due_soon(database)
        database.play("pulse")
        until(lambda: database.one("SELECT count(*) FROM violation") == 1)


@pytest.mark.promise("P6")
def test_a_node_whose_clock_is_off_fires_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.kit import machine_clock

    earnest = machine_clock.wall
    monkeypatch.setattr(machine_clock, "wall", lambda: earnest() + dt.timedelta(seconds=60))
    due_soon(database)
    # Due by now, whatever the machine thinks.
    database.rows("UPDATE ticket SET wake_at = decided_at + interval '1 microsecond'")
    with running(database) as pulse:
        until(lambda: pulse.figures.trust == Trust.STAND_DOWN.value)
        until(lambda: database.one("SELECT count(*) FROM beat") == 1)
        assert database.one("SELECT count(*) FROM violation") == 0
        monkeypatch.undo()
        until(lambda: database.one("SELECT count(*) FROM violation") == 1)
    connection.close()
