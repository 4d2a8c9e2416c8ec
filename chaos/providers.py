"""Providers on this machine, with weather: a mail server and a web service that take messages.

`weather` may change at any time, for messages to come and for connections that stand.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

_HANG_S = 600.0


class Loop:
    """A loop in a thread of its own, in which providers serve."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Loop":
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def serve(self, provider: "Provider") -> None:
        """Have a provider listen; its port is known then."""
        provider.port = self._run(self._listen(provider))

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self, provider: "Provider") -> int:
        server = await asyncio.start_server(provider.serve, "127.0.0.1", 0, limit=2**20)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _end(self) -> None:
        own = asyncio.current_task()
        for task in asyncio.all_tasks():
            if task is not own:
                task.cancel()


@dataclass
class Provider:
    """What both have: the weather, what arrived, and when somebody tried."""

    weather: str = "ok"
    received: list[str] = field(default_factory=list)
    tries: list[float] = field(default_factory=list)
    port: int = 0
    # What each answer waits, as a far server would have it.
    delay_s: float = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self.talk(reader, writer)
        with contextlib.suppress(OSError):
            writer.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak the provider's protocol until one side has enough."""
        raise NotImplementedError

    def tried(self) -> None:
        """Note that somebody wants to hand something over."""
        self.tries.append(time.monotonic())


class Mail(Provider):
    """A mail server. Weather: ok, 421 (as greeting), 451 (to RCPT), cut (after the dot), hang."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak SMTP; one connection may hand over any number of letters."""
        if self.weather in ("hang", "421"):
            self.tried()
            await asyncio.sleep(_HANG_S if self.weather == "hang" else 0)
            writer.write(b"421 4.3.2 closing for maintenance\r\n")
            return
        writer.write(b"220 provider\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            writer.write(self._said(verb))
            if verb == b"QUIT" or (verb == b"DATA" and not await self._data(reader, writer)):
                return

    def _said(self, verb: bytes) -> bytes:
        if verb == b"MAIL":
            self.tried()
        if verb == b"RCPT" and self.weather in ("451", "421"):
            return b"451 4.7.1 not now\r\n"
        answers = {
            b"EHLO": b"250-provider\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
            b"DATA": b"354 go on\r\n",
            b"QUIT": b"221 bye\r\n",
        }
        return answers.get(verb, b"250 ok\r\n")

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        id_ = ""
        while (line := await reader.readline()) not in (b".\r\n", b""):
            if not id_ and line.lower().startswith(b"message-id:"):
                id_ = line.split(b":", 1)[1].strip().decode()
        if line == b"":
            return False  # the sender died before the dot: it is no letter
        self.received.append(id_)
        await asyncio.sleep(self.delay_s)
        if self.weather == "cut":
            return False
        writer.write(b"250 taken\r\n")
        return True


class Web(Provider):
    """A web service that takes JSON. Weather: ok, 429, 503, 401, cut (after the body), hang."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak HTTP/1.1 until the other side hangs up."""
        while head := await self._head(reader):
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head.splitlines()[1:])
            }
            await reader.readexactly(int(headers.get("content-length", "0")))
            self.tried()
            if self.weather == "hang":
                await asyncio.sleep(_HANG_S)
            if self.weather in ("ok", "cut"):
                self.received.append(self.name_of(headers))
            if self.weather == "cut":
                return
            await asyncio.sleep(self.delay_s)
            writer.write(self._answer())
            await writer.drain()

    def name_of(self, headers: dict[str, str]) -> str:
        """Return what names a message whatever the attempt."""
        return headers.get("webhook-id") or headers.get("idempotency-key") or ""

    def _answer(self) -> bytes:
        status = {"ok": "200 OK", "429": "429 Too Many Requests", "401": "401 Unauthorized"}.get(
            self.weather, "503 Service Unavailable"
        )
        more = "Retry-After: 2\r\n" if self.weather == "429" else ""
        body = '{"ok": true}' if self.weather == "ok" else '{"ok": false}'
        told = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{more}"
        return f"{told}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    async def _head(self, reader: asyncio.StreamReader) -> str:
        with contextlib.suppress(asyncio.IncompleteReadError):
            return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        return ""
