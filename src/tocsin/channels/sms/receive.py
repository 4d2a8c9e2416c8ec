"""What providers tell afterwards: whether a short message arrived."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tocsin.actions import afterwards, hooks, outbox, twilio
from tocsin.actions.inbound import Arrival, Forged, Reply
from tocsin.channels.sms.settings import Elks, Settings

_ARRIVED = frozenset({"delivered", "read"})
_LOST = frozenset({"undelivered", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message. `arrived` is None when it is still on its way.

    `at` is the provider's own instant where it names one, `told` why it did not arrive.
    """

    reference: str
    arrived: bool | None
    at: dt.datetime | None = None
    told: str = ""


def receive(arrival: Arrival, settings: Settings) -> Reply:
    """Note what became of a message; raises `Forged` for what the provider did not send."""
    report = read(arrival.body, arrival.headers, arrival.url, settings)
    if report is None:
        raise Forged("the signature is not the provider's")
    if report.arrived:
        outbox.delivered(arrival.tenant, "sms", report.reference, report.at or arrival.at)
    elif report.arrived is False:
        afterwards.not_arrived(arrival.tenant, "sms", report.reference, report.told, at=arrival.at)
    return Reply()


def read(body: bytes, headers: Mapping[str, str], url: str, settings: Settings) -> Report | None:
    """Return what a call-back says, or None when it is not the provider's.

    `url` is the whole address that was called, its query included, as the provider knows it.
    """
    if isinstance(settings.account, Elks):
        return _elks(body, url, settings.account)
    fields = twilio.verified(body, headers, url, settings.account.token)
    if fields is None or not fields.get("MessageSid"):
        return None
    status, code = fields.get("MessageStatus", ""), fields.get("ErrorCode", "")
    return Report(fields["MessageSid"], _arrived(status), told=_told(status, code))


def _elks(body: bytes, url: str, account: Elks) -> Report | None:
    if not hooks.genuine(url, account.password):
        return None
    try:
        fields = dict(parse_qsl(body.decode("utf-8"), errors="strict", max_num_fields=100))
    except ValueError:
        return None
    if not fields.get("id"):
        return None
    status = fields.get("status", "")
    told = "46elks could not deliver it: the telephone may be off, or the number not in use"
    return Report(
        fields["id"],
        _arrived(status),
        _instant(fields.get("delivered", "")),
        told if status in _LOST else "",
    )


def _arrived(status: str) -> bool | None:
    if status in _ARRIVED:
        return True
    return False if status in _LOST else None


def _told(status: str, code: str) -> str:
    if status not in _LOST:
        return ""
    meaning = twilio.meaning(int(code)) if code.isascii() and code.isdigit() else ""
    return f"{meaning or 'it was not delivered'} (Twilio {code or status})"


def _instant(text: str) -> dt.datetime | None:
    """Return an instant as 46elks writes it; it means UTC when it names no zone."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)
