"""A supervisor of child processes: starts them, restarts what dies, forwards what they say.

One loop waits for everything at once (ends of children, their output, due restarts, a request to
stop), so nothing is polled. Linux only.
"""

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Log = Callable[[str, str], None]

# A child asks the kernel to be killed when its parent dies, and then becomes the command. This is
# done by a small program and not in the forked child of Python, which may not run Python code
# safely when the parent has threads. It is done by the kernel and not through a pipe, because a
# child that hangs reads no pipe. The request survives exec; it is not inherited by grandchildren.
_GUARD = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""
_LONGEST_LINE = 65_536


@dataclass(frozen=True, slots=True)
class Part:
    """One process to keep alive. `ready` says whether it does its work yet; it may raise OSError.

    `env` is the whole environment of the process; without it, it inherits ours.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] | None = None
    ready: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things may take, in seconds."""

    first_wait: float = 0.1
    longest_wait: float = 5.0
    settled: float = 30.0
    grace: float = 25.0


@dataclass(slots=True)
class _Child:
    """A part with its process, if it has one, and its next start, if it waits for that."""

    part: Part
    wait: float
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float | None = 0.0
    rest: bytes = b""
    handles: list[int] = field(default_factory=list)


class Supervisor:
    """Keeps parts alive until it is told to stop by `stop`, SIGTERM or SIGINT.

    `log` gets the name of a part and a line, of the part or about it. `ready` is called once, in
    another thread, when every part has said that it is ready.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        log: Log,
        ready: Callable[[], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._pace = pace or Pace()
        self._children = [_Child(part, self._pace.first_wait) for part in parts]
        self._log = log
        self._ready = ready
        self._stopping = threading.Event()
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._selector = selectors.DefaultSelector()

    def pid(self, name: str) -> int | None:
        """Return the process id of the part of that name while it lives."""
        for child in self._children:
            if child.part.name == name and child.process is not None:
                return child.process.pid
        return None

    def stop(self) -> None:
        """Ask `run` to stop everything and return; from any thread or signal handler."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._bell.send(b"!")

    def run(self) -> None:
        """Start all parts and return when all have been stopped. Call it once.

        In the main thread it takes SIGTERM and SIGINT while it runs.
        """
        self._selector.register(self._ear, selectors.EVENT_READ, self._ear.recv)
        watch = threading.Thread(target=self._watch_readiness, daemon=True)
        with self._signals():
            try:
                watch.start()
                while not self._stopping.is_set():
                    self._start_due()
                    self._wait(self._until_due())
            finally:
                self._stopping.set()
                self._end_all()
                watch.join()
                self._selector.close()
                self._bell.close()
                self._ear.close()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _until_due(self) -> float | None:
        """Return the seconds until the next start, or nothing when none is due."""
        dues = [child.due for child in self._children if child.due is not None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def _wait(self, timeout: float | None) -> None:
        """Wait until something happens and deal with it."""
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._ear:
                self._ear.recv(64)
            elif key.fd in self._selector.get_map():  # not of a child that just ended
                child, is_output = key.data
                if is_output:
                    self._forward(child)
                else:
                    self._bury(child)

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.due is not None and child.due <= now:
                self._start(child)

    def _start(self, child: _Child) -> None:
        guard = [sys.executable, "-I", "-S", "-c", _GUARD, str(os.getpid())]
        child.process = subprocess.Popen(
            [*guard, *child.part.command],
            env=child.part.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            # A group of its own: Ctrl-C is for us alone, and what is left of it can be killed.
            start_new_session=True,
        )
        assert child.process.stdout is not None
        child.started, child.due = time.monotonic(), None
        output, end = child.process.stdout.fileno(), os.pidfd_open(child.process.pid)
        os.set_blocking(output, False)
        child.handles = [output, end]
        self._selector.register(output, selectors.EVENT_READ, (child, True))
        self._selector.register(end, selectors.EVENT_READ, (child, False))

    def _forward(self, child: _Child) -> bool:
        """Pass on the lines that have come; return whether there may be more."""
        output = child.handles[0]
        try:
            said = os.read(output, _LONGEST_LINE)
        except BlockingIOError:
            return False
        if not said and output in self._selector.get_map():
            self._selector.unregister(output)  # closed by the child, which may live on
        *lines, rest = (child.rest + said).split(b"\n")
        if rest and (not said or len(rest) >= _LONGEST_LINE):
            lines, rest = [*lines, rest], b""
        child.rest = rest
        for line in lines:
            self._log(child.part.name, line.decode(errors="replace").rstrip("\r"))
        return bool(said)

    def _bury(self, child: _Child) -> None:
        """Clear up after a child that has ended, and plan its next start unless we stop."""
        process = child.process
        assert process is not None
        assert process.stdout is not None
        # Before it is waited for: until then nobody else can have the number of its group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        while self._forward(child):
            pass
        for handle in child.handles:
            if handle in self._selector.get_map():
                self._selector.unregister(handle)
        process.stdout.close()
        os.close(child.handles[1])
        child.process, child.rest = None, b""
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        if self._stopping.is_set():
            self._log(child.part.name, how)
            return
        now = time.monotonic()
        if now - child.started >= self._pace.settled:
            child.wait = self._pace.first_wait
        self._log(child.part.name, f"{how}; starts again in {child.wait:g} s")
        child.due = now + child.wait
        child.wait = min(2 * child.wait, self._pace.longest_wait)

    def _end_all(self) -> None:
        """Ask every child to end, and kill what has not ended within the grace."""
        for number, grace in ((signal.SIGTERM, self._pace.grace), (signal.SIGKILL, None)):
            for child in self._children:
                if child.process is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child.process.pid, number)
            until = None if grace is None else time.monotonic() + grace
            while any(child.process is not None for child in self._children):
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    break
                self._wait(left)

    def _watch_readiness(self) -> None:
        waiting = [child.part for child in self._children if child.part.ready is not None]
        wait = 0.05
        while waiting and not self._stopping.wait(wait):
            waiting = [part for part in waiting if not _is_ready(part)]
            wait = min(0.2, wait * 1.2)
        if self._ready is not None and not waiting:
            self._ready()


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when `parent`, which started it, dies.

    For processes that a part starts by itself: what a supervisor asks for reaches only its own.
    """
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it died before we asked


def _is_ready(part: Part) -> bool:
    with contextlib.suppress(OSError):
        return part.ready is None or part.ready()
    return False
