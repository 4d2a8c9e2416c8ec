"""Carriers: what a channel says of itself, so that one queue and one form serve all of them.

A channel knows its provider's protocol and words. Everything that is the same for all of them
(the queue, the pace, the form, the test, the log) reads these values.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

from tocsin.actions.letters import Lease, Outcome
from tocsin.kit.invalid import Invalid

S = TypeVar("S")

Kind = Literal["text", "secret", "url", "number", "choice"]
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a provider, as its form asks for it. What is secret is never shown again."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = True
    hint: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast a provider takes messages, as it documents it; `at_once` is how many in parallel."""

    per_second: float
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class Carrier(Generic[S]):
    """One channel: the settings of a provider of it, and how a message is handed over.

    `read` makes settings of what was typed (secrets included) or raises `Invalid` that names the
    field. `send` returns what came of a message and never raises for weather. `address` puts a
    person's address into the channel's own form or raises `Invalid("address", …)`; None where
    persons have no address. `proves` is false where a provider's yes does not mean that it arrived.
    `hears` is true where something comes back from the provider, by its address under /hooks/.
    """

    channel: str
    title: str
    fields: tuple[Field, ...]
    read: Callable[[Mapping[str, str]], S]
    send: Callable[[Lease, S], Outcome]
    address: Callable[[str], str] | None = None
    limits: Limits = Limits(per_second=5.0)
    proves: bool = True
    hears: bool = False


def checked(carrier: Carrier[S], typed: Mapping[str, str]) -> S:
    """Return the settings of a provider from what was typed; raises `Invalid` by field.

    What every channel would check is checked here: nothing unknown, nothing missing, one line each,
    numbers are numbers, choices are offered.
    """
    known = {field.name for field in carrier.fields}
    for name in typed:
        if name not in known:
            raise Invalid(name, "is no setting of this channel")
    return carrier.read({one.name: _value(one, typed.get(one.name, "")) for one in carrier.fields})


def _value(field: Field, typed: str) -> str:
    value = typed.strip()
    if not value:
        if field.required:
            raise Invalid(field.name, "is missing")
        return ""
    if len(value) > _LONGEST:
        raise Invalid(field.name, f"is longer than {_LONGEST} characters")
    # A secret may be a key of several lines; nothing else is.
    if field.kind != "secret" and not value.isprintable():
        raise Invalid(field.name, "must be one line of text")
    if field.kind == "number" and not value.isdecimal():
        raise Invalid(field.name, "must be a whole number")
    if field.kind == "url" and not value.startswith(("https://", "http://")):
        raise Invalid(field.name, "must be an address that begins with https://")
    if field.kind == "choice" and value not in field.choices:
        raise Invalid(field.name, f"must be one of: {', '.join(field.choices)}")
    return value


def retry_after(headers: Mapping[str, str], now: dt.datetime | None = None) -> dt.timedelta | None:
    """Return how long a provider asks to wait (`Retry-After`), None when it does not say.

    A number of seconds, or a date when `now` is given. Never longer than a day.

    >>> retry_after({"retry-after": "30"})
    datetime.timedelta(seconds=30)
    """
    told = headers.get("retry-after", "").strip()
    longest = dt.timedelta(days=1)
    if told.isascii() and told.replace(".", "", 1).isdigit():
        return min(dt.timedelta(seconds=float(told[:12])), longest)
    if now is None or not told:
        return None
    try:
        at = dt.datetime.strptime(told, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    return min(max(at - now, dt.timedelta(0)), longest)


def addressed(lease: Lease, address: str) -> Lease:
    """Return the same letter to another address: tests of a provider write to whoever tries it."""
    return replace(lease, address=address)
