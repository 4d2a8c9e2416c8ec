"""What waits and what does not: one message a minute, quiet hours, snoozes; the critical never."""

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.actions.life import BEGIN, beat
from tests.desk import ALWAYS, Company, Database, at, company

from tocsin.actions import contact_methods, digests, sla, snoozing, tickets
from tocsin.engine import quiet
from tocsin.kit.invalid import Invalid

MINUTE = dt.timedelta(minutes=1)
# Each ticket's only promise warns at 75 %, after 45 minutes, and breaks after an hour.
OPENED = at("2026-03-02 20:00")
WARNS = OPENED + 45 * MINUTE
BREAKS = OPENED + dt.timedelta(hours=1, seconds=1)


@pytest.fixture
def desk(database: Database) -> Company:
    made = company(now=BEGIN)
    clock = {"clock": "first response", "targets": {"*": "1h"}}
    alerts = [{"at": "75%", "notify": ["ann@acme.example"]}]
    policy = {"key": "standard", "rank": 1, "calendar": "always"}
    config = {
        "tocsin": 1,
        "calendars": {"always": ALWAYS},
        "policies": [{**policy, "clocks": [{**clock, "alerts": alerts}]}],
    }
    sla.publish(config=config, by=made.operator, now=BEGIN)
    return made


def opened(desk: Company, seconds: float = 0) -> int:
    return desk.open(now=OPENED + dt.timedelta(seconds=seconds), pipeline=None)


def told(database: Database, desk: Company, name: str = "ann") -> list[dict[str, Any]]:
    """Return what stands under somebody's bell, the oldest first."""
    found = database.rows(
        "SELECT parts FROM notification WHERE person_id = %s ORDER BY id", desk.people[name]
    )
    return [json.loads(row[0]) for row in found]


def letters(database: Database, desk: Company) -> int:
    found: int = database.one(
        "SELECT count(*) FROM outbox WHERE person_id = %s", desk.people["ann"]
    )
    return found


def states(database: Database, desk: Company) -> list[tuple[str, str]]:
    return database.rows(
        "SELECT deed, state FROM alert WHERE recipient_id = %s AND channel = 'product'"
        " ORDER BY planned_at, ticket_id",
        desk.people["ann"],
    )


def take(database: Database, now: dt.datetime) -> int:
    database.play("pulse")
    count = 0
    while did := digests.take(now=now):
        count += did
    database.play("app")
    return count


# ------------------------------------------------------------------------------- one a minute


def test_of_a_minute_the_first_leaves_at_once_and_the_others_together(
    database: Database, desk: Company
) -> None:
    for k in range(4):
        opened(desk, seconds=k * 10)
    beat(database, now=WARNS)
    assert len(told(database, desk)) == letters(database, desk) == 1
    beat(database, now=WARNS + dt.timedelta(seconds=35))
    assert len(told(database, desk)) == letters(database, desk) == 1
    assert states(database, desk) == [("warn", "told"), *[("warn", "digest")] * 3]
    assert take(database, WARNS + dt.timedelta(seconds=59)) == 0
    assert take(database, WARNS + MINUTE) == 1
    first, rest = told(database, desk)
    assert len(first["lines"]) == 1
    assert [line["deed"] for line in rest["digest"]] == ["warn"] * 3
    assert rest["why"] == "minute"
    assert letters(database, desk) == 2
    assert {state for _, state in states(database, desk)} == {"told"}
    assert database.one("SELECT count(*) FROM schedule WHERE kind = 'digest'") == 0


def test_of_several_at_one_instant_one_leaves_and_a_minute_begins(
    database: Database, desk: Company
) -> None:
    for _ in range(3):
        opened(desk)
    beat(database, now=WARNS)
    assert sorted(state for _, state in states(database, desk)) == ["digest", "digest", "told"]
    assert letters(database, desk) == 1
    assert take(database, WARNS + MINUTE) == 1
    # The next minute begins anew.
    opened(desk, seconds=120)
    beat(database, now=WARNS + 2 * MINUTE)
    assert len(told(database, desk)) == 3


def test_what_is_critical_is_never_held(database: Database, desk: Company) -> None:
    tickets_ = [opened(desk, seconds=k) for k in range(5)]
    for ticket in tickets_:
        ann = desk.people["ann"]
        tickets.assign(ticket_id=ticket, person=ann, by=desk.operator, now=OPENED + MINUTE)
    beat(database, now=WARNS + 5 * dt.timedelta(seconds=1))
    take(database, WARNS + 2 * MINUTE)
    before = len(told(database, desk))
    beat(database, now=BREAKS + 5 * dt.timedelta(seconds=1))
    assert len(told(database, desk)) == before + 5


# -------------------------------------------------------------------------------- quiet hours


@pytest.fixture
def hushed(database: Database, desk: Company) -> Company:
    contact_methods.set_quiet(
        quiet_from="20:30", quiet_until="21:30", by=desk.person("ann"), now=BEGIN
    )
    return desk


def test_quiet_hours_hold_what_can_wait_until_they_end(database: Database, hushed: Company) -> None:
    for k in range(3):
        opened(hushed, seconds=k * 90)
    for k in range(3):
        beat(database, now=WARNS + dt.timedelta(seconds=k * 90))
    assert told(database, hushed) == []
    assert letters(database, hushed) == 0
    assert {state for _, state in states(database, hushed)} == {"quiet"}
    assert take(database, at("2026-03-02 21:29")) == 0
    assert take(database, at("2026-03-02 21:30")) == 1
    (one,) = told(database, hushed)
    assert len(one["digest"]) == 3
    assert one["why"] == "quiet"
    assert letters(database, hushed) == 1
    assert database.one("SELECT count(*) FROM schedule WHERE kind = 'quiet'") == 0


def test_a_breach_is_told_in_quiet_hours(database: Database, hushed: Company) -> None:
    ticket = opened(hushed)
    ann = hushed.people["ann"]
    tickets.assign(ticket_id=ticket, person=ann, by=hushed.operator, now=OPENED + MINUTE)
    beat(database, now=BREAKS)
    assert [one["lines"][0]["deed"] for one in told(database, hushed)] == ["breach"]


def test_what_was_gathered_when_quiet_hours_begin_waits_for_their_end(
    database: Database, hushed: Company
) -> None:
    contact_methods.set_quiet(
        quiet_from="20:46", quiet_until="21:30", by=hushed.person("ann"), now=BEGIN
    )
    opened(hushed)
    opened(hushed, seconds=30)
    beat(database, now=WARNS + dt.timedelta(seconds=30))
    assert len(told(database, hushed)) == 1
    take(database, WARNS + 2 * MINUTE)
    assert len(told(database, hushed)) == 1
    assert ("warn", "quiet") in states(database, hushed)
    take(database, at("2026-03-02 21:30"))
    assert len(told(database, hushed)) == 2


@pytest.mark.parametrize(
    ("local", "quiet_now", "ends"),
    [
        # The night in which an hour is skipped is an hour shorter.
        ("2026-03-28 22:00", True, "2026-03-29 05:00"),
        ("2026-03-29 06:59", True, "2026-03-29 05:00"),
        ("2026-03-29 07:00", False, ""),
        # The night in which an hour comes twice is an hour longer.
        ("2026-10-24 23:00", True, "2026-10-25 06:00"),
        ("2026-03-28 21:59", False, ""),
    ],
)
def test_quiet_hours_are_local_also_when_clocks_change(
    local: str, quiet_now: bool, ends: str
) -> None:
    now = dt.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Stockholm"))
    found = quiet.ends("22:00", "07:00", "Europe/Stockholm", now.astimezone(dt.UTC))
    assert found == (at(ends) if quiet_now else None)


@pytest.mark.parametrize(
    ("first", "last"), [("22:00", ""), ("24:00", "07:00"), ("7", "8"), ("07:00", "07:00")]
)
def test_odd_quiet_hours_are_refused(desk: Company, first: str, last: str) -> None:
    with pytest.raises(Invalid, match=r"quiet_(from|until)"):
        contact_methods.set_quiet(quiet_from=first, quiet_until=last, by=desk.person("ann"))


# ------------------------------------------------------------------------------------- snoozes


def test_a_snooze_keeps_what_can_wait_until_it_ends(database: Database, desk: Company) -> None:
    ticket, other = opened(desk), opened(desk)
    ann = desk.person("ann")
    until = snoozing.snooze(
        ticket_id=ticket, length=dt.timedelta(hours=2), by=ann, now=OPENED + MINUTE
    )
    tickets.assign(
        ticket_id=ticket, person=desk.people["ann"], by=desk.operator, now=OPENED + MINUTE
    )
    beat(database, now=WARNS)
    # Of the other ticket she hears.
    assert database.rows("SELECT ticket_id FROM notification") == [(other,)]
    beat(database, now=BREAKS)
    assert (ticket, True) in database.rows("SELECT ticket_id, critical FROM notification")
    assert take(database, until - MINUTE) == 1  # the minute of the other one
    before = len(told(database, desk))
    assert take(database, until) == 1
    assert [one["why"] for one in told(database, desk)[before:]] == ["quiet"]


def test_a_snooze_that_is_ended_tells_at_once(database: Database, desk: Company) -> None:
    ticket, ann = opened(desk), desk.person("ann")
    snoozing.snooze(ticket_id=ticket, length=dt.timedelta(hours=3), by=ann, now=OPENED)
    beat(database, now=WARNS)
    assert told(database, desk) == []
    snoozing.end(ticket_id=ticket, by=ann, now=WARNS + MINUTE)
    assert take(database, WARNS + MINUTE) == 1
    assert len(told(database, desk)) == 1


@pytest.mark.parametrize("length", [dt.timedelta(0), dt.timedelta(days=7, seconds=1)])
def test_no_snooze_is_longer_than_a_week(desk: Company, length: dt.timedelta) -> None:
    with pytest.raises(Invalid, match="length"):
        snoozing.snooze(ticket_id=opened(desk), length=length, by=desk.person("ann"))
