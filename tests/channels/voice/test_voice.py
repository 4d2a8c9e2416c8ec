"""Calls: what is said, what Twilio makes of it, and the key that acknowledges."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import phones
from tests.loopback import Loopback, loopback

from tocsin.actions import carriers, twilio
from tocsin.actions.letters import FailedForGood, FailedForNow, Recipient, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.voice import twiml
from tocsin.channels.voice.form import CARRIER
from tocsin.channels.voice.receive import Ended, Pressed, read
from tocsin.channels.voice.settings import Settings
from tocsin.kit.invalid import Invalid

TO = "+46701234567"


@pytest.fixture(autouse=True)
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_EGRESS_ALLOW", "127.0.0.0/8")
    monkeypatch.setenv("TOCSIN_URL", "https://desk.example.com")


@pytest.fixture
def there() -> Iterator[Loopback]:
    with loopback(phones.twilio) as made:
        yield made


def settings(there: Loopback, **given: str) -> Settings:
    usual = {"account": phones.SID, "token": phones.TOKEN, "number": "+46 766 86 00 00"}
    return carriers.checked(CARRIER, {**usual, "address": there.url, **given})


def called(there: Loopback) -> tuple[dict[str, str], ElementTree.Element]:
    fields = phones.fields(there.asked[-1])
    return fields, ElementTree.fromstring(fields["Twiml"])


# ------------------------------------------------------------------------------------------ calling


def test_a_call_says_it_twice_and_asks_for_a_key(there: Loopback) -> None:
    found = CARRIER.send(phones.lease(TO, channel="voice"), settings(there))
    assert found == Sent("CA" + "1" * 32)
    fields, root = called(there)
    assert (fields["To"], fields["From"], fields["Timeout"]) == (TO, "+46766860000", "30")
    assert fields["StatusCallback"] == "https://desk.example.com/hooks/acme/3/voice"
    assert "MachineDetection" not in fields
    (gather,) = root.findall("Gather")
    assert (gather.get("numDigits"), gather.get("method")) == ("1", "POST")
    said = [one.text or "" for one in gather.findall("Say")]
    assert sum("Breached: first response" in one for one in said) == 2
    assert sum("Server <down> & out" in one for one in said) == 2
    assert sum("Press 4" in one for one in said) == 2
    assert {one.get("language") for one in root.iter("Say")} == {"en-GB"}


@pytest.mark.parametrize(
    ("language", "voice", "press"), [("sv", "sv-SE", "Tryck 4"), ("en", "en-GB", "Press 4")]
)
def test_it_speaks_the_readers_language(
    there: Loopback, language: str, voice: str, press: str
) -> None:
    reader = Recipient("Åsa", "asa@acme.example", language, "Europe/Stockholm")
    CARRIER.send(phones.lease(TO, recipient=reader), settings(there))
    _, root = called(there)
    assert {one.get("language") for one in root.iter("Say")} == {voice}
    assert press in ElementTree.tostring(root, encoding="unicode")


def test_every_language_has_every_text() -> None:
    assert set(twiml.TEXTS) == set(twiml.VOICES) == {"en", "sv", "pt-BR"}
    assert len({frozenset(one) for one in twiml.TEXTS.values()}) == 1


def test_without_a_ticket_or_a_public_address_it_only_speaks(
    there: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    CARRIER.send(phones.lease(TO, about=None), settings(there))
    assert called(there)[1].find("Gather") is None
    monkeypatch.delenv("TOCSIN_URL")
    CARRIER.send(phones.lease(TO), settings(there))
    fields, root = called(there)
    assert root.find("Gather") is None
    assert len(root.findall("Say")) == 2
    assert "StatusCallback" not in fields


def test_machines_are_told_apart_when_that_is_asked_for(there: Loopback) -> None:
    CARRIER.send(phones.lease(TO), settings(there, machines="yes", rings="20"))
    fields, _ = called(there)
    assert (fields["MachineDetection"], fields["Timeout"]) == ("DetectMessageEnd", "20")


@pytest.mark.asvs("1.3.3")
@given(st.text(st.characters(codec="utf-8") | st.sampled_from("<>&'\"]\0\r\n"), max_size=2000))
def test_nothing_that_is_said_becomes_an_instruction(said: str) -> None:
    made = twiml.spoken("en", said, "https://x.example/?a=1&b=\"'<")
    root = ElementTree.fromstring(made)
    assert {one.tag for one in root.iter()} == {"Response", "Gather", "Say", "Pause"}
    assert root.find("Gather").get("action") == "https://x.example/?a=1&b=\"'<"  # type: ignore[union-attr]  # it is there
    assert len(twiml.spoken("en", "word " * 500, "")) < 4000


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("+15005550001", FailedForGood("this is no telephone number")),
        ("+15005550006", FailedForGood("Something new (Twilio 99999)")),
        ("+15005550007", FailedForNow("Twilio does not accept", dt.timedelta(minutes=10))),
        ("+15005550005", FailedForNow("Twilio asks us to slow", dt.timedelta(seconds=11))),
    ],
)
def test_an_error_is_an_outcome_with_what_to_do(
    there: Loopback, number: str, outcome: FailedForNow | FailedForGood
) -> None:
    found = CARRIER.send(phones.lease(number), settings(there))
    assert isinstance(found, type(outcome))
    assert found.reason.startswith(outcome.reason)
    assert getattr(found, "retry_after", None) == getattr(outcome, "retry_after", None)


@pytest.mark.promise("P11")
@pytest.mark.parametrize(
    ("weather", "kind"),
    [
        ("500", FailedForNow),
        ("503", FailedForNow),
        ("hang", Unsure),
        ("half-open", Unsure),
        ("cut", Unsure),
    ],
)
def test_whatever_the_weather_the_answer_is_an_outcome(
    there: Loopback, monkeypatch: pytest.MonkeyPatch, weather: str, kind: type
) -> None:
    real = outgoing.post

    def post(url: str, **given: Any) -> outgoing.Answer:
        return real(url, **{**given, "timeout_s": 0.3})

    monkeypatch.setattr(outgoing, "post", post)
    there.weather = weather
    assert isinstance(CARRIER.send(phones.lease(TO), settings(there)), kind)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"account": "x"}, "account"),
        ({"token": "x"}, "token"),
        ({"number": "0701"}, "number"),
        ({"rings": "5"}, "rings"),
        ({"rings": "9999999"}, "rings"),
        ({"machines": "maybe"}, "machines"),
    ],
)
def test_a_mistake_in_the_form_is_named(
    there: Loopback, given: Mapping[str, str], path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        settings(there, **given)
    assert refused.value.path == path


# ---------------------------------------------------------------------------------------- answering


def pressed(url: str, fields: dict[str, str], **given: Any) -> Pressed | Ended | None:
    made = Settings(twilio.Account(phones.SID, given.get("token", phones.TOKEN)), "+46766860000")
    headers = {"X-Twilio-Signature": twilio.signature(phones.TOKEN, url, fields.items())}
    return read(urlencode(fields).encode(), headers, url, made, tenant=int(given.get("tenant", 1)))


def test_a_key_names_the_letter_that_it_answers(there: Loopback) -> None:
    CARRIER.send(phones.lease(TO), settings(there))
    action = called(there)[1].find("Gather").get("action")  # type: ignore[union-attr]  # it is there
    assert action is not None
    assert pressed(action, {"Digits": "4", "CallSid": "CA1"}) == Pressed(7, "en", True)
    assert pressed(action, {"Digits": "5", "CallSid": "CA1"}) == Pressed(7, "en", False)
    # Another tenant, another token, another letter: not heard.
    assert pressed(action, {"Digits": "4"}, tenant=2) is None
    assert pressed(action, {"Digits": "4"}, token="00" * 16) is None
    assert pressed(action.replace("letter=", "letter=x"), {"Digits": "4"}) is None


def test_an_answer_counts_for_a_day(there: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    CARRIER.send(phones.lease(TO), settings(there))
    action = called(there)[1].find("Gather").get("action")  # type: ignore[union-attr]  # it is there
    assert action is not None
    monkeypatch.setattr("tocsin.actions.hooks.ANSWERABLE_S", -1)
    assert pressed(action, {"Digits": "4"}) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"CallStatus": "completed"}, Ended("CA1", True)),
        ({"CallStatus": "completed", "AnsweredBy": "human"}, Ended("CA1", True)),
        (
            {"CallStatus": "completed", "AnsweredBy": "machine_end_beep"},
            Ended("CA1", None, "a machine answered"),
        ),
        ({"CallStatus": "busy"}, Ended("CA1", False, "the line was busy")),
        ({"CallStatus": "no-answer"}, Ended("CA1", False, "nobody answered")),
        ({"CallStatus": "ringing"}, Ended("CA1", None)),
    ],
)
def test_how_a_call_ended(fields: dict[str, str], expected: Ended) -> None:
    url = "https://desk.example.com/hooks/acme/3/voice"
    assert pressed(url, {"CallSid": "CA1", **fields}) == expected


def test_what_is_said_after_a_key() -> None:
    for language in twiml.TEXTS:
        for which in ("done", "wrong", "not"):
            root = ElementTree.fromstring(twiml.answer(language, which))
            assert [one.tag for one in root] == ["Say", "Hangup"]
