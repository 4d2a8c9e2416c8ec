"""The connection to one browser, written to without a task or a queue of its own.

An ASGI server's `send` waits only when the browser does not take what was sent before. So it is run
by hand: if it comes to its end at once the bytes have gone, if it would wait nothing has happened.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Coroutine, MutableMapping
from typing import Any, Protocol

Message = MutableMapping[str, Any]
Send = Callable[[Message], Coroutine[Any, Any, None]]
Headers = list[tuple[bytes, bytes]]

_log = logging.getLogger(__name__)
# What the system keeps for a browser that takes nothing, and how long it keeps it.
_BUFFER = 64 * 1024
_SILENCE_MS = 20_000
STREAM: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy must not keep events back
]


class Line(Protocol):
    """What the hall needs of a connection. Nothing here waits."""

    def open(self) -> None:
        """Begin the stream."""

    def write(self, body: bytes) -> bool:
        """Send bytes; False when the browser must take what it was sent before, nothing went."""

    def end(self) -> None:
        """End the stream in order."""

    def cut(self) -> None:
        """Let go of a browser that takes nothing, and of what waits for it."""

    def refuse(self, status: int) -> None:
        """Answer without a stream."""


class AsgiLine:
    """A line of an ASGI server. Made in the task of its request."""

    __slots__ = ("_headers", "_send", "_task")

    def __init__(self, send: Send, headers: Headers) -> None:
        self._send = send
        self._headers = headers
        self._task = asyncio.current_task()

    def open(self) -> None:
        """Begin the stream."""
        self._tune()
        headers = [*STREAM, *self._headers]
        self._step({"type": "http.response.start", "status": 200, "headers": headers})

    def write(self, body: bytes) -> bool:
        """Send bytes, or say that nothing went."""
        return self._step({"type": "http.response.body", "body": body, "more_body": True})

    def end(self) -> None:
        """End the stream in order, or let go when the browser does not listen."""
        if not self._step({"type": "http.response.body", "body": b""}):
            self.cut()

    def cut(self) -> None:
        """Let go. What waits would otherwise be kept for as long as the other side likes."""
        transport = self._transport()
        if transport is not None:
            transport.abort()
        elif self._task is not None:
            self._task.cancel()

    def refuse(self, status: int) -> None:
        """Answer without a stream."""
        headers = [(b"cache-control", b"no-store"), *self._headers]
        if status == 503:
            headers.append((b"retry-after", b"5"))
        if status != 204:
            headers.append((b"content-length", b"0"))
        self._step({"type": "http.response.start", "status": status, "headers": headers})
        self._step({"type": "http.response.body", "body": b""})

    def _step(self, message: Message) -> bool:
        sending = self._send(message)
        try:
            sending.send(None)
        except StopIteration:
            return True
        except Exception:
            # One broken connection is its own trouble: the others are told all the same.
            _log.exception("a stream broke")
            self.cut()
            return True
        sending.close()
        return False

    def _transport(self) -> asyncio.WriteTransport | None:
        # `send` is a method of the server's request, which knows its connection. ASGI has no word
        # for it.
        found = getattr(getattr(self._send, "__self__", None), "transport", None)
        return found if isinstance(found, asyncio.WriteTransport) else None

    def _tune(self) -> None:
        transport = self._transport()
        found = None if transport is None else transport.get_extra_info("socket")
        if found is None:
            return
        with contextlib.suppress(OSError, AttributeError):  # not every system has them
            found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENCE_MS)
