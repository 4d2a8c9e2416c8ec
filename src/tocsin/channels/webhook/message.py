"""What an endpoint is sent: JSON of a documented form and version, and its signature."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tocsin.actions.outbox import Lease
from tocsin.actions.wording import Words
from tocsin.channels.webhook.settings import Endpoint

VERSION = 1
MOST = 20 * 1024
_LONGEST_SUBJECT = 1000
_FACTS = ("deed", "clock", "which", "planned_at", "ticket")


def body(lease: Lease, words: Words) -> bytes:
    """Return the message as JSON, with as many lines as there is room for in 20 KB."""
    parts = json.loads(lease.parts)
    facts = parts.get("digest" if "digest" in parts else "lines") or []
    more = parts.get("more")
    left_out = more if isinstance(more, int) else 0
    while True:
        told = _told(lease, words, facts, left_out)
        found = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        if len(found) <= MOST or not facts:
            return found
        kept = len(facts) // 2
        left_out += len(facts) - kept
        facts = facts[:kept]


def _told(
    lease: Lease, words: Words, facts: Sequence[Mapping[str, Any]], left_out: int
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": name(lease),
        "urgent": lease.urgent,
        "to": lease.recipient.name if lease.recipient else None,
        "language": words.language,
        "subject": words.subject,
        "text": words.short,
        "ticket": None,
        "lines": [{key: one[key] for key in _FACTS if key in one} for one in facts],
        "more": left_out,
    }
    if lease.about is not None:
        subject = lease.about.subject[:_LONGEST_SUBJECT]
        data["ticket"] = {
            "number": lease.about.number,
            "subject": subject,
            "url": words.url,
        }
    return {
        "type": "alert",
        "version": VERSION,
        "timestamp": lease.created_at.isoformat(),
        "data": data,
    }


def name(lease: Lease) -> str:
    """Return the webhook-id: the same for every attempt, so that a second copy can be told."""
    found = hashlib.sha256(f"{lease.tenant}/{lease.provider}/{lease.key}".encode()).hexdigest()
    return f"msg_{found[:32]}"


def headers(lease: Lease, to: Endpoint, content: bytes) -> dict[str, str]:
    """Return the headers that prove who sent it, one signature for each key that holds."""
    id_, at = name(lease), lease.at
    return {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signature(key, id_, at, content) for key in to.keys),
    }


def signature(key: bytes, id_: str, at: dt.datetime, content: bytes) -> str:
    """Return the signature of version 1: HMAC-SHA256 over id, time and body."""
    signed = f"{id_}.{int(at.timestamp())}.".encode() + content
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
