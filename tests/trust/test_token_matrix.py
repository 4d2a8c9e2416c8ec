"""Every route of programs by every token: what its scopes and its person allow, and no more."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from django.test import Client
from tests.desk import Database
from tests.trust.ground import WORK, Divided, divided
from tests.web import routes
from tests.web.routes import ALL, FORMS, PUBLIC, SEEN, address, digest, query, right_of

from tocsin.actions import people
from tocsin.queries.access import Right
from tocsin.queries.api_tokens import OF_CALENDARS, Scope, rights_of

NEAR, FAR = "Service desk", "Second line"
API = sorted(routes.API)
SCIM = sorted(name for name in ALL if str(ALL[name].pattern).startswith("scim/"))
# A token without scopes, with each of them, with two, and with all that open the interface.
SCOPES: tuple[frozenset[Scope], ...] = (
    frozenset(),
    *(frozenset({scope}) for scope in Scope),
    frozenset({Scope.READ_TICKETS, Scope.READ_REPORTS}),
    frozenset(Scope) - OF_CALENDARS,
)
OWNERS = ("ann", "lea", "mia", "ada", "dora", "nora", "otto", "nil")
# Whoever sees the first ticket; the others among them see none, whatever they may.
SEES_FIRST = frozenset({"ann", "lea", "mia", "ada", "dora", "nora"})


@pytest.fixture
def desk(database: Database) -> Divided:
    """A desk with a ticket of each queue, and an owner of tokens of every kind."""
    found = divided(database)
    made = found.made
    made.open(subject="nectar", team=NEAR)
    made.open(subject="vinegar", team=FAR)
    routes.prepare(made)
    found.limited("nora", teams=[NEAR])
    found.limited("otto", rights=WORK, reach="own")
    for name, role in (("ada", "auditor"), ("nil", "limited")):
        made.people[name] = people.add_person(
            name=name.title(), email=f"{name}@acme.example", role=role, by=made.operator
        )
    return found


def token(desk: Divided, owner: str, scopes: Iterable[Scope], *, days: int = 1) -> str:
    """Write a token into the database, such as no page would make among them."""
    prefix = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(12))
    made = f"tcs_{prefix}_{secrets.token_urlsafe(32)}"
    person = desk.made.people[owner]
    desk.database.rows(
        "INSERT INTO api_token (tenant_id, person_id, made_by_id, name, prefix, token_hash,"
        " scopes, made_at, expires_at) VALUES (%s, %s, %s, 'X', %s, %s, %s,"
        " now() - interval '9 days', now() + %s * interval '1 day')",
        desk.tenant,
        person,
        person,
        prefix,
        hashlib.sha256(made.encode()).digest(),
        json.dumps(sorted(scope.value for scope in scopes)),
        days,
    )
    return made


def program(given: str) -> Client:
    return Client(headers={"host": "localhost", "authorization": f"Bearer {given}"})


def parts(desk: Divided, name: str) -> Mapping[str, str]:
    """Return what stands for the parts of a route, so that there is such a thing."""
    things = {
        "scim_user": str(desk.made.people["ann"]),
        "scim_group": str(desk.teams[NEAR]),
        "scim_kind": "User",
        "scim_schema": "urn:ietf:params:scim:schemas:core:2.0:User",
    }
    return {"resource": things[name]} if name in things else {}


def ask(client: Client, name: str, desk_key: str = "acme", **other: str) -> Any:
    where = f"/t/{desk_key}/{address(ALL[name], **other)}{query(name)}"
    if name in FORMS:
        return client.post(where, FORMS[name], content_type="application/json")
    return client.get(where)


def may(name: str, owner: str, scopes: frozenset[Scope], held: frozenset[Right]) -> bool:
    """Say whether a token of those scopes opens a route, by what is declared."""
    if name in SCIM:
        return Scope.SCIM in scopes and Right.ADMINISTER in held
    seen = owner in SEES_FIRST or "number" not in routes.parts(ALL[name])
    return seen and right_of(ALL[name]) in rights_of(scopes) & held


def sums(database: Database) -> dict[str, Any]:
    """Return a sum of each table but that of tokens, which says when each was used last."""
    return {name: own for name, own in digest(database).items() if name != "api_token"}


@pytest.mark.long("asks every route of programs by eighty tokens")
@pytest.mark.promise("P27", "P28", "A29", "A44")
@pytest.mark.asvs("8.2.1")
def test_a_token_opens_what_its_scopes_and_its_person_allow_and_finds_nothing_else(
    desk: Divided, database: Database
) -> None:
    rights = {name: desk.actor(name).rights for name in OWNERS}
    tokens = {(o, scopes): program(token(desk, o, scopes)) for o in OWNERS for scopes in SCOPES}
    nothing = {
        False: ask(tokens["dora", SCOPES[-1]], "api_clocks", number="999"),
        True: ask(tokens["dora", SCOPES[-1]], "scim_user", resource="999999"),
    }
    assert [one.status_code for one in nothing.values()] == [404, 404]
    before, opened, wrong = sums(database), [], []
    for (owner, scopes), client in tokens.items():
        for name in (*API, *SCIM):
            if may(name, owner, scopes, rights[owner]) and not scopes & OF_CALENDARS:
                opened.append((client, name, owner, scopes))
                continue
            answer = ask(client, name, **parts(desk, name))
            missing = nothing[name in SCIM]
            expected = (401,) if scopes & OF_CALENDARS else (404,)
            good = answer.status_code in expected and (
                answer.status_code == 401 or answer.content == missing.content
            )
            if not good:
                wrong.append((owner, sorted(scopes), name, answer.status_code))
    assert wrong == []
    assert sums(database) == before
    for client, name, owner, scopes in opened:
        answer = ask(client, name, **parts(desk, name))
        if not 200 <= answer.status_code < 300:
            wrong.append((owner, sorted(scopes), name, answer.status_code))
    assert wrong == []
    # Each route was opened by somebody, and each owner who may do anything opened one.
    assert {name for _, name, _, _ in opened} == {*API, *SCIM}
    assert {owner for _, _, owner, _ in opened} == set(OWNERS)


@pytest.mark.promise("P27", "A28", "A29")
@pytest.mark.asvs("8.2.2")
def test_a_token_of_another_queue_finds_a_ticket_no_more_than_its_person(
    desk: Divided, database: Database
) -> None:
    client = program(token(desk, "nora", frozenset(Scope) - OF_CALENDARS))
    before = sums(database)
    for name in ("api_clocks", "api_note"):
        theirs, nothing = (ask(client, name, number=number) for number in ("2", "999"))
        assert theirs.status_code == 404
        assert theirs.content == nothing.content
    assert sums(database) == before
    assert ask(client, "api_clocks", number="1").status_code == 200


@pytest.mark.promise("P26", "P27", "P34", "A44")
def test_what_is_no_token_any_more_or_not_here_is_nobody_on_every_route(
    desk: Divided, database: Database
) -> None:
    every = frozenset(Scope) - OF_CALENDARS
    bolt = divided(database, "bolt")
    revoked, left = token(desk, "dora", every), token(desk, "mia", every)
    by_prefix = revoked.split("_")[1]
    database.rows("UPDATE api_token SET revoked_at = now() WHERE prefix = %s", by_prefix)
    database.rows("UPDATE person SET is_active = false WHERE id = %s", desk.made.people["mia"])
    worthless = {
        "revoked": revoked,
        "of who has left": left,
        "expired": token(desk, "dora", every, days=-1),
        "of another desk": token(bolt, "dora", every),
        "one letter off": token(desk, "dora", every)[:-1] + "!",
        "of a calendar": token(desk, "dora", [Scope.CALENDAR_NAMES]),
        "no token": "x",
    }
    before, answers = sums(database), set()
    for kind, given in worthless.items():
        client = program(given)
        for name in (*API, *SCIM):
            answer = ask(client, name, **parts(desk, name))
            assert answer.status_code == 401, (kind, name)
            answers.add((name in SCIM, answer.content, answer.headers["WWW-Authenticate"]))
    # Why it is worth nothing, nobody is told.
    assert len(answers) == 2
    assert sums(database) == before
    assert ask(program(worthless["of another desk"]), "api_me", "bolt").status_code == 200


@pytest.mark.long("asks every page twice")
@pytest.mark.promise("P27", "A44")
def test_no_page_takes_a_token_whatever_it_is_good_for(desk: Divided, database: Database) -> None:
    holder = program(token(desk, "dora", frozenset(Scope) - OF_CALENDARS))
    nobody = Client(headers={"host": "localhost"})
    before = sums(database)
    for name in sorted(ALL):
        if name in PUBLIC or name in API:
            continue
        where = f"/t/acme/{address(ALL[name])}{query(name)}"
        if name in SEEN:
            with_it, without = holder.get(where), nobody.get(where)
        else:
            with_it, without = (one.post(where, FORMS[name]) for one in (holder, nobody))
        assert with_it.status_code == without.status_code, name
        assert with_it.status_code in (302, 401), name
        assert with_it.content == without.content, name
    assert sums(database) == before
