"""Handing letters to mail servers: a real one, and one that has all the weather there is."""

import dataclasses
import datetime as dt
import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from hypothesis import given
from hypothesis import strategies as st
from tests.mailbox import Provider, provider

from tocsin.actions.outbox import FailedForGood, FailedForNow, Outcome, Sent, Unsure
from tocsin.channels.email.send import POOL, Letter, Smtp, message_id, send, wire
from tocsin.kit.invalid import Invalid

LETTER = Letter(
    tenant=1,
    key="effect/1/notify/x",
    to="ann@acme.example",
    name="Ann Öberg",
    subject="[Ärende 7] Överskriden: first response",
    body="ÖVERSKRIDEN\n.a line with a dot\n" + "long " * 400 + "\n",
    at=dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC),
    language="sv",
)
DESK = Smtp(host="mail.example.com", port=25, sender="desk@example.com")


# -------------------------------------------------------------------------------- a real server


class Taken:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        del server, session
        self.envelopes.append(envelope)
        return "250 taken"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def real() -> Iterator[Callable[..., tuple[Taken, int]]]:
    started = []

    def start(**options: Any) -> tuple[Taken, int]:
        taken, port = Taken(), free_port()
        controller = Controller(taken, hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        return taken, port

    yield start
    POOL.empty()
    for controller in started:
        controller.stop()


def test_a_real_server_takes_it_as_it_was_meant(real: Any) -> None:
    taken, port = real()
    assert send(LETTER, dataclasses.replace(DESK, host="127.0.0.1", port=port)) == Sent()
    (envelope,) = taken.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("desk@example.com", ["ann@acme.example"])
    found = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert found["Subject"] == LETTER.subject
    assert str(found["To"]) == "Ann Öberg <ann@acme.example>"
    assert found["From"].addresses[0].addr_spec == "desk@example.com"
    assert found["Date"].datetime == LETTER.at
    assert found["Message-ID"] == message_id(LETTER, DESK)
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["X-Auto-Response-Suppress"] == "All"
    assert found.get_content_type() == "text/plain"
    assert found.get_content().replace("\r\n", "\n") == LETTER.body


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, made = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-keyout", str(key), "-out", str(made), "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return made, key


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("way", ["smtps", "starttls"])
def test_tls_is_checked_and_a_password_goes_over_it(
    real: Any, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    made, key = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made, key)

    def authenticator(*given: Any) -> AuthResult:
        right = given[-1] == LoginPassword(b"desk", b"secret")
        return AuthResult(success=right, handled=right)

    options: dict[str, Any] = {"authenticator": authenticator, "auth_required": True}
    if way == "smtps":
        # It takes only its own STARTTLS for TLS.
        options |= {"ssl_context": context, "auth_require_tls": False}
    else:
        options |= {"tls_context": context, "require_starttls": True}
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    taken, port = real(**options)
    to = Smtp(
        *("127.0.0.1", port, "desk@example.com"),
        tls=way == "smtps",
        starttls=way == "starttls",
        user="desk",
        password="secret",
    )
    assert send(LETTER, to) == Sent()
    assert len(taken.envelopes) == 1
    wrong = send(LETTER, dataclasses.replace(to, password="guess"))
    assert isinstance(wrong, FailedForNow)
    assert "535" in wrong.reason
    monkeypatch.delenv("SSL_CERT_FILE")
    stranger = send(LETTER, to)
    assert isinstance(stranger, FailedForNow)
    assert "certificate" in stranger.reason
    assert len(taken.envelopes) == 1


# ---------------------------------------------------------------------------------- the weather


@pytest.mark.promise("P11")
@pytest.mark.parametrize(
    ("weather", "expected"),
    [
        ("ok", Sent()),
        ("421", FailedForNow("the server said 421 4.3.2 closing for maintenance")),
        (
            "451",
            FailedForNow(
                "the server said 451 4.7.1 greylisted, try again in 300 seconds",
                dt.timedelta(minutes=5),
            ),
        ),
        ("452", FailedForNow("the server said 452 4.2.2 mailbox full")),
        ("550", FailedForGood("the server said 550 5.1.1 no such user")),
        ("554 at the end", FailedForGood("the server said 554 5.7.1 looks like spam")),
    ],
)
def test_an_answer_is_an_outcome(weather: str, expected: Outcome) -> None:
    with provider(weather) as there:
        assert send(LETTER, there.address()) == expected


@pytest.mark.parametrize("weather", ["hang", "noise", "cut in data"])
def test_what_breaks_before_the_final_dot_is_tried_again(weather: str) -> None:
    with provider(weather) as there:
        found = send(LETTER, there.address(timeout_s=1.5))
        # A body that fits into the buffers has been sent by the time the server cuts.
        expected = (FailedForNow, Unsure) if weather == "cut in data" else FailedForNow
        assert isinstance(found, expected)
        assert there.received == []


@pytest.mark.promise("P11")
@pytest.mark.parametrize("weather", ["cut", "deaf"])
def test_silence_after_the_final_dot_is_unsure(weather: str) -> None:
    with provider(weather) as there:
        found = send(LETTER, there.address(timeout_s=1.5))
    assert isinstance(found, Unsure)
    assert found.reason.startswith("the connection broke before the answer")


def test_nobody_there_is_an_outcome() -> None:
    found = send(LETTER, dataclasses.replace(DESK, host="127.0.0.1", port=free_port()))
    assert isinstance(found, FailedForNow)
    assert "refused" in found.reason
    found = send(LETTER, dataclasses.replace(DESK, host="no-such-host.invalid"))
    assert isinstance(found, FailedForNow)


def test_no_starttls_where_it_is_asked_for_is_no_letter() -> None:
    with provider() as there:
        assert isinstance(send(LETTER, there.address(starttls=True)), FailedForNow)
        assert there.received == []


# A greeting that never ends, and a TLS record that never ends.
@pytest.mark.parametrize(
    ("first", "more", "tls"),
    [(b"", b"220-wait\r\n", False), (b"\x16\x03\x03\x40\x00", b"\x02", True)],
)
def test_a_server_that_drips_is_hung_up_on(first: bytes, more: bytes, tls: bool) -> None:
    with drip(first, more) as port:
        to = Smtp("127.0.0.1", port, "desk@example.com", tls=tls, timeout_s=5, total_s=0.5)
        assert send(LETTER, to) == FailedForNow(f"127.0.0.1:{port}: not done after 0.5 s")


@contextmanager
def drip(first: bytes, more: bytes) -> Iterator[int]:
    """Run a server that says one thing, and then another one for ever."""
    stop = threading.Event()

    def serve() -> None:
        there, _ = listener.accept()
        with there, suppress(OSError):
            there.sendall(first)
            while not stop.wait(0.02):
                there.sendall(more)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def test_a_letter_that_was_taken_is_sent_however_the_server_says_goodbye() -> None:
    with provider("no goodbye") as there:
        assert send(LETTER, there.address(timeout_s=5, total_s=5)) == Sent()


def test_the_same_letter_has_the_same_id_and_another_one_another() -> None:
    later = dataclasses.replace(LETTER, at=LETTER.at + dt.timedelta(hours=1), subject="again")
    assert message_id(later, DESK) == message_id(LETTER, DESK)
    assert message_id(dataclasses.replace(LETTER, key="y"), DESK) != message_id(LETTER, DESK)
    assert message_id(dataclasses.replace(LETTER, tenant=2), DESK) != message_id(LETTER, DESK)
    assert f"Message-ID: {message_id(LETTER, DESK)}\r\n".encode() in wire(LETTER, DESK)


# ------------------------------------------------------------------------------------ injection


ANYTHING = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\r\n\0\x85\u2028.:"), max_size=60
)


@given(ANYTHING, ANYTHING, ANYTHING)
@pytest.mark.asvs("1.3.11")
def test_nothing_that_is_written_becomes_a_header_or_a_second_letter(
    name: str, subject: str, body: str
) -> None:
    letter = dataclasses.replace(LETTER, name=name, subject=subject, body=body)
    try:
        data = wire(letter, DESK)
    except ValueError:
        assert not subject.isprintable()  # refused: a subject is one line
        return
    assert data.endswith(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in data[:-1]
    rest = data.replace(b"\r\n", b"")
    assert b"\r" not in rest
    assert b"\n" not in rest
    found = message_from_bytes(data, policy=policy.default)
    names = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
    names += ["X-Auto-Response-Suppress", "Content-Language", "Content-Type"]
    assert sorted(found.keys()) == sorted([*names, "Content-Transfer-Encoding", "MIME-Version"])
    assert [a.addr_spec for a in found["To"].addresses] == ["ann@acme.example"]


@pytest.mark.parametrize(
    "address",
    ["", "ann", "a@b\r\nBcc: c@d", "a@b\nc", "a@b, c@d", "<a@b>", "a b@c", "a@b>\r\nDATA", '"a"@b'],
)
def test_an_address_that_is_none_is_refused_without_calling(address: str) -> None:
    with provider() as there:
        found = send(dataclasses.replace(LETTER, to=address), there.address())
        assert isinstance(found, FailedForGood)
        assert there.connections == 0


def test_a_subject_with_a_line_break_is_refused() -> None:
    with provider() as there:
        found = send(dataclasses.replace(LETTER, subject="a\r\nBcc: b@c"), there.address())
        assert isinstance(found, FailedForGood)
        assert there.connections == 0


def test_a_domain_with_letters_of_its_own_is_written_in_ascii() -> None:
    with provider() as there:
        assert send(dataclasses.replace(LETTER, to="ann@åäö.example"), there.address()) == Sent()
        assert there.received[0][0] == "ann@xn--4cab6c.example"
        found = send(dataclasses.replace(LETTER, to="åsa@acme.example"), there.address())
        assert isinstance(found, FailedForGood)


# --------------------------------------------------------------------------------- the address


def test_an_address_of_a_server_is_read() -> None:
    assert Smtp.from_url("smtp://mail.example.com?from=desk@example.com") == DESK
    found = Smtp.from_url("smtp://me%40x:p%2Fw@h?starttls=1&from=desk+alerts@example.com")
    assert (found.user, found.password, found.port) == ("me@x", "p/w", 587)
    assert (found.starttls, found.sender) == (True, "desk+alerts@example.com")
    assert Smtp.from_url("smtps://h:2465?from=a@b.c").port == 2465
    assert Smtp.from_url("smtps://h?from=a@b.c").port == 465
    assert "p/w" not in repr(found)


@pytest.mark.parametrize(
    ("url", "path", "reason"),
    [
        ("http://h?from=a@b", "scheme", "must be smtp"),
        ("mail.example.com", "scheme", "must be smtp"),
        ("smtp://?from=a@b", "host", "missing"),
        ("smtp://h:99999?from=a@b", "port", "no port"),
        ("smtp://h:x?from=a@b", "port", "no port"),
        ("smtp://h", "from", "must be an address"),
        ("smtp://h?from=desk", "from", "must be an address"),
        ("smtp://h?from=a@b%0d%0aBcc:c@d", "from", "must be an address"),
        ("smtp://h?from=a@b&starttls=yes", "starttls", "not one of: 0, 1"),
        ("smtp://h?from=a@b&startls=1", "startls", "did you mean starttls"),
        ("smtps://h?from=a@b&starttls=1", "starttls", "TLS already"),
        ("smtp://me:secret@h?from=a@b", "starttls", "for all to read"),
        ("smtps://me@h?from=a@b", "user", "go together"),
        ("smtp://h/inbox?from=a@b", "", "no option"),
    ],
)
def test_a_mistake_in_it_is_named(url: str, path: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        Smtp.from_url(url)
    assert refused.value.path == f"TOCSIN_SMTP_URL.{path}".rstrip(".")
    assert reason in refused.value.reason
    assert "secret" not in str(refused.value)


def test_an_unexpected_protocol_error_is_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(smtplib.SMTP, "rcpt", breaks)
    with provider() as there:
        assert isinstance(send(LETTER, there.address()), FailedForNow)


def test_provider_is_what_the_tests_think(real: Any) -> None:
    # The scripted server and a real one take the same letter for the same.
    taken, port = real()
    send(LETTER, dataclasses.replace(DESK, host="127.0.0.1", port=port))
    with provider() as there:
        send(LETTER, there.address())
        seen: Provider = there
    theirs = message_from_bytes(taken.envelopes[0].content, policy=policy.default)
    ours = seen.received[0][1]
    assert isinstance(theirs, EmailMessage)
    assert ours.get_content() == theirs.get_content()
    ignored = {"X-Peer", "X-MailFrom", "X-RcptTo"}
    assert {k: v for k, v in theirs.items() if k not in ignored} == dict(ours.items())
