"""Handing short messages to 46elks and Twilio: their protocols, their errors, the weather."""

import dataclasses
import datetime as dt
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests import phones
from tests.loopback import Loopback, loopback

from tocsin.actions import carriers, hooks
from tocsin.actions.letters import FailedForGood, FailedForNow, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.sms.form import CARRIER
from tocsin.channels.sms.settings import Settings
from tocsin.kit.invalid import Invalid

TO = "+46701234567"
WAIT = dt.timedelta(minutes=10)


@pytest.fixture(autouse=True)
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_EGRESS_ALLOW", "127.0.0.0/8")
    monkeypatch.setenv("TOCSIN_URL", "https://desk.example.com/")


@pytest.fixture
def elks() -> Iterator[Loopback]:
    with loopback(phones.elks) as there:
        yield there


@pytest.fixture
def twilio() -> Iterator[Loopback]:
    with loopback(phones.twilio) as there:
        yield there


def by_elks(there: Loopback, **given: str) -> Settings:
    usual = {"provider": "46elks", "account": phones.ELKS_NAME, "token": phones.ELKS_PASSWORD}
    return carriers.checked(CARRIER, {**usual, "sender": "Tocsin", "address": there.url, **given})


def by_twilio(there: Loopback, **given: str) -> Settings:
    usual = {"provider": "Twilio", "account": phones.SID, "token": phones.TOKEN}
    usual |= {"sender": "+46 766 86 00 00", "address": there.url}
    return carriers.checked(CARRIER, {**usual, **given})


def by(name: str, there: Loopback, **given: str) -> Settings:
    return (by_elks if name == "46elks" else by_twilio)(there, **given)


# ------------------------------------------------------------------------------------------ sending


def test_46elks_takes_it(elks: Loopback) -> None:
    found = CARRIER.send(phones.lease(TO), by_elks(elks))
    assert found == Sent("s70df59406a1b4643b96f")
    (asked,) = elks.asked
    sent = phones.fields(asked)
    assert (sent["from"], sent["to"]) == ("Tocsin", TO)
    assert "[Ticket 42] Breached: first response" in sent["message"]
    assert "Server <down> & out" in sent["message"]
    # Only who knows the password can have made the address that is called back.
    called = sent["whendelivered"]
    assert called.startswith("https://desk.example.com/hooks/acme/3/sms?seal=")
    assert hooks.genuine(called, phones.ELKS_PASSWORD)
    assert phones.ELKS_PASSWORD not in called


def test_twilio_takes_it_from_a_number_or_a_service(twilio: Loopback) -> None:
    found = CARRIER.send(phones.lease(TO), by_twilio(twilio))
    assert found == Sent("SM" + "1" * 32)
    sent = phones.fields(twilio.asked[0])
    assert (sent["From"], sent["To"]) == ("+46766860000", TO)
    assert sent["StatusCallback"] == "https://desk.example.com/hooks/acme/3/sms"
    CARRIER.send(phones.lease(TO), by_twilio(twilio, sender="MG" + "b2" * 16))
    sent = phones.fields(twilio.asked[1])
    assert sent["MessagingServiceSid"] == "MG" + "b2" * 16
    assert "From" not in sent


@pytest.mark.parametrize("name", ["46elks", "Twilio"])
def test_without_a_public_address_nobody_is_asked_to_call_back(
    elks: Loopback, twilio: Loopback, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("TOCSIN_URL")
    there = elks if name == "46elks" else twilio
    assert isinstance(CARRIER.send(phones.lease(TO), by(name, there)), Sent)
    assert not {"whendelivered", "StatusCallback"} & set(phones.fields(there.asked[0]))


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("+4670000400", (FailedForGood, "46elks does not take the message: Not a valid phone")),
        ("+4670000401", (FailedForNow, "does not take the sender: enter another one")),
        ("+4670000402", (FailedForNow, "no money left: top it up (46elks 402)")),
        ("+4670000403", (FailedForNow, "no money left: top it up (46elks 403)")),
        ("+4670000405", (FailedForNow, "does not let this account do that: Account not active")),
        ("+4670000406", (FailedForGood, "could not send it: check the number")),
        ("+4670000429", (FailedForNow, "asks us to slow down")),
    ],
)
def test_an_error_of_46elks_is_an_outcome_with_what_to_do(
    elks: Loopback, number: str, outcome: tuple[type, str]
) -> None:
    found = CARRIER.send(phones.lease(number), by_elks(elks))
    assert isinstance(found, outcome[0])
    assert isinstance(found, FailedForNow | FailedForGood)
    assert outcome[1] in found.reason
    if isinstance(found, FailedForNow):
        expected = dt.timedelta(seconds=17) if number.endswith("429") else WAIT
        assert found.retry_after == expected


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("+15005550001", FailedForGood("this is no telephone number: check the person's address")),
        ("+15005550002", FailedForGood("the sender cannot reach this number: use another sender")),
        ("+15005550003", FailedForGood("messages to this country are not allowed: allow it")),
        ("+15005550004", FailedForGood("this number has answered STOP and gets nothing until")),
        ("+15005550009", FailedForGood("this number is no mobile telephone")),
        ("+15005550006", FailedForGood("Something new")),
        ("+15005550007", FailedForNow("Twilio does not accept the Account SID", WAIT)),
        ("+15005550008", FailedForNow("the Twilio account has no money left: top it up", WAIT)),
        ("+15005550005", FailedForNow("Twilio asks us to slow down", dt.timedelta(seconds=11))),
    ],
)
def test_an_error_of_twilio_is_an_outcome_with_what_to_do(
    twilio: Loopback, number: str, outcome: FailedForNow | FailedForGood
) -> None:
    found = CARRIER.send(phones.lease(number), by_twilio(twilio))
    assert isinstance(found, type(outcome))
    assert found.reason.startswith(outcome.reason)
    if isinstance(found, FailedForNow):
        assert isinstance(outcome, FailedForNow)
        assert found.retry_after == outcome.retry_after


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("46elks", {"token": "not the password"}, "enter them again (46elks 401)"),
        ("Twilio", {"token": "aa" * 16}, "enter them again (Twilio 20003)"),
        ("Twilio", {"account": "AC" + "00" * 16}, "check the Account SID (Twilio 20404)"),
    ],
)
def test_a_wrong_token_waits_for_an_administrator(
    elks: Loopback, twilio: Loopback, name: str, wrong: Mapping[str, str], says: str
) -> None:
    there = elks if name == "46elks" else twilio
    found = CARRIER.send(phones.lease(TO), by(name, there, **wrong))
    assert isinstance(found, FailedForNow)
    assert says in found.reason
    assert found.retry_after == WAIT
    assert "password" not in found.reason or "API username and password" in found.reason


@pytest.mark.promise("P11")
@pytest.mark.parametrize("name", ["46elks", "Twilio"])
@pytest.mark.parametrize("weather", ["500", "502", "503", "429"])
def test_an_outage_is_waited_for_as_long_as_the_provider_asks(
    elks: Loopback, twilio: Loopback, name: str, weather: str
) -> None:
    there = elks if name == "46elks" else twilio
    there.weather, there.extra = weather, {"Retry-After": "120"}
    found = CARRIER.send(phones.lease(TO), by(name, there))
    assert isinstance(found, FailedForNow)
    assert found.retry_after == dt.timedelta(minutes=2)


@pytest.mark.promise("P11")
@pytest.mark.parametrize("name", ["46elks", "Twilio"])
@pytest.mark.parametrize("weather", ["hang", "half-open", "cut", "noise"])
def test_silence_after_it_was_handed_over_is_unsure(
    elks: Loopback, twilio: Loopback, monkeypatch: pytest.MonkeyPatch, name: str, weather: str
) -> None:
    there = elks if name == "46elks" else twilio
    there.weather = weather
    impatient(monkeypatch)
    found = CARRIER.send(phones.lease(TO), by(name, there))
    assert isinstance(found, Unsure)
    assert found.reason.startswith("the provider's answer was lost: 127.0.0.1: ")


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    real = outgoing.post

    def post(url: str, **given: Any) -> outgoing.Answer:
        return real(url, **{**given, "timeout_s": 0.3})

    monkeypatch.setattr(outgoing, "post", post)


def test_nobody_there_is_tried_again(elks: Loopback) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    found = CARRIER.send(phones.lease(TO), by_elks(elks, address=nobody))
    assert isinstance(found, FailedForNow)


def test_the_guard_is_asked_about_an_address_of_ones_own(
    elks: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = by_elks(elks)
    monkeypatch.delenv("TOCSIN_EGRESS_ALLOW")
    found = CARRIER.send(phones.lease(TO), to)
    assert isinstance(found, FailedForGood)
    assert "TOCSIN_EGRESS_ALLOW" in found.reason
    assert elks.connections == 0


def test_a_redirect_is_not_followed(elks: Loopback) -> None:
    elks.weather, elks.extra = "302", {"Location": "http://127.0.0.1:1/"}
    found = CARRIER.send(phones.lease(TO), by_elks(elks))
    assert isinstance(found, FailedForNow)
    assert "check the address" in found.reason
    assert elks.connections == 1


def test_an_address_that_is_none_is_refused_without_calling(elks: Loopback) -> None:
    found = CARRIER.send(phones.lease("070-1234567"), by_elks(elks))
    assert isinstance(found, FailedForGood)
    assert "with its country" in found.reason
    assert elks.connections == 0


def test_no_secret_is_shown(elks: Loopback, twilio: Loopback) -> None:
    for to, secret in ((by_elks(elks), phones.ELKS_PASSWORD), (by_twilio(twilio), phones.TOKEN)):
        assert secret not in repr(to)
        assert secret in repr(dataclasses.asdict(to))


# --------------------------------------------------------------------------------------- the form


@pytest.mark.parametrize(
    ("given", "path", "reason"),
    [
        ({"provider": "Acme"}, "provider", "must be one of: 46elks, Twilio"),
        ({"account": ""}, "account", "is missing"),
        ({"account": "AC123"}, "account", "begins with u"),
        ({"token": "short"}, "token", "API password of 46elks"),
        ({"provider": "Twilio"}, "account", "AC and 32 signs"),
        ({"provider": "Twilio", "account": phones.SID}, "token", "Auth Token"),
        ({"sender": "TooLongForAName"}, "sender", "at most 11"),
        ({"sender": "070123"}, "sender", "+46701234567"),
        ({"address": "https://me:secret@x.example"}, "address", "must not hold a name"),
        ({"address": "https://x.example/?a=1"}, "address", "must be an address"),
        ({"colour": "red"}, "colour", "is no setting"),
    ],
)
def test_a_mistake_in_the_form_is_named(
    elks: Loopback, given: Mapping[str, str], path: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        by_elks(elks, **given)
    assert refused.value.path == path
    assert reason in refused.value.reason
    assert "secret" not in refused.value.reason


def test_the_usual_addresses_are_those_of_the_providers() -> None:
    usual = {"account": phones.ELKS_NAME, "token": phones.ELKS_PASSWORD, "sender": "Tocsin"}
    found = carriers.checked(CARRIER, {"provider": "46elks", **usual})
    assert found.account.address == "https://api.46elks.com"
    usual |= {"account": phones.SID, "token": phones.TOKEN}
    found = carriers.checked(CARRIER, {"provider": "Twilio", **usual})
    assert found.account.address == "https://api.twilio.com"
