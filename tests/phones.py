"""Providers of messages and calls for tests: 46elks and Twilio on loopback, with their errors."""

import base64
import datetime as dt
import uuid
from typing import Any
from urllib.parse import parse_qsl

from tests.loopback import Asked, Told

from tocsin.actions.letters import About, Lease, Recipient

BREACH = (
    '{"lines":[{"clock":"SLA/first response#1","deed":"breach",'
    '"planned_at":"2026-03-02T09:00:00+00:00","which":"due"}]}'
)
SID, TOKEN = "AC" + "a1" * 16, "0f" * 16
ELKS_NAME, ELKS_PASSWORD = "u" + "ab12" * 8, "S3CRETPASSWORD0123"
# Numbers on which the provider makes an error, as those of Twilio's own test accounts do.
TWILIO_ERRORS = {
    "+15005550001": (400, 21211, "The 'To' number +15005550001 is not a valid phone number."),
    "+15005550002": (400, 21612, "The message cannot be sent with the current combination."),
    "+15005550003": (400, 21408, "Permission to send an SMS has not been enabled"),
    "+15005550004": (400, 21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (400, 21614, "'To' number is not a valid mobile number"),
    "+15005550007": (403, 20003, "Permission Denied"),
    "+15005550005": (429, 20429, "Too Many Requests"),
    "+15005550006": (400, 99999, "Something new"),
    "+15005550008": (402, 0, ""),
}


def lease(address: str, **given: Any) -> Lease:
    """Return a letter about a breach, to one address."""
    usual: dict[str, Any] = {
        "tenant": 1,
        "id": 7,
        "token": uuid.UUID(int=7),
        "at": dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC),
        "channel": "sms",
        "key": "effect/1/notify/x",
        "parts": BREACH,
        "urgent": True,
        "created_at": dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC),
        "attempts": 1,
        "maybe_sent": False,
        "told": "",
        "recipient": Recipient("Ann", "ann@acme.example", "en", "Europe/Stockholm"),
        "about": About(42, "Server <down> & out"),
        "address": address,
        "provider": 3,
        "tenant_key": "acme",
    }
    return Lease(**{**usual, **given})


def fields(asked: Asked) -> dict[str, str]:
    """Return the fields of a form that was posted."""
    return dict(parse_qsl(asked.body.decode(), keep_blank_values=True, strict_parsing=True))


def credentials(asked: Asked) -> tuple[str, str]:
    """Return name and password."""
    kind, _, pair = asked.headers.get("authorization", "").partition(" ")
    assert kind == "Basic"
    name, _, password = base64.b64decode(pair).decode().partition(":")
    return name, password


def elks(asked: Asked) -> Told:
    """Speak 46elks: what it takes is JSON, what it refuses a line of text."""
    if asked.path != "/a1/sms":
        return Told(404, b"Not found")
    if credentials(asked) != (ELKS_NAME, ELKS_PASSWORD):
        return Told(401, b"API access requires Basic HTTP authentication")
    found = fields(asked)
    if missing := {"from", "to", "message"} - set(found):
        return Told(400, f"Missing key {sorted(missing)[0]}".encode())
    refused = {
        "+4670000400": Told(400, b"Not a valid phone number: to"),
        "+4670000401": Told(400, b"Invalid value for from"),
        "+4670000402": Told(402, b"Payment required"),
        "+4670000403": Told(403, b"Not enough credits"),
        "+4670000405": Told(403, b"Account not active"),
        "+4670000406": Told(200, {"status": "failed", "id": "s1"}),
        "+4670000429": Told(429, b"Slow down", {"Retry-After": "17"}),
    }.get(found["to"])
    if refused is not None:
        return refused
    return Told(200, {"status": "created", "direction": "outgoing", "id": "s70df59406a1b4643b96f"})


def twilio(asked: Asked) -> Told:
    """Speak Twilio's messages and calls."""
    name, password = credentials(asked)
    base = f"/2010-04-01/Accounts/{SID}"
    if asked.path not in (f"{base}/Messages.json", f"{base}/Calls.json"):
        return _error(404, 20404, f"The requested resource {asked.path} was not found")
    if (name, password) != (SID, TOKEN):
        return _error(401, 20003, "Authenticate")
    found = fields(asked)
    if found.get("To") in TWILIO_ERRORS:
        status, code, message = TWILIO_ERRORS[found["To"]]
        return _error(status, code, message) if code else Told(status, b"")
    if asked.path.endswith("Calls.json"):
        if not {"To", "From", "Twiml"} <= set(found) or len(found["Twiml"]) > 4000:
            return _error(400, 21205, "Twiml or Url parameter is required")
        return Told(201, {"sid": "CA" + "1" * 32, "status": "queued"})
    if not {"To", "Body"} <= set(found) or not {"From", "MessagingServiceSid"} & set(found):
        return _error(400, 21603, "A 'From' phone number is required.")
    return Told(201, {"sid": "SM" + "1" * 32, "status": "queued", "error_code": None})


def _error(status: int, code: int, message: str) -> Told:
    told = {"code": code, "message": message, "more_info": "", "status": status}
    return Told(status, told, {"Retry-After": "11"} if status == 429 else {})
