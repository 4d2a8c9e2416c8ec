"""The long tail: which services are taken, where they write to, and what their no means."""

import datetime as dt
import logging
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from tests import phones
from tests.loopback import Asked, Loopback, Told, loopback

from tocsin.actions import carriers
from tocsin.actions.letters import FailedForGood, FailedForNow, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.apprise import schemes
from tocsin.channels.apprise import send as sending
from tocsin.channels.apprise.form import CARRIER, Settings
from tocsin.kit.invalid import Invalid

SECRET = "Asecrettoken12345"
# One URL for each service that is taken.
URLS = {
    "discord": "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz",
    "gchat": "gchat://workspace/key/token",
    "gotify": "gotify://gotify.example/Atoken12345",
    "gotifys": "gotifys://gotify.example/Atoken12345",
    "mmost": "mmost://chat.example/abcdefghijklmnopqrstuvwxyz",
    "mmosts": "mmosts://chat.example/abcdefghijklmnopqrstuvwxyz",
    "nctalk": "nctalk://user:pass@cloud.example/room",
    "nctalks": "nctalks://user:pass@cloud.example/room",
    "ntfy": "ntfy://ntfy.example/topic",
    "ntfys": "ntfys://topic",
    "pbul": "pbul://" + "a" * 32,
    "pover": "pover://" + "u" * 30 + "@" + "t" * 30,
    "prowl": "prowl://" + "a" * 40,
    "rocket": "rocket://user:pass@chat.example/#room",
    "rockets": "rockets://user:pass@chat.example/#room",
    "signl4": "signl4://secret",
    "tgram": "tgram://123456789:" + "a" * 35 + "/12315544/",
}


@pytest.fixture(autouse=True)
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_EGRESS_ALLOW", "127.0.0.0/8")


def gotify(asked: Asked) -> Told:
    """Speak Gotify: a message with a token."""
    path = urlsplit(asked.path).path
    if path != "/message":
        return Told(404, {"error": "Not Found", "errorCode": 404})
    if asked.headers.get("x-gotify-key") != SECRET:
        return Told(401, {"error": "Unauthorized", "errorCode": 401})
    return Told(200, {"id": 1})


@pytest.fixture
def there() -> Iterator[Loopback]:
    with loopback(gotify) as made:
        yield made


def to(there: Loopback, token: str = SECRET, path: str = "") -> Settings:
    url = f"gotify://127.0.0.1:{there.port}{path}/{token}"
    return carriers.checked(CARRIER, {"url": url})


def sent(there: Loopback, **given: Any) -> Outcome:
    return sending.send(phones.lease("", channel="apprise"), to(there), **given)


def test_a_service_takes_it(there: Loopback) -> None:
    assert sent(there) == Sent()
    (asked,) = there.asked
    assert b"BREACHED: first response" in asked.body
    assert b"[Ticket 42] Breached" in asked.body


@pytest.mark.parametrize(
    ("weather", "kind", "says"),
    [
        ("401", FailedForNow, "does not accept the token in the Apprise URL: enter it again"),
        ("403", FailedForNow, "does not accept the token"),
        ("402", FailedForNow, "wants the account to be paid for"),
        ("404", FailedForNow, "does not know the place in the Apprise URL: check it"),
        ("429", FailedForNow, "asks us to slow down"),
        ("500", FailedForNow, "is out of order (500)"),
        ("503", FailedForNow, "is out of order (503)"),
        ("400", FailedForGood, "does not take the message (400)"),
        ("cut", Unsure, "the connection broke before the answer"),
    ],
)
def test_a_no_is_an_outcome_with_what_to_do(
    there: Loopback, weather: str, kind: type, says: str
) -> None:
    there.weather = weather
    found = sent(there)
    assert isinstance(found, kind)
    assert not isinstance(found, Sent)
    assert says in found.reason
    assert found.reason.startswith("127.0.0.1")


@pytest.mark.parametrize("weather", ["hang", "half-open"])
def test_what_hangs_is_left_behind(there: Loopback, weather: str) -> None:
    there.weather = weather
    assert sent(there, total_s=1.5) == Unsure("127.0.0.1: not done after 1.5 s")
    there.thaw.set()


def test_too_many_that_hang_are_waited_for(
    there: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    monkeypatch.setattr(sending, "_AT_WORK", threading.BoundedSemaphore(1))
    there.weather = "hang"
    assert isinstance(sent(there, total_s=1.5), Unsure)
    assert isinstance(sent(there, total_s=1.5), FailedForNow)
    assert there.connections == 1


def test_nobody_there_is_tried_again(there: Loopback) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = carriers.checked(CARRIER, {"url": f"gotify://127.0.0.1:{port}/{SECRET}"})
    found = CARRIER.send(phones.lease(""), settings)
    assert isinstance(found, FailedForNow)
    assert "is it up" in found.reason


def test_the_secret_is_shown_nowhere(there: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for weather in ("401", "500", "cut", "noise"):
            there.weather = weather
            found = sent(there)
            assert SECRET not in str(found)
    assert SECRET not in caplog.text
    assert SECRET not in repr(to(there))


def test_the_guard_is_asked_right_before(there: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = to(there)
    monkeypatch.delenv("TOCSIN_EGRESS_ALLOW")
    found = CARRIER.send(phones.lease(""), settings)
    assert isinstance(found, FailedForGood)
    assert "TOCSIN_EGRESS_ALLOW" in found.reason
    assert there.connections == 0


def test_a_redirect_is_not_followed(there: Loopback) -> None:
    there.weather, there.extra = "302", {"Location": f"{there.url}/elsewhere"}
    assert isinstance(sent(there), FailedForGood)
    assert len(there.asked) == 1


# --------------------------------------------------------------------------- what is taken at all


def test_every_service_that_is_listed_has_an_example() -> None:
    assert set(URLS) == set(schemes.HOSTS)


@pytest.mark.parametrize("name", sorted(URLS))
def test_a_service_writes_to_the_host_that_was_judged(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    judged: list[tuple[str, int]] = []
    written: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        judged.append((host, port))
        return []

    def request(_: Any, request: Any, **__: Any) -> requests.Response:
        written.append(request.url)
        raise requests.ConnectionError("no")

    monkeypatch.setattr(outgoing, "look_up", look_up)
    monkeypatch.setattr(requests.Session, "send", request)
    CARRIER.send(phones.lease(""), carriers.checked(CARRIER, {"url": URLS[name]}))
    assert written
    for url in written:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
        assert (parts.hostname, port) == judged[0]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "exec://rm",
        "dbus://",
        "glib://",
        "gnome://",
        "windows://",
        "macosx://",
        "syslog://",
        "rsyslog://127.0.0.1",
        "json://169.254.169.254/latest",
        "jsons://127.0.0.1/",
        "xml://127.0.0.1/",
        "form://127.0.0.1/",
        "mailto://me:secret@example.com",
        "matrixs://user:pass@matrix.example/#room",
        "apprise://127.0.0.1/token",
        "mqtt://127.0.0.1/topic",
        "irc://127.0.0.1/",
        "smpp://user:pass@127.0.0.1/1/2",
        "workflows://127.0.0.1/a/b",
        "https://config.example/apprise.yml",
        "not a url",
        "",
    ],
)
def test_what_cannot_be_guarded_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        carriers.checked(CARRIER, {"url": url})
    assert refused.value.path == "url"
    assert "secret" not in refused.value.reason.casefold()


@pytest.mark.parametrize(
    "option",
    [
        "attach=file:///etc/passwd",
        "attach=http://169.254.169.254/",
        "verify=no",
        "redirect=yes",
        "rto=9999",
        "+X-Header=1",
        "%2BX-Header=1",
        "store=yes",
        "avatar_url=http://x.example",
        "ATTACH=x",
    ],
)
def test_an_option_that_reaches_behind_our_back_is_refused(option: str) -> None:
    with pytest.raises(Invalid, match="leave it out"):
        carriers.checked(CARRIER, {"url": f"ntfys://ntfy.example.com/topic?{option}"})
    good = "ntfys://ntfy.example.com/topic?priority=high"
    assert carriers.checked(CARRIER, {"url": good}).url == good


def test_two_urls_are_not_one() -> None:
    with pytest.raises(Invalid):
        carriers.checked(CARRIER, {"url": "ntfys://a.example/t, json://127.0.0.1"})
    # A comma belongs to the one URL, whose host is judged.
    service = schemes.made("ntfys://a.example/t,json://127.0.0.1")
    assert schemes.place("ntfys://a.example/t,json://127.0.0.1", service).host == "a.example"


def test_a_slow_down_is_no_reason_to_ask_at_once() -> None:
    found = sending._refusal("h", "Failed, error=401.", "")
    assert isinstance(found, FailedForNow)
    assert found.retry_after == dt.timedelta(minutes=10)
