"""Letters for tests of channels: a lease as the outbox hands it out."""

import datetime as dt
import json
import uuid
from typing import Any

from tocsin.actions.outbox import About, Lease, Recipient

AT = dt.datetime(2026, 3, 2, 9, 0, 10, tzinfo=dt.UTC)
BREACH = {
    "clock": "SLA/first response#1",
    "deed": "breach",
    "planned_at": "2026-03-02T09:00:00+00:00",
    "which": "due",
}


def lease(channel: str, **given: Any) -> Lease:
    """Return a letter about a breached ticket 7, to Ann."""
    usual: dict[str, Any] = {
        "tenant": 1,
        "id": 5,
        "token": uuid.UUID(int=1),
        "at": AT,
        "channel": channel,
        "key": "effect/7/notify/9",
        "parts": json.dumps({"lines": given.pop("lines", [BREACH])}),
        "urgent": True,
        "created_at": AT - dt.timedelta(seconds=8),
        "attempts": 1,
        "maybe_sent": False,
        "told": "",
        "recipient": Recipient("Ann", "ann@acme.example", given.pop("language", "en"), "UTC"),
        "about": About(7, given.pop("subject", "It is broken")),
        "address": "",
        "provider": 3,
    }
    return Lease(**{**usual, **given})
