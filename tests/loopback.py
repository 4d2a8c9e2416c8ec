"""HTTP for tests: a provider on loopback that speaks a protocol, with all the weather there is."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: int
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Protocol = Callable[[Asked], Told]


@dataclass
class Loopback:
    """A provider. `weather`: ok (its protocol), hang, cut, half-open, noise, or an HTTP status.

    hang: it reads everything and never answers. cut: it hangs up after the last byte. half-open: it
    takes the connection and reads nothing. noise: what it says is no HTTP.
    """

    protocol: Protocol
    weather: str = "ok"
    extra: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    thaw: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    port: int = 0

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"


class _Talk(BaseHTTPRequestHandler):
    """One connection."""

    server: "_Server"
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        there = self.server.there
        with there.lock:
            there.connections += 1
        if there.weather == "half-open":
            there.thaw.wait(60)
            return
        try:
            super().handle()
        except OSError:
            return

    def do_POST(self) -> None:
        there = self.server.there
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, body)
        with there.lock:
            there.asked.append(asked)
        self.close_connection = True
        if there.weather == "hang":
            there.thaw.wait(60)
        elif there.weather == "noise":
            self.wfile.write(b"\xff\xfe no HTTP here\r\n\r\n")
        elif there.weather.isdigit():
            self._answer(Told(int(there.weather), b"out of order", there.extra))
        elif there.weather != "cut":
            self._answer(there.protocol(asked))

    do_GET = do_POST  # noqa: N815
    do_PUT = do_POST  # noqa: N815

    def _answer(self, told: Told) -> None:
        body = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
        self.send_response(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    there: Loopback


@contextmanager
def loopback(protocol: Protocol, weather: str = "ok") -> Iterator[Loopback]:
    """Run a provider."""
    made = Loopback(protocol, weather)
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.there = made
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.thaw.set()
            server.shutdown()
            thread.join()
