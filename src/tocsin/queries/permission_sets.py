"""Permission sets as administrators see them, and what somebody may do by all they hold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tocsin.queries import access, desk, granted, reach
from tocsin.queries.access import OF_TICKETS, RIGHTS, Actor, Grant, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows

# What a permission set may give: what everybody has, and what is the installation's, is not given.
GIVEN = tuple(right for right in Right if right not in (Right.SIGNED_IN, Right.OPERATE))
ROLES = tuple(role for role in RIGHTS if role not in ("contact", "operator"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A permission set; `holders` are those who hold it, by id and name."""

    key: str
    name: str
    rights: frozenset[str]
    reach: str
    teams: tuple[int, ...]
    types: tuple[str, ...]
    holders: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """A right that somebody has. `where` is empty for everything, else pairs of a team and a type.

    A team or type of "" stands for all of them.
    """

    right: Right
    where: tuple[tuple[str, str], ...] = ()


@access.needs(Right.ADMINISTER)
def listed(*, by: Actor) -> list[Shown]:
    """Return a tenant's permission sets by name."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        return _sets(at_work)


@access.needs(Right.ADMINISTER)
def one(*, key: str, by: Actor) -> Shown:
    """Return the permission set of a key."""
    found = next((each for each in listed(by=by) if each.key == key), None)
    if found is None:
        raise access.missing()
    return found


@access.needs(Right.ADMINISTER)
def may(*, person: int, by: Actor) -> tuple[Allowed, ...]:
    """Return what somebody may do by their role and their permission sets, in the order of rights.

    Beside it they see and do what is theirs: tickets that they have or take part in.
    """
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        known = at_work.people.get(person)
        if known is None:
            raise access.missing()
        held = granted.held(by.tenant, person)
    grants = tuple(granted.grants_of(known.role, held.sets, held.teams))
    return _union(at_work, grants)


@access.needs(Right.ADMINISTER)
def kinds(*, by: Actor) -> list[str]:
    """Return the types of tickets that there are, for forms to offer; the first 200."""
    with reach.reading(by):
        found = rows.query(
            "SELECT DISTINCT type FROM (SELECT type FROM ticket WHERE tenant_id = %s"
            " ORDER BY number DESC LIMIT 2000) t WHERE type <> '' ORDER BY 1 LIMIT 200",
            [by.tenant],
        )
    return [row[0] for row in found]


def _sets(at_work: Desk) -> list[Shown]:
    held: dict[int, list[tuple[int, str]]] = {}
    for id_, person in rows.query(
        "SELECT permission_set_id, person_id FROM permission_grant WHERE tenant_id = %s",
        [at_work.tenant],
    ):
        held.setdefault(id_, []).append((person, at_work.people[person].name))
    return [
        Shown(
            key=row[1],
            name=row[2],
            rights=frozenset(json.loads(row[3])),
            reach=row[4],
            teams=tuple(json.loads(row[5])),
            types=tuple(json.loads(row[6])),
            holders=tuple(sorted(held.get(row[0], ()), key=lambda of: of[1].casefold())),
        )
        for row in rows.query(
            "SELECT id, key, name, rights, reach, teams, types FROM permission_set"
            " WHERE tenant_id = %s ORDER BY lower(name), key",
            [at_work.tenant],
        )
    ]


def _union(at_work: Desk, grants: Sequence[Grant]) -> tuple[Allowed, ...]:
    names = {team.id: team.name for team in at_work.teams.values()}
    made = []
    for right in Right:
        having = [grant for grant in grants if right in grant.rights]
        if having and right not in (Right.SIGNED_IN, Right.OPERATE):
            everywhere = right not in OF_TICKETS or any(grant.everywhere for grant in having)
            made.append(Allowed(right, () if everywhere else tuple(_where(having, names))))
    # A right for the tickets of one's own teams is none while one works in no team.
    return tuple(one for one in made if one.right not in OF_TICKETS or _any(one, grants))


def _any(one: Allowed, grants: Iterable[Grant]) -> bool:
    return bool(one.where) or any(g.everywhere and one.right in g.rights for g in grants)


def _where(grants: Iterable[Grant], names: Mapping[int, str]) -> list[tuple[str, str]]:
    found = {
        (names.get(team, "") if team is not None else "", type_ or "")
        for grant in grants
        for team in (grant.teams if grant.teams is not None else (None,))
        for type_ in (grant.types if grant.types is not None else (None,))
    }
    return sorted(found)
