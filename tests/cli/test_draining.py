"""Stopping a part of a desk at work: what was begun is finished, and soon."""

import datetime as dt
import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from tests.cli.command import COMMAND, environment
from tests.cli.test_up import eventually, free_port
from tests.desk import Database, company

pytestmark = pytest.mark.long("stops parts in the middle of their work")

DRAIN_S = 25.0


@contextmanager
def part(database: Database, name: str, role: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run one part of the desk."""
    own = {
        **environment(),
        "DATABASE_URL": database.url,
        "TOCSIN_ROLE": role,
        "TOCSIN_SECRET_KEY": "of this test",
    }
    with log.open("wb") as out:
        process = subprocess.Popen([*COMMAND, *name.split()], env=own, stdout=out, stderr=out)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def answers(port: int, path: str) -> int:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        asked.request("GET", path)
        answer = asked.getresponse()
        answer.read()
        return answer.status
    except OSError:
        return 0
    finally:
        asked.close()


@pytest.mark.promise("F17")
def test_pages_that_were_asked_for_are_answered_before_the_web_part_ends(
    database: Database, tmp_path: Path
) -> None:
    company("acme")
    port, log = free_port(), tmp_path / "web"
    found: list[int] = []
    with part(database, f"web --port {port}", "app", log) as web:
        eventually(lambda: answers(port, "/") == 200, "it serves")
        # Something in the database holds the answers up for a while.
        with psycopg.connect(database.admin_url) as lock:
            lock.execute("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE")
            threads = [
                threading.Thread(target=lambda: found.append(answers(port, "/")), daemon=True)
                for _ in range(3)
            ]
            for thread in threads:
                thread.start()
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            eventually(lambda: database.one(waits) >= 2, "they wait")
            web.send_signal(signal.SIGTERM)
            told = time.monotonic()
            time.sleep(0.5)  # while it knows that it must end
            lock.rollback()
        for thread in threads:
            thread.join(30)
        web.wait(DRAIN_S)
        assert time.monotonic() - told < DRAIN_S
    assert found == [200, 200, 200], log.read_text()


@pytest.mark.promise("F17")
@pytest.mark.parametrize(
    ("name", "role"), [("pulse", "pulse"), ("worker", "worker"), ("watchman", "watchman")]
)
def test_the_other_parts_end_in_order(
    database: Database, tmp_path: Path, name: str, role: str
) -> None:
    company("acme")
    log = tmp_path / name
    with part(database, name, role, log) as process:
        signs = "SELECT count(*) FROM beat WHERE kind = %s"
        eventually(lambda: database.one(signs, name), "a sign of life")
        os.kill(process.pid, signal.SIGTERM)
        told = time.monotonic()
        assert process.wait(DRAIN_S) == 0, log.read_text()
        assert time.monotonic() - told < DRAIN_S


@pytest.mark.promise("P6")
def test_a_pulse_on_a_machine_whose_clock_is_off_decides_nothing_and_another_does(
    database: Database, tmp_path: Path
) -> None:
    clock = database.one("SELECT clock_timestamp()")
    desk = company(now=clock - dt.timedelta(hours=3))
    desk.open(now=clock - dt.timedelta(hours=2))
    database.rows("UPDATE ticket SET wake_at = decided_at + interval '1 microsecond'")
    before = database.one("SELECT count(*) FROM violation")
    own = {**environment(), "DATABASE_URL": database.url, "TOCSIN_ROLE": "pulse"}
    with (tmp_path / "off").open("wb") as out:
        off = subprocess.Popen([*COMMAND[:1], "-c", _OFF], env=own, stdout=out, stderr=out)
        try:
            doubts = "SELECT count(*) FROM beat WHERE told LIKE '%%stand down%%'"
            eventually(lambda: database.one(doubts), "it stands down")
            assert database.one("SELECT count(*) FROM violation") == before
            with part(database, "pulse", "pulse", tmp_path / "right"):
                later = "SELECT count(*) FROM ticket WHERE wake_at > decided_at + interval '1 s'"
                eventually(lambda: database.one(later) == 1, "the other one decides")
            assert off.poll() is None
        finally:
            off.kill()
            off.wait()


# The machine's own clock a minute ahead, and nothing else.
_OFF = """
import datetime as dt
from tocsin.kit import machine_clock
right = machine_clock.wall
machine_clock.wall = lambda: right() + dt.timedelta(seconds=60)
from tocsin.cli.main import main
raise SystemExit(main(["pulse"]))
"""
