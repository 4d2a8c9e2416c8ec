"""A process that has loaded all that a part needs, and becomes one by forking whenever it is asked.

Starting Python takes a second of a core. Processes that are killed twice a second would do nothing
but start, and a storm would prove little; a forked one is at work after some milliseconds.
"""

import contextlib
import ctypes
import importlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_TERM_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Child:
    """A process that a nursery has forked: what `Popen` does, as far as it is used here."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle: int | None = None
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            self._handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Say whether it has ended: 0 then, None while it lives."""
        if self._handle is not None and not select.select([self._handle], [], [], 0)[0]:
            return None
        self._close()
        return 0

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        if self._handle is not None and not select.select([self._handle], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        self._close()
        return 0

    def send_signal(self, number: int) -> None:
        """Send a signal; whoever has the number by now gets none."""
        if self._handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it with -9."""
        self.send_signal(signal.SIGKILL)

    def _close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class Nursery:
    """The other side of such a process: asks it for parts of one kind."""

    def __init__(self, kind: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.nursery", kind],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def child(self, log: Path) -> Child:
        """Have it become another part, which writes to that file."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(str(log)) + "\n")
        return Child(int(self._process.stdout.readline()))

    def close(self) -> None:
        """End it, and whatever it has become that still lives."""
        self._process.kill()
        self._process.wait()


def main() -> None:
    """Load a part, then fork one for each line that comes."""
    kind = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.site.settings")
    import django

    django.setup()
    importlib.import_module(f"tocsin.cli.{kind}")
    # Nobody waits for them here: the kernel buries them by itself.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parent = os.getpid()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(kind, json.loads(line), parent)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _become(kind: str, log: str, parent: int) -> None:
    """Be the part, with output of its own; never return."""
    ctypes.CDLL(None).prctl(_TERM_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, target)
    code = 1
    try:
        from tocsin.cli import main as tocsin

        code = tocsin.main([kind])
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
