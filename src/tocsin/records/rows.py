"""Writing many rows in one statement, and few round trips. Column types come from the models."""

import datetime as dt
import functools
import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

Row = Mapping[str, Any]
# Ids are fetched ahead, this many at a time; those of a connection that ends are never used. A
# database that crashed may hand them out again: it need not have written down that it did.
_BLOCK = 64
_turn = threading.Lock()
_blocks: dict[tuple[int, str, str, int], list[int]] = defaultdict(list)


@functools.cache
def types(table: str) -> dict[str, str]:
    """Return the database type of each column of a table."""
    for model in apps.get_models():
        if model._meta.db_table == table:
            return {str(f.column): _type(f) for f in model._meta.concrete_fields}
    raise LookupError(table)


def _type(field: Any) -> str:
    # The type of what it points at, without how an id comes about.
    known = field.target_field if field.is_relation else field
    return str(known.rel_db_type(connection) if known.primary_key else known.db_type(connection))


@functools.cache
def _insert(table: str, columns: tuple[str, ...], key: tuple[str, ...], then: str) -> str:
    known = types(table)
    listed = ", ".join(columns)
    typed = ", ".join(f"{column} {known[column]}" for column in columns)
    # One parameter, whatever the number of rows: the plan is made once and kept.
    statement = (
        f"INSERT INTO {table} ({listed}) SELECT {listed} FROM json_to_recordset(%s) AS x({typed})"
    )
    if then == "update":
        changed = ", ".join(f"{c} = EXCLUDED.{c}" for c in columns if c not in key)
        return f"{statement} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"
    if then == "keep":
        return f"{statement} ON CONFLICT ({', '.join(key)}) DO NOTHING"
    return statement


# One transaction writes the same few instants again and again.
@functools.lru_cache(maxsize=4096)
def _instant(value: dt.datetime) -> str:
    return value.isoformat()


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return _instant(value)
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return str(value)


def as_json(rows: Sequence[Row]) -> str:
    """Return rows as the one parameter of a statement with `json_to_recordset`."""
    return json.dumps(rows, default=_plain, ensure_ascii=False)


def _run(rows: Sequence[Row], table: str, key: tuple[str, ...], then: str) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_insert(table, tuple(rows[0]), key, then), [as_json(rows)])


def insert(table: str, rows: Sequence[Row]) -> None:
    """Insert rows, which all name the same columns."""
    _run(rows, table, (), "")


def upsert(table: str, rows: Sequence[Row], key: tuple[str, ...]) -> None:
    """Insert rows, or update those that are there by the unique columns `key`."""
    _run(rows, table, key, "update")


def add_missing(table: str, rows: Sequence[Row], key: tuple[str, ...]) -> None:
    """Insert the rows that are not there yet by the unique columns `key`."""
    _run(rows, table, key, "keep")


def insert_numbered(table: str, rows: Sequence[Row], tenant: int) -> None:
    """Insert rows of a tenant, each with the next number of the table's counter there.

    The counter stays locked until the transaction ends, so this comes last in it.
    """
    columns = tuple(column for column in rows[0] if column != "number")
    run(_numbered(table, columns), [len(rows), tenant, table, as_json(rows)])


@functools.cache
def _numbered(table: str, columns: tuple[str, ...]) -> str:
    known = types(table)
    listed = ", ".join(columns)
    typed = ", ".join(f"{column} {known[column]}" for column in columns)
    return (
        "WITH given AS (SELECT %s::bigint AS count), counted AS (UPDATE counter SET"
        " last = last + given.count FROM given WHERE tenant_id = %s AND name = %s"
        " RETURNING last - given.count AS before)"
        f" INSERT INTO {table} (number, {listed})"
        f" SELECT counted.before + row_number() OVER (ORDER BY x.id), {listed}"
        f" FROM counted, json_to_recordset(%s) AS x({typed})"
    )


def query(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def run(statement: str, parameters: Sequence[Any] = ()) -> None:
    """Run a statement whose result nobody looks at."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def ids(table: str, count: int) -> list[int]:
    """Return fresh ids for rows of a table, ascending."""
    with _turn:
        block = _blocks[os.getpid(), str(connection.settings_dict["NAME"]), table, _backend()]
        while len(block) < count:
            block += [
                int(row[0])
                for row in query(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [table, max(_BLOCK, count - len(block))],
                )
            ]
        found, block[:count] = block[:count], []
    return found


def _backend() -> int:
    connection.ensure_connection()
    raw = connection.connection
    assert raw is not None
    return int(raw.info.backend_pid)


@contextmanager
def together() -> Iterator[None]:
    """Send the block's statements without waiting for each answer; errors come at its end.

    Call it inside a transaction: what fails is rolled back whole.
    """
    connection.ensure_connection()
    raw = connection.connection
    assert raw is not None
    # Errors leave as Django's, as from any other statement.
    with connection.wrap_database_errors, raw.pipeline():
        yield
