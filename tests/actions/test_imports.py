"""Taking in history: each fact once, whatever happens meanwhile, and nobody is alerted by it."""

import datetime as dt
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tests.desk import POLICIES, Database, at, company

from tocsin.actions import imports, tenants, tickets
from tocsin.channels.servicenow.form import Form
from tocsin.channels.servicenow.opinion import Opinion
from tocsin.channels.servicenow.receive import Log
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.version import Versions
from tocsin.kit import yaml_file
from tocsin.queries import access, compliance
from tocsin.queries.access import Actor

ROOT = Path(__file__).resolve().parents[2]
NOW = at("2026-03-10 12:00")
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Told:
    """An incident as a source tells of it."""

    number: str
    events: Sequence[Event]
    opened_at: dt.datetime
    made_sla: bool | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def fact(number: str, count: int, kind: Kind, when: dt.datetime, **payload: Any) -> Event:
    return Event(
        ticket=number,
        kind=kind,
        effective_at=when,
        key=f"{number}/{count}",
        payload=payload,
        source="old desk",
        source_seq=count,
        side=Side.CUSTOMER if kind is Kind.CREATED else Side.AGENT,
        imported=True,
    )


def incident(number: str, opened: dt.datetime, *changes: tuple[float, Kind, str]) -> Told:
    """Return an incident that is opened and then changed, each change so many hours later."""
    first = {"status": "new", "priority": "P3", "team": "service desk", "plan_code": "b7"}
    events = [fact(number, 0, Kind.CREATED, opened, **first)]
    for k, (hours, kind, value) in enumerate(changes, start=1):
        events.append(fact(number, k, kind, opened + hours * HOUR, to=value))
    return Told(number, events, opened, made_sla=bool(len(changes) % 2))


def history(count: int = 60) -> list[Told]:
    """Return incidents of every fate: in time, late, paused, escalated in priority, still open."""
    chance = random.Random(7)
    made = []
    for k in range(count):
        opened = at("2026-02-02 08:00") + chance.randrange(500) * HOUR
        changes = [
            (chance.uniform(0.1, 3), Kind.STATUS, "open"),
            (chance.uniform(3, 5), Kind.STATUS, "waiting customer"),
            (chance.uniform(5, 9), Kind.PRIORITY, chance.choice(["P1", "P2"])),
            (chance.uniform(9, 12), Kind.STATUS, "open"),
            (chance.uniform(12, 80), Kind.STATUS, "closed"),
        ]
        made.append(incident(f"OLD{k:03d}", opened, *changes[: chance.randrange(1, 6)]))
    return made


def desk() -> Actor:
    """Make a tenant whose promises hold for history."""
    by = access.operator(tenants.find("acme") or tenants.create(key="acme", name="Acme"))
    imports.prepare(config=POLICIES, by=by)
    return by


def bring_in(by: Actor, told: Sequence[Told], **given: Any) -> imports.Result:
    return imports.take(told, source="old desk", by=by, **{"now": NOW, **given})


_OF_TICKETS = ("clock", "violation", "imported", "ticket_field", "search_text", "alert", "message")
_FLEETING = {"id", "tenant_id", "event_id", "leaf_hash"}


def contents(database: Database) -> dict[str, list[str]]:
    """Return all rows of tickets, each ticket by the name that its source has for it."""
    names = dict(database.rows("SELECT ticket_id, external_id FROM imported"))
    found: dict[str, list[str]] = {}
    for table in ("ticket", "event", *_OF_TICKETS):
        where = " WHERE stream_kind = 'ticket'" if table == "event" else ""
        listed = database.rows(f"SELECT to_jsonb(x) FROM {table} x{where}")
        found[table] = sorted(str(_named(row[0], table, names)) for row in listed)
    found["counter"] = [str(row) for row in database.rows("SELECT name, last FROM counter")]
    return found


def _named(row: dict[str, Any], table: str, names: Mapping[int, str]) -> dict[str, Any]:
    column = {"ticket": "id", "event": "stream_id"}.get(table, "ticket_id")
    id_ = row[column]
    row["of"] = names[id_]
    if table == "event":
        row["key"] = row["key"].replace(f"effect/{id_}/", "effect/")
    return {name: row[name] for name in sorted(row) if name not in {*_FLEETING, column}}


def test_what_is_taken_in_is_there_once(database: Database) -> None:
    by, told = desk(), history()
    first = bring_in(by, told)
    assert (first.incidents, first.new, first.known) == (60, 60, 0)
    assert first.events == sum(len(one.events) for one in told)
    before = contents(database)
    assert len(before["ticket"]) == len(before["imported"]) == len(before["search_text"]) == 60
    written = database.one("SELECT max(xmin::text::bigint) FROM ticket")
    again = bring_in(by, told, now=NOW + HOUR)
    assert (again.new, again.known, again.changed, again.events) == (0, 60, 0, 0)
    assert contents(database) == before
    assert database.one("SELECT max(xmin::text::bigint) FROM ticket") == written


def test_a_ticket_is_found_by_its_old_number_and_its_words(database: Database) -> None:
    by = desk()
    bring_in(by, history(3))
    assert database.rows("SELECT number, subject, channel FROM ticket ORDER BY number") == [
        (k + 1, f"Imported OLD{k:03d}", "old desk") for k in range(3)
    ]
    found = "SELECT count(*) FROM search_text WHERE words @@ websearch_to_tsquery('simple', %s)"
    assert [database.one(found, word) for word in ("OLD002", "b7", "nothing")] == [1, 3, 0]
    assert set(database.rows("SELECT name, value FROM ticket_field")) == {("plan_code", "b7")}


def test_history_alerts_nobody(database: Database) -> None:
    made = company(now=at("2026-01-01 00:00"))
    bring_in(made.operator, history())
    assert database.one("SELECT count(*) FROM violation") > 20
    for table in ("alert", "notification", "outbox", "message"):
        assert database.one(f"SELECT count(*) FROM {table}") == 0, table


def test_an_open_ticket_alerts_for_what_comes_after(database: Database) -> None:
    made = company(now=at("2026-01-01 00:00"))
    late, open_ = at("2026-03-08 09:00"), NOW - HOUR / 2
    bring_in(made.operator, [incident("OLD1", late), incident("OLD2", open_)])
    ids = {name: id_ for id_, name in database.rows("SELECT ticket_id, external_id FROM imported")}
    ann = made.person("ann")
    tickets.note(ticket_id=ids["OLD2"], body="still here", by=ann, now=NOW + HOUR)
    found = database.rows("SELECT DISTINCT ticket_id, clock, deed FROM alert ORDER BY 3")
    assert found == [
        (ids["OLD2"], "SLA/first response#1", "breach"),
        (ids["OLD2"], "SLA/first response#1", "warn"),
    ]
    assert database.one("SELECT min(planned_at) FROM alert") > NOW
    # What the other one missed is long past; its next level would have come before the import too.
    tickets.note(ticket_id=ids["OLD1"], body="and this", by=ann, now=NOW + HOUR)
    assert database.one("SELECT count(*) FROM alert WHERE ticket_id = %s", ids["OLD1"]) == 0
    assert database.one("SELECT count(*) FROM violation WHERE ticket_id = %s", ids["OLD1"]) == 2


def test_a_newer_export_adds_what_is_new_in_it(database: Database) -> None:
    by = desk()
    whole = history()
    older = [replace(one, events=one.events[: 1 + k % 3]) for k, one in enumerate(whole[:50])]
    bring_in(by, older)
    result = bring_in(by, whole, now=NOW + HOUR)
    short = sum(len(one.events) > len(old.events) for one, old in zip(whole, older, strict=False))
    assert (result.new, result.known, result.changed) == (10, 50, short)
    keys = {event.key for one in whole for event in one.events}
    stored = database.rows("SELECT key FROM event WHERE imported")
    assert {key for (key,) in stored} == keys
    assert len(stored) == len(keys)
    for external, status in database.rows(
        "SELECT external_id, status FROM imported i JOIN ticket t ON t.id = i.ticket_id"
    ):
        told = next(one for one in whole if one.number == external)
        said = [e.changes()["status"] for e in told.events if "status" in e.changes()]
        assert status == said[-1], external
    after = contents(database)
    assert bring_in(by, whole, now=NOW + 2 * HOUR).events == 0
    assert contents(database) == after


def test_a_late_fact_is_put_in_its_place_and_a_breach_taken_back(database: Database) -> None:
    by, opened = desk(), at("2026-03-02 09:00")
    seen = incident("OLD1", opened)
    bring_in(by, [seen])
    assert database.rows("SELECT verdict FROM clock ORDER BY key") == [("breached",)] * 2
    whole = incident("OLD1", opened, (0.5, Kind.STATUS, "closed"))
    bring_in(by, [whole], now=NOW + HOUR)
    assert database.rows("SELECT verdict FROM clock ORDER BY key") == [("met",)] * 2
    withdrawn = database.rows("SELECT withdrawn_at FROM violation")
    assert withdrawn == [(NOW + HOUR,)] * 2
    assert database.one("SELECT met FROM imported") is True


@pytest.mark.scenario("E43")
def test_what_is_still_to_come_is_not_taken_in(database: Database) -> None:
    by = desk()
    told = incident("OLD1", NOW - HOUR, (2, Kind.STATUS, "closed"))
    result = bring_in(by, [told, incident("OLD2", NOW + HOUR)])
    assert (result.new, result.events, result.ahead) == (1, 1, 2)
    assert bring_in(by, [told], now=NOW + 2 * HOUR).events == 1
    assert database.one("SELECT status FROM ticket") == "closed"


def test_only_who_may_import_does(database: Database) -> None:
    made = company()
    with pytest.raises(access.NotFound):
        bring_in(made.person("lea", "lead"), history(1))


def test_other_promises_than_history_began_with_are_refused(database: Database) -> None:
    by = desk()
    version = database.one("SELECT config_version FROM tenant")
    bring_in(by, history(2))
    assert imports.prepare(config=POLICIES, by=by) == []
    other = {**POLICIES, "policies": [{**POLICIES["policies"][0], "rank": 9}]}
    with pytest.raises(access.NotAllowed, match="policy standard v2 would be new"):
        imports.prepare(config=other, by=by)
    assert database.one("SELECT config_version FROM tenant") == version
    assert database.one("SELECT count(*) FROM policy_version") == 1


# ------------------------------------------------------------------------------ killed at any time

_CHILD = """
import os, signal, sys
import django
django.setup()
from django.db import connection
from tests.actions import test_imports
left = int(sys.argv[1])
def count(execute, *given):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(*given)
with connection.execute_wrapper(count):
    test_imports.bring_in(test_imports.desk(), test_imports.history(), batch=3)
"""


def import_killed(database: Database, statement: int) -> int:
    """Run the import in a process of its own that dies before its n-th statement."""
    environment = {
        **os.environ,
        "DATABASE_URL": database.url,
        "TOCSIN_ROLE": "app",
        "DJANGO_SETTINGS_MODULE": "tocsin.site.settings",
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
    }
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(statement)], env=environment, cwd=ROOT, check=False
    )
    return done.returncode


@pytest.mark.long("a process that is killed")
def test_an_import_that_was_killed_is_finished_by_the_same_again(database: Database) -> None:
    desk()
    chance = random.Random(11)
    # From the first batches to the last, also between what one transaction writes.
    points = [chance.randrange(30, 90) + 25 * k for k in range(5)]
    seen = [(import_killed(database, point), _stored(database)) for point in points]
    assert all(code == -signal.SIGKILL for code, _ in seen)
    assert 0 < _stored(database) < 60
    assert [count for _, count in seen] == sorted(count for _, count in seen)
    assert bring_in(desk(), history(), batch=3).incidents == 60
    resumed = contents(database)
    # No trigger holds back who owns the server: everything of tickets is taken away.
    tables = ("ticket", "clock", "violation", "imported", "ticket_field", "search_text")
    database.rows(
        "SET session_replication_role = replica;"
        f" {''.join(f'DELETE FROM {table};' for table in tables)}"
        " DELETE FROM event WHERE stream_kind = 'ticket';"
        " UPDATE counter SET last = 0 WHERE name = 'ticket'"
    )
    bring_in(desk(), history())
    assert contents(database) == resumed


def _stored(database: Database) -> int:
    return int(database.one("SELECT count(*) FROM ticket"))


# -------------------------------------------------------------------------------- a desk in earnest


@pytest.mark.long("thousands of real incidents")
def test_real_incidents_are_judged_as_the_second_opinion_judges_them(
    database: Database, shared_data: Path
) -> None:
    file = yaml_file.load(ROOT / "examples" / "servicenow" / "policy.yaml")
    config = {name: value for name, value in file.data.items() if name != "log"}
    form = Form.from_dict(file.data["log"])
    log = Log(shared_data / "servicenow-incidents" / "incident_event_log.csv.gz", form)
    log.survey()
    assert log.last_at is not None
    opinion = Opinion(Versions.from_dict(file.data), "resolution", log.last_at, 10)

    def told() -> Iterator[Any]:
        for one in islice(log.incidents(), 2_000):
            opinion.take(one)
            yield one

    by = access.operator(tenants.create(key="real", name="Real"))
    imports.prepare(config=config, by=by)
    result = imports.take(told(), source="servicenow", by=by)
    assert result.new == 2_000
    found = compliance.compliance(by=by, dimensions=("month",))
    assert found.total == opinion.compliance.total
    assert found.by["month"] == opinion.compliance.by["month"]
    agreed = compliance.agreement(by=by)
    assert (agreed.agree, agreed.differ) == (opinion.agree, len(opinion.differences))
