"""Attacks on signing in, each refused and then, once its guard is gone, let through.

Work is counted and not timed: how many hashes are computed says what an answer would take.
"""

import dataclasses
import ipaddress
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from tests.desk import Database
from tests.web.conftest import PASSWORD, Pages
from tests.web.test_factors import with_app

from tocsin.actions import factors, limits, passwords, sign_ins
from tocsin.actions.sign_ins import Origin
from tocsin.kit.invalid import Invalid
from tocsin.queries import readers
from tocsin.web import addresses, devices, entry, factor_stages, header_sign_in, links
from tocsin.web.asked import Asked

SIGN_IN, HUB = "/t/acme/sign-in/", "/t/acme/hub/"
GUESS = "a guess, and a wrong one"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    entry.look_again()
    yield
    entry.look_again()


def is_in(client: Client) -> bool:
    return client.get(HUB).status_code == 200


# ------------------------------------------------------------------ who somebody is, by a header


@pytest.mark.promise("A35", "P34")
def test_a_header_needs_the_proxys_network_and_its_secret_each_for_itself(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def comes(secret: str) -> bool:
        thief = pages.anybody()
        headers = {"X-Remote-User": "dora@acme.example", "X-Remote-Secret": secret}
        thief.get(SIGN_IN, headers=headers, REMOTE_ADDR="203.0.113.5")
        return is_in(thief)

    def configured(*networks: str) -> Any:
        listed = tuple(ipaddress.ip_network(one) for one in networks)
        return override_settings(HEADER_SSO_FROM=listed, HEADER_SSO_SECRET="of the proxy")

    ours, anywhere = configured("192.0.2.80/32"), configured("0.0.0.0/0")
    with ours:
        # The secret has leaked; whoever has it is somewhere else.
        assert not comes("of the proxy")
        assert not comes("guessed")
    with anywhere:
        # From within the network, without the secret.
        assert not comes("guessed")
        assert comes("of the proxy")
    monkeypatch.setattr(
        header_sign_in, "secrets", SimpleNamespace(compare_digest=lambda *_given: True)
    )
    with ours:
        assert not comes("guessed")
    with anywhere:
        assert comes("guessed")


@pytest.mark.promise("A35", "P34")
def test_a_header_is_off_by_default_and_an_empty_secret_is_no_secret(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def comes() -> bool:
        thief = pages.anybody()
        thief.get(SIGN_IN, headers={"X-Remote-User": "dora@acme.example"})
        return is_in(thief)

    assert not comes()
    with override_settings(HEADER_SSO_FROM=(ipaddress.ip_network("127.0.0.0/8"),)):
        assert not comes()
        # One that takes the header's word, as the desks did that were hit.
        monkeypatch.setattr(
            header_sign_in, "named", lambda request: request.headers.get("X-Remote-User", "")
        )
        assert comes()


# ------------------------------------------------------------------ where somebody is, by a header


def first_said(request: Asked) -> str:
    """Return the address that a browser says it has: the first one, as it stands."""
    said: str = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[0].strip()
    return said or addresses.peer(request)


@pytest.mark.promise("A36", "A53")
def test_who_believes_the_first_address_lets_anybody_choose_their_network(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.rows(
        "INSERT INTO network_rule (tenant_id, holder, network, changed_at)"
        " VALUES (%s, 'agent', '192.0.2.0/24', now())",
        pages.made.tenant,
    )
    thief = pages.client("ann")
    said = {"X-Forwarded-For": "192.0.2.9"}
    assert thief.get(HUB, headers=said).status_code == 403
    with override_settings(PROXIES=1):
        # Our proxy adds what it saw at the end.
        there = {"X-Forwarded-For": "192.0.2.9, 203.0.113.5"}
        assert thief.get(HUB, headers=there).status_code == 403
        # One that is told of proxies there are not believes whoever asks.
        assert thief.get(HUB, headers=said).status_code == 200
    monkeypatch.setattr(addresses, "address", first_said)
    assert thief.get(HUB, headers=said).status_code == 200


@pytest.mark.promise("A36", "A39")
def test_who_believes_the_first_address_counts_no_tries_of_a_network(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "make_password", lambda _: "")
    what, _, each = sign_ins._NETWORK
    monkeypatch.setattr(sign_ins, "_NETWORK", (what, 3, each * 1000))

    def refused_for_haste(offset: int) -> int:
        found = 0
        for k in range(offset, offset + 8):
            form = {"login": f"p{k}@acme.example", "password": GUESS}
            said = {"X-Forwarded-For": f"198.51.100.{k}, 203.0.113.5"}
            found += pages.anybody().post(SIGN_IN, form, headers=said).status_code == 429
        return found

    with override_settings(PROXIES=1):
        assert refused_for_haste(0) == 5
        monkeypatch.setattr(addresses, "address", first_said)
        assert refused_for_haste(8) == 0


@pytest.mark.promise("A36")
def test_an_address_that_is_not_read_as_one_goes_where_it_is_kept_as_it_was_written(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = "<img src=x onerror=alert(1)>"
    form = {"login": "ann@acme.example", "password": PASSWORD}

    def kept() -> str:
        with override_settings(PROXIES=1):
            client = pages.anybody()
            client.post(SIGN_IN, form, headers={"X-Forwarded-For": odd})
        page = client.get("/t/acme/my-security/").content.decode()
        # And pages show it as a text in any case.
        assert odd not in page
        found = database.one("SELECT address FROM sign_in ORDER BY id DESC LIMIT 1")
        return str(found)

    assert kept() == "127.0.0.1"
    monkeypatch.setattr(addresses, "_read", lambda text: text.strip())
    assert kept() == odd


# ------------------------------------------------------------------ who has an account here


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list that grows with each slow hash that is computed."""
    found: list[str] = []

    def counted(name: str) -> Callable[..., object]:
        real = getattr(Argon2PasswordHasher, name)

        def computed(self: Any, *given: Any, **more: Any) -> object:
            found.append(name)
            return real(self, *given, **more)

        return computed

    for name in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, name, counted(name))
    return found


@pytest.mark.promise("A38", "P34")
def test_without_the_hash_for_nobody_the_work_says_who_is_there(
    pages: Pages, database: Database, hashes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = pages.made.tenant
    database.rows("UPDATE person SET is_active = false WHERE id = %s", pages.made.people["lea"])
    # Somebody who comes by a provider only, and one whose account was tried too often.
    database.rows("UPDATE person SET password = '!' WHERE id = %s", pages.made.people["dora"])
    database.rows(
        "INSERT INTO rate_limit (key, level, at) VALUES (%s, 100, now() + interval '1 hour')",
        limits._key("sign-in account", "mia@acme.example", tenant),
    )

    def work(name: str) -> int:
        before = len(hashes)
        origin = Origin(address="192.0.2.1", network="192.0.2.1")
        tried = sign_ins.attempt(tenant, f"{name}@acme.example", GUESS, origin=origin)
        assert tried == sign_ins.Tried()
        return len(hashes) - before

    who = ("ann", "lea", "nobody", "dora", "mia")
    assert [work(name) for name in who] == [1, 1, 1, 1, 1]
    monkeypatch.setattr(readers, "make_password", lambda _: "")
    assert [work(name) for name in who] == [1, 1, 0, 0, 0]


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TOCSIN_URL", "https://desk.example.com")
    with override_settings(SMTP_URL="smtp://127.0.0.1:2525?from=desk@example.com"):
        yield


class AtOnce:
    """What does a task before it goes on."""

    def submit(self, task: Callable[..., None], *given: Any) -> Future[None]:
        found: Future[None] = Future()
        task(*given)
        found.set_result(None)
        return found


@pytest.mark.promise("A38")
def test_a_link_that_is_made_before_the_answer_says_who_is_there(
    pages: Pages, mail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(name: str) -> list[str]:
        """Return what is written before the answer."""
        with CaptureQueriesContext(connection) as found:
            form = {"login": f"{name}@acme.example"}
            assert pages.anybody().post("/t/acme/forgotten/", form).status_code == 200
        links.settled()
        assert any("rate_limit_take" in one["sql"] for one in found)
        return [one["sql"] for one in found if one["sql"].startswith(("INSERT", "UPDATE"))]

    assert written("ann") == written("nobody") == []
    monkeypatch.setattr(links, "_post", AtOnce())
    monkeypatch.setattr(links, "connection", SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(links, "settled", lambda: None)
    assert len(written("lea")) > 2
    assert written("nobody else") == []


@pytest.mark.promise("A38")
def test_without_a_count_of_letters_somebody_is_flooded(
    pages: Pages, database: Database, mail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def letters() -> int:
        for _ in range(6):
            pages.anybody().post("/t/acme/forgotten/", {"login": "ann@acme.example"})
        links.settled()
        return int(database.one("SELECT count(*) FROM outbox"))

    assert letters() == 3
    monkeypatch.setattr(passwords, "may_ask", lambda *_given: True)
    assert letters() == 9


# ------------------------------------------------------------------ guessing passwords


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list that grows with each password that is looked at; none is right."""
    found: list[str] = []

    def look(password: str, _encoded: str) -> bool:
        found.append(password)
        return False

    monkeypatch.setattr(readers, "check_password", look)
    monkeypatch.setattr(readers, "make_password", lambda _: "")
    return found


NOWHERE = Origin()


@pytest.mark.promise("A39", "P34")
def test_without_the_count_of_an_account_every_guess_at_it_is_looked_at(
    pages: Pages, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_at(offset: int) -> int:
        before = len(checked)
        for k in range(offset, offset + 25):
            # From everywhere: no network is counted often.
            origin = dataclasses.replace(NOWHERE, network=f"198.51.100.{k}")
            sign_ins.attempt(pages.made.tenant, "ann@acme.example", f"guess {k}", origin=origin)
        return len(checked) - before

    assert 5 <= looked_at(0) <= 7
    monkeypatch.setattr(sign_ins, "_ACCOUNT", ())
    assert looked_at(25) == 25


@pytest.mark.promise("A39")
@pytest.mark.parametrize("wall", ["_NETWORK", "_DESK"])
def test_without_the_count_of_a_network_or_the_desk_many_accounts_are_tried(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, wall: str
) -> None:
    monkeypatch.setattr(readers, "make_password", lambda _: "")
    what, most, each = getattr(sign_ins, wall)
    # As many as it allows have been here already, and it drips slowly.
    monkeypatch.setattr(sign_ins, wall, (what, 4, each * 100_000))

    def hasty(offset: int) -> int:
        found = 0
        for k in range(offset, offset + 10):
            network = "203.0.113.5" if wall == "_NETWORK" else f"203.0.113.{k}"
            origin = dataclasses.replace(NOWHERE, network=network)
            email = f"p{k}@acme.example"
            found += sign_ins.attempt(pages.made.tenant, email, GUESS, origin=origin).hasty
        return found

    assert most >= 4
    assert hasty(0) == 6
    monkeypatch.setattr(sign_ins, wall, (what, 1e9, each))
    assert hasty(10) == 0


@pytest.mark.promise("A39", "P34")
def test_without_devices_that_are_known_a_stranger_locks_somebody_out(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = pages.client("ann")
    victim.post("/t/acme/sign-out/")
    # Strangers have tried it as often as anybody may.
    for what, most, each in sign_ins._ACCOUNT:
        for _ in range(most):
            limits.take(what, "ann@acme.example", most=most, each=each, tenant=pages.made.tenant)
    form = {"login": "ann@acme.example", "password": PASSWORD}
    assert pages.anybody().post(SIGN_IN, form).status_code == 422
    assert victim.post(SIGN_IN, form).status_code == 302
    victim.post("/t/acme/sign-out/")
    real = devices.origin

    def unknown(request: Asked, email: str = "") -> Origin:
        return dataclasses.replace(real(request, email), device="")

    monkeypatch.setattr(devices, "origin", unknown)
    assert victim.post(SIGN_IN, form).status_code == 422


@pytest.mark.promise("A39", "P34")
def test_codes_are_counted_in_an_attempt_and_for_a_person_each_for_itself(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_app(pages.made.person("ann"))
    looked_at: list[str] = []

    def wrong(_tenant: int, _person: int, code: str) -> str:
        looked_at.append(code)
        return ""

    monkeypatch.setattr(factors, "check_code", wrong)

    def tried(count: int) -> int:
        """Return how many codes are looked at in one attempt."""
        before, client = len(looked_at), pages.anybody()
        client.post(SIGN_IN, {"login": "ann@acme.example", "password": PASSWORD})
        for n in range(count):
            client.post("/t/acme/sign-in/second-factor/", {"code": f"{n:06}"})
        return len(looked_at) - before

    assert tried(12) == 5
    # The attempt's own count is gone: there are ten in all.
    monkeypatch.setattr(factor_stages, "_MOST_TRIES", 1000)
    assert tried(12) == 5
    monkeypatch.setattr(factors, "may_try", lambda *_given: None)
    assert tried(12) == 12
    # That of the person alone is gone: an attempt ends after five.
    monkeypatch.setattr(factor_stages, "_MOST_TRIES", 5)
    assert tried(12) == 5


@pytest.mark.promise("A39")
def test_without_the_list_of_common_passwords_one_of_them_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def taken() -> bool:
        try:
            passwords.checked("qwertyuiop123", name="Ann", email="ann@acme.example", desk=())
        except Invalid:
            return False
        return True

    assert not taken()
    monkeypatch.setattr(passwords._COMMON, "passwords", set())
    assert taken()


@pytest.mark.promise("A39", "A41")
def test_without_its_count_a_proof_of_who_one_is_can_be_guessed(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    thief = pages.client("ann")
    for _ in range(6):
        assert thief.post("/t/acme/prove/", {"password": GUESS}).status_code == 422
    # By now it has found the right one, too late.
    right = {"password": PASSWORD}
    assert thief.post("/t/acme/prove/", right).status_code == 422
    monkeypatch.setattr(sign_ins, "_PROOFS", ())
    assert thief.post("/t/acme/prove/", right).status_code == 302
