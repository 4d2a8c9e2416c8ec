"""The supervisor with real children: they die, talk, refuse to end, and outlive nobody."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tocsin.kit.processes import Pace, Part, Supervisor

PATIENCE = 30.0
SLEEP = "import time\nprint('up', flush=True)\ntime.sleep(600)"
STUBBORN = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SLEEP}"


def eventually(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Run:
    """A supervisor in a thread, and what it has logged."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.ready = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, parts: Sequence[Part], pace: Pace | None = None) -> Supervisor:
        self.supervisor = Supervisor(
            parts,
            log=lambda name, line: self.lines.append((name, line)),
            ready=self.ready.set,
            pace=pace,
        )
        self._thread = threading.Thread(target=self.supervisor.run)
        self._thread.start()
        return self.supervisor

    def stop(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            self.supervisor.stop()
            self._thread.join(PATIENCE)
            assert not self._thread.is_alive()

    def of(self, name: str) -> list[str]:
        return [line for who, line in list(self.lines) if who == name]


@pytest.fixture
def run() -> Iterator[Run]:
    made = Run()
    yield made
    made.stop()


def python(name: str, code: str, **more: str) -> Part:
    return Part(name, [sys.executable, "-c", code], {**os.environ, **more} if more else None)


def test_lines_are_forwarded_with_the_name_of_their_part(run: Run) -> None:
    said = "import sys\nprint('one\\ntwo', flush=True)\nsys.stderr.write('three')\n"
    run.start([python("a", said), python("b", "import os\nprint(os.environ['WORD'])", WORD="här")])
    eventually(lambda: "three" in run.of("a") and "här" in run.of("b"), "the lines")
    assert run.of("a")[:3] == ["one", "two", "three"]


def test_a_long_line_without_an_end_is_passed_on_in_pieces(run: Run) -> None:
    run.start([python("a", f"print('x' * 300_000, end='', flush=True)\n{SLEEP}")])
    eventually(lambda: "up" in "".join(run.of("a")), "the last piece")
    assert "".join(run.of("a")) == "x" * 300_000 + "up"


def test_what_dies_is_started_again_ever_more_slowly(run: Run) -> None:
    run.start([python("a", "raise SystemExit(3)")], Pace(first_wait=0.01, longest_wait=0.04))
    eventually(lambda: len(run.of("a")) >= 4, "four ends")
    waits = ["0.01", "0.02", "0.04", "0.04"]
    assert run.of("a")[:4] == [f"ended with 3; starts again in {wait} s" for wait in waits]


def test_one_that_lived_long_enough_begins_with_the_first_wait_again(run: Run) -> None:
    run.start([python("a", "")], Pace(first_wait=0.01, settled=0.0))
    eventually(lambda: len(run.of("a")) >= 3, "three ends")
    assert set(run.of("a")) == {"ended with 0; starts again in 0.01 s"}


def test_a_killed_child_comes_back_and_the_others_are_left_alone(run: Run) -> None:
    supervisor = run.start([python("a", SLEEP), python("b", SLEEP)])
    eventually(lambda: run.of("a") and run.of("b"), "both")
    first, other = supervisor.pid("a"), supervisor.pid("b")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervisor.pid("a") not in (None, first), "a new process")
    assert "was ended by SIGKILL; starts again in 0.1 s" in run.of("a")
    assert supervisor.pid("b") == other


def test_a_command_that_is_none_is_tried_again_and_not_fatal(run: Run) -> None:
    run.start([Part("a", ["/nowhere/at/all"]), python("b", SLEEP)], Pace(first_wait=0.01))
    eventually(lambda: sum("starts again" in line for line in run.of("a")) > 1, "two tries")
    assert any("FileNotFoundError" in line for line in run.of("a"))


def test_what_a_dead_child_leaves_behind_is_killed(run: Run, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import subprocess, sys, pathlib\n"
        f"left = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(left.pid))\n"
    )
    supervisor = run.start([python("a", code)], Pace(first_wait=600, longest_wait=600))
    eventually(lambda: any("ended with 0" in line for line in run.of("a")), "the end")
    eventually(lambda: not alive(int(note.read_text())), "the end of the grandchild")
    assert supervisor.pid("a") is None


def test_stopping_ends_all_and_kills_the_stubborn(run: Run) -> None:
    parts = [python("good", SLEEP), python("stubborn", STUBBORN)]
    supervisor = run.start(parts, Pace(grace=0.5))
    eventually(lambda: run.of("good") and run.of("stubborn"), "both")
    pids = [supervisor.pid(part.name) for part in parts]
    run.stop()
    assert run.of("good")[-1] == "was ended by SIGTERM"
    assert run.of("stubborn")[-1] == "was ended by SIGKILL"
    assert not any(alive(pid) for pid in pids if pid)


def test_stopping_does_not_wait_for_a_start_that_is_due_later(run: Run) -> None:
    run.start([python("a", "")], Pace(first_wait=600, longest_wait=600))
    eventually(lambda: run.of("a"), "the end")
    run.stop()
    assert len(run.of("a")) == 1


def test_ready_is_said_once_when_every_part_is(run: Run) -> None:
    gates = {"a": threading.Event(), "b": threading.Event()}

    def refused() -> bool:
        if not gates["b"].is_set():
            raise ConnectionRefusedError
        return True

    command = [sys.executable, "-c", SLEEP]
    run.start([Part("a", command, None, gates["a"].is_set), Part("b", command, None, refused)])
    gates["a"].set()
    assert not run.ready.wait(0.2)
    gates["b"].set()
    assert run.ready.wait(PATIENCE)


ALONE = f"""
import sys
from tocsin.kit.processes import Part, Supervisor
parts = [Part(str(n), [sys.executable, "-c", {STUBBORN!r}]) for n in range(2)]
supervisor = Supervisor(parts, log=lambda name, line: print(supervisor.pid(name), line, flush=True))
supervisor.run()
print("stopped", flush=True)
"""


def alone(code: str = ALONE) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a supervisor as a process of its own; return it and the pids of its children."""
    made = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert made.stdout is not None
    return made, [int(made.stdout.readline().split()[0]) for _ in range(2)]


def test_children_do_not_outlive_a_supervisor_that_is_killed() -> None:
    supervisor, children = alone()
    with supervisor:
        assert all(alive(pid) for pid in children)
        supervisor.kill()
    eventually(lambda: not any(alive(pid) for pid in children), "the end of the children")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(number: signal.Signals) -> None:
    supervisor, children = alone(ALONE.replace("signal.SIG_IGN", "lambda *_: exit(0)"))
    with supervisor:
        supervisor.send_signal(number)
        said, _ = supervisor.communicate(timeout=PATIENCE)
    assert supervisor.returncode == 0
    assert said.splitlines()[-1] == "stopped"
    assert said.count("ended with 0") == 2
    assert not any(alive(pid) for pid in children)
