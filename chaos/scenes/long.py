"""F15: a report that takes long, a lock that is never let go, and a change of tables that waits."""

import argparse
import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator

import psycopg

from chaos import promises
from chaos.faults import Parts
from chaos.promises import Played
from chaos.providers import Loop, Mail
from chaos.stage import Stage
from tocsin.kit import database

TOLD = "a long report, a session that keeps a lock, and DDL that waits for it"
TICKETS, SECONDS = 1_000, 15.0
MOST_S = 2.0
# What migrations wait for a lock; whoever comes after them waits for as long.
LOCK_S = 1.0


def play(stage: Stage, chance: random.Random, given: argparse.Namespace) -> Played:
    """Have deadlines fall due meanwhile; only the locked ticket may be late."""
    del given
    stage.company()
    played, mail, stop = Played(), Mail(), threading.Event()
    with Loop() as loop:
        loop.serve(mail)
        address = f"smtp://127.0.0.1:{mail.port}?from={promises.SENDER}"
        with Parts(stage.made, {"TOCSIN_SMTP_URL": address}) as parts:
            for name in ("pulse 1", "pulse 2", "worker 1"):
                parts.start(name)
            parts.ready()
            stage.tickets(TICKETS, seconds=3, apart_s=SECONDS / TICKETS)
            chosen = {"number": chance.randint(50, 99)}
            locked = int(stage.one("SELECT id FROM ticket WHERE number = %(number)s", chosen))
            with _holding(stage, locked), _reporting(stage, stop) as rounds, _altering(stage, stop):
                time.sleep(SECONDS + 5)
                waits = f"SELECT count(*) FROM violation WHERE ticket_id = {locked}"
                played.hold("breaches of the locked ticket meanwhile", stage.one(waits), 0)
                stop.set()
            played.drained(parts.drain(stage))
            if played.broken:
                played.figures["logs"] = parts.logs()
    played.figures["reports meanwhile"] = str(len(rounds))
    latest = "SELECT max(extract(epoch FROM detected_at - breached_at))::float8 FROM violation"
    others = f"{latest} WHERE ticket_id <> {locked}"
    played.aim("the latest of the others", stage.one(others), MOST_S + LOCK_S)
    played.count(stage, promises.breaches(stage, TICKETS))
    promises.sound(played, stage)
    promises.letters(played, stage, mail)
    return played


@contextlib.contextmanager
def _holding(stage: Stage, ticket: int) -> Iterator[None]:
    """Keep a ticket's row locked, as somebody does who forgot to commit."""
    with psycopg.connect(stage.made.admin_url) as found:
        found.execute("SELECT 1 FROM ticket WHERE id = %s FOR UPDATE", [ticket])
        yield
        found.rollback()


@contextlib.contextmanager
def _reporting(stage: Stage, stop: threading.Event) -> Iterator[list[float]]:
    """Read everything again and again in one old view of the data."""
    took: list[float] = []

    def report() -> None:
        found = database.parameters(stage.made.url, "audit")
        with psycopg.connect(**found) as reader:  # type: ignore[arg-type]  # all are texts
            reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            reader.execute("SELECT enter_tenant(%s)", [stage.tenant])
            while not stop.is_set():
                began = time.monotonic()
                reader.execute(
                    "SELECT t.team_id, count(*), avg(c.target_us) FROM ticket t"
                    " JOIN clock c ON c.ticket_id = t.id JOIN event e ON e.stream_id = t.id"
                    " GROUP BY 1 ORDER BY md5(min(e.payload))"
                ).fetchall()
                took.append(time.monotonic() - began)

    with _thread(report, stop):
        yield took


@contextlib.contextmanager
def _altering(stage: Stage, stop: threading.Event) -> Iterator[None]:
    """Try to change a table that is in use, as a migration does: it gives up after a second."""

    def alter() -> None:
        with psycopg.connect(stage.made.admin_url, autocommit=True) as found:
            found.execute(f"SET lock_timeout = '{LOCK_S}s'".encode())
            while not stop.wait(2.0):
                # Everybody who comes after it waits behind it, readers, too.
                with contextlib.suppress(psycopg.errors.LockNotAvailable), found.transaction():
                    found.execute("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE")

    with _thread(alter, stop):
        yield


@contextlib.contextmanager
def _thread(work: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
