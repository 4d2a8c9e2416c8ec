"""A desk for each scene: a database as new, a company in it, tickets and letters in masses."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.crowd import ALWAYS, Crowd, crowd

# Whoever leads the teams has no mail address, so that a ticket makes one letter and not four.
LEVELS = (("L1", "Service desk", None), ("L2", "Second line", "5s"), ("L3", "Major incident", "5s"))
TEAMS = tuple(team for _, team, _ in LEVELS)
BREACH = (
    '{"lines":[{"clock":"SLA/first response#1","deed":"breach",'
    '"planned_at":"2026-03-02T09:00:00+00:00","which":"due"}]}'
)


def policy(waits: tuple[str | None, ...] = (None, "5s", "5s")) -> dict[str, Any]:
    """Return a policy whose one clock breaches after an hour and starts a path of three levels."""
    levels = []
    for (name, team, _), wait in zip(LEVELS, waits, strict=True):
        level: dict[str, Any] = {"name": name, "team": team, "notify": ["lead"]}
        levels.append({**level, "wait": wait} if wait else level)
    return {
        "tocsin": 1,
        "calendars": {"always": {"zone": "UTC", "week": ALWAYS}},
        "paths": {"standard": {"levels": levels}},
        "policies": [
            {
                "key": "standard",
                "rank": 1,
                "calendar": "always",
                "clocks": [
                    {"clock": "first response", "targets": {"*": "1h"}, "path": "standard"},
                ],
            }
        ],
    }


@dataclass(slots=True)
class Stage:
    """One database that a scene plays in, and the company that it happens to."""

    made: Crowd
    tenant: int = 0
    people: tuple[int, ...] = ()

    def run(
        self, statement: str, parameters: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Run a statement as the superuser."""
        return self.made.run(statement, parameters)

    def one(self, statement: str, parameters: dict[str, Any] | None = None) -> Any:
        """Return the one value of a query."""
        return self.made.run(statement, parameters)[0][0]

    def company(self, config: dict[str, Any] | None = None) -> None:
        """Make a tenant: Lea leads the three teams, Mia manages them, Ada administers."""
        from tocsin.actions import people, sla, tenants
        from tocsin.queries import access

        self.tenant = tenants.create(key="chaos", name="Chaos")
        by = access.operator(self.tenant)
        lea = people.add_person(name="Lea", email="lea@x.example", role="lead", by=by)
        mia = people.add_person(name="Mia", email="mia@x.example", role="manager", by=by)
        ada = people.add_person(name="Ada", email="ada@x.example", role="administrator", by=by)
        for team in TEAMS:
            people.add_team(name=team, lead=lea, manager=mia, by=by)
        sla.publish(config=config or policy(), by=by, always=True)
        self.run("UPDATE person SET email = '' WHERE id = %(id)s", {"id": lea})
        self.people = (lea, mia, ada)

    def tickets(self, count: int, *, seconds: float, apart_s: float) -> None:
        """Have so many deadlines, the first of them that many seconds from now."""
        first = self.one(f"SELECT clock_timestamp() + interval '{seconds} seconds'")
        self.made.fill(self.tenant, count, first.isoformat(), f"{apart_s:.6f} seconds")

    def webhook(self, port: int) -> None:
        """Add an endpoint on this machine as a provider of the tenant."""
        import base64

        from tocsin.actions import providers
        from tocsin.channels import registry
        from tocsin.queries import access

        secret = "whsec_" + base64.b64encode(b"of this chaos only: no secret").decode()
        typed = {"url": f"http://127.0.0.1:{port}/hook", "secret": secret}
        carrier, by = registry.CARRIERS["webhook"], access.operator(self.tenant)
        providers.add(carrier=carrier, name="Endpoint", typed=typed, by=by)

    def letters(
        self, count: int, *, channel: str = "mail", prefix: str = "letter", urgent: bool = True
    ) -> None:
        """Put letters for Mia into the outbox, ready to leave."""
        self.run(
            "INSERT INTO outbox (tenant_id, channel, person_id, key, parts, urgent, state,"
            " created_at, next_at, attempts, maybe_sent, told) SELECT %(tenant)s, %(channel)s,"
            " %(person)s, %(prefix)s || '/' || n, %(parts)s, %(urgent)s, 'pending',"
            " clock_timestamp(), clock_timestamp(), 0, false, ''"
            " FROM generate_series(1, %(count)s) n",
            {
                "tenant": self.tenant,
                "channel": channel,
                "person": self.people[1],
                "parts": BREACH,
                "prefix": prefix,
                "urgent": urgent,
                "count": count,
            },
        )
        self.run("SELECT pg_notify('tocsin', '')")

    def states(self) -> dict[str, int]:
        """Return how many letters stand where."""
        return dict(self.run("SELECT state, count(*)::int FROM outbox GROUP BY 1"))


class Theatre:
    """Gives each scene a database as new: the first one is kept, and copied for each."""

    def __init__(self, made: Crowd) -> None:
        self._made = made
        self._kept = made.server.data.with_name(f"{made.server.data.name}-kept")
        made.server.stop()
        self._copy(made.server.data, self._kept)

    def _copy(self, source: os.PathLike[str], target: os.PathLike[str]) -> None:
        # Who owns the files matters, and only this program of all keeps that.
        subprocess.run(["cp", "-a", os.fspath(source), os.fspath(target)], check=True)

    def stage(self) -> Stage:
        """Return a stage on which nothing has happened yet."""
        from django.db import connection

        from tocsin.records import rows

        connection.close()
        rows._blocks.clear()  # ids that the database before had given us
        server = self._made.server
        server.stop()
        shutil.rmtree(server.data)
        self._copy(self._kept, server.data)
        server.start()
        return Stage(self._made)

    def close(self) -> None:
        """Throw away what was kept."""
        shutil.rmtree(self._kept, ignore_errors=True)


@contextmanager
def theatre() -> Iterator[Theatre]:
    """Give a theatre over a server of its own."""
    with crowd() as made:
        found = Theatre(made)
        try:
            yield found
        finally:
            found.close()
