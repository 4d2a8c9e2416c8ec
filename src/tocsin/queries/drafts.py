"""Drafts of the configuration, what is wrong with them, and what they would change."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, book_form, desk, pipeline_form, promise_form, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows
from tocsin.records.configuration import KINDS

# By what the objects of a list are told apart, the first that all of them have.
_NAMES = ("key", "clock", "label", "name")
_MISSING: Any = object()
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that somebody is writing: what was typed, and the version that it began from."""

    kind: str
    key: str
    data: Any
    base: int
    author: str
    changed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a field; an empty path is the whole."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that is another one; None where there is no such field."""

    path: str
    was: Any
    now: Any


@access.needs(Right.CONFIGURE)
def drafts(*, by: Actor) -> tuple[Draft, ...]:
    """Return all drafts, the one that was changed last first."""
    with reach.reading(by):
        return tuple(_drafts(by.tenant, "", []))


@access.needs(Right.CONFIGURE)
def draft(*, kind: str, key: str, by: Actor) -> Draft | None:
    """Return the draft of a thing, or None."""
    with reach.reading(by):
        return next(_drafts(by.tenant, " AND d.kind = %s AND d.key = %s", [kind, key]), None)


def _drafts(tenant: int, where: str, given: list[str]) -> Iterator[Draft]:
    for kind, key, data, base, author, changed_at in rows.query(
        "SELECT d.kind, d.key, d.data, d.base, coalesce(p.name, ''), d.changed_at FROM draft d"
        " LEFT JOIN person p ON p.tenant_id = d.tenant_id AND p.id = d.author_id"
        f" WHERE d.tenant_id = %s{where} ORDER BY d.changed_at DESC, d.id",
        [tenant, *given],
    ):
        yield Draft(kind, key, json.loads(data), base, author, changed_at)


@access.needs(Right.CONFIGURE)
def mistakes(
    *, kind: str, key: str, data: Any, by: Actor, now: dt.datetime | None = None
) -> tuple[Mistake, ...]:
    """Return what keeps data from being published, by field; nothing if it can be.

    Of each section (a weekday, a clock, a row, a level, a stage) that has mistakes at least one.
    """
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        found = list(refusals(kind, key, data, at_work, now or clock))
    return tuple(dict.fromkeys(Mistake(error.path, error.reason) for error in found))


def refusals(kind: str, key: str, data: Any, at_work: Desk, now: dt.datetime) -> Iterator[Invalid]:
    """Yield what is wrong with data of a kind. Call it inside the tenant."""
    shape.one_of(kind, "kind", KINDS)
    if kind in ("calendar", "policy", "pipeline") and not 0 < len(key.strip()) <= _LONGEST:
        yield Invalid("key", "is empty or too long")
    match kind:
        case "calendar":
            yield from promise_form.calendar_mistakes(data, now=now)
        case "policy":
            yield from promise_form.policy_mistakes(key, data, at_work)
        case "pipeline":
            yield from pipeline_form.mistakes(data, at_work)
        case _:
            yield from book_form.mistakes(kind, key, data, at_work)


# ---------------------------------------------------------------------------------- differences


def differences(was: Any, now: Any) -> tuple[Difference, ...]:
    """Return where two values of plain data differ, in the order of the older, then the newer.

    Objects in a list are told apart by their key, clock, label or name, so that one that was put
    in between is one difference; the path then has that word: ``clocks[resolution].targets.P1``.
    """
    return tuple(_differences(was, now, ""))


def _differences(was: Any, now: Any, path: str) -> Iterator[Difference]:
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*was, *now]):
            place = f"{path}.{key}" if path else str(key)
            yield from _differences(was.get(key, _MISSING), now.get(key, _MISSING), place)
    elif isinstance(was, list | tuple) and isinstance(now, list | tuple):
        yield from _of_lists(list(was), list(now), path)
    elif was is _MISSING or now is _MISSING or type(was) is not type(now) or was != now:
        yield Difference(path, _shown(was), _shown(now))


def _of_lists(was: list[Any], now: list[Any], path: str) -> Iterator[Difference]:
    name = _named_by([*was, *now])
    if name:
        old, new = ({item[name]: item for item in each} for each in (was, now))
        if len(old) == len(was) and len(new) == len(now):
            for key in dict.fromkeys([*old, *new]):
                place = f"{path}[{key}]"
                yield from _differences(old.get(key, _MISSING), new.get(key, _MISSING), place)
            kept = [key for key in old if key in new], [key for key in new if key in old]
            if kept[0] != kept[1]:
                yield Difference(path, *kept)
            return
    if was != now:
        yield Difference(path, was, now)


def _named_by(items: Iterable[Any]) -> str:
    """Return the field that tells the objects of a list apart, or nothing."""
    listed = list(items)
    if not listed or not all(isinstance(item, Mapping) for item in listed):
        return ""
    for name in _NAMES:
        if all(isinstance(item.get(name), str) for item in listed):
            return name
    return ""


def _shown(value: Any) -> Any:
    return None if value is _MISSING else value
