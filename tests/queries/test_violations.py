"""The register of violations: what stands in it, how much was missed, and how it is looked for."""

import datetime as dt
from typing import Any

import pytest
from tests.desk import ALWAYS, Company, Database, at, company, inside

from tocsin.actions import sla, tickets
from tocsin.actions import violations as deeds
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, restatements, violations, why
from tocsin.queries.violations import Sought, Violation
from tocsin.records import rows

BEGIN = at("2026-03-01 00:00")
OPENED = at("2026-03-02 09:00")
HOUR = dt.timedelta(hours=1)
OFFICE = {
    "zone": "UTC",
    "week": {key: ["08:00-17:00"] for key in ["mon", "tue", "wed", "thu", "fri"]},
}


def after(hours: float) -> dt.datetime:
    return OPENED + dt.timedelta(hours=hours)


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


def look(desk: Company, ticket: int, now: dt.datetime) -> None:
    """Have what is due decided, as the pulse does."""
    from tocsin.actions import ledger

    with ledger.change(ticket, by=desk.operator, now=now):
        pass


def register(desk: Company, *, now: dt.datetime, **given: Any) -> list[Violation]:
    page = violations.violations(by=desk.operator, sought=Sought(**given), now=now)
    return list(page.violations)


def the(desk: Company, kind: str, *, now: dt.datetime) -> Violation:
    (found,) = register(desk, now=now, clock=kind)
    return found


def same_as_the_engine(desk: Company, found: Violation, now: dt.datetime) -> None:
    clock = why.why(ticket_id=found.ticket, clock=found.clock, by=desk.operator, now=now).clock
    assert found.overrun is not None
    assert (found.overrun.business, found.overrun.wall) == clock.overrun_at(now)
    assert found.overrun.final == (clock.stopped_at is not None)


# --------------------------------------------------------------------------------- what is said


def test_a_violation_says_who_had_the_ticket_where_when_and_why(desk: Company) -> None:
    ticket = desk.open(team="Service desk", now=OPENED)
    tickets.assign(ticket_id=ticket, person=desk.people["ann"], by=desk.person("ann"), now=OPENED)
    look(desk, ticket, after(1.5))
    # Who has it now did not miss it.
    tickets.assign(
        ticket_id=ticket, person=desk.people["lea"], by=desk.person("lea"), now=after(1.6)
    )
    found = the(desk, "first response", now=after(2))
    assert (found.owner, found.team, found.stage) == ("Ann", "Service desk", "Triage")
    assert (found.due_at, found.breached_at) == (after(1), after(1))
    assert found.detected_at == after(1.5)
    assert (found.cause, found.policy, found.policy_version) == ("time", "standard", 1)
    assert (found.number, found.clock) == (1, "SLA/first response#1")
    assert (found.withdrawn_at, found.acknowledged_at, found.note) == (None, None, "")


def test_the_overrun_grows_while_the_clock_runs_and_is_final_when_it_stops(desk: Company) -> None:
    ticket = desk.open(now=OPENED)
    look(desk, ticket, after(1.5))
    for hours in (2, 3.25):
        found = the(desk, "first response", now=after(hours))
        assert found.overrun is not None
        assert found.overrun.business == found.overrun.wall == (hours - 1) * HOUR
        assert not found.overrun.final
        same_as_the_engine(desk, found, after(hours))
    tickets.reply(ticket_id=ticket, body="Hello", by=desk.person("ann"), now=after(4))
    found = the(desk, "first response", now=after(40))
    assert found.overrun is not None
    assert (found.overrun.business, found.overrun.final) == (3 * HOUR, True)
    same_as_the_engine(desk, found, after(40))


def office(desk: Company, **clock: Any) -> None:
    """Put a promise by office hours into use."""
    policy = {
        "key": "office",
        "rank": 0,
        "calendar": "office",
        "clocks": [{"clock": "resolution", "targets": {"P1": "1h", "*": "4h"}, **clock}],
    }
    config = {"tocsin": 1, "calendars": {"always": ALWAYS, "office": OFFICE}, "policies": [policy]}
    sla.publish(config=config, by=desk.operator, now=BEGIN + HOUR)


def test_open_time_and_the_wall_clock_are_two_overruns(desk: Company) -> None:
    office(desk)
    ticket = desk.open(now=OPENED)
    # Due at 13:00; 17:00 to 08:00 is closed.
    look(desk, ticket, after(5))
    found = the(desk, "resolution", now=after(24))
    assert found.overrun is not None
    assert (found.overrun.business, found.overrun.wall) == (5 * HOUR, 20 * HOUR)
    same_as_the_engine(desk, found, after(24))


def test_a_pause_after_the_breach_freezes_the_overrun(desk: Company) -> None:
    office(desk)
    ticket, ann = desk.open(now=OPENED), desk.person("ann")
    look(desk, ticket, after(5))
    tickets.pause(ticket_id=ticket, reason="parts", by=ann, now=after(5.5))
    for hours in (6, 7):
        found = the(desk, "resolution", now=after(hours))
        assert found.overrun is not None
        assert found.overrun.business == 1.5 * HOUR
        same_as_the_engine(desk, found, after(hours))
    # Resolved while it was paused: there is no due on its row.
    tickets.resolve(ticket_id=ticket, by=ann, now=after(7))
    found = the(desk, "resolution", now=after(50))
    assert found.overrun is not None
    assert (found.overrun.business, found.overrun.wall) == (1.5 * HOUR, 3 * HOUR)
    same_as_the_engine(desk, found, after(50))


def test_of_a_due_that_was_moved_the_overrun_is_what_had_gathered_by_then(desk: Company) -> None:
    office(desk)
    ticket, ann = desk.open(now=OPENED, priority="P1"), desk.person("ann")
    look(desk, ticket, after(1.5))
    # From 1 h to 4 h: due at 13:00 and not at 10:00 any more.
    tickets.set_priority(ticket_id=ticket, to="P3", by=ann, now=after(1.75))
    found = the(desk, "resolution", now=after(3))
    assert found.overrun is not None
    assert found.overrun.moved
    assert found.overrun.final
    assert found.overrun.business == 0.75 * HOUR
    look(desk, ticket, after(5))
    first, second = reversed(register(desk, now=after(6), clock="resolution"))
    assert first.overrun == found.overrun
    assert second.due_at == after(4)
    assert second.overrun is not None
    assert second.overrun.business == 2 * HOUR
    same_as_the_engine(desk, second, after(6))


def test_a_due_moved_into_the_past_blames_the_change(desk: Company) -> None:
    office(desk)
    ticket, ann = desk.open(now=OPENED), desk.person("ann")
    tickets.set_priority(ticket_id=ticket, to="P1", by=ann, now=after(2))
    found = the(desk, "resolution", now=after(2.5))
    assert (found.cause, found.due_at, found.breached_at) == ("reclassified", after(1), after(2))
    same_as_the_engine(desk, found, after(2.5))


# --------------------------------------------------------------------------------- looking for them


def busy(desk: Company) -> None:
    """Miss promises of several kinds, teams and owners."""
    for k, team in enumerate(("Service desk", "Second line", "Service desk")):
        ticket = desk.open(team=team, now=OPENED + k * dt.timedelta(minutes=1))
        if k:
            tickets.assign(
                ticket_id=ticket, person=desk.people["ann"], by=desk.person("ann"), now=after(0.5)
            )
        look(desk, ticket, after(3))


def test_each_filter_leaves_what_it_says_and_the_sum_is_of_exactly_that(desk: Company) -> None:
    busy(desk)
    everything = register(desk, now=after(4))
    assert len(everything) == 6
    ann = str(desk.people["ann"])
    first = everything[-1]
    deeds.acknowledge(violation_id=first.id, by=desk.person("lea", "lead"), now=after(3.5))
    for given, expected in (
        ({}, 6),
        ({"team": "service desk"}, 4),
        ({"team": "second line", "clock": "first response"}, 1),
        ({"owner": ann}, 4),
        ({"owner": ""}, 2),
        ({"stage": "triage"}, 6),
        ({"stage": "work"}, 0),
        ({"clock": "first response"}, 3),
        ({"clock": "stage triage"}, 3),
        ({"clock": "stage"}, 0),
        ({"clock": "%"}, 0),
        ({"policy": "standard"}, 3),
        ({"cause": "time"}, 6),
        ({"cause": "reopened"}, 0),
        ({"acknowledged": True}, 1),
        ({"acknowledged": False}, 5),
        ({"standing": True}, 6),
        ({"standing": False}, 0),
        ({"since": after(2)}, 3),
        ({"until": after(1)}, 0),
    ):
        found = register(desk, now=after(4), **given)
        assert len(found) == expected, given
        assert violations.count(by=desk.operator, sought=Sought(**given)).all == expected, given
    counted = violations.count(by=desk.operator)
    assert (counted.standing, counted.waiting, counted.acknowledged) == (6, 5, 1)


def test_pages_hold_everything_once_in_order(desk: Company) -> None:
    busy(desk)
    whole = [one.id for one in register(desk, now=after(4))]
    paged, place = list[int](), None
    while True:
        page = violations.violations(by=desk.operator, after=place, most=2, now=after(4))
        paged += [one.id for one in page.violations]
        place = page.after
        if place is None:
            break
    assert paged == whole
    assert len(set(whole)) == 6
    instants = [one.breached_at for one in register(desk, now=after(4))]
    assert instants == sorted(instants, reverse=True)


def test_what_cannot_be_looked_for_is_refused(desk: Company) -> None:
    for given, field in (
        (Sought(cause="bad luck"), "cause"),
        (Sought(owner="\0"), "sought"),
    ):
        with pytest.raises(Invalid) as refused:
            violations.count(by=desk.operator, sought=given)
        assert refused.value.path == field
    with pytest.raises(Invalid, match="after"):
        violations.violations(by=desk.operator, after="1;drop")
    with pytest.raises(Invalid, match="most"):
        violations.violations(by=desk.operator, most=violations.MOST + 1)


def test_the_register_is_for_those_who_may_and_of_their_own_desk(desk: Company) -> None:
    busy(desk)
    other = company("bolt", now=BEGIN)
    assert violations.violations(by=other.operator).violations == ()
    for ask in (violations.violations, violations.count, restatements.restatements):
        for by in (desk.person("ann"), access.contact(desk.tenant, 1)):
            with pytest.raises(access.NotFound):
                ask(by=by)
        ask(by=desk.person("ann", "auditor"))


# --------------------------------------------------------------------------------- restatements


def test_the_list_of_restatements_says_what_was_and_what_is(desk: Company) -> None:
    ticket = desk.open(now=OPENED)
    look(desk, ticket, after(1.5))
    with inside(desk.tenant):
        (event,) = rows.query("SELECT id FROM event WHERE kind = 'created'")[0]
        rows.insert(
            "restatement",
            [
                {
                    "tenant_id": desk.tenant,
                    "ticket_id": ticket,
                    "event_id": event,
                    "clock": "SLA/first response#1",
                    "was": "breached",
                    "now": "met",
                    "due_was": after(1),
                    "due_now": after(3),
                    "reason": "a holiday was missing",
                    "restated_at": after(2),
                }
            ],
        )
    (found,) = restatements.restatements(by=desk.operator).restatements
    assert (found.number, found.kind) == (1, "first response")
    assert (found.was, found.now) == ("breached", "met")
    assert (found.due_was, found.due_now) == (after(1), after(3))
    assert (found.reason, found.event, found.who) == (
        "a holiday was missing",
        "created",
        "customer",
    )
    assert restatements.count(by=desk.operator) == 1
    assert restatements.count(by=desk.operator, since=after(3)) == 0
    assert restatements.count(by=desk.operator, until=after(2)) == 0
