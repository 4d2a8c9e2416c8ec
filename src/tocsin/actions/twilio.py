"""What all of Twilio's parts have in common: its account, its signature, its errors.

It lies below the channels because messages and calls are two of them, and no channel knows another.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from tocsin.actions import carriers
from tocsin.actions.letters import FailedForGood, FailedForNow
from tocsin.kit.invalid import Invalid

ADDRESS = "https://api.twilio.com"
_ACCOUNT = re.compile(r"AC[0-9a-f]{32}", re.ASCII)
_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)
# For how long we wait when the account and not the message is at fault: somebody has to mend it.
_ACCOUNT_WAIT = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Account:
    """An account, and the token that signs both ways."""

    sid: str
    token: str = field(repr=False)
    address: str = ADDRESS

    def credentials(self) -> str:
        """Return the header that says who asks."""
        pair = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode("ascii")
        return f"Basic {pair}"

    def url(self, resource: str) -> str:
        """Return where something is made: ``Messages``, ``Calls``."""
        return f"{self.address}/2010-04-01/Accounts/{self.sid}/{resource}.json"


def account(given: Mapping[str, str]) -> Account:
    """Read an account from a form; raise `Invalid` that names the field."""
    sid, token = given.get("account", "").strip(), given.get("token", "").strip()
    if not _ACCOUNT.fullmatch(sid):
        raise Invalid("account", "must be an Account SID: AC and 32 signs, from Twilio's console")
    if not _TOKEN.fullmatch(token):
        raise Invalid("token", "must be the account's Auth Token: 32 signs, from Twilio's console")
    return Account(sid, token, base_url(given.get("address", ""), ADDRESS))


def base_url(text: str, usual: str) -> str:
    """Return the address of a provider's interface without a slash at its end."""
    text = text.strip().rstrip("/")
    if not text:
        return usual
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Invalid("address", "must be an address such as https://api.example.com")
    if parts.username or parts.password:
        raise Invalid("address", "must not hold a name or a password")
    return text


# --------------------------------------------------------------------------------------- signature


def signature(token: str, url: str, params: Iterable[tuple[str, str]]) -> str:
    """Return what Twilio writes below a request: HMAC-SHA1 of the address and its sorted fields."""
    signed = url + "".join(f"{name}{value}" for name, value in sorted(set(params)))
    made = hmac.new(token.encode(), signed.encode("utf-8", "surrogatepass"), hashlib.sha1)
    return base64.b64encode(made.digest()).decode("ascii")


def verified(
    body: bytes, headers: Mapping[str, str], url: str, token: str
) -> dict[str, str] | None:
    """Return the fields of a call-back that Twilio signed, or None when it did not."""
    given = next((v for k, v in headers.items() if k.lower() == "x-twilio-signature"), "")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200
        )
    except ValueError:
        return None
    # It signs the address with its port or without, as its own side saw it.
    expected = [signature(token, one, pairs) for one in _ways(url)]
    # Each is compared, whichever fits: the time tells nothing.
    fits = [hmac.compare_digest(one.encode(), given.encode("utf-8", "replace")) for one in expected]
    return dict(pairs) if any(fits) else None


def _ways(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    try:
        port = parts.port
    except ValueError:
        return (url,)
    host = parts.netloc.rpartition("@")[2]
    if port is None:
        return url, parts._replace(netloc=f"{host}:{usual}").geturl()
    if port == usual:
        return url, parts._replace(netloc=host.rpartition(":")[0]).geturl()
    return (url,)


# ------------------------------------------------------------------------------------------ errors

# What Twilio's codes mean for whoever runs the desk. Those of the account wait for them.
_OF_THE_ACCOUNT: Mapping[int, str] = {
    20003: "Twilio does not accept the Account SID and the Auth Token: enter them again",
    20005: "Twilio has suspended the account: look into its console",
    20006: "this Twilio account may not do that: look into its console",
    20404: "Twilio does not know this account or address: check the Account SID",
    21212: "Twilio does not take the sender: enter one of the account's numbers",
    21213: "Twilio wants a sender: enter one of the account's numbers",
    21210: "the sender is not a verified number of the Twilio account",
    21606: "the sender cannot send messages: enter a number of the account that can",
    21659: "the sender is not a number of the Twilio account",
    21660: "the sender belongs to another Twilio account",
    21701: "Twilio does not know the messaging service: check its SID (MG…)",
    21703: "the messaging service has no sender: add a number to it in Twilio's console",
    21705: "Twilio does not know the messaging service: check its SID (MG…)",
    30002: "Twilio has suspended the account: look into its console",
    30034: "the sender's campaign is not registered with carriers: register it at Twilio",
    63038: "the Twilio account has sent as many messages as it may in a day",
}
_OF_THE_MESSAGE: Mapping[int, str] = {
    13223: "this number cannot be called: check it",
    13224: "Twilio does not take this number: check it",
    13225: "Twilio calls no such numbers",
    13227: "calls to this country are not allowed: allow it under Voice, Geographic permissions",
    21201: "no number to call was given",
    21205: "Twilio does not take the call-back address: check TOCSIN_URL",
    21211: "this is no telephone number: check the person's address",
    21214: "this number cannot be reached by a call",
    21215: "calls to this country are not allowed: allow it under Voice, Geographic permissions",
    21216: "Twilio refuses to call this number",
    21217: "this is no telephone number: check the person's address",
    21219: "a trial account reaches only verified numbers: verify this one in Twilio's console",
    21265: "Twilio does not reach this number",
    21408: "messages to this country are not allowed: allow it under Messaging, Geo permissions",
    21602: "the message was empty",
    21604: "no number to send to was given",
    21605: "the message was too long",
    21608: "a trial account reaches only verified numbers: verify this one in Twilio's console",
    21609: "Twilio does not take the call-back address: check TOCSIN_URL",
    21610: "this number has answered STOP and gets nothing until its owner sends START",
    21612: "the sender cannot reach this number: use another sender for that country",
    21614: "this number is no mobile telephone",
    21617: "the message was too long",
    30001: "the queue of the sender is full",
    30003: "the telephone is switched off or out of reach",
    30004: "the receiver, or their carrier, blocks this sender",
    30005: "this number is not in use",
    30006: "this number is a landline, or its carrier cannot be reached",
    30007: "the carrier took it for spam: register the sender, or use another one",
    30008: "the carrier does not say why it was not delivered",
}
_FOR_NOW = frozenset({20429, 20500, 20503, 30001, 14107, 21611, 30022, 10004})


def meaning(code: int) -> str:
    """Return what an error code means, in words; "" when we do not know."""
    return _OF_THE_ACCOUNT.get(code) or _OF_THE_MESSAGE.get(code, "")


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> FailedForNow | FailedForGood:
    """Return what an answer that is no success means."""
    code, told = _error(body)
    said = meaning(code) or told or "no reason was given"
    reason = f"{said} (Twilio {code or status})"
    if status == 429 or code in _FOR_NOW:
        slow = f"Twilio asks us to slow down (Twilio {code or status})"
        return FailedForNow(slow, carriers.retry_after(headers))
    if code in _OF_THE_ACCOUNT or status in (401, 403):
        if code not in _OF_THE_ACCOUNT:
            reason = f"{_OF_THE_ACCOUNT[20003]} (Twilio {code or status})"
        return FailedForNow(reason, _ACCOUNT_WAIT)
    if status == 402:
        return FailedForNow("the Twilio account has no money left: top it up", _ACCOUNT_WAIT)
    if status == 404:
        return FailedForNow(f"{_OF_THE_ACCOUNT[20404]} (Twilio {code or status})", _ACCOUNT_WAIT)
    if status >= 500:
        # An outage is waited for, however long: a rare second copy is better than none.
        return FailedForNow(f"Twilio is out of order ({status})", carriers.retry_after(headers))
    if 300 <= status < 400:
        return FailedForNow(f"the address leads elsewhere ({status}): check it", _ACCOUNT_WAIT)
    return FailedForGood(reason)


def answer_of(body: bytes) -> dict[str, object]:
    """Return an answer's JSON object, empty when it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _error(body: bytes) -> tuple[int, str]:
    found = answer_of(body)
    code, told = found.get("code"), found.get("message")
    return (
        code if isinstance(code, int) else 0,
        " ".join(told.split())[:200] if isinstance(told, str) else "",
    )
