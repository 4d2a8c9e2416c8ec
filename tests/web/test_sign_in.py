"""Signing in: by password, inside a tenant, without telling who is there."""

import re

import pytest
from django.test import Client, override_settings
from tests.desk import Database
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import people
from tocsin.kit.invalid import Invalid


def attempt(pages: Pages, email: str, password: str = PASSWORD, onward: str = "") -> object:
    form = {"login": email, "password": password, "next": onward}
    return pages.anybody().post(f"{pages.prefix}/sign-in/", form)


def plain(page: bytes) -> str:
    """Return a page without what is new each time, and without the address that was typed."""
    text = re.sub(r'value="[A-Za-z0-9]{64}"', "", page.decode())
    return re.sub(r"[\w.]+@[\w.]+", "", text)


@pytest.mark.promise("A38")
def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(pages: Pages) -> None:
    wrong = attempt(pages, "ann@acme.example", "not this one at all")
    unknown = attempt(pages, "nobody@acme.example", "not this one at all")
    assert wrong.status_code == unknown.status_code == 422  # type: ignore[attr-defined]
    assert plain(wrong.content) == plain(unknown.content)  # type: ignore[attr-defined]
    # What was typed is kept, but for the password.
    assert 'value="ann@acme.example"' in wrong.content.decode()  # type: ignore[attr-defined]
    assert "not this one" not in wrong.content.decode()  # type: ignore[attr-defined]


@pytest.mark.promise("A39")
def test_after_five_wrong_passwords_the_right_one_has_to_wait(pages: Pages) -> None:
    for _ in range(5):
        assert attempt(pages, "ann@acme.example", "wrong wrong wrong").status_code == 422  # type: ignore[attr-defined]
    assert attempt(pages, "ann@acme.example").status_code == 422  # type: ignore[attr-defined]
    # Somebody else is not locked out by it.
    assert attempt(pages, "lea@acme.example").status_code == 302  # type: ignore[attr-defined]


@pytest.mark.promise("A42")
@pytest.mark.parametrize(
    "onward",
    ["//evil.example/", "https://evil.example/", "/t/other/hub/", "javascript:alert(1)", "/health"],
)
def test_nobody_is_led_away_after_signing_in(pages: Pages, onward: str) -> None:
    answer = attempt(pages, "ann@acme.example", onward=onward)
    assert answer.headers["Location"] == "/t/acme/hub/"  # type: ignore[attr-defined]
    led = attempt(pages, "ann@acme.example", onward="/t/acme/board/?only=mine")
    assert led.headers["Location"] == "/t/acme/board/?only=mine"  # type: ignore[attr-defined]


@pytest.mark.promise("A40")
def test_a_new_password_and_a_deactivation_end_every_session(
    pages: Pages, database: Database
) -> None:
    client = pages.client("ann")
    assert client.get("/t/acme/hub/").status_code == 200
    people.set_password(
        person=pages.made.people["ann"], password="another long word", by=pages.made.operator
    )
    assert client.get("/t/acme/hub/").status_code == 302
    lea = pages.client("lea")
    database.rows("UPDATE person SET is_active = false WHERE id = %s", pages.made.people["lea"])
    assert lea.get("/t/acme/hub/").status_code == 302
    assert attempt(pages, "lea@acme.example").status_code == 422  # type: ignore[attr-defined]


@pytest.mark.promise("A40")
def test_the_key_of_a_session_changes_with_signing_in(pages: Pages) -> None:
    client = pages.client("ann")
    first = client.cookies["tocsin_session"].value
    assert client.cookies["tocsin_session"]["path"] == "/t/acme/"
    assert client.cookies["tocsin_session"]["httponly"]
    client.post("/t/acme/sign-out/")
    assert client.get("/t/acme/hub/").status_code == 302
    again = pages.client("ann")
    assert again.cookies["tocsin_session"].value != first


@pytest.mark.parametrize("password", ["short", "x" * 11, "x" * 1025, "with \0 a hole in it"])
def test_a_password_that_cannot_be_taken_is_refused(pages: Pages, password: str) -> None:
    with pytest.raises(Invalid, match="password"):
        people.set_password(
            person=pages.made.people["ann"], password=password, by=pages.made.operator
        )


def test_a_password_is_stored_by_argon2_and_never_logged(pages: Pages, database: Database) -> None:
    found = database.rows("SELECT password FROM person WHERE tenant_id = %s", pages.made.tenant)
    assert all(row[0].startswith("argon2$argon2id$") for row in found)
    log = database.rows("SELECT payload FROM event UNION ALL SELECT content FROM event_content")
    assert not any(PASSWORD in str(row[0]) or "argon2" in str(row[0]) for row in log)


def test_without_a_tenant_there_is_nobody_to_sign_in_as(pages: Pages) -> None:
    client = pages.anybody()
    assert client.get("/sign-in/").status_code == 404
    assert client.get("/hub/").status_code == 404
    front = client.get("/")
    assert front.status_code == 200
    assert b"acme" not in front.content
    assert client.get("/?desk=acme").headers["Location"] == "/t/acme/"
    assert b"There is no desk of that name" in client.get("/?desk=nope").content


def test_a_host_can_name_the_desk_as_well_as_the_path(pages: Pages) -> None:
    named = {"DOMAIN": "desk.example", "ALLOWED_HOSTS": [".desk.example"]}
    with override_settings(**named):
        client = Client(headers={"host": "acme.desk.example"})
        form = {"login": "ann@acme.example", "password": PASSWORD}
        answer = client.post("/sign-in/", form)
        assert answer.headers["Location"] == "/hub/"
        assert client.cookies["tocsin_session"]["path"] == "/"
        page = client.get("/hub/")
        assert page.status_code == 200
        assert 'href="/board/"' in page.content.decode()
        # There is no way from one desk's host into another's path.
        assert client.get("/t/acme/hub/").status_code == 404
        elsewhere = Client(headers={"host": "nobody.desk.example"})
        assert elsewhere.get("/hub/").status_code == 404


def test_preferences_are_kept_and_mistakes_say_which(pages: Pages) -> None:
    client = pages.client("ann")
    form = {"language": "sv", "zone": "Europe/Stockholm", "theme": "dark", "next": "/t/acme/board/"}
    answer = client.post("/t/acme/preferences/", form)
    assert answer.headers["Location"] == "/t/acme/board/"
    page = client.get("/t/acme/hub/").content.decode()
    assert '<html lang="sv"' in page
    assert 'data-theme="dark"' in page
    assert 'data-keys="off"' in page
    wrong = client.post("/t/acme/preferences/", {**form, "zone": "Europe/Atlantis"})
    assert wrong.status_code == 422
    assert "Tidszonen" in wrong.content.decode()
    away = client.post("/t/acme/preferences/", {**form, "next": "https://evil.example/"})
    assert away.headers["Location"] == "/t/acme/hub/"
