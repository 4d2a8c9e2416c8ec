"""Handing events to PagerDuty. Whatever the weather, the answer is an outcome."""

import datetime as dt
import json

from tocsin.actions import wording
from tocsin.actions.carriers import retry_after
from tocsin.actions.outbox import FailedForGood, FailedForNow, Lease, Outcome, Sent
from tocsin.channels import outgoing
from tocsin.channels.outgoing import Answer
from tocsin.channels.pagerduty.event import event
from tocsin.channels.pagerduty.settings import PagerDuty

_MENDING = dt.timedelta(minutes=5)
_KEY = (
    "PagerDuty does not accept the integration key; copy the key of the Events API V2 integration"
    " once more into the settings of this provider"
)
_PLACE = (
    "nothing at that address takes events; correct the address of this provider, or leave it empty"
)


def send(lease: Lease, to: PagerDuty) -> Outcome:
    """Hand an event over and return what came of it; never raises for weather."""
    told = event(lease, wording.of(lease), to.routing_key)
    try:
        answer = outgoing.post(
            f"{to.root}/v2/enqueue",
            content=json.dumps(told).encode(),
            headers={"content-type": "application/json"},
        )
    except outgoing.Refused as error:
        return FailedForGood(str(error))
    except outgoing.NotSent as error:
        return FailedForNow(str(error))
    except outgoing.Lost as error:
        # Its key makes a second one the same event: PagerDuty shows one of the two.
        return FailedForNow(str(error))
    return read(answer, told["dedup_key"])


def read(answer: Answer, key: str) -> Outcome:
    """Return what an answer of PagerDuty means; `key` is what the event was named."""
    status, wait = answer.status, retry_after(answer.headers)
    if 200 <= status < 300:
        return Sent(reference=key)
    reasons = _reasons(answer.body)
    if status == 400:
        if "routing_key" in reasons or "integration key" in reasons.lower():
            return FailedForNow(f"{_KEY} (400: {reasons})", wait or _MENDING)
        return FailedForGood(f"PagerDuty does not take this event (400: {reasons})")
    if status in (401, 403):
        return FailedForNow(f"{_KEY} ({status})", wait or _MENDING)
    if status == 413:
        return FailedForGood("the event is too long for PagerDuty (413)")
    if status == 429:
        return FailedForNow("PagerDuty asks for fewer events (429)", wait)
    if status >= 500:
        return FailedForNow(f"PagerDuty is not well: it answered {status}", wait)
    return FailedForNow(f"{_PLACE} ({status})", wait or _MENDING)


def _reasons(body: bytes) -> str:
    try:
        found = json.loads(body)
        listed = found.get("errors") or [found.get("message", "")]
        return "; ".join(str(one) for one in listed)[:200] or "no reason given"
    except (ValueError, AttributeError, TypeError):
        return "no reason given"
