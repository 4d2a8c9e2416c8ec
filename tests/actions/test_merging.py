"""Merging, splitting and following up, on a real database."""

from typing import Any

import pytest
from tests.actions.life import BEGIN, OPENED, after, beat, clocks, differences
from tests.actions.test_sla import slower
from tests.actions.test_tickets import refused
from tests.desk import Company, Database, at, company

from tocsin.actions import clocks as deeds
from tocsin.actions import merging, messages, sla, tickets
from tocsin.engine.event import Side
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, NotFound

FIRST, RESOLUTION = "SLA/first response#1", "SLA/resolution#1"


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


@pytest.fixture
def ann(desk: Company) -> Actor:
    return desk.person("ann")


def customer(desk: Company) -> Actor:
    return Actor(desk.tenant, "customer", access.RIGHTS["operator"], Side.CUSTOMER)


@pytest.mark.scenario("E45")
def test_the_ticket_that_goes_on_counts_from_the_earliest_word_and_answer(
    database: Database, desk: Company, ann: Actor
) -> None:
    gone = desk.open(now=OPENED, subject="First")
    tickets.reply(ticket_id=gone, body="We are on it", by=ann, now=after(30))
    stays = desk.open(now=after(45), subject="Second")
    merging.merge(ticket_id=gone, into=stays, by=ann, now=after(50))
    found = clocks(database, stays)
    assert found[RESOLUTION][:2] == ("running", after(24 * 60))
    assert found[FIRST] == ("stopped", after(60), "met", "answered")
    assert clocks(database, gone)[RESOLUTION] == ("replaced", None, "none", "merged")
    # One that was decided stays so.
    assert clocks(database, gone)[FIRST][2] == "met"
    assert database.rows("SELECT status, merged_into_id FROM ticket WHERE id = %s", gone) == [
        ("merged", stays)
    ]
    assert database.rows(
        "SELECT body FROM message WHERE ticket_id = %s ORDER BY said_at", stays
    ) == [("Help",), ("We are on it",), ("Help",)]
    assert differences(desk) == []


@pytest.mark.scenario("E45")
def test_what_both_had_missed_is_reported_once(
    database: Database, desk: Company, ann: Actor
) -> None:
    stays = desk.open(now=OPENED)
    gone = desk.open(now=OPENED)
    assert beat(database, now=after(61)) == 2
    merging.merge(ticket_id=gone, into=stays, by=ann, now=after(70))
    standing = "SELECT ticket_id FROM violation WHERE withdrawn_at IS NULL AND clock = %s"
    assert database.rows(standing, FIRST) == [(stays,)]
    assert database.rows(
        "SELECT ticket_id, clock, was, now FROM restatement WHERE ticket_id = %s", gone
    ) == [(gone, FIRST, "breached", "none")]
    assert differences(desk) == []


@pytest.mark.scenario("E45")
def test_what_only_the_other_had_missed_stays_on_record_there_or_here(
    database: Database, desk: Company, ann: Actor
) -> None:
    gone = desk.open(now=OPENED)
    beat(database, now=after(61))
    stays = desk.open(now=after(65))
    merging.merge(ticket_id=gone, into=stays, by=ann, now=after(70))
    # The one that goes on has the earlier word, so the same due is missed there: once.
    assert database.rows(
        "SELECT ticket_id, due_at FROM violation WHERE withdrawn_at IS NULL AND clock = %s", FIRST
    ) == [(stays, after(60))]
    assert differences(desk) == []


@pytest.mark.scenario("E45")
def test_what_comes_for_it_later_goes_to_the_one_that_goes_on(
    database: Database, desk: Company, ann: Actor
) -> None:
    gone, between, stays = (desk.open(now=after(k)) for k in range(3))
    merging.merge(ticket_id=gone, into=between, by=ann, now=after(5))
    merging.merge(ticket_id=between, into=stays, by=ann, now=after(6))
    assert messages.target(ann, gone) == stays
    tickets.reply(ticket_id=gone, body="And another thing", by=customer(desk), now=after(7))
    assert database.rows("SELECT ticket_id FROM message WHERE body = 'And another thing'") == [
        (stays,)
    ]
    assert clocks(database, stays)[RESOLUTION][1] == after(24 * 60)
    assert differences(desk) == []


def test_what_was_published_between_the_words_counts_for_the_one_that_goes_on(
    database: Database, desk: Company, ann: Actor
) -> None:
    # A calendar that changed after the older ticket began is of the younger one's past too.
    gone = desk.open(now=OPENED)
    sla.publish(config=slower(), by=desk.operator, now=after(10))
    stays = desk.open(now=after(20))
    merging.merge(ticket_id=gone, into=stays, by=ann, now=after(30))
    assert differences(desk) == []
    tickets.note(ticket_id=stays, body="look", by=ann, now=after(31))
    assert differences(desk) == []


def test_refusals_leave_nothing_behind(database: Database, desk: Company, ann: Actor) -> None:
    one, other, third = (desk.open(now=OPENED) for _ in range(3))
    with refused(database, Invalid, "into"):
        merging.merge(ticket_id=one, into=one, by=ann, now=after(1))
    with refused(database, NotFound):
        merging.merge(ticket_id=one, into=999_999, by=ann, now=after(1))
    merging.merge(ticket_id=one, into=other, by=ann, now=after(1))
    for pair in ((one, third), (third, one)):
        with refused(database, NotAllowed, words="merged"):
            merging.merge(ticket_id=pair[0], into=pair[1], by=ann, now=after(2))
    for deed in (tickets.resolve, tickets.close):
        with refused(database, NotAllowed, words="merged"):
            deed(ticket_id=one, by=ann, now=after(2))
    deeds.spam(ticket_id=third, by=ann, now=after(2))
    with refused(database, NotAllowed, words="spam"):
        merging.merge(ticket_id=other, into=third, by=ann, now=after(3))


# ----------------------------------------------------------------------------------- splitting


def message(database: Database, ticket: int, body: str) -> int:
    found: int = database.one(
        "SELECT id FROM message WHERE ticket_id = %s AND body = %s", ticket, body
    )
    return found


@pytest.mark.scenario("E46")
@pytest.mark.parametrize(("start", "begins"), [("message", 10), ("now", 30)])
def test_a_ticket_that_is_split_off_counts_from_its_message_or_from_now(
    database: Database, desk: Company, ann: Actor, start: str, begins: int
) -> None:
    ticket = desk.open(now=OPENED, priority="P1")
    tickets.reply(ticket_id=ticket, body="Also: the lamp", by=customer(desk), now=after(10))
    id_ = message(database, ticket, "Also: the lamp")
    given: dict[str, Any] = {
        "ticket_id": ticket,
        "message": id_,
        "subject": "Lamp",
        "start": start,
        "by": ann,
    }
    new = merging.split(**given, now=after(30))
    assert clocks(database, new)[FIRST][:2] == ("running", after(begins + 15))
    assert database.rows("SELECT subject, follows_id, priority FROM ticket WHERE id = %s", new) == [
        ("Lamp", ticket, "P1")
    ]
    # The same message again is the same ticket.
    assert merging.split(**given, now=after(31)) == new
    assert clocks(database, ticket)[RESOLUTION][:2] == ("running", after(240))
    assert differences(desk) == []


def test_what_was_published_since_the_message_counts_for_what_is_split_off(
    database: Database, desk: Company, ann: Actor
) -> None:
    ticket = desk.open(now=OPENED)
    sla.publish(config=slower(), by=desk.operator, now=after(10))
    id_ = message(database, ticket, "Help")
    merging.split(ticket_id=ticket, message=id_, subject="Lamp", by=ann, now=after(20))
    assert differences(desk) == []


def test_what_cannot_be_split_off_is_refused(database: Database, desk: Company, ann: Actor) -> None:
    one, other = desk.open(now=OPENED), desk.open(now=OPENED)
    foreign = message(database, other, "Help")
    with refused(database, Invalid, "message"):
        merging.split(ticket_id=one, message=foreign, subject="x", by=ann, now=after(1))
    with refused(database, Invalid, "subject"):
        merging.split(ticket_id=other, message=foreign, subject=" ", by=ann, now=after(1))
    with refused(database, Invalid, "start"):
        merging.split(
            ticket_id=other, message=foreign, subject="x", start="then", by=ann, now=after(1)
        )


# -------------------------------------------------------------------------------- following up


@pytest.mark.scenario("E47")
@pytest.mark.parametrize("ended", ["closed", "merged"])
def test_what_is_over_is_followed_by_a_ticket_with_clocks_of_its_own(
    database: Database, desk: Company, ann: Actor, ended: str
) -> None:
    ticket = desk.open(now=OPENED)
    if ended == "closed":
        tickets.close(ticket_id=ticket, by=ann, now=after(5))
    else:
        merging.merge(ticket_id=ticket, into=desk.open(now=OPENED), by=ann, now=after(5))
    before = clocks(database, ticket)
    new = merging.follow_up(
        ticket_id=ticket, body="Again", by=customer(desk), now=at("2026-03-09 09:00")
    )
    assert clocks(database, new)[FIRST][1] == at("2026-03-09 10:00")
    assert database.one("SELECT follows_id FROM ticket WHERE id = %s", new) == ticket
    assert clocks(database, ticket) == before
    assert differences(desk) == []


def test_what_is_open_is_not_followed(database: Database, desk: Company, ann: Actor) -> None:
    ticket = desk.open(now=OPENED)
    with refused(database, NotAllowed, words="still open"):
        merging.follow_up(ticket_id=ticket, body="Again", by=ann, now=after(1))
