"""What the tables keep is what the log says; what is altered behind its back is named."""

import contextlib
import copy
import datetime as dt
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from tests.actions.test_imports import history
from tests.desk import POLICIES, SUPPORT, Company, Database, at, company

from tocsin.actions import imports, pipelines, sla, tickets
from tocsin.pulse import reckoners
from tocsin.queries import access, reckoning
from tocsin.queries.reckoning import Reckoning

pytestmark = pytest.mark.long("reckons in processes")

MONDAY = at("2026-03-02 08:00")
MINUTE = dt.timedelta(minutes=1)


def eventful(seed: int = 5) -> Company:
    """Return a desk after two weeks in which all that can happen to a ticket has happened."""
    made, chance = company(now=at("2026-01-01 00:00")), random.Random(seed)
    imports.take(history(15), source="old desk", by=made.operator, now=MONDAY - 600 * MINUTE)
    ann, now = made.person("ann"), MONDAY
    quick = made.open(now=now)
    tickets.resolve(ticket_id=quick, by=ann, now=now + MINUTE)
    ids: list[int] = []
    for step in range(90):
        now += chance.randrange(1, 400) * MINUTE
        if step in (25, 60):
            configure(made, step, now)
        if len(ids) < 8 or chance.random() < 0.1:
            ids.append(made.open(priority=chance.choice(["P1", "P3"]), now=now))
            continue
        act(chance, made, ann, chance.choice(ids), now)
    return made


def configure(made: Company, step: int, now: dt.datetime) -> None:
    """Change a calendar, a policy and a pipeline while clocks run by them."""
    config = copy.deepcopy(POLICIES)
    config["calendars"]["always"]["week"]["sun"] = ["06:00-18:00"] if step < 50 else []
    config["policies"][0]["clocks"][1]["targets"]["*"] = "20h" if step < 50 else "30h"
    sla.publish(config=config, by=made.operator, now=now)
    stages = copy.deepcopy(SUPPORT)
    stages["stages"][0]["limit"] = f"{step}m"
    pipelines.publish(key="support", config=stages, by=made.operator, now=now)


def act(
    chance: random.Random, made: Company, ann: access.Actor, ticket: int, now: dt.datetime
) -> None:
    """Do something to a ticket that its state allows."""
    owner = made.people["ann"]
    deeds: list[tuple[Callable[..., object], dict[str, Any]]] = [
        (tickets.reply, {"body": "We look at it"}),
        (tickets.pause, {"reason": "asked the customer"}),
        (tickets.resume, {}),
        (tickets.set_priority, {"to": chance.choice(["P1", "P2", "P4"])}),
        (tickets.resolve, {}),
        (tickets.reopen, {}),
        (tickets.assign, {"person": owner, "team": "second line"}),
        (tickets.note, {"body": "for us"}),
        (tickets.set_field, {"name": "type", "to": "question"}),
    ]
    deed, given = chance.choice(deeds)
    with contextlib.suppress(access.NotAllowed):
        deed(ticket_id=ticket, by=ann, now=now, **given)


def whole(made: Company) -> Reckoning:
    total = Reckoning()
    for part in reckoning.reckon(by=made.operator, batch=5):
        total.add(part)
    return total


def test_after_two_eventful_weeks_all_is_as_the_log_says(database: Database) -> None:
    made = eventful()
    found = whole(made)
    assert found.differences == []
    counts = [database.one(f"SELECT count(*) FROM {t}") for t in ("ticket", "clock", "violation")]
    assert [found.tickets, found.clocks, found.violations] == counts
    assert reckoning.count(by=made.operator) == found.tickets
    # It was eventful indeed.
    assert database.one("SELECT count(*) FROM alert") > 20
    assert database.one("SELECT count(*) FROM event WHERE payload LIKE '%%\"escalate\"%%'") > 3
    assert database.one("SELECT count(*) FROM clock WHERE calendar_version > 1") > 3
    assert database.one("SELECT count(*) FROM clock WHERE paused_us > 0") > 1
    assert {v for (v,) in database.rows("SELECT verdict FROM clock")} >= {"met", "breached", "open"}


ALTERED = [
    ("UPDATE ticket SET status = 'spam' WHERE number = 17", "status"),
    ("UPDATE ticket SET priority = 'P9' WHERE number = 17", "priority"),
    ("UPDATE ticket SET type = 'other' WHERE number = 17", "type"),
    ("UPDATE ticket SET last_seq = last_seq + 1 WHERE number = 17", "last_seq"),
    ("UPDATE ticket SET wake_at = wake_at + interval '1 second' WHERE id = {waking}", "wake_at"),
    ("UPDATE ticket SET wake_at = NULL WHERE id = {waking}", "wake_at"),
    ("UPDATE ticket SET rank_at = rank_at + interval '1 second' WHERE number = 17", "rank_at"),
    ("UPDATE ticket SET reasons = '[]' WHERE number = 17", "reasons"),
    (
        "UPDATE ticket SET escalates_at = opened_at WHERE id = {waking}",
        "escalates_at",
    ),
    ("UPDATE clock SET left_us = left_us + 1 WHERE id = {clock}", "left_us"),
    ("UPDATE clock SET warn_us = warn_us + 1 WHERE id = {clock}", "warn_us"),
    ("UPDATE clock SET due_at = due_at + interval '1 second' WHERE id = {clock}", "due_at"),
    ("UPDATE clock SET used_us = used_us + 1 WHERE id = {clock}", "used_us"),
    ("UPDATE clock SET verdict = 'met' WHERE id = {clock}", "verdict"),
    ("UPDATE clock SET owner = 'nobody' WHERE id = {clock}", "owner"),
    ("UPDATE clock SET policy_version = 9 WHERE id = {clock}", "policy_version"),
    ("UPDATE clock SET key = 'SLA/other#1' WHERE id = {clock}", "row"),
    ("DELETE FROM clock WHERE id = {clock}", "row"),
    (
        "UPDATE violation SET detected_at = detected_at + interval '1 second'"
        " WHERE id = {violation}",
        "violation detected_at",
    ),
    ("UPDATE violation SET owner = 'nobody' WHERE id = {violation}", "violation owner"),
    ("UPDATE violation SET withdrawn_at = now() WHERE id = {violation}", "violation withdrawn_at"),
    ("DELETE FROM violation WHERE id = {violation}", "violation row"),
    ("DELETE FROM event WHERE id = {effect}", "effect"),
]
CHOSEN = {
    "waking": "SELECT max(id) FROM ticket WHERE wake_at IS NOT NULL",
    "clock": "SELECT max(id) FROM clock WHERE verdict = 'breached' AND due_at IS NOT NULL",
    "violation": "SELECT max(id) FROM violation WHERE withdrawn_at IS NULL",
    "effect": "SELECT max(event_id) FROM violation WHERE withdrawn_at IS NULL",
}
KEPT = ("ticket", "clock", "violation", "event")
# No trigger holds back who owns the server.
UNHELD = "SET session_replication_role = replica"


def written(database: Database, table: str) -> str:
    """Return the columns of a table but those that the database makes of others."""
    found = database.rows(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
        table,
    )
    return ", ".join(row[0] for row in found)


def test_what_was_altered_behind_the_log_is_named(database: Database) -> None:
    made = eventful()
    ids = {name: database.one(query) for name, query in CHOSEN.items()}
    for table in KEPT:
        database.rows(f"CREATE TABLE kept_{table} AS TABLE {table}")
    for altered, field in ALTERED:
        database.rows(f"{UNHELD}; {altered.format(**ids)}")
        found = whole(made).differences
        assert field in {one.field for one in found}, altered
        if field not in ("effect", "row"):
            assert len(found) == 1, altered
            assert found[0].stored != found[0].computed, altered
        for table in KEPT:
            columns = written(database, table)
            database.rows(
                f"{UNHELD}; DELETE FROM {table}; INSERT INTO {table} ({columns})"
                f" OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept_{table}"
            )
    assert whole(made).differences == []


def test_to_wake_early_is_harmless(database: Database) -> None:
    made = eventful()
    database.rows("UPDATE ticket SET wake_at = decided_at + interval '1 microsecond'")
    assert whole(made).differences == []


def test_only_who_may_read_the_audit_log_reckons(database: Database) -> None:
    made = company()
    with pytest.raises(access.NotFound):
        list(reckoning.reckon(by=made.person("mia", "manager")))


def test_it_is_done_by_a_role_that_can_only_read(database: Database) -> None:
    made = eventful()
    database.play("audit")
    assert whole(made).differences == []


def test_spans_cover_every_ticket_once_and_those_to_come(database: Database) -> None:
    made = eventful()
    tickets_there = {row[0] for row in database.rows("SELECT id FROM ticket")}
    spans = reckoning.spans(by=made.operator, batch=4)
    assert len(spans) == len(tickets_there) // 4 + 1
    assert (spans[0][0], spans[-1][1]) == (0, None)
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    made.open(now=MONDAY)
    total = Reckoning()
    for span in spans:
        for part in reckoning.reckon(by=made.operator, batch=4, span=span):
            total.add(part)
    assert total.tickets == len(tickets_there) + 1


def test_several_processes_find_bit_by_bit_what_one_finds(database: Database) -> None:
    made = eventful()
    database.rows(f"{UNHELD}; UPDATE clock SET used_us = used_us + 1 WHERE id %% 3 = 0")
    database.rows(f"{UNHELD}; UPDATE ticket SET type = 'other' WHERE id %% 4 = 0")
    found = []
    for processes in (1, 3):
        total = Reckoning()
        for part in reckoners.reckon(made.tenant, url=database.url, processes=processes, batch=4):
            total.add(part)
        found.append(total)
    assert len(found[0].differences) > 10
    # The same differences, in the same order.
    assert found[0] == found[1]
