"""The processes of a desk, and what befalls them. Only those that were started here are touched."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType

import psycopg
from bench.crowd import Crowd

from chaos import promises
from chaos.nursery import Child, Nursery
from chaos.stage import Stage
from tocsin.kit.invalid import Invalid

# What deploys may take to let a process end.
DRAIN_S = 25.0
# As long as something moves it is waited for: how fast is not what chaos measures.
STUCK_S = 60.0
_ROLES = {"web": "app"}


class Parts:
    """Starts parts of a desk as processes, kills, freezes and starts them again.

    A part is called by its command and a number: ``pulse 1``. Its `environment` goes over ours.
    With `quickly`, parts are forked from a process that has loaded them already.
    """

    def __init__(
        self, made: Crowd, environment: Mapping[str, str] | None = None, *, quickly: bool = False
    ) -> None:
        self._quickly = quickly
        self._made = made
        self._folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
        self._given = dict(environment or {})
        self._running: dict[str, subprocess.Popen[bytes] | Child] = {}
        self._nurseries: dict[str, Nursery] = {}
        self._spoiled: dict[str, Mapping[str, str]] = {}
        self._arguments: dict[str, tuple[str, ...]] = {}
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> "Parts":
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(timeout=DRAIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for nursery in self._nurseries.values():
            nursery.close()

    # ------------------------------------------------------------------------------- one process

    def start(self, name: str, *arguments: str, spoiled: Mapping[str, str] | None = None) -> None:
        """Start a part; `spoiled` says what is wrong with it (see `chaos.victim`)."""
        kind, path = name.partition(" ")[0], self._folder / f"{name}.log"
        self._spoiled[name] = dict(spoiled or {})
        self._arguments[name] = arguments
        own = {
            **os.environ,
            "DATABASE_URL": self._made.url,
            "TOCSIN_ROLE": _ROLES.get(kind, kind),
            **self._given,
            **self._spoiled[name],
        }
        if self._quickly:
            if kind not in self._nurseries:
                self._nurseries[kind] = Nursery(kind, own)
            self._running[name] = self._nurseries[kind].child(path)
            return
        module = "chaos.victim" if spoiled else "tocsin"
        with path.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, kind, *arguments], env=own, stdout=log, stderr=log
            )
        self._running[name] = process

    def died(self, name: str, seconds: float) -> int | None:
        """Wait for the end of a part and return what it ended with; None if it lives on."""
        try:
            return self._running[name].wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None

    def names(self, kind: str) -> list[str]:
        """Return the parts of a kind."""
        return [name for name in self._running if name.partition(" ")[0] == kind]

    def alive(self, name: str) -> bool:
        """Say whether a part runs."""
        return self._running[name].poll() is None

    def kill(self, name: str) -> None:
        """Kill a part with -9, if it lives."""
        if self.alive(name):
            self._running[name].kill()
            self.counts[name.partition(" ")[0]] += 1

    def end(self, name: str) -> float:
        """Stop a part as a deployment does and wait for it; returns the seconds that it took."""
        began = time.monotonic()
        process = self._running[name]
        process.terminate()
        process.wait(timeout=2 * DRAIN_S)
        return time.monotonic() - began

    def forget(self, name: str) -> None:
        """Kill a part that is to stay dead."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def freeze(self, name: str) -> None:
        """Freeze a part in the midst of what it does."""
        self._running[name].send_signal(signal.SIGSTOP)
        self.counts["frozen"] += 1

    def thaw(self, name: str) -> None:
        """Let a frozen part go on as if nothing had happened."""
        if self.alive(name):
            self._running[name].send_signal(signal.SIGCONT)

    # ------------------------------------------------------------------------------ all of them

    def crash_database(self, number: signal.Signals) -> None:
        """Have the database crash: SIGQUIT is an immediate stop, SIGKILL does not even ask."""
        pid = self._made.server.pid
        if pid is not None:
            os.kill(pid, number)
            self.counts["database"] += 1

    def revive(self) -> None:
        """Start again whatever has died."""
        ends = time.monotonic() + 30
        while not self._made.server.is_running() and time.monotonic() < ends:
            # Children of the dead postmaster may still hold its memory for a moment.
            with contextlib.suppress(Invalid):
                self._made.server.start()
        for name in list(self._running):
            if not self.alive(name):
                self.start(name, *self._arguments[name], spoiled=self._spoiled[name])

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds, with everything alive; says whether it did."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.revive()
            with contextlib.suppress(psycopg.OperationalError):
                if condition():
                    return True
            time.sleep(0.1)
        return False

    def drain(self, stage: Stage, held: Collection[int] = ()) -> str:
        """Wait until nothing is due or unsent; returns what is left when nothing moves any more."""
        left, moved_at = "", time.monotonic()
        while time.monotonic() - moved_at < STUCK_S:
            if self.wait(lambda: promises.drained(stage, held), 5):
                return ""
            with contextlib.suppress(psycopg.OperationalError):
                if (now := promises.left(stage)) != left:
                    left, moved_at = now, time.monotonic()
        return left

    def ready(self, seconds: float = 60) -> bool:
        """Wait until every pulse and worker has given a sign of life."""
        wanted = len(self.names("pulse")) + len(self.names("worker"))
        # One that was started and died left its sign, too.
        return self.wait(lambda: self._signs() >= wanted, seconds)

    def _signs(self) -> int:
        pids = [f"%/{p.pid}%" for p in self._running.values()]
        found = self._made.run(
            "SELECT count(*) FROM beat WHERE process LIKE ANY (%(pids)s)", {"pids": pids}
        )
        return int(found[0][0])

    def told(self) -> str:
        """Return what was done, in words."""
        return ", ".join(f"{count} x {name}" for name, count in sorted(self.counts.items()))

    def logs(self) -> str:
        """Return the end of what each part wrote."""
        paths = sorted(self._folder.iterdir())
        return "\n".join(
            f"--- {path.name}\n{path.read_text(encoding='utf-8', errors='replace')[-1_500:]}"
            for path in paths
        )

    def wrote(self, text: str) -> int:
        """Return how many lines of all parts have that text in them."""
        lines = (
            line
            for path in self._folder.iterdir()
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        )
        return sum(text in line for line in lines)
