"""Every route by everybody: what the declared right says, and else what is not there."""

import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import get_resolver, path
from tests.desk import Database
from tests.trust.ground import WORK, Divided, divided
from tests.web import routes, test_routes
from tests.web.conftest import PASSWORD, Pages
from tests.web.routes import ALL, API, FORMS, PUBLIC, SEEN, address, digest, query, right_of

from tocsin.actions import customers, passwords, people
from tocsin.queries.access import RIGHTS, Right
from tocsin.web import entry, links, screens

NEAR, FAR = "Service desk", "Second line"
# What a stranger's ticket and one that is not there have in their answers, and no more.
_NEW_EACH_TIME = ("Set-Cookie",)


@pytest.fixture
def desk(database: Database) -> Divided:
    """A desk with a ticket of each queue, and somebody of every kind."""
    found = divided(database)
    made = found.made
    made.open(subject="nectar", team=NEAR)
    made.open(subject="vinegar", team=FAR)
    routes.prepare(made)
    found.limited("nora", teams=[NEAR])
    # Every right that there is, and no ticket.
    found.limited("otto", rights=[*WORK, Right.READ_AUDIT], reach="own")
    people_ = [("ada", "auditor"), ("nil", "limited")]
    for name, role in people_:
        made.people[name] = people.add_person(
            name=name.title(), email=f"{name}@acme.example", role=role, by=made.operator
        )
    return found


@pytest.fixture
def enter(desk: Divided) -> Callable[[str], Client]:
    pages = Pages(desk.made, "acme")

    def entered(name: str) -> Client:
        passwords.give(person=desk.made.people[name], password=PASSWORD, by=desk.made.operator)
        return pages.client(name)

    return entered


def headers(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in _NEW_EACH_TIME}


def same(answer: Any, nothing: Any) -> bool:
    """Say whether an answer is the one for what is not there, to the last byte and header."""
    return (answer.status_code, answer.content, headers(answer)) == (
        nothing.status_code,
        nothing.content,
        headers(nothing),
    )


def denied(client: Client, names: Iterable[str], **other: str) -> list[str]:
    """Return the routes among these whose answer is another than that of a missing page."""
    nothing = client.get("/t/acme/no/such/page/")
    assert nothing.status_code == 404
    wrong = []
    for name in names:
        where = f"/t/acme/{address(ALL[name], **other)}{query(name)}"
        sent: dict[str, Any] = {"content_type": "application/json"} if name in API else {}
        answer = client.post(where, FORMS[name], **sent) if name in FORMS else client.get(where)
        if name in API:
            good = answer.status_code == 404 and b"there is no such thing here" in answer.content
        else:
            good = same(answer, nothing)
        if not good:
            wrong.append(f"{name}: {answer.status_code}")
    return wrong


def not_for(rights: Iterable[Right]) -> list[str]:
    return [name for name in ALL if name not in PUBLIC and right_of(ALL[name]) not in set(rights)]


@pytest.mark.long("asks every route as every role")
@pytest.mark.promise("P27", "P28", "A29")
@pytest.mark.asvs("8.2.1")
def test_what_a_role_may_not_is_not_there_by_body_and_header_and_changes_nothing(
    desk: Divided, enter: Callable[[str], Client], database: Database
) -> None:
    roles = {"ann": "agent", "lea": "lead", "mia": "manager", "ada": "auditor", "nil": "limited"}
    clients = {name: enter(name) for name in roles}
    before = digest(database)
    for name, role in roles.items():
        refused = not_for(RIGHTS[role])
        assert refused
        assert denied(clients[name], refused) == [], role
    assert digest(database) == before


@pytest.mark.long("asks every route of a ticket")
@pytest.mark.promise("P27", "A28", "A29")
@pytest.mark.asvs("8.2.2")
def test_a_ticket_of_another_queue_is_not_there_on_any_route(
    desk: Divided, enter: Callable[[str], Client], database: Database
) -> None:
    of_tickets = [name for name in ALL if "number" in routes.parts(ALL[name])]
    assert len(of_tickets) > 20
    near, lost = enter("nora"), enter("otto")
    before = digest(database)
    assert denied(near, of_tickets, number="2") == []
    assert denied(near, of_tickets, number="999") == []
    assert denied(lost, of_tickets, number="1") == []
    assert digest(database) == before
    # The own one is there: the rights are not what was missing.
    seen = [name for name in of_tickets if name in SEEN and name not in API]
    for name in seen:
        where = f"/t/acme/{address(ALL[name])}{query(name)}"
        assert near.get(where).status_code == (200 if right_of(ALL[name]) in WORK else 404), name


@pytest.mark.long("asks every route of another tenant")
@pytest.mark.promise("P26", "P27", "A29")
@pytest.mark.asvs("8.4.1")
def test_the_administrator_of_another_tenant_is_nobody_here(
    desk: Divided, database: Database
) -> None:
    there = divided(database, "bolt")
    dora = there.made.people["dora"]
    passwords.give(person=dora, password=PASSWORD, by=there.made.operator)
    thief = Pages(there.made, "bolt").client("dora")
    session = thief.cookies["tocsin_session"].value
    stranger = Pages(desk.made, "acme").anybody()
    stranger.cookies["tocsin_session"] = session
    before = digest(database)
    for name, form in FORMS.items():
        if name not in PUBLIC:
            answer = stranger.post(f"/t/acme/{address(ALL[name])}", form)
            assert answer.status_code in (401, 404), name
    for name in SEEN:
        answer = stranger.get(f"/t/acme/{address(ALL[name])}{query(name)}")
        assert answer.status_code == (401 if name in API else 302), name
    assert digest(database) == before
    # At home the numbers of the others are those of nothing.
    assert same(thief.get("/t/bolt/tickets/1/"), thief.get("/t/bolt/tickets/999/"))


@pytest.mark.long("measures answers")
@pytest.mark.promise("P27", "A28")
def test_what_is_not_for_one_takes_as_long_as_what_is_not_there(
    desk: Divided, enter: Callable[[str], Client]
) -> None:
    nora = enter("nora")

    def took(where: str) -> float:
        found = []
        for _ in range(9):
            begun = time.perf_counter()
            assert nora.get(where).status_code == 404
            found.append(time.perf_counter() - begun)
        return median(found)

    theirs, nothing = took("/t/acme/tickets/2/"), took("/t/acme/tickets/999/")
    assert 0.2 < theirs / nothing < 5


@pytest.mark.promise("P27", "P28", "A29", "A38")
@pytest.mark.asvs("8.2.1")
def test_a_customer_has_no_way_in_and_finds_what_a_stranger_finds(
    desk: Divided, database: Database
) -> None:
    made = desk.made
    email = "cleo@gruvan.example"
    # Routes have made the account: a contact of it, who has a ticket here.
    account = database.one("SELECT id FROM account WHERE tenant_id = %s", desk.tenant)
    contact = customers.add_contact(name="Cleo", email=email, account=account, by=made.operator)
    made.open(subject="mine", contact=contact, account=account)
    cleo = Pages(made, "acme").anybody()
    entry.look_again()
    sent = database.one("SELECT count(*) FROM one_time_link")
    assert cleo.post("/t/acme/sign-in/", {"login": email, "password": PASSWORD}).status_code == 422
    with override_settings(SMTP_URL="smtp://127.0.0.1:2525?from=desk@example.com"):
        assert cleo.post("/t/acme/forgotten/", {"login": email}).status_code == 200
        links.settled()
    assert database.one("SELECT count(*) FROM one_time_link") == sent
    stranger = Pages(made, "acme").anybody()
    for name in SEEN:
        where = f"/t/acme/{address(ALL[name])}{query(name)}"
        own, other = cleo.get(where), stranger.get(where)
        assert own.status_code == (401 if name in API else 302), name
        assert (own.status_code, own.content) == (other.status_code, other.content), name


@pytest.mark.promise("P27", "P28")
def test_a_new_route_that_declares_nothing_or_that_nobody_listed_is_noticed(
    desk: Divided, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgotten(_request: object) -> HttpResponse:
        return HttpResponse("everything")

    open_to_all = screens.public()(forgotten)
    resolver = get_resolver()
    before = list(resolver.url_patterns)
    monkeypatch.delitem(screens.ROUTES, f"{__name__}.{forgotten.__qualname__}")
    stranger = Pages(desk.made, "acme").anybody()
    for view, error in ((forgotten, KeyError), (open_to_all, AssertionError)):
        if view is open_to_all:
            monkeypatch.setitem(screens.ROUTES, f"{__name__}.{forgotten.__qualname__}", None)
        monkeypatch.setattr(resolver, "url_patterns", [*before, path("new/", view, name="new")])
        assert stranger.get("/t/acme/new/").content == b"everything"
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(test_routes, "ALL", {str(p.name): p for p in routes.patterns()})
            with pytest.raises(error):
                test_routes.test_every_route_declares_its_right()
    monkeypatch.setattr(resolver, "url_patterns", before)
    test_routes.test_every_route_declares_its_right()
