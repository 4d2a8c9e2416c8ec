"""The first run: a code out of the server's log makes the first desk, and then never again."""

import os
import re
import subprocess
import urllib.request

import pytest
from django.test import Client
from tests.cli.command import COMMAND
from tests.cli.test_up import free_port
from tests.desk import Database, company

from tocsin.actions import first_run

pytestmark = pytest.mark.long("starts and ends servers")

WHOLE = {
    "key": "global",
    "name": "Global",
    "person": "Dora",
    "email": "dora@example.com",
    "password": "a long word for tests",
    "zone": "Europe/Stockholm",
}


@pytest.fixture
def code(database: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(first_run.CODE_HASH, "")
    return first_run.new_code()


def browser() -> Client:
    return Client(headers={"host": "localhost"})


@pytest.mark.promise("A45")
@pytest.mark.asvs("6.3.2")
def test_an_empty_installation_asks_for_the_code_and_nothing_else_works(
    database: Database, code: str
) -> None:
    assert len(code) == 32
    assert code not in os.environ[first_run.CODE_HASH]
    there = browser()
    assert there.get("/").headers["Location"] == "/first-run/"
    assert there.get("/first-run/").status_code == 200
    assert there.get("/t/global/hub/").status_code == 404
    # Nobody is there by default.
    assert database.one("SELECT count(*) FROM person") == 0


@pytest.mark.promise("A45")
def test_the_code_makes_a_desk_and_its_administrator_and_then_there_is_no_such_page(
    database: Database, code: str
) -> None:
    there = browser()
    answer = there.post("/first-run/", {**WHOLE, "code": f" {code.upper()} "})
    assert answer.headers["Location"] == "/t/global/sign-in/?saved=first"
    people = database.rows("SELECT name, email, role FROM person")
    assert people == [("Dora", "dora@example.com", "administrator")]
    login = {"login": WHOLE["email"], "password": WHOLE["password"]}
    assert there.post("/t/global/sign-in/", login).status_code == 302
    missing = there.get("/no/such/page/")
    for again in (there.get("/first-run/"), there.post("/first-run/", {**WHOLE, "code": code})):
        assert again.status_code == 404
        assert again.content == missing.content
    assert there.get("/t/global/first-run/").status_code == 404
    assert database.one("SELECT count(*) FROM tenant") == 1
    assert code not in str(database.rows("SELECT t::text FROM event t"))


@pytest.mark.promise("A45")
def test_an_installation_with_a_desk_has_no_first_run(database: Database, code: str) -> None:
    company()
    there = browser()
    assert there.get("/first-run/").status_code == 404
    assert there.post("/first-run/", {**WHOLE, "code": code}).status_code == 404
    assert there.get("/").status_code == 200


@pytest.mark.promise("A45", "A39")
def test_a_wrong_code_makes_nothing_and_cannot_be_guessed(database: Database, code: str) -> None:
    there = browser()
    for wrong in ("", "0" * 32, code[:-1], f"{code}0"):
        answer = there.post("/first-run/", {**WHOLE, "code": wrong})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "is not the one in the server" in page
        # What was typed is kept, but for what is secret.
        assert 'value="dora@example.com"' in page
        assert WHOLE["password"] not in page
    there.post("/first-run/", {**WHOLE, "code": "x"})
    late = there.post("/first-run/", {**WHOLE, "code": code})
    assert "was wrong too often" in late.content.decode()
    assert database.one("SELECT count(*) FROM tenant") == 0


@pytest.mark.promise("A45")
@pytest.mark.parametrize(
    ("field", "value"),
    [("key", "No Key"), ("email", "nobody"), ("password", "short"), ("zone", "Europe/Atlantis")],
)
def test_what_cannot_be_taken_leaves_nothing_behind(
    database: Database, code: str, field: str, value: str
) -> None:
    answer = browser().post("/first-run/", {**WHOLE, "code": code, field: value})
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.content.decode()
    assert database.one("SELECT count(*) FROM tenant") == 0
    assert browser().get("/first-run/").status_code == 200


@pytest.mark.promise("A45")
def test_without_a_code_in_the_environment_none_is_right(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(first_run.CODE_HASH, raising=False)
    answer = browser().post("/first-run/", {**WHOLE, "code": ""})
    assert answer.status_code == 422
    assert database.one("SELECT count(*) FROM tenant") == 0


@pytest.mark.promise("A45")
def test_the_server_says_the_code_at_its_start_and_takes_it(database: Database) -> None:
    port = free_port()
    own = {"DATABASE_URL": database.url, "TOCSIN_ROLE": "app", "TOCSIN_SECRET_KEY": "of this test"}
    process = subprocess.Popen(
        [*COMMAND, "web", "--port", str(port)],
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(
            rf"http://127\.0\.0\.1:{port}/first-run/ with the code ([0-9a-f]{{32}})", said
        )
        assert found is not None, said
        address = f"http://127.0.0.1:{port}/first-run/"
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        page = _patiently(opener, address)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token is not None
        fields = {**WHOLE, "code": found[1], "csrfmiddlewaretoken": token[1]}
        body = urllib.parse.urlencode(fields).encode()
        answer = opener.open(urllib.request.Request(address, body), timeout=60)
        assert answer.url.endswith("/t/global/sign-in/?saved=first")
        assert database.one("SELECT count(*) FROM tenant") == 1
    finally:
        process.terminate()
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()


def _patiently(opener: urllib.request.OpenerDirector, address: str) -> str:
    """Return a page of a server that is being started."""
    import time

    deadline = time.monotonic() + 60
    while True:
        try:
            return str(opener.open(address, timeout=60).read().decode())
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
