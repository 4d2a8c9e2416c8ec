"""Handing a letter to a mail server. Whatever the weather, the answer is an outcome."""

import datetime as dt
import hashlib
import os
import re
import smtplib
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tocsin.actions.letters import FailedForGood, FailedForNow, Outcome, Sent, Unsure
from tocsin.channels.email.connection import ADDRESS, VARIABLE, Server, Smtp, TooSlow
from tocsin.channels.email.pool import Pool
from tocsin.kit import machine_clock

__all__ = ["VARIABLE", "Letter", "Smtp", "message_id", "send", "wire"]

# "Greylisted, try again in 300 seconds"
_WAIT = re.compile(r"\b(?:try|retry)\b[^0-9]{0,40}(\d{1,5})\s*(s|m)(?:ec\w*|in\w*)?\b", re.I)
_LONGEST_WAIT = dt.timedelta(hours=24)
_SIGN_IN = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words. `tenant` and `key` name it: every attempt has the same Message-ID."""

    tenant: int
    key: str
    to: str
    name: str
    subject: str
    body: str
    at: dt.datetime
    language: str = "en"


POOL: Pool[Server] = Pool()


def is_address(text: str) -> bool:
    """Say whether a text is one mail address."""
    return ADDRESS.fullmatch(text) is not None


def send(letter: Letter, to: Smtp) -> Outcome:
    """Hand a letter to a server and return what came of it; never raises for weather."""
    try:
        data = wire(letter, to)
    except Exception as error:  # the mail package raises all kinds of them for odd input
        return FailedForGood(f"the letter cannot be written: {_first_line(error)}")
    until = machine_clock.steady() + to.total_s
    kept = POOL.take(_place(to))
    if kept is not None:
        with suppress(_Stale):
            return _hand_over(kept, letter, to, data, until)
    return _hand_over(Server(to), letter, to, data, until)


def _place(to: Smtp) -> Hashable:
    # Whose certificates are trusted belongs to it: a connection proves the server's only once.
    return to, os.environ.get("SSL_CERT_FILE", "")


class _Stale(Exception):
    """A connection that was kept is of no use any more, and nothing was said of the letter."""


@dataclass(slots=True)
class _Progress:
    """How far a letter got: `data` once its text was announced, `handed` once it is there."""

    data: bool = False
    handed: bool = False


def _hand_over(server: Server, letter: Letter, to: Smtp, data: bytes, until: float) -> Outcome:
    """Hand a letter over by one connection, and keep the connection when it is good for more.

    Raises `_Stale` when it was a kept one that broke before the text was announced.
    """
    far = _Progress()
    try:
        with _watched(server, to, until):
            outcome = _talk(server, letter, to, data, far)
    except smtplib.SMTPResponseException as error:
        server.close()
        reason = _said(error.smtp_code, error.smtp_error)
        return Unsure(reason) if far.handed else FailedForNow(reason, _asked(error.smtp_error))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # ValueError: bytes that are no SMTP, from something else that listens there.
        server.close()
        if far.handed:
            return Unsure(f"the connection broke before the answer: {_first_line(error)}")
        if server.letters and not far.data:
            raise _Stale from error
        return FailedForNow(f"{to.host}:{to.port}: {_first_line(error)}")
    server.letters += 1
    # Who has turned a letter away for now may be about to close: the next one begins anew.
    if isinstance(outcome, Sent | FailedForGood) and not server.hung_up:
        POOL.give(_place(to), server)
    else:
        server.close()
    return outcome


def _talk(server: Server, letter: Letter, to: Smtp, data: bytes, far: _Progress) -> Outcome:
    """Say who writes to whom, then the text; returns what the server answers."""
    if server.letters:
        server.renew()
    else:
        server.greet()
    outcome = _offer(server, letter, to) or _text(server, data, far)
    if isinstance(outcome, FailedForNow):
        # It has answered: how it says goodbye changes nothing.
        with suppress(OSError, smtplib.SMTPException, ValueError):
            server.quit()
    return outcome


def _text(server: Server, data: bytes, far: _Progress) -> Outcome:
    far.data = True
    code, told = server.docmd("DATA")
    if code != 354:
        return _answer(code, told) or FailedForNow(_said(code, told))
    server.send(data)
    # The server has all of it: from here on silence does not mean that it was lost.
    far.handed = True
    code, told = server.getreply()
    return _answer(code, told, unclear=True) or Sent()


def wire(letter: Letter, to: Smtp) -> bytes:
    """Return the bytes that go over the line, the final dot included.

    Raises `ValueError` for an address that is none, or a line break where a header is.
    """
    if not ADDRESS.fullmatch(letter.to):
        raise ValueError("the recipient has no address that can be written to")
    if not letter.subject.isprintable():
        raise ValueError("the subject is not one line of text")
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Tocsin", addr_spec=to.sender)
    message["To"] = Address(_one_line(letter.name), addr_spec=_ascii_domain(letter.to))
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = message_id(letter, to)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.body, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = letter.language
    utf8 = not letter.to.isascii()
    data = message.as_bytes(policy=SMTP.clone(utf8=True) if utf8 else SMTP)
    # A lone CR or LF is read as the end of a line by some servers: that could smuggle a letter.
    lines = re.split(rb"\r\n|\r|\n", data.removesuffix(b"\r\n"))
    stuffed = (b"." + line if line.startswith(b".") else line for line in lines)
    return b"\r\n".join([*stuffed, b".", b""])


def message_id(letter: Letter, to: Smtp) -> str:
    """Return the Message-ID of a letter, the same for every attempt."""
    name = hashlib.sha256(f"{letter.tenant}/{letter.key}".encode()).hexdigest()
    # Half of it: a longer one is folded by the mail package into something that is no id.
    return f"<{name[:32]}@{to.sender.rpartition('@')[2]}>"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _ascii_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"


@contextmanager
def _watched(server: Server, to: Smtp, until: float) -> Iterator[None]:
    """Hang up when all of it takes too long, also when the first connection was of no use."""
    left = max(0.0, until - machine_clock.steady())
    watch = threading.Timer(left, server.hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    except (OSError, smtplib.SMTPException, ValueError) as error:
        if server.hung_up:
            raise TooSlow(f"not done after {to.total_s:g} s") from error
        raise
    finally:
        watch.cancel()


def _offer(server: smtplib.SMTP, letter: Letter, to: Smtp) -> Outcome | None:
    """Say who writes to whom; returns a refusal, or None when the text may follow."""
    options: list[str] = []
    if not letter.to.isascii():
        local = letter.to.rpartition("@")[0]
        if not local.isascii() and not server.has_extn("smtputf8"):
            return FailedForGood("the server cannot write to an address with such letters")
        if server.has_extn("smtputf8"):
            options = ["SMTPUTF8"]
    address = _ascii_domain(letter.to)
    return _answer(*server.mail(to.sender, options)) or _answer(*server.rcpt(address))


def _answer(code: int, told: bytes, *, unclear: bool = False) -> Outcome | None:
    """Return what a server's refusal means, None when it was none."""
    if 200 <= code < 300:
        return None
    reason = _said(code, told)
    if 500 <= code < 600 and code not in _SIGN_IN:
        return FailedForGood(reason)
    if 400 <= code < 600 or not unclear:
        # That we are not let in is for an administrator to mend; the letter can wait for it.
        return FailedForNow(reason, _asked(told))
    return Unsure(reason)


def _asked(told: bytes | str) -> dt.timedelta | None:
    """Return how long the server asks us to wait, when its words say so."""
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    found = _WAIT.search(text)
    if found is None:
        return None
    seconds = int(found[1]) * (60 if found[2].lower() == "m" else 1)
    return min(dt.timedelta(seconds=seconds), _LONGEST_WAIT)


def _said(code: int, told: bytes | str) -> str:
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return f"the server said {code} {' '.join(text.split())[:200]}"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().partition("\n")[0] or type(error).__name__)[:200]
