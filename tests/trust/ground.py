"""A desk that is divided: people who see some of its tickets only, and tickets of every kind."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.desk import Company, Database, company, inside

from tocsin.actions import people
from tocsin.queries import granted
from tocsin.queries.access import RIGHTS, Actor, Right

TYPES = ("", "incident", "a/b", "*")
# What a lead may do, but for what is about the desk as a whole.
WORK = (
    *(Right.READ_TICKETS, Right.WRITE, Right.NOTE, Right.ASSIGN, Right.CHANGE, Right.ESCALATE),
    *(Right.APPROVE_PAUSES, Right.ACKNOWLEDGE, Right.OVERRIDE, Right.READ_REPORTS),
    *(Right.OPEN_TICKETS, Right.READ_CONFIGURATION, Right.EXPORT),
)


@dataclass
class Divided:
    """A company in which queues keep to themselves. `sets` counts the permission sets made."""

    made: Company
    database: Database
    key: str
    sets: int = 0
    teams: dict[str, int] = field(default_factory=dict)

    @property
    def tenant(self) -> int:
        return self.made.tenant

    def limited(
        self,
        name: str,
        *,
        rights: Iterable[Right] = WORK,
        reach: str = "teams",
        teams: Iterable[str] = (),
        types: Iterable[str] = (),
    ) -> Actor:
        """Add a person who has one permission set and nothing else; return them as an actor."""
        id_ = people.add_person(
            name=name.title(),
            email=f"{name}@{self.key}.example",
            role="limited",
            by=self.made.operator,
        )
        self.made.people[name] = id_
        self.give(id_, rights=rights, reach=reach, teams=teams, types=types)
        return self.actor(name)

    def give(
        self,
        person: int,
        *,
        rights: Iterable[Right],
        reach: str = "teams",
        teams: Iterable[str] = (),
        types: Iterable[str] = (),
    ) -> None:
        """Give a person a permission set of their own."""
        self.sets += 1
        set_ = self.database.one(
            "INSERT INTO permission_set (tenant_id, key, name, rights, reach, teams, types,"
            " changed_at) VALUES (%s, %s, 'X', %s, %s, %s, %s, now()) RETURNING id",
            self.tenant,
            f"set {self.sets}",
            json.dumps([right.value for right in rights]),
            reach,
            json.dumps([self.teams[name] for name in teams]),
            json.dumps(list(types)),
        )
        self.database.rows(
            "INSERT INTO permission_grant (tenant_id, person_id, permission_set_id, granted_at)"
            " VALUES (%s, %s, %s, now())",
            self.tenant,
            person,
            set_,
        )

    def actor(self, name: str) -> Actor:
        """Return a person as who signs in is made."""
        person = self.made.people[name]
        role = self.database.one("SELECT role FROM person WHERE id = %s", person)
        with inside(self.tenant):
            return granted.actor(self.tenant, person, role, granted.held(self.tenant, person))


def divided(database: Database, key: str = "acme", *, now: dt.datetime | None = None) -> Divided:
    """Make a company, and know its teams by their names; its policies hold from `now` on."""
    made = company(key, now=now)
    found = Divided(made, database, key)
    found.teams = dict(database.rows("SELECT name, id FROM team WHERE tenant_id = %s", made.tenant))
    return found


def copies(database: Database, ticket: int, given: Iterable[dict[str, Any]]) -> list[int]:
    """Make copies of a ticket's row that differ in what is given; return their ids."""
    row = database.one("SELECT row_to_json(t) FROM ticket t WHERE id = %s", ticket)
    columns = ", ".join(name for name in row if name != "traits")
    made = []
    for k, own in enumerate(given, start=1):
        new = {**row, "id": ticket + 1000 + k, "number": row["number"] + 1000 + k, **own}
        database.rows(
            f"INSERT INTO ticket ({columns}) SELECT {columns}"
            " FROM json_populate_record(NULL::ticket, %s)",
            json.dumps(new),
        )
        made.append(new["id"])
    return made


ROLES = tuple(RIGHTS)
