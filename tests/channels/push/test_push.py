"""Web push: the standards' own examples, a push service that opens what it gets, the weather."""

import base64
import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from tests import phones
from tests.loopback import Asked, Loopback, Told, loopback

from tocsin.actions import carriers
from tocsin.actions.letters import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.actions.subscriptions import GONE
from tocsin.channels import outgoing
from tocsin.channels.push import sealing, settings
from tocsin.channels.push.form import CARRIER
from tocsin.channels.push.send import message
from tocsin.kit.invalid import Invalid


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(raw(text), "big"), ec.SECP256R1())


class Browser:
    """A browser with a subscription, and its push service."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"0123456789abcdef"
        self.subscribed_with = ""
        self.shown: list[dict[str, Any]] = []

    def address(self, endpoint: str) -> str:
        keys = {
            "p256dh": settings.encoded(settings.point(self.key.public_key())),
            "auth": settings.encoded(self.auth),
        }
        return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})

    def service(self, asked: Asked) -> Told:
        """Speak RFC 8030: check who sends, then hand it to the browser, which opens it."""
        if asked.path == "/gone":
            return Told(410, b"")
        if asked.path == "/unknown":
            return Told(404, b"")
        head = asked.headers
        if not {"ttl", "urgency", "topic", "authorization"} <= set(head):
            return Told(400, b"a header is missing")
        if len(head["topic"]) > 32 or len(asked.body) > 4096:
            return Told(413 if len(asked.body) > 4096 else 400, b"")
        claims = verified(head["authorization"])
        if self.subscribed_with and head["authorization"].rpartition("k=")[2] != (
            self.subscribed_with
        ):
            return Told(403, b"VapidPkHashMismatch")
        if claims["aud"] != f"http://{head['host']}":
            return Told(401, b"wrong audience")
        opened = http_ece.decrypt(asked.body, private_key=self.key, auth_secret=self.auth)
        self.shown.append(json.loads(opened))
        return Told(201, b"", {"Location": "https://push.example/m/1"})


def verified(header: str) -> dict[str, Any]:
    """Return what a token claims, its signature checked with the key that is beside it."""
    scheme, _, rest = header.partition(" ")
    assert scheme == "vapid"
    token, _, key = rest.removeprefix("t=").partition(", k=")
    signed, _, signature = token.rpartition(".")
    both = raw(signature)
    assert len(both) == 64
    found = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(key))
    der = encode_dss_signature(int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big"))
    found.verify(der, signed.encode(), ec.ECDSA(SHA256()))
    head, _, claims = signed.partition(".")
    assert json.loads(raw(head)) == {"typ": "JWT", "alg": "ES256"}
    told: dict[str, Any] = json.loads(raw(claims))
    return told


@pytest.fixture(autouse=True)
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_EGRESS_ALLOW", "127.0.0.0/8")
    monkeypatch.setenv("TOCSIN_URL", "https://desk.example.com")


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def there(browser: Browser) -> Iterator[Loopback]:
    with loopback(browser.service) as made:
        yield made


OURS = carriers.checked(CARRIER, {"contact": "desk@example.com"})


def sent(browser: Browser, there: Loopback, path: str = "/send/abc", **given: Any) -> Outcome:
    address = settings.address(browser.address(there.url + path))
    return CARRIER.send(phones.lease(address, channel="push", **given), OURS)


# ------------------------------------------------------------------------------------- the standard


def test_the_example_of_rfc_8291_comes_out_byte_for_byte() -> None:
    to = settings.Subscription(
        "https://push.example/1",
        raw(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        raw("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    found = sealing.sealed(
        b"When I grow up, I want to be a watermelon",
        to,
        key=private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert settings.encoded(found) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
        "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
        "lcy4a-fN"
    )


def test_no_two_messages_are_sealed_alike(browser: Browser) -> None:
    to = settings.subscription(browser.address("https://push.example/1"))
    assert sealing.sealed(b"same", to) != sealing.sealed(b"same", to)


def test_a_token_is_for_one_service_and_half_a_day(browser: Browser) -> None:
    to = settings.subscription(browser.address("https://push.example:8443/send/1?x=2"))
    now = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    claims = verified(sealing.authorization(to, OURS, now=now))
    assert claims["aud"] == "https://push.example:8443"
    assert claims["sub"] == "mailto:desk@example.com"
    assert claims["exp"] == int((now + dt.timedelta(hours=12)).timestamp())


# ------------------------------------------------------------------------------------------ sending


def test_the_browser_can_open_it_and_nobody_else(browser: Browser, there: Loopback) -> None:
    assert sent(browser, there) == Sent("https://push.example/m/1")
    (shown,) = browser.shown
    assert shown["title"] == "[Ticket 42] Breached: first response"
    assert "BREACHED: first response" in shown["body"]
    assert shown["url"] == "https://desk.example.com/t/acme/tickets/42/"
    assert shown["urgent"] is True
    (asked,) = there.asked
    assert asked.headers["urgency"] == "high"
    assert asked.headers["ttl"] == "86400"
    assert asked.headers["content-encoding"] == "aes128gcm"
    assert b"first response" not in asked.body
    other = http_ece.decrypt
    with pytest.raises(http_ece.ECEException):
        other(
            asked.body, private_key=ec.generate_private_key(ec.SECP256R1()), auth_secret=b"x" * 16
        )


def test_a_letter_that_is_handed_over_again_replaces_itself(
    browser: Browser, there: Loopback
) -> None:
    sent(browser, there)
    sent(browser, there, attempts=2, at=dt.datetime(2026, 3, 2, 9, 5, tzinfo=dt.UTC))
    sent(browser, there, key="another", urgent=False)
    topics = [one.headers["topic"] for one in there.asked]
    assert topics[0] == topics[1] != topics[2]
    assert there.asked[2].headers["urgency"] == "normal"


@pytest.mark.parametrize("path", ["/gone", "/unknown"])
def test_a_subscription_that_has_ended_is_told_apart(
    browser: Browser, there: Loopback, path: str
) -> None:
    found = sent(browser, there, path)
    assert isinstance(found, FailedForGood)
    assert found.reason.startswith(GONE)


def test_a_browser_that_subscribed_with_another_key_is_told_so(
    browser: Browser, there: Loopback
) -> None:
    browser.subscribed_with = "another"
    found = sent(browser, there)
    assert isinstance(found, FailedForGood)
    assert "off and on again" in found.reason
    browser.subscribed_with = OURS.public_key
    assert isinstance(sent(browser, there), Sent)


@pytest.mark.promise("P11")
@pytest.mark.parametrize(
    ("weather", "expected"),
    [
        (
            "429",
            FailedForNow("the push service asks us to slow down (429)", dt.timedelta(seconds=9)),
        ),
        ("500", FailedForNow("the push service is out of order (500)", dt.timedelta(seconds=9))),
        ("503", FailedForNow("the push service is out of order (503)", dt.timedelta(seconds=9))),
        ("413", FailedForGood("the message is too long for this push service (413)")),
        ("400", FailedForGood("the push service does not take the message (400)")),
        (
            "307",
            FailedForNow("the push service leads elsewhere (307)", dt.timedelta(minutes=10)),
        ),
    ],
)
def test_an_answer_is_an_outcome(
    browser: Browser, there: Loopback, weather: str, expected: Outcome
) -> None:
    there.weather, there.extra = weather, {"Retry-After": "9", "Location": "http://127.0.0.1/"}
    assert sent(browser, there) == expected
    assert there.connections == 1


@pytest.mark.promise("P11")
@pytest.mark.parametrize("weather", ["hang", "half-open", "cut", "noise"])
def test_silence_is_unsure(
    browser: Browser, there: Loopback, monkeypatch: pytest.MonkeyPatch, weather: str
) -> None:
    real = outgoing.post

    def post(url: str, **given: Any) -> outgoing.Answer:
        return real(url, **{**given, "timeout_s": 0.3})

    monkeypatch.setattr(outgoing, "post", post)
    there.weather = weather
    assert isinstance(sent(browser, there), Unsure)


def test_a_subscription_cannot_point_inside(
    browser: Browser, there: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOCSIN_EGRESS_ALLOW")
    assert isinstance(sent(browser, there), FailedForGood)
    assert there.connections == 0


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.integers(1, 200))
def test_whatever_is_said_fits_into_a_push(subject: str, count: int) -> None:
    line = {"clock": "SLA/ärende#1", "deed": "breach", "planned_at": "2026-03-02T09:00:00+00:00"}
    parts = json.dumps({"lines": [{**line, "which": subject}] * count})
    made = phones.lease("", parts=parts)
    found = message(made)
    assert len(found) <= sealing.MOST_BYTES
    assert json.loads(found)["title"]


# ---------------------------------------------------------------------------------------- the form


def test_the_installation_has_one_key_and_keeps_it() -> None:
    again = carriers.checked(CARRIER, {"contact": "mailto:other@example.com"})
    assert again.public_key == OURS.public_key
    assert len(raw(OURS.public_key)) == 65
    assert "key" not in repr(dataclasses.replace(OURS, contact=""))


def test_another_installation_has_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.SECRET_KEY", "something else")
    found = carriers.checked(CARRIER, {"contact": "desk@example.com"})
    assert found.public_key != OURS.public_key


def test_a_key_of_old_is_kept() -> None:
    text = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
    pem = private(text).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for typed in (text, pem.decode()):
        found = carriers.checked(CARRIER, {"contact": "https://example.com/us", "key": typed})
        assert found.public_key == (
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        )


P384 = (
    ec.generate_private_key(ec.SECP384R1())
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    .decode()
)


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ({"contact": "desk"}, "contact"),
        ({"contact": "http://example.com"}, "contact"),
        ({"contact": "desk@example.com", "key": "short"}, "key"),
        ({"contact": "desk@example.com", "key": settings.encoded(b"\0" * 32)}, "key"),
        ({"contact": "desk@example.com", "key": settings.encoded(b"\xff" * 32)}, "key"),
        ({"contact": "desk@example.com", "key": P384}, "key"),
        ({"contact": "desk@example.com", "key": "-----BEGIN ÄÖ"}, "key"),
    ],
)
def test_a_mistake_in_the_form_is_named(typed: dict[str, str], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        carriers.checked(CARRIER, typed)
    assert refused.value.path == path


def test_a_subscription_is_kept_in_one_form(browser: Browser) -> None:
    typed = browser.address("https://push.example/send/1")
    found = settings.address(typed)
    assert settings.address(found) == found
    assert set(json.loads(found)) == {"endpoint", "keys"}


POINT = settings.encoded(
    settings.point(private("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94").public_key())
)
AUTH = settings.encoded(b"0123456789abcdef")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "[]",
        "null",
        "{}",
        "[" * 5000,
        json.dumps({"endpoint": "https://x.example", "keys": []}),
        json.dumps({"endpoint": 7, "keys": {"p256dh": POINT, "auth": AUTH}}),
        json.dumps({"endpoint": "ftp://x.example", "keys": {"p256dh": POINT, "auth": AUTH}}),
        json.dumps({"endpoint": "https://a:b@x.example", "keys": {"p256dh": POINT, "auth": AUTH}}),
        json.dumps(
            {"endpoint": "https://x.example/a\r\nb", "keys": {"p256dh": POINT, "auth": AUTH}}
        ),
        json.dumps({"endpoint": "https://x.example", "keys": {"p256dh": POINT, "auth": "AA"}}),
        json.dumps(
            {
                "endpoint": "https://x.example",
                # No point of the curve: what is sealed for it could be opened by others.
                "keys": {"p256dh": settings.encoded(b"\x04" + b"\1" * 64), "auth": AUTH},
            }
        ),
        json.dumps({"endpoint": "https://x.example/" + "a" * 2000, "keys": {}}),
    ],
)
def test_what_is_no_subscription_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        settings.address(typed)
    assert refused.value.path == "address"
    lease: Lease = phones.lease(typed)
    assert isinstance(CARRIER.send(lease, OURS), FailedForGood)
