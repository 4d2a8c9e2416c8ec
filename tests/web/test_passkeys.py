"""Passkeys: made, proved, and every answer refused that is not to our question."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.web.conftest import PASSWORD, Pages
from tests.web.passkey_device import Device

from tocsin.actions import factors as acts
from tocsin.queries import factors

OWN = "/t/acme/my-security/factors/passkey/"
IN = "/t/acme/sign-in/passkey/"


def add(client: Client, device: Device, name: str = "Laptop", where: str = OWN) -> Any:
    options = client.post(f"{where}new/").json()["publicKey"]
    return client.post(where, {"credential": device.made(options), "name": name})


def question(client: Client, prefix: str = "/t/acme") -> dict[str, Any]:
    found: dict[str, Any] = client.post(f"{prefix}/sign-in/passkey/question/").json()["publicKey"]
    return found


def is_in(client: Client) -> bool:
    return client.get("/t/acme/queue/").status_code == 200


@pytest.fixture
def device(pages: Pages) -> Device:
    """Give the device on which Ann has a passkey."""
    made = Device()
    answer = add(pages.client("ann"), made)
    assert answer.status_code == 200, answer.content.decode()
    return made


@pytest.mark.promise("P34")
@pytest.mark.asvs("6.3.3")
def test_a_passkey_signs_in_by_itself(pages: Pages, device: Device) -> None:
    [own] = factors.mine(by=pages.made.person("ann")).passkeys
    assert own.name == "Laptop"
    client = pages.anybody()
    form = {"credential": device.proved(question(client)), "next": "/t/acme/board/"}
    answer = client.post(IN, form)
    assert answer.headers["Location"] == "/t/acme/board/"
    assert is_in(client)
    [used] = factors.mine(by=pages.made.person("ann")).passkeys
    assert used.used_at is not None
    # The same answer lets nobody in a second time, whatever they are asked.
    thief = pages.anybody()
    question(thief)
    assert thief.post(IN, form).headers["Location"].endswith("?passkey=no")
    assert not is_in(thief)


@pytest.mark.promise("P34")
def test_a_passkey_is_the_second_factor_and_proves_who_is_there(
    pages: Pages, device: Device
) -> None:
    client = pages.anybody()
    form = {"login": "ann@acme.example", "password": PASSWORD}
    led = client.post("/t/acme/sign-in/", form).headers["Location"]
    assert led == "/t/acme/sign-in/second-factor/"
    asked = question(client)
    assert len(asked["allowCredentials"]) == 1
    passed = client.post(led, {"credential": device.proved(asked)})
    assert passed.headers["Location"] == "/t/acme/hub/"
    session = client.session
    session["proved_at"] = 0
    session.save()
    assert client.get("/t/acme/my-security/factors/").status_code == 302
    proof = {"credential": device.proved(question(client)), "next": "/t/acme/my-security/factors/"}
    assert client.post("/t/acme/prove/", proof).headers["Location"] == proof["next"]
    assert client.get("/t/acme/my-security/factors/").status_code == 200


_WRONG: dict[str, Callable[[Device], None]] = {
    "of another page": lambda one: setattr(one, "origin", "http://evil.example"),
    "of a name below ours": lambda one: setattr(one, "origin", "http://a.localhost"),
    "of another port": lambda one: setattr(one, "origin", "http://localhost:8443"),
    "for another host": lambda one: setattr(one, "host", "evil.example"),
    "by nobody's finger": lambda one: setattr(one, "verified", False),
    "of another key": lambda one: setattr(one, "_key", Device()._key),
    "of another passkey": lambda one: setattr(one, "id", b"another"),
    "of another person": lambda one: setattr(one, "handle", b"another"),
}


@pytest.mark.promise("P34", "A39")
def test_an_answer_that_is_not_to_our_question_is_refused(pages: Pages, device: Device) -> None:
    kept = dict(vars(device))
    for why, spoil in _WRONG.items():
        client = pages.anybody()
        spoil(device)
        answer = client.post(IN, {"credential": device.proved(question(client))})
        assert answer.headers["Location"].endswith("?passkey=no"), why
        assert not is_in(client), why
        vars(device).update(kept)
    client = pages.anybody()
    # Without a question, and to one that was answered already.
    asked = question(client)
    assert client.post(IN, {"credential": "{}"}).headers["Location"].endswith("?passkey=no")
    late = client.post(IN, {"credential": device.proved(asked)})
    assert late.headers["Location"].endswith("?passkey=no")
    assert not is_in(client)


@pytest.mark.promise("P26", "P34")
def test_a_passkey_leads_into_the_desk_of_its_person_only(
    pages: Pages, device: Device, other: Callable[[], Pages]
) -> None:
    other()
    client = pages.anybody()
    asked = question(client, "/t/bolt")
    answer = client.post("/t/bolt/sign-in/passkey/", {"credential": device.proved(asked)})
    assert answer.headers["Location"] == "/t/bolt/sign-in/?passkey=no"
    # Nor does an answer to one desk's question count at another's.
    there = device.proved(question(client, "/t/bolt"))
    assert client.post(IN, {"credential": there}).headers["Location"].endswith("?passkey=no")
    assert not is_in(client)


@pytest.mark.promise("P34")
def test_a_second_passkey_calls_its_person_the_same_and_the_first_is_refused_twice(
    pages: Pages, device: Device
) -> None:
    client = pages.anybody()
    client.post(IN, {"credential": device.proved(question(client))})
    second = Device()
    assert add(client, second, "Key").status_code == 302
    assert second.handle == device.handle
    assert add(client, device, "Again").status_code == 422
    names = [one.name for one in factors.mine(by=pages.made.person("ann")).passkeys]
    assert names == ["Laptop", "Key"]
    # What was reset is worth nothing.
    acts.reset(person=pages.made.people["ann"], by=pages.made.operator)
    thief = pages.anybody()
    answer = thief.post(IN, {"credential": second.proved(question(thief))})
    assert answer.headers["Location"].endswith("?passkey=no")
