"""A desk with tickets of all kinds, made by chance from a seed: for what counts and lists."""

import datetime as dt
import random
from typing import Any

from tests.desk import Company, Database, at, company

from tocsin.actions import customers, tickets
from tocsin.actions import due as pulse

MONDAY = at("2026-03-02 08:00")
MINUTE = dt.timedelta(minutes=1)
TEAMS = (None, "Service desk", "Second line")


def crowded(seed: int = 3, *, count: int = 60) -> tuple[Company, dt.datetime]:
    """Return a desk after a week, and the instant of its last event. No pulse ran."""
    made, chance = company(now=at("2026-02-01 00:00")), random.Random(seed)
    by, now = made.operator, MONDAY
    accounts = [
        customers.add_account(name=f"A{k}", plan=plan, vip=k == 1, by=by, now=now)
        for k, plan in enumerate(("", "Enterprise", "gold"))
    ]
    people = [made.person(name) for name in ("ann", "lea")]
    for _ in range(count):
        now += chance.randrange(1, 300) * MINUTE
        ticket = made.open(
            subject=f"Broken {chance.choice(['printer', 'server'])}",
            priority=chance.choice(["P1", "P2", "P3", "P3", "P4"]),
            type=chance.choice(["", "question", "outage"]),
            team=chance.choice(TEAMS),
            account=chance.choice([None, *accounts]),
            now=now,
        )
        act(chance, made, ticket, chance.choice(people), now)
    return made, now + 2 * MINUTE


def act(chance: random.Random, made: Company, ticket: int, by: Any, now: dt.datetime) -> None:
    """Do a little of what may be done to a new ticket, all within a minute."""
    given = {"ticket_id": ticket, "by": by, "now": now + MINUTE}
    if chance.random() < 0.6:
        tickets.assign(person=by.person, **given)
    if chance.random() < 0.4:
        tickets.reply(body="We look at it", **given)
    match chance.randrange(6):
        case 0:
            tickets.pause(reason="asked", **given)
        case 1:
            tickets.pause(reason="ordered", status="waiting internal", **given)
        case 2:
            tickets.resolve(**given)
        case _:
            pass


def beat(now: dt.datetime, database: Database) -> int:
    """Let a pulse decide all that is due by `now`; returns how many tickets."""
    import psycopg

    from tocsin.kit import database as kit

    database.play("pulse")
    done = 0
    parameters: dict[str, Any] = dict(kit.parameters(database.url, "pulse"))
    with psycopg.connect(**parameters, autocommit=True) as side:
        attempts = pulse.Attempts(side)
        while found := pulse.take(attempts, now=now):
            done += found.tickets
    database.play("app")
    return done
