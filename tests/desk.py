"""A desk for tests: a database of its own, and a small company in it."""

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connections, transaction
from tests import kept

from tocsin.actions import people, pipelines, sla, tenants, tickets
from tocsin.engine.event import Side
from tocsin.kit import database
from tocsin.queries import access
from tocsin.queries.access import Actor
from tocsin.records import context


def at(text: str) -> dt.datetime:
    """Return an instant, ``2026-03-02 09:00`` in UTC (a Monday)."""
    return dt.datetime.fromisoformat(f"{text}+00:00")


@dataclass(frozen=True)
class Database:
    """One database of a test: the address for processes, and one with a superuser's rights.

    What `rows` needs takes longer to open than to use. One whose test closes it keeps it open.
    """

    url: str
    admin_url: str
    keeps: bool = False
    _kept: dict[int, psycopg.Connection] = field(default_factory=dict, compare=False, repr=False)

    def play(self, role: str) -> None:
        """Have Django's connection of this thread speak to it in a role."""
        connections.close_all()
        found = database.parameters(self.url, role)
        default = connections.settings["default"]
        default["NAME"] = found.pop("dbname")
        default["OPTIONS"] = {**found, "server_side_binding": True, "prepare_threshold": 3}
        connections["default"].settings_dict.update(default)

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return rows as the superuser sees them: no policy holds it back."""
        with self.admin() as found:
            cursor = found.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection]:
        """Give this thread's connection with a superuser's rights."""
        if not self.keeps:
            with psycopg.connect(self.admin_url, autocommit=True) as found:
                yield found
            return
        kept = self._kept.get(threading.get_ident())
        if kept is None or not _answers(kept):
            kept = psycopg.connect(self.admin_url, autocommit=True)
            self._kept[threading.get_ident()] = kept
        yield kept

    def close(self) -> None:
        """Close what is open."""
        while self._kept:
            self._kept.popitem()[1].close()

    def one(self, statement: str, *parameters: Any) -> Any:
        """Return the one value of a query."""
        return self.rows(statement, *parameters)[0][0]


def _answers(found: psycopg.Connection) -> bool:
    try:
        found.execute("SELECT")
    except psycopg.OperationalError:
        # Some tests end connections on purpose.
        found.close()
        return False
    return True


@contextmanager
def inside(tenant: int) -> Iterator[None]:
    """Be inside a tenant's transaction."""
    with transaction.atomic(), context.tenant(tenant):
        yield


ALWAYS = {
    "zone": "UTC",
    "week": {day: ["00:00-24:00"] for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]},
}
POLICIES: dict[str, Any] = {
    "tocsin": 1,
    "calendars": {"always": ALWAYS},
    "paths": {
        "standard": {
            "levels": [
                {"name": "L1", "team": "Service desk", "notify": ["lead"]},
                {"name": "L2", "team": "Second line", "wait": "30m", "priority": "P2"},
                {
                    "name": "L3",
                    "team": "Major incident",
                    "wait": "1h",
                    "notify": ["department head"],
                },
            ]
        }
    },
    "policies": [
        {
            "key": "standard",
            "rank": 1,
            "calendar": "always",
            "clocks": [
                {
                    "clock": "first response",
                    "targets": {"P1": "15m", "*": "1h"},
                    "alerts": [{"at": "75%"}],
                },
                {
                    "clock": "resolution",
                    "targets": {"P1": "4h", "*": "24h"},
                    "alerts": [{"at": "75%"}],
                    "path": "standard",
                },
            ],
        }
    ],
}
SUPPORT: dict[str, Any] = {
    "name": "Support",
    "calendar": "always",
    "stages": [
        {"key": "triage", "name": "Triage", "status": "new", "limit": "2h"},
        {"key": "work", "name": "In work", "status": "open"},
        {"key": "waiting", "name": "Waiting", "status": "waiting customer", "moves": ["work"]},
        {"key": "done", "name": "Done", "status": "resolved"},
        {"key": "closed", "name": "Closed", "status": "closed", "moves": []},
    ],
}


@dataclass
class Company:
    """A tenant with four people in a line of managers, three teams, a policy and a pipeline."""

    tenant: int
    operator: Actor
    people: dict[str, int] = field(default_factory=dict)

    def person(self, name: str, role: str = "agent") -> Actor:
        """Return somebody as an actor."""
        return access.person(self.tenant, self.people[name], role)

    def open(self, **given: Any) -> int:
        """Open a ticket as the customer's side would."""
        by = given.pop("by", None) or Actor(
            self.tenant, "customer", access.RIGHTS["operator"], Side.CUSTOMER
        )
        return tickets.open_(**{"subject": "It is broken", "body": "Help", **given}, by=by)


def company(key: str = "acme", *, now: dt.datetime | None = None) -> Company:
    """Give a company: dora (department head) > mia (manager) > lea (lead) > ann (agent).

    Without `now` it may be some minutes old.
    """
    return kept.made(("company", key, now), lambda: _company(key, now))


def _company(key: str, now: dt.datetime | None) -> Company:
    tenant = tenants.create(key=key, name=key.title())
    operator = access.operator(tenant)
    made = Company(tenant, operator)
    above = None
    for name, role, level in (
        ("dora", "administrator", 3),
        ("mia", "manager", 2),
        ("lea", "lead", 2),
        ("ann", "agent", 1),
    ):
        above = people.add_person(
            name=name.title(),
            email=f"{name}@{key}.example",
            role=role,
            level=level,
            manager=above,
            by=operator,
            now=now,
        )
        made.people[name] = above
    for level, name in enumerate(("Service desk", "Second line", "Major incident"), start=1):
        people.add_team(
            name=name,
            level=level,
            lead=made.people["lea"],
            manager=made.people["mia"],
            members=(made.people["ann"], made.people["lea"]),
            by=operator,
            now=now,
        )
    sla.publish(config=POLICIES, by=operator, now=now)
    pipelines.publish(key="support", config=SUPPORT, by=operator, now=now)
    return made
