"""Who may do what, what changed about it, and who read much: for whoever audits a desk."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.queries import access, desk, granted, reach
from tocsin.queries.access import OF_TICKETS, Actor, Grant, Right
from tocsin.queries.desk import Desk
from tocsin.queries.permission_sets import Allowed
from tocsin.records import rows

# Streams of the log that say who may do what.
STREAMS = (
    *("person", "team", "permission set", "field rule", "network rule", "security", "export"),
    *("api token", "identity provider", "sign-in"),
)
# What everybody has, and what is the installation's, nobody is given.
_NOT_GIVEN = frozenset({Right.SIGNED_IN, Right.OPERATE})
_MOST_HOURS, _MOST_REFUSED = 200, 100
# What things of a kind are called, for facts that hold no more than ids.
_CALLED = {
    "permission set": "SELECT id, name FROM permission_set WHERE tenant_id = %s AND id = ANY(%s)",
    "network rule": "SELECT id, network FROM network_rule WHERE tenant_id = %s AND id = ANY(%s)",
    "api token": (
        "SELECT t.id, t.name || ' · ' || p.name FROM api_token t JOIN person p"
        " ON p.tenant_id = t.tenant_id AND p.id = t.person_id"
        " WHERE t.tenant_id = %s AND t.id = ANY(%s)"
    ),
    "identity provider": (
        "SELECT id, name FROM identity_provider WHERE tenant_id = %s AND id = ANY(%s)"
    ),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with all that they may do. `sets` and `teams` are names."""

    id: int
    name: str
    role: str
    active: bool
    sets: tuple[str, ...]
    teams: tuple[str, ...]
    may: tuple[Allowed, ...]


@dataclass(frozen=True, slots=True)
class Holders:
    """A part of the people by name. `after` leads to the next one, None at the end."""

    people: tuple[Holder, ...]
    all: int
    after: int | None


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set; `teams` are names, empty unless its reach is ``teams``."""

    key: str
    name: str
    rights: frozenset[str]
    reach: str
    teams: tuple[str, ...]
    types: tuple[str, ...]
    holders: int


@dataclass(frozen=True, slots=True)
class Change:
    """A fact about access: `kind` of thing, what it is called, what was done, by whom."""

    id: int
    kind: str
    thing: str
    did: str
    told: Mapping[str, Any]
    at: dt.datetime
    who: str


@dataclass(frozen=True, slots=True)
class Changes:
    """A part of the facts, the newest first. `after` leads to the next one, None at the end."""

    changes: tuple[Change, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class Hour:
    """What somebody read in an hour: tickets opened and exported; how often they were stopped."""

    person: int
    name: str
    at: dt.datetime
    tickets: int
    exported: int
    stops: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sign-in that was refused: whose, empty for an unknown address; from where, how often."""

    who: str
    did: str
    at: dt.datetime
    address: str
    tries: int


@access.needs(Right.READ_AUDIT)
def permission_sets(*, by: Actor) -> list[PermissionSet]:
    """Return the permission sets by name."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        found = rows.query(
            "SELECT s.key, s.name, s.rights, s.reach, s.teams, s.types, (SELECT count(*)"
            " FROM permission_grant g WHERE g.tenant_id = s.tenant_id"
            " AND g.permission_set_id = s.id) FROM permission_set s WHERE s.tenant_id = %s"
            " ORDER BY lower(s.name), s.key",
            [by.tenant],
        )
    names = _teams(at_work)
    return [
        PermissionSet(
            key=row[0],
            name=row[1],
            rights=frozenset(json.loads(row[2])),
            reach=row[3],
            teams=tuple(names.get(id_, str(id_)) for id_ in json.loads(row[4])),
            types=tuple(json.loads(row[5])),
            holders=row[6],
        )
        for row in found
    ]


def _teams(at_work: Desk) -> dict[int, str]:
    return {team.id: team.name for team in at_work.teams.values()}


@access.needs(Right.READ_AUDIT)
def holders(*, by: Actor, after: int = 0, most: int = 50, words: str = "") -> Holders:
    """Return people by name with their effective rights, from the place `after` on."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        wanted = words.strip().casefold()
        listed = sorted(
            (one for one in at_work.people.values() if wanted in one.name.casefold()),
            key=lambda one: (not one.active, one.name.casefold(), one.id),
        )
        names = _teams(at_work)
        made = []
        for one in listed[after : after + most]:
            held = granted.held(by.tenant, one.id)
            grants = tuple(granted.grants_of(one.role, held.sets, held.teams))
            made.append(
                Holder(
                    id=one.id,
                    name=one.name,
                    role=one.role,
                    active=one.active,
                    sets=tuple(sorted(str(each["key"]) for each in held.sets)),
                    teams=tuple(sorted(names[id_] for id_ in held.teams if id_ in names)),
                    may=tuple(_may(grants, names)),
                )
            )
    following = after + most
    return Holders(tuple(made), len(listed), following if following < len(listed) else None)


def _may(grants: Sequence[Grant], names: Mapping[int, str]) -> Iterable[Allowed]:
    for right in Right:
        having = [grant for grant in grants if right in grant.rights]
        if right in _NOT_GIVEN or not having:
            continue
        if right not in OF_TICKETS or any(grant.everywhere for grant in having):
            yield Allowed(right)
            continue
        where = {
            ("" if team is None else names.get(team, ""), type_ or "")
            for grant in having
            for team in (grant.teams if grant.teams is not None else (None,))
            for type_ in (grant.types if grant.types is not None else (None,))
        }
        # For the tickets of one's own teams, while one works in none, is for nothing.
        if where:
            yield Allowed(right, tuple(sorted(where)))


@access.needs(Right.READ_AUDIT)
def changes(
    *,
    by: Actor,
    kind: str = "",
    person: int | None = None,
    since: dt.datetime | None = None,
    after: int | None = None,
    most: int = 50,
) -> Changes:
    """Return what changed about access: all, of one kind of thing, or by or about a person.

    Sign-ins stand among it only when they are asked for.
    """
    kinds = [kind] if kind else [one for one in STREAMS if one != "sign-in"]
    where, given = ["e.tenant_id = %s", "e.stream_kind = ANY(%s)"], list[object]([by.tenant, kinds])
    if person is not None:
        where.append(
            "(e.actor = %s OR (e.stream_kind IN ('person', 'sign-in') AND e.stream_id = %s))"
        )
        given += [f"person:{person}", person]
    if since is not None:
        where.append("e.recorded_at >= %s")
        given.append(since)
    if after is not None:
        where.append("e.id < %s")
        given.append(after)
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        found = rows.query(
            "SELECT e.id, e.stream_kind, e.stream_id, e.payload, e.recorded_at, e.actor FROM event"
            f" e WHERE {' AND '.join(where)} ORDER BY e.id DESC LIMIT %s",
            [*given, most + 1],
        )
        named = _named(by.tenant, found)
    made = tuple(_change(row, at_work, named) for row in found[:most])
    return Changes(made, made[-1].id if len(found) > most else None)


def _named(tenant: int, found: Sequence[Sequence[Any]]) -> Mapping[tuple[str, int], str]:
    """Return what the things that facts are about are called today, by kind and id."""
    named: dict[tuple[str, int], str] = {}
    for kind, statement in _CALLED.items():
        if ids := sorted({row[2] for row in found if row[1] == kind}):
            named |= {(kind, id_): name for id_, name in rows.query(statement, [tenant, ids])}
    return named


def _change(row: Sequence[Any], at_work: Desk, named: Mapping[tuple[str, int], str]) -> Change:
    id_, kind, stream, payload, at, actor = row
    told: dict[str, Any] = json.loads(payload)
    did = str(told.pop("did", ""))
    # What it commits to is no news for anybody.
    told.pop("content", None)
    return Change(
        id=id_,
        kind=kind,
        thing=named.get((kind, stream)) or _thing(kind, stream, told, at_work),
        did=did,
        told=told,
        at=at,
        who=_who(actor, at_work),
    )


def _thing(kind: str, id_: int, told: Mapping[str, Any], at_work: Desk) -> str:
    if kind in ("person", "sign-in"):
        known = at_work.people.get(id_)
        return known.name if known else ""
    if kind == "team":
        team = at_work.team_by_id(id_)
        return team.name if team else str(id_)
    told_as = (told.get(name) for name in ("key", "set", "name", "network", "what"))
    return str(next(filter(None, told_as), id_))


def _who(actor: str, at_work: Desk) -> str:
    kind, _, id_ = actor.partition(":")
    if kind == "person" and id_.isdecimal() and int(id_) in at_work.people:
        return at_work.people[int(id_)].name
    return "" if actor == "tocsin" else actor


@access.needs(Right.READ_AUDIT)
def reading(*, by: Actor, since: dt.datetime) -> list[Hour]:
    """Return who read how much in which hour, the newest and then the most first; the first 200.

    A ticket that somebody opened several times counts where they last did.
    """
    own = [by.tenant, since]
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        found = rows.query(
            "SELECT person_id, hour, sum(tickets)::int, sum(exported)::int, sum(stops)::int"
            " FROM (SELECT person_id, date_trunc('hour', read_at) AS hour, 1 AS tickets,"
            " 0 AS exported, 0 AS stops FROM read_mark WHERE tenant_id = %s AND read_at >= %s"
            " UNION ALL SELECT person_id, date_trunc('hour', taken_at), 0, rows, 0 FROM export"
            " WHERE tenant_id = %s AND taken_at >= %s"
            " UNION ALL SELECT stream_id, date_trunc('hour', recorded_at), 0, 0, 1 FROM event"
            " WHERE tenant_id = %s AND recorded_at >= %s AND stream_kind = 'sign-in'"
            " AND payload::json ->> 'did' = 'bulk reading') x"
            " GROUP BY person_id, hour ORDER BY hour DESC, sum(stops) DESC, sum(tickets) DESC"
            " LIMIT %s",
            [*own, *own, *own, _MOST_HOURS],
        )
    return [
        Hour(id_, _name(id_, at_work), at, tickets, exported, stops)
        for id_, at, tickets, exported, stops in found
    ]


def _name(id_: int, at_work: Desk) -> str:
    known = at_work.people.get(id_)
    return known.name if known else ""


@access.needs(Right.READ_AUDIT)
def refusals(*, by: Actor, since: dt.datetime) -> list[Refusal]:
    """Return the sign-ins that were refused, the newest first; the first 100."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        found = rows.query(
            "SELECT e.stream_id, e.payload, e.recorded_at, c.content FROM event e"
            " LEFT JOIN event_content c ON c.tenant_id = e.tenant_id AND c.event_id = e.id"
            " WHERE e.tenant_id = %s AND e.stream_kind = 'sign-in' AND e.recorded_at >= %s"
            " AND e.payload::json ->> 'did' LIKE 'refused%%' ORDER BY e.id DESC LIMIT %s",
            [by.tenant, since, _MOST_REFUSED],
        )
    made = []
    for id_, payload, at, content in found:
        told = json.loads(payload)
        origin = json.loads(content) if content else {}
        made.append(
            Refusal(
                who=_name(id_, at_work),
                did=str(told["did"]),
                at=at,
                address=str(origin.get("address", "")),
                tries=int(told.get("tries", 1)),
            )
        )
    return made
