"""Letters: what is leased to whoever sends it, and what can come of it. Values only."""

import datetime as dt
import uuid
from dataclasses import dataclass

# What `told` begins with when the letter may have arrived already.
MAYBE = "may have been sent"


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it; `reference` is what it calls the message."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class FailedForNow:
    """It was not taken and may be later; `retry_after` is how long the provider asks to wait."""

    reason: str
    retry_after: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class FailedForGood:
    """It was not taken and never will be."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """It was handed over whole, and the answer was lost."""

    reason: str


Outcome = Sent | FailedForNow | FailedForGood | Unsure


@dataclass(frozen=True, slots=True)
class Recipient:
    """The person whom a letter is for; `address` is empty when there is none to write to."""

    name: str
    address: str
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class About:
    """The ticket that a letter is about."""

    number: int
    subject: str


@dataclass(frozen=True, slots=True)
class Lease:
    """A letter that is ours to send until the lease ends. `at` is the database's clock.

    `parts` is JSON as it was written: only whoever words the letter reads it. `address` is where to
    in the channel's own form, empty when the recipient's mail address is meant. `provider` is who
    must carry it, None for whoever comes first.
    """

    tenant: int
    id: int
    token: uuid.UUID
    at: dt.datetime
    channel: str
    key: str
    parts: str
    urgent: bool
    created_at: dt.datetime
    attempts: int
    maybe_sent: bool
    told: str
    recipient: Recipient | None
    about: About | None
    address: str = ""
    provider: int | None = None
    tenant_key: str = ""

    @property
    def handed(self) -> bool:
        """Whether it was handed over before and nobody knows what came of that."""
        return self.told.startswith(MAYBE)
