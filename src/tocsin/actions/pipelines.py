"""Publishing pipelines: a new version at every change; a stage that is gone keeps its tickets."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tocsin.actions import configuration, given, ledger
from tocsin.kit import canonical
from tocsin.queries import access, desk, pipeline_form, stages
from tocsin.queries.access import Actor, Right, Stale
from tocsin.records import rows


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
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = at_work.pipelines.get(key)
        if seen is not None and seen != (known.version if known else 0):
            raise Stale("the pipeline was changed since you looked at it; look again")
        data = pipeline_form.checked(config, at_work)
        version = known.version + 1 if known else 1
        id_ = known.id if known else rows.ids("pipeline", 1)[0]
        row = {"id": id_, "tenant_id": by.tenant, "key": key, "name": data["name"]}
        rows.upsert("pipeline", [{**row, "version": version}], ("id",))
        _write_version(by.tenant, id_, version, data, at)
        _write_stages(by.tenant, id_, data)
        told = {"pipeline": key, "version": version}
        configuration.record(by, "pipeline", id_, "published", told, now=at)
        # Read back as everybody will.
        desk.versions(by.tenant, stages.versions(by.tenant))
    return version


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
