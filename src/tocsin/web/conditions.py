"""Conditions as rows of a form: a field, a comparison and values; groups go one level deep."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.engine import condition
from tocsin.kit.invalid import Invalid
from tocsin.web import nested
from tocsin.web.nested import Fields

# Comparisons in the order of the list; the engine's own words but for the two of `set`.
OPS = ("in", "not_in", "contains", "at_least", "at_most", "set", "empty")
_SETS = {"set": True, "empty": False}
# Facts that are true or false and not text.
FLAGS = ("vip", "high_value")
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Test:
    """One row: `values` are what was typed."""

    field: str = ""
    op: str = "in"
    values: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The values as one line to be typed over."""
        return ", ".join(self.values)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of which all must hold, or any; `negated` asks that they do not."""

    mode: str = "all"
    negated: bool = False
    items: tuple["Test | Group", ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A condition in a form: as rows, or kept as it is where rows cannot say it."""

    group: Group = Group()
    kept: str = ""
    sentence: str = ""


# ------------------------------------------------------------------------------- from data to rows


class _Deep(Exception):
    """The condition nests deeper than the form does."""


def shown(data: object) -> Shown:
    """Return a condition as a form shows it."""
    if data in (None, {}):
        return Shown()
    try:
        return Shown(_group(data, deep=True))
    except _Deep:
        return Shown(kept=json.dumps(data, sort_keys=True), sentence=_sentence(data))


def _sentence(data: object) -> str:
    try:
        return str(condition.from_dict(data))
    except Invalid as error:
        return error.reason


def _group(data: object, *, deep: bool) -> Group:
    if not isinstance(data, Mapping):
        raise _Deep
    if set(data) == {"not"}:
        inner = _group(data["not"], deep=deep)
        if inner.negated or any(isinstance(item, Group) for item in inner.items):
            raise _Deep
        return Group("all", items=(_negated(inner),)) if deep else _negated(inner)
    if len(data) == 1 and next(iter(data)) in ("all", "any"):
        mode, listed = next(iter(data.items()))
        if not isinstance(listed, list):
            raise _Deep
        return Group(mode, items=tuple(_item(one, deep=deep) for one in listed))
    parts = [_item({name: wanted}, deep=deep) for name, wanted in data.items()]
    return Group("all", items=tuple(parts))


def _negated(group: Group) -> Group:
    return Group(group.mode, True, group.items)


def _item(data: object, *, deep: bool) -> Test | Group:
    if not isinstance(data, Mapping):
        raise _Deep
    if len(data) == 1:
        name, wanted = next(iter(data.items()))
        if name not in ("all", "any", "not"):
            return _test(name, wanted)
    if not deep:
        raise _Deep
    inner = _group(data, deep=False)
    return inner


def _test(name: str, wanted: object) -> Test:
    if not isinstance(wanted, Mapping):
        return Test(name, "in", _texts(wanted))
    if len(wanted) != 1:
        raise _Deep
    op, value = next(iter(wanted.items()))
    if op == "set":
        return Test(name, "set" if value is True else "empty")
    if op not in OPS:
        raise _Deep
    return Test(name, str(op), _texts(value))


def _texts(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(_text(item) for item in listed)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return _YES if value else _NO
    return "" if value is None else str(value)


# ------------------------------------------------------------------------------- from rows to data


def read(fields: Fields) -> Group:
    """Return the rows that a form was sent with, blank ones too."""
    items: list[Test | Group] = []
    for part in nested.items(fields):
        own = nested.fields(part, "in")
        items.append(read(own) if own else _read(part))
    mode = nested.text(fields, "mode") or "all"
    return Group(mode, bool(nested.text(fields, "not")), tuple(items))


def _read(part: Fields) -> Test:
    given = [text.strip() for line in nested.texts(part, "value") for text in line.split(",")]
    op = nested.text(part, "op") or "in"
    return Test(nested.text(part, "field"), op, tuple(text for text in given if text))


def data(group: Group) -> dict[str, Any]:
    """Return a group of rows as the configuration has it; blank rows say nothing."""
    items = [made for item in group.items if (made := _data(item))]
    if not items:
        return {}
    if group.mode == "any" and len(items) > 1:
        found: dict[str, Any] = {"any": items}
    elif len({name for item in items for name in item}) == sum(map(len, items)):
        # Different fields stand side by side, as a person would write them.
        found = {name: wanted for item in items for name, wanted in item.items()}
    else:
        found = {"all": items}
    return {"not": found} if group.negated else found


def _data(item: Test | Group) -> dict[str, Any]:
    if isinstance(item, Group):
        return data(item)
    if not item.field:
        return {}
    if item.op in _SETS:
        return {item.field: {"set": _SETS[item.op]}}
    values = [_value(item, text) for text in item.values]
    match item.op:
        case "in":
            return {item.field: values[0] if len(values) == 1 else values}
        case "not_in":
            return {item.field: {"not_in": values}}
    return {item.field: {item.op: values[0] if len(values) == 1 else ", ".join(item.values)}}


def _value(item: Test, text: str) -> Any:
    if item.field in FLAGS and text in (_YES, _NO):
        return text == _YES
    if item.op in ("at_least", "at_most"):
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    return text


def changed(group: Group, place: Sequence[int], deed: str) -> Group:
    """Return a group after a button was pressed: a row or group added at `place`, or taken away."""
    items = list(group.items)
    if not place:
        items.append(Group("any", items=(Test(),)) if deed == "group" else Test())
    elif len(place) == 1 and deed == "remove":
        items[place[0] : place[0] + 1] = []
    elif place[0] < len(items) and isinstance(inner := items[place[0]], Group):
        items[place[0]] = changed(inner, place[1:], deed)
    return Group(group.mode, group.negated, tuple(items))
