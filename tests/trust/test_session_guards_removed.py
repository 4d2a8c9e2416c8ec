"""Attacks on sessions, identities, tokens and the first run, each let in once its guard is gone."""

import dataclasses
import hmac
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from tests.desk import Database, company
from tests.web.conftest import PASSWORD, Pages, desk_of
from tests.web.test_first_run import WHOLE

from tocsin.actions import (
    api_tokens,
    first_run,
    identity_providers,
    leaving,
    people,
    placing,
    provisioning,
    sessions,
)
from tocsin.actions.identity_providers import Typed
from tocsin.actions.provisioning import Claimed
from tocsin.queries import readers, stream
from tocsin.queries.access import Actor, NotAllowed
from tocsin.queries.api_tokens import Scope
from tocsin.records import rows
from tocsin.records.people import Person
from tocsin.web import entry

SIGN_IN, HUB = "/t/acme/sign-in/", "/t/acme/hub/"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Have nothing be known of sessions of another test."""
    entry.look_again()
    yield
    entry.look_again()


def is_in(client: Client) -> bool:
    entry.look_again()
    return client.get(HUB).status_code == 200


def key_of(client: Client) -> str:
    return str(client.cookies["tocsin_session"].value)


def watches(database: Database, pages: Pages, client: Client) -> bool:
    """Say whether the live process would go on to tell this browser anything."""
    database.play("live")
    found = stream.watchers([(pages.made.tenant, key_of(client))])
    database.play("app")
    return found[0] is not None


# ---------------------------------------------------------- sessions that survive what ends them


@pytest.mark.promise("A40", "P34")
def test_without_a_new_key_whoever_planted_the_session_is_signed_in_with_it(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def planted() -> bool:
        thief = pages.anybody()
        # A session of their own, before anybody has signed in.
        thief.post("/t/acme/sign-in/passkey/question/")
        victim = pages.anybody()
        victim.cookies["tocsin_session"] = key_of(thief)
        victim.post(SIGN_IN, {"login": "ann@acme.example", "password": PASSWORD})
        assert is_in(victim)
        return is_in(thief)

    assert not planted()
    monkeypatch.setattr(SessionStore, "cycle_key", lambda _self: None)
    assert planted()


@pytest.mark.promise("A40", "P34")
def test_without_a_look_at_the_password_a_session_outlives_it(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = pages.client("ann")
    # In the table alone: the product itself ends the rows of sessions as well.
    database.rows(
        "UPDATE person SET password = %s WHERE id = %s",
        make_password("another long word"),
        pages.made.people["ann"],
    )
    assert not is_in(client)
    assert not watches(database, pages, client)
    monkeypatch.setattr(entry, "constant_time_compare", lambda *_given: True)
    assert is_in(client)
    # The streams have a guard of their own, which still holds.
    assert not watches(database, pages, client)
    without(database, r"= w\.hash", "IS NOT NULL")
    assert watches(database, pages, client)


def without(database: Database, part: str, instead: str) -> None:
    """Take a guard out of the door that the streams ask."""
    [[door]] = database.rows(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'live_people'"
    )
    changed, count = re.subn(part, instead, door)
    assert count == 1
    database.rows(changed.replace("%", "%%"))


class Everybody:
    """People, those who have left among them."""

    def filter(self, **given: Any) -> Any:
        given.pop("is_active", None)
        return Person.objects.filter(**given)


@pytest.mark.promise("A40", "P34")
def test_who_has_left_is_out_by_their_sessions_end_and_by_having_left(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, by = pages.made.people["ann"], pages.made.operator
    everybody = SimpleNamespace(objects=Everybody())

    def stays() -> tuple[bool, bool]:
        """Return whether their pages and their streams go on."""
        people.reactivate(person=ann, by=by)
        client = pages.client("ann")
        people.deactivate(person=ann, by=by)
        return is_in(client), watches(database, pages, client)

    assert stays() == (False, False)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sessions, "end_of", lambda *_given, **_more: 0)
        assert stays() == (False, False)
    monkeypatch.setattr(readers, "Person", everybody)
    assert stays() == (False, False)
    monkeypatch.setattr(sessions, "end_of", lambda *_given, **_more: 0)
    assert stays() == (True, False)
    without(database, r"AND v\.is_active ", "")
    assert stays() == (True, True)


# ------------------------------------------------------------ two providers that know one address


def provider(pages: Pages, key: str, **given: Any) -> None:
    typed = Typed(key.title(), f"https://{key}.example.com", "desk", "a secret", **given)
    id_ = identity_providers.add(key=key, typed=typed, by=pages.made.operator)
    identity_providers.switch(provider=id_, on=True, by=pages.made.operator)


def taken_for(pages: Pages, key: str, claimed: Claimed) -> int | None:
    """Return the person that a provider lets in as, None for nobody."""
    try:
        return provisioning.signed_in(pages.made.tenant, key, claimed)
    except NotAllowed:
        return None


ANN = Claimed("subject of ann", "ann@acme.example", "Ann", verified=True)


@pytest.mark.promise("A43")
def test_without_the_rule_of_one_identity_a_second_provider_takes_somebody_over(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = pages.made.people["ann"]
    provider(pages, "ours", by_email=True)
    provider(pages, "theirs", by_email=True)
    assert taken_for(pages, "ours", ANN) == ann
    thief = dataclasses.replace(ANN, subject="subject of a thief")
    assert taken_for(pages, "theirs", thief) is None
    # Nor does the same provider know the address under another name.
    assert taken_for(pages, "ours", thief) is None

    def query(statement: str, given: Any) -> Any:
        if "p.email_key" in statement:
            statement, _, _ = statement.partition(" AND NOT EXISTS")
        return rows.query(statement, given)

    more_than_one = {**vars(rows), "query": query}
    monkeypatch.setattr(provisioning, "rows", SimpleNamespace(**more_than_one))
    assert taken_for(pages, "theirs", thief) == ann


@pytest.mark.promise("A43")
def test_an_address_counts_if_it_was_checked_and_the_desk_allows_it_each_for_itself(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider(pages, "strict", by_email=False)
    provider(pages, "open", by_email=True)
    unchecked = dataclasses.replace(ANN, verified=False)
    assert taken_for(pages, "strict", ANN) is None
    assert taken_for(pages, "open", unchecked) is None
    real = provisioning._by_address

    def believing(tenant: int, found: Any, claimed: Claimed, at: Any) -> int | None:
        return real(
            tenant, found._replace(by_email=True), dataclasses.replace(claimed, verified=True), at
        )

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(provisioning, "_by_address", believing)
        assert taken_for(pages, "open", unchecked) == pages.made.people["ann"]
    lea = dataclasses.replace(ANN, subject="of lea", email="lea@acme.example")
    assert taken_for(pages, "strict", lea) is None
    monkeypatch.setattr(provisioning, "_by_address", believing)
    assert taken_for(pages, "strict", lea) == pages.made.people["lea"]


@pytest.mark.promise("A43", "P26")
def test_a_subject_without_its_provider_is_anybodys(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider(pages, "ours", by_email=True)
    provider(pages, "theirs", by_email=False)

    def taken_over() -> bool:
        ann = taken_for(pages, "ours", ANN)
        assert ann == pages.made.people["ann"]
        # The other provider calls somebody of its own the same.
        return taken_for(pages, "theirs", dataclasses.replace(ANN, email="x@evil.example")) == ann

    assert not taken_over()
    monkeypatch.setattr(placing, "provider", lambda _tenant, _key: "any")
    lea = dataclasses.replace(ANN, email="lea@acme.example")
    assert taken_for(pages, "ours", lea) == pages.made.people["lea"]
    assert taken_for(pages, "theirs", lea) == pages.made.people["lea"]


# ----------------------------------------------------------------------------- tokens in clear


ME, NOTES = "/t/acme/api/v1/me", "/t/acme/api/v1/tickets/1/notes"


def make(pages: Pages, *scopes: Scope, name: str = "ann") -> str:
    by = pages.made.person(name)
    return api_tokens.make(name="Test", scopes=scopes or [Scope.READ_TICKETS], by=by).token


def program(token: str) -> Client:
    return Client(headers={"host": "localhost", "authorization": f"Bearer {token}"})


def lets_in(token: str) -> bool:
    return program(token).get(ME).status_code == 200


@pytest.mark.promise("A44", "P33")
def test_without_a_hash_whoever_reads_the_database_has_every_token(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stolen() -> str:
        kept = bytes(database.one("SELECT token_hash FROM api_token ORDER BY id DESC LIMIT 1"))
        return kept.decode("ascii") if kept.isascii() else kept.hex()

    make(pages)
    prefix = database.one("SELECT prefix FROM api_token")
    for guess in (stolen(), f"tcs_{prefix}_{stolen()[:43]}"):
        assert not lets_in(guess)
    monkeypatch.setattr(api_tokens, "_digest", lambda token: token.encode())
    make(pages)
    assert lets_in(stolen())


@pytest.mark.promise("A44", "P33")
def test_the_secret_decides_and_is_compared_whether_there_is_a_token_or_not(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = make(pages)
    prefix = token[: len("tcs_") + 12]
    wrong = (f"{prefix}_{'A' * 43}", f"tcs_{'a' * 12}_{'A' * 43}", "no token at all")
    compared: list[tuple[int, int]] = []

    def counted(kept: bytes, given: bytes) -> bool:
        compared.append((len(kept), len(given)))
        return hmac.compare_digest(kept, given)

    monkeypatch.setattr(api_tokens, "hmac", SimpleNamespace(compare_digest=counted))
    assert [lets_in(one) for one in wrong] == [False, False, False]
    # The same work for each: two hashes, from the first byte to the last.
    assert compared == [(32, 32)] * 3
    # The database was asked for the prefix and for nothing that is secret.
    monkeypatch.setattr(
        api_tokens, "hmac", SimpleNamespace(compare_digest=lambda kept, given: True)
    )
    assert [lets_in(one) for one in wrong] == [True, False, False]


@pytest.mark.promise("A44", "P27")
def test_without_its_scopes_a_token_does_all_that_its_person_may(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.made.open()
    reads = program(make(pages, Scope.READ_TICKETS))

    def note() -> int:
        return reads.post(NOTES, {"body": "x"}, content_type="application/json").status_code

    assert note() == 404
    monkeypatch.setattr(Actor, "only", lambda self, _rights: self)
    assert note() == 201


@pytest.mark.promise("A44", "P26")
def test_without_the_tenant_in_it_a_token_is_good_everywhere(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk_of(company("bolt"), "bolt")
    token = make(pages)
    there = "/t/bolt/api/v1/me"
    assert program(token).get(there).status_code == 401
    real = api_tokens._known
    monkeypatch.setattr(
        api_tokens, "_known", lambda _tenant, token, now: real(pages.made.tenant, token, now)
    )
    # Whose it is, is looked for in the tenant too: the second wall.
    assert program(token).get(there).status_code == 401
    monkeypatch.setattr(
        api_tokens,
        "readers",
        SimpleNamespace(reader=lambda _tenant, id_: readers.reader(pages.made.tenant, id_)),
    )
    assert program(token).get(there).status_code == 200


@pytest.mark.promise("A44", "A40", "P34")
def test_the_token_of_who_has_left_is_revoked_and_is_nobodys_each_for_itself(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, by = pages.made.people["ann"], pages.made.operator

    def outlives() -> bool:
        people.reactivate(person=ann, by=by)
        token = make(pages)
        people.deactivate(person=ann, by=by)
        return lets_in(token)

    real = rows.query

    def query(statement: str, given: Any) -> Any:
        return [] if "UPDATE api_token" in statement else real(statement, given)

    forgetful = SimpleNamespace(**{**vars(rows), "query": query})
    assert not outlives()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(leaving, "rows", forgetful)
        assert not outlives()
    monkeypatch.setattr(readers, "Person", SimpleNamespace(objects=Everybody()))
    assert not outlives()
    monkeypatch.setattr(leaving, "rows", forgetful)
    assert outlives()


@pytest.mark.promise("A44")
@pytest.mark.parametrize(
    ("part", "ended"),
    [
        (" AND revoked_at IS NULL", "revoked_at = now()"),
        (
            " AND expires_at > coalesce(%s, clock_timestamp())",
            "made_at = now() - interval '2 days', expires_at = now() - interval '1 day'",
        ),
    ],
)
def test_without_its_end_a_token_goes_on(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch, part: str, ended: str
) -> None:
    token = make(pages)
    assert lets_in(token)
    database.rows(f"UPDATE api_token SET {ended}")
    assert not lets_in(token)
    real = rows.query

    def query(statement: str, given: Any) -> Any:
        if part in statement and "token_hash FROM" in statement:
            statement, given = statement.replace(part, ""), given[: 3 - part.count("%s")]
        return real(statement, given)

    monkeypatch.setattr(api_tokens, "rows", SimpleNamespace(**{**vars(rows), "query": query}))
    assert lets_in(token)


# ---------------------------------------------------------------- an installer that stays open


@pytest.mark.promise("A45")
def test_without_its_guards_the_first_run_goes_by_any_code_and_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(first_run.CODE_HASH, "")
    code = first_run.new_code()
    thief = Client(headers={"host": "localhost"})

    def tried(key: str, code: str) -> int:
        return thief.post("/first-run/", {**WHOLE, "key": key, "code": code}).status_code

    # Nobody is there by default, and nobody gets in without the code.
    assert database.one("SELECT count(*) FROM person") == 0
    assert tried("global", "0" * 32) == 422
    assert database.one("SELECT count(*) FROM tenant") == 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            first_run,
            "secrets",
            SimpleNamespace(compare_digest=lambda *_given: True),
        )
        assert tried("global", "0" * 32) == 302
    # From now on it is closed, also for whoever has read the code in the log.
    assert tried("second", code) == 404
    assert thief.get("/first-run/").status_code == 404
    monkeypatch.setattr(first_run, "is_open", lambda: True)
    assert tried("second", code) == 302
    assert database.rows("SELECT role FROM person") == [("administrator",)] * 2


@pytest.mark.promise("A45", "A39")
def test_without_its_count_the_code_of_the_first_run_can_be_guessed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(first_run.CODE_HASH, "")
    code = first_run.new_code()
    thief = Client(headers={"host": "localhost"})
    for _ in range(6):
        assert thief.post("/first-run/", {**WHOLE, "code": "x"}).status_code == 422
    # By now it has found the right one, too late.
    assert thief.post("/first-run/", {**WHOLE, "code": code}).status_code == 422
    monkeypatch.setattr(first_run, "limits", SimpleNamespace(take=lambda *_given, **_more: None))
    assert thief.post("/first-run/", {**WHOLE, "code": code}).status_code == 302


@pytest.mark.promise("A45")
def test_the_last_administrator_stays_one_because_somebody_looks(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = pages.made.people["dora"]

    def demoted() -> bool:
        try:
            people.edit(person=dora, role="agent", by=pages.made.operator)
        except NotAllowed:
            return False
        return True

    assert not demoted()
    monkeypatch.setattr(people, "_check_administrators", lambda *_given: None)
    assert demoted()
