"""The schema that is checked in is the one that the migrations make."""

import os
import re
from importlib import resources
from pathlib import Path

import pytest
from tests.desk import Database

from tocsin.kit.invalid import Invalid
from tocsin.records import snapshot

RENEW = "TOCSIN_RENEW_SCHEMA"
PLACE = Path(str(resources.files("tocsin.records") / "schema.sql"))


def test_the_schema_that_is_checked_in_is_the_one_there_is(database: Database) -> None:
    made = snapshot.text(database.admin_url)
    if os.environ.get(RENEW):
        PLACE.write_text(made, encoding="utf-8")
    kept = PLACE.read_text(encoding="utf-8") if PLACE.exists() else ""
    assert made == kept, "the schema is another one now: run `make schema`, look at the diff"


def test_the_snapshot_shows_what_a_reviewer_looks_for(database: Database) -> None:
    made = snapshot.text(database.admin_url)
    for telling in (
        "CREATE TABLE public.ticket (",
        "CREATE POLICY ticket_of_tenant ON public.ticket USING ((tenant_id = ",
        "ALTER TABLE ONLY public.ticket FORCE ROW LEVEL SECURITY",
        "CREATE TRIGGER event_for_good BEFORE DELETE OR UPDATE ON public.event",
        "GRANT SELECT,INSERT ON TABLE public.event TO tocsin_app",
        "FOREIGN KEY (tenant_id, ticket_id) REFERENCES public.ticket(tenant_id, id)",
        "SECURITY DEFINER",
        # Comments inside a function are a part of it.
        "-- An older or newer binary stands down",
    ):
        assert telling in made, telling


def test_the_snapshot_says_nothing_of_machine_version_or_owner(database: Database) -> None:
    made = snapshot.text(database.admin_url)
    name = re.search(r"desk_\w+", database.url)
    assert name
    for noise in ("Dumped", "OWNER TO", "\nSET ", "\\restrict", "PostgreSQL", name[0]):
        assert noise not in made, noise
    assert made == snapshot.text(database.admin_url)


def test_one_column_more_is_another_snapshot(database: Database) -> None:
    before = snapshot.text(database.admin_url)
    database.rows("ALTER TABLE ticket ADD COLUMN colour text")
    assert snapshot.text(database.admin_url) != before


def test_a_body_is_left_as_it_is_and_the_rest_is_cleaned() -> None:
    dumped = (
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET lock_timeout = 0;\n\n\n\n"
        "CREATE FUNCTION f() AS $$\n-- why\nSET x = 1;\n$$;\n\n\n-- end\nGRANT a TO b;\n"
    )
    assert snapshot.normal(dumped) == (
        "CREATE FUNCTION f() AS $$\n-- why\nSET x = 1;\n$$;\n\nGRANT a TO b;\n"
    )


def test_without_a_pg_dump_that_is_new_enough_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_programs", lambda: iter(()))
    with pytest.raises(Invalid, match="pg_dump: of version 18"):
        snapshot._pg_dump(18)
