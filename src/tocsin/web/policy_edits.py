"""What the buttons of a policy's form do to it before it is saved: rows come and go."""

import json
from collections.abc import Mapping
from typing import Any

from tocsin.web import conditions, form_parts, nested
from tocsin.web.conditions import Group
from tocsin.web.nested import Fields

Data = dict[str, Any]


def edited(do: str, data: Data, fields: Fields) -> tuple[Data, Group | None]:
    """Return a policy after a button: ``add alert 0`` and the like; also its condition's rows.

    A word that is no button's changes nothing. The rows are None where they cannot be shown.
    """
    part = nested.fields(fields, "when")
    kept = form_parts.json_of(part, "kept")
    rows = None if kept else conditions.read(part)
    verb, _, rest = do.partition(" ")
    what, _, where = rest.partition(" ")
    place = [int(step) for step in where.split() if step.isdecimal() and len(step) < 5]
    if what in ("test", "group"):
        deed = "remove" if verb == "remove" else what
        return data, conditions.changed(rows or Group(), place, deed)
    if what == "condition":
        return {name: data[name] for name in data if name != "when"}, Group()
    changed: Data = json.loads(json.dumps(data))
    _DEEDS.get(f"{verb} {what}", _nothing)(changed, place, fields)
    return changed, rows


def _nothing(data: Data, place: list[int], fields: Fields) -> None:
    del data, place, fields


def _add_clock(data: Data, place: list[int], fields: Fields) -> None:
    del place
    own, preset = nested.text(fields, "own_clock"), nested.text(fields, "new_clock")
    key = own or preset
    if not key:
        return
    made: Data = {"clock": key, "targets": {}}
    if own:
        made |= {"start": {"event": "created"}, "stop": {"status": ["resolved", "closed"]}}
    data["clocks"].append(made)


def _remove_clock(data: Data, place: list[int], fields: Fields) -> None:
    del fields
    data["clocks"][place[0] : place[0] + 1] = []


def _clock(data: Data, place: list[int]) -> Data | None:
    clocks = data["clocks"]
    return clocks[place[0]] if place and place[0] < len(clocks) else None


def _add_alert(data: Data, place: list[int], fields: Fields) -> None:
    del fields
    if (clock := _clock(data, place)) is not None:
        one_more_alert(clock)


def one_more_alert(data: Data) -> None:
    """Add an alert to a clock or a stage: the usual one first, then one to be filled in."""
    known = data.get("alerts", [])
    data["alerts"] = [*known, {"at": "" if known else "75%"}]


def _remove_alert(data: Data, place: list[int], fields: Fields) -> None:
    del fields
    if (clock := _clock(data, place)) is not None and len(place) > 1:
        clock.get("alerts", [])[place[1] : place[1] + 1] = []


def _own_rows(data: Data, place: list[int], fields: Fields) -> None:
    """Give a clock rows of its own, made of what stands in the matrix."""
    del fields
    clock = _clock(data, place)
    if clock is None or isinstance(clock["targets"], list):
        return
    made: list[Data] = []
    for label, target in clock["targets"].items():
        if label == "*":
            made.append({"label": "all others", "target": target})
        else:
            made.append({"label": label, "when": {"priority": label}, "target": target})
    clock["targets"] = made or [{"label": "all", "target": ""}]


def _by_priority(data: Data, place: list[int], fields: Fields) -> None:
    """Put a clock's rows back into the matrix, those that ask for one priority or for nothing."""
    del fields
    clock = _clock(data, place)
    if clock is None or not isinstance(clock["targets"], list):
        return
    found: Data = {}
    for row in clock["targets"]:
        when = row.get("when", {})
        if not when:
            found["*"] = row.get("target")
        elif set(when) == {"priority"} and isinstance(when["priority"], str):
            found[when["priority"]] = row.get("target")
    clock["targets"] = found


def _add_row(data: Data, place: list[int], fields: Fields) -> None:
    del fields
    clock = _clock(data, place)
    if clock is not None and isinstance(clock["targets"], list):
        clock["targets"].append({"label": "", "target": ""})


def _remove_row(data: Data, place: list[int], fields: Fields) -> None:
    del fields
    clock = _clock(data, place)
    if clock is not None and isinstance(clock["targets"], list) and len(place) > 1:
        clock["targets"][place[1] : place[1] + 1] = []


def _add_path(data: Data, place: list[int], fields: Fields) -> None:
    del place
    paths: Data = data.setdefault("paths", {})
    key = nested.text(fields, "new_path")
    if key and key not in paths:
        paths[key] = {"levels": [{"name": "L1", "team": ""}]}


def _remove_path(data: Data, place: list[int], fields: Fields) -> None:
    del fields
    key = _path(data, place)
    if key is None:
        return
    del data["paths"][key]
    for clock in data["clocks"]:
        if clock.get("path") == key:
            del clock["path"]


def _path(data: Data, place: list[int]) -> str | None:
    keys = list(data.get("paths", {}))
    return keys[place[0]] if place and place[0] < len(keys) else None


def _add_level(data: Data, place: list[int], fields: Fields) -> None:
    del fields
    if (key := _path(data, place)) is not None:
        levels = data["paths"][key]["levels"]
        levels.append({"name": f"L{len(levels) + 1}", "team": "", "wait": "30m"})


def _remove_level(data: Data, place: list[int], fields: Fields) -> None:
    del fields
    if (key := _path(data, place)) is not None and len(place) > 1:
        data["paths"][key]["levels"][place[1] : place[1] + 1] = []


_DEEDS: Mapping[str, Any] = {
    "add clock": _add_clock,
    "remove clock": _remove_clock,
    "add alert": _add_alert,
    "remove alert": _remove_alert,
    "own rows": _own_rows,
    "by priority": _by_priority,
    "add row": _add_row,
    "remove row": _remove_row,
    "add path": _add_path,
    "remove path": _remove_path,
    "add level": _add_level,
    "remove level": _remove_level,
}
