"""Examples that a policy file carries: given these events, this due. Pure: no database.

``examples: [{name, events: [{at, kind, …}], expect: [{clock: resolution, due: INSTANT}], now}]``
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.engine import duration, replay, verdict
from tocsin.engine.books import Books, Contract, Since, choice_from
from tocsin.engine.clock import Clock
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.policy import instant_from
from tocsin.engine.ticket import Ticket
from tocsin.engine.version import Versions
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

_EXAMPLE = ("name", "policy", "events", "expect", "now")
_EVENT = (
    "at",
    "kind",
    "side",
    "to",
    "name",
    "question",
    "fields",
    "payload",
    *("priority", "status"),
)
_EXPECTED = ("clock", "agreement", "cycle", "due", "state", "verdict", "used", "policy")
_PATH = "examples"
_TICKET = "example"
# Who acts, where an event does not say.
_SIDES = {
    Kind.CREATED: Side.CUSTOMER,
    Kind.CUSTOMER_MESSAGE: Side.CUSTOMER,
    Kind.AUTOMATED_MESSAGE: Side.AUTOMATION,
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What an example says of one clock; what it does not name may be anything."""

    path: str
    clock: str
    agreement: str
    cycle: int
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """Events of one ticket, and what its clocks must then be at `now`."""

    path: str
    name: str
    events: tuple[Event, ...]
    expected: tuple[Expected, ...]
    policy: str
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an example: each expectation that was not met, by its field."""

    example: Example
    wrong: tuple[Invalid, ...]


def read(data: Mapping[str, Any], versions: Versions) -> tuple[Example, ...]:
    """Return the examples of a policy file; refuse mistakes by field."""
    listed = shape.listing(data.get(_PATH, []), _PATH)
    return tuple(_example(item, f"{_PATH}[{k}]", versions) for k, item in enumerate(listed))


def under(data: Mapping[str, Any], versions: Versions) -> Versions:
    """Return a file's policies with its contracts, hours and options, as if they held always.

    What of those cannot be read is left out: whoever checks the file says so.
    """
    contracts = []
    for key, told in _section(data, "contracts"):
        begins, ends = (
            instant_from(told[name], f"contracts.{key}.{name}") if name in told else None
            for name in ("valid_from", "valid_until")
        )
        policies, calendar = frozenset(told.get("policies", ())), str(told.get("calendar") or "")
        account = str(told.get("account"))
        contracts.append(
            Contract(key, 1, account, policies, calendar, valid_from=begins, valid_until=ends)
        )
    hours: dict[tuple[str, str], Since] = {}
    for key, told in _section(data, "hours"):
        whose, _, who = key.partition(":")
        whose = "assignee" if whose == "person" else whose
        hours[whose, who] = ((None, told.get("calendar")),)
    options = data.get("options")
    choices = versions.books.choices
    if isinstance(options, Mapping) and "choose" in options:
        choices = ((None, choice_from(options["choose"], "options.choose")),)
    return Versions(versions.calendars, versions.policies, Books(tuple(contracts), hours, choices))


def _section(data: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    found = data.get(name)
    listed = found.items() if isinstance(found, Mapping) else ()
    return [(key, told) for key, told in listed if isinstance(told, Mapping)]


def run(examples: tuple[Example, ...], versions: Versions) -> tuple[Outcome, ...]:
    """Return what comes of each example under the policies."""
    return tuple(_outcome(example, versions) for example in examples)


# ------------------------------------------------------------------------------------ reading


def _example(value: object, path: str, versions: Versions) -> Example:
    data = shape.mapping(value, path)
    shape.only(data, path, _EXAMPLE)
    events = tuple(
        _event(item, f"{path}.events[{k}]", k)
        for k, item in enumerate(shape.listing(data.get("events"), f"{path}.events"))
    )
    if not events or events[0].kind is not Kind.CREATED:
        raise Invalid(f"{path}.events", "the first event of an example is: created")
    policy = ""
    if "policy" in data:
        known = {one.key for one in versions.policies}
        policy = shape.one_of(data["policy"], f"{path}.policy", sorted(known))
    clocks = sorted({key for _, key in versions.slots()})
    expected = tuple(
        _expected(item, f"{path}.expect[{k}]", clocks)
        for k, item in enumerate(shape.listing(data.get("expect"), f"{path}.expect"))
    )
    if not expected:
        raise Invalid(f"{path}.expect", "an example that expects nothing proves nothing")
    last = max(event.effective_at for event in events)
    now = instant_from(data["now"], f"{path}.now") if "now" in data else last
    if now < last:
        raise Invalid(f"{path}.now", "lies before the last event")
    name = shape.text(data.get("name"), f"{path}.name")
    return Example(path, name, events, expected, policy, now)


def _event(value: object, path: str, number: int) -> Event:
    data = shape.mapping(value, path)
    shape.only(data, path, _EVENT)
    kind = Kind(shape.one_of(data.get("kind"), f"{path}.kind", Kind))
    side = _SIDES.get(kind, Side.AGENT)
    if "side" in data:
        side = Side(shape.one_of(data["side"], f"{path}.side", Side))
    payload = {
        **shape.mapping(data.get("payload", {}), f"{path}.payload"),
        **shape.mapping(data.get("fields", {}), f"{path}.fields"),
    }
    payload |= {name: data[name] for name in ("to", "name", "question") if name in data}
    if kind is Kind.CREATED:
        payload = {"status": "new", **payload}
        payload |= {name: data[name] for name in ("priority", "status") if name in data}
    elif kind is Kind.FIELD and "name" not in payload:
        raise Invalid(f"{path}.name", "name the field that was set")
    if kind in (Kind.STATUS, Kind.STAGE, Kind.PRIORITY) and "to" not in payload:
        raise Invalid(f"{path}.to", f"say which {kind} it became")
    at = instant_from(data.get("at"), f"{path}.at")
    return Event(
        ticket=_TICKET,
        kind=kind,
        effective_at=at,
        recorded_at=at,
        key=f"{_TICKET}/{number}",
        payload=payload,
        side=side,
        source_seq=number,
    )


def _expected(value: object, path: str, clocks: list[str]) -> Expected:
    data = shape.mapping(value, path)
    shape.only(data, path, _EXPECTED)
    said: dict[str, Any] = {name: data[name] for name in _EXPECTED[3:] if name in data}
    if said.get("due") is not None:
        said["due"] = instant_from(said["due"], f"{path}.due")
    if "used" in said:
        said["used"] = duration.parse(said["used"], f"{path}.used", zero=True)
    return Expected(
        path=path,
        clock=shape.one_of(data.get("clock"), f"{path}.clock", clocks),
        agreement=shape.text(data.get("agreement", "SLA"), f"{path}.agreement"),
        cycle=shape.whole(data["cycle"], f"{path}.cycle", least=1) if "cycle" in data else 0,
        said=said,
    )


# ------------------------------------------------------------------------------------ running


def _outcome(example: Example, versions: Versions) -> Outcome:
    ticket = replay.replay(_TICKET, example.events, versions, now=example.now)
    wrong = [error for one in example.expected for error in _wrong(one, ticket, example)]
    return Outcome(example, tuple(wrong))


def _wrong(expected: Expected, ticket: Ticket, example: Example) -> list[Invalid]:
    clock = _clock(expected, ticket)
    if clock is None:
        # A clock that there should not be is said by a state of its own.
        if expected.said.get("state") == "none":
            return []
        return [Invalid(f"{expected.path}.clock", f"there is no clock {expected.clock!r}")]
    found: list[Invalid] = []
    if example.policy and clock.terms.policy != example.policy:
        told = f"the terms are those of {clock.terms.policy!r}, not of {example.policy!r}"
        found.append(Invalid(f"{example.path}.policy", told))
    for name, wanted in expected.said.items():
        comes = _value(clock, name, example.now)
        if comes != wanted:
            reason = f"expected {_text(wanted)}, but it is {_text(comes)}"
            found.append(Invalid(f"{expected.path}.{name}", reason))
    return found


def _clock(expected: Expected, ticket: Ticket) -> Clock | None:
    """Return the newest clock that is meant, of its cycle if one is named."""
    for clock in reversed(ticket.clocks):
        slot = (clock.terms.agreement.value, clock.terms.definition.key)
        if slot == (expected.agreement, expected.clock) and expected.cycle in (0, clock.cycle):
            return clock
    return None


def _value(clock: Clock, name: str, now: dt.datetime) -> Any:
    match name:
        case "due":
            return clock.present_due()
        case "state":
            return clock.state.value
        case "verdict":
            return verdict.of(clock, now=now).value
        case "policy":
            return clock.terms.policy
        case _:
            return clock.used_at(now)


def _text(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return duration.text(value)
    return "nothing" if value is None else str(value)
