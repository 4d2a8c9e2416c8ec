"""Handing a letter to a mail server. Whatever the weather, the answer is an outcome."""

import datetime as dt
import hashlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from tocsin.actions.outbox import FailedForGood, FailedForNow, Outcome, Sent, Unsure
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

VARIABLE = "TOCSIN_SMTP_URL"
# Each wait of its own, and all of them: a server that drips bytes must not hold a lease for ever.
TIMEOUT_S = 10.0
TOTAL_S = 45.0
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+")
# "Greylisted, try again in 300 seconds"
_WAIT = re.compile(r"\b(?:try|retry)\b[^0-9]{0,40}(\d{1,5})\s*(s|m)(?:ec\w*|in\w*)?\b", re.I)
_LONGEST_WAIT = dt.timedelta(hours=24)
_SIGN_IN = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server, and who we are to it."""

    host: str
    port: int
    sender: str
    tls: bool = False  # from the first byte on
    starttls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = TIMEOUT_S
    total_s: float = TOTAL_S

    @classmethod
    def from_url(cls, url: str) -> "Smtp":
        """Read ``smtp://user:pass@host:587?starttls=1&from=desk@example.com``, or ``smtps://``.

        Raises `Invalid` that names the part; never with the password in it.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise Invalid(f"{VARIABLE}.port", "is no port: a whole number up to 65535") from None
        if parts.scheme not in ("smtp", "smtps"):
            raise Invalid(f"{VARIABLE}.scheme", "must be smtp:// or smtps://")
        if not parts.hostname:
            raise Invalid(f"{VARIABLE}.host", "is missing")
        if parts.path not in ("", "/") or parts.fragment:
            raise Invalid(VARIABLE, "has something after the host that is no option (?from=…)")
        options = _options(parts.query)
        tls, starttls = parts.scheme == "smtps", options.get("starttls", "0") == "1"
        if tls and starttls:
            raise Invalid(f"{VARIABLE}.starttls", "smtps:// is TLS already: leave starttls out")
        found = cls(
            host=parts.hostname,
            port=port or (465 if tls else 587 if starttls else 25),
            sender=options.get("from", ""),
            tls=tls,
            starttls=starttls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )
        found._check()
        return found

    def _check(self) -> None:
        if not _ADDRESS.fullmatch(self.sender) or not self.sender.isascii():
            raise Invalid(f"{VARIABLE}.from", "must be an address, such as from=desk@example.com")
        if bool(self.user) != bool(self.password):
            raise Invalid(f"{VARIABLE}.user", "user and password go together")
        local = self.host in ("localhost", "127.0.0.1", "::1")
        if self.password and not (self.tls or self.starttls or local):
            raise Invalid(
                f"{VARIABLE}.starttls",
                "a password would go over the network for all to read: use smtps://, or starttls=1",
            )


def _options(query: str) -> dict[str, str]:
    # A plus sign is part of many addresses and means no space here.
    found = dict(parse_qsl(query.replace("+", "%2B"), keep_blank_values=True))
    shape.only(found, VARIABLE, ("starttls", "from"))
    if "starttls" in found:
        shape.one_of(found["starttls"], f"{VARIABLE}.starttls", ("0", "1"))
    return found


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


class _TooSlow(OSError):
    """All of it took too long."""


def send(letter: Letter, to: Smtp) -> Outcome:
    """Hand a letter to a server and return what came of it; never raises for weather."""
    try:
        data = wire(letter, to)
    except Exception as error:  # the mail package raises all kinds of them for odd input
        return FailedForGood(f"the letter cannot be written: {_first_line(error)}")
    handed = False
    try:
        with _connected(to) as server:
            refused = _offer(server, letter, to)
            if refused is not None:
                return refused
            server.send(data)
            # The server has all of it: from here on silence does not mean that it was lost.
            handed = True
            code, told = server.getreply()
            return _answer(code, told, unclear=True) or Sent()
    except smtplib.SMTPResponseException as error:
        reason = _said(error.smtp_code, error.smtp_error)
        return Unsure(reason) if handed else FailedForNow(reason, _asked(error.smtp_error))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # ValueError: bytes that are no SMTP, from something else that listens there.
        if handed:
            return Unsure(f"the connection broke before the answer: {_first_line(error)}")
        return FailedForNow(f"{to.host}:{to.port}: {_first_line(error)}")


def wire(letter: Letter, to: Smtp) -> bytes:
    """Return the bytes that go over the line, the final dot included.

    Raises `ValueError` for an address that is none, or a line break where a header is.
    """
    if not _ADDRESS.fullmatch(letter.to):
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
def _connected(to: Smtp) -> Iterator[smtplib.SMTP]:
    """Connect, greet, turn on TLS and sign in; hang up when all of it takes too long."""
    server = _Server(to)
    watch = threading.Timer(to.total_s, server.hang_up)
    watch.daemon = True
    watch.start()
    try:
        server.greet()
        yield server
        # It has answered: how it says goodbye changes nothing.
        with suppress(OSError, smtplib.SMTPException, ValueError):
            server.quit()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        if server.hung_up:
            raise _TooSlow(f"not done after {to.total_s:g} s") from error
        raise
    finally:
        watch.cancel()
        server.close()


class _Server(smtplib.SMTP):
    """A connection that another thread may break, also while it is being made."""

    def __init__(self, to: Smtp) -> None:
        super().__init__(timeout=to.timeout_s, local_hostname=to.sender.rpartition("@")[2])
        self._to = to
        self._lifeline: socket.socket | None = None
        self.hung_up = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((host, port), timeout)
        # A handle of our own: TLS takes the socket away, smtplib drops it while it is in use.
        self._lifeline = made.dup()
        if self.hung_up:
            made.close()
            raise _TooSlow("the name took too long")
        if self._to.tls:
            return ssl.create_default_context().wrap_socket(made, server_hostname=host)
        return made

    def close(self) -> None:
        """Close the connection, and the handle that breaks it."""
        super().close()
        lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            lifeline.close()

    def greet(self) -> None:
        """Open the connection up to where letters can be offered."""
        code, told = self.connect(self._to.host, self._to.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, told)
        if self._to.starttls:
            # smtplib checks host and certificate only when it knows the name.
            self._host = self._to.host
            self.ehlo_or_helo_if_needed()
            code, told = self.starttls(context=ssl.create_default_context())
            if code != 220:
                raise smtplib.SMTPResponseException(code, told)
        self.ehlo_or_helo_if_needed()
        if self._to.user:
            self.login(self._to.user, self._to.password)

    def hang_up(self) -> None:
        """Break the connection, from another thread."""
        self.hung_up = True
        lifeline = self._lifeline
        if lifeline is not None:
            with suppress(OSError):
                lifeline.shutdown(socket.SHUT_RDWR)


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
    refused = _answer(*server.mail(to.sender, options)) or _answer(*server.rcpt(address))
    if refused is not None:
        return refused
    code, told = server.docmd("DATA")
    return None if code == 354 else _answer(code, told) or FailedForNow(_said(code, told))


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
