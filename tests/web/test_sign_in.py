"""Signing in: by password, inside a tenant, without telling who is there."""

import datetime as dt
import ipaddress
import itertools
import re
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.test import Client, override_settings
from tests.desk import Database
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import limits, passwords, sign_ins
from tocsin.actions.sign_ins import Origin
from tocsin.kit.invalid import Invalid
from tocsin.queries import readers

pytestmark = pytest.mark.long("signs in again and again")


def attempt(pages: Pages, email: str, password: str = PASSWORD, onward: str = "") -> object:
    form = {"login": email, "password": password, "next": onward}
    return pages.anybody().post(f"{pages.prefix}/sign-in/", form)


def without_drips(database: Database) -> None:
    """Have full buckets stay full, however slow the machine is."""
    database.rows("UPDATE rate_limit SET at = at + interval '1 hour'")


def plain(page: bytes) -> str:
    """Return a page without what is new each time, and without the address that was typed."""
    text = re.sub(r'value="[A-Za-z0-9]{64}"', "", page.decode())
    return re.sub(r"[\w.]+@[\w.]+", "", text)


@pytest.mark.promise("A38")
@pytest.mark.asvs("6.3.8")
def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(pages: Pages) -> None:
    wrong = attempt(pages, "ann@acme.example", "not this one at all")
    unknown = attempt(pages, "nobody@acme.example", "not this one at all")
    assert wrong.status_code == unknown.status_code == 422  # type: ignore[attr-defined]
    assert plain(wrong.content) == plain(unknown.content)  # type: ignore[attr-defined]
    # What was typed is kept, but for the password.
    assert 'value="ann@acme.example"' in wrong.content.decode()  # type: ignore[attr-defined]
    assert "not this one" not in wrong.content.decode()  # type: ignore[attr-defined]


@pytest.mark.promise("A39")
@pytest.mark.asvs("6.3.1")
def test_after_five_wrong_passwords_the_right_one_has_to_wait(
    pages: Pages, database: Database
) -> None:
    for k in range(5):
        assert attempt(pages, "ann@acme.example", "wrong wrong wrong").status_code == 422  # type: ignore[attr-defined]
        if k == 0:
            without_drips(database)
    assert attempt(pages, "ann@acme.example").status_code == 422  # type: ignore[attr-defined]
    # Somebody else is not locked out by it.
    assert attempt(pages, "lea@acme.example").status_code == 302  # type: ignore[attr-defined]


@pytest.mark.promise("A39", "P34")
@pytest.mark.asvs("6.3.1")
def test_a_device_that_is_known_is_not_locked_out_by_others(pages: Pages) -> None:
    victim = pages.client("ann")
    victim.post("/t/acme/sign-out/")
    for _ in range(8):
        assert attempt(pages, "ann@acme.example", "wrong wrong wrong").status_code == 422  # type: ignore[attr-defined]
    form = {"login": "ann@acme.example", "password": PASSWORD}
    assert pages.anybody().post("/t/acme/sign-in/", form).status_code == 422
    assert victim.post("/t/acme/sign-in/", form).status_code == 302
    # It is known for that account, in that desk, and as we wrote it.
    thief = pages.client("lea")
    thief.post("/t/acme/sign-out/")
    assert thief.post("/t/acme/sign-in/", form).status_code == 422
    forger = pages.anybody()
    forger.cookies["tocsin_device"] = victim.cookies["tocsin_device"].value[:-2] + "xx"
    assert forger.post("/t/acme/sign-in/", form).status_code == 422
    assert "acme" not in victim.cookies["tocsin_device"].value
    assert victim.cookies["tocsin_device"]["httponly"]


@pytest.mark.promise("A39")
@pytest.mark.asvs("6.3.1")
def test_tries_from_one_network_are_counted_whoever_they_are_for(
    pages: Pages, database: Database
) -> None:
    for _ in range(30):
        limits.take(
            "sign-in network",
            "2001:db8:1:1::/64",
            most=30,
            each=dt.timedelta(seconds=10),
            tenant=pages.made.tenant,
        )
    without_drips(database)
    form = {"login": "p1@acme.example", "password": "x"}
    for k, status in ((1, 429), (2, 429)):
        answer = pages.anybody().post("/t/acme/sign-in/", form, REMOTE_ADDR=f"2001:db8:1:1::{k:x}")
        assert answer.status_code == status
    elsewhere = pages.anybody().post("/t/acme/sign-in/", form, REMOTE_ADDR="2001:db8:1:2::1")
    assert elsewhere.status_code == 422
    there = {"login": "ann@acme.example", "password": PASSWORD}
    assert pages.anybody().post("/t/acme/sign-in/", there).status_code == 302


@pytest.mark.promise("A39", "P34")
@pytest.mark.asvs("6.3.1")
def test_of_a_thousand_tries_from_everywhere_at_most_twenty_are_looked_at(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = pages.client("ann")
    victim.post("/t/acme/sign-out/")
    checked = 0
    real = hashers.check_password

    def counted(*given: Any) -> bool:
        nonlocal checked
        checked += 1
        return bool(real(*given))

    monkeypatch.setattr(readers, "check_password", counted)
    # What is only done so that it takes as long is left out here.
    monkeypatch.setattr(readers, "make_password", lambda _: "")
    addresses = itertools.islice(ipaddress.ip_network("198.18.0.0/15").hosts(), 0, 10_000, 10)
    answers = {
        pages.anybody()
        .post(
            "/t/acme/sign-in/",
            {"login": "ann@acme.example", "password": f"a guess, number {k}"},
            REMOTE_ADDR=str(address),
        )
        .status_code
        for k, address in enumerate(addresses)
    }
    assert answers <= {422, 429}
    assert 1 <= checked <= 20
    form = {"login": "ann@acme.example", "password": PASSWORD}
    assert victim.post("/t/acme/sign-in/", form).status_code == 302
    # The log has sums, not a line a try.
    facts = database.rows("SELECT payload FROM event WHERE payload LIKE '%%\"refused\"%%'")
    assert 1 <= len(facts) <= 5


def difference(a: Sequence[float], b: Sequence[float]) -> float:
    """Return how far two samples are apart at most, as shares (Kolmogorov and Smirnov)."""
    both = sorted((*((value, 0) for value in a), *((value, 1) for value in b)))
    seen, most = [0, 0], 0.0
    for k, (value, which) in enumerate(both):
        seen[which] += 1
        if k + 1 == len(both) or both[k + 1][0] != value:
            most = max(most, abs(seen[0] / len(a) - seen[1] / len(b)))
    return most


def allowed(n: int, m: int) -> float:
    """Return what samples of one source stay below, but for one time in a thousand."""
    return float(1.949 * ((n + m) / (n * m)) ** 0.5)


def test_the_measure_of_two_samples_sees_a_difference() -> None:
    same = difference([k % 97 for k in range(500)], [k % 97 for k in range(3, 503)])
    assert same < allowed(500, 500)
    assert difference(range(500), [k + 100 for k in range(500)]) == pytest.approx(0.2)
    assert allowed(500, 500) < 0.2


@pytest.mark.promise("A38", "P34")
@pytest.mark.asvs("6.3.8")
def test_the_time_of_an_answer_says_nothing_of_who_is_there(
    pages: Pages, database: Database
) -> None:
    database.rows("UPDATE person SET is_active = false WHERE id = %s", pages.made.people["lea"])
    tenant, origin = pages.made.tenant, Origin(address="192.0.2.1", network="192.0.2.1")
    who = {"wrong": "ann@acme.example", "unknown": "x@acme.example", "left": "lea@acme.example"}
    who["locked"] = "mia@acme.example"
    counts = {"wrong": 500, "unknown": 500, "left": 120, "locked": 120}
    took: dict[str, list[float]] = {kind: [] for kind in who}
    clear = "DELETE FROM rate_limit"
    for k in range(500):
        for kind, email in who.items():
            if k >= counts[kind]:
                continue
            database.rows(clear)
            if kind == "locked":
                database.rows(
                    "INSERT INTO rate_limit (key, level, at) VALUES (%s, 100, now())",
                    limits._key("sign-in account", email, tenant),
                )
            begun = time.perf_counter()
            tried = sign_ins.attempt(tenant, email, "a guess, and wrong", origin=origin)
            took[kind].append(time.perf_counter() - begun)
            assert tried == sign_ins.Tried()
    for kind in ("unknown", "left", "locked"):
        # Of the same minutes: a machine is not as busy at the end as at the beginning.
        wrong = took["wrong"][: len(took[kind])]
        apart = difference(wrong, took[kind])
        assert apart < allowed(len(wrong), len(took[kind])), (kind, apart)


@pytest.mark.promise("A35")
@pytest.mark.asvs("4.1.3")
def test_a_header_signs_in_nobody_unless_a_proxy_of_ours_sends_it(pages: Pages) -> None:
    header = {"X-Remote-User": "ann@acme.example", "X-Remote-Secret": "of the proxy"}

    def come(own: dict[str, str] | None = None, *, peer: str = "192.0.2.80") -> bool:
        browser = pages.anybody()
        headers = {**header, **(own or {})}
        browser.get("/t/acme/sign-in/", headers=headers, REMOTE_ADDR=peer)
        return browser.get("/t/acme/hub/").status_code == 200

    # Off by default.
    assert not come()
    networks = (ipaddress.ip_network("192.0.2.80/32"),)
    with override_settings(HEADER_SSO_FROM=networks):
        assert not come()
    with override_settings(HEADER_SSO_SECRET="of the proxy"):
        assert not come()
    with override_settings(HEADER_SSO_FROM=networks, HEADER_SSO_SECRET="of the proxy"):
        assert not come(peer="192.0.2.81")
        assert not come({"X-Forwarded-For": "192.0.2.80"}, peer="192.0.2.81")
        assert not come({"X-Remote-Secret": "guessed"})
        assert not come({"X-Remote-Secret": ""})
        assert not come({"X-Remote-User": "nobody@acme.example"})
        assert come()
        # It counts where one signs in, and nowhere else.
        page = pages.anybody().get("/t/acme/hub/", headers=header, REMOTE_ADDR="192.0.2.80")
        assert page.status_code == 302


@pytest.mark.promise("P34", "A38")
def test_the_forms_of_signing_in_say_what_is_missing_and_nothing_else(pages: Pages) -> None:
    answer = pages.anybody().post("/t/acme/sign-in/", {"login": "", "password": ""})
    assert answer.status_code == 422
    assert 'id="e-login"' in answer.content.decode()
    assert 'id="e-password"' in answer.content.decode()


@pytest.mark.promise("P34")
def test_where_passwords_are_switched_off_none_signs_in(pages: Pages, database: Database) -> None:
    assert attempt(pages, "ann@acme.example").status_code == 302  # type: ignore[attr-defined]
    database.rows(
        "INSERT INTO security (tenant_id, passwords, changed_at) VALUES (%s, false, now())",
        pages.made.tenant,
    )
    page = pages.anybody().get("/t/acme/sign-in/").content.decode()
    assert 'name="password"' not in page
    assert attempt(pages, "ann@acme.example").status_code == 422  # type: ignore[attr-defined]
    assert pages.anybody().get("/t/acme/forgotten/").status_code == 404


@pytest.mark.promise("A42")
@pytest.mark.asvs("3.7.2")
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
@pytest.mark.asvs("7.4.2")
def test_a_new_password_and_a_deactivation_end_every_session(
    pages: Pages, database: Database
) -> None:
    client = pages.client("ann")
    assert client.get("/t/acme/hub/").status_code == 200
    passwords.give(
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


@pytest.mark.asvs("6.2.1")
@pytest.mark.parametrize(
    "password",
    ["short", "x" * 11, "x" * 1025, "with \0 a hole in it", "q1w2e3r4t5y6", "ann@acme.example"],
)
def test_a_password_that_cannot_be_taken_is_refused(pages: Pages, password: str) -> None:
    with pytest.raises(Invalid, match="password"):
        passwords.give(person=pages.made.people["ann"], password=password, by=pages.made.operator)


@pytest.mark.asvs("6.1.2", "6.2.11")
@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("acme-support-2026", False),
        ("Tocsin!Tocsin!123", False),
        ("help.desk.of.acme", False),
        ("WelcomeToAcme2026", False),
        ("acme has nine lamps", True),
        ("supper at the harbour", True),
    ],
)
def test_a_password_is_more_than_the_names_of_desk_and_product(
    pages: Pages, password: str, taken: bool
) -> None:
    with nullcontext() if taken else pytest.raises(Invalid, match="name of the desk"):
        passwords.give(person=pages.made.people["ann"], password=password, by=pages.made.operator)


@pytest.mark.asvs("11.4.2", "16.2.5")
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
