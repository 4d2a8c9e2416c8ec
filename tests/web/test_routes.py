"""Every route: who may use it, what it sends along, and that looking changes nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.desk import Database
from tests.web import routes
from tests.web.conftest import Pages
from tests.web.routes import ALL, API, FORMS, PUBLIC, SEEN, address, digest, query, right_of

from tocsin.actions import passwords, people
from tocsin.queries import access
from tocsin.queries.access import RIGHTS, Right
from tocsin.queries.listing import Which


@pytest.fixture(autouse=True)
def _prepared(request: pytest.FixtureRequest) -> None:
    """Have what the examples stand for."""
    if "pages" not in request.fixturenames:
        return
    routes.prepare(request.getfixturevalue("pages").made)


@pytest.mark.promise("P28")
def test_every_route_declares_its_right() -> None:
    assert all(right_of(pattern) for name, pattern in ALL.items() if name not in PUBLIC)
    assert all(right_of(ALL[name]) is None for name in PUBLIC)
    assert set(FORMS) <= set(ALL)


@pytest.mark.promise("P28", "A29")
def test_who_is_not_signed_in_gets_no_page_and_does_nothing(pages: Pages) -> None:
    pages.made.open()
    nobody = pages.anybody()
    for name in SEEN:
        answer = nobody.get(f"{pages.prefix}/{address(ALL[name])}")
        if name in API:
            assert (answer.status_code, answer.json()) == (401, {"error": "sign in first"}), name
            continue
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith("/t/acme/sign-in/?next="), name
    for name, form in FORMS.items():
        answer = nobody.post(f"{pages.prefix}/{address(ALL[name])}", form)
        if name in API:
            assert (answer.status_code, answer.json()) == (401, {"error": "sign in first"}), name
            continue
        assert (answer.status_code, answer.content) == (401, b""), name


@pytest.mark.long("asks every route as every role")
@pytest.mark.promise("P27", "A29")
@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize(
    ("name", "role"), [("ann", "agent"), ("lea", "lead"), ("dora", "administrator")]
)
def test_a_role_reaches_what_its_rights_say_and_finds_nothing_else(
    pages: Pages, name: str, role: str
) -> None:
    pages.made.open()
    client = pages.client(name)
    for route in SEEN:
        answer = client.get(f"{pages.prefix}/{address(ALL[route])}{query(route)}")
        may = right_of(ALL[route]) in RIGHTS[role]
        assert answer.status_code in ((200, 302) if may else (404,)), route


@pytest.mark.promise("P27")
@pytest.mark.asvs("8.3.1")
def test_an_auditor_looks_at_everything_and_changes_nothing(
    pages: Pages, database: Database
) -> None:
    pages.made.open()
    person = people.add_person(
        name="Ada", email="ada@acme.example", role="auditor", by=pages.made.operator
    )
    passwords.give(person=person, password="a long word for tests", by=pages.made.operator)
    client = pages.client("ada")
    before = digest(database)
    for name, form in FORMS.items():
        # What they take along is on record, and is no change of anything else.
        if right_of(ALL[name]) in (Right.SIGNED_IN, Right.EXPORT):
            continue
        answer = client.post(f"{pages.prefix}/{address(ALL[name])}", form)
        assert answer.status_code == 404, name
    assert digest(database) == before
    page = client.get(f"{pages.prefix}/tickets/1/").content.decode()
    assert "<textarea" not in page
    assert 'action="/t/acme/tickets/1/' not in page


@pytest.mark.promise("P26", "A29")
@pytest.mark.asvs("8.4.1")
def test_a_session_is_worth_nothing_in_another_tenant(
    pages: Pages, other: Callable[[], Pages]
) -> None:
    pages.made.open()
    there = other()
    there.made.open()
    client = pages.client("dora")
    # Even if the cookie is sent along.
    session = client.cookies["tocsin_session"].value
    thief = there.anybody()
    thief.cookies["tocsin_session"] = session
    assert pages.anybody().get("/t/acme/hub/").status_code == 302
    for name in SEEN:
        answer = thief.get(f"/t/bolt/{address(ALL[name])}")
        assert answer.status_code == (401 if name in API else 302), name
    thief_at_home = pages.anybody()
    thief_at_home.cookies["tocsin_session"] = session
    assert thief_at_home.get("/t/acme/hub/").status_code == 200


@pytest.mark.promise("P28")
@pytest.mark.asvs("8.2.2", "8.4.1")
def test_a_ticket_of_another_desk_looks_like_none(pages: Pages, other: Callable[[], Pages]) -> None:
    there = other()
    for _ in range(3):
        there.made.open()
    pages.made.open()
    client = pages.client("dora")
    theirs = client.get("/t/acme/tickets/3/")
    nothing = client.get("/t/acme/tickets/999/")
    nowhere = client.get("/t/acme/no/such/page/")
    assert theirs.status_code == nothing.status_code == nowhere.status_code == 404
    assert theirs.content == nothing.content == nowhere.content
    absent = client.get("/t/nobody/hub/")
    assert absent.status_code == 404


@pytest.mark.long("asks every route")
@pytest.mark.promise("P31")
@pytest.mark.asvs("3.4.4")
def test_every_answer_carries_the_policy_and_no_page_has_anything_inline(pages: Pages) -> None:
    pages.made.open()
    client = pages.client("dora")
    for name in [*SEEN, *PUBLIC]:
        where = address(ALL[name]) + query(name)
        for answer in (
            client.get(f"{pages.prefix}/{where}"),
            client.get(f"{pages.prefix}/{where}", headers={"HX-Request": "true"}),
            client.get(f"{pages.prefix}/{where}", headers={"Accept": "application/json"}),
            pages.anybody().get(f"{pages.prefix}/{where}"),
        ):
            guarded(answer)
    guarded(client.get("/t/acme/missing/"))
    guarded(client.post("/t/acme/tickets/1/move/", {"to": "nowhere"}))
    guarded(pages.anybody().get("/"))


def guarded(answer: Any) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    page = answer.content.decode()
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r"<[^>]+\son\w+=", page)
    assert "<style" not in page
    assert "javascript:" not in page
    for tag in re.findall(r"<script[^>]*>", page):
        assert 'src="/static/' in tag or 'type="application/json"' in tag


@pytest.mark.long("asks every route")
@pytest.mark.promise("A32")
@pytest.mark.asvs("3.5.3")
def test_looking_changes_nothing(pages: Pages, database: Database) -> None:
    pages.made.open()
    client = pages.client("dora")
    before = digest(database)
    for _ in range(2):
        for name in [*SEEN, *sorted(PUBLIC)]:
            client.get(f"{pages.prefix}/{address(ALL[name])}{query(name)}")
        for name in FORMS:
            answer = client.get(f"{pages.prefix}/{address(ALL[name])}")
            assert answer.status_code == 405, name
    assert digest(database) == before


@pytest.mark.promise("A42")
@pytest.mark.asvs("3.5.1")
def test_a_form_without_its_token_is_refused(pages: Pages) -> None:
    pages.made.open()
    found = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    answer = found.post("/t/acme/sign-in/", {"login": "x@y.example", "password": "x"})
    assert answer.status_code == 403
    strange = Client(headers={"host": "evil.example"})
    assert strange.get("/t/acme/hub/").status_code == 400


@pytest.mark.promise("A27")
@pytest.mark.asvs("1.2.4")
@pytest.mark.parametrize(
    "asked",
    [
        "which=assignee__password",
        "which=-number",
        "person=x",
        "after=1;drop",
        "since=yesterday",
        "dimension=password&value=x",
        "verdict=all",
        "pipeline=nope",
        "stage=nope",
        "team=nope",
        "priority=P1'--",
        "words=%00",
    ],
)
def test_a_list_asked_for_what_there_is_not_says_so_and_leaks_nothing(
    pages: Pages, asked: str
) -> None:
    pages.made.open()
    answer = pages.client("dora").get(f"/t/acme/tickets/?{asked}")
    assert answer.status_code in (200, 404, 422)
    if answer.status_code == 200:
        assert 'data-count="0"' in answer.content.decode()


def test_every_named_list_has_a_page(pages: Pages) -> None:
    pages.made.open()
    client = pages.client("dora")
    for which in Which:
        answer = client.get("/t/acme/tickets/", {"which": which.value})
        assert answer.status_code == 200, which


def test_the_rights_of_the_public_pages_are_none() -> None:
    assert access.RIGHTS["contact"].isdisjoint({Right.SIGNED_IN})
