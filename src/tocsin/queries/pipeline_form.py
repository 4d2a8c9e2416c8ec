"""The form of a pipeline: what may stand in it, and each mistake by its field."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tocsin.engine import duration
from tocsin.engine.alert import alerts_from
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import promise_form
from tocsin.queries.desk import Desk
from tocsin.queries.stages import CUMULATIVE, FRESH
from tocsin.records.tickets import STATUSES

_CHOSEN = ("limit", "moves", "wip", "reentry", "alerts", "path")
_STAGE = ("key", "name", "status", *_CHOSEN)
_LONGEST = 200


def checked(config: object, at_work: Desk) -> dict[str, Any]:
    """Return a pipeline as it is stored; refuse its first mistake by field.

    ``{name: Support, calendar: office, paths: {…}, stages: [{key: triage, name: Triage, status:
    new, limit: 2h, reentry: cumulative, alerts: [{at: 75%}], path: standard, wip: 5,
    moves: [work]}, …]}``. Without `moves` a stage may be left for any other.
    """
    for mistake in mistakes(config, at_work):
        raise mistake
    data = shape.mapping(config, "")
    found: dict[str, Any] = {
        "name": data["name"].strip(),
        "stages": [_stage(item, "") for item in data["stages"]],
    }
    for name in ("calendar", "paths"):
        if data.get(name):
            found[name] = data[name]
    return found


def mistakes(config: object, at_work: Desk) -> Iterator[Invalid]:
    """Yield what is wrong with a pipeline, at least one mistake of each stage that has any."""
    try:
        data = shape.mapping(config, "")
        listed = shape.listing(data.get("stages"), "stages")
    except Invalid as error:
        yield error
        return
    paths = data.get("paths", {})
    for check in (
        lambda: shape.only(data, "", ("name", "calendar", "paths", "stages")),
        lambda: _name(data.get("name"), "name"),
        lambda: _calendar(data, listed, list(at_work.versions.calendars)),
        lambda: _ends(listed),
    ):
        yield from _refused(check)
    yield from promise_form.path_mistakes(paths, at_work)
    known = list(paths) if isinstance(paths, Mapping) else []
    for k, item in enumerate(listed):
        place = f"stages[{k}]"
        yield from _refused(partial(_stage, item, place))
        yield from _refused(partial(_moves, item, place, listed))
        yield from _refused(partial(_alerts, item, place))
        if isinstance(item, Mapping):
            yield from _told(item, place, at_work)
            if "path" in item:
                yield from _refused(partial(shape.one_of, item["path"], f"{place}.path", known))


def _refused(check: Callable[[], object]) -> Iterator[Invalid]:
    try:
        check()
    except Invalid as error:
        yield error


def _calendar(data: Mapping[str, Any], stages: list[Any], calendars: list[str]) -> None:
    limited = any(isinstance(stage, Mapping) and stage.get("limit") for stage in stages)
    if limited and "calendar" not in data:
        raise Invalid("calendar", "a stage has a limit, so the pipeline needs a calendar for it")
    if "calendar" in data:
        shape.one_of(shape.text(data["calendar"], "calendar"), "calendar", calendars)


def _ends(stages: list[Any]) -> None:
    """Refuse stages that no ticket could begin in, end in, or tell apart."""
    known = [stage for stage in stages if isinstance(stage, Mapping)]
    keys = _keys(stages)
    if not stages or len(set(keys)) != len(keys):
        raise Invalid("stages", "two have the same key" if stages else "a pipeline needs a stage")
    if known and known[0].get("status") not in ("new", "open"):
        raise Invalid("stages[0].status", "a ticket begins as new or open")
    if not {"resolved", "closed"} & {str(stage.get("status")) for stage in known}:
        raise Invalid("stages", "none is resolved or closed, so no ticket could ever end")


def _keys(stages: list[Any]) -> list[str]:
    found = [stage.get("key") for stage in stages if isinstance(stage, Mapping)]
    return [key.strip() for key in found if isinstance(key, str)]


def _moves(value: object, path: str, stages: list[Any]) -> None:
    if isinstance(value, Mapping) and isinstance(value.get("moves"), list | tuple):
        for other in value["moves"]:
            shape.one_of(other, f"{path}.moves", _keys(stages))


def _alerts(value: object, path: str) -> None:
    if isinstance(value, Mapping) and "alerts" in value:
        alerts_from(value["alerts"], f"{path}.alerts")


def _told(value: Mapping[str, Any], path: str, at_work: Desk) -> Iterator[Invalid]:
    """Yield the alerts that would reach nobody."""
    listed = value.get("alerts", [])
    for j, alert in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(alert, Mapping):
            place = f"{path}.alerts[{j}].notify"
            yield from promise_form.nobody(alert.get("notify", []), place, at_work)


def _stage(value: object, path: str) -> dict[str, Any]:
    data = shape.mapping(value, path)
    shape.only(data, path, _STAGE)
    found: dict[str, Any] = {
        "key": _name(data.get("key"), f"{path}.key"),
        "name": _name(data.get("name", data.get("key")), f"{path}.name"),
        "status": shape.one_of(data.get("status"), f"{path}.status", STATUSES),
    }
    if data.get("limit"):
        duration.parse(data["limit"], f"{path}.limit")
    elif {"alerts", "path", "reentry"} & set(data):
        raise Invalid(f"{path}.limit", "only a stage with a limit has alerts, a path or a reentry")
    if "wip" in data:
        shape.whole(data["wip"], f"{path}.wip", least=1)
    if "reentry" in data:
        shape.one_of(data["reentry"], f"{path}.reentry", (FRESH, CUMULATIVE))
    if "moves" in data:
        shape.listing(data["moves"], f"{path}.moves")
    return found | {name: data[name] for name in _CHOSEN if name in data and data[name] != ""}


def _name(value: object, path: str) -> str:
    found = shape.text(value, path).strip()
    if len(found) > _LONGEST:
        raise Invalid(path, f"has {len(found)} characters; {_LONGEST} are the most")
    return found
