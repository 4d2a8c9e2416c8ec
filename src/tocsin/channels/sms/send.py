"""Handing a short message to a provider. Whatever the weather, the answer is an outcome.

Neither provider knows a key under which a message happens once. When the answer is lost after the
message has been handed over, the outcome is therefore `Unsure`, and the queue tries once more.
"""

import base64
import datetime as dt
from urllib.parse import urlencode

from tocsin.actions import carriers, hooks, links, phone_numbers, twilio, wording
from tocsin.actions.letters import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.actions.twilio import Account
from tocsin.channels import outgoing
from tocsin.channels.outgoing import Answer
from tocsin.channels.sms import text
from tocsin.channels.sms.settings import Elks, Settings
from tocsin.kit.invalid import Invalid

# For how long we wait when the account and not the message is at fault: somebody has to mend it.
_ACCOUNT_WAIT = dt.timedelta(minutes=10)


def send(lease: Lease, to: Settings) -> Outcome:
    """Hand a message over and return what came of it; never raises for weather."""
    try:
        number = phone_numbers.read(lease.address)
    except Invalid as error:
        return FailedForGood(f"the person's number {error.reason}")
    link = links.ticket(lease.tenant_key, lease.about.number) if lease.about else ""
    message = text.fitted(wording.of(lease).short, link)
    if not message:
        return FailedForGood("the message has no text")
    told_at = hooks.address(lease, "sms")
    if isinstance(to.account, Elks):
        return _by_elks(to.account, to.sender, number, message, told_at)
    return _by_twilio(to.account, to.sender, number, message, told_at)


def _posted(url: str, fields: dict[str, str], credentials: str) -> Answer | Outcome:
    headers = {
        "authorization": credentials,
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    try:
        return outgoing.post(url, content=urlencode(fields).encode("ascii"), headers=headers)
    except outgoing.Refused as error:
        return FailedForGood(str(error))
    except outgoing.NotSent as error:
        return FailedForNow(str(error))
    except outgoing.Lost as error:
        return Unsure(f"the provider's answer was lost: {error}")


# ----------------------------------------------------------------------------------------- 46elks


def _by_elks(account: Elks, sender: str, number: str, message: str, told_at: str) -> Outcome:
    fields = {"from": sender, "to": number, "message": message}
    if told_at:
        # 46elks does not sign what it calls back with: the address itself proves that it is meant.
        fields["whendelivered"] = hooks.sealed(told_at, account.password)
    pair = base64.b64encode(f"{account.name}:{account.password}".encode()).decode("ascii")
    answer = _posted(f"{account.address}/a1/sms", fields, f"Basic {pair}")
    if not isinstance(answer, Answer):
        return answer
    if 200 <= answer.status < 300:
        found = twilio.answer_of(answer.body)
        reference = found.get("id")
        if found.get("status") == "failed":
            return FailedForGood("46elks could not send it: check the number")
        return Sent(reference if isinstance(reference, str) else "")
    return _elks_refusal(answer)


def _elks_refusal(answer: Answer) -> Outcome:
    told = " ".join(answer.body.decode("utf-8", "replace").split())[:200]
    status = answer.status
    if status == 429:
        wait = carriers.retry_after(answer.headers)
        return FailedForNow("46elks asks us to slow down (46elks 429)", wait)
    if status >= 500:
        # An outage is waited for, however long: a rare second copy is better than none.
        return FailedForNow(
            f"46elks is out of order ({status})", carriers.retry_after(answer.headers)
        )
    if status == 401:
        return FailedForNow(
            "46elks does not accept the API username and password: enter them again (46elks 401)",
            _ACCOUNT_WAIT,
        )
    if status == 402 or "credit" in told.casefold():
        return FailedForNow(
            f"the 46elks account has no money left: top it up (46elks {status})", _ACCOUNT_WAIT
        )
    if status == 403:
        return FailedForNow(
            f"46elks does not let this account do that: {told or 'no reason was given'}"
            " (46elks 403)",
            _ACCOUNT_WAIT,
        )
    if status == 404 or 300 <= status < 400:
        return FailedForNow(
            f"there is no 46elks at this address: check the address of the interface ({status})",
            _ACCOUNT_WAIT,
        )
    if "from" in told.casefold().replace('"', " ").replace(":", " ").split():
        return FailedForNow(
            f"46elks does not take the sender: enter another one (46elks {status}: {told})",
            _ACCOUNT_WAIT,
        )
    return FailedForGood(
        f"46elks does not take the message: {told or 'no reason was given'} (46elks {status})"
    )


# ----------------------------------------------------------------------------------------- Twilio


def _by_twilio(account: Account, sender: str, number: str, message: str, told_at: str) -> Outcome:
    fields = {"To": number, "Body": message}
    fields["MessagingServiceSid" if sender.startswith("MG") else "From"] = sender
    if told_at:
        fields["StatusCallback"] = told_at
    answer = _posted(account.url("Messages"), fields, account.credentials())
    if not isinstance(answer, Answer):
        return answer
    if not 200 <= answer.status < 300:
        return twilio.refusal(answer.status, answer.headers, answer.body)
    found = twilio.answer_of(answer.body)
    code, reference = found.get("error_code"), found.get("sid")
    if isinstance(code, int) and found.get("status") in ("failed", "undelivered"):
        meaning = twilio.meaning(code) or "Twilio could not send it"
        return FailedForGood(f"{meaning} (Twilio {code})")
    return Sent(reference if isinstance(reference, str) else "")
