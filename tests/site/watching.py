"""Watching in tests: lines that record what they are given, a hall whose turns go by hand."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from tests.desk import Company, Database

from tocsin.records.people import Person
from tocsin.site.live import turn
from tocsin.site.live.hall import Hall
from tocsin.site.live.request import Request
from tocsin.site.live.rooms import Client
from tocsin.site.live.turn import Found, Keys, Work

Event = tuple[int | None, str, dict[str, Any]]
WELL = {"now": "2026-03-02T09:00:00+00:00", "pulse_beat": "2026-03-02T08:59:57+00:00", "overdue": 0}


def sign_in(
    database: Database, desk: Company, name: str, *, password: str = "", tenant: int | None = None
) -> str:
    """Begin a session as signing in does; returns its key."""
    data = {
        "_auth_user_id": str(desk.people[name]),
        "_auth_user_hash": Person(password=password).get_session_auth_hash(),
        "tenant": desk.tenant if tenant is None else tenant,
    }
    key = f"{desk.tenant}{name}{tenant or ''}{'x' if password else ''}"
    database.rows(
        "INSERT INTO django_session (session_key, session_data, expire_date)"
        " VALUES (%s, %s, now() + interval '1 hour') ON CONFLICT DO NOTHING",
        key,
        SessionStore().encode(data),
    )
    return key


def place(database: Database) -> None:
    """Have all that is committed placed."""
    database.rows("SELECT sequence_events(100000)")


def parse(body: bytes) -> list[Event]:
    """Return the events of a stream; what is no whole event fails."""
    found: list[Event] = []
    for block in body.decode().removesuffix("\n\n").split("\n\n"):
        if block.startswith("retry: ") or not block:
            continue
        told = re.fullmatch(r"(?:id: (\d+)\n)?event: (\w+)\ndata: (\{.*\})", block)
        assert told is not None, block
        found.append((None if told[1] is None else int(told[1]), told[2], json.loads(told[3])))
    return found


@dataclass
class Line:
    """A browser. `takes` is how many more pieces it takes until it reads on."""

    status: int = 0
    body: bytes = b""
    pieces: list[bytes] = field(default_factory=list)
    takes: int = 1000
    ended: bool = False
    is_cut: bool = False

    def open(self) -> None:
        assert self.status == 0
        self.status = 200

    def write(self, body: bytes) -> bool:
        assert self.status == 200
        assert not self.ended
        assert not self.is_cut
        if not self.takes:
            return False
        self.takes -= 1
        self.body += body
        self.pieces.append(body)
        return True

    def end(self) -> None:
        self.ended = True

    def cut(self) -> None:
        self.is_cut = True

    def refuse(self, status: int) -> None:
        assert self.status == 0
        self.status = status

    def events(self, *names: str) -> list[Event]:
        """Return what was heard, of these names or of all."""
        return [event for event in parse(self.body) if not names or event[1] in names]

    def places(self) -> list[int]:
        """Return the places of the events of the log, as they were heard."""
        return [place for place, _, _ in self.events("ticket", "config") if place is not None]


@dataclass
class Watching:
    """A live process without a network: its hall, and its thread that asks the database."""

    thread: ThreadPoolExecutor
    hall: Hall = field(default_factory=Hall)
    keys: Keys = field(default_factory=dict)
    health: tuple[bool, dict[str, Any]] = (True, WELL)
    steady: float = 0.0

    def enter(
        self, desk: str, session: str, after: int | None = None, address: str = ""
    ) -> tuple[Line, Client]:
        line = Line()
        client = self.hall.enter(line, Request(desk, session, after, "", address))
        assert client is not None
        return line, client

    def connect(self, desk: str, session: str, after: int | None = None, address: str = "") -> Line:
        """Enter, and take the turn that answers."""
        line, _ = self.enter(desk, session, after, address)
        self.turn()
        return line

    def take(self, work: Work) -> Found:
        """Ask the database, in the role of the live process."""
        return self.thread.submit(turn.take, work, self.keys, lambda: self.health).result()

    def turn(self, seconds: float = 0.0) -> None:
        """Let time pass, then take one turn."""
        self.steady += seconds
        work = self.hall.work(self.steady)
        self.hall.settle(work, self.take(work))


# Each thread has a connection of its own, and must be the one to look it up.
def _connect() -> None:
    connection.ensure_connection()


def _close() -> None:
    connection.close()


@contextmanager
def watching(database: Database, count: int = 1) -> Iterator[list[Watching]]:
    """Run live processes without a network; this thread goes on as role app."""
    database.play("live")
    threads = [ThreadPoolExecutor(1) for _ in range(count)]
    for thread in threads:
        thread.submit(_connect).result()
    database.play("app")
    try:
        yield [Watching(thread) for thread in threads]
    finally:
        for thread in threads:
            thread.submit(_close).result()
            thread.shutdown()
