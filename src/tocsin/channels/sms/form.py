"""What the form asks for, and what is made of it."""

import re
from collections.abc import Mapping

from tocsin.actions import phone_numbers, twilio
from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.channels.sms import send
from tocsin.channels.sms.settings import ELKS, ELKS_ADDRESS, TWILIO, Elks, Settings
from tocsin.kit.invalid import Invalid

_ELKS_NAME = re.compile(r"u[0-9a-zA-Z]{8,63}", re.ASCII)
# A name instead of a number: eleven signs of GSM at most, and a letter among them.
_SENDER_NAME = re.compile(r"(?=.{1,11}\Z)[A-Za-z][A-Za-z0-9 ]*", re.ASCII)
_SERVICE = re.compile(r"MG[0-9a-f]{32}", re.ASCII)


def read(given: Mapping[str, str]) -> Settings:
    """Return the settings of a provider; raises `Invalid` that names the field."""
    provider = given.get("provider", "").strip()
    if provider == TWILIO:
        return Settings(twilio.account(given), _twilio_sender(given.get("sender", "")))
    if provider == ELKS:
        return Settings(_elks(given), _sender(given.get("sender", "")))
    raise Invalid("provider", f"must be one of: {ELKS}, {TWILIO}")


def _elks(given: Mapping[str, str]) -> Elks:
    name, password = given.get("account", "").strip(), given.get("token", "").strip()
    if not _ELKS_NAME.fullmatch(name):
        raise Invalid("account", "must be the API username of 46elks: it begins with u")
    if len(password) < 8 or not password.isascii() or not password.isprintable():
        raise Invalid("token", "must be the API password of 46elks, from its dashboard")
    return Elks(name, password, twilio.base_url(given.get("address", ""), ELKS_ADDRESS))


def _twilio_sender(text: str) -> str:
    text = text.strip()
    return text if _SERVICE.fullmatch(text) else _sender(text)


def _sender(text: str) -> str:
    text = text.strip()
    if _SENDER_NAME.fullmatch(text):
        return text
    try:
        return phone_numbers.read(text)
    except Invalid:
        raise Invalid(
            "sender",
            "must be a number such as +46701234567, or a name of at most 11 letters and digits",
        ) from None


CARRIER: Carrier[Settings] = Carrier(
    channel="sms",
    title="SMS",
    fields=(
        Field("provider", "Provider", "choice", choices=(ELKS, TWILIO)),
        Field(
            "account",
            "Account",
            hint="46elks: API username (u…). Twilio: Account SID (AC…).",
        ),
        Field(
            "token",
            "Password",
            "secret",
            hint="46elks: API password. Twilio: Auth Token.",
        ),
        Field(
            "sender",
            "Sender",
            hint="A number of yours, a name of at most 11 signs, or a messaging service (MG…).",
        ),
        Field(
            "address",
            "Address of the interface",
            "url",
            required=False,
            hint="Leave it empty, unless messages go through a gateway of your own.",
        ),
    ),
    read=read,
    send=send.send,
    hears=True,
    address=phone_numbers.read,
    # What a long number of Twilio takes; 46elks takes more.
    limits=Limits(per_second=1.0),
    proves=False,
)
