"""Whose calendar a clock counts by: one that is named, or that of who is served or who serves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

# Several calendars as one have a name of their own, made of theirs.
SIGNS: Mapping[str, str] = {"union": " ∪ ", "intersection": " ∩ "}


class Whose(StrEnum):
    """Where a clock's calendar may come from beside the policy itself."""

    ACCOUNT = "account"
    CONTRACT = "contract"
    TEAM = "team"
    ASSIGNEE = "assignee"


@dataclass(frozen=True, slots=True)
class Source:
    """The calendar of somebody; `otherwise` is taken where they have none."""

    whose: Whose
    otherwise: str


@dataclass(frozen=True, slots=True)
class Together:
    """Several calendars as one: open where any (``union``) or all (``intersection``) are."""

    how: str
    parts: tuple[str | Source, ...]


CalendarOf = str | Source | Together


def from_value(value: object, path: str) -> CalendarOf:
    """Read ``office``, ``{source: team, else: office}`` or ``{union: [office, …]}``."""
    if value is None:
        raise Invalid(path, "no calendar is named, here, for the clock or for the policy")
    place = f"{path}.calendar"
    if not isinstance(value, Mapping):
        return _named(value, place)
    data = shape.mapping(value, place)
    for how in SIGNS:
        if how in data:
            shape.only(data, place, (how,))
            listed = shape.listing(data[how], f"{place}.{how}")
            if len(listed) < 2:
                raise Invalid(f"{place}.{how}", "needs at least two calendars")
            parts = tuple(_one(item, f"{place}.{how}[{k}]") for k, item in enumerate(listed))
            return Together(how, parts)
    return _source(data, place)


def _one(value: object, path: str) -> str | Source:
    return _source(value, path) if isinstance(value, Mapping) else _named(value, path)


def _named(value: object, path: str) -> str:
    key = shape.text(value, path)
    if any(sign.strip() in key for sign in SIGNS.values()):
        raise Invalid(path, f"{key!r} names several calendars; write {{union: [a, b]}}")
    return key


def _source(value: object, path: str) -> Source:
    data = shape.mapping(value, path)
    shape.only(data, path, ("source", "else"))
    whose = Whose(shape.one_of(data.get("source"), f"{path}.source", Whose))
    if "else" not in data:
        raise Invalid(f"{path}.else", f"name the calendar for when the {whose} has none")
    return Source(whose, _named(data["else"], f"{path}.else"))


def to_value(of: CalendarOf) -> Any:
    """Return the form that `from_value` reads."""
    match of:
        case Source():
            return {"source": of.whose.value, "else": of.otherwise}
        case Together():
            return {of.how: [to_value(part) for part in of.parts]}
        case _:
            return of


def named(of: CalendarOf) -> Iterator[str]:
    """Yield the keys of calendars that are named in it."""
    match of:
        case Source():
            yield of.otherwise
        case Together():
            for part in of.parts:
                yield from named(part)
        case _:
            yield of


def fields(of: CalendarOf) -> frozenset[str]:
    """Return the fields of a ticket that the choice of the calendar depends on."""
    match of:
        case Source():
            return frozenset({"account" if of.whose is Whose.CONTRACT else of.whose.value})
        case Together():
            return frozenset().union(*(fields(part) for part in of.parts))
        case _:
            return frozenset()


def combined(how: str, keys: list[str]) -> str:
    """Return the name of several calendars as one; of one alone its own."""
    return SIGNS[how].join(dict.fromkeys(keys))


def parts(key: str) -> tuple[str, list[str]] | None:
    """Return how a name is made of others, and of which; None for a calendar's own."""
    for how, sign in SIGNS.items():
        if sign in key:
            return how, key.split(sign)
    return None
