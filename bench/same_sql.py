"""The same statements without us: recorded once in a transaction that is rolled back, then sent by
psycopg alone. What is left of the time is the engine, Django, and our own Python."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, transaction

from tocsin.kit import database

Statement = tuple[str, Any]
# What stands for transactions in the recording, and the lock of the connection that recorded.
_NOT_OURS = ("SAVEPOINT", "RELEASE", "SELECT pg_advisory_lock(")


@contextmanager
def _recording(kept: list[Statement]) -> Iterator[None]:
    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(_NOT_OURS):
            kept.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield


def recorded(runs: int, once: Callable[[], object]) -> list[list[Statement]]:
    """Return the statements of each of so many runs, none of which has happened."""
    found: list[list[Statement]] = []
    with transaction.atomic():
        for _ in range(runs):
            kept: list[Statement] = []
            with _recording(kept):
                once()
            found.append(kept)
        transaction.set_rollback(True)
    return found


def seconds(url: str, role: str, runs: list[list[Statement]]) -> float:
    """Return how long psycopg takes to send the runs, each a transaction, in pipeline mode."""
    with psycopg.connect(**database.parameters(url, role)) as plain:
        plain.prepare_threshold = 3
        before = time.perf_counter()
        for statements in runs:
            with plain.transaction(), plain.pipeline():
                for sql, params in statements:
                    plain.execute(sql, params)
        return time.perf_counter() - before
