"""What a person may do: the rights of their role and of their permission sets, rules of fields."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tocsin.engine.event import Side
from tocsin.queries import access
from tocsin.queries.access import OF_TICKETS, Actor, Grant, Right
from tocsin.records import rows

# What stands for every team, or every type, in a reach.
ANY = "*"


class Held(NamedTuple):
    """What the tables keep of a person's rights beside their role.

    `sets` are permission sets as the database writes them, `teams` those they work in, `rules` the
    tenant's rules of fields (name, readers, writers).
    """

    sets: list[Mapping[str, Any]]
    teams: frozenset[int]
    rules: list[tuple[str, list[str], list[str]]]


def held(tenant: int, person: int) -> Held:
    """Return what a person holds. Call it inside the tenant."""
    sets, teams, rules = rows.query(
        "SELECT sets_of(%s, %s), teams_of(%s, %s), (SELECT json_agg(json_build_array(name,"
        " readers::json, writers::json))::text FROM field_rule WHERE tenant_id = %s)",
        [tenant, person, tenant, person, tenant],
    )[0]
    return Held(json.loads(sets or "[]"), frozenset(teams or ()), json.loads(rules or "[]"))


def actor(tenant: int, person: int, role: str, own: Held) -> Actor:
    """Return a person as an actor with all that they may do."""
    grants = tuple(grants_of(role, own.sets, own.teams))
    keys = {role, *(one["key"] for one in own.sets)}
    hidden, fixed = _fields(keys, own.rules)
    return Actor(
        tenant,
        f"person:{person}",
        frozenset().union(*(grant.rights for grant in grants)),
        Side.AGENT,
        person=person,
        grants=() if all(grant.everywhere for grant in grants) else grants,
        teams=own.teams,
        hidden=hidden,
        fixed=fixed,
    )


def grants_of(
    role: str, sets: Iterable[Mapping[str, Any]], teams: frozenset[int]
) -> Iterable[Grant]:
    """Yield what a role and permission sets give to somebody who works in these teams."""
    yield Grant(access.RIGHTS[role])
    for one in sets:
        rights = frozenset(Right(name) for name in one["rights"] if name in _KNOWN)
        # A star would be any type to the database; it is the name of none.
        types = frozenset(one["types"]) - {ANY} if one["types"] else None
        reached = {"all": None, "own": teams, "teams": frozenset(one["teams"])}[one["reach"]]
        yield Grant(rights & OF_TICKETS, reached, types)
        yield Grant(rights - OF_TICKETS - {Right.OPERATE})


_KNOWN = frozenset(right.value for right in Right)


def _fields(
    keys: Iterable[str], rules: Iterable[tuple[str, list[str], list[str]]]
) -> tuple[frozenset[str], frozenset[str]]:
    own = frozenset(keys)
    found = [(name, own.isdisjoint(r), own.isdisjoint(w)) for name, r, w in rules]
    hidden = frozenset(name for name, no_reader, _ in found if no_reader)
    return hidden, hidden | {name for name, _, no_writer in found if no_writer}
