"""Restatements on a real database: a decided verdict changes only with an entry that says why."""

import copy
import itertools
from typing import Any

import pytest
from tests.actions.life import BEGIN, OPENED, after, beat, clocks, differences
from tests.actions.test_imports import Told, bring_in, fact, incident
from tests.desk import ALWAYS, POLICIES, Company, Database, company

from tocsin.actions import config_versions, sla, tickets
from tocsin.engine.event import Kind
from tocsin.kit.invalid import Invalid

RESOLUTION = "SLA/resolution#1"
FIRST = "SLA/first response#1"


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


def promised(first: str) -> dict[str, Any]:
    """Return the policies with another target for the first response."""
    found = copy.deepcopy(POLICIES)
    found["policies"][0]["clocks"][0]["targets"] = {"*": first}
    return found


def closed() -> dict[str, Any]:
    """Return the policies with a calendar that is closed on the Monday of these stories."""
    found = copy.deepcopy(POLICIES)
    found["calendars"]["always"] = {**ALWAYS, "exceptions": {"2026-03-02": []}}
    return found


def restatements(database: Database, clock: str = FIRST) -> list[tuple[object, ...]]:
    return database.rows(
        "SELECT was, now, due_was, due_now, reason FROM restatement WHERE clock = %s ORDER BY id",
        clock,
    )


def test_a_policy_that_is_restated_writes_why_a_kept_promise_was_missed(
    database: Database, desk: Company
) -> None:
    ticket = desk.open(now=OPENED)
    tickets.reply(ticket_id=ticket, body="Yes", by=desk.person("ann"), now=after(30))
    assert clocks(database, ticket)[FIRST][2] == "met"
    given: dict[str, Any] = {"config": promised("20m"), "by": desk.operator, "basis": "restate"}
    sla.publish(**given, reason="the contract says 20 minutes", now=after(40))
    assert beat(database, now=after(40)) == 1
    assert clocks(database, ticket)[FIRST][2] == "breached"
    assert restatements(database) == [
        ("met", "breached", after(60), after(20), "the contract says 20 minutes")
    ]
    assert database.rows(
        "SELECT due_at, breached_at, cause FROM violation WHERE clock = %s", FIRST
    ) == [(after(20), after(40), "policy change")]
    assert differences(desk) == []


@pytest.mark.scenario("E28")
def test_a_breach_that_is_restated_is_withdrawn_and_its_alerts_superseded(
    database: Database, desk: Company
) -> None:
    ticket = desk.open(now=OPENED, team="Service desk")
    beat(database, now=after(61))
    told = "SELECT DISTINCT state FROM alert WHERE deed = 'breach' AND clock = %s"
    assert database.rows(told, FIRST) == [("told",)]
    given: dict[str, Any] = {"config": closed(), "by": desk.operator, "basis": "restate"}
    sla.publish(**given, reason="we were closed", now=after(70))
    beat(database, now=after(70))
    assert clocks(database, ticket)[FIRST][2] == "open"
    assert restatements(database)[0][:2] == ("breached", "open")
    assert restatements(database)[0][-1] == "we were closed"
    assert database.rows("SELECT withdrawn_at FROM violation WHERE clock = %s", FIRST) == [
        (after(70),)
    ]
    assert database.rows(told, FIRST) == [("superseded",)]
    assert differences(desk) == []


@pytest.mark.parametrize(
    ("basis", "due"), [(None, 60), ("new tickets", 60), ("future time", 20), ("restate", 20)]
)
def test_what_becomes_of_a_clock_that_runs_is_said_when_a_policy_is_published(
    database: Database, desk: Company, basis: str | None, due: int
) -> None:
    ticket = desk.open(now=OPENED)
    given: dict[str, Any] = {"by": desk.operator, "basis": basis, "reason": "a test"}
    sla.publish(config=promised("20m"), **given, now=after(5))
    beat(database, now=after(5))
    live = [row[1] for row in clocks(database, ticket).values() if row[0] == "running"]
    assert min(live) == after(due)
    assert differences(desk) == []


def test_of_a_calendar_too(database: Database, desk: Company) -> None:
    ticket = desk.open(now=OPENED)
    given: dict[str, Any] = {"config": closed(), "by": desk.operator, "basis": "new tickets"}
    sla.publish(**given, now=after(5))
    beat(database, now=after(5))
    tickets.note(ticket_id=ticket, body="look", by=desk.person("ann"), now=after(6))
    assert clocks(database, ticket)[FIRST][1] == after(60)
    assert differences(desk) == []


def test_a_basis_is_one_of_three_and_the_past_is_restated_for_a_reason(
    database: Database, desk: Company
) -> None:
    given: dict[str, Any] = {"config": promised("20m"), "by": desk.operator}
    with pytest.raises(Invalid, match="basis"):
        sla.publish(**given, basis="always")
    with pytest.raises(Invalid, match="reason"):
        sla.publish(**given, basis="restate", reason=" ")
    ahead = promised("20m")
    ahead["policies"][0]["valid_from"] = after(100).isoformat()
    with pytest.raises(Invalid, match="valid_from"):
        sla.publish(config=ahead, by=desk.operator, basis="future time", now=after(5))
    assert database.one("SELECT count(*) FROM policy_version") == 1


@pytest.mark.scenario("E24")
def test_a_desk_that_asks_for_a_default_policy_is_not_left_without_one(
    database: Database, desk: Company
) -> None:
    config_versions.publish(
        kind="options",
        key="desk",
        data={"default_policy": "required"},
        by=desk.operator,
        now=after(1),
    )
    narrow = promised("20m")
    narrow["policies"][0]["when"] = {"plan": "gold"}
    with pytest.raises(Invalid, match="none is for all tickets"):
        sla.publish(config=narrow, by=desk.operator, now=after(2))
    assert database.one("SELECT count(*) FROM policy_version") == 1
    assert sla.publish(config=promised("20m"), by=desk.operator, now=after(3))


def test_a_reopened_ticket_restates_what_was_decided(database: Database, desk: Company) -> None:
    ticket, ann = desk.open(now=OPENED), desk.person("ann")
    tickets.resolve(ticket_id=ticket, by=ann, now=after(10))
    tickets.reopen(ticket_id=ticket, by=ann, now=after(20))
    assert restatements(database, RESOLUTION)[0][:2] == ("met", "open")
    assert differences(desk) == []


# ------------------------------------------------------------------------------- orders of arrival


def late() -> Told:
    """Return an incident whose facts give a pause, an answer and an end; all in the past."""
    made = incident("OLD1", OPENED, (0.25, Kind.STATUS, "waiting customer"))
    extra = [
        fact("OLD1", 2, Kind.STATUS, after(120), to="open"),
        fact("OLD1", 3, Kind.AGENT_MESSAGE, after(150)),
        fact("OLD1", 4, Kind.STATUS, after(26 * 60), to="resolved"),
    ]
    return Told(made.number, [*made.events, *extra], OPENED)


def kept(database: Database) -> list[tuple[object, ...]]:
    return database.rows(
        "SELECT key, state, started_at, due_at, used_us, paused_us, stopped_at, outcome, verdict,"
        " month FROM clock ORDER BY key"
    )


@pytest.mark.scenario("E42")
@pytest.mark.parametrize("arrival", list(itertools.permutations(range(1, 5)))[::3])
def test_facts_in_any_order_and_twice_give_the_same_rows(
    database: Database, desk: Company, arrival: tuple[int, ...]
) -> None:
    now, whole = after(40 * 60), late()
    some = [whole.events[0]]
    for k in arrival:
        # Each export holds what came before it as well.
        some.append(whole.events[k])
        bring_in(desk.operator, [Told("OLD1", list(some), OPENED)], now=now)
        assert differences(desk) == []
    assert {row[0]: row[-2] for row in kept(database)}[FIRST] == "breached"
    rows = kept(database)
    assert [row for row in rows if row[0] == RESOLUTION] == [
        (
            RESOLUTION,
            "stopped",
            OPENED,
            after(24 * 60 + 105),
            (26 * 60 - 105) * 60_000_000,
            105 * 60_000_000,
            after(26 * 60),
            "resolved",
            "breached",
            "2026-03",
        )
    ]


@pytest.mark.scenario("E9")
def test_a_late_fact_that_keeps_a_promise_says_so_and_supersedes_what_was_told(
    database: Database, desk: Company
) -> None:
    opened = Told("OLD1", late().events[:1], OPENED)
    bring_in(desk.operator, [opened], now=after(10))
    beat(database, now=after(61))
    assert [row[1:3] for row in database.rows("SELECT 1, clock, withdrawn_at FROM violation")] == [
        (FIRST, None)
    ]
    answered = fact("OLD1", 3, Kind.AGENT_MESSAGE, after(30))
    bring_in(desk.operator, [Told("OLD1", [*opened.events, answered], OPENED)], now=after(90))
    assert restatements(database) == [
        ("breached", "met", after(60), after(60), "a late fact: agent message")
    ]
    assert database.rows("SELECT withdrawn_at FROM violation") == [(after(90),)]
    states = "SELECT DISTINCT state FROM alert WHERE deed = 'breach' AND clock = %s"
    assert database.rows(states, FIRST) in ([("superseded",)], [])
    assert differences(desk) == []
