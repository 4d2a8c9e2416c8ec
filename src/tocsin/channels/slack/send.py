"""Writing to Slack by chat.postMessage. Whatever the weather, the answer is an outcome."""

import json
from typing import Any

from tocsin.actions import wording
from tocsin.actions.carriers import retry_after
from tocsin.actions.outbox import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.outgoing import Answer
from tocsin.channels.slack import errors, message
from tocsin.channels.slack.settings import Slack


def send(lease: Lease, to: Slack) -> Outcome:
    """Hand a message to Slack and return what came of it; never raises for weather."""
    address = lease.address or to.channel
    if not address:
        return FailedForGood(
            "there is nobody to write to: give this person a Slack address, or this provider a"
            " channel"
        )
    words = wording.of(lease)
    told = message.payload(lease, words, address, buttons=bool(to.signing_secret))
    try:
        answer = outgoing.post(
            f"{to.root}/api/chat.postMessage",
            content=json.dumps(told).encode(),
            headers={
                "content-type": "application/json; charset=utf-8",
                "authorization": f"Bearer {to.token}",
            },
        )
    except outgoing.Refused as error:
        return FailedForGood(str(error))
    except outgoing.NotSent as error:
        return FailedForNow(str(error))
    except outgoing.Lost as error:
        return Unsure(str(error))
    return read(answer)


def read(answer: Answer) -> Outcome:
    """Return what an answer of Slack means. It says no with 200 as well."""
    wait = retry_after(answer.headers)
    if answer.status == 429:
        return errors.outcome("ratelimited", wait)
    said = _json(answer.body)
    if said is None:
        if answer.status >= 500:
            return FailedForNow(f"Slack is not well: it answered {answer.status}", wait)
        return FailedForNow(
            f"what answered {answer.status} is not Slack; is there a proxy in between, or a mistake"
            " in this provider's address?",
            wait,
        )
    if said.get("ok") is True:
        return Sent(reference=f"{said.get('channel', '')}/{said.get('ts', '')}"[:200])
    return errors.outcome(str(said.get("error", "")), wait)


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "ok" in found else None
