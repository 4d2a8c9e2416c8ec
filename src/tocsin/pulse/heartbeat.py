"""The heartbeat: what the watchman sends outward each minute while all is well, and nothing else.

Whoever hears it raises the alarm when it stops, and needs nothing of ours for that.
"""

import contextlib
import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.actions.outbox import Sent
from tocsin.channels import outgoing
from tocsin.channels.email.send import VARIABLE as SMTP
from tocsin.channels.email.send import Letter, Smtp, send
from tocsin.kit.invalid import Invalid

VARIABLE = "TOCSIN_HEARTBEAT"
_MAILTO = "mailto:"
_TIMEOUT_S = 10.0
_PATIENCE_S = 15.0

# Sends one; returns why it failed, or nothing.
Send = Callable[[dt.datetime], str]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Where to it goes. `kind` is "https", "mail" or "file"; the address itself may be a secret."""

    kind: str
    send: Send = field(repr=False)

    @classmethod
    def from_text(cls, text: str, smtp: Smtp | None) -> "Heartbeat":
        """Read an https:// address, ``mailto:somebody@example.com`` or the path of a file."""
        given = text.strip()
        if given.startswith(_MAILTO):
            to = given.removeprefix(_MAILTO)
            if smtp is None:
                raise Invalid(VARIABLE, f"is an address to mail to; set {SMTP} too")
            if "@" not in to or not to.isprintable() or " " in to:
                raise Invalid(VARIABLE, "names no mail address, such as mailto:ops@example.com")
            return cls("mail", _by_mail(to, smtp))
        if "://" in given:
            if not given.startswith(("https://", "http://")):
                raise Invalid(VARIABLE, "must be an https:// address, mailto: or a file")
            return cls("https", _by_post(given))
        path = Path(given)
        if not path.is_absolute():
            raise Invalid(VARIABLE, "must be an https:// address, mailto: or a whole path")
        return cls("file", _by_file(path))


def _by_post(url: str) -> Send:
    def post(at: dt.datetime) -> str:
        content = f"tocsin is well at {at.isoformat()}\n".encode()
        headers = {"content-type": "text/plain"}
        try:
            answer = outgoing.request(
                "POST",
                url,
                content=content,
                headers=headers,
                timeout_s=_TIMEOUT_S,
                total_s=_PATIENCE_S,
            )
        except (outgoing.Refused, outgoing.NotSent, outgoing.Lost) as error:
            return str(error)
        return "" if 200 <= answer.status < 300 else f"the server said {answer.status}"

    return post


def _by_mail(to: str, smtp: Smtp) -> Send:
    def mail(at: dt.datetime) -> str:
        text = f"Tocsin is well at {at.isoformat()}. Its silence is the alarm.\n"
        key = f"heartbeat/{at.isoformat()}"
        return handed(send(Letter(0, key, to, "", "Tocsin is well", text, at), smtp))

    return mail


def _by_file(path: Path) -> Send:
    def write(at: dt.datetime) -> str:
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            fresh.write_text(f"{at.isoformat()}\n", encoding="ascii")
            fresh.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink()
            return f"{error.strerror}"
        return ""

    return write


def handed(outcome: object) -> str:
    """Return why a letter was not taken, or nothing."""
    return "" if isinstance(outcome, Sent) else str(getattr(outcome, "reason", outcome))
