"""Overriding clocks, spam and restoring, on a real database."""

import copy
from typing import Any

import pytest
from tests.actions.life import BEGIN, OPENED, after, beat, clocks, differences
from tests.actions.test_tickets import refused
from tests.desk import POLICIES, Company, Database, company

from tocsin.actions import clocks as deeds
from tocsin.actions import sla, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import Actor, NotAllowed, NotFound, Stale

RESOLUTION = "SLA/resolution#1"


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


@pytest.fixture
def lea(desk: Company) -> Actor:
    return desk.person("lea", "lead")


@pytest.fixture
def ticket(desk: Company) -> int:
    return desk.open(now=OPENED)


def test_a_due_of_ones_own_is_on_the_row_and_its_reason_in_the_log(
    database: Database, desk: Company, lea: Actor, ticket: int
) -> None:
    given: dict[str, Any] = {
        "ticket_id": ticket,
        "clock": RESOLUTION,
        "reason": "agreed",
        "by": lea,
    }
    deeds.override(**given, due=after(300), now=after(10))
    assert clocks(database, ticket)[RESOLUTION][:2] == ("running", after(300))
    assert database.one("SELECT cause FROM clock WHERE key = %s", RESOLUTION) == "override"
    assert database.rows(
        "SELECT actor, payload::json->>'reason' FROM event WHERE kind = 'override'"
    ) == [(lea.name, "agreed")]
    assert differences(desk) == []
    tickets.set_priority(ticket_id=ticket, to="P1", by=lea, now=after(20))
    assert clocks(database, ticket)[RESOLUTION][1] == after(240)
    beat(database, now=after(241))
    assert differences(desk) == []


@pytest.mark.parametrize(
    ("do", "found"),
    [
        ("stop", ("stopped", "met", "stopped by hand")),
        ("cancel", ("cancelled", "none", "cancelled by hand")),
    ],
)
def test_a_clock_is_ended_by_hand(
    database: Database, desk: Company, do: str, found: tuple[str, ...]
) -> None:
    ticket, lea = desk.open(now=OPENED), desk.person("lea", "lead")
    deeds.override(
        ticket_id=ticket, clock=RESOLUTION, reason="a test", do=do, by=lea, now=after(10)
    )
    state, _, verdict, outcome = clocks(database, ticket)[RESOLUTION]
    assert (state, verdict, outcome) == found
    tickets.note(ticket_id=ticket, body="look", by=lea, now=after(20))
    assert clocks(database, ticket)[RESOLUTION][0] == found[0]
    assert differences(desk) == []


def test_refusals_of_an_override_leave_nothing_behind(
    database: Database, desk: Company, lea: Actor, ticket: int
) -> None:
    good: dict[str, Any] = {
        "ticket_id": ticket,
        "clock": RESOLUTION,
        "reason": "x",
        "by": lea,
        "now": after(10),
    }
    for wrong, field in (
        ({"reason": " ", "do": "stop"}, "reason"),
        ({}, "due"),
        ({"do": "stop", "due": after(20)}, "due"),
        ({"do": "pause"}, "do"),
        ({"due": after(10)}, "due"),
        ({"clock": "SLA/resolution#2", "do": "stop"}, "clock"),
    ):
        with refused(database, Invalid, field):
            deeds.override(**{**good, **wrong})
    with refused(database, Stale):
        deeds.override(**good, do="stop", seen=0)
    with refused(database, NotFound):
        deeds.override(**{**good, "by": desk.person("ann"), "do": "stop"})


@pytest.mark.scenario("E48")
def test_spam_is_in_no_figures_and_restored_it_goes_on(
    database: Database, desk: Company, lea: Actor, ticket: int
) -> None:
    tickets.reply(ticket_id=ticket, body="Hello", by=lea, now=after(10))
    before = clocks(database, ticket)
    deeds.spam(ticket_id=ticket, by=lea, now=after(60))
    assert {row[2] for row in clocks(database, ticket).values()} == {"none"}
    assert database.one("SELECT status FROM ticket") == "spam"
    found = database.rows("SELECT clock, was, now, reason FROM restatement ORDER BY clock")
    assert found[-1] == ("SLA/first response#1", "met", "none", "spam")
    assert beat(database, now=after(5_000)) == 0
    deeds.restore(ticket_id=ticket, by=lea, now=after(180))
    again = clocks(database, ticket)
    assert again["SLA/first response#1"] == before["SLA/first response#1"]
    assert again[RESOLUTION][:2] == ("running", after(24 * 60 + 120))
    assert database.one("SELECT status FROM ticket") == "open"
    assert differences(desk) == []


def test_what_is_no_spam_is_not_restored_and_spam_is_so_once(
    database: Database, desk: Company, lea: Actor, ticket: int
) -> None:
    with refused(database, NotAllowed, words="no spam"):
        deeds.restore(ticket_id=ticket, by=lea, now=after(1))
    deeds.spam(ticket_id=ticket, by=lea, now=after(2))
    with refused(database, NotAllowed, words="is spam"):
        deeds.spam(ticket_id=ticket, by=lea, now=after(3))
    assert differences(desk) == []


@pytest.mark.scenario("E58")
def test_an_escalation_that_raises_the_priority_is_reckoned_once_and_ends(
    database: Database, desk: Company
) -> None:
    config = copy.deepcopy(POLICIES)
    for level in config["paths"]["standard"]["levels"]:
        level["priority"] = "P1"
    sla.publish(config=config, by=desk.operator, now=OPENED)
    ticket = desk.open(now=after(1), priority="P3")
    for minutes in (24 * 60 + 2, 24 * 60 + 40, 24 * 60 + 200):
        beat(database, now=after(minutes))
    raised = "SELECT count(*) FROM event WHERE stream_id = %s AND kind = 'priority'"
    assert database.one(raised, ticket) == 1
    missed = "SELECT cause, due_at FROM violation WHERE clock = %s ORDER BY id"
    assert database.rows(missed, RESOLUTION) == [
        ("time", after(24 * 60 + 1)),
        ("reclassified", after(4 * 60 + 1)),
    ]
    levels = "SELECT DISTINCT which FROM alert WHERE deed = 'escalate' AND clock = %s ORDER BY 1"
    assert [which for (which,) in database.rows(levels, RESOLUTION)] == [
        f"standard v1/L{k}" for k in (1, 2, 3)
    ]
    assert differences(desk) == []
