"""What Twilio tells of a call: which key was pressed, and how the call ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tocsin.actions import afterwards, hooks, inbound, outbox, twilio
from tocsin.actions.inbound import Arrival, Forged, Reply
from tocsin.channels.voice import twiml
from tocsin.channels.voice.send import CHANNEL
from tocsin.channels.voice.settings import Settings
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import Refused

_ENDED: Mapping[str, str] = {
    "busy": "the line was busy",
    "no-answer": "nobody answered",
    "failed": "the call could not be made: check the number",
    "canceled": "the call was broken off",
}


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key was pressed for a letter; `acknowledges` when it was the right one."""

    letter: int
    language: str
    acknowledges: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A call has ended; `arrived` when somebody answered, None when it was a machine."""

    reference: str
    arrived: bool | None
    told: str = ""


def receive(arrival: Arrival, settings: Settings) -> Reply:
    """Acknowledge by a key as the person who was called, or note how a call ended.

    Raises `Forged` for what Twilio did not sign.
    """
    found = read(arrival.body, arrival.headers, arrival.url, settings, tenant=arrival.tenant)
    if found is None:
        raise Forged("the signature is not Twilio's")
    if isinstance(found, Pressed):
        said = "wrong" if not found.acknowledges else _acknowledged(arrival.tenant, found.letter)
        return Reply(twiml.answer(found.language, said).encode(), kind="text/xml; charset=utf-8")
    if found.arrived:
        outbox.delivered(arrival.tenant, CHANNEL, found.reference, arrival.at)
    elif found.told:
        afterwards.not_arrived(
            arrival.tenant, CHANNEL, found.reference, found.told, at=arrival.at, lost=False
        )
    return Reply()


def _acknowledged(tenant: int, letter: int) -> str:
    """Acknowledge as whoever the letter was for; returns what to say."""
    answered = afterwards.letter(tenant, letter)
    if answered is None:
        return "not"
    try:
        inbound.acknowledge(number=answered.number, via=CHANNEL, by=answered.behind.actor)
    except (Refused, Invalid):
        return "not"
    return "done"


def read(
    body: bytes, headers: Mapping[str, str], url: str, settings: Settings, *, tenant: int
) -> Pressed | Ended | None:
    """Return what a call-back says, or None when Twilio did not sign it.

    `url` is the whole address that was called, its query included, as Twilio knows it.
    """
    fields = twilio.verified(body, headers, url, settings.account.token)
    if fields is None:
        return None
    query = parse_qs(urlsplit(url).query)
    if "letter" in query:
        letter = hooks.letter(query["letter"][0], tenant, CHANNEL)
        if letter is None:
            return None
        language = twiml.known(query.get("language", [""])[0])
        return Pressed(letter, language, fields.get("Digits", "") == twiml.KEY)
    reference, status = fields.get("CallSid", ""), fields.get("CallStatus", "")
    if not reference:
        return None
    if status == "completed":
        by = fields.get("AnsweredBy", "")
        machine = by.startswith("machine") or by == "fax"
        return Ended(reference, None if machine else True, "a machine answered" if machine else "")
    told = _ENDED.get(status, "")
    return Ended(reference, False if told else None, told)
