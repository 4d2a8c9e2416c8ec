"""Webhooks: signed as the standard says, of a documented form, and never led elsewhere."""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from tests.channels.letters import BREACH, lease
from tests.channels.loopback import Provider, Said, Told, provider

from tocsin.actions import carriers, wording
from tocsin.actions.outbox import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.webhook import message
from tocsin.channels.webhook import send as sending
from tocsin.channels.webhook.form import CARRIER
from tocsin.channels.webhook.settings import Endpoint
from tocsin.kit import machine_clock
from tocsin.kit.invalid import Invalid

NEW = "whsec_" + base64.b64encode(b"new " * 8).decode()
OLD = "whsec_" + base64.b64encode(b"old " * 8).decode()


class Customer:
    """An endpoint that verifies with the reference library."""

    def __init__(self, secret: str = NEW) -> None:
        self.secret = secret
        self.said: Said | None = None
        self.got: dict[str, Any] = {}

    def __call__(self, told: Told) -> Said:
        if self.said is not None:
            return self.said
        try:
            Webhook(self.secret).verify(told.body.decode(), dict(told.headers))
        except WebhookVerificationError:
            return Said(401)
        # The id is what a copy is known by.
        self.got[told.headers["webhook-id"]] = told.json
        return Said(204)


@pytest.fixture
def customer() -> Customer:
    return Customer()


@pytest.fixture
def endpoint(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with provider(customer) as found:
        yield found


def settings(endpoint: Provider, **typed: str) -> Endpoint:
    return carriers.checked(CARRIER, {"url": f"{endpoint.url}/in", "secret": NEW, **typed})


def letter(**given: Any) -> Lease:
    # The reference library compares with the machine's own clock.
    return lease("webhook", **{"at": machine_clock.wall(), **given})


def send(endpoint: Provider, **given: Any) -> Outcome:
    return CARRIER.send(letter(**given), settings(endpoint))


@pytest.mark.promise("P15", "A25")
def test_the_reference_library_verifies_it_with_the_secret_of_the_form(
    endpoint: Provider, customer: Customer
) -> None:
    assert send(endpoint) == Sent()
    (told,) = customer.got.values()
    assert (told["type"], told["version"]) == ("alert", 1)
    data = told["data"]
    assert data["ticket"]["number"] == 7
    assert data["ticket"]["subject"] == "It is broken"
    assert data["urgent"] is True
    assert data["to"] == "Ann"
    assert data["lines"] == [BREACH]
    assert data["more"] == 0
    assert "ann@acme.example" not in endpoint.told[0].body.decode()


@pytest.mark.promise("P15")
def test_while_the_secret_changes_both_verify_and_afterwards_one(
    endpoint: Provider, customer: Customer
) -> None:
    both = settings(endpoint, secret_before=OLD)
    for secret in (OLD, NEW):
        customer.secret = secret
        assert CARRIER.send(letter(), both) == Sent()
    assert len(endpoint.told[0].headers["webhook-signature"].split()) == 2
    customer.secret = OLD
    refused = CARRIER.send(letter(), settings(endpoint))
    assert isinstance(refused, FailedForNow)
    assert "same secret" in refused.reason


@pytest.mark.promise("P2", "P15")
def test_every_attempt_has_the_same_id_and_another_message_another(
    endpoint: Provider, customer: Customer
) -> None:
    first = letter()
    again = replace(first, attempts=2, at=first.at + dt.timedelta(seconds=5))
    to = settings(endpoint)
    for one in (first, again, replace(first, key="effect/8"), replace(first, provider=4)):
        assert CARRIER.send(one, to) == Sent()
    assert len(customer.got) == 3
    ids = [told.headers["webhook-id"] for told in endpoint.told]
    assert ids[0] == ids[1]


def test_the_signature_is_that_of_the_standard() -> None:
    # The worked example of the reference implementations.
    at = dt.datetime.fromtimestamp(1614265330, dt.UTC)
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = message.signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.text(max_size=300), st.text(max_size=40), st.integers(0, 60))
def test_whatever_a_message_holds_it_verifies_and_fits(subject: str, clock: str, n: int) -> None:
    lines = [{**BREACH, "clock": f"SLA/{clock}#1", "ticket": k} for k in range(n * 10)]
    one = letter(subject=subject.encode("utf-8", "replace").decode(), lines=lines)
    content = message.body(one, wording.of(one))
    assert len(content) <= message.MOST
    headers = message.headers(one, Endpoint("https://x.example", (b"new " * 8,)), content)
    told = Webhook(NEW).verify(content.decode(), headers)
    assert len(told["data"]["lines"]) + told["data"]["more"] == n * 10


@pytest.mark.promise("P11")
def test_an_endpoint_that_is_gone_is_not_asked_again(
    endpoint: Provider, customer: Customer
) -> None:
    customer.said = Said(410)
    found = send(endpoint)
    assert isinstance(found, FailedForGood)
    assert "sent nothing more" in found.reason


@pytest.mark.promise("A23", "P15")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(endpoint: Provider, customer: Customer, status: int) -> None:
    customer.said = Said(status, headers={"Location": f"{endpoint.url}/elsewhere"})
    found = send(endpoint)
    assert isinstance(found, FailedForNow)
    assert "leads elsewhere" in found.reason
    assert [told.path for told in endpoint.told] == ["/in"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "its log"),
        (401, "same secret"),
        (403, "same secret"),
        (404, "no endpoint"),
        (408, "its log"),
        (429, "fewer"),
        (500, "not well"),
        (502, "not well"),
        (503, "not well"),
        (504, "not well"),
    ],
)
def test_what_is_not_taken_is_tried_again_and_says_why(
    endpoint: Provider, customer: Customer, status: int, said: str
) -> None:
    customer.said = Said(status, headers={"Retry-After": "9"})
    found = send(endpoint)
    assert isinstance(found, FailedForNow)
    assert said in found.reason
    assert found.retry_after == dt.timedelta(seconds=9)


def test_what_is_too_long_for_it_is_final(endpoint: Provider, customer: Customer) -> None:
    customer.said = Said(413)
    assert isinstance(send(endpoint), FailedForGood)


@pytest.mark.parametrize("weather", ["cut", "half"])
def test_handed_over_without_an_answer_is_unsure(
    endpoint: Provider, customer: Customer, weather: str
) -> None:
    customer.said = Said(204, weather=weather)
    assert isinstance(send(endpoint), Unsure)


def test_an_endpoint_that_hangs_is_not_waited_for_longer_than_it_may(
    endpoint: Provider, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sending.TIMEOUT_S == 15.0
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.2)
    customer.said = Said(204, weather="hang")
    found = send(endpoint)
    assert isinstance(found, Unsure)
    assert "no answer in time" in found.reason


def test_nobody_listens_and_it_never_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with provider(Customer()) as gone:
        pass
    assert isinstance(send(gone), FailedForNow)


@pytest.mark.promise("A23")
def test_an_address_inside_is_never_written_to(
    endpoint: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(outgoing.VARIABLE)
    assert isinstance(send(endpoint), FailedForGood)
    assert endpoint.told == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"url": "ftp://x.example"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://[x/"}, "url"),
        ({"url": "https://me:secret@x.example/"}, "url"),
        ({"secret": "short"}, "secret"),
        ({"secret": "whsec_"}, "secret"),
        ({"secret": "whsec_" + base64.b64encode(b"x" * 23).decode()}, "secret"),
        ({"secret": "whsec_" + base64.b64encode(b"x" * 65).decode()}, "secret"),
        ({"secret": "whsec_%%%%"}, "secret"),
        ({"secret": "whsec_åäö"}, "secret"),
        ({"secret_before": "old"}, "secret_before"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(typed: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        carriers.checked(CARRIER, {"url": "https://x.example/in", "secret": NEW, **typed})
    assert refused.value.path == field
    assert "me:secret" not in str(refused.value)


def test_the_secret_is_in_no_log() -> None:
    found = carriers.checked(CARRIER, {"url": "https://x.example/in", "secret": NEW})
    assert "new " not in repr(found)
    assert json.dumps(NEW) not in repr(found)
