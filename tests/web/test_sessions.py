"""Sessions: kept, listed, ended; bound to a time, a network, a key that changes; graver things."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings
from tests.desk import Database, at
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import passwords, sign_ins
from tocsin.kit.invalid import Invalid
from tocsin.queries import sign_ins as known
from tocsin.queries import stream
from tocsin.web import entry, proving

pytestmark = pytest.mark.long("signs in again and again")

HUB = "/t/acme/hub/"
NEW = "another long word, not known"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Have nothing be known of sessions of another test."""
    entry.look_again()
    yield
    entry.look_again()


def key_of(client: Client) -> str:
    return str(client.cookies["tocsin_session"].value)


def watches(database: Database, pages: Pages, key: str) -> bool:
    """Say whether the live process would go on to tell the browser of this session anything."""
    database.play("live")
    found = stream.watchers([(pages.made.tenant, key)])
    database.play("app")
    return found[0] is not None


def stale(client: Client) -> None:
    """Have the last proof be too old."""
    session = client.session
    session[proving.PROVED_AT] = session[proving.PROVED_AT] - 601
    session.save()


@pytest.mark.promise("P34", "A40")
def test_a_session_is_listed_with_where_it_is_from_and_by_what_means(
    pages: Pages, database: Database
) -> None:
    client = pages.anybody()
    form = {"login": "ann@acme.example", "password": PASSWORD}
    agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0 \x00<marquee>"
    client.post("/t/acme/sign-in/", form, headers={"User-Agent": agent}, REMOTE_ADDR="192.0.2.7")
    page = client.get("/t/acme/my-security/").content.decode()
    assert "Firefox on Linux" in page
    assert "192.0.2.7" in page
    assert "<marquee>" not in page
    ann = pages.made.person("ann")
    [found] = known.mine(session=key_of(client), by=ann)
    assert (found.means, found.address, found.here) == ("password", "192.0.2.7", True)
    facts = database.rows("SELECT payload FROM event WHERE stream_kind = 'sign-in'")
    assert '"did":"signed in"' in facts[0][0]
    # Where from is personal: it can be erased, so it is no part of the fact.
    assert "192.0.2.7" not in facts[0][0]
    assert key_of(client) not in str(facts)


@pytest.mark.promise("P34", "A40")
@pytest.mark.asvs("7.2.1")
def test_ending_a_session_ends_its_stream_and_no_other(pages: Pages, database: Database) -> None:
    first, second = pages.client("ann"), pages.client("ann")
    lea = pages.client("lea")
    assert watches(database, pages, key_of(first))
    page = second.get("/t/acme/my-security/").content.decode()
    other = next(
        one.id
        for one in known.mine(session=key_of(second), by=pages.made.person("ann"))
        if not one.here
    )
    assert f"/my-security/sessions/{other}/" in page
    # Nobody ends what is not theirs.
    assert lea.post(f"/t/acme/my-security/sessions/{other}/").status_code == 404
    assert first.get(HUB).status_code == 200
    assert second.post(f"/t/acme/my-security/sessions/{other}/").status_code == 302
    assert first.get(HUB).status_code == 302
    assert not watches(database, pages, key_of(first))
    assert second.get(HUB).status_code == lea.get(HUB).status_code == 200
    assert watches(database, pages, key_of(second))


@pytest.mark.promise("P34")
@pytest.mark.asvs("7.4.5")
def test_all_others_can_be_ended_by_oneself_and_all_by_an_administrator(pages: Pages) -> None:
    clients = [pages.client("ann") for _ in range(3)]
    assert clients[0].post("/t/acme/my-security/sessions/").status_code == 302
    assert [one.get(HUB).status_code for one in clients] == [200, 302, 302]
    ann, dora = pages.made.people["ann"], pages.made.person("dora", "administrator")
    assert len(known.of_person(person=ann, by=dora)) == 1
    assert sign_ins.end_all(person=ann, by=dora) == 1
    assert clients[0].get(HUB).status_code == 302
    assert known.of_person(person=ann, by=dora) == []


@pytest.mark.promise("A40", "A41")
@pytest.mark.asvs("6.2.2", "7.4.3")
def test_a_new_password_ends_all_sessions_but_the_one_it_was_made_in(
    pages: Pages, database: Database
) -> None:
    here, there = pages.client("ann"), pages.client("ann")
    before = key_of(here)
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    answer = here.post("/t/acme/my-security/password/", form)
    assert answer.status_code == 302, answer.content.decode()
    assert key_of(here) != before
    assert here.get(HUB).status_code == 200
    assert watches(database, pages, key_of(here))
    assert there.get(HUB).status_code == 302
    assert not watches(database, pages, key_of(there))
    # The key of before is worth nothing, whoever knows it.
    thief = pages.anybody()
    thief.cookies["tocsin_session"] = before
    assert thief.get(HUB).status_code == 302
    login = {"login": "ann@acme.example", "password": NEW}
    assert pages.anybody().post("/t/acme/sign-in/", login).status_code == 302


@pytest.mark.promise("A41")
@pytest.mark.asvs("6.2.3")
def test_a_password_is_not_changed_without_the_one_before_nor_to_a_bad_one(pages: Pages) -> None:
    client = pages.client("ann")
    for form, told in (
        ({"current": "wrong", "password": NEW, "again": NEW}, "is not your password"),
        ({"current": PASSWORD, "password": "short", "again": "short"}, "12 to 1024"),
        ({"current": PASSWORD, "password": NEW, "again": "other"}, "is not the same"),
    ):
        answer = client.post("/t/acme/my-security/password/", form)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert told in page
        assert NEW not in page
        assert PASSWORD not in page
    assert client.get(HUB).status_code == 200


@pytest.mark.promise("A41", "P34")
@pytest.mark.asvs("7.2.4", "7.5.1", "7.5.3")
def test_what_is_grave_asks_for_a_fresh_proof_and_keeps_what_was_typed(pages: Pages) -> None:
    client = pages.client("ann")
    stale(client)
    answer = client.post("/t/acme/my-security/address/", {"email": "a.new@acme.example"})
    assert answer.status_code == 403
    assert answer.headers["X-Prove"] == "/t/acme/prove/"
    assert "a.new@acme.example" not in answer.content.decode()
    part = client.post(
        "/t/acme/my-security/address/", {"email": "x"}, headers={"HX-Request": "true"}
    )
    assert (part.status_code, part.content) == (403, b"")
    client.post("/t/acme/my-security/address/", {"email": "a.new@acme.example"})
    before = key_of(client)
    wrong = client.post("/t/acme/prove/", {"password": "not it", "next": "/t/acme/my-security/"})
    assert wrong.status_code == 422
    right = client.post("/t/acme/prove/", {"password": PASSWORD, "next": "/t/acme/my-security/"})
    page = right.content.decode()
    assert 'action="/t/acme/my-security/address/"' in page
    assert 'value="a.new@acme.example"' in page
    # Whoever has proved more has another key.
    assert key_of(client) != before
    thief = pages.anybody()
    thief.cookies["tocsin_session"] = before
    assert thief.get(HUB).status_code == 302
    # No mail leaves: the form came through to the reason for that.
    sent = client.post("/t/acme/my-security/address/", {"email": "a.new@acme.example"})
    assert sent.status_code == 422


@pytest.mark.promise("A41", "A42")
@pytest.mark.asvs("3.7.2", "6.3.1")
def test_proving_leads_back_and_nowhere_else_and_is_not_guessed(pages: Pages) -> None:
    client = pages.client("ann")
    stale(client)
    for away in ("https://evil.example/", "//evil.example/", "/t/bolt/hub/"):
        answer = client.post("/t/acme/prove/", {"password": PASSWORD, "next": away})
        assert answer.headers["Location"] == HUB
    for _ in range(5):
        assert client.post("/t/acme/prove/", {"password": "guess"}).status_code == 422
    assert client.post("/t/acme/prove/", {"password": PASSWORD}).status_code == 422


@pytest.mark.promise("A40")
@pytest.mark.asvs("7.2.4")
def test_a_session_set_by_somebody_else_is_not_the_one_after_signing_in(pages: Pages) -> None:
    thief = pages.client("lea")
    known_key = key_of(thief)
    victim = pages.anybody()
    victim.cookies["tocsin_session"] = "chosenbyathief" * 2
    victim.post("/t/acme/sign-in/", {"login": "ann@acme.example", "password": PASSWORD})
    assert key_of(victim) not in (known_key, "chosenbyathief" * 2)
    fixed = pages.anybody()
    fixed.cookies["tocsin_session"] = "chosenbyathief" * 2
    assert fixed.get(HUB).status_code == 302


@pytest.mark.promise("P34")
@pytest.mark.asvs("7.3.1", "7.3.2", "7.4.1")
def test_a_session_ends_after_hours_or_without_use(pages: Pages, database: Database) -> None:
    client = pages.client("ann")
    tenant, key = pages.made.tenant, key_of(client)
    now = database.one("SELECT clock_timestamp()")
    assert sign_ins.goes_on(tenant, key, now=now)
    expires = "SELECT expire_date FROM django_session WHERE session_key = %s"
    # By the same the stream of the browser ends.
    assert abs(database.one(expires, key) - now - dt.timedelta(minutes=120)) < dt.timedelta(
        minutes=1
    )
    assert not sign_ins.goes_on(tenant, key, now=now + dt.timedelta(minutes=121))
    assert client.get(HUB).status_code == 302
    used = pages.client("ann")
    later = database.one("SELECT clock_timestamp()")
    for hours in range(1, 12):
        assert sign_ins.goes_on(tenant, key_of(used), now=later + dt.timedelta(hours=hours))
    assert not sign_ins.goes_on(tenant, key_of(used), now=later + dt.timedelta(hours=12))
    assert used.get(HUB).status_code == 302
    ended = "SELECT DISTINCT ended_by FROM sign_in"
    assert database.rows(ended) == [("time",)]


@pytest.mark.promise("P34")
def test_a_tenant_says_how_long_and_use_is_written_once_a_minute(
    pages: Pages, database: Database
) -> None:
    client = pages.client("ann")
    tenant, key = pages.made.tenant, key_of(client)
    begun = database.one("SELECT begun_at FROM sign_in")
    sign_ins.goes_on(tenant, key, now=begun + dt.timedelta(seconds=59))
    assert database.one("SELECT seen_at FROM sign_in") == begun
    sign_ins.goes_on(tenant, key, now=begun + dt.timedelta(seconds=61))
    assert database.one("SELECT seen_at FROM sign_in") == begun + dt.timedelta(seconds=61)
    database.rows(
        "INSERT INTO security (tenant_id, session_hours, idle_minutes, changed_at)"
        " VALUES (%s, 1, 10, now())",
        tenant,
    )
    assert not sign_ins.goes_on(tenant, key, now=begun + dt.timedelta(minutes=12))


@pytest.mark.promise("P35", "A53")
@pytest.mark.asvs("8.2.4")
def test_whoever_may_come_from_one_network_only_gets_nothing_from_another(
    pages: Pages, database: Database
) -> None:
    client = pages.client("ann")
    database.rows(
        "INSERT INTO network_rule (tenant_id, holder, network, changed_at)"
        " VALUES (%s, 'agent', '192.0.2.0/24', now())",
        pages.made.tenant,
    )
    for path in (HUB, "/t/acme/my-security/", "/t/acme/tickets/"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "from the network that you are in" in answer.content.decode()
    assert client.get(HUB, REMOTE_ADDR="192.0.2.9").status_code == 200
    # What a browser says of itself counts for nothing.
    spoofed = client.get(HUB, headers={"X-Forwarded-For": "192.0.2.9"})
    assert spoofed.status_code == 403
    told = database.rows("SELECT payload FROM event WHERE payload LIKE '%%refused network%%'")
    assert len(told) == 1
    assert client.post("/t/acme/sign-out/").status_code == 302


@pytest.mark.promise("A36")
@pytest.mark.asvs("4.1.3", "15.3.4")
@pytest.mark.parametrize(
    ("proxies", "said", "address"),
    [
        (0, "203.0.113.5", "127.0.0.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        (2, "198.51.100.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "203.0.113.5", "127.0.0.1"),
        (1, "<script>alert(1)</script>", "127.0.0.1"),
        (1, "203.0.113.5\r\nX-Evil: 1", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
    ],
)
def test_an_address_is_what_the_last_machine_of_ours_saw(
    pages: Pages, database: Database, proxies: int, said: str, address: str
) -> None:
    with override_settings(PROXIES=proxies):
        client = pages.anybody()
        form = {"login": "ann@acme.example", "password": PASSWORD}
        answer = client.post("/t/acme/sign-in/", form, HTTP_X_FORWARDED_FOR=said)
    assert answer.status_code == 302
    assert database.one("SELECT address FROM sign_in") == address


@pytest.mark.promise("A42", "A40")
def test_over_tls_cookies_are_bound_to_the_host_of_the_desk(pages: Pages) -> None:
    own = {"DOMAIN": "desk.example", "ALLOWED_HOSTS": [".desk.example"]}
    with override_settings(**own, SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True):
        client = Client(headers={"host": "acme.desk.example"})
        form = {"login": "ann@acme.example", "password": PASSWORD}
        assert client.get("/sign-in/", secure=True).cookies["__Host-tocsin_csrf"]["secure"]
        answer = client.post("/sign-in/", form, secure=True)
        cookie = answer.cookies["__Host-tocsin_session"]
        assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert "tocsin_session" not in answer.cookies
        assert client.get("/hub/", secure=True).status_code == 200
        # One that another host of the domain could have set is not read.
        thief = Client(headers={"host": "acme.desk.example"})
        thief.cookies["tocsin_session"] = cookie.value
        assert thief.get("/hub/", secure=True).status_code == 302


@pytest.mark.promise("A42")
@pytest.mark.asvs("3.5.1")
def test_a_script_without_the_token_of_its_page_changes_nothing(pages: Pages) -> None:
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    token = client.get("/t/acme/sign-in/").cookies["tocsin_csrf"].value
    form = {"login": "ann@acme.example", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert client.post("/t/acme/sign-in/", form).status_code == 302
    script = {"HX-Request": "true"}
    assert client.post("/t/acme/my-security/sessions/", headers=script).status_code == 403
    fresh = client.cookies["tocsin_csrf"].value
    headers = {**script, "X-CSRFToken": fresh}
    assert client.post("/t/acme/my-security/sessions/", headers=headers).status_code == 302


@pytest.mark.asvs("6.2.1", "6.2.5")
@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("x" * 11, "12 to 1024"),
        ("x" * 1025, "12 to 1024"),
        ("with \0 a hole in it", "12 to 1024"),
        ("qwertyuiop123", "everybody"),
        ("ann.svensson@acme", "too much like"),
        ("å" * 12, ""),
        ("correct horse battery staple", ""),
    ],
)
def test_a_password_must_be_long_and_hard_to_guess_and_nothing_else(
    password: str, told: str
) -> None:
    def refused() -> Any:
        passwords.checked(password, name="Ann Svensson", email="ann.svensson@acme.example", desk=())

    if told:
        with pytest.raises(Invalid, match=told):
            refused()
    else:
        refused()


def test_the_time_of_a_session_is_the_databases(pages: Pages, database: Database) -> None:
    client = pages.client("ann")
    long_ago = at("2026-03-02 09:00")
    database.rows("UPDATE sign_in SET begun_at = %s, seen_at = %s", long_ago, long_ago)
    assert client.get(HUB).status_code == 302
