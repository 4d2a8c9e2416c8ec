"""Hearing Slack's buttons: the signature first, then the deed, then the message says so."""

import datetime as dt
import functools
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tocsin.actions import inbound
from tocsin.actions.inbound import Arrival, Behind, Forged, Reply
from tocsin.channels import outgoing
from tocsin.channels.slack import message
from tocsin.channels.slack import words as texts
from tocsin.channels.slack.settings import Slack, is_member
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import Refused

_log = logging.getLogger(__name__)
WINDOW = dt.timedelta(minutes=5)
SNOOZED = dt.timedelta(minutes=30)
# Slack takes up to five answers, for half an hour; a few seconds are enough for it to listen.
_PATIENCE_S = 5.0


def receive(arrival: Arrival, slack: Slack) -> Reply:
    """Do what a button asks for, and answer at once; the message in Slack is changed afterwards.

    Raises `Forged` for whatever Slack did not sign within five minutes. The same press twice is
    done once: an acknowledged ticket stays acknowledged.
    """
    verify(arrival, slack.signing_secret)
    told = _told(arrival)
    if told.get("type") == "url_verification":
        challenge = told.get("challenge")
        return Reply(body=challenge.encode() if isinstance(challenge, str) else b"")
    press = _press(told)
    if press is None:
        return Reply()
    answer = _done(arrival, press)
    if answer is None:
        return Reply()
    return Reply(afterwards=functools.partial(_say, press.response_url, answer, slack.hooks))


def verify(arrival: Arrival, secret: str) -> None:
    """Raise `Forged` unless Slack signed the bytes as they came, not longer ago than 5 minutes."""
    if not secret:
        raise Forged("this provider has no signing secret")
    stamp = arrival.headers.get("x-slack-request-timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 12):
        raise Forged("no time is signed")
    if abs(int(stamp) - arrival.at.timestamp()) > WINDOW.total_seconds():
        raise Forged("it was signed too long ago")
    signed = signature(secret, stamp, arrival.body)
    given = arrival.headers.get("x-slack-signature", "")
    if not hmac.compare_digest(signed.encode(), given.encode("utf-8", "replace")):
        raise Forged("the signature is not Slack's")


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Return Slack's signature, version 0, of a body at a time."""
    text = b"v0:" + stamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class _Press:
    """Somebody pressed a button of ours: who, which one, what it carries, and under what."""

    member: str
    action: str
    value: str
    response_url: str
    blocks: list[Any]


def _told(arrival: Arrival) -> Mapping[str, Any]:
    """Return what is told, as JSON or as the form in which Slack wraps it; empty for neither."""
    try:
        if arrival.headers.get("content-type", "").startswith("application/json"):
            found = json.loads(arrival.body)
        else:
            form = parse_qs(arrival.body.decode(), max_num_fields=20)
            found = json.loads(form.get("payload", ["{}"])[0])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _press(told: Mapping[str, Any]) -> _Press | None:
    """Return the press of a button of ours, None for anything else that Slack may tell."""
    actions = told.get("actions")
    if told.get("type") != "block_actions" or not isinstance(actions, list):
        return None
    ours = (message.ACKNOWLEDGE, message.SNOOZE)
    one = next((a for a in actions if isinstance(a, dict) and a.get("action_id") in ours), None)
    if one is None:
        return None
    blocks = _part(told, "message").get("blocks")
    return _Press(
        member=str(_part(told, "user").get("id", "")),
        action=str(one["action_id"]),
        value=str(one.get("value", "")),
        response_url=str(told.get("response_url", "")),
        blocks=blocks if isinstance(blocks, list) else [],
    )


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _done(arrival: Arrival, press: _Press) -> Mapping[str, Any] | None:
    """Do it, and return what Slack is then told; None when there is nothing to say."""
    number = message.number_of(press.value, arrival.tenant)
    if number is None or not is_member(press.member):
        return None
    who = inbound.person(arrival.tenant, "slack", press.member)
    if who is None:
        told = texts.of("en")
        return _aside(told["unknown"].format(id=press.member))
    told = texts.of(who.language)
    try:
        if press.action == message.SNOOZE:
            inbound.snooze(number=number, length=SNOOZED, by=who.actor)
            return _aside(told["snoozed"])
        # Also when somebody else was first: the buttons have served.
        inbound.acknowledge(number=number, via="slack", by=who.actor)
    except (Refused, Invalid) as error:
        return _aside(told["refused"].format(why=str(error)))
    return _settled(press, who)


def _settled(press: _Press, who: Behind) -> Mapping[str, Any]:
    """Return the message as it was, with a line that says who has it in place of the buttons."""
    line = texts.of(who.language)["acknowledged"].format(name=message.escaped(who.name))
    kept = [b for b in press.blocks if isinstance(b, dict) and b.get("type") != "actions"]
    said = {"type": "context", "elements": [{"type": "mrkdwn", "text": f"✓ {line}"}]}
    return {"replace_original": True, "text": line, "blocks": [*kept[:40], said]}


def _aside(text: str) -> Mapping[str, Any]:
    """Return what only whoever pressed the button sees."""
    return {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": message.escaped(text),
    }


def _say(url: str, answer: Mapping[str, Any], hosts: tuple[str, ...]) -> None:
    """Tell Slack what became of a press. The deed is done: that this fails changes nothing."""
    found = urlsplit(url)
    if found.scheme not in ("https", "http") or found.netloc not in hosts:
        if url:
            _log.warning("Slack named %s to be answered at: it is not", found.hostname)
        return
    try:
        told = json.dumps(answer).encode()
        said = outgoing.post(
            url,
            content=told,
            headers={"content-type": "application/json; charset=utf-8"},
            timeout_s=_PATIENCE_S,
        )
    except (outgoing.Refused, outgoing.NotSent, outgoing.Lost) as error:
        _log.warning("Slack could not be told what a button did: %s", error)
        return
    if said.status != 200:
        _log.warning("Slack answered %s to what a button did", said.status)
