"""Set-up that all tests share: how hard hypothesis looks, and where the large real data is."""

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from hypothesis import HealthCheck, settings
from psycopg.conninfo import make_conninfo
from tests.desk import Database

from tocsin.actions import installation
from tocsin.kit.embedded import Server

ROOT = Path(__file__).resolve().parent.parent

# In CI the same examples every time, so that a red run is about the change. At a desk new ones
# every time, so that we keep looking. `make trust` takes many more than `make test`.
settings.register_profile(
    "tocsin",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    max_examples=int(os.environ.get("TOCSIN_EXAMPLES", "20")),
    print_blob=True,
    # A busy machine is not a reason to fail.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tocsin")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real data beside the repository; skip where it is not laid out."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data is not here (looked for ../shared/data beside the repository)")
    return folder


# ------------------------------------------------------------------------------------ the database

TEMPLATE = "template_desk"
# What a test may lose in a power cut it makes again. Everything else is as in earnest.
# Little memory: on a shared machine fresh pages are what a new database costs most.
_FAST = {
    "fsync": "off",
    "autovacuum": "off",
    "max_connections": "100",
    "shared_buffers": "16MB",
    "max_wal_size": "128MB",
}


def _place() -> Path:
    """Return a folder for a server: in memory where there is room, since each test has a database.

    On disk a file system that does not reuse what was just deleted makes them ten times as slow.
    """
    memory = Path("/dev/shm")
    room = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3
    return memory if room else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Give a PostgreSQL server of this test process."""
    folder = _place() / f"tocsin-test-{uuid.uuid4().hex[:12]}"
    found = Server(folder, settings=_FAST)
    try:
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """Give the name of a database with all tables and no rows, made as role `migrate`."""
    url = installation.initialise(server.url("postgres", "postgres"), name=TEMPLATE)
    code = (
        "import django; django.setup(); from tocsin.actions import installation as i; i.migrate()"
    )
    environment = {**os.environ, "DATABASE_URL": url, "TOCSIN_ROLE": "migrate"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    return TEMPLATE


@pytest.fixture
def database(server: Server, template: str) -> Iterator[Database]:
    """Give a database of its own, empty; Django's connections speak to it as role `app`."""
    name = f"desk_{uuid.uuid4().hex[:12]}"
    admin = server.url("postgres", "postgres")
    with psycopg.connect(admin, autocommit=True) as found:
        found.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'.encode())
    made = Database(make_conninfo(server.url("tocsin", name)), server.url("postgres", name))
    made.play("app")
    try:
        yield made
    finally:
        connections.close_all()
        with psycopg.connect(admin, autocommit=True) as found:
            found.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
