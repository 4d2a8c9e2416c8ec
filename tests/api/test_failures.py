"""Whatever goes wrong below /api/ is told in the interface's form, as what is denied is."""

from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import TooManyFieldsSent
from django.db import OperationalError
from django.test import Client, override_settings
from tests.desk import Database, company
from tests.web.conftest import Pages, desk_of

from tocsin.queries import readers

MISSING = {"error": "there is no such thing here, or it is not for you"}


@pytest.fixture
def pages(database: Database) -> Pages:
    return desk_of(company("acme"), "acme")


@pytest.mark.promise("P28", "A29")
def test_an_address_that_there_is_not_is_told_as_what_is_denied(pages: Pages) -> None:
    client = pages.client("ann")
    for path in (
        "/t/acme/api/",
        "/t/acme/api/v1/nothing",
        "/t/acme/api/v1/me/",
        "/t/acme/api/v1/tickets/x/clocks",
        "/t/acme/api/v2/me",
        "/t/nobody/api/v1/me",
    ):
        for method in ("get", "post", "delete"):
            for who in (client, pages.anybody()):
                answer = getattr(who, method)(path)
                assert (answer.status_code, answer.json()) == (404, MISSING), (method, path)
    # One that there is, outside of every desk: as outside of this one.
    assert client.get("/api/v1/me").json() == MISSING
    # Nothing tells the two apart.
    denied = client.get("/t/acme/api/v1/tickets/999999/clocks")
    absent = client.get("/t/acme/api/v1/absent/999999/clocks")
    assert denied.status_code == absent.status_code == 404
    assert denied.content == absent.content
    assert dict(denied.headers) == dict(absent.headers)


def test_what_cannot_be_taken_is_told(pages: Pages) -> None:
    client = pages.client("ann")
    answer = client.delete("/t/acme/api/v1/me")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert answer.json() == {"error": "use GET or HEAD"}
    strange = client.get("/t/acme/api/v1/me", headers={"host": "elsewhere.example"})
    assert (strange.status_code, set(strange.json())) == (400, {"error"})
    own: dict[str, Any] = {"content_type": "application/x-www-form-urlencoded"}
    long = client.post("/t/acme/api/v1/tickets/1/notes", "a=" + "x" * 3_000_000, **own)
    assert (long.status_code, set(long.json())) == (413, {"error"})
    nul = client.get("/t/acme/api/v1/me?a=%00")
    assert (nul.status_code, set(nul.json())) == (422, {"error"})
    told = client.get("/t/acme/api/v1/me?a=%00", headers={"Accept": "application/json"})
    assert "NUL" in told.json()["error"]


def test_a_mistake_of_ours_says_nothing_of_itself(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = pages.client("ann")
    client.raise_request_exception = False
    for error, status in (
        (ValueError("secret of the log"), 500),
        (OperationalError("secret of the log"), 503),
        (TooManyFieldsSent("secret of the log"), 400),
    ):
        monkeypatch.setattr(readers, "reader", mock.Mock(side_effect=error))
        answer = client.get("/t/acme/api/v1/me")
        assert (answer.status_code, set(answer.json())) == (status, {"error"})
        assert b"secret" not in answer.content
        assert answer.headers.get("Content-Length", str(len(answer.content))) == str(
            len(answer.content)
        )
        assert ("Retry-After" in answer.headers) == (status == 503)


def test_pages_for_people_stay_pages(pages: Pages) -> None:
    client = pages.client("ann")
    for path in ("/t/acme/nothing/", "/t/acme/apis/", "/t/acme/tickets/api/", "/t/api/hub/"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html"), path

    with override_settings(DOMAIN="desk.example", ALLOWED_HOSTS=[".desk.example"]):
        own = Client(headers={"host": "acme.desk.example"})
        assert own.get("/api/v1/nothing").json() == MISSING
