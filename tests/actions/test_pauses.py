"""Pauses under discipline: with a reason, with leave, with the customer's knowledge."""

import datetime as dt
from typing import Any

import pytest
from tests.desk import ALWAYS, Company, Database, at, company

from tocsin.actions import pauses, sla, tickets
from tocsin.engine.event import Side
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, bell, pausing, timeline, why
from tocsin.queries.access import Actor, NotAllowed, NotFound, Stale

BEGIN = at("2026-03-01 00:00")
OPENED = at("2026-03-02 09:00")
HOUR = dt.timedelta(hours=1)
_LEAVE = {"approval": True}


def after(minutes: float) -> dt.datetime:
    return OPENED + dt.timedelta(minutes=minutes)


def strict(desk: Company, **pauses: Any) -> None:
    """Put a policy into use that asks something of pauses."""
    clock = {"clock": "resolution", "targets": {"*": "4h"}, "pauses": pauses}
    policy = {"key": "strict", "rank": 0, "calendar": "always", "clocks": [clock]}
    config = {"tocsin": 1, "calendars": {"always": ALWAYS}, "policies": [policy]}
    sla.publish(config=config, by=desk.operator, now=BEGIN + HOUR)


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


@pytest.fixture
def ann(desk: Company) -> Actor:
    return desk.person("ann")


@pytest.fixture
def lea(desk: Company) -> Actor:
    return desk.person("lea", "lead")


def opened(desk: Company) -> int:
    """Open a ticket that is worked on."""
    ticket = desk.open(team="Service desk", now=OPENED)
    tickets.reply(ticket_id=ticket, body="Hello", by=desk.person("ann"), now=after(1))
    return ticket


def clock(database: Database) -> tuple[Any, ...]:
    return database.rows("SELECT state, due_at FROM clock WHERE definition = 'resolution'")[0]


def status(database: Database) -> str:
    found: str = database.one("SELECT status FROM ticket")
    return found


# --------------------------------------------------------------------------------- reasons


def test_a_move_into_waiting_needs_the_reason_that_the_policy_wants(
    database: Database, desk: Company, ann: Actor
) -> None:
    strict(desk, reason=True)
    ticket = opened(desk)
    with pytest.raises(NotAllowed, match="wants a reason"):
        tickets.move(ticket_id=ticket, to="waiting", by=ann, now=after(2))
    with pytest.raises(NotAllowed, match="wants a reason"):
        tickets.move(ticket_id=ticket, to="waiting", by=ann, reason="  ", now=after(2))
    assert (status(database), clock(database)) == ("open", ("running", after(240)))
    tickets.move(ticket_id=ticket, to="waiting", by=ann, reason="a photo", now=after(3))
    assert (status(database), clock(database)) == ("waiting customer", ("paused", None))
    last = timeline.timeline(ticket_id=ticket, by=ann).entries[-1]
    assert (last.kind, last.who, last.body) == ("status", "Ann", "a photo")


def test_without_such_a_policy_a_move_needs_none(
    database: Database, desk: Company, ann: Actor
) -> None:
    ticket = opened(desk)
    tickets.move(ticket_id=ticket, to="waiting", by=ann, now=after(2))
    assert status(database) == "waiting customer"


def test_a_pause_always_needs_a_reason(database: Database, desk: Company, ann: Actor) -> None:
    ticket = opened(desk)
    for reason in ("", " ", "x" * 2001, "\0"):
        with pytest.raises(Invalid) as refused:
            tickets.pause(ticket_id=ticket, reason=reason, by=ann, now=after(2))
        assert refused.value.path == "reason"
    assert status(database) == "open"


def test_a_clock_that_the_pause_does_not_hold_asks_nothing(
    database: Database, desk: Company, ann: Actor
) -> None:
    strict(desk, reason=True, approval=True)
    ticket = opened(desk)
    # Resolution waits for the customer only: waiting for a colleague holds no clock.
    assert tickets.pause(
        ticket_id=ticket, reason="parts", status="waiting internal", by=ann, now=after(2)
    )
    assert (status(database), clock(database)[0]) == ("waiting internal", "running")


# --------------------------------------------------------------------------------- leave


def test_who_may_not_pause_asks_and_the_clock_runs_on_until_somebody_allows_it(
    database: Database, desk: Company, ann: Actor, lea: Actor
) -> None:
    strict(desk, **_LEAVE)
    ticket = opened(desk)
    assert not tickets.pause(ticket_id=ticket, reason="a photo", by=ann, now=after(30))
    assert (status(database), clock(database)) == ("open", ("running", after(240)))
    request = pausing.pausing(ticket_id=ticket, by=lea, now=after(31)).request
    assert request == pausing.Request("waiting customer", "a photo", "Ann", after(30))
    pauses.approve_pause(ticket_id=ticket, by=lea, now=after(60))
    assert (status(database), clock(database)) == ("waiting customer", ("paused", None))
    assert pausing.pausing(ticket_id=ticket, by=lea, now=after(61)).request is None
    tickets.resume(ticket_id=ticket, by=ann, now=after(120))
    # It was paused from when it was allowed, not from when it was asked for.
    assert clock(database) == ("running", after(300))


def test_the_timeline_and_the_strip_say_who_asked_who_allowed_it_and_why(
    desk: Company, ann: Actor, lea: Actor
) -> None:
    strict(desk, **_LEAVE)
    ticket = opened(desk)
    tickets.pause(ticket_id=ticket, reason="a photo", by=ann, now=after(30))
    pauses.approve_pause(ticket_id=ticket, by=lea, now=after(60))
    told = [
        (entry.kind, entry.who, entry.body, entry.told.get("to"))
        for entry in timeline.timeline(ticket_id=ticket, by=ann).entries
        if entry.at >= after(30)
    ]
    assert told == [
        ("field", "Ann", "a photo", "waiting customer"),
        ("field", "Lea", "", None),
        ("stage", "Lea", "", "waiting"),
        ("status", "Lea", "a photo", "waiting customer"),
    ]
    found = why.why(ticket_id=ticket, clock="SLA/resolution#1", by=ann, now=after(90))
    paused = found.stretches[-1]
    assert (paused.strip.state, paused.who) == ("paused", "Lea")


def test_what_is_refused_is_over_and_may_be_asked_again(
    database: Database, desk: Company, ann: Actor, lea: Actor
) -> None:
    strict(desk, **_LEAVE)
    ticket = opened(desk)
    tickets.pause(ticket_id=ticket, reason="lunch", by=ann, now=after(30))
    pauses.refuse_pause(ticket_id=ticket, by=lea, now=after(40))
    assert (status(database), clock(database)[0]) == ("open", "running")
    assert pausing.pausing(ticket_id=ticket, by=ann, now=after(41)).request is None
    for deed in (pauses.approve_pause, pauses.refuse_pause):
        with pytest.raises(NotAllowed, match="nobody asks"):
            deed(ticket_id=ticket, by=lea, now=after(42))
    tickets.pause(ticket_id=ticket, reason="a photo", by=ann, now=after(50))
    pauses.approve_pause(ticket_id=ticket, by=lea, now=after(51))
    assert status(database) == "waiting customer"


def test_those_who_may_allow_it_need_not_ask(
    database: Database, desk: Company, ann: Actor, lea: Actor
) -> None:
    strict(desk, **_LEAVE)
    ticket = opened(desk)
    tickets.pause(ticket_id=ticket, reason="lunch", by=ann, now=after(30))
    assert tickets.pause(ticket_id=ticket, reason="a photo", by=lea, now=after(31))
    assert status(database) == "waiting customer"
    # What was asked for has come: nobody is asked any more, not even after the waiting.
    tickets.resume(ticket_id=ticket, by=ann, now=after(40))
    assert pausing.pausing(ticket_id=ticket, by=lea, now=after(41)).request is None


def test_no_way_leads_around_it(database: Database, desk: Company, ann: Actor) -> None:
    strict(desk, **_LEAVE)
    ticket = opened(desk)
    with pytest.raises(NotAllowed, match="approved"):
        tickets.move(ticket_id=ticket, to="waiting", by=ann, reason="a photo", now=after(2))
    with pytest.raises(Invalid, match="way of its own"):
        tickets.set_field(ticket_id=ticket, name="pause_request", to="x", by=ann, now=after(2))
    for deed in (pauses.approve_pause, pauses.refuse_pause):
        with pytest.raises(NotFound):
            deed(ticket_id=ticket, by=ann, now=after(2))
    assert status(database) == "open"


def test_a_leave_is_for_what_was_looked_at(desk: Company, ann: Actor, lea: Actor) -> None:
    strict(desk, **_LEAVE)
    ticket = opened(desk)
    tickets.pause(ticket_id=ticket, reason="lunch", by=ann, now=after(30))
    with pytest.raises(Stale):
        pauses.approve_pause(ticket_id=ticket, by=lea, seen=1, now=after(31))


def test_the_lead_hears_of_the_request_and_the_agent_of_the_answer(
    desk: Company, ann: Actor, lea: Actor
) -> None:
    strict(desk, **_LEAVE)
    ticket = opened(desk)

    def heard(by: Actor) -> list[str]:
        return [line.parts["lines"][0]["deed"] for line in bell.lines(by=by)]

    tickets.pause(ticket_id=ticket, reason="lunch", by=ann, now=after(30))
    assert heard(lea) == ["pause asked"]
    assert heard(desk.person("mia", "manager")) == ["pause asked"]
    assert heard(ann) == []
    pauses.refuse_pause(ticket_id=ticket, by=lea, now=after(31))
    assert heard(ann) == ["pause refused"]
    tickets.pause(ticket_id=ticket, reason="a photo", by=ann, now=after(32))
    pauses.approve_pause(ticket_id=ticket, by=lea, now=after(33))
    assert heard(ann) == ["pause approved", "pause refused"]


# --------------------------------------------------------------------------------- the customer


@pytest.mark.parametrize("language", ["en", "sv", "pt-BR"])
def test_the_customer_hears_what_is_waited_for_where_the_policy_says_so(
    database: Database, desk: Company, ann: Actor, language: str
) -> None:
    database.rows("UPDATE tenant SET language = %s", language)
    strict(desk, tell_customer=True)
    ticket = opened(desk)
    tickets.pause(ticket_id=ticket, reason="a photo of {it}", by=ann, now=after(30))
    body, public, side = database.rows(
        "SELECT body, public, side FROM message ORDER BY id DESC LIMIT 1"
    )[0]
    assert body.endswith(": a photo of {it}")
    assert {"en": "We are", "sv": "Vi väntar", "pt-BR": "Estamos"}[language] in body
    assert (public, side) == (True, "automation")
    assert status(database) == "waiting customer"


def test_what_the_customer_hears_answers_nothing(
    database: Database, desk: Company, ann: Actor
) -> None:
    strict(desk, tell_customer=True)
    ticket = desk.open(team="Service desk", now=OPENED)
    tickets.pause(ticket_id=ticket, reason="a photo", by=ann, now=after(2))
    found = database.one("SELECT state FROM clock WHERE definition = 'first response'")
    assert found == "running"


def test_elsewhere_the_customer_hears_nothing(
    database: Database, desk: Company, ann: Actor
) -> None:
    strict(desk, reason=True)
    ticket = opened(desk)
    tickets.pause(ticket_id=ticket, reason="a photo", by=ann, now=after(30))
    assert database.one("SELECT count(*) FROM message WHERE side = 'automation'") == 0


def test_the_customers_answer_ends_the_pause(database: Database, desk: Company, ann: Actor) -> None:
    strict(desk, reason=True, tell_customer=True)
    ticket = opened(desk)
    tickets.pause(ticket_id=ticket, reason="a photo", by=ann, now=after(30))
    customer = Actor(desk.tenant, "customer", access.RIGHTS["contact"], Side.CUSTOMER)
    tickets.reply(ticket_id=ticket, body="here it is", by=customer, now=after(90))
    assert (status(database), clock(database)) == ("open", ("running", after(300)))


# --------------------------------------------------------------------------------- what pages say


def test_a_page_says_what_a_pause_takes_and_what_is_left_of_it(desk: Company, ann: Actor) -> None:
    strict(desk, reason=True, approval=True, budget="2h", tell_customer=True)
    ticket = opened(desk)
    lea = desk.person("lea", "lead")
    found = pausing.pausing(ticket_id=ticket, by=ann, now=after(10))
    assert found.approval
    assert found.tells
    assert not found.ways["waiting internal"].approval
    assert found.budgets == (pausing.Budget("resolution", 2 * HOUR, 2 * HOUR),)
    tickets.pause(ticket_id=ticket, reason="a photo", by=lea, now=after(30))
    found = pausing.pausing(ticket_id=ticket, by=ann, now=after(60))
    assert found.budgets[0].left == 1.5 * HOUR
    tickets.resume(ticket_id=ticket, by=ann, now=after(90))
    found = pausing.pausing(ticket_id=ticket, by=ann, now=after(600))
    assert found.budgets[0].left == HOUR


def test_a_customer_is_told_nothing_of_that(desk: Company) -> None:
    ticket = opened(desk)
    with pytest.raises(NotFound):
        pausing.pausing(ticket_id=ticket, by=access.contact(desk.tenant, 1))
    with pytest.raises(NotFound):
        pausing.pausing(ticket_id=10**9, by=desk.operator)
