"""What the buttons of a path's form do to it before it is saved: rows come, go and move."""

import json
from typing import Any

from tocsin.web import conditions, form_parts, nested
from tocsin.web.conditions import Group
from tocsin.web.nested import Fields
from tocsin.web.path_forms import Rows

Data = dict[str, Any]


def edited(do: str, data: Data, fields: Fields) -> tuple[Data, Rows]:
    """Return a path after a button: ``add level``, ``up step 1 0``, ``add test 0 @levels.1``.

    Behind the @ is the part of the form whose condition is meant. Also returns the rows of all
    conditions, blank ones too. A word that is no button's changes nothing.
    """
    rows = dict(_rows(fields))
    told, _at, where = do.partition("@")
    verb, _space, rest = told.strip().partition(" ")
    what, _space, steps = rest.partition(" ")
    place = [int(step) for step in steps.split() if step.isdecimal() and len(step) < 5]
    if what in ("test", "group") and where:
        deed = "remove" if verb == "remove" else what
        rows[where] = conditions.changed(rows.get(where, Group()), place, deed)
        return data, rows
    if what == "condition":
        return _without(data, where), {**rows, where: Group()}
    changed: Data = json.loads(json.dumps(data))
    found = _listed(changed, what, place, verb)
    if found is None:
        return changed, rows
    _change(found, verb, what, place[-1] if place else -1)
    # Rows of conditions are known by their number; blank ones elsewhere are of no use any more.
    return changed, {}


def _listed(data: Data, what: str, place: list[int], verb: str) -> list[Any] | None:
    """Return the list that a button is about, or None."""
    if what in ("trigger", "level"):
        found: list[Any] = data.setdefault(f"{what}s", [])
        return found
    if what != "step" or not place or place[0] >= len(data["levels"]):
        return None
    if verb != "add" and len(place) < 2:
        return None
    steps: list[Any] = data["levels"][place[0]].setdefault("steps", [])
    return steps


def _change(found: list[Any], verb: str, what: str, n: int) -> None:
    if verb == "add":
        found.append(_new(what, len(found)))
    elif verb == "remove" and 0 <= n < len(found):
        del found[n]
    elif verb in ("up", "down") and 0 <= n < len(found):
        to = n - 1 if verb == "up" else n + 1
        if 0 <= to < len(found):
            found[n], found[to] = found[to], found[n]


def _new(what: str, count: int) -> Data:
    if what == "trigger":
        return {"on": "manual"} if count else {"on": "clock"}
    if what == "level":
        return {"name": f"L{count + 1}"} | ({"wait": "30m", "in": "wall"} if count else {})
    return {"wait": "15m", "in": "wall"}


def _parts(fields: Fields) -> list[tuple[str, Fields]]:
    """Return the parts of a form that have a condition, by where they stand."""
    found = [("when", nested.fields(fields, "when"))]
    for k, one in enumerate(nested.items(nested.fields(fields, "triggers"))):
        found.append((f"triggers.{k}", nested.fields(one, "when")))
    for k, level in enumerate(nested.items(nested.fields(fields, "levels"))):
        found.append((f"levels.{k}", nested.fields(level, "when")))
        for j, step in enumerate(nested.items(nested.fields(level, "steps"))):
            found.append((f"levels.{k}.steps.{j}", nested.fields(step, "when")))
    return found


def _rows(fields: Fields) -> list[tuple[str, Group]]:
    return [
        (where, conditions.read(part))
        for where, part in _parts(fields)
        if not form_parts.json_of(part, "kept")
    ]


def _without(data: Data, where: str) -> Data:
    """Return a path without one of its conditions."""
    changed: Data = json.loads(json.dumps(data))
    at: Any = changed
    for step in [] if where == "when" else where.split("."):
        if isinstance(at, list):
            at = at[int(step)] if step.isdecimal() and int(step) < len(at) else {}
        else:
            at = at.get(step, {})
    if isinstance(at, dict):
        at.pop("when", None)
    return changed
