"""A database full of tickets for benchmarks: made by SQL, each with its creation as a fact."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from tocsin.kit.embedded import Server

# Earnest: fsync is on, as for anybody who starts Tocsin.
_SETTINGS = {"max_connections": "100", "shared_buffers": "512MB", "max_wal_size": "4GB"}
_SETTINGS["shared_preload_libraries"] = "pg_stat_statements"

ALWAYS = {day: ["00:00-24:00"] for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
POLICY = {
    "tocsin": 1,
    "calendars": {"always": {"zone": "UTC", "week": ALWAYS}},
    "paths": {"standard": {"levels": [{"name": "L2", "team": "Second line"}]}},
    "policies": [
        {
            "key": "standard",
            "rank": 1,
            "calendar": "always",
            "clocks": [{"clock": "first response", "targets": {"*": "1h"}, "path": "standard"}],
        }
    ],
}

_TICKETS = """
INSERT INTO ticket (tenant_id, number, status, priority, type, channel, subject, opened_at,
    last_seq, last_at, decided_at, due_at, warn_at, respond_at, respond_warn_at, escalates_at,
    rank_at, reasons, wake_at, held_reason, attempts)
SELECT %(tenant)s, n, 'new', 'P3', '', '', 'Ticket ' || n, due - interval '1 hour', 1,
    due - interval '1 hour', due - interval '1 hour', due, due - interval '15 minutes', due,
    due - interval '15 minutes', due + interval '1 microsecond', due - interval '15 hours', '[]',
    due + interval '1 microsecond', '', 0
FROM (SELECT n, %(first)s::timestamptz + (n - 1) * %(apart)s::interval AS due
      FROM generate_series(%(from)s::bigint, %(to)s::bigint) n) d
"""
_EVENTS = """
INSERT INTO event (tenant_id, stream_kind, stream_id, stream_seq, kind, effective_at, recorded_at,
    side, actor, source, source_rank, source_seq, imported, key, payload, leaf_hash)
SELECT tenant_id, 'ticket', id, 1, 'created', opened_at, opened_at, 'customer', 'contact:1', '', 0,
    1, false, id || '/1', '{"priority":"P3","status":"new","team":"service desk","type":""}',
    '\\x0000000000000000000000000000000000000000000000000000000000000000'
FROM ticket WHERE tenant_id = %(tenant)s AND number BETWEEN %(from)s AND %(to)s
"""
_CLOCKS = """
INSERT INTO clock (tenant_id, ticket_id, key, agreement, definition, cycle, state, started_at,
    anchor_at, since, due_at, undue, cause, used_us, paused_us, target_us, left_us, warn_us,
    crit_us, rescued, policy, policy_version, row, target, calendar, calendar_version, outcome,
    verdict,
    month, owner, team, stage, type, priority)
SELECT tenant_id, id, 'SLA/first response#1', 'SLA', 'first response', 1, 'running', opened_at,
    opened_at, opened_at, opened_at + interval '1 hour', '', 'time', 0, 0, 3600000000, 3600000000,
    900000000, 300000000, false, 'standard', 1, 'any other priority', '1h', 'always', 1, '',
    'open', '', '', 'service desk', 'new', '', 'P3'
FROM ticket WHERE tenant_id = %(tenant)s AND number BETWEEN %(from)s AND %(to)s
"""


class Crowd:
    """The benchmarks' server and database; everything is thrown away at the end."""

    def __init__(self, server: Server, url: str) -> None:
        self.server = server
        self.url = url
        self.admin_url = server.url("postgres", "tocsin")

    def run(self, statement: str, parameters: dict[str, object] | None = None) -> list[tuple]:
        """Run a statement as the superuser, past the policies."""
        with psycopg.connect(self.admin_url, autocommit=True) as found:
            found.execute("SET synchronous_commit = off")
            cursor = found.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def fill(self, tenant: int, count: int, first: str, apart: str) -> None:
        """Add tickets of a tenant whose only clock is due from `first` on, so far apart."""
        before = self.run(f"SELECT coalesce(max(number), 0) FROM ticket WHERE tenant_id = {tenant}")
        start = before[0][0]
        values = {"tenant": tenant, "from": start + 1, "to": start + count, "apart": apart}
        # The first of these is due at `first`, whatever numbers came before.
        shifted = self.run(
            "SELECT %(first)s::timestamptz - %(skip)s * %(apart)s::interval",
            {"first": first, "skip": start, "apart": apart},
        )[0][0]
        # Triggers and keys would check what is made right; the queue of the sequencer stays short.
        with psycopg.connect(self.admin_url, autocommit=True) as found:
            found.execute("SET session_replication_role = replica")
            found.execute("SET synchronous_commit = off")
            for statement in (_TICKETS, _EVENTS, _CLOCKS):
                found.execute(statement.encode(), {**values, "first": shifted})
            found.execute(
                "UPDATE counter SET last = %(to)s WHERE tenant_id = %(tenant)s AND name = 'ticket'",
                values,
            )

    def clock(self) -> object:
        """Return the database's clock."""
        return self.run("SELECT clock_timestamp()")[0][0]

    def settle(self) -> None:
        """Let the planner know what there is, and get the writing done."""
        self.run("VACUUM ANALYZE")
        self.run("CHECKPOINT")


@contextmanager
def crowd() -> Iterator[Crowd]:
    """Give an empty database on a server of its own, with Django set up to speak to it."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-bench-"))
    folder.rmdir()
    server = Server(folder, settings=_SETTINGS)
    try:
        server.start()
        from tocsin.actions import installation

        url = make_conninfo(installation.initialise(server.url("postgres", "postgres")))
        code = "import django; django.setup(); from tocsin.actions import installation as i; "
        code += "i.migrate()"
        own = {"DJANGO_SETTINGS_MODULE": "tocsin.site.settings", "DATABASE_URL": url}
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **own, "TOCSIN_ROLE": "migrate"},
            check=True,
        )
        os.environ.update(own, TOCSIN_ROLE="app")
        import django

        django.setup()
        yield Crowd(server, url)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
