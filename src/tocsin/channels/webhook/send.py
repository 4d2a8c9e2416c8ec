"""Handing a signed message to an endpoint. Whatever the weather, the answer is an outcome."""

import datetime as dt

from tocsin.actions import wording
from tocsin.actions.carriers import retry_after
from tocsin.actions.outbox import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.outgoing import Answer
from tocsin.channels.webhook import message
from tocsin.channels.webhook.settings import Endpoint

TIMEOUT_S = 15.0
_MENDING = dt.timedelta(minutes=5)


def send(lease: Lease, to: Endpoint) -> Outcome:
    """Hand a message over and return what came of it; never raises for weather."""
    content = message.body(lease, wording.of(lease))
    try:
        answer = outgoing.post(
            to.url,
            content=content,
            headers=message.headers(lease, to, content),
            timeout_s=TIMEOUT_S,
        )
    except outgoing.Refused as error:
        return FailedForGood(str(error))
    except outgoing.NotSent as error:
        return FailedForNow(str(error))
    except outgoing.Lost as error:
        return Unsure(str(error))
    return read(answer)


def read(answer: Answer) -> Outcome:
    """Return what an answer means: any 2xx is a yes."""
    status, wait = answer.status, retry_after(answer.headers)
    if 200 <= status < 300:
        return Sent()
    if status == 410:
        return FailedForGood(
            "the endpoint asks to be sent nothing more (410); switch this provider off, or enter"
            " the endpoint's new address"
        )
    if status == 413:
        return FailedForGood("the endpoint finds the message too long (413)")
    if 300 <= status < 400:
        return FailedForNow(
            f"the endpoint leads elsewhere ({status}), and webhooks follow nothing; enter the"
            " address that it leads to",
            wait or _MENDING,
        )
    if status in (401, 403):
        return FailedForNow(
            f"the endpoint does not let us in ({status}); has it the same secret, and does it"
            " verify the body as it came?",
            wait,
        )
    if status == 404:
        return FailedForNow("there is no endpoint at that address (404); correct it", wait)
    if status == 429:
        return FailedForNow("the endpoint asks for fewer messages (429)", wait)
    if status >= 500:
        return FailedForNow(f"the endpoint is not well: it answered {status}", wait)
    return FailedForNow(f"the endpoint said no ({status}); its log says why", wait)
