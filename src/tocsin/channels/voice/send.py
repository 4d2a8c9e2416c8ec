"""Having Twilio call somebody. Whatever the weather, the answer is an outcome.

Twilio knows no key under which a call happens once: when its answer is lost the outcome is
`Unsure`, and the queue tries once more.
"""

from urllib.parse import urlencode

from tocsin.actions import hooks, phone_numbers, twilio, wording
from tocsin.actions.letters import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.voice import twiml
from tocsin.channels.voice.settings import Settings
from tocsin.kit.invalid import Invalid

CHANNEL = "voice"


def send(lease: Lease, to: Settings) -> Outcome:
    """Ask for a call and return what came of it; never raises for weather."""
    try:
        number = phone_numbers.read(lease.address)
    except Invalid as error:
        return FailedForGood(f"the person's number {error.reason}")
    account = to.account
    headers = {
        "authorization": account.credentials(),
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    content = urlencode(_fields(lease, to, number)).encode("ascii")
    try:
        answer = outgoing.post(account.url("Calls"), content=content, headers=headers)
    except outgoing.Refused as error:
        return FailedForGood(str(error))
    except outgoing.NotSent as error:
        return FailedForNow(str(error))
    except outgoing.Lost as error:
        return Unsure(f"the provider's answer was lost: {error}")
    if not 200 <= answer.status < 300:
        return twilio.refusal(answer.status, answer.headers, answer.body)
    reference = twilio.answer_of(answer.body).get("sid")
    return Sent(reference if isinstance(reference, str) else "")


def _fields(lease: Lease, to: Settings, number: str) -> dict[str, str]:
    words = wording.of(lease)
    language = twiml.known(words.language)
    # Only what is about a ticket can be acknowledged.
    action = ""
    if lease.about is not None:
        letter = hooks.token(lease, CHANNEL)
        action = hooks.address(lease, CHANNEL, letter=letter, language=language)
    fields = {
        "To": number,
        "From": to.number,
        "Timeout": str(to.rings_s),
        "Twiml": twiml.spoken(language, words.short, action),
    }
    if to.detects:
        # A machine is spoken to once it has finished its greeting.
        fields["MachineDetection"] = "DetectMessageEnd"
    told_at = hooks.address(lease, CHANNEL)
    if told_at:
        fields |= {"StatusCallback": told_at, "StatusCallbackEvent": "completed"}
    return fields
