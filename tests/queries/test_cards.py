"""Tickets as cards."""

import datetime as dt
import json

from tests.desk import Company, Database, at, company

from tocsin.actions import customers, tickets
from tocsin.engine.event import Side
from tocsin.engine.score import Reason
from tocsin.queries import access, cards
from tocsin.queries.cards import Card

MONDAY = at("2026-03-02 08:00")
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def one(made: Company, ticket: int, now: dt.datetime) -> Card:
    [card] = cards.cards(by=made.operator, ids=[ticket], now=now)
    return card


def test_a_card_holds_what_a_board_shows(database: Database) -> None:
    made = company(now=MONDAY)
    account = customers.add_account(name="Norr", plan="Enterprise", vip=True, by=made.operator)
    cara = customers.add_contact(name="Cara", account=account, by=made.operator)
    ticket = made.open(
        subject="My server died",
        priority="P1",
        type="outage",
        channel="mail",
        contact=cara,
        team="Second line",
        now=MONDAY,
    )
    tickets.assign(
        ticket_id=ticket, person=made.people["ann"], by=made.person("lea"), now=MONDAY + MINUTE
    )
    card = one(made, ticket, MONDAY + 2 * MINUTE)
    assert (card.ref, card.number, card.version, card.subject) == ("T-1", 1, 2, "My server died")
    assert (card.priority, card.type, card.channel, card.status) == ("P1", "outage", "mail", "new")
    assert (card.pipeline, card.stage, card.stage_name) == ("support", "triage", "Triage")
    assert (card.account, card.plan, card.vip, card.contact) == ("Norr", "Enterprise", True, "Cara")
    assert (card.team, card.level) == ("Second line", 2)
    assert (card.assignee, card.assignee_name) == (made.people["ann"], "Ann")
    assert (card.opened_at, card.last_at) == (MONDAY, MONDAY + MINUTE)
    assert card.due_at == MONDAY + 15 * MINUTE
    # The path begins when the resolution is missed.
    assert card.escalates_at == MONDAY + 4 * HOUR + dt.timedelta(microseconds=1)
    assert [face.key for face in card.faces] == [
        *("SLA/first response#1", "OLA/stage triage#1", "SLA/resolution#1"),
    ]
    assert card.reasons == (
        Reason("due", "2026-03-02T08:15:00+00:00"),
        Reason("priority", "P1", 96),
        Reason("plan", "Enterprise", 10),
        Reason("vip", "", 6),
        Reason("customer waiting", "2026-03-02T08:00:00+00:00", 3),
    )
    assert card.rank_at == MONDAY + 15 * MINUTE - 115 * HOUR


def test_an_answer_ends_the_waiting_and_a_breach_counts(database: Database) -> None:
    made = company(now=MONDAY)
    ticket = made.open(priority="P3", now=MONDAY)
    ann = made.person("ann")
    tickets.reply(ticket_id=ticket, body="Sorry", by=ann, now=MONDAY + 2 * HOUR)
    keys = [reason.key for reason in one(made, ticket, MONDAY + 3 * HOUR).reasons]
    assert keys == ["due", "priority", "breached"]
    customer = access.Actor(made.tenant, "customer", access.RIGHTS["operator"], Side.CUSTOMER)
    tickets.reply(ticket_id=ticket, body="And?", by=customer, now=MONDAY + 4 * HOUR)
    tickets.reply(ticket_id=ticket, body="Well?", by=customer, now=MONDAY + 5 * HOUR)
    # Since the first word that nobody answered.
    [waiting] = [r for r in one(made, ticket, MONDAY + 6 * HOUR).reasons if "waiting" in r.key]
    assert waiting.value == "2026-03-02T12:00:00+00:00"
    tickets.pause(ticket_id=ticket, reason="asked", by=ann, now=MONDAY + 6 * HOUR)
    tickets.reply(ticket_id=ticket, body="Tell us", by=ann, now=MONDAY + 6 * HOUR)
    assert one(made, ticket, MONDAY + 7 * HOUR).reasons[0].key == "waiting customer"


def test_cards_come_in_the_order_that_was_asked_for(database: Database) -> None:
    made = company(now=MONDAY)
    ids = [made.open(now=MONDAY) for _ in range(4)]
    wanted = [ids[2], ids[0], 10**9, ids[3], ids[0]]
    found = cards.cards(by=made.operator, ids=wanted, now=MONDAY)
    assert [card.id for card in found] == [ids[2], ids[0], ids[3]]
    assert cards.cards(by=made.operator, ids=[], now=MONDAY) == []
    assert cards.numbered(by=made.operator, number=2, now=MONDAY) == one(made, ids[1], MONDAY)
    assert cards.numbered(by=made.operator, number=99) is None


def test_another_tenants_tickets_are_not_there(database: Database) -> None:
    made, other = company(now=MONDAY), company("other", now=MONDAY)
    ticket = made.open(now=MONDAY)
    assert cards.cards(by=other.operator, ids=[ticket]) == []
    assert cards.numbered(by=other.operator, number=1) is None


def test_a_contact_sees_their_own_and_nothing_of_how_we_work(database: Database) -> None:
    made = company(now=MONDAY)
    cara, carl = (customers.add_contact(name=name, by=made.operator) for name in ("Cara", "Carl"))
    own, theirs = (made.open(contact=contact, now=MONDAY) for contact in (cara, carl))
    by = access.contact(made.tenant, cara)
    [card] = cards.cards(by=by, ids=[own, theirs], now=MONDAY)
    assert card.id == own
    assert {face.agreement for face in card.faces} == {"SLA"}
    assert (card.reasons, card.escalates_at) == ((), None)
    assert cards.numbered(by=by, number=2) is None


def test_a_ticket_that_cannot_be_decided_is_held_for_a_time(database: Database) -> None:
    made = company(now=MONDAY)
    ticket = made.open(now=MONDAY)
    database.rows("UPDATE ticket SET held_until = %s, held_reason = 'odd'", MONDAY + HOUR)
    assert one(made, ticket, MONDAY).held
    assert not one(made, ticket, MONDAY + HOUR).held


def test_a_stage_that_is_gone_keeps_its_key_for_a_name(database: Database) -> None:
    from tests.desk import SUPPORT

    from tocsin.actions import pipelines

    made = company(now=MONDAY)
    ticket = made.open(now=MONDAY)
    config = {**SUPPORT, "stages": SUPPORT["stages"][1:]}
    pipelines.publish(key="support", config=config, by=made.operator, now=MONDAY + MINUTE)
    card = one(made, ticket, MONDAY + HOUR)
    assert (card.pipeline, card.stage, card.stage_name) == ("support", "triage", "triage")


def test_the_reasons_are_kept_as_the_engine_gave_them(database: Database) -> None:
    made = company(now=MONDAY)
    ticket = made.open(now=MONDAY)
    kept = json.loads(database.one("SELECT reasons FROM ticket"))
    card = one(made, ticket, MONDAY)
    assert [[r.key, r.value, r.hours] for r in card.reasons] == kept
