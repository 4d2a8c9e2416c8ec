"""A pulse at work on a database whose clock jumps: nothing fires early, nothing twice."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from tests.desk import Company, Database, company
from tests.pulse.test_pulse import running, until

from tocsin.actions import watching
from tocsin.kit import machine_clock
from tocsin.pulse import vigil
from tocsin.pulse.tickets import Pulse
from tocsin.pulse.vigil import Trust
from tocsin.queries import health

pytestmark = pytest.mark.long("processes whose clocks jump")

HOUR = dt.timedelta(hours=1)


class Jumpy:
    """A machine with a database on it, whose one clock may be set."""

    def __init__(self, database: Database) -> None:
        self.database, self.by = database, dt.timedelta(0)
        # Whoever asks for the clock by its name gets ours.
        database.rows("CREATE TABLE shift (by interval NOT NULL)")
        database.rows("INSERT INTO shift VALUES (interval '0')")
        database.rows(
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE"
            " SECURITY DEFINER AS 'SELECT pg_catalog.clock_timestamp() + by FROM public.shift'"
        )
        database.rows("GRANT EXECUTE ON FUNCTION public.clock_timestamp() TO PUBLIC")
        name = database.one("SELECT current_database()")
        database.rows(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')
        for (door,) in database.rows("SELECT oid::regprocedure FROM pg_proc WHERE prosecdef"):
            if "clock_timestamp" not in str(door):
                database.rows(f"ALTER FUNCTION {door} SET search_path = public, pg_catalog")

    def jump(self, by: dt.timedelta) -> None:
        """Set both clocks on, or back."""
        self.by += by
        self.database.rows("UPDATE shift SET by = %s", self.by)


@pytest.fixture
def jumpy(database: Database, monkeypatch: pytest.MonkeyPatch) -> Jumpy:
    made, earnest = Jumpy(database), machine_clock.wall
    monkeypatch.setattr(machine_clock, "wall", lambda: earnest() + made.by)
    monkeypatch.setattr(vigil, "_HOLD_S", 1.5)
    database.play("app")
    return made


@contextmanager
def at_work(jumpy: Jumpy) -> Iterator[tuple[Company, Pulse]]:
    """Have a pulse watch a desk: one ticket has been missed, another is due in an hour."""
    database = jumpy.database
    clock = database.one("SELECT clock_timestamp()")
    desk = company(now=clock - 4 * HOUR)
    desk.open(now=clock - 1.5 * HOUR)
    desk.open(now=clock - dt.timedelta(minutes=1))
    with running(database) as pulse:
        until(lambda: missed(database) == 1)
        yield desk, pulse
    connection.close()


def missed(database: Database) -> int:
    return int(database.one("SELECT count(*) FROM violation WHERE clock LIKE '%%first response%%'"))


def told(database: Database) -> int:
    return int(database.one("SELECT count(*) FROM notification WHERE key LIKE 'clocks/%%'"))


def doubled(database: Database) -> int:
    return int(
        database.one(
            "SELECT count(*) FROM (SELECT FROM alert GROUP BY ticket_id, deed, clock, which,"
            " recipient_id, channel HAVING count(*) > 1) x"
        )
    )


@pytest.mark.promise("P7", "F5")
def test_a_jump_ahead_and_back_fires_nothing_and_an_administrator_hears_of_it(
    jumpy: Jumpy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vigil, "_HOLD_S", 60.0)
    database = jumpy.database
    with at_work(jumpy) as (desk, pulse):
        jumpy.jump(3 * HOUR)
        until(lambda: pulse.figures.trust == Trust.SUSPECT.value)
        until(lambda: told(database) == 1)
        database.play("app")
        until(lambda: health.look().doubts)
        assert any("does not act" in problem for problem in health.look().problems)
        assert missed(database) == 1
        jumpy.jump(-3 * HOUR)
        until(lambda: pulse.figures.trust == Trust.ACT.value)
        assert missed(database) == 1
        # Sooner than it signs when nothing is the matter.
        until(lambda: not health.look().doubts)
    assert database.rows("SELECT person_id FROM notification WHERE key LIKE 'clocks/%%'") == [
        (desk.people["dora"],)
    ]


@pytest.mark.promise("P7", "F5")
def test_a_jump_that_was_meant_is_believed_as_soon_as_an_administrator_says_so(
    jumpy: Jumpy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vigil, "_HOLD_S", 600.0)
    database = jumpy.database
    with at_work(jumpy) as (desk, pulse):
        database.play("app")
        watching.trust_clocks(by=desk.person("dora", "administrator"))  # of no jump: worth nothing
        until(lambda: pulse.figures.trust == Trust.ACT.value)
        jumpy.jump(3 * HOUR)
        until(lambda: pulse.figures.trust == Trust.SUSPECT.value)
        assert missed(database) == 1
        watching.trust_clocks(by=desk.person("dora", "administrator"))
        until(lambda: missed(database) == 2)
    assert doubled(database) == 0
    said = "SELECT count(*) FROM event WHERE payload LIKE '%%clocks trusted%%'"
    assert database.one(said) == 2


@pytest.mark.promise("P7", "F5")
def test_a_jump_ahead_that_stays_is_believed_after_the_hold(jumpy: Jumpy) -> None:
    database = jumpy.database
    with at_work(jumpy) as (_, pulse):
        jumpy.jump(3 * HOUR)
        until(lambda: pulse.figures.trust == Trust.SUSPECT.value)
        assert missed(database) == 1
        until(lambda: missed(database) == 2)
        assert pulse.figures.trust == Trust.ACT.value
    assert doubled(database) == 0


@pytest.mark.promise("P7", "F5")
def test_a_jump_back_undoes_nothing_and_fires_nothing_again(jumpy: Jumpy) -> None:
    database = jumpy.database
    with at_work(jumpy) as (_, pulse):
        before = database.rows("SELECT id, breached_at, detected_at, withdrawn_at FROM violation")
        jumpy.jump(-2 * HOUR)
        until(lambda: pulse.figures.trust == Trust.SUSPECT.value)
        until(lambda: pulse.figures.trust == Trust.ACT.value)
        # It beats although what it signed before is of the time to come.
        database.play("app")
        until(lambda: health.look().beats)
        jumpy.jump(2 * HOUR)
        until(lambda: pulse.figures.trust == Trust.SUSPECT.value)
        until(lambda: pulse.figures.trust == Trust.ACT.value)
        assert missed(database) == 1
    after = database.rows("SELECT id, breached_at, detected_at, withdrawn_at FROM violation")
    assert after == before
    assert doubled(database) == 0


@pytest.mark.promise("P7", "F5")
def test_a_smeared_second_is_not_noticed(jumpy: Jumpy) -> None:
    database = jumpy.database
    with at_work(jumpy) as (desk, pulse):
        database.play("app")
        for _ in range(20):
            jumpy.jump(dt.timedelta(milliseconds=50))
        desk.open(now=database.one("SELECT public.clock_timestamp()") - HOUR)
        until(lambda: missed(database) == 2)
        assert pulse.figures.trust == Trust.ACT.value
    assert told(database) == 0


@pytest.mark.promise("P7", "F5")
def test_a_clock_that_jumps_again_and_again_is_held_all_the_time(jumpy: Jumpy) -> None:
    database = jumpy.database
    with at_work(jumpy) as (_, pulse):
        for _ in range(6):
            jumpy.jump(HOUR)
            until(lambda: pulse.figures.trust == Trust.SUSPECT.value)
            assert missed(database) == 1
        until(lambda: missed(database) == 2)
    assert doubled(database) == 0
