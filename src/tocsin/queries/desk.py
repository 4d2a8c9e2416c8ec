"""A tenant's configuration and people as one value, read once for each version of it."""

import datetime as dt
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from tocsin.engine.calendar import Calendar
from tocsin.engine.event import Event
from tocsin.engine.on_call import OnCall
from tocsin.engine.path import EscalationPath
from tocsin.engine.policy import Policy, policy_from
from tocsin.engine.version import CalendarVersion, Versions
from tocsin.queries import books, facts, paths, reaching, rotas, stages
from tocsin.queries.reaching import Reaching
from tocsin.queries.stages import Pipeline, PipelineVersion
from tocsin.records import rows

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
    zone: str = "UTC"
    quiet_from: str = ""
    quiet_until: str = ""


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
    reaching: Reaching = field(default_factory=Reaching)
    on_call: OnCall = field(default_factory=OnCall)

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


def fresh(tenant: int) -> Desk:
    """Return the configuration as this transaction sees it, past what the process keeps.

    For rehearsals: what they write is rolled back, and must be kept nowhere.
    """
    own = rows.query(
        "SELECT config_version, key, name, zone, language FROM tenant WHERE id = %s", [tenant]
    )
    return _desk.__wrapped__(str(connection.settings_dict["NAME"]), tenant, _Own(*own[0]))


def forget() -> None:
    """Forget what this process keeps, after something that was rolled back."""
    _desk.cache_clear()


@functools.lru_cache(maxsize=_KEPT)
def _desk(database: str, tenant: int, own: _Own) -> Desk:
    del database
    pipelines = stages.versions(tenant)
    known, people = versions(tenant, pipelines), _people(tenant)
    return Desk(
        tenant=tenant,
        config_version=own.config_version,
        key=own.key,
        name=own.name,
        zone=own.zone,
        language=own.language,
        versions=known,
        people=people,
        teams=_teams(tenant),
        pipelines={version.pipeline.key: version.pipeline for version in pipelines},
        calendar_facts=tuple(facts.of_calendars(tenant)),
        members=_members(tenant),
        stage_ids=stages.ids_of(tenant),
        reaching=reaching.reaching(tenant),
        on_call=rotas.on_call(tenant, _addresses(people), _newest(known)),
    )


def _addresses(people: Mapping[int, Person]) -> dict[str, int]:
    return {one.email.casefold(): id_ for id_, one in people.items() if one.email}


def _newest(known: Versions) -> dict[str, Calendar]:
    return {key: found[-1].calendar for key, found in known.calendars.items()}


def _people(tenant: int) -> dict[int, Person]:
    found = rows.query(
        "SELECT id, name, email, role, level, manager_id, is_active, language, zone, quiet_from,"
        " quiet_until FROM person WHERE tenant_id = %s",
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
    policies = (*written, *stages.limits(pipelines))
    return Versions(calendars, policies, books.books(tenant), paths.paths(tenant))


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
