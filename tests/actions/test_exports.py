"""Exports: each is on record; where it is asked for, a second person agrees."""

import datetime as dt
import json
from typing import Any

import psycopg
import pytest
from tests.desk import Company, Database, at, company

from tocsin.actions import exports, security
from tocsin.kit.invalid import Invalid
from tocsin.queries import exports as looked
from tocsin.queries.access import NotAllowed, NotFound
from tocsin.queries.security import Rules, rules

NOW = at("2031-03-03 09:00")
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def made(database: Database) -> Company:
    found = company()
    security.set_rules(rules=Rules(export_approval=True), by=found.operator)
    return found


def facts(database: Database) -> list[dict[str, Any]]:
    found = database.rows(
        "SELECT payload FROM event WHERE stream_kind = 'export' ORDER BY stream_id, stream_seq"
    )
    return [json.loads(row[0]) for row in found]


def asked(made: Company) -> int:
    lea = made.person("lea", "lead")
    return exports.ask(what="violations", query="days=7", reason="For the board", by=lea, now=NOW)


@pytest.mark.promise("A53")
@pytest.mark.asvs("2.3.5")
def test_a_second_person_agrees_and_the_asker_takes_it_once(
    made: Company, database: Database
) -> None:
    lea, mia = made.person("lea", "lead"), made.person("mia", "manager")
    with pytest.raises(exports.NeedsAgreement):
        exports.take(what="violations", query="", count=1, by=lea, now=NOW)
    id_ = asked(made)
    # Who may agree is told, and nobody else.
    told = (
        "SELECT string_agg(p.name, ' ' ORDER BY p.name) FROM notification n JOIN person p"
        " ON p.id = n.person_id WHERE n.key = %s"
    )
    assert database.one(told, f"export/{id_}/asked") == "Dora Mia"
    assert [one.reason for one in looked.waiting(by=mia)] == ["For the board"]
    with pytest.raises(NotFound):
        exports.take_agreed(export=id_, count=3, by=lea, now=NOW)
    exports.decide(export=id_, agree=True, by=mia, now=NOW + HOUR)
    assert database.one(told, f"export/{id_}/decided") == "Lea"
    assert looked.agreed(export=id_, by=lea).query == "days=7"
    # It is not for whoever agreed, nor for anybody else.
    for other in (mia, made.person("dora", "administrator")):
        with pytest.raises(NotFound):
            exports.take_agreed(export=id_, count=3, by=other, now=NOW + HOUR)
    exports.take_agreed(export=id_, count=3, by=lea, now=NOW + 25 * HOUR)
    with pytest.raises(NotAllowed, match="taken already"):
        exports.take_agreed(export=id_, count=3, by=lea, now=NOW + 25 * HOUR)
    assert [(one["did"], one.get("rows")) for one in facts(database)] == [
        ("asked", None),
        ("agreed", None),
        ("taken", 3),
    ]
    assert "board" not in json.dumps(facts(database))


@pytest.mark.promise("A53")
@pytest.mark.asvs("2.3.5")
def test_nobody_agrees_to_their_own_whatever_their_rights(
    made: Company, database: Database
) -> None:
    dora = made.person("dora", "administrator")
    id_ = exports.ask(what="violations", query="", reason="Mine", by=dora, now=NOW)
    assert looked.waiting(by=dora) == []
    with pytest.raises(NotAllowed, match="their own"):
        exports.decide(export=id_, agree=True, by=dora, now=NOW)
    # Nor does the database believe it.
    with pytest.raises(psycopg.errors.CheckViolation):
        database.rows(
            "UPDATE export SET approved = true, decided_by_id = person_id, decided_at = now()"
        )


@pytest.mark.promise("A53")
def test_what_was_refused_or_agreed_to_long_ago_is_not_taken(made: Company) -> None:
    lea, mia = made.person("lea", "lead"), made.person("mia", "manager")
    late, no = asked(made), asked(made)
    exports.decide(export=late, agree=True, by=mia, now=NOW)
    exports.decide(export=no, agree=False, by=mia, now=NOW)
    with pytest.raises(NotAllowed, match="decided already"):
        exports.decide(export=no, agree=True, by=mia, now=NOW)
    with pytest.raises(NotFound):
        exports.take_agreed(export=no, count=1, by=lea, now=NOW)
    with pytest.raises(NotAllowed, match="more than a day"):
        exports.take_agreed(export=late, count=1, by=lea, now=NOW + 24 * HOUR + HOUR / 60)


@pytest.mark.promise("A29")
def test_who_may_not_export_asks_for_nothing(made: Company) -> None:
    own: dict[str, Any] = {"what": "violations", "query": "", "by": made.person("ann")}
    with pytest.raises(NotFound):
        exports.take(**own, count=1)
    with pytest.raises(NotFound):
        exports.ask(**own, reason="Why not")
    with pytest.raises(Invalid):
        exports.ask(what="passwords", query="", reason="x", by=made.person("lea", "lead"))
    with pytest.raises(Invalid):
        exports.ask(what="violations", query="", reason=" ", by=made.person("lea", "lead"))


def test_rules_hold_as_they_are_set_and_are_on_record(made: Company, database: Database) -> None:
    wanted = Rules(read_budget=50, second_factor=frozenset({"administrator"}), idle_minutes=15)
    security.set_rules(rules=wanted, by=made.operator)
    assert rules(made.tenant) == wanted
    told = "SELECT payload FROM event WHERE stream_kind = 'security' ORDER BY stream_seq DESC"
    assert json.loads(database.one(told)) == {
        "did": "changed",
        "read_budget": {"from": 300, "to": 50},
        "export_approval": {"from": True, "to": False},
        "second_factor": {"from": [], "to": ["administrator"]},
        "idle_minutes": {"from": 120, "to": 15},
    }
    count = database.one("SELECT count(*) FROM event WHERE stream_kind = 'security'")
    security.set_rules(rules=wanted, by=made.operator)
    assert database.one("SELECT count(*) FROM event WHERE stream_kind = 'security'") == count


@pytest.mark.promise("P34")
def test_the_last_way_in_is_not_shut(made: Company, database: Database) -> None:
    for wrong in (
        Rules(passwords=False),
        Rules(read_budget=9),
        Rules(session_hours=0),
        Rules(idle_minutes=4),
        Rules(second_factor=frozenset({"contact"})),
    ):
        with pytest.raises(Invalid):
            security.set_rules(rules=wrong, by=made.operator)
    database.rows(
        "INSERT INTO identity_provider (tenant_id, key, name, kind, settings, secret, groups,"
        " enabled, by_email, changed_at) VALUES (%s, 'idp', 'Idp', 'oidc', '{}', '', '{}', true,"
        " true, now())",
        made.tenant,
    )
    security.set_rules(rules=Rules(passwords=False), by=made.operator)
    assert not rules(made.tenant).passwords
