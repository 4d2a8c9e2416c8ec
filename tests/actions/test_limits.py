"""Limits: buckets that fill and drip, each of their own, whatever becomes of what was tried."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from tests.desk import Database

from tocsin.actions import limits

HOUR, SECOND = dt.timedelta(hours=1), dt.timedelta(seconds=1)


@pytest.mark.promise("A39", "P34")
def test_a_bucket_takes_so_many_and_then_says_how_long_to_wait(database: Database) -> None:
    assert [limits.take("door", "ann", most=3, each=HOUR) for _ in range(3)] == [None] * 3
    wait = limits.take("door", "ann", most=3, each=HOUR)
    assert wait is not None
    assert HOUR - 10 * SECOND < wait <= HOUR
    # A refused try makes it no longer.
    again = limits.take("door", "ann", most=3, each=HOUR)
    assert again is not None
    assert again <= wait


def test_what_is_another_thing_person_or_tenant_has_its_own_bucket(database: Database) -> None:
    assert limits.take("door", "ann", most=1, each=HOUR) is None
    assert limits.take("door", "ann", most=1, each=HOUR) is not None
    assert limits.take("door", "lea", most=1, each=HOUR) is None
    assert limits.take("gate", "ann", most=1, each=HOUR) is None
    assert limits.take("door", "ann", most=1, each=HOUR, tenant=7) is None


def test_a_bucket_drips(database: Database) -> None:
    assert limits.take("door", "ann", most=1, each=HOUR) is None
    database.rows("UPDATE rate_limit SET at = at - interval '59 minutes'")
    assert limits.take("door", "ann", most=1, each=HOUR) is not None
    database.rows("UPDATE rate_limit SET at = at - interval '2 minutes'")
    assert limits.take("door", "ann", most=1, each=HOUR) is None


def test_a_try_can_be_given_back_and_all_be_forgotten(database: Database) -> None:
    for _ in range(2):
        limits.take("door", "ann", most=2, each=HOUR)
    limits.give_back("door", "ann")
    assert limits.take("door", "ann", most=2, each=HOUR) is None
    assert limits.take("door", "ann", most=2, each=HOUR) is not None
    limits.forget("door", "ann")
    assert limits.take("door", "ann", most=2, each=HOUR) is None


def test_what_is_counted_is_told_once(database: Database) -> None:
    for _ in range(12):
        limits.count("refused", "ann")
    assert limits.counted("refused", "ann") == 12
    assert limits.counted("refused", "ann") == 0


@pytest.mark.promise("A39")
def test_of_many_at_once_no_more_are_let_through(database: Database) -> None:
    def attempt(_: int) -> bool:
        try:
            return limits.take("door", "ann", most=5, each=HOUR) is None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 5


def test_what_nobody_has_tried_for_days_is_forgotten(database: Database) -> None:
    limits.take("door", "ann", most=1, each=HOUR)
    limits.take("door", "lea", most=1, each=HOUR)
    database.rows(
        "UPDATE rate_limit SET at = at - interval '3 days' WHERE key = (SELECT min(key)"
        " FROM rate_limit)"
    )
    assert limits.forget_old() == 1
    assert database.one("SELECT count(*) FROM rate_limit") == 1


def test_the_table_does_not_say_who_was_tried(database: Database) -> None:
    limits.take("door", "ann@acme.example", most=1, each=HOUR)
    key = bytes(database.one("SELECT key FROM rate_limit"))
    assert len(key) == 32
    assert b"ann" not in key


def test_a_try_stays_counted_though_what_it_was_for_fails(database: Database) -> None:
    limits.take("door", "ann", most=1, each=HOUR)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _ = 1 // 0
    assert limits.take("door", "ann", most=1, each=HOUR) is not None
