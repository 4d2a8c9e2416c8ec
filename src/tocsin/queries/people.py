"""People as administrators see them: who works here, what they hold, what they would leave."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.queries import access, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk, Person
from tocsin.records import rows

MOST = 200
STATES = ("active", "left", "all")
_OPEN = "('new', 'open', 'waiting customer', 'waiting internal')"


@dataclass(frozen=True, slots=True)
class Line:
    """A person in the list; `seen_at` is when a session of theirs was last used."""

    id: int
    name: str
    email: str
    role: str
    level: int
    active: bool
    teams: tuple[str, ...]
    sets: tuple[str, ...]
    seen_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """The first people that were asked for, and how many there are."""

    lines: tuple[Line, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a person. `sets` are pairs of a key and a name, `teams` of id and name.

    `invited` says that a link waits for them. `open` counts the open tickets that they have.
    """

    person: Person
    teams: tuple[tuple[int, str], ...]
    sets: tuple[tuple[str, str], ...]
    has_password: bool
    invited: bool
    sessions: int
    tokens: int
    seen_at: dt.datetime | None
    open: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """What somebody would leave: open tickets by team, and what names them and has to be seen to.

    A team of "" is none. `schedules` are those whose turns name them, `leads` the teams they lead,
    `reports` how many people report to them.
    """

    tickets: tuple[tuple[str, int], ...]
    schedules: tuple[str, ...]
    leads: tuple[str, ...]
    reports: int

    @property
    def count(self) -> int:
        """How many open tickets they have."""
        return sum(count for _, count in self.tickets)


@access.needs(Right.ADMINISTER)
def listed(
    *,
    by: Actor,
    words: str = "",
    role: str = "",
    team: int | None = None,
    state: str = "active",
    holding: str = "",
) -> Listed:
    """Return people by name: whose name or address holds the words, of a role, team, set, state."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        sets, seen = _sets(by.tenant), _seen(by.tenant)
    wanted = words.strip().casefold()
    members = at_work.members.get(team, frozenset()) if team is not None else None
    found = [
        one
        for one in at_work.people.values()
        if (wanted in one.name.casefold() or wanted in one.email.casefold())
        and (not role or one.role == role)
        and (members is None or one.id in members)
        and (state == "all" or one.active == (state != "left"))
        and (not holding or holding in dict(sets.get(one.id, ())))
    ]
    found.sort(key=lambda one: (one.name.casefold(), one.id))
    return Listed(tuple(_line(at_work, one, sets, seen) for one in found[:MOST]), len(found))


def _line(
    at_work: Desk,
    one: Person,
    sets: Mapping[int, tuple[tuple[str, str], ...]],
    seen: Mapping[int, dt.datetime],
) -> Line:
    return Line(
        id=one.id,
        name=one.name,
        email=one.email,
        role=one.role,
        level=one.level,
        active=one.active,
        teams=tuple(name for _, name in _teams(at_work, one.id)),
        sets=tuple(name for _, name in sets.get(one.id, ())),
        seen_at=seen.get(one.id),
    )


@access.needs(Right.ADMINISTER)
def known(*, person: int, by: Actor) -> Known:
    """Return all that is known of a person."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        one = at_work.people.get(person)
        if one is None:
            raise access.missing()
        of = [by.tenant, person]
        found = rows.query(
            "SELECT password <> '' AND password NOT LIKE '!%%',"
            " (SELECT count(*) FROM sign_in WHERE tenant_id = %s AND person_id = %s"
            " AND ended_at IS NULL),"
            " (SELECT count(*) FROM api_token WHERE tenant_id = %s AND person_id = %s"
            " AND revoked_at IS NULL AND expires_at > clock_timestamp()),"
            " EXISTS (SELECT FROM one_time_link WHERE tenant_id = %s AND person_id = %s"
            " AND purpose = 'invitation' AND used_at IS NULL AND expires_at > clock_timestamp()),"
            f" (SELECT count(*) FROM ticket WHERE tenant_id = %s AND assignee_id = %s"
            f" AND status IN {_OPEN})"
            " FROM person WHERE tenant_id = %s AND id = %s",
            [*of, *of, *of, *of, *of],
        )
        sets, seen = _sets(by.tenant, person), _seen(by.tenant, person)
    has_password, sessions, tokens, invited, open_ = found[0]
    return Known(
        person=one,
        teams=_teams(at_work, person),
        sets=sets.get(person, ()),
        has_password=has_password,
        invited=invited,
        sessions=sessions,
        tokens=tokens,
        seen_at=seen.get(person),
        open=open_,
    )


@access.needs(Right.ADMINISTER)
def leaving(*, person: int, by: Actor) -> Leaving:
    """Return what somebody would leave behind."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        if person not in at_work.people:
            raise access.missing()
        tickets = rows.query(
            "SELECT coalesce(m.name, ''), count(*) FROM ticket t"
            " LEFT JOIN team m ON m.tenant_id = t.tenant_id AND m.id = t.team_id"
            f" WHERE t.tenant_id = %s AND t.assignee_id = %s AND t.status IN {_OPEN}"
            " GROUP BY 1 ORDER BY 2 DESC, 1",
            [by.tenant, person],
        )
    return Leaving(
        tickets=tuple((name, count) for name, count in tickets),
        schedules=tuple(_schedules(at_work, person)),
        leads=tuple(
            sorted(t.name for t in at_work.teams.values() if person in (t.lead, t.manager))
        ),
        reports=sum(p.active and p.manager == person for p in at_work.people.values()),
    )


def _schedules(at_work: Desk, person: int) -> list[str]:
    """Return the names of the schedules in whose newest version somebody takes turns."""
    return sorted(
        versions[-1][1].name
        for versions in at_work.on_call.schedules.values()
        if any(person in turn for layer in versions[-1][1].layers for turn in layer.turns)
    )


def _teams(at_work: Desk, person: int) -> tuple[tuple[int, str], ...]:
    found = [t for t in at_work.teams.values() if person in at_work.members.get(t.id, ())]
    return tuple((t.id, t.name) for t in sorted(found, key=lambda t: (t.level, t.key)))


def _sets(tenant: int, person: int | None = None) -> dict[int, tuple[tuple[str, str], ...]]:
    """Return the permission sets of each person by key and name. Call it inside the tenant."""
    made: dict[int, tuple[tuple[str, str], ...]] = {}
    for id_, key, name in rows.query(
        "SELECT g.person_id, s.key, s.name FROM permission_grant g JOIN permission_set s"
        " ON s.tenant_id = g.tenant_id AND s.id = g.permission_set_id"
        " WHERE g.tenant_id = %s AND (%s::bigint IS NULL OR g.person_id = %s)"
        " ORDER BY lower(s.name), s.key",
        [tenant, person, person],
    ):
        made[id_] = (*made.get(id_, ()), (key, name))
    return made


def _seen(tenant: int, person: int | None = None) -> dict[int, dt.datetime]:
    """Return when each person was last seen. Call it inside the tenant."""
    return dict(
        rows.query(
            "SELECT person_id, max(seen_at) FROM sign_in WHERE tenant_id = %s"
            " AND (%s::bigint IS NULL OR person_id = %s) GROUP BY 1",
            [tenant, person, person],
        )
    )
