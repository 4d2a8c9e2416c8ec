"""A tenant's configuration and people as one value, read once for each version of it."""

import datetime as dt
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from tocsin.engine.alert import EscalationPath
from tocsin.engine.calendar import Calendar
from tocsin.engine.event import Event
from tocsin.engine.policy import Policy, policy_from
from tocsin.engine.version import CalendarVersion, Versions
from tocsin.queries import facts
from tocsin.records import rows

# Stage limits are promises between teams: they rank behind every policy that a person wrote.
STAGE_RANK = 1_000_000
_KEPT = 256  # tenants whose configuration a process keeps


@dataclass(frozen=True, slots=True)
class Person:
    """A person as alerts and assignments need them."""

    id: int
    name: str
    email: str
    role: str
    level: int
    manager: int | None
    active: bool
    language: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team by the key that configuration calls it by."""

    id: int
    key: str
    name: str
    level: int
    lead: int | None
    manager: int | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline; `moves` are the keys it may be left for, None for any."""

    id: int
    key: str
    name: str
    status: str
    position: int
    limit: str
    moves: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline in the version in use."""

    id: int
    key: str
    name: str
    version: int
    calendar: str
    stages: tuple[Stage, ...]

    def stage(self, key: str) -> Stage | None:
        """Return the stage of that key, or None."""
        return next((stage for stage in self.stages if stage.key == key), None)

    def first(self, status: str) -> Stage | None:
        """Return the first stage of a status, or None."""
        return next((stage for stage in self.stages if stage.status == status), None)


@dataclass(frozen=True, slots=True)
class Desk:
    """A tenant at one version of its configuration."""

    tenant: int
    config_version: int
    key: str
    name: str
    zone: str
    language: str
    versions: Versions
    people: Mapping[int, Person]
    teams: Mapping[str, Team]
    pipelines: Mapping[str, Pipeline]
    calendar_facts: Sequence[Event] = ()
    members: Mapping[int, frozenset[int]] = field(default_factory=dict)
    # Every stage that there ever was, by pipeline and key: a ticket may stand in one that is gone.
    stage_ids: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def administrators(self) -> list[int]:
        """Return the ids of the people who are told when nobody else can be."""
        return [p.id for p in self.people.values() if p.active and p.role == "administrator"]

    def team_by_id(self, id_: int | None) -> Team | None:
        """Return a team, or None."""
        return next((team for team in self.teams.values() if team.id == id_), None)


def at_work(tenant: int) -> tuple[Desk, dt.datetime]:
    """Return the configuration as it now is, and the database's clock.

    Call it inside the tenant, after its shared lock.
    """
    found = rows.query(
        "SELECT config_version, key, name, zone, language, clock_timestamp() FROM tenant"
        " WHERE id = %s",
        [tenant],
    )
    *own, now = found[0]
    # Another database of the same process (tests, a restore) is another world.
    return _desk(str(connection.settings_dict["NAME"]), tenant, _Own(*own)), now


class _Own(NamedTuple):
    """What a tenant's own row says."""

    config_version: int
    key: str
    name: str
    zone: str
    language: str


@functools.lru_cache(maxsize=_KEPT)
def _desk(database: str, tenant: int, own: _Own) -> Desk:
    del database
    pipelines = pipeline_versions(tenant)
    return Desk(
        tenant=tenant,
        config_version=own.config_version,
        key=own.key,
        name=own.name,
        zone=own.zone,
        language=own.language,
        versions=versions(tenant, pipelines),
        people=_people(tenant),
        teams=_teams(tenant),
        pipelines={version.pipeline.key: version.pipeline for version in pipelines},
        calendar_facts=tuple(facts.of_calendars(tenant)),
        members=_members(tenant),
        stage_ids=_stage_ids(tenant),
    )


def _people(tenant: int) -> dict[int, Person]:
    found = rows.query(
        "SELECT id, name, email, role, level, manager_id, is_active, language FROM person"
        " WHERE tenant_id = %s",
        [tenant],
    )
    return {row[0]: Person(*row) for row in found}


def _teams(tenant: int) -> dict[str, Team]:
    found = rows.query(
        "SELECT id, key, name, level, lead_id, manager_id FROM team WHERE tenant_id = %s", [tenant]
    )
    return {row[1]: Team(*row) for row in found}


def _members(tenant: int) -> dict[int, frozenset[int]]:
    found = rows.query(
        "SELECT team_id, array_agg(person_id) FROM membership WHERE tenant_id = %s GROUP BY 1",
        [tenant],
    )
    return {team: frozenset(people) for team, people in found}


@dataclass(frozen=True, slots=True)
class PipelineVersion:
    """A pipeline as it was in some time; `until` is when the next version came."""

    pipeline: Pipeline
    since: dt.datetime
    until: dt.datetime | None


def pipeline_versions(tenant: int) -> list[PipelineVersion]:
    """Return all versions of all pipelines, each pipeline's in order."""
    found = rows.query(
        "SELECT p.id, p.key, v.version, v.data, v.valid_from,"
        " lead(v.valid_from) OVER (PARTITION BY p.id ORDER BY v.version)"
        " FROM pipeline p JOIN pipeline_version v"
        " ON v.tenant_id = p.tenant_id AND v.pipeline_id = p.id"
        " WHERE p.tenant_id = %s ORDER BY p.id, v.version",
        [tenant],
    )
    ids = _stage_ids(tenant)
    return [
        PipelineVersion(_pipeline(row[0], row[1], row[2], json.loads(row[3]), ids), *row[4:])
        for row in found
    ]


def _stage_ids(tenant: int) -> dict[tuple[int, str], int]:
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
        )
        for k, stage in enumerate(data["stages"])
    )
    return Pipeline(id_, key, data["name"], version, data.get("calendar", ""), stages)


def versions(tenant: int, pipelines: Sequence[PipelineVersion]) -> Versions:
    """Return all versions of calendars and policies, stage limits among them."""
    calendars: dict[str, tuple[CalendarVersion, ...]] = {}
    for key, version, data, valid_from in rows.query(
        "SELECT key, version, data, valid_from FROM calendar_version WHERE tenant_id = %s"
        " ORDER BY key, version",
        [tenant],
    ):
        calendar = Calendar.from_dict(json.loads(data), f"calendars.{key}")
        kept = CalendarVersion(key, version, calendar, valid_from)
        calendars[key] = (*calendars.get(key, ()), kept)
    written = [
        policy(json.loads(data), valid_from, valid_until)
        for data, valid_from, valid_until in rows.query(
            "SELECT data, valid_from, valid_until FROM policy_version WHERE tenant_id = %s"
            " ORDER BY key, version",
            [tenant],
        )
    ]
    return Versions(calendars, (*written, *stage_limits(pipelines)))


def policy(
    data: Mapping[str, Any], valid_from: dt.datetime | None, valid_until: dt.datetime | None
) -> Policy:
    """Return a policy version from its stored data, which holds the paths it names."""
    own = {name: value for name, value in data.items() if name != "paths"}
    for name, at in (("valid_from", valid_from), ("valid_until", valid_until)):
        if at is not None:
            own[name] = at
    paths = {
        key: EscalationPath.from_dict(key, value, f"paths.{key}")
        for key, value in data.get("paths", {}).items()
    }
    return policy_from(own, "policy", paths)


def stage_limits(pipelines: Sequence[PipelineVersion]) -> list[Policy]:
    """Return the limits of stages as policies: a clock that runs while a ticket is in the stage."""
    limited = [
        (version, stage)
        for version in pipelines
        for stage in version.pipeline.stages
        if stage.limit
    ]
    keys = sorted({_limit_key(version.pipeline, stage) for version, stage in limited})
    return [
        policy_from(_limit(version, stage, keys), f"stage {stage.key}", {})
        for version, stage in limited
    ]


def _limit_key(pipeline: Pipeline, stage: Stage) -> str:
    return f"stage {pipeline.key}/{stage.key}"


def _limit(version: PipelineVersion, stage: Stage, keys: list[str]) -> dict[str, Any]:
    pipeline, key = version.pipeline, _limit_key(version.pipeline, stage)
    ends = {} if version.until is None else {"valid_until": version.until}
    return {
        "key": key,
        "version": pipeline.version,
        "rank": STAGE_RANK + keys.index(key),
        "agreement": "OLA",
        "when": {"pipeline": pipeline.key},
        "calendar": pipeline.calendar,
        "valid_from": version.since,
        **ends,
        "clocks": [
            {
                "clock": f"stage {stage.key}",
                "start": {"stage": stage.key},
                "stop": {"stage": {"not_in": [stage.key]}},
                "on_reopen": "new cycle",
                "targets": {"*": stage.limit},
                "alerts": [{"at": "75%"}],
            }
        ],
    }
