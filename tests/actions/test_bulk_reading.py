"""Bulk reading: a budget of tickets an hour, an alarm, and going on by a proof."""

import datetime as dt
import json
from typing import Any

import pytest
from tests.desk import Company, Database, at, company

from tocsin.actions import bulk_reading, exports, security
from tocsin.actions.bulk_reading import Spent, Unproved
from tocsin.queries import bulk_reading as looked
from tocsin.queries.access import NotFound
from tocsin.queries.security import Rules

NOW = at("2031-03-03 09:00")
MINUTE = dt.timedelta(minutes=1)


def desk(database: Database, *, tickets: int) -> Company:
    """Make a desk with so many tickets, all but the first of them as copies of its row."""
    made = company()
    made.open()
    listed = ", ".join(
        f't."{row[0]}"'
        for row in database.rows(
            "SELECT column_name::text FROM information_schema.columns"
            " WHERE table_name = 'ticket' AND is_generated = 'NEVER'"
        )
    )
    into, taken = listed.replace("t.", ""), listed
    for name in ("id", "number"):
        taken = taken.replace(f't."{name}"', f't."{name}" + n')
    database.rows(
        f"INSERT INTO ticket ({into}) OVERRIDING SYSTEM VALUE"
        f" SELECT {taken} FROM ticket t, generate_series(1, %s) n",
        tickets - 1,
    )
    return made


def facts(database: Database) -> list[dict[str, Any]]:
    found = database.rows(
        "SELECT payload FROM event WHERE stream_kind = 'sign-in' ORDER BY stream_seq"
    )
    return [json.loads(row[0]) for row in found]


def told(database: Database) -> list[str]:
    """Return who was told, in the product, of somebody who reads in bulk."""
    found = database.rows(
        "SELECT p.name FROM notification n JOIN person p ON p.id = n.person_id"
        " WHERE n.key LIKE 'bulk reading/%%' ORDER BY p.name"
    )
    return [row[0] for row in found]


@pytest.mark.promise("P35", "A53")
@pytest.mark.asvs("2.3.2", "2.4.1")
@pytest.mark.long("a thousand tickets are asked for")
def test_an_agent_who_reads_a_thousand_tickets_is_stopped_and_told_on(
    database: Database,
) -> None:
    made = desk(database, tickets=1000)
    ann = made.person("ann")
    opened = stopped = 0
    for number in range(1, 1001):
        try:
            bulk_reading.open_(number=number, by=ann, now=NOW)
            opened += 1
        except Spent:
            stopped += 1
    assert (opened, stopped) == (300, 700)
    # Once each, not seven hundred times: those above her and the administrators.
    assert told(database) == ["Dora", "Lea", "Mia"]
    mails = "SELECT count(*) FROM outbox WHERE key LIKE 'bulk reading/%%' AND channel = 'mail'"
    assert database.one(mails) == 3
    assert facts(database) == [{"did": "bulk reading", "tickets": 300, "allowed": 300}]
    assert database.one("SELECT count(*) FROM read_mark") == 300


@pytest.mark.promise("P35", "A36")
def test_beyond_the_budget_a_ticket_that_is_not_there_gets_the_same_answer(
    database: Database,
) -> None:
    made = desk(database, tickets=20)
    security.set_rules(rules=Rules(read_budget=10), by=made.operator)
    ann = made.person("ann")
    # One that is not there costs nothing, as long as there is something left.
    bulk_reading.open_(number=999, by=ann, now=NOW)
    for number in range(1, 11):
        bulk_reading.open_(number=number, by=ann, now=NOW)
    answers = set()
    for number in (11, 999, 2**40):
        with pytest.raises(Spent) as spent:
            bulk_reading.open_(number=number, by=ann, now=NOW + MINUTE)
        answers.add((str(spent.value), spent.value.allowed, spent.value.again))
    assert len(answers) == 1
    # What she has open stays open; others are not concerned; an hour later it is over.
    bulk_reading.open_(number=10, by=ann, now=NOW + 7 * MINUTE)
    bulk_reading.open_(number=11, by=made.person("lea"), now=NOW + 7 * MINUTE)
    bulk_reading.open_(number=11, by=ann, now=NOW + 61 * MINUTE)


@pytest.mark.promise("P35")
def test_looking_again_soon_writes_nothing(database: Database) -> None:
    made = desk(database, tickets=2)
    ann = made.person("ann")
    seen = "SELECT read_at FROM read_mark"
    bulk_reading.open_(number=1, by=ann, now=NOW)
    bulk_reading.open_(number=1, by=ann, now=NOW + 4 * MINUTE)
    assert database.one(seen) == NOW
    bulk_reading.open_(number=1, by=ann, now=NOW + 5 * MINUTE)
    assert database.one(seen) == NOW + 5 * MINUTE


@pytest.mark.promise("P35", "A53")
def test_a_proof_after_the_stop_gives_a_budget_more_and_two_are_the_most(
    database: Database,
) -> None:
    made = desk(database, tickets=60)
    security.set_rules(rules=Rules(read_budget=10), by=made.operator)
    ann = made.person("ann")
    numbers = iter(range(1, 61))

    def read_until_stopped(when: dt.datetime) -> tuple[int, Spent]:
        for count, number in enumerate(numbers):
            try:
                bulk_reading.open_(number=number, by=ann, now=when)
            except Spent as spent:
                return count, spent
        raise AssertionError("never stopped")

    assert read_until_stopped(NOW)[0] == 10
    assert looked.stopped_at(by=ann) == NOW
    for proved_at in (NOW - MINUTE, NOW):
        with pytest.raises(Unproved):
            bulk_reading.go_on(proved_at=proved_at, by=ann, now=NOW + MINUTE)
    for k in (1, 2):
        when = NOW + k * 10 * MINUTE
        bulk_reading.go_on(proved_at=when, by=ann, now=when)
        # A second time without being stopped again gives nothing.
        bulk_reading.go_on(proved_at=when, by=ann, now=when)
        count, spent = read_until_stopped(when)
        assert count == 10
    assert not spent.again
    with pytest.raises(Spent):
        bulk_reading.go_on(proved_at=NOW + 30 * MINUTE, by=ann, now=NOW + 30 * MINUTE)
    did = [one["did"] for one in facts(database)]
    assert did == ["bulk reading", "reads on"] * 2 + ["bulk reading"]
    # The alarm is about the hour, not about each time.
    assert told(database) == ["Dora", "Lea", "Mia"]


@pytest.mark.promise("P35", "A53")
def test_exported_tickets_count_and_more_than_is_left_needs_a_second_person(
    database: Database,
) -> None:
    made = desk(database, tickets=20)
    security.set_rules(rules=Rules(read_budget=10), by=made.operator)
    lea = made.person("lea", "lead")
    take: dict[str, Any] = {"what": "violations", "query": "", "by": lea}
    exports.take(**take, count=8, now=NOW)
    with pytest.raises(exports.NeedsAgreement):
        exports.take(**take, count=3, now=NOW)
    # Days are no tickets.
    exports.take(what="punctuality", query="", count=365, by=lea, now=NOW)
    for number in (1, 2):
        bulk_reading.open_(number=number, by=lea, now=NOW)
    with pytest.raises(Spent):
        bulk_reading.open_(number=3, by=lea, now=NOW)


@pytest.mark.promise("P35")
def test_a_ticket_out_of_reach_is_not_marked(database: Database) -> None:
    made = desk(database, tickets=2)
    theirs = company("bolt")
    bulk_reading.open_(number=1, by=theirs.person("ann"), now=NOW)
    assert database.one("SELECT count(*) FROM read_mark") == 0
    with pytest.raises(NotFound):
        bulk_reading.open_(number=1, by=made.person("ann", "limited"), now=NOW)


@pytest.mark.promise("P35")
def test_a_mark_of_more_than_a_year_ago_is_written_over(database: Database) -> None:
    made = desk(database, tickets=6)
    ann, lea = made.person("ann"), made.person("lea")

    def opened(day: int, *numbers: int) -> list[int]:
        for number in numbers:
            bulk_reading.open_(number=number, by=ann, now=NOW + dt.timedelta(days=day))
        found = database.rows(
            "SELECT t.number FROM read_mark m JOIN ticket t ON t.id = m.ticket_id"
            " WHERE m.person_id = %s ORDER BY 1",
            ann.person,
        )
        return [row[0] for row in found]

    bulk_reading.open_(number=1, by=lea, now=NOW)
    assert opened(0, 1, 2) == [1, 2]
    assert opened(365, 3) == [1, 2, 3]
    # The oldest goes, one for one; what was opened anew in the meantime is not old.
    assert opened(366, 2) == [1, 2, 3]
    assert opened(367, 4) == [2, 3, 4]
    assert opened(367, 5) == [2, 3, 4, 5]
    # Of others there is nothing to be taken.
    assert database.one("SELECT count(*) FROM read_mark WHERE person_id = %s", lea.person) == 1
    assert opened(400, 1) == [1, 2, 3, 4, 5]
