"""The form of the responsibility map: who answers for tickets of a type, and who after them."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries.desk import Desk

_OWN = ("first", "backup", "team")
_LONGEST = 200


def checks(data: Mapping[str, Any], at_work: Desk) -> Iterator[Callable[[], object]]:
    """Yield a check for each field of ``{types: {TYPE: {first:, backup:, team:}}}``."""
    yield lambda: shape.only(data, "", ("types",))
    yield lambda: shape.mapping(data.get("types"), "types")
    types = data.get("types")
    if not isinstance(types, Mapping):
        return
    yield lambda: _apart(types)
    for type_, told in types.items():
        place = f"types.{type_}"
        yield partial(_type, type_)
        yield partial(_told, told, place)
        if not isinstance(told, Mapping):
            continue
        for name in ("first", "backup"):
            if name in told:
                yield partial(_person, told[name], f"{place}.{name}", at_work)
        if "team" in told:
            yield partial(_team, told["team"], f"{place}.team", at_work)


def _apart(types: Mapping[str, Any]) -> None:
    known = [str(type_).strip().casefold() for type_ in types]
    if len(set(known)) != len(known):
        raise Invalid("types", "two are the same but for capitals")


def _type(type_: object) -> None:
    if len(shape.text(type_, "types")) > _LONGEST:
        raise Invalid("types", f"the name of a type has {_LONGEST} characters at most")


def _told(told: object, place: str) -> None:
    found = shape.mapping(told, place)
    shape.only(found, place, _OWN)
    if not found:
        raise Invalid(place, "names nobody; say first, backup or team")


def _person(value: object, place: str, at_work: Desk) -> None:
    address = shape.text(value, place)
    if not at_work.tenant:
        return
    known = [one.email for one in at_work.people.values() if one.active and one.email]
    if address.casefold() not in {one.casefold() for one in known}:
        near = shape.hint(address, known)
        raise Invalid(place, f"there is nobody with the address {address!r}{near}")


def _team(value: object, place: str, at_work: Desk) -> None:
    key = shape.text(value, place).casefold()
    if at_work.tenant:
        shape.one_of(key, place, at_work.teams)
