"""Tokens: what they let a program do, for how long, from where, and that nobody can read them."""

import dataclasses
import datetime as dt
import hashlib
from typing import Any

import pytest
from django.test import Client
from tests.desk import Database, at
from tests.web.conftest import Pages

from tocsin.actions import api_tokens
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries import api_tokens as queries
from tocsin.queries.access import Grant, NotFound, Right
from tocsin.queries.api_tokens import Scope

CLOCKS = "/t/acme/api/v1/tickets/1/clocks"
ME = "/t/acme/api/v1/me"
DAY = dt.timedelta(days=1)


def token_of(pages: Pages, name: str, *scopes: str, role: str = "agent", **given: Any) -> str:
    by = pages.made.person(name, role)
    return api_tokens.make(name="Test", scopes=scopes, by=by, **given).token


def asked(address: str, token: str, **given: Any) -> Any:
    client = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
    return client.get(address, **given)


@pytest.fixture
def ticket(pages: Pages) -> int:
    return pages.made.open()


@pytest.mark.promise("P33", "A44")
def test_a_token_lets_its_person_in_and_the_database_knows_its_hash_only(
    pages: Pages, ticket: int, database: Database
) -> None:
    token = token_of(pages, "ann", Scope.READ_TICKETS)
    assert asked(CLOCKS, token).status_code == 200
    assert asked(ME, token).json() == {
        "person": pages.made.people["ann"],
        "rights": ["be signed in", "read tickets"],
    }
    prefix, kept = database.rows("SELECT prefix, token_hash FROM api_token")[0]
    assert bytes(kept) == hashlib.sha256(token.encode()).digest()
    assert token.startswith(f"tcs_{prefix}_")
    assert len(token.removeprefix(f"tcs_{prefix}_")) == 43
    secret = token.removeprefix(f"tcs_{prefix}_")
    for table in ("api_token", "event", "event_content", "rate_limit"):
        told = database.one(f"SELECT string_agg(t::text, ' ') FROM {table} t")
        assert secret not in (told or "")


@pytest.mark.promise("P27", "A44")
@pytest.mark.asvs("8.2.1", "8.3.3")
def test_a_token_does_no_more_than_its_scopes_and_its_person(pages: Pages, ticket: int) -> None:
    note = "/t/acme/api/v1/tickets/1/notes"
    reads = token_of(pages, "ann", Scope.READ_TICKETS)
    writes = token_of(pages, "ann", Scope.WRITE_TICKETS)

    def post(token: str) -> Any:
        client = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
        return client.post(note, {"body": "Seen"}, content_type="application/json")

    missing = post(reads)
    assert missing.status_code == 404
    assert missing.json() == {"error": "there is no such thing here, or it is not for you"}
    assert post(writes).status_code == 201
    # What the person may no more, no token of theirs may.
    reports = token_of(pages, "lea", Scope.READ_REPORTS, role="lead")
    assert asked(CLOCKS, reports).status_code == 404
    with pytest.raises(Invalid, match="scopes"):
        token_of(pages, "ann", Scope.SCIM)
    with pytest.raises(Invalid, match="scopes"):
        token_of(pages, "ann", Scope.READ_REPORTS)


@pytest.mark.promise("P33", "A44")
def test_what_is_no_token_lets_nobody_in(pages: Pages, ticket: int) -> None:
    token = token_of(pages, "ann", Scope.READ_TICKETS)
    prefix = token[: len("tcs_") + 12]
    for wrong in (
        "",
        "x",
        token[:-1],
        token + "A",
        token.upper(),
        f"{prefix}_{'A' * 43}",
        f"tcs_{'a' * 12}_{token[-43:]}",
        "tcs_é_\udcff".encode("utf-8", "replace").decode(),
    ):
        answer = asked(CLOCKS, wrong.encode("ascii", "replace").decode())
        assert answer.status_code == 401, wrong
        assert answer.json() == {"error": "this token lets nobody in"}
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    # The session of a browser does not help a token that is none.
    browser = pages.client("ann")
    assert browser.get(CLOCKS).status_code == 200
    assert browser.get(CLOCKS, headers={"authorization": "Bearer x"}).status_code == 401
    basic = {"authorization": f"Basic {token}"}
    assert browser.get(CLOCKS, headers=basic).status_code == 401
    # In the address it is nothing.
    assert pages.anybody().get(f"{CLOCKS}?token={token}").status_code == 401


@pytest.mark.promise("P26", "A44")
@pytest.mark.asvs("8.4.1")
def test_a_token_is_worth_nothing_in_another_tenant(pages: Pages, ticket: int, other: Any) -> None:
    there = other()
    there.made.open()
    token = token_of(pages, "ann", Scope.READ_TICKETS)
    assert asked("/t/bolt/api/v1/tickets/1/clocks", token).status_code == 401


@pytest.mark.promise("P33", "A44")
def test_a_token_ends_by_time_by_hand_and_with_its_person(pages: Pages) -> None:
    made = pages.made
    ann, now = made.person("ann"), at("2026-03-02 09:00")
    short = api_tokens.make(name="A", scopes=[Scope.READ_TICKETS], days=1, by=ann, now=now)

    def lets_in(token: str, when: dt.datetime) -> bool:
        return api_tokens.bearer(made.tenant, token, address="", now=when) is not None

    assert short.expires_at == now + DAY
    assert lets_in(short.token, now + DAY - dt.timedelta(seconds=1))
    assert not lets_in(short.token, now + DAY)
    for days in (0, 366):
        with pytest.raises(Invalid, match="days"):
            api_tokens.make(name="A", scopes=[Scope.READ_TICKETS], days=days, by=ann)
    one = api_tokens.make(name="B", scopes=[Scope.READ_TICKETS], by=ann, now=now)
    assert one.expires_at == now + 90 * DAY
    # Another's is not there; administrators end anybody's.
    with pytest.raises(NotFound):
        api_tokens.revoke(token=one.id, by=made.person("lea", "lead"))
    assert lets_in(one.token, now)
    api_tokens.revoke(token=one.id, by=made.person("dora", "administrator"))
    assert not lets_in(one.token, now)


@pytest.mark.promise("P34", "A44")
def test_a_token_dies_with_its_person(pages: Pages, ticket: int, database: Database) -> None:
    token = token_of(pages, "ann", Scope.READ_TICKETS)
    database.rows("UPDATE person SET is_active = false WHERE id = %s", pages.made.people["ann"])
    assert asked(CLOCKS, token).status_code == 401


@pytest.mark.promise("A53")
def test_rules_of_networks_hold_for_tokens(pages: Pages, ticket: int, database: Database) -> None:
    token = token_of(pages, "ann", Scope.READ_TICKETS)
    database.rows(
        "INSERT INTO network_rule (tenant_id, holder, network, changed_at)"
        " VALUES (%s, 'agent', '10.1.0.0/16', now())",
        pages.made.tenant,
    )
    assert asked(CLOCKS, token, REMOTE_ADDR="10.1.2.3").status_code == 200
    assert asked(CLOCKS, token, REMOTE_ADDR="10.2.2.3").status_code == 401


@pytest.mark.promise("P33")
def test_use_is_noted_once_a_minute_and_changes_are_in_the_log(
    pages: Pages, database: Database
) -> None:
    made, now = pages.made, at("2026-03-02 09:00")
    ann = made.person("ann")
    one = api_tokens.make(name="Mine", scopes=[Scope.READ_TICKETS], by=ann, now=now)
    noted = []
    for seconds in (0, 30, 59, 61, 90):
        when = now + dt.timedelta(seconds=seconds)
        api_tokens.bearer(made.tenant, one.token, address="", now=when)
        noted.append((database.one("SELECT used_at FROM api_token") - now).seconds)
    assert noted == [0, 0, 0, 61, 61]
    api_tokens.revoke(token=one.id, by=ann, now=now)
    api_tokens.revoke(token=one.id, by=ann, now=now)
    log = database.rows(
        "SELECT payload::json ->> 'did' FROM event WHERE stream_kind = 'api token'"
        " ORDER BY stream_seq"
    )
    assert [row[0] for row in log] == ["made", "revoked"]


@pytest.mark.promise("P33")
@pytest.mark.asvs("2.4.1")
def test_who_asks_too_much_is_told_when_to_come_again(
    pages: Pages, ticket: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_tokens, "AT_ONCE", 3)
    monkeypatch.setattr(api_tokens, "EACH", dt.timedelta(minutes=1))
    token = token_of(pages, "ann", Scope.READ_TICKETS)
    found = [asked(CLOCKS, token) for _ in range(5)]
    assert [answer.status_code for answer in found] == [200, 200, 200, 429, 429]
    assert 1 <= int(found[3].headers["Retry-After"]) <= 61
    assert found[3].json() == {"error": "too many requests"}
    # Each token has its own bucket.
    assert asked(CLOCKS, token_of(pages, "ann", Scope.READ_TICKETS)).status_code == 200


@pytest.mark.asvs("15.3.1")
def test_lists_show_everything_but_the_token(pages: Pages) -> None:
    ann, lea = pages.made.person("ann"), pages.made.person("lea", "lead")
    first = api_tokens.make(name="First", scopes=[Scope.READ_TICKETS], by=ann)
    api_tokens.make(name="Second", scopes=[Scope.CALENDAR], by=lea)
    (mine,) = queries.mine(by=ann)
    assert (mine.id, mine.name, mine.scopes, mine.ended) == (
        first.id,
        "First",
        ("tickets:read",),
        False,
    )
    assert first.token not in repr(mine)
    dora = pages.made.person("dora", "administrator")
    assert [one.name for one in queries.everybodys(by=dora)] == ["Second", "First"]
    with pytest.raises(NotFound):
        queries.everybodys(by=lea)
    assert queries.mine(by=access.operator(pages.made.tenant)) == ()
    # Whoever sees some tickets only sees all their tokens.
    sees = Grant(frozenset({Right.READ_TICKETS}), frozenset({1}))
    narrow = dataclasses.replace(ann, grants=(sees, Grant(frozenset({Right.SIGNED_IN}))))
    assert [one.name for one in queries.mine(by=narrow)] == ["First"]


def test_a_person_has_so_many_and_no_more(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_tokens, "MOST_TOKENS", 2)
    token_of(pages, "ann", Scope.READ_TICKETS)
    token_of(pages, "ann", Scope.READ_TICKETS)
    with pytest.raises(access.NotAllowed, match="2 tokens"):
        token_of(pages, "ann", Scope.READ_TICKETS)


@pytest.mark.promise("A42")
@pytest.mark.asvs("3.5.1", "3.5.2")
def test_a_session_needs_the_token_of_a_form_and_a_bearer_does_not(
    pages: Pages, ticket: int
) -> None:
    note = "/t/acme/api/v1/tickets/1/notes"
    signed_in = pages.client("ann")
    strict = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    strict.cookies = signed_in.cookies
    answer = strict.post(note, {"body": "x"}, content_type="application/json")
    assert answer.status_code == 403
    assert answer.json() == {"error": "the token of the form is missing or wrong"}
    token = token_of(pages, "ann", Scope.WRITE_TICKETS)
    bearer = {"authorization": f"Bearer {token}"}
    answer = strict.post(note, {"body": "x"}, content_type="application/json", headers=bearer)
    assert answer.status_code == 201


WRONG: list[Any] = [
    ('{"body": "x", "tenant_id": 2}', 422, "tenant_id"),
    ('{"body": "x", "private_to": 1}', 422, "private_to"),
    ('{"body": "x", "private_to": "Nobody"}', 422, "team"),
    ('{"body": ""}', 422, "body"),
    ('{"body": "\\u0000"}', 422, "body"),
    ("{}", 422, "body"),
    ("[]", 422, ""),
    ("{", 400, None),
    ('{"body": "\\ud800"}', 400, None),
    ('{"body": "x", "body": "y"}', 400, None),
    ('{"body": NaN}', 400, None),
    ("[" * 100_000, 400, None),
    (f'{{"body": "{"x" * 300_000}"}}', 413, None),
]


@pytest.mark.promise("A26")
@pytest.mark.asvs("2.2.1", "2.2.2", "15.3.3", "15.3.5")
def test_what_cannot_be_taken_is_refused_with_its_field(pages: Pages, ticket: int) -> None:
    token = token_of(pages, "ann", Scope.WRITE_TICKETS)
    client = Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})
    note = "/t/acme/api/v1/tickets/1/notes"
    for sent, status, field in WRONG:
        answer = client.post(note, sent, content_type="application/json")
        assert answer.status_code == status, sent[:80]
        assert answer.json().get("field") == field
        # What is too long is not even looked at.
        otherwise = 413 if status == 413 else 415
        assert client.post(note, sent, content_type="text/plain").status_code == otherwise
