"""Deadlines on a real database: decided once, at their true instant, whatever goes wrong."""

import datetime as dt
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from tests.desk import Company, Database, at, company

from tocsin.actions import digests, due, effects, quarantine, tickets
from tocsin.actions.due import Attempts, Decided
from tocsin.actions.work import Work
from tocsin.pulse.doorbell import Doorbell

MONDAY = at("2026-03-02 09:00")
LATER = at("2026-03-05 09:00")


@pytest.fixture
def bell(database: Database) -> Iterator[Doorbell]:
    with Doorbell(database.url, "pulse") as found:
        yield found


@pytest.fixture
def attempts(bell: Doorbell) -> Attempts:
    return Attempts(bell.connection)


def drain(database: Database, attempts: Attempts, *, now: dt.datetime) -> list[Decided]:
    """Do what a pulse does until nothing is due."""
    database.play("pulse")
    found = []
    while (decided := due.take(attempts, now=now)) is not None:
        found.append(decided)
        assert len(found) < 100
    return found


def opened(desk: Company, **given: object) -> int:
    return desk.open(**{"team": "Service desk", "now": MONDAY, **given})


# --------------------------------------------------------------------------------- what falls due


@pytest.mark.promise("P1")
def test_a_breach_is_recorded_at_its_true_instant_and_when_it_was_seen(
    database: Database, attempts: Attempts
) -> None:
    desk = company(now=MONDAY)
    ticket = opened(desk)
    seen = at("2026-03-02 10:00:30")
    drain(database, attempts, now=seen)
    assert database.rows(
        "SELECT ticket_id, clock, due_at, breached_at, detected_at, team FROM violation"
    ) == [
        (
            ticket,
            "SLA/first response#1",
            at("2026-03-02 10:00"),
            at("2026-03-02 10:00"),
            seen,
            "service desk",
        )
    ]
    assert database.one("SELECT wake_at FROM ticket") == at("2026-03-02 10:30")  # stage limit 75 %


def test_what_fell_due_is_told_to_owner_and_manager_in_one_message(
    database: Database, attempts: Attempts
) -> None:
    desk = company(now=MONDAY)
    ticket = opened(desk)
    tickets.assign(
        ticket_id=ticket, person=desk.people["ann"], by=desk.person("lea", "lead"), now=MONDAY
    )
    drain(database, attempts, now=at("2026-03-02 10:00:01"))
    told = database.rows("SELECT person_id, critical FROM notification ORDER BY person_id")
    # Ann's manager is Lea.
    assert told == sorted((desk.people[name], True) for name in ("lea", "ann"))
    assert database.one("SELECT count(*) FROM outbox WHERE channel = 'mail'") == 2
    by_state = database.rows("SELECT deed, state, count(*) FROM alert GROUP BY 1, 2 ORDER BY 1, 2")
    # The warning at 75 % fell due unseen and the breach overtook it.
    assert by_state == [("breach", "told", 4), ("warn", "superseded", 4)]


def test_deciding_again_does_nothing_more(database: Database, attempts: Attempts) -> None:
    opened(company(now=MONDAY))
    drain(database, attempts, now=at("2026-03-02 10:00:01"))
    before = database.rows("SELECT count(*) FROM event UNION ALL SELECT count(*) FROM alert")
    database.rows("UPDATE ticket SET wake_at = decided_at + interval '1 microsecond'")
    drain(database, attempts, now=at("2026-03-02 10:00:02"))
    after = database.rows("SELECT count(*) FROM event UNION ALL SELECT count(*) FROM alert")
    assert after == before


def test_the_next_level_owns_an_escalated_ticket_and_nobody_of_the_one_before(
    database: Database, attempts: Attempts
) -> None:
    desk = company(now=MONDAY)
    ticket = opened(desk, priority="P3")
    ann = desk.person("ann")
    tickets.reply(ticket_id=ticket, body="On it", by=ann, now=MONDAY)
    tickets.assign(ticket_id=ticket, person=desk.people["ann"], by=ann, now=MONDAY)
    drain(database, attempts, now=at("2026-03-03 09:00:01"))
    assert database.rows(
        "SELECT key, assignee_id FROM ticket t JOIN team ON team.id = team_id"
    ) == [
        ("service desk", desk.people["ann"])  # level 1: the team has it already
    ]
    drain(database, attempts, now=at("2026-03-03 09:30:01"))
    found = database.rows(
        "SELECT key, assignee_id, priority FROM ticket t JOIN team ON team.id = team_id"
    )
    assert found == [("second line", None, "P2")]
    notes = database.rows("SELECT side, body FROM message WHERE NOT public ORDER BY id")
    assert notes[-1] == ("automation", "Escalated to L2: Second line owns this ticket now.")


@pytest.mark.promise("P2", "F14")
def test_many_pulses_at_once_decide_each_ticket_once(database: Database) -> None:
    desk = company(now=MONDAY)
    for _ in range(60):
        opened(desk)
    database.play("pulse")

    def work(_: int) -> int:
        with Doorbell(database.url, "pulse") as bell:
            mine, count = Attempts(bell.connection), 0
            while (decided := due.take(mine, most=7, now=at("2026-03-02 10:00:01"))) is not None:
                count += decided.tickets
            connection.close()
            return count

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 60
    assert database.one("SELECT count(*) FROM violation") == 60
    assert database.one("SELECT count(*) FROM batch") == 0


def test_a_tenant_with_much_to_catch_up_on_starves_no_other(
    database: Database, attempts: Attempts
) -> None:
    first, second = company("first", now=MONDAY), company("second", now=MONDAY)
    for _ in range(20):
        opened(first)
    opened(second, now=MONDAY + dt.timedelta(hours=1))
    database.play("pulse")
    now, after, order = at("2026-03-04 09:00"), 0, []
    while (decided := due.take(attempts, most=5, after=after, now=now)) is not None:
        after = decided.tenant
        order.append(decided.tenant)
    assert order.index(second.tenant) <= 1


def test_a_binary_of_another_version_decides_nothing(
    database: Database, attempts: Attempts
) -> None:
    opened(company(now=MONDAY))
    database.rows("UPDATE gate SET version = version + 1")
    assert drain(database, attempts, now=LATER) == []
    assert database.one("SELECT count(*) FROM violation") == 0


# ------------------------------------------------------------------------------- what goes wrong


@pytest.mark.promise("P10")
def test_a_ticket_that_cannot_be_decided_spoils_no_other(
    database: Database, attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = company(now=MONDAY)
    bad, *good = [opened(desk) for _ in range(10)]
    _fail_for(monkeypatch, bad)
    drain(database, attempts, now=at("2026-03-02 10:00:01"))
    assert {row[0] for row in database.rows("SELECT ticket_id FROM violation")} == set(good)
    held = database.rows(
        "SELECT id, held_reason, attempts FROM ticket WHERE held_until > clock_timestamp()"
    )
    assert held == [(bad, "ValueError: a bad rule", 1)]
    assert database.one("SELECT count(*) FROM batch") == 0


def _fail_for(monkeypatch: pytest.MonkeyPatch, bad: int) -> None:
    earnest = effects.settle

    def settle(work: Work) -> None:
        if work.id == bad:
            raise ValueError("a bad rule")
        earnest(work)

    monkeypatch.setattr(effects, "settle", settle)


@pytest.mark.promise("P10")
def test_after_three_attempts_it_is_held_for_an_hour_and_an_administrator_is_told_once(
    database: Database, attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = company(now=MONDAY)
    bad = opened(desk)
    _fail_for(monkeypatch, bad)
    for _ in range(quarantine.MOST_ATTEMPTS):
        database.rows("UPDATE ticket SET held_until = NULL, held_reason = ''")
        drain(database, attempts, now=LATER)
    left = database.one("SELECT held_until - clock_timestamp() FROM ticket")
    assert dt.timedelta(minutes=59) < left < dt.timedelta(minutes=61)
    told = database.rows("SELECT person_id, parts FROM notification")
    assert [row[0] for row in told] == [desk.people["dora"]]
    assert "a bad rule" in told[0][1]
    # It is decided as if nothing had happened once it can be.
    monkeypatch.undo()
    database.rows("UPDATE ticket SET held_until = NULL, held_reason = ''")
    drain(database, attempts, now=LATER)
    assert database.rows("SELECT held_until, attempts FROM ticket") == [(None, 0)]
    assert database.one("SELECT count(*) FROM violation WHERE ticket_id = %s", bad) == 3


_KILLER = """
import os, sys
import django
django.setup()
from tocsin.actions import due, effects
from tocsin.pulse.doorbell import Doorbell
earnest = effects.settle
def settle(work):
    if work.id == int(sys.argv[1]):
        os._exit(9)
    earnest(work)
effects.settle = settle
with Doorbell(os.environ["DATABASE_URL"], "pulse") as bell:
    attempts = due.Attempts(bell.connection)
    attempts.arm()
    due.redo(attempts)
    while due.take(attempts):
        pass
"""


@pytest.mark.long("processes that die")
@pytest.mark.promise("P10")
def test_a_ticket_that_kills_its_process_is_found_and_held(database: Database) -> None:
    desk = company(now=MONDAY)
    bad, *good = [opened(desk) for _ in range(8)]
    own = {**os.environ, "DATABASE_URL": database.url, "TOCSIN_ROLE": "pulse"}
    codes: list[int] = []
    for _ in range(6):
        done = subprocess.run(
            [sys.executable, "-c", _KILLER, str(bad)], env=own, capture_output=True, check=False
        )
        codes.append(done.returncode)
        if done.returncode == 0:
            break
    # In its batch, then three times alone; then it is out of the way.
    assert codes == [9, 9, 9, 9, 0]
    assert {row[0] for row in database.rows("SELECT ticket_id FROM violation")} == set(good)
    held = database.rows("SELECT id FROM ticket WHERE held_until > clock_timestamp()")
    assert held == [(bad,)]
    assert "ended the process" in database.one("SELECT held_reason FROM ticket WHERE id = %s", bad)


@pytest.mark.promise("P10")
@pytest.mark.long("a thousand tickets")
def test_a_ticket_that_kills_its_process_stops_none_of_a_thousand(database: Database) -> None:
    desk = company(now=MONDAY)
    good = [opened(desk) for _ in range(500)]
    bad = opened(desk)
    good += [opened(desk) for _ in range(500)]
    own = {**os.environ, "DATABASE_URL": database.url, "TOCSIN_ROLE": "pulse"}
    codes: list[int] = []
    while not codes or codes[-1]:
        done = subprocess.run(
            [sys.executable, "-c", _KILLER, str(bad)], env=own, capture_output=True, check=False
        )
        codes.append(done.returncode)
        assert len(codes) < 7
    assert codes == [9, 9, 9, 9, 0]
    assert {row[0] for row in database.rows("SELECT ticket_id FROM violation")} == set(good)
    doubled = database.one(
        "SELECT count(*) FROM (SELECT FROM alert GROUP BY ticket_id, deed, clock, which, mark,"
        " recipient_id, channel HAVING count(*) > 1) x"
    )
    assert doubled == 0
    alarms = database.rows("SELECT person_id FROM notification WHERE key LIKE 'held/%%'")
    assert alarms == [(desk.people["dora"],)]


def test_only_what_the_dead_had_begun_is_taken_over(database: Database, bell: Doorbell) -> None:
    desk = company(now=MONDAY)
    ticket = opened(desk)
    database.play("pulse")
    living, dead = Attempts(bell.connection), Attempts(bell.connection)
    living.arm()
    living.begin(desk.tenant, [ticket])
    dead.begin(desk.tenant, [ticket])
    assert living.orphans() == [(desk.tenant, [ticket])]
    assert living.orphans() == []
    assert database.one("SELECT count(*) FROM batch") == 1


# ------------------------------------------------------------------------------------ after a stop


@pytest.mark.promise("P5")
def test_after_an_outage_all_is_recorded_and_nobody_is_flooded(
    database: Database, attempts: Attempts
) -> None:
    desk = company(now=MONDAY)
    ids = [opened(desk, now=MONDAY + dt.timedelta(minutes=k)) for k in range(40)]
    for ticket in ids:
        tickets.reply(
            ticket_id=ticket, body="On it", by=desk.person("ann"), now=at("2026-03-02 09:40")
        )
    now = at("2026-03-04 09:00")
    drain(database, attempts, now=now)
    found = database.rows(
        "SELECT ticket_id, breached_at FROM violation WHERE clock LIKE '%%resolution%%'"
    )
    assert dict(found) == {
        ticket: MONDAY + dt.timedelta(minutes=k, hours=24) for k, ticket in enumerate(ids)
    }
    # Of the three levels only the one that is due now was carried out; the others are on record.
    levels = database.rows(
        "SELECT payload::json->>'level', payload::json->>'superseded', count(*) FROM event"
        " WHERE payload::json->>'deed' = 'escalate' GROUP BY 1, 2 ORDER BY 1"
    )
    assert levels == [("L1", "true", 40), ("L2", "true", 40), ("L3", None, 40)]
    assert database.one("SELECT count(*) FROM notification") == 0
    _digests(database)
    by_person = Counter(row[0] for row in database.rows("SELECT person_id FROM notification"))
    assert by_person
    assert max(by_person.values()) <= digests.SINGLES + 1
    letters = Counter(row[0] for row in database.rows("SELECT person_id FROM outbox"))
    assert letters == by_person
    untold = database.one("SELECT count(*) FROM alert WHERE state = 'digest'")
    assert untold == 0


def _digests(database: Database) -> None:
    database.play("pulse")
    database.rows("UPDATE schedule SET planned_for = now() - interval '1 hour', wake_at = now()")
    while digests.take():
        pass
    assert database.one("SELECT count(*) FROM schedule") == 0


def test_a_digest_waits_while_there_is_more_to_catch_up(
    database: Database, attempts: Attempts
) -> None:
    desk = company(now=MONDAY)
    opened(desk)
    database.play("pulse")
    due.take(attempts, now=LATER)
    opened(desk)  # overdue, not decided yet
    database.rows("UPDATE schedule SET planned_for = now(), wake_at = now()")
    assert digests.take() > 0
    assert database.one("SELECT count(*) FROM schedule") > 0
    assert database.one("SELECT count(*) FROM notification") == 0


# ------------------------------------------------------------------------------------ the doorbell


def test_a_change_that_is_due_at_once_rings(database: Database, bell: Doorbell) -> None:
    clock = database.one("SELECT clock_timestamp()")
    desk = company(now=clock - dt.timedelta(hours=2))
    # Three quarters of the hour are over in half a second.
    ticket = desk.open(now=clock - dt.timedelta(minutes=45) + dt.timedelta(milliseconds=900))
    tickets.note(ticket_id=ticket, body="Soon", by=desk.person("ann"))
    heard = threading.Event()
    for _ in range(10):
        if bell.wait(1.0):
            heard.set()
            break
    assert heard.is_set()
