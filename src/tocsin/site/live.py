"""The live process: one look at the database a second, streamed to everybody who watches.

A plain ASGI application. A stream holds a connection open for hours, so it may cost a client a few
kilobytes and no thread, and the database nothing.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.site.settings")

import django

django.setup()

# Only now: what they import reads the settings.
from django.db import close_old_connections  # noqa: E402

from tocsin.web import health  # noqa: E402

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Look = Callable[[], tuple[bool, dict[str, Any]]]

MOST_CLIENTS = 200
# A client that has not taken this many seconds' worth is dropped; its browser connects again.
MOST_WAITING = 8
_HEARTBEAT_SECONDS = 10.0
_STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy must not keep events back
]
_JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


def look() -> tuple[bool, dict[str, Any]]:
    """Return the health, over a connection that is renewed when the last one broke."""
    close_old_connections()
    return health.report()


class Live:
    """The application. `look` is called in one thread, every `period` seconds while one watches."""

    def __init__(self, look: Look = look, *, period: float = 1.0) -> None:
        self._look = look
        self._period = period
        # One thread, so one connection to the database.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="look")
        self._clients: dict[asyncio.Queue[bytes], asyncio.Task[None]] = {}
        self._beat: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, b"{}")
        elif scope["path"] == "/live/health":
            ok, told = await self._looked()
            await _answer(send, 200 if ok else 503, json.dumps(told).encode())
        elif scope["path"] == "/live/pulse":
            await self._stream(receive, send)
        else:
            await _answer(send, 404, b"{}")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                self._thread.shutdown(wait=False, cancel_futures=True)
                return

    async def _looked(self) -> tuple[bool, dict[str, Any]]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._look)

    async def _stream(self, receive: Receive, send: Send) -> None:
        """Send events until the client leaves or is too slow."""
        if len(self._clients) >= MOST_CLIENTS:
            await _answer(send, 503, b"{}")
            return
        events: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        sending = asyncio.create_task(_forward(events, send))
        leaving = asyncio.create_task(_left(receive))
        self._clients[events] = sending
        if self._beat is None or self._beat.done():
            self._beat = asyncio.create_task(self._tell_all())
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._clients.pop(events, None)
            for task in (sending, leaving):
                task.cancel()
            # A connection that breaks while we send is a client that left.
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _tell_all(self) -> None:
        """Look once a period and give the same bytes to every client, while there are any."""
        clock = asyncio.get_running_loop()
        while self._clients:
            started = clock.time()
            _, told = await self._looked()
            event = b"data: " + json.dumps(told).encode() + b"\n\n"
            for events, sending in list(self._clients.items()):
                try:
                    events.put_nowait(event)
                except asyncio.QueueFull:
                    self._clients.pop(events, None)
                    sending.cancel()
            await asyncio.sleep(max(0.0, started + self._period - clock.time()))


async def _forward(events: asyncio.Queue[bytes], send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _STREAM})
    # So that the browser waits a little when it must connect again.
    await _more(send, b"retry: 2000\n\n")
    while True:
        event = b": still here\n\n"
        with contextlib.suppress(TimeoutError):
            event = await asyncio.wait_for(events.get(), _HEARTBEAT_SECONDS)
        await _more(send, event)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _more(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _answer(send: Send, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _JSON})
    await send({"type": "http.response.body", "body": body})


application = Live()
