"""What somebody from elsewhere may do here: a role, teams and permission sets for their groups.

It goes no further than the mapping of groups says. The last administrator stays one, whatever
comes from elsewhere.
"""

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.actions import configuration, sessions
from tocsin.queries import access
from tocsin.queries.access import Actor
from tocsin.records import rows

Mapped = Mapping[str, Mapping[str, Any]]
# Of several groups the one that gives the later of these roles says which it is.
ROLES = ("limited", "auditor", "agent", "lead", "manager", "administrator")


@dataclass(frozen=True, slots=True)
class Place:
    """What groups elsewhere give somebody here; None for what the mapping leaves to others."""

    role: str
    teams: frozenset[int] | None
    sets: frozenset[str] | None


def place(mapping: Mapped, groups: Collection[str]) -> Place | None:
    """Return what these groups give by a mapping, None when no group of them is in it.

    A mapping holds for each group ``{"role": "agent", "teams": [7], "permission_sets": ["key"]}``.
    Where no row of it names a team, teams are left as they are; so are permission sets.
    """
    rows_ = [row for group, row in mapping.items() if group in groups]
    if not rows_:
        return None
    return Place(
        role=max((str(row["role"]) for row in rows_), key=ROLES.index),
        teams=_all(mapping, rows_, "teams"),
        sets=_all(mapping, rows_, "permission_sets"),
    )


def nothing(mapping: Mapped) -> Place:
    """Return the place of somebody who is in no group of a mapping: they may do nothing."""
    return Place("limited", _all(mapping, [], "teams"), _all(mapping, [], "permission_sets"))


def _all(mapping: Mapped, given: Collection[Mapping[str, Any]], name: str) -> frozenset[Any] | None:
    if not any(row.get(name) for row in mapping.values()):
        return None
    return frozenset(one for row in given for one in row.get(name, ()))


def put(person: int, place: Place, source: str, by: Actor, at: dt.datetime) -> bool:
    """Give a person that place; say whether anything changed. Call it while configuring."""
    before = held(by.tenant, person)
    after = _kept(by.tenant, person, before, place)
    if after == before:
        return False
    if after.role != before.role:
        rows.run(
            "UPDATE person SET role = %s WHERE tenant_id = %s AND id = %s",
            [after.role, by.tenant, person],
        )
    _into_teams(by.tenant, person, after.teams or frozenset())
    _with_sets(by.tenant, person, after.sets or frozenset(), at)
    told = {
        "role": after.role,
        "teams": sorted(str(one) for one in after.teams or ()),
        "permission_sets": sorted(after.sets or ()),
        "source": source,
    }
    configuration.record(by, "person", person, "placed", told, now=at)
    sessions.end_owing(by, at, person=person)
    return True


def held(tenant: int, person: int) -> Place:
    """Return the place that a person has now. Call it inside the tenant."""
    found = rows.query(
        "SELECT role, (SELECT json_agg(team_id)::text FROM membership m"
        " WHERE m.tenant_id = p.tenant_id AND m.person_id = p.id),"
        " (SELECT json_agg(s.key)::text FROM permission_grant g JOIN permission_set s"
        " ON s.tenant_id = g.tenant_id AND s.id = g.permission_set_id"
        " WHERE g.tenant_id = p.tenant_id AND g.person_id = p.id)"
        " FROM person p WHERE p.tenant_id = %s AND p.id = %s",
        [tenant, person],
    )
    if not found:
        raise access.missing()
    role, teams, sets = found[0]
    return Place(role, frozenset(json.loads(teams or "[]")), frozenset(json.loads(sets or "[]")))


def settled(tenant: int, person: int, wanted: Place) -> bool:
    """Say whether a person has that place already. Call it inside the tenant."""
    before = held(tenant, person)
    return _kept(tenant, person, before, wanted) == before


def _kept(tenant: int, person: int, before: Place, wanted: Place) -> Place:
    """Return what of a place can be had: what there is, and never less than one administrator."""
    role = wanted.role
    if before.role == "administrator" != role and not _other_administrators(tenant, person):
        role = before.role
    teams, sets = before.teams, before.sets
    if wanted.teams is not None:
        teams = frozenset(
            row[0]
            for row in rows.query(
                "SELECT id FROM team WHERE tenant_id = %s AND id = ANY(%s)",
                [tenant, sorted(wanted.teams)],
            )
        )
    if wanted.sets is not None:
        sets = frozenset(
            row[0]
            for row in rows.query(
                "SELECT key FROM permission_set WHERE tenant_id = %s AND key = ANY(%s)",
                [tenant, sorted(wanted.sets)],
            )
        )
    return Place(role, teams, sets)


def _other_administrators(tenant: int, person: int) -> bool:
    return bool(
        rows.query(
            "SELECT 1 FROM person WHERE tenant_id = %s AND role = 'administrator' AND is_active"
            " AND id <> %s LIMIT 1",
            [tenant, person],
        )
    )


def _into_teams(tenant: int, person: int, teams: frozenset[int]) -> None:
    rows.run(
        "DELETE FROM membership WHERE tenant_id = %s AND person_id = %s AND team_id <> ALL(%s)",
        [tenant, person, sorted(teams)],
    )
    own = {"tenant_id": tenant, "person_id": person}
    made = [{**own, "team_id": team} for team in sorted(teams)]
    rows.add_missing("membership", made, ("tenant_id", "team_id", "person_id"))


def _with_sets(tenant: int, person: int, sets: frozenset[str], at: dt.datetime) -> None:
    rows.run(
        "DELETE FROM permission_grant g USING permission_set s WHERE g.tenant_id = %s"
        " AND g.person_id = %s AND s.tenant_id = g.tenant_id AND s.id = g.permission_set_id"
        " AND s.key <> ALL(%s)",
        [tenant, person, sorted(sets)],
    )
    rows.run(
        "INSERT INTO permission_grant (tenant_id, person_id, permission_set_id, granted_at)"
        " SELECT tenant_id, %s, id, %s FROM permission_set WHERE tenant_id = %s AND key = ANY(%s)"
        " ON CONFLICT (tenant_id, person_id, permission_set_id) DO NOTHING",
        [person, at, tenant, sorted(sets)],
    )


def provider(tenant: int, key: str) -> str:
    """Return what allauth calls a tenant's provider: a name that no other tenant's has."""
    return f"{tenant}-{key}"
