"""What pauses took out of the clocks, and which promises they kept."""

import datetime as dt
from typing import Any

import pytest
from tests.desk import ALWAYS, Company, Database, at, company

from tocsin.actions import sla, tickets
from tocsin.queries import access, compliance, listing, pauses, rescues
from tocsin.queries.filters import Drill, Wanted
from tocsin.queries.pauses import Report

BEGIN = at("2026-03-01 00:00")
OPENED = at("2026-03-02 09:00")
HOUR = dt.timedelta(hours=1)
OFFICE = {"zone": "UTC", "week": {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu")}}


def after(hours: float) -> dt.datetime:
    return OPENED + hours * HOUR


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


def office(desk: Company, **clock: Any) -> None:
    resolution = {"clock": "resolution", "targets": {"*": "4h"}, **clock}
    policy = {"key": "office", "rank": 0, "calendar": "office", "clocks": [resolution]}
    config = {"tocsin": 1, "calendars": {"always": ALWAYS, "office": OFFICE}, "policies": [policy]}
    sla.publish(config=config, by=desk.operator, now=BEGIN + HOUR)


def waits(
    desk: Company, ticket: int, hours: tuple[float, float], reason: str, who: str, **given: Any
) -> None:
    by, (since, until) = desk.person(who), hours
    tickets.pause(ticket_id=ticket, reason=reason, by=by, now=after(since), **given)
    tickets.resume(ticket_id=ticket, by=by, now=after(until))


def report(desk: Company, *, now: float, **given: Any) -> Report:
    return pauses.report(by=desk.operator, since=BEGIN, now=after(now), **given)


def test_pauses_are_counted_by_reason_and_person_in_open_time(
    database: Database, desk: Company
) -> None:
    office(desk)
    first, second = desk.open(now=OPENED), desk.open(now=OPENED)
    waits(desk, first, (1, 2), "A photo", "ann")
    # Over night: from 16:00 to 10:00 only three hours are open.
    waits(desk, first, (7, 25), "a  PHOTO", "lea")
    waits(desk, second, (1, 1.5), "parts", "ann")
    # It holds no clock of theirs.
    waits(desk, second, (2, 3), "colleague", "ann", status="waiting internal")
    found = report(desk, now=26)
    assert (found.count, found.tickets) == (3, 2)
    assert found.open == 4.5 * HOUR
    assert found.wall == 19.5 * HOUR
    assert [(line.name.casefold(), line.count, line.open) for line in found.reasons] == [
        ("a  photo", 2, 4 * HOUR),
        ("parts", 1, 0.5 * HOUR),
    ]
    assert [(line.name, line.count, line.open) for line in found.people] == [
        ("Lea", 1, 3 * HOUR),
        ("Ann", 2, 1.5 * HOUR),
    ]
    # What the rows of the clocks say in all is what the pauses say one by one.
    rows = database.one("SELECT sum(paused_us) FROM clock")
    assert found.open == dt.timedelta(microseconds=int(rows))


def test_one_kind_of_pauses_is_as_many_as_its_number_says(desk: Company) -> None:
    office(desk)
    ticket = desk.open(now=OPENED)
    waits(desk, ticket, (0.5, 1), "A photo", "ann")
    waits(desk, ticket, (1.5, 2), "parts", "ann")
    waits(desk, ticket, (2.5, 3), "parts", "lea")
    whole = report(desk, now=5)
    for lines, name in ((whole.reasons, "reason"), (whole.people, "actor")):
        assert sum(line.count for line in lines) == whole.count == 3
        for line in lines:
            part = report(desk, now=5, **{name: line.key})
            assert (part.count, part.open) == (line.count, line.open)
            assert len(part.newest) == line.count


def test_a_pause_that_lasts_counts_until_now(desk: Company) -> None:
    office(desk)
    ticket = desk.open(now=OPENED)
    tickets.pause(ticket_id=ticket, reason="x", by=desk.person("ann"), now=after(1))
    for hours in (2, 3.5):
        (one,) = report(desk, now=hours).newest
        assert (one.ended_at, one.open) == (None, (hours - 1) * HOUR)


def test_beyond_its_budget_a_pause_keeps_nothing(desk: Company) -> None:
    office(desk, pauses={"budget": "2h"})
    ticket = desk.open(now=OPENED)
    waits(desk, ticket, (0.5, 2), "first", "ann")
    tickets.pause(ticket_id=ticket, reason="second", by=desk.person("ann"), now=after(2.5))
    found = report(desk, now=6)
    assert [(one.reason, one.open) for one in reversed(found.newest)] == [
        ("first", 1.5 * HOUR),
        ("second", 0.5 * HOUR),
    ]


def test_only_pauses_that_began_in_the_period_count(desk: Company) -> None:
    office(desk)
    ticket = desk.open(now=OPENED)
    waits(desk, ticket, (0.5, 1), "before", "ann")
    waits(desk, ticket, (2, 3), "in it", "ann")
    found = pauses.report(by=desk.operator, since=after(1.5), now=after(4))
    assert [one.reason for one in found.newest] == ["in it"]
    assert found.open == HOUR


# --------------------------------------------------------------------------------- rescued


def kept(desk: Company, until: float, *waited: tuple[float, float, str], team: str) -> int:
    ticket = desk.open(now=OPENED, team=team)
    for since, to, who in waited:
        waits(desk, ticket, (since, to), "x", who)
    tickets.resolve(ticket_id=ticket, by=desk.person("ann"), now=after(until))
    return ticket


def test_a_promise_is_rescued_if_it_was_kept_by_its_pauses_alone(desk: Company) -> None:
    office(desk)
    first = kept(desk, 6, (1, 2, "ann"), (3, 5, "lea"), team="Service desk")
    # Paused, and in time without that; late in spite of it; never paused.
    kept(desk, 3, (1, 2, "ann"), team="Service desk")
    kept(desk, 7, (1, 2, "ann"), team="Second line")
    kept(desk, 3, team="Second line")
    found = rescues.rescues(by=desk.operator, definition="resolution")
    assert (found.met, found.rescued) == (3, 1)
    assert [(one.name, one.met, one.rescued) for one in found.teams] == [("Service desk", 2, 1)]
    # Who paused it both did.
    assert [(one.name, one.rescued) for one in found.pausers] == [("Ann", 1), ("Lea", 1)]
    met = compliance.compliance(by=desk.operator, dimensions=(), definition="resolution").total.met
    assert met == found.met
    for more in ({}, {"dimension": "team", "value": "Service desk"}, *_by(found)):
        drill = Drill(definition="resolution", verdict="met", rescued=True, **more)
        wanted = Wanted(drill=drill)
        page = listing.tickets(by=desk.operator, wanted=wanted)
        assert [card.id for card in page.cards] == [first], more
        assert listing.count(by=desk.operator, wanted=wanted) == 1


def _by(found: rescues.Rescues) -> list[dict[str, Any]]:
    return [{"paused_by": one.actor} for one in found.pausers]


def test_a_period_holds_what_was_decided_in_it(desk: Company) -> None:
    office(desk)
    kept(desk, 6, (1, 4, "ann"), team="Service desk")
    for since, until, count in ((5, 7, 1), (7, 8, 0), (1, 6, 0)):
        found = rescues.rescues(
            by=desk.operator, since=after(since), until=after(until), definition="resolution"
        )
        assert found.rescued == count


def test_these_reports_are_for_those_who_may(desk: Company) -> None:
    for by in (desk.person("ann"), access.contact(desk.tenant, 1)):
        with pytest.raises(access.NotFound):
            rescues.rescues(by=by)
        with pytest.raises(access.NotFound):
            pauses.report(by=by, since=BEGIN)
    assert pauses.report(by=company("bolt", now=BEGIN).operator, since=BEGIN).count == 0
