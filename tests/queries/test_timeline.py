"""What happened on a ticket, and why its clocks are due when they are."""

import datetime as dt

import pytest
from tests.desk import Company, Database, at, company

from tocsin.actions import bell, customers, tickets
from tocsin.queries import access, days, setup, timeline, why
from tocsin.queries import bell as bells
from tocsin.queries.access import NotFound

BEGIN = at("2026-03-02 08:00")  # a Monday
OPENED = at("2026-03-02 09:00")
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def kinds(made: Company, ticket: int) -> list[str]:
    return [e.kind for e in timeline.timeline(ticket_id=ticket, by=made.person("ann")).entries]


def opened(made: Company, **given: object) -> int:
    return made.open(**{"team": "Service desk", "now": OPENED, **given})


def test_what_was_said_and_done_stands_in_order_with_names(database: Database) -> None:
    made = company(now=BEGIN)
    contact = customers.add_contact(name="Kim", by=made.operator, now=BEGIN)
    ticket = opened(made, by=access.contact(made.tenant, contact))
    ann = made.person("ann")
    tickets.reply(ticket_id=ticket, body="We look at it", by=ann, now=OPENED + 5 * MINUTE)
    tickets.note(ticket_id=ticket, body="Cable?", by=ann, now=OPENED + 6 * MINUTE)
    tickets.pause(ticket_id=ticket, reason="a photo", by=ann, now=OPENED + 7 * MINUTE)
    found = timeline.timeline(ticket_id=ticket, by=ann).entries
    assert [(e.kind, e.who, e.body) for e in found] == [
        ("created", "Kim", "Help"),
        ("agent message", "Ann", "We look at it"),
        ("stage", "Ann", ""),
        ("note", "Ann", "Cable?"),
        ("stage", "Ann", ""),
        ("status", "Ann", "a photo"),
    ]
    assert [e.public for e in found if e.said] == [True, True, False]
    # The customer sees what was said to them, and nothing of the rest.
    theirs = timeline.timeline(ticket_id=ticket, by=access.contact(made.tenant, contact)).entries
    assert [e.body for e in theirs] == ["Help", "We look at it"]
    stranger = customers.add_contact(name="Lou", by=made.operator, now=BEGIN)
    with pytest.raises(NotFound):
        timeline.timeline(ticket_id=ticket, by=access.contact(made.tenant, stranger))


def test_a_breach_and_an_escalation_are_told_once_and_messages_about_them_not(
    database: Database,
) -> None:
    made = company(now=BEGIN)
    ticket = opened(made, priority="P1")
    tickets.note(ticket_id=ticket, body="late", by=made.operator, now=OPENED + 5 * HOUR)
    told = [kind for kind in kinds(made, ticket) if kind in ("breach", "escalate", "notify")]
    assert told.count("breach") == 3  # first response, resolution and the stage
    assert "escalate" in told
    assert "notify" not in told


def test_only_the_newest_are_shown_and_the_rest_is_counted(database: Database) -> None:
    made = company(now=BEGIN)
    ticket = opened(made)
    for k in range(6):
        by, now = made.person("ann"), OPENED + (k + 1) * MINUTE
        tickets.note(ticket_id=ticket, body=f"note {k}", by=by, now=now)
    found = timeline.timeline(ticket_id=ticket, by=made.person("ann"), most=3)
    assert [e.body for e in found.entries] == ["note 3", "note 4", "note 5"]
    assert found.older == 4


# ------------------------------------------------------------------------------------------- why


def test_why_says_each_stretch_its_fact_its_versions_and_its_time(database: Database) -> None:
    made = company(now=BEGIN)
    ticket = opened(made, priority="P1")
    ann = made.person("ann")
    tickets.pause(ticket_id=ticket, reason="a photo", by=ann, now=OPENED + HOUR)
    tickets.resume(ticket_id=ticket, by=ann, now=OPENED + 3 * HOUR)
    found = why.why(ticket_id=ticket, clock="SLA/resolution#1", by=ann, now=OPENED + 4 * HOUR)
    assert [(one.strip.state, one.strip.used, one.who) for one in found.stretches] == [
        ("running", HOUR, "customer"),
        ("paused", dt.timedelta(0), "Ann"),
        ("running", HOUR, "Ann"),
    ]
    assert found.due == OPENED + 6 * HOUR
    assert (found.used, found.left, found.over) == (2 * HOUR, 2 * HOUR, dt.timedelta(0))
    assert [piece.state for piece in found.pieces] == ["running", "paused", "running", "ahead"]
    assert (found.start, found.end) == (OPENED, OPENED + 6 * HOUR)
    late = why.why(ticket_id=ticket, clock="SLA/resolution#1", by=ann, now=OPENED + 7 * HOUR)
    assert [piece.state for piece in late.pieces] == ["running", "paused", "running", "over"]
    assert late.over == HOUR


def test_why_is_not_for_a_customer_and_not_of_another_ticket(database: Database) -> None:
    made, other = company("acme", now=BEGIN), company("bolt", now=BEGIN)
    contact = customers.add_contact(name="Kim", by=made.operator, now=BEGIN)
    ticket = opened(made, by=access.contact(made.tenant, contact))
    for by in (access.contact(made.tenant, contact), other.person("dora", "administrator")):
        with pytest.raises(NotFound):
            why.why(ticket_id=ticket, clock="SLA/resolution#1", by=by)
    with pytest.raises(NotFound):
        why.why(ticket_id=ticket, clock="SLA/nothing#1", by=made.person("ann"))


# ------------------------------------------------------------------------------------------ bell


def test_a_person_hears_their_own_and_reads_up_to_what_they_saw(database: Database) -> None:
    made = company(now=BEGIN)
    ann, lea = made.person("ann"), made.person("lea", "lead")
    first = opened(made, priority="P1")
    tickets.assign(ticket_id=first, person=made.people["ann"], by=lea, now=OPENED + MINUTE)
    tickets.note(ticket_id=first, body="x", by=lea, now=OPENED + 12 * MINUTE)
    assert bells.unread(by=ann) == 1
    (line,) = bells.lines(by=ann)
    assert (line.number, line.read, line.parts["lines"][0]["deed"]) == (1, False, "warn")
    tickets.note(ticket_id=first, body="y", by=lea, now=OPENED + 15.5 * MINUTE)
    assert bells.unread(by=ann) == 2
    bell.read(by=ann, up_to=line.id, now=OPENED + 16 * MINUTE)
    assert bells.unread(by=ann) == 1
    assert [one.read for one in bells.lines(by=ann)] == [False, True]
    # Nobody reads for somebody else.
    assert bells.unread(by=lea) == 2


# ------------------------------------------------------------------------------- days and set-up


def test_days_are_those_of_the_readers_zone_and_add_up(database: Database) -> None:
    import zoneinfo

    made = company(now=BEGIN)
    for hour in (0, 1, 30, 31):
        ticket = opened(made, now=OPENED + hour * HOUR)
        by, now = made.person("ann"), OPENED + (hour + 0.5) * HOUR
        tickets.reply(ticket_id=ticket, body="ok", by=by, now=now)
    late = opened(made, now=OPENED + 14.5 * HOUR)
    tickets.note(ticket_id=late, body="x", by=made.person("ann"), now=OPENED + 40 * HOUR)
    found = days.by_day(
        by=made.person("lea", "lead"),
        since=BEGIN,
        until=BEGIN + dt.timedelta(days=3),
        zone=zoneinfo.ZoneInfo("Europe/Stockholm"),
        definition="first response",
    )
    # Due at 00:30 in Stockholm, which is still Monday in UTC.
    assert [(day.date.day, day.met, day.breached) for day in found] == [
        (2, 2, 0),
        (3, 2, 1),
        (4, 0, 0),
        (5, 0, 0),
    ]
    assert found[0].share == 1.0
    assert found[2].share is None
    assert found[0].since == BEGIN


def test_the_set_up_shows_what_is_in_force_and_stage_limits_with_their_pipeline(
    database: Database,
) -> None:
    made = company(now=BEGIN)
    found = setup.setup(by=made.person("ann"), now=OPENED)
    assert [policy.key for policy in found.policies] == ["standard"]
    assert [stage.key for stage in found.pipelines[0].stages][:2] == ["triage", "work"]
    (calendar,) = found.calendars
    assert (calendar.key, calendar.version, len(calendar.days)) == ("always", 1, 14)
    assert calendar.days[0].open == ((0.0, 24.0),)
    assert calendar.odd == ()
