"""The configuration as people write it: the whole in the form of the policy file, and versions."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from tocsin.engine.calendar import Calendar
from tocsin.queries import access, desk, reach, timeline
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows
from tocsin.records.configuration import KINDS, OTHERS

# The names of things of which a tenant has one.
MATRIX, DESK, MAP = "matrix", "desk", "map"
SINGLE: Mapping[str, str] = {"priorities": MATRIX, "options": DESK, "responsibilities": MAP}
# Kinds of which there are many, in the order in which a file has them.
MANY = ("pipeline", "contract", "hours", "on-call", "template", "path")
# What each kind is called in a policy file.
SECTION: Mapping[str, str] = {
    "calendar": "calendars",
    "policy": "policies",
    "pipeline": "pipelines",
    "contract": "contracts",
    "hours": "hours",
    "priorities": "priorities",
    "options": "options",
    "path": "escalation_paths",
    "on-call": "on_call",
    "template": "templates",
    "responsibilities": "responsibilities",
}
_STATEMENT: Mapping[str, str] = {
    "calendar": "SELECT id, key, version, data, valid_from, NULL FROM calendar_version"
    " WHERE tenant_id = %s",
    "policy": "SELECT id, key, version, data, valid_from, valid_until FROM policy_version"
    " WHERE tenant_id = %s",
    "pipeline": "SELECT p.id, p.key, v.version, v.data, v.valid_from, NULL FROM pipeline p"
    " JOIN pipeline_version v ON v.tenant_id = p.tenant_id AND v.pipeline_id = p.id"
    " WHERE p.tenant_id = %s",
}
_OTHER = (
    "SELECT id, key, version, data, valid_from, NULL FROM config_version"
    " WHERE tenant_id = %s AND kind = %s"
)
# What a version says of itself beside its data.
OWN = ("version", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of a thing, its data in the form of the policy file (a policy with its `paths`).

    It holds from `valid_from` (None: from the beginning) until `valid_until`, if that is known.
    `by` is the name of whoever published it.
    """

    kind: str
    key: str
    version: int
    data: Any
    valid_from: dt.datetime | None
    valid_until: dt.datetime | None
    by: str


@access.needs(Right.READ_CONFIGURATION)
def versions(*, kind: str, key: str, by: Actor) -> tuple[Kept, ...]:
    """Return all versions of a thing, the newest first; none if there is no such thing."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        return tuple(reversed(_kept(at_work, kind, key)))


@access.needs(Right.READ_CONFIGURATION)
def thing(*, kind: str, key: str, by: Actor) -> Kept | None:
    """Return the newest version of a thing, or None."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        return next(reversed(_kept(at_work, kind, key)), None)


@access.needs(Right.READ_CONFIGURATION)
def newest(*, by: Actor) -> dict[str, dict[str, Kept]]:
    """Return the newest version of everything, by kind and key, in a fixed order."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        return {kind: {one.key: one for one in _kept(at_work, kind)} for kind in KINDS}


@access.needs(Right.READ_CONFIGURATION)
def document(*, by: Actor, now: dt.datetime | None = None) -> dict[str, Any]:
    """Return the configuration in force in the form of the policy file.

    Each thing in its newest version; a policy that has ended is left out, and so are the limits of
    stages, which stand in the pipelines.
    """
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        found = {kind: {one.key: one for one in _kept(at_work, kind)} for kind in KINDS}
    return written(found, now=now or clock)


def written(found: Mapping[str, Mapping[str, Kept]], *, now: dt.datetime) -> dict[str, Any]:
    """Return things by kind and key in the form of the policy file."""
    made: dict[str, Any] = {
        "tocsin": 1,
        "calendars": {key: one.data for key, one in sorted(found["calendar"].items())},
    }
    paths: dict[str, Any] = {}
    policies = [_policy(one, paths, now) for one in _in_force(found["policy"].values(), now)]
    if paths:
        made["paths"] = dict(sorted(paths.items()))
    made["policies"] = policies
    for kind in MANY:
        if found[kind]:
            made[SECTION[kind]] = {key: one.data for key, one in sorted(found[kind].items())}
    for kind, key in SINGLE.items():
        if key in found[kind]:
            made[kind] = found[kind][key].data
    return made


def _in_force(policies: Iterable[Kept], now: dt.datetime) -> list[Kept]:
    lasting = [one for one in policies if one.valid_until is None or one.valid_until > now]
    return sorted(lasting, key=lambda one: (one.data["rank"], one.key))


def _policy(one: Kept, paths: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Return a policy as the file has it, its paths put among those of all."""
    found = {name: value for name, value in one.data.items() if name != "paths"}
    known = one.data.get("paths", {})
    names = {name: _path(name, data, one.key, paths) for name, data in known.items()}
    if any(name != new for name, new in names.items()):
        found["clocks"] = [
            {**clock, "path": names[clock["path"]]} if "path" in clock else clock
            for clock in found["clocks"]
        ]
    if one.valid_from is not None and one.valid_from > now:
        found["valid_from"] = one.valid_from.isoformat()
    if one.valid_until is not None:
        found["valid_until"] = one.valid_until.isoformat()
    return found


def _path(name: str, data: Any, policy: str, paths: dict[str, Any]) -> str:
    """Return what a policy's path is called in the file: another of that name may be there."""
    if paths.setdefault(name, data) == data:
        return name
    own = f"{name} ({policy})"
    paths[own] = data
    return own


# ------------------------------------------------------------------------------------ as stored


def _kept(at_work: Desk, kind: str, key: str | None = None) -> list[Kept]:
    """Return all versions of a thing, or of all things of a kind, each thing's in their order."""
    statement, given = _STATEMENT.get(kind, _OTHER), [at_work.tenant]
    if kind in OTHERS:
        given.append(kind)  # type: ignore[arg-type]  # a text among numbers
    elif kind not in _STATEMENT:
        return []
    if key is not None:
        statement += " AND key = %s"
        given.append(key)  # type: ignore[arg-type]  # a text among numbers
    found = rows.query(f"{statement} ORDER BY key, version", given)
    authors = _authors(at_work, kind, key)
    made: list[Kept] = []
    for row, after in zip_longest(found, found[1:]):
        _, own, version, data, begins, ends = row
        if after is not None and after[1] == own and ends is None:
            ends = after[4]
        author = authors.get((own, version), "")
        made.append(Kept(kind, own, version, plain(kind, json.loads(data)), begins, ends, author))
    return made


def plain(kind: str, data: Any) -> Any:
    """Return stored data in the form in which it is written: zones by name, no version inside."""
    if kind == "calendar":
        return Calendar.from_dict(data).to_dict()
    if kind == "policy":
        return {name: value for name, value in data.items() if name not in OWN}
    return data


def _authors(at_work: Desk, kind: str, key: str | None) -> dict[tuple[str, int], str]:
    """Return who published each version, by key and version, as their facts say."""
    only = "" if key is None else " AND payload::json->>%s = %s"
    found = rows.query(
        "SELECT payload::json->>%s, (payload::json->>'version')::integer, actor FROM event"
        " WHERE tenant_id = %s AND stream_kind = %s AND payload::json->>'version' IS NOT NULL"
        f"{only}",
        [kind, at_work.tenant, kind, *(() if key is None else (kind, key))],
    )
    return {(own, version): timeline.name_of(actor, at_work, {}) for own, version, actor in found}
