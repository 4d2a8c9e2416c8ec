"""A desk at work for browsers: its database, and the four processes over it as anybody runs them.

Each can be killed and started again by itself; static files are gathered and hashed as in earnest.
"""

import contextlib
import http.client
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from tests.cli.command import COMMAND, environment
from tests.desk import Database

PATIENCE = 60.0
HOST = "127.0.0.1"
_ROLES = {"web": "app", "live": "live", "pulse": "pulse", "worker": "worker"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


class Place:
    """The processes over a database, on ports of their own."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.ports = {"web": free_port(), "live": free_port()}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.ports['web']}"

    def begin(self, *names: str) -> None:
        """Start some, or all, and wait until they answer."""
        wanted = [name for name in names or _ROLES if name not in self._running]
        for name in wanted:
            port = ["--port", str(self.ports[name])] if name in self.ports else []
            with (self.folder / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    [*COMMAND, name, *port],
                    env=environment(**self._environment(name)),
                    stdout=log,
                    stderr=log,
                )
        for name in wanted:
            if name in self.ports:
                eventually(lambda name=name: self._answers(name), f"{name} answers")  # type: ignore[misc]  # a lambda cannot say what its arguments are
        eventually(self._is_watched, "the pulse beats")

    def _environment(self, name: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database.url,
            "TOCSIN_ROLE": _ROLES[name],
            # The tests' own, so that they can begin sessions.
            "TOCSIN_SECRET_KEY": settings.SECRET_KEY,
            "TOCSIN_LIVE_PORT": str(self.ports["live"]),
            "TOCSIN_STATIC": str(self.folder / "static"),
            "PYTHONUNBUFFERED": "1",
        }

    def _answers(self, name: str) -> bool:
        assert self._running[name].poll() is None, self.log(name)
        asked = http.client.HTTPConnection(HOST, self.ports[name], timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(asked):
            asked.request("GET", "/health" if name == "web" else "/live/health")
            return asked.getresponse().status in (200, 503)
        return False

    def _is_watched(self) -> bool:
        return bool(self.database.one("SELECT count(*) FROM beat WHERE kind = 'pulse'"))

    def kill(self, name: str) -> None:
        """End a process by its id, without a word of warning; what it began goes with it."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if name in self.ports:
            eventually(lambda: not self._listens(name), f"{name} is gone")

    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Have a process stand still meanwhile."""
        process = self._running[name]
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def _listens(self, name: str) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, self.ports[name]), 1).close()
            return True
        return False

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def end(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
