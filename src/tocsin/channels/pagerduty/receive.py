"""Hearing PagerDuty: whoever acknowledges an incident there has the ticket here."""

import datetime as dt
import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.actions import inbound
from tocsin.actions.inbound import Arrival, Forged, Reply
from tocsin.channels.pagerduty.event import number_of
from tocsin.channels.pagerduty.settings import PagerDuty
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Refused

_log = logging.getLogger(__name__)
# PagerDuty signs no time. It repeats for hours when we were away; what is older is a replay.
WINDOW = dt.timedelta(hours=24)
_AHEAD = dt.timedelta(minutes=5)
_MOST_SIGNATURES = 10


def receive(arrival: Arrival, service: PagerDuty) -> Reply:
    """Acknowledge what was acknowledged there, and note what was resolved; always answers yes.

    Raises `Forged` for whatever PagerDuty did not sign. The same event twice is done once, and
    what happened before an escalation began says nothing of it.
    """
    verify(arrival, service.secrets)
    event = _event(arrival.body)
    data, number = _part(event, "data"), None
    if str(event.get("event_type", "")) in ("incident.acknowledged", "incident.resolved"):
        number = number_of(str(data.get("incident_key", "")), arrival.tenant)
    occurred_at = _instant(str(event.get("occurred_at", "")))
    if number is None or occurred_at is None:
        return Reply()
    if not -_AHEAD <= arrival.at - occurred_at <= WINDOW:
        _log.warning("PagerDuty told of ticket %s at %s: too old, or ahead", number, occurred_at)
        return Reply()
    try:
        if event["event_type"] == "incident.acknowledged":
            _acknowledge(arrival, number, _part(event, "agent"), occurred_at)
        else:
            _note(arrival, number, data, occurred_at)
    except (Refused, Invalid) as error:
        # Acknowledged already, stopped meanwhile: to PagerDuty that is all the same.
        _log.info("PagerDuty told of ticket %s: %s", number, error)
    return Reply()


def verify(arrival: Arrival, secrets: Iterable[str]) -> None:
    """Raise `Forged` unless one of the signatures is made with one of the secrets."""
    expected = [signature(secret, arrival.body).encode() for secret in secrets]
    given = arrival.headers.get("x-pagerduty-signature", "").split(",")[:_MOST_SIGNATURES]
    if not expected:
        raise Forged("this provider has no webhook signing secret")
    found = False
    for one in given:
        told = one.strip().encode("utf-8", "replace")
        for known in expected:
            # All of them, whatever was found before.
            found |= hmac.compare_digest(known, told)
    if not found:
        raise Forged("the signature is not PagerDuty's")


def signature(secret: str, body: bytes) -> str:
    """Return PagerDuty's signature, version 1, of a body."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _acknowledge(
    arrival: Arrival, number: int, agent: Mapping[str, Any], occurred_at: dt.datetime
) -> None:
    settled_at = inbound.settled_at(arrival.tenant, number)
    if settled_at is not None and settled_at > occurred_at:
        return
    who = inbound.person(arrival.tenant, "pagerduty", str(agent.get("id", "")))
    if who is not None:
        inbound.acknowledge(number=number, via="pagerduty", by=who.actor)
        return
    # Somebody who is not known here has it all the same: that they are named must do.
    name = _line(str(agent.get("summary", "")))
    via = f"pagerduty ({name})" if name else "pagerduty"
    inbound.acknowledge(number=number, via=via, by=access.automation(arrival.tenant))


def _note(arrival: Arrival, number: int, data: Mapping[str, Any], occurred_at: dt.datetime) -> None:
    incident = _line(str(data.get("number", "")))
    text = f"PagerDuty: incident {incident} was resolved there, {occurred_at:%Y-%m-%d %H:%M:%S} UTC"
    inbound.note_once(number=number, text=text, by=access.automation(arrival.tenant))


def _event(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return _part(found, "event") if isinstance(found, dict) else {}


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _instant(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(dt.UTC) if found.tzinfo is not None else None


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:80]
