"""The processes of a desk, and what befalls them. Only those that were started here are touched."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import psycopg
from aiosmtpd.controller import Controller
from bench.crowd import Crowd

from tocsin.kit.invalid import Invalid

# Longer than a transaction of the pulse may sit idle: its session is ended while it sleeps.
FROZEN_S = 8.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


class Mailbox:
    """An SMTP server that keeps the Message-ID of each letter."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802  # the library's name
        del server, session
        for line in bytes(getattr(envelope, "content", b"")).split(b"\n"):
            if line.lower().startswith(b"message-id:"):
                self.ids.append(line.split(b":", 1)[1].strip().decode())
                break
        return "250 kept"


class Faults:
    """Runs the parts, kills them in a seeded order, and starts again what has died."""

    def __init__(self, made: Crowd, chance: random.Random) -> None:
        self._made = made
        self._chance = chance
        self._folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.mailbox = Mailbox()
        self._port = _free_port()
        self._post = Controller(self.mailbox, hostname="127.0.0.1", port=self._port)
        self.counts = {"pulse": 0, "worker": 0, "postmaster": 0, "frozen": 0}

    def __enter__(self) -> "Faults":
        self._post.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self._running.values():
            process.wait(timeout=30)
        self._post.stop()

    @property
    def kills(self) -> int:
        """How many processes were killed with -9."""
        return self.counts["pulse"] + self.counts["worker"] + self.counts["postmaster"]

    def told(self) -> str:
        """Return what was done, in words."""
        return ", ".join(f"{count} x {name}" for name, count in self.counts.items())

    def logs(self) -> list[Path]:
        """Return what the parts wrote."""
        return sorted(self._folder.iterdir())

    def start(self) -> None:
        """Start two pulses, the one that will be frozen, and a worker."""
        for name in ("pulse 1", "pulse 2", "pulse 3", "worker"):
            self._start(name)

    def _start(self, name: str) -> None:
        kind = name.partition(" ")[0]
        own = {
            **os.environ,
            "DATABASE_URL": self._made.url,
            "TOCSIN_ROLE": kind,
            "TOCSIN_SMTP_URL": f"smtp://127.0.0.1:{self._port}?from=desk@tocsin.example",
        }
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "tocsin", kind], env=own, stdout=log, stderr=log
            )

    def rage(self, seconds: float) -> None:
        """Kill and freeze for that long; what is dead is started again at once."""
        ends = time.monotonic() + seconds
        thaw_at = 0.0
        freeze_at = time.monotonic() + seconds / 4
        while time.monotonic() < ends:
            time.sleep(self._chance.uniform(0.3, 2.0))
            self._revive()
            if freeze_at and time.monotonic() > freeze_at:
                self._running["pulse 3"].send_signal(signal.SIGSTOP)
                self.counts["frozen"] += 1
                freeze_at, thaw_at = 0.0, time.monotonic() + FROZEN_S
            if thaw_at and time.monotonic() > thaw_at:
                self._running["pulse 3"].send_signal(signal.SIGCONT)
                thaw_at = 0.0
            self._kill(self._chance.choices(["pulse", "worker", "postmaster"], [6, 2, 2])[0])
        self._running["pulse 3"].send_signal(signal.SIGCONT)
        self._revive()

    def _kill(self, kind: str) -> None:
        if kind == "postmaster":
            pid = self._made.server.pid
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
        else:
            names = [n for n in self._running if n.startswith(kind) and n != "pulse 3"]
            self._running[self._chance.choice(names)].kill()
        self.counts[kind] += 1

    def _revive(self) -> None:
        ends = time.monotonic() + 30
        while not self._made.server.is_running() and time.monotonic() < ends:
            # Children of the dead postmaster may still hold its memory for a moment.
            with contextlib.suppress(Invalid):
                self._made.server.start()
        for name, process in list(self._running.items()):
            if process.poll() is not None:
                self._start(name)

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds, with everything alive; says whether it did."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self._revive()
            with contextlib.suppress(psycopg.OperationalError):
                if condition():
                    return True
            time.sleep(0.25)
        return False
