"""A real live process over real HTTP, and a real server with a browser that never reads."""

import asyncio
import http.client
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.cli.command import COMMAND
from tests.desk import Company, Database, company
from tests.mailbox import eventually
from tests.site.watching import Event, parse, sign_in
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from tocsin.pulse.sequencer import Sequencer
from tocsin.site.live.application import Live
from tocsin.site.live.line import AsgiLine

pytestmark = pytest.mark.long("starts the process that streams")

SECRET = "of this test"


@pytest.fixture
def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> Company:
    from django.conf import settings

    monkeypatch.setattr(settings, "SECRET_KEY", SECRET)
    return company()


class Process:
    """`tocsin live` as a process of its own."""

    def __init__(self, database: Database) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._opened: list[http.client.HTTPResponse | http.client.HTTPConnection] = []
        own = {"DATABASE_URL": database.url, "TOCSIN_ROLE": "live", "TOCSIN_SECRET_KEY": SECRET}
        self.process = subprocess.Popen(
            [*COMMAND, "live", "--port", str(self.port)],
            env={**os.environ, **own},
            stderr=subprocess.PIPE,
            text=True,
        )
        eventually(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def stop(self, *, kill: bool = False) -> str:
        """Stop it; returns what it complained of."""
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        said = self.process.communicate(timeout=30)[1]
        return said

    def ask(self, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked.request(method, path, headers=named)
        answer = asked.getresponse()
        self._opened += [answer, asked]
        return answer

    def close(self) -> None:
        """Stop it if it runs, and hang up."""
        if self.process.poll() is None:
            self.stop()
        for opened in self._opened:
            opened.close()


@contextmanager
def process(database: Database) -> Iterator[Process]:
    found = Process(database)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def sequencer(database: Database, desk: Company) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=Sequencer(database.url, stop).run)
    thread.start()
    yield
    stop.set()
    thread.join(30)


class Stream:
    """An open stream, read event by event."""

    def __init__(self, found: Process, session: str, **headers: str) -> None:
        self.answer = found.ask(
            "GET", "/t/acme/live/events", Cookie=f"tocsin_session={session}", **headers
        )
        assert self.answer.status == 200

    def next(self, *names: str) -> Event:
        """Return the next event of one of these names."""
        while True:
            lines = []
            while (line := self.answer.readline()) not in (b"\n", b""):
                lines.append(line)
            assert lines, "the stream has ended"
            for event in parse(b"".join(lines) + b"\n"):
                if event[1] in names:
                    return event


@pytest.mark.usefixtures("sequencer")
@pytest.mark.promise("F17")
def test_a_browser_hears_what_happens_also_what_it_missed(
    database: Database, desk: Company
) -> None:
    session = sign_in(database, desk, "ann")
    with process(database) as live:
        stream = Stream(live, session, Origin="http://127.0.0.1:8000", Host="127.0.0.1:9")
        headers = {name.lower(): value for name, value in stream.answer.getheaders()}
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["x-accel-buffering"] == "no"
        assert headers["cache-control"] == "no-store"
        assert headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
        assert headers["access-control-allow-credentials"] == "true"
        assert headers["vary"] == "Origin"
        assert stream.next("hello")[2]["me"] == desk.people["ann"]
        ticket = desk.open()
        heard = stream.next("ticket")
        assert heard[2] == {"t": ticket, "v": 1, "k": "created", "by": "customer"}
        live.stop(kill=True)
    missed = [desk.open(), desk.open()]
    eventually(lambda: database.one("SELECT count(*) FROM unsequenced") == 0)
    with process(database) as live:
        stream = Stream(live, session, Last_Event_ID=str(heard[0]))
        last = database.one("SELECT max(position) FROM position")
        told = [stream.next("ticket", "config") for _ in range(last - int(heard[0] or 0))]
        assert [event[0] for event in told] == [*range(int(heard[0] or 0) + 1, last + 1)]
        created = [event[2]["t"] for event in told if event[2]["k"] == "created"]
        assert created == missed
        # The database's connections die: they are made again, and nothing is missed.
        database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'tocsin live'"
        )
        again = desk.open()
        assert stream.next("ticket")[2]["t"] == again
        # Signed out: the stream ends.
        database.rows("DELETE FROM django_session")
        while stream.answer.readline():
            pass
        said = live.stop()
    assert "Traceback" not in said
    assert "Exception" not in said


def test_whoever_has_no_business_here_learns_nothing(database: Database, desk: Company) -> None:
    session = f"tocsin_session={sign_in(database, desk, 'ann')}"
    events = "/t/acme/live/events"
    with process(database) as live:

        def answer(method: str, path: str, **headers: str) -> tuple[int, bytes, list[str]]:
            found = live.ask(method, path, **headers)
            names = sorted(name.lower() for name in found.headers if name.lower() != "date")
            return found.status, found.read(), names

        none = answer("GET", events)
        assert none[:2] == (204, b"")
        assert answer("GET", events, Cookie="tocsin_session=x") == none
        assert answer("GET", "/t/nowhere/live/events", Cookie=session) == none
        missing = answer("GET", "/t/acme/live/other", Cookie=session)
        assert missing[:2] == (404, b"{}")
        assert answer("GET", "/live/pulse", Cookie=session) == missing
        assert answer("GET", events, Cookie=session, Origin="http://evil.example") == missing
        assert answer("GET", events, Cookie=session, Host="evil.example") == missing
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
            assert answer(method, events, Cookie=session)[0] == 405
        assert answer("POST", "/live/health")[0] == 405
        status, told, _ = answer("GET", "/live/health")
        # Neither a pulse nor a worker runs here.
        assert status == 503
        assert json.loads(told)["status"] == "needs attention"
        # Streams that are open when the process stops are ended in order.
        open_ = Stream(live, session.partition("=")[2])
        said = live.stop()
        while open_.answer.readline():
            pass
    assert "Traceback" not in said
    assert "ASGI callable" not in said


# ------------------------------------------------------------------------- the server's own line


def run_server(app: Any, browse: Any) -> None:
    """Run an application on a real server, and `browse(port)` beside it."""

    async def main() -> None:
        config = Config(app, http="h11", ws="none", lifespan="off")
        config.load()
        state = ServerState()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: H11Protocol(config, state, {}),
            "127.0.0.1",
            0,
        )
        try:
            await browse(server.sockets[0].getsockname()[1], state)
            while state.tasks:
                await asyncio.sleep(0)
        finally:
            server.close()
            await server.wait_closed()

    asyncio.run(main())


@pytest.mark.promise("A34")
def test_what_a_browser_does_not_take_is_let_go_with_its_connection() -> None:
    lines: list[AsgiLine] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope
        line = AsgiLine(send, [])
        line.open()
        lines.append(line)
        while (await receive())["type"] != "http.disconnect":
            pass

    async def browse(port: int, state: ServerState) -> None:
        never = socket.socket()
        never.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        never.connect(("127.0.0.1", port))
        never.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while not lines:
            await asyncio.sleep(0)
        sent = 0
        while lines[0].write(b"x" * 1000):
            sent += 1
            assert sent < 2000, "it keeps whatever it is given"
        # Nothing went of what did not fit, and asking again changes nothing.
        assert not lines[0].write(b"y")
        assert len(state.connections) == 1
        lines[0].end()
        while state.connections:
            await asyncio.sleep(0)
        # What the system had comes. An orderly end would have waited to send the rest, too.
        never.settimeout(30)
        came = b""
        while piece := never.recv(1 << 20):
            came += piece
        never.close()
        assert came.count(b"x" * 1000) < sent
        assert not came.endswith(b"0\r\n\r\n")

    run_server(app, browse)


def test_too_many_are_told_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.site.live import hall

    monkeypatch.setattr(hall, "MOST_STREAMS", 0)
    answers: list[bytes] = []

    async def browse(port: int, state: ServerState) -> None:
        del state
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"GET /t/acme/live/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Cookie: tocsin_session=x\r\n\r\n"
        )
        answers.append(await reader.read())
        writer.close()
        await writer.wait_closed()

    run_server(Live(url=""), browse)
    head = answers[0].lower()
    assert head.startswith(b"http/1.1 503 ")
    assert b"retry-after: 5\r\n" in head
