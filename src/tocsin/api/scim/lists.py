"""Lists of resources, and which of their attributes an answer shows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.api.declared import Call
from tocsin.api.scim import filters
from tocsin.api.scim.answers import Bad
from tocsin.queries.directory import Condition

MOST = 200
USUAL = 100
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_ALWAYS = frozenset({"schemas", "id"})
# No directory has so many; beyond it the database would only count.
_FURTHEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What part of a list is asked for."""

    where: Condition | None
    skip: int
    count: int


def wanted(call: Call, known: Collection[str]) -> Wanted:
    """Return what a list is asked for, by names that are `known`; raises `Bad`."""
    if call.GET.get("sortBy"):
        raise Bad("invalidValue", "sortBy: lists are not sorted here")
    asked = call.GET.get("filter", "").strip()
    where = filters.parsed(asked, known) if asked else None
    start = max(1, _number(call, "startIndex", 1))
    return Wanted(
        where, min(start - 1, _FURTHEST), max(0, min(_number(call, "count", USUAL), MOST))
    )


def _number(call: Call, name: str, usual: int) -> int:
    given = call.GET.get(name, "")
    if not given:
        return usual
    digits = given.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
        raise Bad("invalidValue", f"{name}: expected a whole number")
    return int(given)


def listed(asked: Wanted, total: int, resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a list in the form of directories."""
    return {
        "schemas": [_LIST],
        "totalResults": total,
        "startIndex": asked.skip + 1,
        "itemsPerPage": len(resources),
        "Resources": list(resources),
    }


def shows(call: Call) -> Callable[[str], bool]:
    """Return what says whether an attribute is shown, by `attributes` or `excludedAttributes`.

    A part of an attribute, such as name.formatted, counts as the whole of it.
    """
    only, without = _names(call, "attributes"), _names(call, "excludedAttributes")
    if only:
        return lambda name: name in _ALWAYS or name.lower() in only
    return lambda name: name in _ALWAYS or name.lower() not in without


def _names(call: Call, parameter: str) -> frozenset[str]:
    given = call.GET.get(parameter, "")[: filters.LONGEST]
    return frozenset(filters.plain(one).partition(".")[0] for one in given.split(",") if one)


def pruned(resource: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """Return a resource with the attributes that are asked for."""
    shown = shows(call)
    return {name: value for name, value in resource.items() if shown(name)}


def number(resource: str) -> int:
    """Return the id of a resource; one that can be none is -1, which nothing has."""
    fits = resource.isascii() and resource.isdecimal() and len(resource) < 19
    return int(resource) if fits else -1
