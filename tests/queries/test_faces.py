"""Clocks as screens show them: exact to the instant, and what the engine itself would say."""

import copy
import datetime as dt
import itertools
from typing import Any

import pytest
from tests.desk import POLICIES, Company, Database, at, company
from tests.queries.test_reckoning import MONDAY, eventful

from tocsin.actions import sla, tickets
from tocsin.engine import replay, verdict
from tocsin.engine.calendar import Calendar
from tocsin.engine.clock import Clock
from tocsin.engine.ticket import Ticket
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, cards, faces
from tocsin.queries.faces import ANCHOR, Face

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
INSTANT = dt.timedelta(microseconds=1)
OFFICE = {
    "zone": "Europe/Stockholm",
    "week": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
}


def shown(made: Company, ticket: int, now: dt.datetime) -> dict[str, Face]:
    [card] = cards.cards(by=made.operator, ids=[ticket], now=now)
    return {face.name: face for face in card.faces}


def weekdays(now: dt.datetime) -> Company:
    """Return a desk that works on weekdays from nine to five in Stockholm."""
    made = company(now=now)
    config: dict[str, Any] = {**POLICIES, "calendars": {"always": OFFICE}}
    sla.publish(config=config, by=made.operator, now=now + INSTANT)
    return made


def test_a_breach_by_time_alone_shows_at_its_instant(database: Database) -> None:
    made = company(now=MONDAY)
    ticket = made.open(priority="P3", now=MONDAY)
    due = MONDAY + HOUR
    for now, look, told in (
        (due, "imminent", "open"),
        (due + INSTANT, "breached", "breached"),
    ):
        face = shown(made, ticket, now)["first response"]
        assert (face.look, face.verdict, face.left) == (look, told, due - now)
    # Nobody has written it down yet.
    assert database.rows("SELECT DISTINCT verdict FROM clock") == [("open",)]


def test_a_clock_is_at_risk_from_the_first_alert_and_imminent_at_last(database: Database) -> None:
    made = company(now=MONDAY)
    ticket = made.open(priority="P3", now=MONDAY)
    face = shown(made, ticket, MONDAY)["first response"]
    # A quarter of the hour is left at 75 %; a tenth of it would be more than five minutes.
    assert (face.warn, face.crit) == (15 * MINUTE, 5 * MINUTE)
    assert (face.target, face.promise, face.calendar) == (HOUR, "1 h", "always@1")
    for used, look in ((0, "on track"), (44, "on track"), (45, "at risk"), (55, "imminent")):
        now = MONDAY + used * MINUTE
        assert shown(made, ticket, now)["first response"].look == look, used


def test_the_first_alert_of_the_policy_is_the_margin_and_not_a_quarter(
    database: Database,
) -> None:
    friday = at("2026-03-06 15:40")
    for key, alerts, warn in (
        ("a", [{"before": "10m"}, {"at": "50%"}, {"after": "1h"}], 30 * MINUTE),
        # Of ten hours before Monday 09:40 only forty minutes are open.
        ("b", [{"before": "10h", "in": "wall"}], 40 * MINUTE),
        ("c", [], 15 * MINUTE),
    ):
        made = company(key, now=friday - 4 * HOUR)
        config: dict[str, Any] = copy.deepcopy({**POLICIES, "calendars": {"always": OFFICE}})
        config["policies"][0]["clocks"][0]["alerts"] = alerts
        sla.publish(config=config, by=made.operator, now=friday - HOUR)
        ticket = made.open(priority="P3", now=friday)
        face = shown(made, ticket, friday)["first response"]
        assert (face.warn, face.crit) == (warn, 5 * MINUTE), key
        risk = database.one("SELECT respond_warn_at FROM ticket WHERE id = %s", ticket)
        assert shown(made, ticket, risk)["first response"].left == warn


def test_a_paused_clock_keeps_what_it_had_left(database: Database) -> None:
    made = company(now=MONDAY)
    ticket = made.open(priority="P3", now=MONDAY)
    ann = made.person("ann")
    tickets.pause(ticket_id=ticket, reason="asked", by=ann, now=MONDAY + 2 * HOUR)
    face = shown(made, ticket, MONDAY + 90 * HOUR)["resolution"]
    assert (face.state, face.look, face.left) == ("paused", "paused", 22 * HOUR)
    assert (face.due_at, face.due_w, face.since) == (None, None, MONDAY + 2 * HOUR)
    tickets.resume(ticket_id=ticket, by=ann, now=MONDAY + 90 * HOUR)
    face = shown(made, ticket, MONDAY + 91 * HOUR)["resolution"]
    assert (face.look, face.left) == ("on track", 21 * HOUR)


def test_a_stopped_clock_says_what_was_left_or_over(database: Database) -> None:
    made = company(now=MONDAY)
    kept, missed = made.open(priority="P3", now=MONDAY), made.open(priority="P3", now=MONDAY)
    ann = made.person("ann")
    tickets.reply(ticket_id=kept, body="Hello", by=ann, now=MONDAY + 20 * MINUTE)
    tickets.reply(ticket_id=missed, body="Sorry", by=ann, now=MONDAY + 80 * MINUTE)
    face = shown(made, kept, MONDAY + 9 * HOUR)["first response"]
    assert (face.look, face.verdict, face.left) == ("met", "met", 40 * MINUTE)
    assert face.stopped_at == MONDAY + 20 * MINUTE
    face = shown(made, missed, MONDAY + 9 * HOUR)["first response"]
    assert (face.look, face.verdict, face.left) == ("missed", "breached", -20 * MINUTE)


def test_outside_of_office_hours_a_clock_stands_still(database: Database) -> None:
    # Friday 16:40 in Stockholm; the hour ends on Monday at 09:40.
    friday = at("2026-03-06 15:40")
    made = weekdays(friday - 4 * HOUR)
    ticket = made.open(priority="P3", now=friday)
    for now, look, left in (
        (friday + 10 * MINUTE, "on track", 50 * MINUTE),
        (at("2026-03-06 16:00"), "off hours", 40 * MINUTE),
        (at("2026-03-07 12:00"), "off hours", 40 * MINUTE),
        (at("2026-03-09 07:59"), "off hours", 40 * MINUTE),
        (at("2026-03-09 08:00"), "on track", 40 * MINUTE),
        (at("2026-03-09 08:30"), "at risk", 10 * MINUTE),
        (at("2026-03-09 08:41"), "breached", -MINUTE),
        (at("2026-03-09 20:00"), "breached", -440 * MINUTE),
    ):
        face = shown(made, ticket, now)["first response"]
        assert (face.look, face.left) == (look, left), now
        assert face.due_at == at("2026-03-09 08:40")


def engine(made: Company, database: Database, ticket: int) -> tuple[Ticket, dt.datetime]:
    """Return the ticket as its facts make it, and when it was decided."""
    from tests.desk import inside

    from tocsin.queries import desk, facts

    decided = database.one("SELECT decided_at FROM ticket WHERE id = %s", ticket)
    with inside(made.tenant):
        at_work, _ = desk.at_work(made.tenant)
        known = [f for f in at_work.calendar_facts if (f.recorded_at or decided) <= decided]
        log = facts.with_calendars(facts.of_tickets(made.tenant, [ticket])[ticket], known)
    state = Ticket(str(ticket))
    for fact in log:
        state = replay.advance(state, fact, at_work.versions)
    return state, decided


def ended(clock: Clock) -> bool:
    return clock.state.value in ("cancelled", "replaced")


@pytest.mark.long("two eventful weeks")
def test_after_two_eventful_weeks_every_clock_shows_what_the_engine_says(
    database: Database,
) -> None:
    made = eventful()
    seen: set[str] = set()
    for (ticket,) in database.rows("SELECT id FROM ticket ORDER BY id"):
        state, decided = engine(made, database, ticket)
        clocks = {clock.id: clock for clock in state.clocks if not ended(clock)}
        for later in (dt.timedelta(0), 17 * MINUTE, 9 * HOUR, 60 * HOUR):
            now = decided + later
            [card] = cards.cards(by=made.operator, ids=[ticket], now=now)
            assert {face.key for face in card.faces} == set(clocks)
            for face in card.faces:
                clock = clocks[face.key]
                told = (face.key, now)
                assert face.left == clock.remaining_at(clock.stopped_at or now), told
                assert face.verdict == verdict.of(clock, now=now).value, told
                over = face.state == "running" and face.due_at is not None and face.due_at < now
                assert (face.look == "breached") == over, told
                seen.add(face.look)
            order = [faces.LOOKS.index(face.look) for face in card.faces]
            assert order == sorted(order)
    assert seen >= {"breached", "on track", "paused", "met", "missed"}


def test_what_is_left_is_the_line_at_the_due_less_the_line_now(database: Database) -> None:
    friday = at("2026-03-06 12:00")
    made = weekdays(friday - 4 * HOUR)
    ticket = made.open(priority="P3", now=friday)
    for hours in range(0, 120, 7):
        now = friday + hours * HOUR
        face = shown(made, ticket, now)["resolution"]
        line = faces.lines(by=made.operator, calendars=[face.calendar], now=now)[face.calendar]
        assert face.left is not None
        assert face.due_w is not None
        assert (face.due_w - at_line(line, now)) * INSTANT * 1000 == face.left


def at_line(line: list[list[int]], now: dt.datetime) -> int:
    """Return W(now) as the browser does: between two points."""
    t = int(now.timestamp() * 1000)
    for (t0, w0), (t1, w1) in itertools.pairwise(line):
        if t0 <= t <= t1:
            return w0 + (w1 - w0) * (t - t0) // (t1 - t0)
    raise AssertionError("the line does not reach that far")


def test_a_line_is_the_open_time_since_its_anchor() -> None:
    office, now = Calendar.from_dict(OFFICE), at("2026-03-27 12:00")
    line = faces.line(office, now=now)
    assert line[0][0] == int((now - dt.timedelta(days=1)).timestamp() * 1000)
    assert line[-1][0] == int((now + dt.timedelta(days=21)).timestamp() * 1000)
    for t, w in line:
        instant = dt.datetime.fromtimestamp(t / 1000, dt.UTC)
        assert w == office.between(ANCHOR, instant) // dt.timedelta(milliseconds=1)
    # The clocks go forward on the 29th: from then on nine o'clock is an hour earlier.
    assert {dt.datetime.fromtimestamp(t / 1000, dt.UTC).hour for t, _ in line[1:-1]} == {
        7,
        8,
        15,
        16,
    }
    for (t0, w0), (t1, w1) in itertools.pairwise(line):
        assert t0 < t1
        assert w1 - w0 in (0, t1 - t0)


def test_while_a_calendar_is_closed_its_line_is_flat() -> None:
    once = {"2021-05-03": ["09:00-10:00"]}
    closed = Calendar.from_dict({**OFFICE, "week": {}, "exceptions": once})
    assert {w for _, w in faces.line(closed, now=MONDAY)} == {3_600_000}


@pytest.mark.parametrize("name", ["always", "always@", "@1", "always@x", "always@99", "no@1", ""])
def test_a_calendar_that_there_is_not_is_refused(database: Database, name: str) -> None:
    made = company(now=MONDAY)
    with pytest.raises(Invalid, match="calendar"):
        faces.lines(by=made.operator, calendars=[name])


def test_lines_are_those_of_ones_own_desk(database: Database) -> None:
    made = company(now=MONDAY)
    assert list(faces.lines(by=access.contact(made.tenant, 1), calendars=["always@1"])) == [
        "always@1"
    ]
