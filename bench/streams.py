"""Event streams: from commit to a thousand browsers, what each costs, and some that never read."""

import array
import asyncio
import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.crowd import POLICY, Crowd, crowd
from bench.measuring import Figure, Report

CLIENTS = int(os.environ.get("TOCSIN_BENCH_CLIENTS", "1000"))
RATE, SECONDS = 10, 20
DEAF, DEAF_SECONDS = 50, 40
EACH = 10  # streams a person
US = "Tocsin"
_NOTE = re.compile(rb'event: ticket\ndata: \{[^\n]*"k":"note"')
_TICK = os.sysconf("SC_CLK_TCK")


def run() -> list[Report]:
    os.environ.setdefault("TOCSIN_SECRET_KEY", "of-this-benchmark-only")
    with crowd() as made:
        tenant, sessions = company(made)
        return [
            fan_out(made, tenant, sessions),
            deaf(made, tenant, sessions),
        ]


def company(made: Crowd) -> tuple[int, list[str]]:
    """Make a tenant with people, each signed in; return it and the keys of their sessions."""
    from django.contrib.sessions.backends.db import SessionStore

    from tocsin.actions import people, sla
    from tocsin.actions import tenants as companies
    from tocsin.queries import access
    from tocsin.records.people import Person

    tenant = companies.create(key="bench", name="Bench")
    by = access.operator(tenant)
    keys = []
    for k in range((CLIENTS + DEAF) // EACH + 2):
        person = people.add_person(name=f"P {k}", email=f"p{k}@x.example", by=by)
        own = {"_auth_user_id": str(person), "tenant": tenant}
        own["_auth_user_hash"] = Person(password="").get_session_auth_hash()
        made.run(
            "INSERT INTO django_session VALUES (%(key)s, %(data)s, now() + interval '1 day')",
            {"key": f"session{k}", "data": SessionStore().encode(own)},
        )
        keys.append(f"session{k}")
    for team in ("Service desk", "Second line"):
        people.add_team(name=team, by=by)
    sla.publish(config=POLICY, by=by, always=True)
    return tenant, keys


# ------------------------------------------------------------------------------- the processes


@contextmanager
def processes(made: Crowd) -> Iterator[tuple[int, int]]:
    """Run the live process and a worker, whose sequencer places events; gives port and pid."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {**os.environ, "DATABASE_URL": made.url}
    started = []
    try:
        for role, more in (("worker", []), ("live", ["--port", str(port)])):
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tocsin", role, *more],
                    env={**own, "TOCSIN_ROLE": role},
                    stderr=subprocess.DEVNULL,
                )
            )
        _await_port(port)
        yield port, started[1].pid
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def _await_port(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("the live process did not come up")


@contextmanager
def listeners(port: int, sessions: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Connect the clients, in a process of their own; it ends when its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.streams", str(port), str(folder / "heard")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(sessions) + "\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == str(len(sessions))
        yield process
    finally:
        process.stdin.close()
        process.wait(60)


def request(session: str) -> bytes:
    return (
        "GET /t/bench/live/events HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: tocsin_session={session}\r\n\r\n"
    ).encode()


class Browser(asyncio.Protocol):
    """One client: notes when it hears of a note."""

    def __init__(self, session: str, connected: asyncio.Queue[None]) -> None:
        self.session = session
        self.connected = connected
        self.heard = array.array("d")
        self.greeted = False
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(request(self.session))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if not self.greeted and b"event: hello" in data:
            self.greeted = True
            self.connected.put_nowait(None)
        for _ in _NOTE.finditer(data):
            self.heard.append(now)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


async def listen(port: int, target: str) -> None:
    loop = asyncio.get_running_loop()
    sessions = json.loads(sys.stdin.readline())
    connected: asyncio.Queue[None] = asyncio.Queue()
    browsers = [Browser(session, connected) for session in sessions]
    for browser in browsers:
        await loop.create_connection(lambda browser=browser: browser, "127.0.0.1", port)
    for _ in browsers:
        await asyncio.wait_for(connected.get(), 60)
    print(len(browsers), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    told = {
        "lost": sum(browser.lost for browser in browsers),
        "heard": [browser.heard.tolist() for browser in browsers],
    }
    Path(target).write_text(json.dumps(told))


# --------------------------------------------------------------------------------- the figures


def fan_out(made: Crowd, tenant: int, sessions: list[str]) -> Report:
    report = Report(f"{CLIENTS:,} browsers, {RATE} events a second for {SECONDS} s", (US,))
    with processes(made) as (port, pid), tempfile.TemporaryDirectory() as folder:
        # What the first ones load is not counted.
        with listeners(port, sessions[:1], Path(folder)):
            _write(tenant, 1)
        before = _memory(pid)
        chosen = [sessions[k // EACH] for k in range(CLIENTS)]
        began = time.monotonic()
        with listeners(port, chosen, Path(folder)):
            took = time.monotonic() - began
            memory = _memory(pid)
            cpu = _cpu(pid)
            commits = _write(tenant, SECONDS)
            share = (_cpu(pid) - cpu) / SECONDS
            time.sleep(1)
            after = _memory(pid)
        told = json.loads((Path(folder) / "heard").read_text())
    report.add([Figure("all connected", US, took, "s")])
    _latencies(report, told, commits)
    report.add([Figure("memory a client", US, (memory - before) / CLIENTS, "KiB")])
    report.add([Figure("memory a client, at the end", US, (after - before) / CLIENTS, "KiB")])
    report.add([Figure("memory of the process", US, after / 1024, "MiB")])
    report.add([Figure("processor of the live process", US, share * 100, "% of a core")])
    return report


def deaf(made: Crowd, tenant: int, sessions: list[str]) -> Report:
    few = CLIENTS // 10
    report = Report(f"{few} browsers beside {DEAF} that never read, {DEAF_SECONDS} s", (US,))
    with processes(made) as (port, pid), tempfile.TemporaryDirectory() as folder:
        chosen = [sessions[k // EACH] for k in range(few)]
        with listeners(port, chosen, Path(folder)), contextlib.ExitStack() as stack:
            for k in range(DEAF):
                never = stack.enter_context(socket.socket())
                never.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                never.connect(("127.0.0.1", port))
                never.sendall(request(sessions[-1 - k // EACH]))
            time.sleep(1)
            sockets = _sockets(pid)
            commits = _write(tenant, DEAF_SECONDS)
            dropped = sockets - _sockets(pid)
        told = json.loads((Path(folder) / "heard").read_text())
    report.add([Figure("dropped of those that never read", US, float(dropped), "")])
    _latencies(report, told, commits)
    return report


def _write(tenant: int, seconds: int) -> list[float]:
    """Write notes, so many a second; return when each was committed."""
    from tocsin.actions import tickets
    from tocsin.queries import access

    by = access.operator(tenant)
    ids = [tickets.open_(subject=f"T {k}", body="x", team="Service desk", by=by) for k in range(10)]
    time.sleep(1)
    commits = []
    begun = time.monotonic()
    for k in range(seconds * RATE):
        time.sleep(max(0.0, begun + k / RATE - time.monotonic()))
        tickets.note(ticket_id=ids[k % len(ids)], body="seen", by=by)
        commits.append(time.monotonic())
    time.sleep(1)
    return commits


def _latencies(report: Report, told: dict, commits: list[float]) -> None:
    heard = told["heard"]
    complete = sum(len(times) == len(commits) for times in heard)
    late = [
        (at - commit) * 1000 for times in heard for at, commit in zip(times, commits, strict=False)
    ]
    cuts = statistics.quantiles(late, n=100)
    found = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(late)}
    for name, value in found.items():
        report.add([Figure(f"commit to receipt, {name}", US, value, "ms")])
    report.remarks.append(
        f"{complete:,} of {len(heard):,} browsers heard each of {len(commits)} events once; "
        f"{told['lost']} lost their connection"
    )


def _memory(pid: int) -> int:
    """Return the resident memory in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise LookupError(pid)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _sockets(pid: int) -> int:
    found = 0
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found += os.readlink(path).startswith("socket:")
    return found


if __name__ == "__main__":
    asyncio.run(listen(int(sys.argv[1]), sys.argv[2]))
