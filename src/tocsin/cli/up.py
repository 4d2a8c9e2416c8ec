"""`tocsin up`: everything on one machine: the database, and the five processes over it."""

import argparse
import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tocsin.cli import db, keys
from tocsin.kit import database
from tocsin.kit.embedded import SUPERUSER, Server
from tocsin.kit.invalid import Invalid
from tocsin.kit.processes import Part, Supervisor

HOST = "127.0.0.1"
SELF = (sys.executable, "-m", "tocsin")
_LONGEST_WAIT = 5.0


class More:
    """What a command starts beside the usual parts, and where it has a say; this one adds nothing.

    `environment` goes over that of every process.
    """

    environment: Mapping[str, str] = {}

    def begin(self) -> None:
        """Look at the data directory, or refuse it; nothing has been started yet."""

    def check(self, url: str) -> None:
        """Look at the database, or refuse it, before its tables are brought to this version."""

    def prepare(self, url: str) -> None:
        """Do what must be done before the parts start."""

    def parts(self, url: str) -> Sequence[Part]:
        """Return further parts to keep alive."""
        del url
        return ()

    def ready(self) -> None:
        """Hear that all parts work, in another thread."""


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "up",
        help="start everything on this machine",
        description="Start a PostgreSQL of our own (or use that of DATABASE_URL), bring its tables "
        "to this version, and keep the processes running until Ctrl-C.",
    )
    add_ports(parser)
    db.add_data(parser)
    parser.set_defaults(run=run)


def add_ports(parser: argparse.ArgumentParser) -> None:
    """Add the options for where to listen, and with how many pulses."""
    parser.add_argument("--port", type=int, default=8000, help="of the pages and the API (8000)")
    parser.add_argument("--live-port", type=int, default=8001, help="of the event streams (8001)")
    parser.add_argument(
        "--pulses",
        type=int,
        default=min(2, os.cpu_count() or 1),
        metavar="N",
        help="how many processes watch deadlines (two where there are two cores)",
    )


def run(given: argparse.Namespace) -> int:
    """Start everything, and stop everything when told to."""
    return start(given, More())


def start(given: argparse.Namespace, more: More) -> int:
    """Start everything and what more there is, and stop everything when told to."""
    if given.pulses < 1:
        raise Invalid("--pulses", "must be at least 1")
    _check_ports(given)
    # Until the supervisor takes it: what has been started so far must be stopped.
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        more.begin()
        if os.environ.get(database.ADDRESS):
            url = database.address()
            db.check(url)
            _begin(given, url, None, more)
            return 0
        from tocsin.actions import installation  # noqa: PLC0415  # Django takes a while

        with db.server(given) as own:
            url = installation.initialise(own.url(SUPERUSER, SUPERUSER))
            _begin(given, url, own, more)
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)


def _begin(given: argparse.Namespace, url: str, own: Server | None, more: More) -> None:
    more.check(url)
    _migrate(given, url)
    _check_secrets(given, url)
    more.prepare(url)
    _supervise(given, url, own, more)


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _check_ports(given: argparse.Namespace) -> None:
    if given.port == given.live_port:
        raise Invalid("--live-port", f"{given.live_port} is the port of the pages already")
    for option, port in (("--port", given.port), ("--live-port", given.live_port)):
        with socket.socket() as probe:
            # As servers do it: what has just been closed is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError) as error:
                busy = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
                why = "is in use by another program" if busy else f"cannot be used ({error})"
                raise Invalid(option, f"port {port} {why}; choose another one") from None


def _migrate(given: argparse.Namespace, url: str) -> None:
    """Bring the tables to this version, in a process that ends and takes its rights with it."""
    done = subprocess.run(
        [*SELF, "db", "migrate"],
        env=environment(given, url, "migrate"),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Invalid("tables", f"could not be brought to this version:\n{done.stderr.strip()}")


def _check_secrets(given: argparse.Namespace, url: str) -> None:
    """Refuse to start when something is sealed with a key that is not here, and name the key."""
    done = subprocess.run(
        [*SELF, "secrets", "check", "--quiet"],
        env=environment(given, url, "app"),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Invalid(keys.KEY, done.stderr.strip() or "what is sealed could not be looked at")


def environment(given: argparse.Namespace, url: str, role: str, port: int = 0) -> dict[str, str]:
    """Return the environment of a process that plays a role."""
    return {
        **os.environ,
        database.ADDRESS: url,
        database.ROLE: role,
        **keys.environment(db.place(given)),
        "TOCSIN_PORT": str(port),
        # Pages say to browsers where the event streams are.
        "TOCSIN_LIVE_PORT": str(given.live_port),
        "TOCSIN_STATIC": str(db.place(given) / "static"),
        "PYTHONUNBUFFERED": "1",
    }


def _supervise(given: argparse.Namespace, url: str, own: Server | None, more: More) -> None:
    """Keep the processes and our own database alive until told to stop."""
    ways = {
        "web": ("app", given.port, "/health"),
        "live": ("live", given.live_port, "/live/health"),
    }
    parts = []
    pulses = ["pulse", *(f"pulse {k}" for k in range(2, given.pulses + 1))]
    for name in ("web", "live", *pulses, "worker", "watchman"):
        kind = name.partition(" ")[0]
        role, port, path = ways.get(kind, (kind, 0, ""))
        ready = _answers(port, path) if port else None
        env = {**environment(given, url, role, port), **more.environment}
        parts.append(Part(name, [*SELF, kind], env, ready))

    def all_ready() -> None:
        say("up", f"ready: http://{HOST}:{given.port}/")
        more.ready()

    supervisor = Supervisor([*parts, *more.parts(url)], log=say, ready=all_ready)
    keeper = _Keeper(own)
    keeper.start()
    try:
        supervisor.run()
    finally:
        keeper.stop()


def _answers(port: int, path: str) -> Callable[[], bool]:
    def ready() -> bool:
        asked = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            asked.request("GET", path)
            answer = asked.getresponse()
            told = json.loads(answer.read())
            # It serves, and the pulse and the worker have given a sign of life, even if there is
            # something to complain of.
            return answer.status == 200 or bool(told.get("pulse_beat") and told.get("worker_beat"))
        except (http.client.HTTPException, ValueError):
            return False
        finally:
            asked.close()

    return ready


class _Keeper:
    """Starts our own database again when its first process dies; the parts connect again."""

    def __init__(self, server: Server | None) -> None:
        self._server = server
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        if self._server is not None:
            self._thread.start()

    def stop(self) -> None:
        """Stop the database, not while it is being started."""
        self._stopping.set()
        if self._server is not None:
            with self._turn:
                self._server.stop()
            self._thread.join()

    def _keep(self) -> None:
        wait = 0.1
        while self._server is not None and self._server.ended(None):
            with self._turn:
                if self._stopping.is_set():
                    return
                say("up", "the database has died; starting it again")
                try:
                    self._server.start()
                    wait = 0.1
                    continue
                except Invalid as error:
                    say("up", str(error))
            if self._stopping.wait(wait):
                return
            wait = min(2 * wait, _LONGEST_WAIT)


def say(name: str, line: str) -> None:
    """Print a line of a part, or about it."""
    # One write: lines come from several threads.
    sys.stdout.write(f"{name:6} | {line}\n")
    sys.stdout.flush()
