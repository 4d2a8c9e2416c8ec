"""Pipelines and their stages in versions, and the clocks that the limits of stages are."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine.path import EscalationPath
from tocsin.engine.policy import Policy, policy_from
from tocsin.records import rows

# Stage limits are promises between teams: they rank behind every policy that a person wrote.
STAGE_RANK = 1_000_000
CUMULATIVE, FRESH = "cumulative", "fresh"
_ALERTS = ({"at": "75%"},)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline; `moves` are the keys it may be left for, None for any.

    `limit` is how long a ticket may stay, each time anew or, by `reentry`, all visits together;
    `wip` how many tickets should be in it at once.
    """

    id: int
    key: str
    name: str
    status: str
    position: int
    limit: str
    moves: tuple[str, ...] | None
    wip: int | None = None
    reentry: str = FRESH
    alerts: tuple[Mapping[str, Any], ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline in the version in use."""

    id: int
    key: str
    name: str
    version: int
    calendar: str
    stages: tuple[Stage, ...]
    paths: Mapping[str, Any] = field(default_factory=dict)

    def stage(self, key: str) -> Stage | None:
        """Return the stage of that key, or None."""
        return next((stage for stage in self.stages if stage.key == key), None)

    def first(self, status: str) -> Stage | None:
        """Return the first stage of a status, or None."""
        return next((stage for stage in self.stages if stage.status == status), None)


@dataclass(frozen=True, slots=True)
class PipelineVersion:
    """A pipeline as it was in some time; `until` is when the next version came."""

    pipeline: Pipeline
    since: dt.datetime
    until: dt.datetime | None


def versions(tenant: int) -> list[PipelineVersion]:
    """Return all versions of all pipelines, each pipeline's in order."""
    found = rows.query(
        "SELECT p.id, p.key, v.version, v.data, v.valid_from,"
        " lead(v.valid_from) OVER (PARTITION BY p.id ORDER BY v.version)"
        " FROM pipeline p JOIN pipeline_version v"
        " ON v.tenant_id = p.tenant_id AND v.pipeline_id = p.id"
        " WHERE p.tenant_id = %s ORDER BY p.id, v.version",
        [tenant],
    )
    ids = ids_of(tenant)
    return [
        PipelineVersion(_pipeline(row[0], row[1], row[2], json.loads(row[3]), ids), *row[4:])
        for row in found
    ]


def ids_of(tenant: int) -> dict[tuple[int, str], int]:
    """Return the ids of all stages that there ever were, by pipeline and key."""
    found = rows.query("SELECT id, pipeline_id, key FROM stage WHERE tenant_id = %s", [tenant])
    return {(pipeline, key): id_ for id_, pipeline, key in found}


def _pipeline(
    id_: int, key: str, version: int, data: Mapping[str, Any], ids: Mapping[tuple[int, str], int]
) -> Pipeline:
    stages = tuple(
        Stage(
            id=ids[id_, stage["key"]],
            key=stage["key"],
            name=stage["name"],
            status=stage["status"],
            position=k,
            limit=stage.get("limit", ""),
            moves=tuple(stage["moves"]) if "moves" in stage else None,
            wip=stage.get("wip"),
            reentry=stage.get("reentry", FRESH),
            alerts=tuple(stage.get("alerts", ())),
            path=stage.get("path", ""),
        )
        for k, stage in enumerate(data["stages"])
    )
    calendar, paths = data.get("calendar", ""), data.get("paths", {})
    return Pipeline(id_, key, data["name"], version, calendar, stages, paths)


def limits(pipelines: Sequence[PipelineVersion]) -> list[Policy]:
    """Return the limits of stages as policies: a clock that runs while a ticket is in the stage."""
    limited = [
        (version, stage)
        for version in pipelines
        for stage in version.pipeline.stages
        if stage.limit
    ]
    keys = sorted({_limit_key(version.pipeline, stage) for version, stage in limited})
    return [_limit(version, stage, keys) for version, stage in limited]


def _limit_key(pipeline: Pipeline, stage: Stage) -> str:
    return f"stage {pipeline.key}/{stage.key}"


def _limit(version: PipelineVersion, stage: Stage, keys: list[str]) -> Policy:
    pipeline, key = version.pipeline, _limit_key(version.pipeline, stage)
    clock: dict[str, Any] = {
        "clock": f"stage {stage.key}",
        "start": {"stage": stage.key},
        "stop": {"stage": {"not_in": [stage.key]}},
        "on_reopen": "resume" if stage.reentry == CUMULATIVE else "new cycle",
        "targets": {"*": stage.limit},
        "alerts": stage.alerts or _ALERTS,
    }
    data = {
        "key": key,
        "version": pipeline.version,
        "rank": STAGE_RANK + keys.index(key),
        "agreement": "OLA",
        "when": {"pipeline": pipeline.key},
        "calendar": pipeline.calendar,
        "valid_from": version.since,
        **({} if version.until is None else {"valid_until": version.until}),
        "clocks": [clock | ({"path": stage.path} if stage.path else {})],
    }
    paths = {
        name: EscalationPath.from_dict(name, value, f"paths.{name}")
        for name, value in pipeline.paths.items()
    }
    return policy_from(data, f"stage {stage.key}", paths)
