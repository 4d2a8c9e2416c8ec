"""Taking the next one."""

import threading

import pytest
from django.db import connections
from tests.desk import Database, company

from tocsin.actions import taking, tickets
from tocsin.queries.access import NotFound


def owner(database: Database, number: int) -> int | None:
    found: int | None = database.one("SELECT assignee_id FROM ticket WHERE number = %s", number)
    return found


def test_the_one_that_ranks_first_is_taken_and_the_log_says_so(database: Database) -> None:
    made = company()
    ann = made.person("ann")
    made.open(priority="P4")
    urgent = made.open(priority="P1")
    owned = made.open(priority="P1")
    tickets.assign(ticket_id=owned, person=made.people["lea"], by=ann)
    number = taking.take_next(by=ann)
    assert number == database.one("SELECT number FROM ticket WHERE id = %s", urgent)
    assert owner(database, 2) == ann.person
    assert database.one(
        "SELECT count(*) FROM event WHERE stream_id = %s AND kind = 'assignee'", urgent
    )
    assert taking.take_next(by=ann) == 1
    assert taking.take_next(by=ann) is None


def test_what_waits_is_left_alone(database: Database) -> None:
    made = company()
    ann = made.person("ann")
    waiting = made.open()
    tickets.pause(ticket_id=waiting, reason="parts", by=ann)
    assert taking.take_next(by=ann) is None


def test_of_two_at_once_each_gets_another(database: Database) -> None:
    made = company()
    for _ in range(6):
        made.open()
    took: list[int | None] = []
    start = threading.Barrier(3)

    def take(name: str) -> None:
        start.wait()
        try:
            took.extend(taking.take_next(by=made.person(name)) for _ in range(2))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=[name]) for name in ("ann", "lea", "mia")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number in took if number) == [1, 2, 3, 4, 5, 6]


def test_only_a_person_can_take(database: Database) -> None:
    made = company()
    with pytest.raises(NotFound):
        taking.take_next(by=made.operator)
