"""Handing a message to Apprise, which answers yes or no. Whatever the weather: an outcome.

Apprise makes its own connections, so the guard judges the host right before. It may hang longer
than it says, so it runs in a thread of its own, which is left behind when its time is over.
"""

import datetime as dt
import logging
import re
import threading
from dataclasses import dataclass, field
from typing import Any

from apprise.common import NotifyFormat, NotifyType

from tocsin.actions import links, wording
from tocsin.actions.letters import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.apprise import schemes
from tocsin.kit.invalid import Invalid

TOTAL_S = 30.0
_ACCOUNT_WAIT = dt.timedelta(minutes=10)
# Threads that hang are left alone; this many of them, and no more are begun.
_MOST_AT_WORK = 8
_MOST_LINES = 100
_AT_WORK = threading.BoundedSemaphore(_MOST_AT_WORK)
# What Apprise logs of an answer: "… error=401."
_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")
# Of a connection that broke: before anything was sent, or when the answer was awaited.
_NEVER_LEFT = re.compile(
    r"ConnectTimeout|NewConnectionError|NameResolution|Name or service|refused|SSLError"
    r"|CERTIFICATE|Max retries exceeded.*connect",
    re.I | re.S,
)
_NO_ANSWER = re.compile(r"Read timed out|RemoteDisconnected|Connection aborted|reset by peer", re.I)


@dataclass(frozen=True, slots=True)
class Settings:
    """A URL of Apprise. It holds the secret, so it is never shown."""

    url: str = field(repr=False)


class _Ear(logging.Handler):
    """Hears what Apprise logs, each thread's apart. It goes nowhere else: it may hold secrets."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.here = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line for the call that it is of."""
        said: list[str] | None = getattr(self.here, "said", None)
        if said is not None and len(said) < _MOST_LINES:
            said.append(record.getMessage())


_EAR = _Ear()
_LOGGER = logging.getLogger("apprise")
_LOGGER.propagate = False
_LOGGER.setLevel(logging.DEBUG)
_LOGGER.addHandler(_EAR)


@dataclass(slots=True)
class _Call:
    """One call of Apprise in its thread, and what it said."""

    service: Any
    title: str
    body: str
    urgent: bool
    # The slot that it holds until it ends, however late that is.
    slots: threading.BoundedSemaphore
    said: list[str] = field(default_factory=list)
    taken: bool | None = None
    odd: str = ""

    def run(self) -> None:
        """Notify; never raises."""
        _EAR.here.said = self.said
        try:
            # Right at the service: no tags, no configuration, no templates, nothing attached.
            listed = self.service.notify(
                body=self.body,
                title=self.title,
                notify_type=NotifyType.FAILURE if self.urgent else NotifyType.WARNING,
                body_format=NotifyFormat.TEXT,
                attach=None,
            )
            self.taken = bool(listed)
        except Exception as error:  # plugins of many hands
            self.taken, self.odd = False, type(error).__name__
        finally:
            self.slots.release()


def send(lease: Lease, to: Settings, *, total_s: float = TOTAL_S) -> Outcome:
    """Hand a message over and return what came of it; never raises for weather."""
    try:
        service = schemes.made(to.url)
        where = schemes.place(to.url, service)
        ports = outgoing.PORTS if where.secure else frozenset[int]()
        outgoing.look_up(where.host, where.port, ports=ports)
    except Invalid as error:
        return FailedForGood(f"the Apprise URL {error.reason}")
    except outgoing.Refused as error:
        return FailedForGood(str(error))
    except outgoing.NotSent as error:
        return FailedForNow(str(error))
    words = wording.of(lease)
    link = links.ticket(lease.tenant_key, lease.about.number) if lease.about else ""
    body = "\n".join(part for part in (*words.lines, link) if part) or words.short
    call = _Call(service, words.subject, body, lease.urgent, _AT_WORK)
    return _called(call, where.host, total_s)


def _called(call: _Call, host: str, total_s: float) -> Outcome:
    if not call.slots.acquire(blocking=False):
        return FailedForNow(f"{host}: too many calls of Apprise hang; they are waited for")
    thread = threading.Thread(target=call.run, name="apprise", daemon=True)
    thread.start()
    thread.join(total_s)
    if call.taken is None:
        return Unsure(f"{host}: not done after {total_s:g} s")
    return Sent() if call.taken else _refusal(host, "\n".join(call.said), call.odd)


def _refusal(host: str, said: str, odd: str) -> Outcome:
    """Return what a no means. Of Apprise's own words nothing is shown: they may hold the secret."""
    found = _STATUS.search(said)
    status = int(found[1]) if found else 0
    if status in (401, 403):
        return FailedForNow(
            f"{host} does not accept the token in the Apprise URL: enter it again ({status})",
            _ACCOUNT_WAIT,
        )
    if status == 404:
        return FailedForNow(
            f"{host} does not know the place in the Apprise URL: check it (404)", _ACCOUNT_WAIT
        )
    if status == 402:
        return FailedForNow(f"{host} wants the account to be paid for (402)", _ACCOUNT_WAIT)
    if status == 429:
        return FailedForNow(f"{host} asks us to slow down (429)")
    if status >= 500:
        return FailedForNow(f"{host} is out of order ({status})")
    if status >= 300:
        return FailedForGood(f"{host} does not take the message ({status})")
    if _NO_ANSWER.search(said) and not _NEVER_LEFT.search(said):
        return Unsure(f"{host}: the connection broke before the answer")
    why = f" ({odd})" if odd else ""
    return FailedForNow(f"{host} could not be written to: is it up, and is the URL right?{why}")
