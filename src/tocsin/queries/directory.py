"""People and teams as a directory keeps them here: what it calls them, and who is in which."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction

from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a team, or a team that somebody is in, by id and name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person; `external` is what the directory calls them, "" if it does not."""

    id: int
    external: str
    email: str
    name: str
    active: bool
    teams: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A team; `external` is what the directory calls the group that its members come from."""

    id: int
    external: str
    name: str
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """That something of a person or team is equal to a value."""

    name: str
    value: str | bool


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions of which all must hold, or one of them."""

    how: Literal["and", "or"]
    parts: tuple["Condition", ...]


Condition = Compared | Joined


@dataclass(frozen=True, slots=True)
class Page:
    """Some of those that were found; `total` counts all of them."""

    total: int
    found: tuple[Any, ...]


# What may be compared, as SQL with one parameter; nothing else reaches a statement.
_OF_PERSON: Mapping[str, str] = {
    "id": "x.id::text = %s",
    "username": "x.email_key = %s",
    "emails": "x.email_key = %s",
    "externalid": "x.external_id = %s AND x.external_id <> ''",
    "displayname": "lower(x.name) = lower(%s)",
    "active": "x.is_active = %s",
    "groups": "EXISTS (SELECT FROM membership m WHERE m.tenant_id = x.tenant_id"
    " AND m.person_id = x.id AND m.team_id::text = %s)",
}
_OF_GROUP: Mapping[str, str] = {
    "id": "x.id::text = %s",
    "externalid": "x.external_id = %s AND x.external_id <> ''",
    "displayname": "lower(x.name) = lower(%s)",
    "members": "EXISTS (SELECT FROM membership m WHERE m.tenant_id = x.tenant_id"
    " AND m.team_id = x.id AND m.person_id::text = %s)",
}
FIELDS_OF_PEOPLE = frozenset(_OF_PERSON)
FIELDS_OF_GROUPS = frozenset(_OF_GROUP)
FLAGS = frozenset({"active"})
_FOLDED = frozenset({"username", "emails"})
_TEAMS = (
    "(SELECT json_agg(json_build_array(t.id, t.name) ORDER BY t.id)::text FROM membership m"
    " JOIN team t ON t.tenant_id = m.tenant_id AND t.id = m.team_id"
    " WHERE m.tenant_id = x.tenant_id AND m.person_id = x.id)"
)
_MEMBERS = (
    "(SELECT json_agg(json_build_array(p.id, p.name) ORDER BY p.id)::text FROM membership m"
    " JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id"
    " WHERE m.tenant_id = x.tenant_id AND m.team_id = x.id)"
)


@access.needs(Right.ADMINISTER)
def people(*, by: Actor, where: Condition | None = None, skip: int = 0, count: int = 100) -> Page:
    """Return people, by id; `count` at most, after `skip` others."""
    columns = f"x.id, x.external_id, x.email, x.name, x.is_active, {_TEAMS}"
    page = _page(by, "person", columns, _OF_PERSON, where=where, skip=skip, count=count)
    return Page(page.total, tuple(_person(*row) for row in page.found))


@access.needs(Right.ADMINISTER)
def groups(
    *,
    by: Actor,
    where: Condition | None = None,
    skip: int = 0,
    count: int = 100,
    members: bool = True,
) -> Page:
    """Return teams, by id, with their `members` or without."""
    columns = f"x.id, x.external_id, x.name, {_MEMBERS if members else 'NULL'}"
    page = _page(by, "team", columns, _OF_GROUP, where=where, skip=skip, count=count)
    return Page(page.total, tuple(_group(*row) for row in page.found))


def _page(
    by: Actor,
    table: str,
    columns: str,
    known: Mapping[str, str],
    *,
    where: Condition | None,
    skip: int,
    count: int,
) -> Page:
    condition, given = _sql(known, where)
    source = f"FROM {table} x WHERE x.tenant_id = %s AND {condition}"
    # People and teams are no part of tickets: how many of those somebody sees is not asked.
    with transaction.atomic(), context.tenant(by.tenant):
        total = rows.query(f"SELECT count(*) {source}", [by.tenant, *given])
        found = rows.query(
            f"SELECT {columns} {source} ORDER BY x.id LIMIT %s OFFSET %s",
            [by.tenant, *given, count, skip],
        )
    return Page(int(total[0][0]), tuple(found))


def _sql(known: Mapping[str, str], where: Condition | None) -> tuple[str, list[object]]:
    if where is None:
        return "true", []
    if isinstance(where, Compared):
        folded = where.name in _FOLDED and isinstance(where.value, str)
        return f"({known[where.name]})", [str(where.value).casefold() if folded else where.value]
    made = [_sql(known, part) for part in where.parts]
    joined = f" {where.how.upper()} ".join(part for part, _ in made)
    return f"({joined})", [one for _, given in made for one in given]


def _listed(value: str | None) -> tuple[Member, ...]:
    return tuple(Member(*one) for one in json.loads(value or "[]"))


def _person(id_: int, external: str, email: str, name: str, *rest: Any) -> Person:
    active, teams = rest
    return Person(id_, external, email, name, active, _listed(teams))


def _group(id_: int, external: str, name: str, members: str | None) -> Group:
    return Group(id_, external, name, _listed(members))
