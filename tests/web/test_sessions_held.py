"""Changed rules hold for sessions that run; what a page asks by itself is no use of one."""

import datetime as dt
from collections.abc import Iterator

import pytest
from tests.desk import Company, Database
from tests.web.conftest import PASSWORD, Pages
from tests.web.test_sessions import HUB, key_of, watches

from tocsin.actions import ledger, people, placing, security, sign_ins
from tocsin.actions.placing import Place
from tocsin.queries.access import Actor
from tocsin.queries.security import Rules
from tocsin.web import entry

MINUTE = dt.timedelta(minutes=1)
AUTOMATIC = {"X-Automatic": "1"}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Have nothing be known of sessions of another test."""
    entry.look_again()
    yield
    entry.look_again()


def seen_at(database: Database) -> dt.datetime:
    found: dt.datetime = database.one("SELECT seen_at FROM sign_in")
    return found


def expires_at(database: Database, key: str) -> dt.datetime:
    asked = "SELECT expire_date FROM django_session WHERE session_key = %s"
    found: dt.datetime = database.one(asked, key)
    return found


def with_app(database: Database, person: int) -> None:
    """Have somebody have a second factor."""
    database.rows(
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
        " VALUES (%s, 'totp', '{}', now())",
        person,
    )


def needing(*roles: str, **more: int) -> Rules:
    return Rules(second_factor=frozenset(roles), **more)  # type: ignore[arg-type]  # all are numbers


# ------------------------------------------------------------------------------- a second factor


@pytest.mark.promise("P34", "A40")
def test_a_role_that_comes_to_need_a_second_factor_needs_it_at_once(
    pages: Pages, database: Database
) -> None:
    ann, lea = pages.client("ann"), pages.client("lea")
    made = pages.made
    safe = pages.client("mia")
    with_app(database, made.people["mia"])
    for client in (ann, lea, safe):
        assert client.get(HUB).status_code == 200
    people.edit(person=made.people["mia"], role="agent", by=made.operator)
    security.set_rules(rules=needing("agent"), by=made.operator)
    # Nothing was asked of the database since: no process goes on by what it knew.
    assert ann.get(HUB).status_code == 302
    assert not watches(database, pages, key_of(ann))
    # Who has a factor goes on, and so does who needs none.
    assert safe.get(HUB).status_code == lea.get(HUB).status_code == 200
    assert watches(database, pages, key_of(safe))
    form = {"login": "ann@acme.example", "password": PASSWORD}
    again = ann.post("/t/acme/sign-in/", form)
    assert again.headers["Location"] == "/t/acme/sign-in/set-up/"
    ended = "SELECT payload FROM event WHERE stream_kind = 'sign-in' AND payload LIKE '%%ended%%'"
    assert len(database.rows(ended)) == 1


@pytest.mark.promise("P34", "A40")
def test_whoever_gets_a_role_that_needs_a_second_factor_sets_one_up_first(
    pages: Pages, database: Database
) -> None:
    made = pages.made
    security.set_rules(rules=needing("administrator"), by=made.operator)
    ann, mia = pages.client("ann"), pages.client("mia")
    people.edit(person=made.people["ann"], level=2, by=made.operator)
    assert ann.get(HUB).status_code == 200
    people.edit(person=made.people["ann"], role="administrator", by=made.operator)
    assert ann.get(HUB).status_code == 302
    # By way of a directory or an identity provider it is the same.
    assert mia.get(HUB).status_code == 200
    from_elsewhere(made, made.people["mia"], "administrator")
    assert mia.get(HUB).status_code == 302
    assert not watches(database, pages, key_of(mia))


def from_elsewhere(made: Company, person: int, role: str) -> None:
    by: Actor = made.operator
    with ledger.configuring(made.tenant) as (_, at):
        placing.put(person, Place(role, None, None), "directory", by, at)


@pytest.mark.promise("P34")
def test_what_was_overlooked_is_found_with_the_next_look(pages: Pages, database: Database) -> None:
    client = pages.client("ann")
    tenant, key = pages.made.tenant, key_of(client)
    database.rows(
        "INSERT INTO security (tenant_id, second_factor, changed_at)"
        " VALUES (%s, '[\"agent\"]', now())",
        tenant,
    )
    assert not sign_ins.goes_on(tenant, key)
    assert database.one("SELECT ended_by FROM sign_in") == "second factor"
    assert client.get(HUB).status_code == 302


# -------------------------------------------------------------------------------- hours and minutes


@pytest.mark.promise("P34")
def test_a_shorter_time_holds_for_sessions_that_run_and_for_their_streams(
    pages: Pages, database: Database
) -> None:
    old, new = pages.client("ann"), pages.client("lea")
    assert old.get(HUB).status_code == new.get(HUB).status_code == 200
    an_hour_ago = database.one("SELECT clock_timestamp() - interval '61 minutes'")
    database.rows(
        "UPDATE sign_in SET begun_at = %s WHERE session_key = %s", an_hour_ago, key_of(old)
    )
    security.set_rules(rules=Rules(session_hours=1), by=pages.made.operator)
    assert not watches(database, pages, key_of(old))
    assert old.get(HUB).status_code == 302
    assert watches(database, pages, key_of(new))
    assert new.get(HUB).status_code == 200
    database.rows(
        "UPDATE sign_in SET seen_at = seen_at - interval '11 minutes' WHERE session_key = %s",
        key_of(new),
    )
    security.set_rules(rules=Rules(session_hours=1, idle_minutes=10), by=pages.made.operator)
    assert not watches(database, pages, key_of(new))
    assert new.get(HUB).status_code == 302


@pytest.mark.promise("P34")
def test_a_desk_may_have_sessions_last_longer_than_half_a_day(
    pages: Pages, database: Database
) -> None:
    security.set_rules(rules=Rules(session_hours=48, idle_minutes=1440), by=pages.made.operator)
    client = pages.client("ann")
    assert int(client.cookies["tocsin_session"]["max-age"]) >= 48 * 3600
    tenant, key = pages.made.tenant, key_of(client)
    begun = seen_at(database)
    for hours in (20, 40):
        assert sign_ins.goes_on(tenant, key, now=begun + dt.timedelta(hours=hours))
    assert not sign_ins.goes_on(tenant, key, now=begun + dt.timedelta(hours=48))


@pytest.mark.promise("P34")
def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(
    pages: Pages, database: Database
) -> None:
    client = pages.client("ann")
    tenant, key = pages.made.tenant, key_of(client)
    begun = seen_at(database)
    for minutes in range(10, 120, 10):
        assert sign_ins.goes_on(tenant, key, used=False, now=begun + minutes * MINUTE)
    assert seen_at(database) == begun
    # Nor does it keep its stream.
    assert expires_at(database, key) == begun + 120 * MINUTE
    assert not sign_ins.goes_on(tenant, key, used=False, now=begun + 120 * MINUTE)
    assert client.get(HUB).status_code == 302


@pytest.mark.promise("P34")
def test_pages_say_what_they_ask_by_themselves(pages: Pages, database: Database) -> None:
    client = pages.client("ann")
    earlier = "UPDATE sign_in SET seen_at = clock_timestamp() - interval '30 minutes'"
    database.rows(earlier)
    before = seen_at(database)
    lines = f"{pages.prefix}/lines/"
    assert client.get(HUB, headers=AUTOMATIC).status_code == 200
    assert client.get(lines, headers={**AUTOMATIC, "Accept": "application/json"}).status_code == 200
    # A page that was loaded again because too much had happened says it by a cookie.
    client.cookies[entry.AUTOMATIC_COOKIE] = "1"
    assert client.get(HUB).status_code == 200
    assert seen_at(database) == before
    del client.cookies[entry.AUTOMATIC_COOKIE]
    # A click is noted, though the page has just asked something.
    assert client.get(HUB).status_code == 200
    assert seen_at(database) > before + 29 * MINUTE


@pytest.mark.promise("P34")
def test_what_django_keeps_of_a_session_ends_by_the_rules(pages: Pages, database: Database) -> None:
    client = pages.client("ann")
    key = key_of(client)
    begun = seen_at(database)
    # Nothing was asked since, and its stream would last no longer than it.
    assert expires_at(database, key) == begun + 120 * MINUTE
    kept = client.post(f"{pages.prefix}/my-security/factors/passkey/new/")
    assert kept.status_code == 200
    assert expires_at(database, key) <= seen_at(database) + 120 * MINUTE
    # Of somebody who is not signed in it goes within an hour.
    stranger = pages.anybody()
    stranger.post(f"{pages.prefix}/sign-in/passkey/question/")
    left = expires_at(database, key_of(stranger)) - database.one("SELECT clock_timestamp()")
    assert dt.timedelta(minutes=58) < left <= dt.timedelta(hours=1)
    # And what is over is deleted.
    database.rows("UPDATE django_session SET expire_date = now() - interval '1 minute'")
    database.rows("DELETE FROM rate_limit")
    pages.client("lea")
    assert database.one("SELECT count(*) FROM django_session") == 1
