"""The ASGI application: streams for browsers, the health for machines."""

import asyncio
import functools
import json
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from tocsin.kit import database
from tocsin.site.live import request, turn
from tocsin.site.live.ear import Ear
from tocsin.site.live.hall import Hall
from tocsin.site.live.line import AsgiLine, Headers, Message, Send
from tocsin.site.live.turn import Found, Keys, Look, Work
from tocsin.web import health

_log = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[Message]]
_JSON: Headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
# Without being called we look all the same.
_PERIOD_S = 1.0


def look() -> tuple[bool, dict[str, Any]]:
    """Return the health, over a connection that is renewed when the last one broke."""
    close_old_connections()
    return health.report()


class Live:
    """The application. Whatever asks the database does so in one thread, over two connections."""

    def __init__(self, look: Look = look, *, url: str | None = None) -> None:
        self._look = look
        self._hall = Hall()
        self._keys: Keys = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="look")
        self._wake = asyncio.Event()
        self._ear = Ear(url or os.environ.get(database.ADDRESS, ""), self._wake.set)
        self._keeper: asyncio.Task[None] | None = None
        self._is_away = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        elif scope["path"] == "/live/health":
            if scope["method"] not in ("GET", "HEAD"):
                await _answer(send, 405)
            else:
                ok, told = await self._in_thread(self._look)
                await _answer(send, 200 if ok else 503, json.dumps(told).encode())
        else:
            await self._events(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                if self._keeper is not None:
                    self._keeper.cancel()
                self._ear.close()
                self._thread.shutdown(wait=False, cancel_futures=True)
                return

    async def _events(self, scope: Message, receive: Receive, send: Send) -> None:
        """Stream until the browser leaves or is let go."""
        asked = request.read(scope)
        if asked is None:
            await _answer(send, 404)
            return
        if scope["method"] != "GET":
            await _answer(send, 405, headers=[(b"allow", b"GET")])
            return
        line = AsgiLine(send, [*_guard(), *_cors(asked.origin)])
        if not asked.session:
            line.refuse(204)
            return
        client = self._hall.enter(line, asked)
        if client is None:
            line.refuse(503)
            return
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep())
        self._wake.set()
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            # The server stops. The browser comes back and says where it was.
            if not client.gone:
                line.end()
        finally:
            self._hall.leave(client)

    async def _keep(self) -> None:
        """Take turns while anybody watches: when called, and each second."""
        loop = asyncio.get_running_loop()
        while True:
            if self._hall.is_empty:
                await self._wake.wait()
            else:
                await _either(self._wake, _PERIOD_S)
            self._wake.clear()
            if self._hall.is_empty:
                continue
            try:
                await self.turn(loop.time())
            except Exception:
                # A mistake of ours must not end all streams for good.
                _log.exception("a turn failed")
                await asyncio.sleep(_PERIOD_S)

    async def turn(self, steady: float) -> None:
        """Ask the database what there is, and tell it."""
        work = self._hall.work(steady)
        try:
            if not self._ear.is_open:
                await self._in_thread(self._ear.connect)
                self._ear.listen()
            found = await self._in_thread(self._take, work)
        except (DatabaseError, psycopg.Error) as error:
            if not self._is_away:
                _log.warning("the database is away: %s", str(error).strip().partition("\n")[0])
            self._is_away = True
            self._hall.failed(work)
            return
        except Exception:
            self._hall.failed(work)
            raise
        self._is_away = False
        self._hall.settle(work, found)

    def _take(self, work: Work) -> Found:
        try:
            return turn.take(work, self._keys, self._look)
        except DatabaseError:
            connection.close()
            raise

    async def _in_thread(self, function: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *given)


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, that long at most."""
    timer = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()


@functools.cache
def _guard() -> Headers:
    """Return what browsers are told of each answer: it is no page, and by TLS if pages are."""
    policy = b"default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    seconds = settings.SECURE_HSTS_SECONDS
    told = f"max-age={seconds}; includeSubDomains".encode()
    return [
        (b"content-security-policy", policy),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        *([(b"strict-transport-security", told)] if seconds else []),
    ]


def _cors(origin: str) -> Headers:
    """Return what lets a page of this host, on another port, read the stream."""
    if not origin:
        return [(b"vary", b"Origin")]
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


async def _answer(
    send: Send, status: int, body: bytes = b"{}", headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    told = [*_JSON, *_guard(), *headers]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
