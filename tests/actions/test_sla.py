"""Publishing policies and calendars, and what it does to tickets that run."""

import copy
import datetime as dt
import json
from typing import Any

import pytest
from tests.actions.test_tickets import BEGIN, OPENED, after, refused
from tests.desk import POLICIES, Company, Database, company

from tocsin.actions import sla, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import NotAllowed, Stale


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


def changed(**targets: str) -> dict[str, Any]:
    """Return the policies with another target for the first response."""
    found = copy.deepcopy(POLICIES)
    found["policies"][0]["clocks"][0]["targets"] = targets or {"*": "10m"}
    return found


def slower() -> dict[str, Any]:
    """Return the policies with a calendar that is open from ten to eleven."""
    found = copy.deepcopy(POLICIES)
    days = found["calendars"]["always"]["week"]
    found["calendars"]["always"] = {"zone": "UTC", "week": {day: ["10:00-11:00"] for day in days}}
    return found


def dues(database: Database, ticket: int) -> dict[str, dt.datetime]:
    return dict(
        database.rows(
            "SELECT definition, due_at FROM clock WHERE ticket_id = %s AND agreement = 'SLA'",
            ticket,
        )
    )


def test_what_is_as_it_was_gets_no_new_version(database: Database, desk: Company) -> None:
    before = database.rows("SELECT * FROM policy_version"), database.rows("SELECT * FROM event")
    assert sla.publish(config=POLICIES, by=desk.operator, now=OPENED) == []
    assert (
        database.rows("SELECT * FROM policy_version"),
        database.rows("SELECT * FROM event"),
    ) == (before)


def test_a_new_policy_holds_for_tickets_that_come_and_not_for_those_there(
    database: Database, desk: Company
) -> None:
    old = desk.open(now=OPENED)
    assert sla.publish(config=changed(), by=desk.operator, now=after(5)) == ["policy standard v2"]
    new = desk.open(now=after(6))
    ann = desk.person("ann")
    for ticket in (old, new):
        tickets.note(ticket_id=ticket, body="look", by=ann, now=after(7))
    assert dues(database, old)["first response"] == after(60)
    assert dues(database, new)["first response"] == after(16)
    # A ticket is not moved over by another change of it either.
    tickets.set_field(ticket_id=old, name="colour", to="red", by=ann, now=after(8))
    assert dues(database, old)["first response"] == after(60)


def test_a_new_calendar_moves_running_clocks_at_their_next_decision(
    database: Database, desk: Company
) -> None:
    ticket = desk.open(now=OPENED)
    assert dues(database, ticket)["first response"] == after(60)
    made = sla.publish(config=slower(), by=desk.operator, now=after(30))
    assert made == ["calendar always v2"]
    # Woken at once, so that the pulse looks; nothing is decided yet.
    assert database.rows("SELECT wake_at FROM ticket") == [(after(30),)]
    assert dues(database, ticket)["first response"] == after(60)
    tickets.note(ticket_id=ticket, body="look", by=desk.person("ann"), now=after(40))
    # Half an hour was used until then; the other half is open from ten.
    assert dues(database, ticket)["first response"] == after(90)


def test_every_version_has_its_event_in_the_same_transaction(
    database: Database, desk: Company
) -> None:
    count = database.one("SELECT count(*) FROM event")
    sla.publish(config={**changed(), "calendars": slower()["calendars"]}, by=desk.operator)
    found = database.rows(
        "SELECT stream_kind, kind, payload, stream_seq FROM event ORDER BY id OFFSET %s", count
    )
    assert [(row[0], row[1]) for row in found] == [
        ("calendar", "calendar version"),
        ("policy", "configured"),
    ]
    for kind, _, payload, seq in found:
        told = json.loads(payload)
        # The second fact in the stream of that calendar or policy.
        assert (told["did"], told["version"], seq) == ("published", 2, 2)
        digest = f"SELECT digest FROM {kind}_version WHERE key = %s AND version = 2"
        assert database.rows(digest, told[kind]) == [(told["digest"],)]
    for kind in ("calendar", "policy"):
        lone = f"SELECT 1 FROM {kind}_version v WHERE NOT EXISTS (SELECT FROM event e"
        lone += f" WHERE e.stream_kind = '{kind}' AND e.payload::json->>'{kind}' = v.key"
        lone += " AND (e.payload::json->>'version')::integer = v.version"
        assert database.rows(f"{lone} AND e.xmin = v.xmin)") == []


def test_the_event_of_a_policy_is_of_the_instant_of_the_call(
    database: Database, desk: Company
) -> None:
    sla.publish(config=changed(), by=desk.operator, now=after(5))
    assert database.rows(
        "SELECT effective_at FROM event WHERE stream_kind = 'policy' ORDER BY id DESC LIMIT 1"
    ) == [(after(5),)]


def break_(path: str, value: object) -> dict[str, Any]:
    found: Any = copy.deepcopy(POLICIES)
    place = found
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
    for step in steps:
        place = place[step]
    place[last] = value
    return dict(found)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("policies/0/calendar", "alwys", "calendar"),
        ("policies/0/clocks/0/targets", {"*": "soon"}, "targets"),
        ("policies/0/clocks/1/path", "nowhere", "path"),
        ("paths/standard/levels/1/team", "Second lin", "second line"),
        ("policies/0/clocks/0/alerts", [{"at": "75%", "notify": ["manger"]}], "manager"),
        ("policies/0/rank", "first", "rank"),
        ("calendars/always/zone", "Mars/Base", "zone"),
        ("calendars/always/week", {"mon": ["9-5"]}, "mon"),
        ("policies", [], "policies"),
    ],
    ids=range(9),
)
def test_a_file_that_cannot_be_is_refused_whole_and_by_name(
    database: Database, desk: Company, path: str, value: object, named: str
) -> None:
    with refused(database, Invalid, words=named):
        sla.publish(config=break_(path, value), by=desk.operator, now=after(5))


def test_two_policies_of_one_rank_are_refused_though_each_alone_is_right(
    database: Database, desk: Company
) -> None:
    found = copy.deepcopy(POLICIES)
    found["policies"][0]["key"] = "other"
    with refused(database, Invalid, words="rank"):
        sla.publish(config=found, by=desk.operator, now=after(5))


def test_an_author_who_looked_at_an_older_configuration_is_told(
    database: Database, desk: Company
) -> None:
    seen = database.one("SELECT config_version FROM tenant")
    sla.publish(config=changed(), by=desk.operator, seen=seen, now=after(5))
    with refused(database, Stale, words="look again"):
        sla.publish(config=changed(P1="5m"), by=desk.operator, seen=seen, now=after(6))


def test_nothing_is_promised_for_history_once_there_are_tickets(
    database: Database, desk: Company
) -> None:
    desk.open(now=OPENED)
    with refused(database, NotAllowed, words="tickets already"):
        sla.publish(config=changed(), by=desk.operator, always=True, now=after(5))


def test_a_new_version_cannot_begin_in_the_past(database: Database, desk: Company) -> None:
    found = changed()
    found["policies"][0]["valid_from"] = "2026-03-01T12:00:00+00:00"
    with refused(database, Invalid, words="valid_from"):
        sla.publish(config=found, by=desk.operator, now=after(5))
