"""The settings of a provider of calls."""

from dataclasses import dataclass

from tocsin.actions.twilio import Account


@dataclass(frozen=True, slots=True)
class Settings:
    """Who calls from which number, for how long it rings, and whether machines are told apart."""

    account: Account
    number: str
    rings_s: int = 30
    detects: bool = False
