"""What is on record: who came in and who did not, what went wrong; no text forges a line."""

import json
import logging
import os
from typing import Any

import pytest
from django.conf import settings
from tests.desk import Database
from tests.web.conftest import Pages

from tocsin.actions import people

SIGN_IN = "/t/acme/sign-in/"


def facts(database: Database, kind: str) -> list[dict[str, Any]]:
    return [
        json.loads(row[0])
        for row in database.rows(
            "SELECT payload FROM event WHERE stream_kind = %s ORDER BY id", kind
        )
    ]


@pytest.mark.promise("P34")
@pytest.mark.asvs("16.3.1")
def test_who_came_in_by_what_and_who_did_not_is_on_record(pages: Pages, database: Database) -> None:
    pages.client("ann")
    for login in ("lea@acme.example", "nobody@acme.example"):
        pages.anybody().post(SIGN_IN, {"login": login, "password": "a guess, and wrong"})
    found = [(one["did"], one.get("means"), one.get("tries")) for one in facts(database, "sign-in")]
    assert found == [
        ("signed in", "password", None),
        ("refused", None, 1),
        ("refused", None, 1),
    ]
    streams = database.rows(
        "SELECT stream_id FROM event WHERE stream_kind = 'sign-in' AND payload LIKE '%%refused%%'"
        " ORDER BY id"
    )
    # Of somebody who is there, and of nobody.
    assert [row[0] for row in streams] == [pages.made.people["lea"], 0]


@pytest.mark.asvs("16.2.1", "16.2.2")
def test_every_entry_says_when_who_what_and_of_what_in_one_time(
    pages: Pages, database: Database
) -> None:
    by = pages.made.person("dora", "administrator")
    people.edit(person=pages.made.people["ann"], role="lead", by=by)
    client = pages.anybody()
    form = {"login": "ann@acme.example", "password": "wrong wrong wrong"}
    client.post(SIGN_IN, form, REMOTE_ADDR="192.0.2.7")
    rows = database.rows(
        "SELECT tenant_id, stream_kind, stream_id, stream_seq, kind, actor, side, payload,"
        " effective_at <= recorded_at, recorded_at <= clock_timestamp() FROM event"
    )
    assert rows
    for row in rows:
        assert None not in row
        assert "" not in row[:8]
        assert isinstance(json.loads(row[7]), dict)
        assert row[8:] == (True, True)
    changed = [row for row in rows if row[1] == "person" and '"lead"' in row[7]]
    assert by.name in {row[5] for row in changed}
    # Where from stands beside the fact, where erasure may delete it.
    beside = database.rows("SELECT content FROM event_content WHERE content LIKE '%%192.0.2.7%%'")
    assert len(beside) == 1
    times = database.rows(
        "SELECT DISTINCT data_type::text FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = 'event' AND column_name LIKE '%%\\_at'"
    )
    assert times == [("timestamp with time zone",)]
    assert (settings.USE_TZ, settings.TIME_ZONE) == (True, "UTC")


@pytest.mark.asvs("16.3.4")
def test_a_mistake_of_ours_is_logged_with_where_it_was(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = pages.client("ann")
    client.raise_request_exception = False

    def breaks(*given: object, **named: object) -> None:
        raise RuntimeError("of ours")

    monkeypatch.setattr("tocsin.web.notifications.layout.around", breaks)
    assert client.get("/t/acme/notifications/").status_code == 500
    (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert "of ours" in (record.exc_text or str(record.exc_info))
    assert "/notifications/" in record.getMessage()


@pytest.mark.promise("A36")
@pytest.mark.asvs("16.4.1")
def test_no_text_of_a_request_begins_a_line_of_a_log(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = pages.anybody()
    with caplog.at_level(logging.DEBUG):
        nobody.get("/t/acme/none%0aERROR forged%0d%0aERROR again/")
        nobody.get("/t/acme/none%1b[2J%e2%80%a8ERROR forged/")
        nobody.get("/t/acme/hub/", headers={"host": "evil.example"})
        nobody.post(SIGN_IN, {"login": "x\r\nERROR forged", "password": "x"})
    assert caplog.records
    for record in caplog.records:
        assert not set("\r\n\x1b") & set(record.getMessage()), record.getMessage()


@pytest.mark.asvs("16.2.3")
def test_logs_go_to_standard_error_and_nowhere_else() -> None:
    told: dict[str, Any] = settings.LOGGING
    assert "handlers" not in told
    assert all(set(one) == {"filters"} for one in told["loggers"].values())
    own = [
        handler
        for name in logging.root.manager.loggerDict
        if name.startswith(("tocsin", "django"))
        for handler in logging.getLogger(name).handlers
    ]
    # The tests' own listener writes to no file of anybody.
    files = [one for one in own if isinstance(one, logging.FileHandler)]
    assert [one for one in files if one.baseFilename != os.devnull] == []
