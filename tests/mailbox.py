"""Mail for tests: a provider with its errors, letters in the outbox, waiting for a condition."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from tests.desk import Company, Database

from tocsin.channels.email.send import POOL, Smtp

BREACH = (
    '{"lines":[{"clock":"SLA/first response#1","deed":"breach",'
    '"planned_at":"2026-03-02T09:00:00+00:00","which":"due"}]}'
)


GREETINGS = {
    "noise": b"\xff\xfe no mail here \x00\r\n",
    "421": b"421 4.3.2 closing for maintenance\r\n",
}


class _Talk(socketserver.StreamRequestHandler):
    """One connection: SMTP, with the error that the provider is to make."""

    server: "_Server"

    def handle(self) -> None:
        provider = self.server.provider
        with provider.lock:
            provider.connections += 1
        try:
            self._talk(provider)
        except OSError:
            return  # the other side has hung up

    def _talk(self, provider: "Provider") -> None:
        weather = provider.weather
        if weather == "hang":
            provider.thaw.wait(60)
            return
        if weather in GREETINGS:
            self.wfile.write(GREETINGS[weather])
            return
        self._say("220 provider")
        recipient = ""
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                self._say("250-provider\r\n250 8BITMIME")
            elif verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
                refusal = provider.refusals.get(recipient) or provider.refusals.get(weather)
                self._say(refusal or "250 ok")
            elif verb == b"DATA":
                self._say("354 go on")
                if not self._data(provider, recipient, weather):
                    return
            elif verb == b"QUIT" and weather == "no goodbye":
                provider.thaw.wait(60)
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _data(self, provider: "Provider", recipient: str, weather: str) -> bool:
        if weather == "cut in data":
            self.rfile.readline()
            return False
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(message, EmailMessage)
        if weather == "deaf":
            provider.thaw.wait(60)
        if weather == "554 at the end":
            self._say("554 5.7.1 looks like spam")
            return True
        with provider.lock:
            provider.received.append((recipient, message))
        if weather in ("cut", "deaf"):
            return False
        self._say("250 taken")
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    provider: "Provider"


@dataclass
class Provider:
    """A mail server under weather: ok, hang, 421, 451, 550, cut, deaf and so on."""

    weather: str = "ok"
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    thaw: threading.Event = field(default_factory=threading.Event)
    refusals: dict[str, str] = field(
        default_factory=lambda: {
            "451": "451 4.7.1 greylisted, try again in 300 seconds",
            "452": "452 4.2.2 mailbox full",
            "550": "550 5.1.1 no such user",
        }
    )
    port: int = 0

    def ids(self) -> list[str]:
        """Return the Message-ID of all that was received."""
        return [str(message["Message-ID"]) for _, message in self.received]

    def address(self, **given: Any) -> Smtp:
        """Return where it listens."""
        usual = {"host": "127.0.0.1", "port": self.port, "sender": "desk@example.com"}
        return Smtp(**{**usual, **given})


@contextmanager
def provider(weather: str = "ok") -> Iterator[Provider]:
    """Run a provider."""
    made = Provider(weather)
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.provider = made
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.thaw.set()
            server.shutdown()
            thread.join()
            # Another provider may get the same port: it must not be taken for this one.
            POOL.empty()


def write_letter(
    database: Database,
    company: Company,
    key: str,
    *,
    person: str = "ann",
    age: str = "0 s",
    urgent: bool = False,
    channel: str = "mail",
    parts: str = BREACH,
) -> int:
    """Put a letter into the outbox, ready to leave; returns its id."""
    found: int = database.one(
        "INSERT INTO outbox (tenant_id, channel, person_id, key, parts, urgent, state, created_at,"
        " next_at, attempts, maybe_sent, told) VALUES (%s, %s, %s, %s, %s, %s, 'pending',"
        " clock_timestamp() - %s::interval, clock_timestamp() - %s::interval, 0, false, '')"
        " RETURNING id",
        *(company.tenant, channel, company.people[person], key, parts, urgent, age, age),
    )
    return found


def eventually(found: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Wait until something is so; fail when it is not in time."""
    until = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)
