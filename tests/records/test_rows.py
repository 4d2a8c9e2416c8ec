"""Rows arrive as they were given, in one statement."""

import contextlib
import datetime as dt
import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection
from tests.desk import Database, at, company, inside

from tocsin.records import rows

TEXTS = [
    "",
    "plain",
    'it\'s "quoted" and `ticked`',
    "back\\slash \\u0041 \\x41 \\\\",
    "100 % of %s and %(name)s {braces} $1 $$",
    "line\nbreak\r\ntab\t\v\f\x01\x7f",
    "Åsa Öberg ñ ß İ ı e\u0301",
    "日本語 עברית العربية",
    "🎉👩‍👩‍👧‍👦 \U0001f1f8\U0001f1ea \U0010ffff",
    "\u2028\u2029\ufeff\u200b\u202e",
    "'; DROP TABLE ticket; --",
    "NULL",
    "{}",
    "x" * 100_000,
]


@pytest.fixture
def tenant(database: Database) -> int:
    return company().tenant


def test_texts_survive(database: Database, tenant: int) -> None:
    with inside(tenant):
        for text in TEXTS:
            rows.add_missing("account", [account(tenant, text)], ("tenant_id", "key"))
            rows.upsert("account", [{**account(tenant, text), "plan": text}], ("tenant_id", "key"))
            assert rows.query("SELECT key, name, plan FROM account") == [("k", text, text)]
            rows.run("UPDATE account SET name = 'between'")


def account(tenant: int, name: str) -> dict[str, Any]:
    return {
        "tenant_id": tenant,
        "key": "k",
        "name": name,
        "plan": "",
        "vip": True,
        "high_value": False,
        "account_manager_id": None,
    }


def test_null_stays_null_and_the_words_for_it_stay_words(database: Database, tenant: int) -> None:
    with inside(tenant):
        rows.insert("account", [account(tenant, "null"), {**account(tenant, "None"), "key": "l"}])
        found = rows.query(
            "SELECT name, account_manager_id, vip, high_value FROM account ORDER BY id"
        )
    assert found == [("null", None, True, False), ("None", None, True, False)]


def test_a_nul_character_is_refused_with_a_reason(database: Database, tenant: int) -> None:
    with pytest.raises(DatabaseError, match=r"\\u0000|NUL"), inside(tenant):
        rows.insert("account", [account(tenant, "a\0b")])
    assert database.rows("SELECT 1 FROM account") == []


def test_half_a_surrogate_is_refused(database: Database, tenant: int) -> None:
    with pytest.raises((DatabaseError, UnicodeEncodeError)), inside(tenant):
        rows.insert("account", [account(tenant, "a\ud800b")])
    assert database.rows("SELECT 1 FROM account") == []


def test_bytes_big_integers_and_microseconds_survive(database: Database, tenant: int) -> None:
    instants = [
        at("2026-03-02 09:00").replace(microsecond=1),
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 2, 9, 0, 0, 999999, dt.timezone(dt.timedelta(hours=5, minutes=30))),
    ]
    salt = bytes(range(256))
    with inside(tenant):
        for k, instant in enumerate(instants):
            row = {
                "tenant_id": tenant,
                "kind": f"k{k}",
                "object": 2**63 - 1,
                "wake_at": instant,
                "planned_for": instant,
                "attempts": -(2**15),
            }
            rows.insert("schedule", [row])
        found = rows.query(
            "SELECT object, wake_at, planned_for, attempts FROM schedule ORDER BY kind"
        )
        event = rows.query("SELECT min(id) FROM event WHERE kind = 'configured'")[0][0]
        rows.run("DELETE FROM event_content")
        for content in (salt, b""):
            rows.insert(
                "event_content",
                [{"tenant_id": tenant, "event_id": event, "salt": content, "content": "x"}],
            )
            assert bytes(rows.query("SELECT salt FROM event_content")[0][0]) == content
            rows.run("DELETE FROM event_content")
    assert found == [(2**63 - 1, instant, instant, -(2**15)) for instant in instants]


def test_a_number_that_is_too_big_is_refused(database: Database, tenant: int) -> None:
    row = {
        "tenant_id": tenant,
        "kind": "k",
        "object": 2**63,
        "wake_at": at("2026-03-02 09:00"),
        "planned_for": at("2026-03-02 09:00"),
        "attempts": 0,
    }
    with pytest.raises(DatabaseError), inside(tenant):
        rows.insert("schedule", [row])
    assert database.rows("SELECT 1 FROM schedule") == []


def test_no_rows_are_no_statement(database: Database) -> None:
    # Outside a tenant any statement on these tables would raise.
    rows.insert("event", [])
    rows.upsert("clock", [], ("id",))
    rows.add_missing("schedule", [], ("id",))


def test_a_row_that_is_there_is_kept_or_updated_as_asked(database: Database, tenant: int) -> None:
    key = ("tenant_id", "key")
    with inside(tenant):
        rows.add_missing("account", [account(tenant, "first")], key)
        rows.add_missing("account", [account(tenant, "second")], key)
        assert rows.query("SELECT name FROM account") == [("first",)]
        rows.upsert("account", [account(tenant, "third")], key)
        assert rows.query("SELECT name FROM account") == [("third",)]


def test_many_rows_of_one_statement_stay_apart(database: Database, tenant: int) -> None:
    many = [{**account(tenant, f"name {k}"), "key": f"k{k:05}"} for k in range(3000)]
    with inside(tenant):
        rows.insert("account", many)
        found = rows.query("SELECT key, name FROM account ORDER BY key")
    assert found == [(row["key"], row["name"]) for row in many]


def test_an_unknown_table_is_a_mistake_that_is_told() -> None:
    with pytest.raises(LookupError, match="no_such"):
        rows.types("no_such")


def test_ids_are_fresh_and_ascend(database: Database) -> None:
    found = [one for count in (1, 63, 64, 65, 200, 1) for one in rows.ids("ticket", count)]
    assert found == sorted(set(found))
    assert len(found) == 394


class _Slow(list[int]):
    """A block of ids whose reader is held up until another reader is there as well."""

    def __init__(self, ids: list[int]) -> None:
        super().__init__(ids)
        self.together = threading.Barrier(2)

    def __getitem__(self, wanted: Any) -> Any:
        found = super().__getitem__(wanted)
        # Where a lock keeps the second one out it never comes, and that is well.
        with contextlib.suppress(threading.BrokenBarrierError):
            self.together.wait(timeout=1)
        return found


def test_ids_that_a_lost_connection_had_fetched_are_not_used(database: Database) -> None:
    """A database that crashed may hand them out again."""
    database.play("app")
    first = rows.ids("ticket", 1)[0]
    connection.close()
    database.rows("SELECT setval(pg_get_serial_sequence('ticket', 'id'), 1000)")
    assert rows.ids("ticket", 1)[0] > 1000 > first


def test_two_threads_never_get_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    block = _Slow(list(range(100)))
    monkeypatch.setattr(rows, "_blocks", type("Blocks", (), {"__getitem__": lambda *_: block})())
    monkeypatch.setattr(rows, "_backend", lambda: 1)
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.extend(rows.ids("ticket", 3))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 6
    assert len(set(found)) == 6


def test_errors_of_statements_sent_together_come_at_the_end_and_undo_all(
    database: Database, tenant: int
) -> None:
    sent = False
    with pytest.raises(Exception, match="stage_status_known"), inside(tenant), rows.together():  # noqa: PT012
        rows.insert("account", [account(tenant, "half")])
        rows.run("UPDATE stage SET status = 'limbo'")
        sent = True
    assert sent
    assert database.rows("SELECT 1 FROM account") == []
