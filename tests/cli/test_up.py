"""`tocsin up` as a person starts it: everything comes up, survives kills, and leaves in order."""

import contextlib
import http.client
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.command import COMMAND, environment, refusal, tocsin

from tocsin.kit.embedded import Server
from tocsin.kit.invalid import Invalid

pytestmark = pytest.mark.long("starts whole desks and kills parts of them")

PATIENCE = 120.0
PARTS = {"web", "live", "pulse", "worker", "watchman"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


class Up:
    """A running `tocsin up`, and what it has said."""

    def __init__(self, data: Path) -> None:
        self.data, self.port, self.live_port = data, free_port(), free_port()
        self.lines: list[str] = []
        self._news: queue.SimpleQueue[str] = queue.SimpleQueue()
        ports = ["--port", str(self.port), "--pulses", "1", "--live-port", str(self.live_port)]
        unset = {key: value for key, value in environment().items() if key != "DATABASE_URL"}
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--data", str(data), *ports],
            env=unset,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._news.put(line.rstrip("\n"))
        self._news.put("(closed)")

    def hears(self, words: str) -> None:
        """Wait until it says something with these words."""
        deadline = time.monotonic() + PATIENCE
        while not (self.lines and words in self.lines[-1]):
            assert "(closed)" not in self.lines, self.lines
            left = deadline - time.monotonic()
            try:
                self.lines.append(self._news.get(timeout=max(0.0, left)))
            except queue.Empty:
                pytest.fail(f"never said {words!r}: {self.lines}")

    def parts(self) -> dict[str, int]:
        """Return the processes of the parts by name."""
        found = {}
        folder = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in folder.read_text().split():
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
                if words[1:3] == ["-m", "tocsin"]:
                    found[words[3]] = int(pid)
        return found

    def ask(self, path: str, port: int = 0) -> tuple[int, bytes]:
        asked = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        try:
            asked.request("GET", path)
            answer = asked.getresponse()
            return answer.status, answer.read()
        finally:
            asked.close()

    def is_well(self) -> bool:
        """Say whether both ways in answer that all is well."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            live = self.ask("/live/health", self.live_port)[0]
            return self.ask("/health")[0] == live == 200
        return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """Give a directory that every user can pass: pytest's own is closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def up(data: Path) -> Iterator[Up]:
    made = Up(data)
    try:
        made.hears("ready: ")
        yield made
    finally:
        made.stop()
        # Also after a failure nothing may stay behind.
        with contextlib.suppress(Invalid), Server(data / "postgresql"):
            pass


def test_it_says_where_it_is_and_answers(up: Up) -> None:
    assert f"up     | ready: http://127.0.0.1:{up.port}/" in up.lines
    eventually(up.is_well, "health")  # tests come in any order
    status, told = up.ask("/health")
    assert status == 200
    assert json.loads(told)["status"] == "ok"
    # Nobody has been here yet: it leads to where the first desk is made.
    status, _led = up.ask("/")
    assert status == 302
    status, page = up.ask("/first-run/")
    assert status == 200
    assert b"Tocsin" in page
    assert b"<script" not in page
    assert b"style=" not in page
    assert up.ask("/live/health", up.live_port)[0] == 200
    assert up.ask("/nowhere")[0] == 404


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_killed_part_comes_back(up: Up, name: str) -> None:
    eventually(lambda: up.parts().keys() == PARTS, "all parts")
    before = up.parts()
    os.kill(before[name], signal.SIGKILL)
    eventually(lambda: up.parts().get(name) not in (None, before[name]), "a new process")
    eventually(up.is_well, "health")
    others = PARTS - {name}
    assert {n: up.parts()[n] for n in others} == {n: before[n] for n in others}


def test_the_database_comes_back_when_it_is_killed(up: Up) -> None:
    server = Server(up.data / "postgresql")
    first = server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: server.pid not in (None, first), "a new postmaster")
    eventually(up.is_well, "health")


def test_the_doctor_finds_all_well(up: Up) -> None:
    eventually(up.is_well, "health")
    done = tocsin("doctor", "--data", up.data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail" not in done.stdout
    for subject in ("Python", "time zones", "programs", "data", "clock", "server", "fsync"):
        assert subject in done.stdout


def test_a_second_one_over_the_same_data_is_refused(up: Up) -> None:
    ports = ["--port", str(free_port()), "--pulses", "1", "--live-port", str(free_port())]
    said = refusal("up", "--data", up.data, *ports)
    assert said.startswith(f"{up.data}/postgresql: is in use by another process")


@pytest.mark.parametrize("option", ["--port", "--live-port"])
def test_a_busy_port_is_named_with_its_option(tmp_path: Path, option: str) -> None:
    ports = {"--port": str(free_port()), "--live-port": str(free_port())}
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        ports[option] = str(busy.getsockname()[1])
        given = [word for pair in ports.items() for word in pair]
        said = refusal("up", "--data", tmp_path / "data", *given)
    assert (
        said == f"{option}: port {ports[option]} is in use by another program; choose another one"
    )
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long("the other way to stop"))],
)
def test_it_leaves_in_order_and_starts_again(number: signal.Signals) -> None:
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    folder.chmod(0o755)
    try:
        for turn in ("first", "second"):
            started = time.monotonic()
            up = Up(folder / "data")
            try:
                up.hears("ready: ")
                # Told, not judged: a busy machine is no reason to fail.
                with contextlib.suppress(OSError):
                    os.write(1, f"{turn} start: {time.monotonic() - started:.1f} s\n".encode())
                parts = up.parts()
            finally:
                code = up.stop(number)
            assert code == 0
            server = Server(folder / "data" / "postgresql")
            assert not server.is_running()
            assert "database system is shut down" in server.log.read_text().splitlines()[-1]
            assert not any(Path(f"/proc/{pid}").exists() for pid in parts.values())
    finally:
        shutil.rmtree(folder)


def test_a_key_is_made_once_and_kept_from_others(up: Up) -> None:
    key = up.data / "secret_key"
    assert key.stat().st_mode & 0o077 == 0
    assert len(key.read_text()) >= 50


def test_the_sql_for_an_administrator_is_printed() -> None:
    done = tocsin("db", "init", "--print")
    assert done.returncode == 0
    assert "CREATE DATABASE" in done.stdout


def test_without_a_server_the_commands_say_what_to_do(tmp_path: Path) -> None:
    said = refusal("db", "migrate", "--data", tmp_path)
    assert said == (
        f"DATABASE_URL: is not set, and no server of ours runs in {tmp_path}/postgresql "
        "(`tocsin up` starts one)"
    )
    done = tocsin("doctor", "--data", tmp_path)
    assert done.returncode == 1
    assert "fail" in done.stdout
