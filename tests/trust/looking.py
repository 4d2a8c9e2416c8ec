"""Looking at everything: what each page, and part of one, says while time stands still."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from django.test import Client
from tests.desk import Database
from tests.web.routes import ALL, SEEN, address, parts, query

from tocsin.web import entry

# What is asked of lists and reports beside their bare addresses, by the route's name.
ASKED: Mapping[str, tuple[str, ...]] = {
    "tickets": (
        *("?which=all", "?which=created", "?which=breached", "?which=unassigned", "?which=mine"),
        *(
            "?words=nectar",
            "?words=vinegar",
            "?team=second+line",
            "?dimension=team&value=Second+line",
        ),
        *("?dimension=month&value=2026-03&verdict=breached", "?priority=P1", "?which=done"),
    ),
    "hub": ("?team=second+line", "?team=service+desk"),
    "board": ("?only=breached", "?team=second+line"),
    "compliance": ("?period=all", "?dimensions=owner"),
    "violations": ("?period=all", "?standing=yes"),
    "cards": tuple(f"?ids={n}" for n in range(1, 9)),
}
# A form's token is new with every page; so is what a policy of contents names.
_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=|"X-CSRFToken": ?|data-csrf=)"[^"]+"')
# Where the stream stands: a number of the whole tenant, which counts what happens and says no more.
_PLACE = re.compile(r'((?:data-at|data-position|data-place)=|after=)"?\d+"?')


def frozen(database: Database, at: str) -> None:
    """Have the database's clock stand still, for every statement that is not a door's."""
    database.rows("CREATE SCHEMA IF NOT EXISTS frozen")
    for name in ("clock_timestamp", "now"):
        database.rows(
            f"CREATE OR REPLACE FUNCTION frozen.{name}() RETURNS timestamptz LANGUAGE sql STABLE"
            f" AS $$ SELECT timestamptz '{at}+00' $$"
        )
        database.rows(f"GRANT EXECUTE ON FUNCTION frozen.{name}() TO PUBLIC")
    database.rows("GRANT USAGE ON SCHEMA frozen TO PUBLIC")
    name = database.one("SELECT current_database()")
    database.rows(f'ALTER DATABASE "{name}" SET search_path = frozen, pg_catalog, public')
    database.play("app")


def staying(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have who is signed in stay so: their session's time is that of another clock than ours."""
    monkeypatch.setattr(entry, "_goes_on", lambda *_given, **_more: True)
    monkeypatch.setattr(entry, "_settle", lambda _request: None)
    database.rows("UPDATE django_session SET expire_date = '2100-01-01'")


def snapshot(
    client: Client, prefix: str, *, names: Iterable[str] = SEEN, numbers: Iterable[int] = ()
) -> dict[str, tuple[int, str]]:
    """Return what every address that is only looked at answers: its status and its text."""
    found: dict[str, tuple[int, str]] = {}

    def asked(where: str, **headers: str) -> None:
        answer = client.get(where, headers=headers)
        found[f"{where} {headers or ''}"] = (answer.status_code, _text(answer))

    for name in names:
        bare = f"{prefix}/{address(ALL[name])}"
        asked(bare + query(name))
        asked(bare + query(name), **{"HX-Request": "true"})
        for more in ASKED.get(name, ()):
            asked(bare + more)
        if "number" in parts(ALL[name]):
            for number in numbers:
                asked(f"{prefix}/{address(ALL[name], number=str(number))}{query(name)}")
    return found


def _text(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return _PLACE.sub(r"\1", _TOKEN.sub(r"\1", body.decode("utf-8", "replace")))


def differing(
    before: Mapping[str, tuple[int, str]], after: Mapping[str, tuple[int, str]]
) -> dict[str, str]:
    """Return where two looks differ, and the first line that does."""
    assert before.keys() == after.keys()
    found = {}
    for where, (status, text) in before.items():
        if after[where] != (status, text):
            lines = zip(text.splitlines(), after[where][1].splitlines(), strict=False)
            first = next((f"{a.strip()} ≠ {b.strip()}" for a, b in lines if a != b), "the length")
            found[where] = f"{status}/{after[where][0]}: {first}"
    return found
