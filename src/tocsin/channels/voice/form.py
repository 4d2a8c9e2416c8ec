"""What the form asks for, and what is made of it."""

from collections.abc import Mapping

from tocsin.actions import phone_numbers, twilio
from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.channels.voice import send
from tocsin.channels.voice.settings import Settings
from tocsin.kit.invalid import Invalid

_NO, _YES = "no", "yes"
_SHORTEST, _LONGEST, _USUAL = 10, 120, 30


def read(given: Mapping[str, str]) -> Settings:
    """Return the settings of a provider; raises `Invalid` that names the field."""
    account = twilio.account(given)
    try:
        number = phone_numbers.read(given.get("number", ""))
    except Invalid as error:
        raise Invalid("number", error.reason) from None
    typed = given.get("rings", "").strip() or str(_USUAL)
    rings = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
    if not _SHORTEST <= rings <= _LONGEST:
        raise Invalid("rings", f"must be a number of seconds from {_SHORTEST} to {_LONGEST}")
    return Settings(account, number, rings, given.get("machines", "") == _YES)


CARRIER: Carrier[Settings] = Carrier(
    channel=send.CHANNEL,
    title="Telephone calls",
    fields=(
        Field("account", "Account SID", hint="From Twilio's console: AC and 32 signs."),
        Field("token", "Auth Token", "secret", hint="From Twilio's console."),
        Field(
            "number",
            "Number that calls",
            hint="A number of the account that can call, such as +46701234567.",
        ),
        Field(
            "rings",
            "Seconds that it rings",
            "number",
            required=False,
            hint="30 when empty: shorter than the time after which a mailbox takes over.",
        ),
        Field(
            "machines",
            "Tell answering machines apart",
            "choice",
            required=False,
            hint="Twilio charges for it. A machine's answer does not count as heard.",
            choices=(_NO, _YES),
        ),
        Field(
            "address",
            "Address of the interface",
            "url",
            required=False,
            hint="Leave it empty, unless calls go through a gateway of your own.",
        ),
    ),
    read=read,
    send=send.send,
    hears=True,
    address=phone_numbers.read,
    # Twilio begins one call a second for each account, unless it was asked for more.
    limits=Limits(per_second=1.0, at_once=2),
    proves=False,
)
