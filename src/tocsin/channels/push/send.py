"""Handing a message to a browser's push service. Whatever the weather, the answer is an outcome.

Messages of one topic replace each other while a browser is away. The topic is made of the letter,
so a letter that is handed over twice is shown once.
"""

import datetime as dt
import hashlib
import json

from tocsin.actions import carriers, links, subscriptions, wording
from tocsin.actions.letters import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.outgoing import Answer
from tocsin.channels.push import sealing
from tocsin.channels.push.settings import Settings, encoded, subscription
from tocsin.kit.invalid import Invalid

# How long a push service keeps a message for a browser that is away.
_KEPT = dt.timedelta(hours=24)
_KEY_WAIT = dt.timedelta(minutes=10)


def send(lease: Lease, by: Settings) -> Outcome:
    """Hand a message over and return what came of it; never raises for weather."""
    try:
        to = subscription(lease.address)
    except Invalid as error:
        return FailedForGood(f"the person's address {error.reason}")
    headers = {
        "authorization": sealing.authorization(to, by, now=lease.at),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(int(_KEPT.total_seconds())),
        "urgency": "high" if lease.urgent else "normal",
        "topic": topic(lease),
    }
    content = sealing.sealed(message(lease), to)
    try:
        answer = outgoing.post(to.endpoint, content=content, headers=headers)
    except outgoing.Refused as error:
        return FailedForGood(str(error))
    except outgoing.NotSent as error:
        return FailedForNow(str(error))
    except outgoing.Lost as error:
        return Unsure(f"the push service's answer was lost: {error}")
    return _judged(answer)


def topic(lease: Lease) -> str:
    """Return the name under which a letter replaces itself: 32 signs, the same for each attempt."""
    return encoded(hashlib.sha256(f"{lease.tenant}/{lease.key}".encode()).digest()[:24])


def message(lease: Lease) -> bytes:
    """Return what the browser shows, as JSON; long texts are shortened to what a push may hold."""
    words = wording.of(lease)
    told = {
        "title": words.subject,
        "body": "\n".join(words.lines),
        "url": links.ticket(lease.tenant_key, lease.about.number) if lease.about else "",
        "path": f"tickets/{lease.about.number}/" if lease.about else "notifications/",
        "tag": topic(lease),
        "urgent": lease.urgent,
        "language": words.language,
    }
    room = sealing.MOST_BYTES - len(_json({**told, "body": ""}))
    body = str(told["body"])
    while body and len(_json({"body": body})) > room:
        body = f"{body[: len(body) * 3 // 4].rstrip('…')}…" if len(body) > 8 else ""
    return _json({**told, "body": body})


def _json(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _judged(answer: Answer) -> Outcome:
    status = answer.status
    if 200 <= status < 300:
        return Sent(answer.headers.get("location", "")[-200:])
    if status in (404, 410):
        return FailedForGood(f"{subscriptions.GONE} (push service {status})")
    if status == 413:
        return FailedForGood("the message is too long for this push service (413)")
    wait = carriers.retry_after(answer.headers)
    if status == 429:
        return FailedForNow("the push service asks us to slow down (429)", wait)
    if status in (401, 403):
        return FailedForGood(
            "the browser was switched on with another key: switch web push off and on again in it"
            f" (push service {status})"
        )
    if status >= 500:
        return FailedForNow(f"the push service is out of order ({status})", wait)
    if 300 <= status < 400:
        return FailedForNow(f"the push service leads elsewhere ({status})", _KEY_WAIT)
    return FailedForGood(f"the push service does not take the message ({status})")
