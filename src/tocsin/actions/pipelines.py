"""Publishing pipelines: a new version at every change; a stage that is gone keeps its tickets."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tocsin.actions import configuration, given, ledger
from tocsin.engine import duration
from tocsin.kit import canonical, shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk
from tocsin.queries.access import Actor, Right, Stale
from tocsin.queries.desk import Desk
from tocsin.records import rows
from tocsin.records.tickets import STATUSES

_STAGE = ("key", "name", "status", "limit", "moves")


@access.needs(Right.CONFIGURE)
def publish(
    *,
    key: str,
    config: Mapping[str, Any],
    by: Actor,
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> int:
    """Put a pipeline into use; returns its version.

    ``{name: Support, calendar: office, stages: [{key: triage, name: Triage, status: new, limit: 2h,
    moves: [work]}, …]}``. Without `moves` a stage may be left for any other. A ticket in a stage
    that is gone stays there until it is moved. `seen` is the version that the author looked at.
    """
    key = given.text(key, "key")
    data = _checked(config)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = at_work.pipelines.get(key)
        if seen is not None and seen != (known.version if known else 0):
            raise Stale("the pipeline was changed since you looked at it; look again")
        _check_calendar(at_work, data)
        version = known.version + 1 if known else 1
        id_ = known.id if known else rows.ids("pipeline", 1)[0]
        row = {"id": id_, "tenant_id": by.tenant, "key": key, "name": data["name"]}
        rows.upsert("pipeline", [{**row, "version": version}], ("id",))
        _write_version(by.tenant, id_, version, data, at)
        _write_stages(by.tenant, id_, data)
        told = {"pipeline": key, "version": version}
        configuration.record(by, "pipeline", id_, "published", told, now=at)
        # Read back as everybody will.
        desk.versions(by.tenant, desk.pipeline_versions(by.tenant))
    return version


def _checked(config: Mapping[str, Any]) -> dict[str, Any]:
    data = shape.mapping(config, "")
    shape.only(data, "", ("name", "calendar", "stages"))
    stages = [
        _stage(item, f"stages[{k}]")
        for k, item in enumerate(shape.listing(data.get("stages"), "stages"))
    ]
    keys = [stage["key"] for stage in stages]
    if not stages or len(set(keys)) != len(keys):
        raise Invalid("stages", "two have the same key" if stages else "a pipeline needs a stage")
    if stages[0]["status"] not in ("new", "open"):
        raise Invalid("stages[0].status", "a ticket begins as new or open")
    if not {"resolved", "closed"} & {stage["status"] for stage in stages}:
        raise Invalid("stages", "none is resolved or closed, so no ticket could ever end")
    for k, stage in enumerate(stages):
        for other in stage.get("moves", ()):
            shape.one_of(other, f"stages[{k}].moves", keys)
    name = given.text(shape.text(data.get("name"), "name"), "name")
    found: dict[str, Any] = {"name": name, "stages": stages}
    if "calendar" in data:
        found["calendar"] = shape.text(data["calendar"], "calendar")
    return found


def _stage(value: object, path: str) -> dict[str, Any]:
    data = shape.mapping(value, path)
    shape.only(data, path, _STAGE)
    found: dict[str, Any] = {
        "key": given.text(shape.text(data.get("key"), f"{path}.key"), "key"),
        "name": given.text(shape.text(data.get("name", data.get("key")), f"{path}.name"), "name"),
        "status": shape.one_of(data.get("status"), f"{path}.status", STATUSES),
    }
    if "limit" in data:
        duration.parse(data["limit"], f"{path}.limit")
        found["limit"] = data["limit"]
    if "moves" in data:
        found["moves"] = list(shape.listing(data["moves"], f"{path}.moves"))
    return found


def _check_calendar(at_work: Desk, data: Mapping[str, Any]) -> None:
    limited = any("limit" in stage for stage in data["stages"])
    if limited and "calendar" not in data:
        raise Invalid("calendar", "a stage has a limit, so the pipeline needs a calendar for it")
    if "calendar" in data:
        shape.one_of(data["calendar"], "calendar", at_work.versions.calendars)


def _write_version(
    tenant: int, id_: int, version: int, data: Mapping[str, Any], at: dt.datetime
) -> None:
    rows.insert(
        "pipeline_version",
        [
            {
                "tenant_id": tenant,
                "pipeline_id": id_,
                "version": version,
                "data": canonical.encoded(data).decode(),
                "valid_from": at,
            }
        ],
    )


def _write_stages(tenant: int, id_: int, data: Mapping[str, Any]) -> None:
    rows.run(
        "UPDATE stage SET active = false WHERE tenant_id = %s AND pipeline_id = %s", [tenant, id_]
    )
    found = [
        {
            "tenant_id": tenant,
            "pipeline_id": id_,
            "key": stage["key"],
            "name": stage["name"],
            "status": stage["status"],
            "position": k,
            "limit_text": str(stage.get("limit", "")),
            "active": True,
        }
        for k, stage in enumerate(data["stages"])
    ]
    rows.upsert("stage", found, ("tenant_id", "pipeline_id", "key"))
