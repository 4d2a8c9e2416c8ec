"""Starters: what a desk may begin with holds as it is, and never takes the place of anything."""

import pytest
from tests.actions.test_tickets import BEGIN, OPENED, after, refused
from tests.desk import Company, Database, company

from tocsin.actions import starters, tenants, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, configuration
from tocsin.queries import starters as known

EVERY = ("calendar", "policy", "support", "it", "hr", "facilities", "process")


@pytest.fixture
def bare(database: Database) -> Company:
    tenant = tenants.create(key="bare", name="Bare")
    return Company(tenant, access.operator(tenant))


def test_there_is_a_starter_for_each_usual_beginning() -> None:
    assert tuple(known.starters("UTC")) == EVERY


@pytest.mark.parametrize("which", EVERY)
def test_each_starter_can_be_put_into_an_empty_desk(bare: Company, which: str) -> None:
    made = starters.install(by=bare.operator, which=[which], now=BEGIN)
    assert made[:2] == ["calendar office v1", "calendar always v1"]
    assert starters.install(by=bare.operator, which=[which], now=after(1)) == []


def test_all_of_them_together_promise_an_hour_and_a_day(database: Database, bare: Company) -> None:
    made = starters.install(by=bare.operator, which=EVERY, now=BEGIN)
    assert len(made) == 2 + 1 + 5
    for priority in ("P1", "P3"):
        ticket = bare.open(priority=priority, pipeline="support", now=OPENED)
        due = dict(
            database.rows(
                "SELECT definition, due_at FROM clock WHERE ticket_id = %s AND agreement = 'SLA'",
                ticket,
            )
        )
        assert due == {"first response": after(60), "resolution": after(24 * 60)}
    for pipeline in EVERY[2:]:
        ticket = bare.open(pipeline=pipeline, now=OPENED)
        tickets.resolve(ticket_id=ticket, by=bare.operator, now=after(1))


def test_what_is_there_already_stays(database: Database) -> None:
    desk = company(now=BEGIN)
    before = configuration.document(by=desk.operator)
    made = starters.install(by=desk.operator, which=EVERY, now=OPENED)
    assert "calendar office v1" in made
    assert not {"calendar always v2", "policy standard v2", "pipeline support v2"} & set(made)
    found = configuration.document(by=desk.operator)
    assert found["policies"] == before["policies"]
    assert found["pipelines"]["support"] == before["pipelines"]["support"]


def test_a_starter_that_there_is_not_is_refused(database: Database, bare: Company) -> None:
    with refused(database, Invalid, "which[1]"):
        starters.install(by=bare.operator, which=["support", "suport"])
