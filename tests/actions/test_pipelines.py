"""Publishing pipelines: versions, stages that are gone, and what cannot be."""

import copy
import json
from typing import Any

import pytest
from tests.actions.test_tickets import BEGIN, OPENED, after, refused, where
from tests.desk import SUPPORT, Company, Database, company

from tocsin.actions import pipelines, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import NotAllowed, Stale


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


def publish(desk: Company, config: Any, **given: Any) -> int:
    usual = {"key": "support", "now": after(5)}
    return pipelines.publish(**{**usual, **given}, config=config, by=desk.operator)


def without(key: str) -> dict[str, Any]:
    found = copy.deepcopy(SUPPORT)
    found["stages"] = [stage for stage in found["stages"] if stage["key"] != key]
    for stage in found["stages"]:
        if "moves" in stage:
            stage["moves"] = [other for other in stage["moves"] if other != key]
    return found


def test_each_publication_is_a_version_with_its_event(database: Database, desk: Company) -> None:
    assert publish(desk, SUPPORT) == 2
    assert publish(desk, SUPPORT, key="sales") == 1
    assert database.rows("SELECT key, version FROM pipeline ORDER BY id") == [
        ("support", 2),
        ("sales", 1),
    ]
    found = database.rows(
        "SELECT stream_id, stream_seq, payload FROM event WHERE stream_kind = 'pipeline'"
        " ORDER BY id"
    )
    told = [(seq, json.loads(payload)["version"]) for _, seq, payload in found]
    assert told == [(1, 1), (2, 2), (1, 1)]
    lone = (
        "SELECT 1 FROM pipeline_version v WHERE NOT EXISTS (SELECT FROM event e"
        " WHERE e.stream_kind = 'pipeline' AND e.stream_id = v.pipeline_id AND e.xmin = v.xmin)"
    )
    assert database.rows(lone) == []


def test_a_ticket_in_a_stage_that_is_gone_stays_until_it_is_moved(
    database: Database, desk: Company
) -> None:
    ticket, ann = desk.open(now=OPENED), desk.person("ann")
    publish(desk, without("triage"))
    assert where(database, ticket) == ("new", "triage")
    assert database.rows("SELECT active FROM stage WHERE key = 'triage'") == [(False,)]
    with refused(database, Invalid, "to"):
        tickets.move(ticket_id=ticket, to="triage", by=ann, now=after(6))
    tickets.move(ticket_id=ticket, to="work", by=ann, now=after(6))
    assert where(database, ticket) == ("open", "work")


def test_a_new_ticket_begins_in_the_first_stage_of_the_version_in_use(
    database: Database, desk: Company
) -> None:
    publish(desk, without("triage"))
    ticket = desk.open(now=after(6))
    assert where(database, ticket) == ("open", "work")


def test_moves_are_those_of_the_version_in_use(database: Database, desk: Company) -> None:
    ticket, ann = desk.open(now=OPENED), desk.person("ann")
    config = copy.deepcopy(SUPPORT)
    config["stages"][0]["moves"] = ["work"]
    publish(desk, config)
    with refused(database, NotAllowed, words="work"):
        tickets.move(ticket_id=ticket, to="done", by=ann, now=after(6))


def test_a_stage_limit_is_a_clock_and_a_new_one_holds_for_who_enters_later(
    database: Database, desk: Company
) -> None:
    old = desk.open(now=OPENED)
    config = copy.deepcopy(SUPPORT)
    config["stages"][0]["limit"] = "30m"
    publish(desk, config)
    new = desk.open(now=after(6))
    limits = dict(
        database.rows("SELECT ticket_id, due_at FROM clock WHERE definition LIKE 'stage%%'")
    )
    assert limits == {old: after(120), new: after(36)}


def stage(**given: Any) -> dict[str, Any]:
    return {"name": "S", "calendar": "always", "stages": [{**SUPPORT["stages"][0], **given}, END]}


END = {"key": "end", "status": "closed"}


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "stages"),
        ({"name": "S", "stages": []}, "stages"),
        ({"stages": [{"key": "a", "status": "new"}, END]}, "name"),
        ({"name": "S", "stages": [END]}, "stages[0].status"),
        ({"name": "S", "stages": [{"key": "a", "status": "new"}]}, "stages"),
        ({"name": "S", "stages": [{"key": "a", "status": "new"}] * 2 + [END]}, "stages"),
        (stage(status="limbo"), "stages[0].status"),
        (stage(key=""), "stages[0].key"),
        (stage(limit="soon"), "stages[0].limit"),
        (stage(moves=["nowhere"]), "stages[0].moves"),
        (stage(colour="red"), "stages[0].colour"),
        ({**stage(), "calendar": "alwys"}, "calendar"),
        ({"name": "S", "stages": stage()["stages"]}, "calendar"),
        ({**stage(), "owner": "me"}, "owner"),
        ([], ""),
    ],
    ids=range(15),
)
def test_a_pipeline_that_cannot_be_is_refused_by_name(
    database: Database, desk: Company, config: Any, field: str
) -> None:
    with refused(database, Invalid, field):
        publish(desk, config)


def test_a_nul_in_a_pipeline_is_refused(database: Database, desk: Company) -> None:
    with refused(database, Invalid):
        publish(desk, {**stage(), "name": "a\0b"})


def test_an_author_who_looked_at_an_older_version_is_told(
    database: Database, desk: Company
) -> None:
    assert publish(desk, SUPPORT, seen=1) == 2
    with refused(database, Stale, words="look again"):
        publish(desk, SUPPORT, seen=1)
    with refused(database, Stale):
        publish(desk, SUPPORT, key="sales", seen=1)
    assert publish(desk, SUPPORT, key="sales", seen=0) == 1


def test_a_ticket_stays_in_a_stage_that_is_gone_until_it_is_moved(database: Database) -> None:
    desk = company()
    ann = desk.person("ann")
    ticket = desk.open()
    tickets.move(ticket_id=ticket, to="work", by=ann)
    kept = {**SUPPORT, "stages": [s for s in SUPPORT["stages"] if s["key"] != "work"]}
    kept["stages"][1] = {"key": "waiting", "status": "waiting customer"}
    kept["stages"].insert(1, {"key": "desk", "name": "At a desk", "status": "open"})
    pipelines.publish(key="support", config=kept, by=desk.operator)
    stage = "SELECT s.key, s.active FROM ticket t JOIN stage s ON s.id = t.stage_id"
    tickets.note(ticket_id=ticket, body="Still here", by=ann)
    assert database.rows(stage) == [("work", False)]
    tickets.move(ticket_id=ticket, to="desk", by=ann)
    assert database.rows(stage) == [("desk", True)]
