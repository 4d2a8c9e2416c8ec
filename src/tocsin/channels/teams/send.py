"""Handing a card to a workflow. A yes means that it was accepted; nobody says that it arrived."""

import json
from collections.abc import Mapping

from tocsin.actions import wording
from tocsin.actions.carriers import retry_after
from tocsin.actions.outbox import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.outgoing import Answer
from tocsin.channels.teams import card
from tocsin.channels.teams.settings import Teams

_GONE = (
    "Teams knows no such workflow; it was deleted or switched off. Switch it on in Teams, or make a"
    " new one and copy its address into the settings of this provider"
)
_SIGNED = (
    "the workflow does not accept its address any more; copy the address once more from the"
    " workflow in Teams (it must let anyone trigger it)"
)
_SHAPE = (
    "the workflow did not understand the message; make it from the template Send webhook alerts to"
    " a channel, which takes an Adaptive Card"
)
_MENDABLE: Mapping[int, str] = {400: _SHAPE, 401: _SIGNED, 403: _SIGNED, 404: _GONE, 405: _SHAPE}


def send(lease: Lease, to: Teams) -> Outcome:
    """Hand a card to the workflow and return what came of it; never raises for weather."""
    content = card.message(lease, wording.of(lease))
    if len(content) > card.MOST:
        return FailedForGood("the message is too long for Teams, which takes 28 KB")
    try:
        answer = outgoing.post(
            to.url, content=content, headers={"content-type": "application/json; charset=utf-8"}
        )
    except outgoing.Refused as error:
        return FailedForGood(str(error))
    except outgoing.NotSent as error:
        return FailedForNow(str(error))
    except outgoing.Lost as error:
        return Unsure(str(error))
    return read(answer)


def read(answer: Answer) -> Outcome:
    """Return what an answer of a workflow means."""
    status, wait = answer.status, retry_after(answer.headers)
    if 200 <= status < 300:
        return Sent(reference=answer.headers.get("x-ms-workflow-run-id", "")[:200])
    if status == 413:
        return FailedForGood("the message is too long for Teams, which takes 28 KB (413)")
    if status == 410:
        return FailedForGood(f"{_GONE} (410)")
    if status == 429:
        return FailedForNow("Teams asks for fewer messages (429)", wait)
    if status in _MENDABLE:
        return FailedForNow(f"{_MENDABLE[status]} ({status}{_code(answer.body)})", wait)
    if 300 <= status < 400:
        return FailedForNow(
            f"the address leads elsewhere ({status}); copy the workflow's own", wait
        )
    if status >= 500:
        return FailedForNow(f"Teams is not well: it answered {status}", wait)
    return FailedForNow(f"Teams said {status}{_code(answer.body)}", wait)


def _code(body: bytes) -> str:
    """Return the name that Microsoft gives the error, as `, WorkflowTriggerIsNotEnabled`."""
    try:
        found = json.loads(body)["error"]["code"]
    except (ValueError, LookupError, TypeError):
        return ""
    return f", {found[:80]}" if isinstance(found, str) and found.isalnum() else ""
