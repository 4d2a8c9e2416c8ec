"""A provider on loopback that speaks HTTP: what it was sent, its errors, and its bad weather."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Told:
    """A request as the provider got it; names of headers are lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    """What the provider answers. Weather: "" | "hang" | "cut" (no answer) | "half" (of one)."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    weather: str = ""


Rule = Callable[[Told], Said]


@dataclass
class Provider:
    """A server that answers by a rule, and remembers."""

    port: int
    rule: Rule
    told: list[Told] = field(default_factory=list)
    thaw: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    answered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> Told:
        """Return what was told last, when something was."""
        assert self.answered.acquire(timeout=10)
        return self.told[-1]


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_POST(self) -> None:
        provider = self.server.provider
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        told = Told(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        with provider.lock:
            provider.told.append(told)
        said = provider.rule(told)
        self.close_connection = True
        if said.weather == "hang":
            provider.thaw.wait(30)
        elif said.weather != "cut":
            self._answer(said)
        provider.answered.release()

    def _answer(self, said: Said) -> None:
        lines = [f"HTTP/1.1 {said.status} x", f"Content-Length: {len(said.body)}"]
        lines += [f"{name}: {value}" for name, value in said.headers.items()]
        whole = "\r\n".join([*lines, "", ""]).encode() + said.body
        self.wfile.write(whole[:12] if said.weather == "half" else whole)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    provider: Provider
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # the other side has hung up

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


@contextmanager
def provider(rule: Rule) -> Iterator[Provider]:
    """Run a provider that answers by a rule."""
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.provider = made = Provider(server.server_port, rule)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.thaw.set()
            server.shutdown()
            thread.join()
