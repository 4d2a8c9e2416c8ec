"""What providers tell afterwards, and what somebody else could tell."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import phones

from tocsin.actions import hooks, twilio
from tocsin.actions.twilio import Account
from tocsin.channels.sms.receive import Report, read
from tocsin.channels.sms.settings import Elks, Settings

URL = "https://desk.example.com/hooks/acme/3/sms"
BY_TWILIO = Settings(Account(phones.SID, phones.TOKEN), "+46766860000")
BY_ELKS = Settings(Elks(phones.ELKS_NAME, phones.ELKS_PASSWORD), "Tocsin")
SEALED = hooks.sealed(URL, phones.ELKS_PASSWORD)


def test_the_signature_is_that_of_twilios_own_example() -> None:
    # From the page on which Twilio shows how requests are signed.
    params = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert twilio.signature("12345", url, params.items()) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def signed(fields: dict[str, str], url: str = URL, token: str = phones.TOKEN) -> dict[str, str]:
    return {"X-Twilio-Signature": twilio.signature(token, url, fields.items())}


@pytest.mark.parametrize(
    ("status", "code", "arrived", "told"),
    [
        ("delivered", "", True, ""),
        ("read", "", True, ""),
        ("sent", "", None, ""),
        ("queued", "", None, ""),
        ("undelivered", "30007", False, "took it for spam: register the sender"),
        ("undelivered", "30005", False, "this number is not in use (Twilio 30005)"),
        ("failed", "", False, "it was not delivered (Twilio failed)"),
        ("undelivered", "987654", False, "it was not delivered (Twilio 987654)"),
        ("something new", "", None, ""),
    ],
)
def test_twilio_tells_what_became_of_a_message(
    status: str, code: str, arrived: bool | None, told: str
) -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": code, "To": "+46 70"}
    found = read(urlencode(fields).encode(), signed(fields), URL, BY_TWILIO)
    assert found is not None
    assert (found.reference, found.arrived) == ("SM1", arrived)
    assert told in found.told


def test_who_does_not_know_the_token_is_not_heard() -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    body = urlencode(fields).encode()
    right = signed(fields)
    assert read(body, right, URL, BY_TWILIO) is not None
    assert read(body, {"x-twilio-signature": right["X-Twilio-Signature"]}, URL, BY_TWILIO)
    # Twilio may have signed the address with the port that is usual.
    assert read(body, right, URL.replace(".com/", ".com:443/"), BY_TWILIO) is not None
    assert read(body, {}, URL, BY_TWILIO) is None
    assert read(body, signed(fields, token="00" * 16), URL, BY_TWILIO) is None
    assert read(body + b"&ErrorCode=1", right, URL, BY_TWILIO) is None
    assert read(body, right, f"{URL}?more=1", BY_TWILIO) is None
    assert read(body, right, URL.replace(".com/", ".com:444/"), BY_TWILIO) is None
    assert read(b"\xff\xfe", right, URL, BY_TWILIO) is None


def test_46elks_is_known_by_the_address_that_we_gave_it() -> None:
    body = b"id=s1&status=delivered&delivered=2026-03-02T09%3A00%3A05.123"
    at = dt.datetime(2026, 3, 2, 9, 0, 5, 123000, dt.UTC)
    assert read(body, {}, SEALED, BY_ELKS) == Report("s1", True, at)
    # A proxy that ends TLS may call us by another name.
    inside = SEALED.replace("https://desk.example.com", "http://127.0.0.1:8000")
    assert read(body, {}, inside, BY_ELKS) is not None
    failed = read(b"id=s1&status=failed", {}, SEALED, BY_ELKS)
    assert failed is not None
    assert (failed.arrived, failed.at) == (False, None)
    assert "not in use" in failed.told
    for wrong in (URL, f"{URL}?seal=", f"{SEALED}0", SEALED.replace("/3/", "/4/"), f"{SEALED}&a=1"):
        assert read(body, {}, wrong, BY_ELKS) is None
    assert read(b"status=delivered", {}, SEALED, BY_ELKS) is None


@pytest.mark.parametrize("settings", [BY_TWILIO, BY_ELKS])
@given(
    body=st.binary(max_size=200),
    header=st.text(max_size=60),
    seal=st.text(max_size=80),
)
def test_nonsense_is_not_heard_and_breaks_nothing(
    settings: Settings, body: bytes, header: str, seal: str
) -> None:
    url = f"{URL}?{urlencode({'seal': seal.encode('utf-8', 'replace')})}"
    assert read(body, {"X-Twilio-Signature": header}, url, settings) is None
