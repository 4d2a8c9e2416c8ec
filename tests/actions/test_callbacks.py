"""Callbacks on a real database: asked for, promised and done."""

import copy

import pytest
from tests.actions.life import BEGIN, OPENED, after, beat, clocks, differences
from tests.actions.test_tickets import refused
from tests.desk import POLICIES, Company, Database, company

from tocsin.actions import callbacks, sla
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import Actor, NotAllowed

pytestmark = pytest.mark.long("every wrong word, alone")


@pytest.fixture
def desk(database: Database) -> Company:
    made = company(now=BEGIN)
    config = copy.deepcopy(POLICIES)
    config["policies"][0]["clocks"].append({"clock": "callback", "targets": {"*": "2h"}})
    sla.publish(config=config, by=made.operator, now=BEGIN)
    return made


@pytest.fixture
def ann(desk: Company) -> Actor:
    return desk.person("ann")


def test_a_call_that_was_promised_is_due_when_it_was_promised_for(
    database: Database, desk: Company, ann: Actor
) -> None:
    ticket = desk.open(now=OPENED)
    callbacks.request(ticket_id=ticket, by=ann, now=after(1))
    assert clocks(database, ticket)["SLA/callback#1"][:2] == ("running", after(121))
    callbacks.promise(ticket_id=ticket, at=after(600), by=ann, now=after(2))
    found = clocks(database, ticket)
    assert found["SLA/callback#1"][2] == "met"
    assert found["SLA/callback#2"][:2] == ("running", after(600))
    beat(database, now=after(601))
    assert differences(desk) == []
    callbacks.done(ticket_id=ticket, outcome="Talked it over", by=ann, now=after(602))
    assert clocks(database, ticket)["SLA/callback#2"][2:] == ("breached", "called back")
    assert differences(desk) == []


def test_refusals_leave_nothing_behind(database: Database, desk: Company, ann: Actor) -> None:
    ticket = desk.open(now=OPENED)
    with refused(database, NotAllowed, words="nobody is waiting"):
        callbacks.done(ticket_id=ticket, outcome="x", by=ann, now=after(1))
    with refused(database, Invalid, "at"):
        callbacks.promise(ticket_id=ticket, at=after(1), by=ann, now=after(1))
    callbacks.request(ticket_id=ticket, by=ann, now=after(2))
    with refused(database, Invalid, "reason"):
        callbacks.done(ticket_id=ticket, outcome=" ", by=ann, now=after(3))
    callbacks.done(ticket_id=ticket, outcome="Done", by=ann, now=after(3))
    with refused(database, NotAllowed, words="nobody is waiting"):
        callbacks.done(ticket_id=ticket, outcome="Again", by=ann, now=after(4))
