"""What every deployment has, whatever its pages hold: cookies, methods, folders, errors."""

import pytest
from django.conf import settings
from tests.desk import Database
from tests.web.conftest import Pages

from tocsin.actions import passwords


@pytest.mark.promise("A42")
@pytest.mark.asvs("3.3.2", "3.3.4")
def test_no_script_reads_a_cookie_and_none_goes_along_with_other_sites(pages: Pages) -> None:
    client = pages.client("ann")
    assert client.get(f"{pages.prefix}/hub/").status_code == 200
    cookies = client.cookies
    assert settings.SESSION_COOKIE_NAME in cookies
    for name, cookie in cookies.items():
        assert (name, bool(cookie["httponly"]), cookie["samesite"]) == (name, True, "Lax")


@pytest.mark.asvs("7.2.2", "7.2.3")
def test_each_session_has_a_long_name_of_its_own(pages: Pages) -> None:
    names = {pages.client("ann").cookies[settings.SESSION_COOKIE_NAME].value for _ in range(3)}
    assert len(names) == 3
    # 32 signs out of 36: more than 160 bits.
    assert all(len(name) == 32 and name.isalnum() for name in names)


@pytest.mark.asvs("13.4.4", "4.1.4")
def test_methods_that_no_page_has_are_not_answered(pages: Pages) -> None:
    client = pages.client("ann")
    for method in ("TRACE", "PUT", "PATCH", "DELETE", "CONNECT"):
        for path in ("", "sign-in/", "notifications/"):
            answer = client.generic(method, f"{pages.prefix}/{path}")
            assert answer.status_code in (404, 405), (method, path)


@pytest.mark.asvs("13.4.3")
def test_no_folder_is_listed(pages: Pages) -> None:
    for path in ("/static/", "/static/tocsin/", "/static/tocsin/js/"):
        answer = pages.anybody().get(path)
        assert answer.status_code == 404
        assert b"main.js" not in answer.content


@pytest.mark.asvs("13.4.2", "16.5.1")
def test_a_mistake_of_ours_tells_nothing_of_the_inside(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.DEBUG is False
    client = pages.client("ann")
    client.raise_request_exception = False

    def breaks(*given: object, **named: object) -> None:
        raise RuntimeError("SELECT secret FROM provider; canary-0815")

    monkeypatch.setattr("tocsin.web.notifications.layout.around", breaks)
    answer = client.get(f"{pages.prefix}/notifications/")
    assert answer.status_code == 500
    for word in (b"canary", b"SELECT", b"Traceback", b"RuntimeError", b"tocsin/"):
        assert word not in answer.content
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.asvs("11.4.2")
def test_passwords_are_kept_by_argon2id(pages: Pages, database: Database) -> None:
    passwords.give(
        person=pages.made.people["ann"],
        password="another long word for tests",
        by=pages.made.operator,
    )
    kept = database.one("SELECT password FROM person WHERE id = %s", pages.made.people["ann"])
    assert kept.startswith("argon2$argon2id$")
    # At least what is recommended now: 19 MiB, two passes.
    parts = dict(one.split("=") for one in kept.split("$")[3].split(","))
    assert int(parts["m"]) >= 19 * 1024
    assert int(parts["t"]) >= 2


@pytest.mark.promise("P31")
@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.5", "3.4.6", "14.3.2")
def test_every_kind_of_answer_says_what_it_may_do(pages: Pages) -> None:
    client = pages.client("ann")
    answers = [
        client.get(f"{pages.prefix}/"),
        client.get(f"{pages.prefix}/there-is-no-such-page"),
        pages.anybody().get(f"{pages.prefix}/"),
        client.put(f"{pages.prefix}/"),
        client.get(f"{pages.prefix}/notifications/", headers={"HX-Request": "true"}),
    ]
    assert {answer.status_code for answer in answers} >= {200, 302, 404, 405}
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        for part in (
            *("default-src 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'"),
            "frame-ancestors 'none'",
        ):
            assert part in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer.headers["Cache-Control"]
