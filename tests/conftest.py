"""Set-up that all tests share: how hard hypothesis looks, and where the large real data is."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from hypothesis import HealthCheck, settings
from psycopg.conninfo import make_conninfo
from tests import cluster, kept
from tests.desk import Database

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


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Give a PostgreSQL server of this test process."""
    with cluster.running() as found:
        yield found


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """Give the name of a database with all tables and no rows, made as role `migrate`."""
    return cluster.TEMPLATE


@pytest.fixture
def database(server: Server, template: str) -> Iterator[Database]:
    """Give a database of its own, empty; Django's connections speak to it as role `app`."""
    name = f"desk_{uuid.uuid4().hex[:12]}"
    admin = server.url("postgres", "postgres")
    with psycopg.connect(admin, autocommit=True) as found:
        found.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'.encode())
        own = make_conninfo(server.url("tocsin", name))
        made = Database(own, server.url("postgres", name), keeps=True)
        kept.begin(found, made.admin)
    made.play("app")
    try:
        yield made
    finally:
        kept.end()
        made.close()
        connections.close_all()
        with psycopg.connect(admin, autocommit=True) as found:
            found.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
