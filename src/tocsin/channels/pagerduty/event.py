"""A message as an event: one incident a ticket, opened, acknowledged and resolved by its key."""

import hashlib
import json
import re
from typing import Any

from django.core import signing

from tocsin.actions.outbox import Lease
from tocsin.actions.wording import Words

# What happened to the incident at last, by what is told; anything else opens it.
_ACTIONS = {"acknowledged": "acknowledge", "resolved": "resolve", "stopped": "resolve"}
_SUMMARY = 1024
_LINES = 100
_KEY = re.compile(r"tocsin-([0-9]{1,18})-([0-9]{1,18})-([A-Za-z0-9_-]{20})")


def event(lease: Lease, words: Words, routing_key: str) -> dict[str, Any]:
    """Return the event: what opens an incident says everything, what follows names it only."""
    action = _action(lease)
    found: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": key(lease),
    }
    if action != "trigger":
        return found
    details: dict[str, Any] = {"lines": list(words.lines[:_LINES])}
    if lease.about is not None:
        details |= {"ticket": lease.about.number, "subject": lease.about.subject}
    summary = f"{words.subject}: {lease.about.subject}" if lease.about else words.subject
    found["payload"] = {
        "summary": " ".join(summary.split())[:_SUMMARY],
        "source": "Tocsin",
        "severity": "critical" if lease.urgent else "warning",
        "timestamp": lease.created_at.isoformat(),
        "custom_details": details,
    }
    found["client"] = "Tocsin"
    if words.url:
        found["client_url"] = words.url
        found["links"] = [{"href": words.url, "text": words.subject}]
    return found


def _action(lease: Lease) -> str:
    lines = json.loads(lease.parts).get("lines") or [{}]
    actions = [_ACTIONS.get(str(line.get("deed")), "trigger") for line in lines]
    # Whoever must still act comes first.
    return "trigger" if lease.about is None else min(actions, key=_order)


def _order(action: str) -> int:
    return ("trigger", "acknowledge", "resolve").index(action)


def key(lease: Lease) -> str:
    """Return what names the incident: the same for all that is told of one ticket."""
    if lease.about is not None:
        return of_ticket(lease.tenant, lease.about.number)
    name = hashlib.sha256(f"{lease.tenant}/{lease.key}".encode()).hexdigest()
    return f"tocsin-{lease.tenant}-{name[:32]}"


def of_ticket(tenant: int, number: int) -> str:
    """Return the key of a ticket: only this installation can write it, so two never meet in one."""
    mark = signing.Signer(salt="tocsin.pagerduty").signature(f"{tenant}/{number}")
    return f"tocsin-{tenant}-{number}-{mark[:20]}"


def number_of(text: str, tenant: int) -> int | None:
    """Return the ticket's number in a key, None when it is none of ours."""
    found = _KEY.fullmatch(text)
    if found is None or int(found[1]) != tenant:
        return None
    number = int(found[2])
    return number if of_ticket(tenant, number) == text else None
