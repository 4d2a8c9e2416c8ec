"""The settings of a provider of short messages."""

from dataclasses import dataclass, field

from tocsin.actions.twilio import Account

ELKS, TWILIO = "46elks", "Twilio"
ELKS_ADDRESS = "https://api.46elks.com"


@dataclass(frozen=True, slots=True)
class Elks:
    """An account with 46elks."""

    name: str
    password: str = field(repr=False)
    address: str = ELKS_ADDRESS


@dataclass(frozen=True, slots=True)
class Settings:
    """Who carries short messages, and whom they are from: a number, a name, or a service."""

    account: Elks | Account
    sender: str
