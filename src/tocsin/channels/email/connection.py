"""A mail server, who we are to it, and the connection by which letters are handed over."""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from tocsin.channels import outgoing
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

VARIABLE = "TOCSIN_SMTP_URL"
# Each wait of its own, and all of them: a server that drips bytes must not hold a lease for ever.
TIMEOUT_S = 10.0
TOTAL_S = 45.0
_RENEW_S = 5.0
_GOODBYE_S = 2.0
_PORTS = frozenset({25, 465, 587, 2525})
ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+")


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server, and who we are to it. A tenant named it when it is `guarded`."""

    host: str
    port: int
    sender: str
    tls: bool = False  # from the first byte on
    starttls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    # How long to wait makes no other server of it: connections are shared whatever it is.
    timeout_s: float = field(default=TIMEOUT_S, compare=False)
    total_s: float = field(default=TOTAL_S, compare=False)
    guarded: bool = False

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
        if not ADDRESS.fullmatch(self.sender) or not self.sender.isascii():
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


class TooSlow(OSError):
    """All of it took too long."""


class NoWay(OSError):
    """The guarded way out did not lead there."""


class Server(smtplib.SMTP):
    """A connection that another thread may break, also while it is being made.

    `letters` counts those that were offered by it.
    """

    def __init__(self, to: Smtp) -> None:
        super().__init__(timeout=to.timeout_s, local_hostname=to.sender.rpartition("@")[2])
        self._to = to
        self._lifeline: socket.socket | None = None
        self.hung_up = False
        self.letters = 0

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = self._made(host, port, timeout)
        # A handle of our own: TLS takes the socket away, smtplib drops it while it is in use.
        self._lifeline = made.dup()
        if self.hung_up:
            made.close()
            raise TooSlow("the name took too long")
        if self._to.tls:
            return ssl.create_default_context().wrap_socket(made, server_hostname=host)
        return made

    def _made(self, host: str, port: int, timeout: float) -> socket.socket:
        if not self._to.guarded:
            return socket.create_connection((host, port), timeout)
        try:
            return outgoing.connect(host, port, ports=_PORTS, timeout_s=timeout)
        except (outgoing.Refused, outgoing.NotSent) as error:
            # For now: an administrator can mend it, and letters can wait for that.
            raise NoWay(str(error)) from None

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

    def renew(self) -> None:
        """See whether a kept connection is there still, and forget the letter before."""
        assert self.sock is not None
        # A host that is gone without a word must not cost the time that a new connection needs.
        self.sock.settimeout(min(_RENEW_S, self._to.timeout_s))
        code, _ = self.docmd("RSET")
        if code != 250:
            raise smtplib.SMTPServerDisconnected("the server has closed the connection")
        self.sock.settimeout(self._to.timeout_s)

    def part(self) -> None:
        """Say goodbye, without waiting long for an answer, and close."""
        with suppress(OSError, smtplib.SMTPException, ValueError):
            if self.sock is not None:
                self.sock.settimeout(_GOODBYE_S)
                self.quit()
        self.close()

    def hang_up(self) -> None:
        """Break the connection, from another thread."""
        self.hung_up = True
        lifeline = self._lifeline
        if lifeline is not None:
            with suppress(OSError):
                lifeline.shutdown(socket.SHUT_RDWR)
