"""The night's audit: once a night and tenant, at two o'clock there; recorded, told if need be."""

import datetime as dt
import json
import threading

import pytest
from tests.cli.command import tocsin
from tests.desk import Company, Database, at, company

from tocsin.actions import audits, digests
from tocsin.pulse.nightly import Nightly
from tocsin.queries import access
from tocsin.queries import audits as runs
from tocsin.queries.reckoning import Reckoning

pytestmark = pytest.mark.long("nights of a desk")

MONDAY = at("2026-03-02 08:00")
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
STOCKHOLM = "UPDATE tenant SET zone = 'Europe/Stockholm' WHERE id = %s"


def worker(database: Database) -> Nightly:
    return Nightly(database.url, threading.Event(), processes=1)


def planned(database: Database) -> dt.datetime:
    found: dt.datetime = database.one("SELECT wake_at FROM schedule WHERE kind = 'audit'")
    return found.astimezone(dt.UTC)


def recorded(database: Database) -> int:
    return int(database.one("SELECT count(*) FROM audit_run"))


@pytest.fixture
def made(database: Database) -> Company:
    found = company(now=at("2026-01-01 00:00"))
    found.open(now=MONDAY)
    database.play("worker")
    return found


def test_it_is_done_at_two_at_night_where_the_tenant_is_and_once(
    database: Database, made: Company
) -> None:
    database.rows(STOCKHOLM, made.tenant)
    audits.plan(now=MONDAY)
    night = at("2026-03-03 01:00")
    assert planned(database) == night
    first, second = worker(database), worker(database)
    assert not first.turn(now=night - SECOND)
    assert first.turn(now=night)
    assert not second.turn(now=night)
    assert not first.turn(now=night + SECOND)
    assert recorded(database) == 1
    assert planned(database) == night + DAY
    found = runs.audits(by=made.operator, now=night + SECOND)
    (run,) = found.runs
    assert (run.by, run.tickets, run.clocks, run.differences) == ("tocsin", 1, 3, 0)
    assert (found.state, found.planned_at) == ("planned", night + DAY)
    # Nobody is told that all is well.
    assert database.one("SELECT count(*) FROM notification") == 0


def test_the_night_that_has_no_two_o_clock_has_its_audit(database: Database, made: Company) -> None:
    database.rows(STOCKHOLM, made.tenant)
    audits.plan(now=at("2026-03-28 12:00"))
    assert planned(database) == at("2026-03-29 01:00")
    assert worker(database).turn(now=planned(database))
    assert planned(database) == at("2026-03-30 00:00")


def test_nights_that_were_missed_are_one_run(database: Database, made: Company) -> None:
    audits.plan(now=MONDAY)
    late = at("2026-03-09 12:00")
    assert worker(database).turn(now=late)
    assert not worker(database).turn(now=late)
    assert planned(database) == at("2026-03-10 02:00")


def test_a_run_is_held_while_it_lasts_and_taken_over_when_its_process_died(
    database: Database, made: Company
) -> None:
    audits.plan(now=MONDAY)
    night = planned(database)
    dead = audits.take(now=night)
    assert dead is not None
    assert audits.take(now=night + SECOND) is None
    held = audits.hold(dead, now=night + audits.LEASE - SECOND)
    assert held is not None
    assert audits.take(now=night + audits.LEASE) is None
    taken = audits.take(now=held.until)
    assert taken is not None
    # Whoever comes back from the dead writes nothing, and does not take it back.
    assert audits.hold(held, now=held.until + SECOND) is None
    assert not audits.finish(held, Reckoning(), now=held.until + SECOND)
    assert audits.finish(taken, Reckoning(), now=held.until + SECOND)
    assert recorded(database) == 1


def test_differences_are_kept_as_a_sample_and_told_to_the_administrators(
    database: Database, made: Company
) -> None:
    database.rows(
        "SET LOCAL session_replication_role = replica; UPDATE clock SET used_us = used_us + 1"
    )
    audits.plan(now=MONDAY)
    assert worker(database).turn(now=planned(database))
    (run,) = runs.audits(by=made.operator).runs
    assert run.differences == 3
    assert {one.field for one in run.sample} == {"used_us"}
    told = database.rows("SELECT person_id, parts FROM notification")
    assert [row[0] for row in told] == [made.people["dora"]]
    assert "3 differences" in json.loads(told[0][1])["lines"][0]["which"]
    assert database.one("SELECT count(*) FROM outbox WHERE key LIKE 'audit/%%'") == 1


def test_a_sample_is_not_the_whole(database: Database, made: Company) -> None:
    database.play("app")
    for _ in range(9):
        made.open(now=MONDAY)
    database.rows("SET LOCAL session_replication_role = replica; UPDATE clock SET used_us = 7")
    done = tocsin("audit", "clocks", "--processes", "2", "--json", DATABASE_URL=database.url)
    assert (done.returncode, len(json.loads(done.stdout)["differences"])) == (1, 30)
    (run,) = runs.audits(by=made.operator).runs
    assert (run.differences, len(run.sample), run.by) == (30, audits.SAMPLE, "operator")


def test_what_fails_is_tried_again_and_then_left_for_the_next_night(
    database: Database, made: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.pulse import reckoners

    def broken(*_: object, **__: object) -> None:
        raise ValueError("no log")

    monkeypatch.setattr(reckoners, "reckon", broken)
    audits.plan(now=MONDAY)
    now = night = planned(database)
    for _ in range(3):
        assert worker(database).turn(now=now)
        assert not worker(database).turn(now=now)
        now += audits.LEASE
    assert planned(database) == night + DAY
    assert recorded(database) == 0
    assert "could not reckon" in database.one("SELECT parts FROM notification")


def test_each_tenant_has_its_own_and_a_new_one_is_planned(
    database: Database, made: Company
) -> None:
    audits.plan(now=MONDAY)
    database.play("app")
    other = company("bolt", now=at("2026-01-01 00:00"))
    database.play("worker")
    audits.plan(now=MONDAY)
    audits.plan(now=MONDAY)
    assert database.one("SELECT count(*) FROM schedule WHERE kind = 'audit'") == 2
    work = worker(database)
    night = at("2026-03-03 02:00")
    assert [work.turn(now=night) for _ in range(3)] == [True, True, False]
    for desk in (made, other):
        assert len(runs.audits(by=desk.operator).runs) == 1


def test_the_pulse_leaves_it_alone_and_it_leaves_digests_alone(
    database: Database, made: Company
) -> None:
    audits.plan(now=MONDAY)
    night = planned(database)
    database.play("pulse")
    assert digests.take(now=night) == 0
    database.rows(
        "INSERT INTO schedule (tenant_id, kind, object, wake_at, planned_for, attempts)"
        " VALUES (%s, 'digest', %s, %s, %s, 0)",
        made.tenant,
        made.people["ann"],
        MONDAY,
        MONDAY,
    )
    database.play("worker")
    assert audits.take(now=MONDAY) is None
    # What waits for the worker does not keep the pulse awake.
    database.rows("DELETE FROM schedule WHERE kind = 'digest'")
    assert database.one("SELECT timers FROM pulse_look('p', '{}')") is None


def test_an_administrator_can_ask_for_one_now(database: Database, made: Company) -> None:
    dora = made.person("dora", "administrator")
    database.play("app")
    for _ in range(2):
        audits.ask(by=dora, now=MONDAY)
    assert runs.audits(by=dora, now=MONDAY).state == "queued"
    with pytest.raises(access.NotFound):
        audits.ask(by=made.person("lea", "lead"), now=MONDAY)
    database.play("worker")
    turn = audits.take(now=MONDAY)
    assert turn is not None
    assert runs.audits(by=dora, now=MONDAY + SECOND).state == "running"
    assert audits.finish(turn, Reckoning(), now=MONDAY + SECOND)
    assert planned(database) == at("2026-03-03 02:00")
    audits.ask(by=dora, now=MONDAY + DAY / 2)
    assert planned(database) == MONDAY + DAY / 2
