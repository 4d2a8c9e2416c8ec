"""The sequencer on a real database: gapless, in order, one leader."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connections, transaction
from tests.desk import Company, Database, company
from tests.mailbox import eventually

from tocsin.actions import tickets
from tocsin.pulse.sequencer import Sequencer


@contextmanager
def sequencers(database: Database, count: int, most: int = 1000) -> Iterator[threading.Event]:
    stop = threading.Event()
    threads = [
        threading.Thread(target=Sequencer(database.url, stop, most).run, daemon=True)
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def work_hard(desks: list[Company], rounds: int) -> None:
    """Open and answer tickets in several tenants at once."""
    failures: list[BaseException] = []

    def work(desk: Company) -> None:
        try:
            for _ in range(rounds):
                ticket = desk.open()
                tickets.note(ticket_id=ticket, body="seen", by=desk.person("ann"))
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def settled(database: Database) -> bool:
    return bool(database.one("SELECT count(*) = 0 FROM unsequenced"))


def check(database: Database) -> None:
    """Gapless in each tenant, every event just once, each stream in its own order."""
    gaps = "SELECT tenant_id FROM position GROUP BY 1 HAVING max(position) <> count(*)"
    assert database.rows(gaps) == []
    assert database.one("SELECT count(*) FROM position") == database.one(
        "SELECT count(*) FROM event"
    )
    assert database.one("SELECT count(DISTINCT event_id) FROM position") == database.one(
        "SELECT count(*) FROM event"
    )
    streams: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for *stream, seq in database.rows(
        "SELECT p.tenant_id, e.stream_kind, e.stream_id, e.stream_seq FROM position p"
        " JOIN event e ON e.id = p.event_id ORDER BY p.tenant_id, p.position"
    ):
        streams[tuple(stream)].append(seq)
    for found in streams.values():
        assert found == sorted(found)


@pytest.mark.promise("F14")
@pytest.mark.parametrize("most", [1000, 3])
def test_positions_are_gapless_while_many_write_and_two_race(database: Database, most: int) -> None:
    desks = [company(), company("other")]
    with sequencers(database, 2, most):
        work_hard(desks, 8)
        eventually(lambda: settled(database))
    check(database)


def test_who_does_not_lead_gets_nothing(database: Database) -> None:
    company()
    waiting = database.one("SELECT count(*) FROM unsequenced")
    sequencer = Sequencer(database.url, threading.Event())
    with psycopg.connect(database.admin_url) as leader, sequencer._connected() as other:
        leader.execute("SELECT pg_advisory_xact_lock(hashtext('tocsin sequencer'))")
        assert sequencer.place(other) == 0
        leader.rollback()
        assert sequencer.place(other) == waiting
    check(database)


def test_what_is_not_committed_holds_up_nobody_and_comes_after(database: Database) -> None:
    desk, other = company(), company("other")
    sequencer = Sequencer(database.url, threading.Event())
    with sequencer._connected() as connection:
        sequencer.place(connection)
        with transaction.atomic():
            # Written early, visible late.
            slow = desk.open()
            opened: list[int] = []

            def meanwhile() -> None:
                opened.append(other.open())
                connections.close_all()

            thread = threading.Thread(target=meanwhile)
            thread.start()
            thread.join()
            assert sequencer.place(connection) > 0
            placed = (
                "SELECT count(*) FROM position p JOIN event e ON e.id = p.event_id"
                " WHERE stream_kind = 'ticket' AND stream_id = %s"
            )
            assert database.one(placed, slow) == 0
            assert database.one(placed, opened[0]) > 0
        assert sequencer.place(connection) > 0
        assert database.one(placed, slow) > 0
    assert settled(database)
    check(database)


def test_a_connection_that_dies_is_made_again(database: Database) -> None:
    desk = company()
    with sequencers(database, 1):
        eventually(lambda: settled(database))
        database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'tocsin sequencer'"
        )
        desk.open()
        eventually(lambda: settled(database))
    check(database)


def test_who_streams_is_told_when_something_was_placed(database: Database) -> None:
    company()
    sequencer = Sequencer(database.url, threading.Event())
    with (
        psycopg.connect(database.url, autocommit=True) as ear,
        sequencer._connected() as connection,
    ):
        ear.execute("LISTEN tocsin_placed")
        assert sequencer.place(connection) > 0
        assert [note.channel for note in ear.notifies(timeout=10, stop_after=1)] == [
            "tocsin_placed"
        ]
        # Nothing was placed: nobody is woken.
        assert sequencer.place(connection) == 0
        assert list(ear.notifies(timeout=0)) == []


def test_one_looks_often_and_another_takes_over_with_its_connection(database: Database) -> None:
    first, second = (Sequencer(database.url, threading.Event()) for _ in range(2))
    with second._connected() as other:
        with first._connected() as one:
            assert first.lead(one)
            assert not second.lead(other)
            # Whoever stands by places all the same: the one that leads may be frozen.
            company()
            assert second.place(other) > 0
        eventually(lambda: second.lead(other))
    check(database)


def test_a_sequencer_that_stands_by_places_what_a_frozen_one_leaves(database: Database) -> None:
    frozen = Sequencer(database.url, threading.Event())
    with frozen._connected() as connection:
        assert frozen.lead(connection)
        with sequencers(database, 1):
            company()
            eventually(lambda: settled(database))
    check(database)
