"""Why a clock is due when it is: its stretches, the policies that were asked, and what to say."""

import copy
import datetime as dt
import json
from typing import Any

import pytest
from tests.desk import POLICIES, Company, Database, at, company

from tocsin.actions import sla, tickets
from tocsin.engine.choice import Ground
from tocsin.queries import access, why
from tocsin.queries.why import Why

MONDAY = at("2026-03-02 08:00")
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
RESOLUTION = "SLA/resolution#1"
# Three of Stockholm's working hours a day.
OFFICE: dict[str, Any] = {
    "zone": "Europe/Stockholm",
    "week": {day: ["09:00-12:00"] for day in ["mon", "tue", "wed", "thu", "fri"]},
}


def desk() -> Company:
    """Return a company with a policy for gold accounts before that for all others."""
    made = company(now=at("2026-01-01 00:00"))
    config = copy.deepcopy(POLICIES)
    config["calendars"]["office"] = OFFICE
    gold = copy.deepcopy(config["policies"][0])
    gold |= {"key": "gold", "rank": 0, "calendar": "office", "when": {"priority": "P1"}}
    config["policies"].insert(0, gold)
    sla.publish(config=config, by=made.operator, now=at("2026-01-02 00:00"))
    return made


def number_of(database: Database, ticket: int) -> int:
    return int(database.one("SELECT number FROM ticket WHERE id = %s", ticket))


def waited(made: Company) -> int:
    """Return a ticket that was paused for an hour and goes on."""
    ann = made.person("ann")
    ticket = made.open(priority="P3", now=MONDAY)
    tickets.pause(ticket_id=ticket, reason="asked", by=ann, now=MONDAY + HOUR)
    tickets.resume(ticket_id=ticket, by=ann, now=MONDAY + 2 * HOUR)
    return ticket


def one(made: Company, ticket: int, now: dt.datetime, clock: str = RESOLUTION) -> Why:
    return why.why(ticket_id=ticket, clock=clock, by=made.person("ann"), now=now)


def test_the_stretches_add_up_and_say_what_began_them(database: Database) -> None:
    made = desk()
    found = one(made, waited(made), MONDAY + 3 * HOUR)
    assert [(s.strip.state, s.began, s.who, s.told) for s in found.stretches] == [
        ("running", "created", "customer", "new"),
        ("paused", "status", "Ann", "waiting customer"),
        ("running", "status", "Ann", "new"),
    ]
    assert sum((s.strip.used for s in found.stretches), 0 * HOUR) == found.used == 2 * HOUR
    assert found.due == MONDAY + 25 * HOUR


def test_it_says_which_policy_was_chosen_and_why_the_other_was_not(database: Database) -> None:
    made = desk()
    ticket = made.open(priority="P3", now=MONDAY)
    gold, standard = one(made, ticket, MONDAY + HOUR).candidates
    assert (gold.policy, gold.chosen, gold.why) == ("gold", False, Ground.CONDITION)
    assert [(p.name, p.wanted, p.fact) for p in gold.parts] == [("priority", ("P1",), "P3")]
    assert (standard.policy, standard.chosen) == ("standard", True)
    tickets.set_priority(ticket_id=ticket, to="P1", by=made.person("ann"), now=MONDAY + 2 * HOUR)
    chosen = {
        c.policy: c.chosen
        for c in one(made, ticket, MONDAY + 3 * HOUR, f"{RESOLUTION}.1").candidates
    }
    assert chosen == {"gold": True, "standard": False}
    # The clock that was replaced had been given its terms by what was so before.
    old = {c.policy: c.chosen for c in one(made, ticket, MONDAY + 3 * HOUR).candidates}
    assert old == {"gold": False, "standard": True}


SAID = {
    "en": (
        "We promised you a solution for your request within 24 hours, counted from"
        " Monday, 2 March 2026 at 08:00. It waited for 1 hour meanwhile, and that time is not"
        " counted. It is due by Tuesday, 3 March 2026 at 09:00. All times are UTC."
    ),
    "sv": (
        "Vi lovade dig en lösning på ditt ärende inom 24 timmar, räknat från"
        " måndag 2 mars 2026 kl. 08:00. Under tiden väntade det i 1 timme, och den tiden räknas"
        " inte. Det ska vara klart senast tisdag 3 mars 2026 kl. 09:00. Alla tider är UTC."
    ),
    "pt-BR": (
        "Prometemos a você uma solução para a sua solicitação em até 24 horas, a contar de"
        " segunda-feira, 2 de março de 2026, às 08:00. Nesse meio-tempo houve 1 hora de espera, e"
        " esse tempo não conta. O prazo é terça-feira, 3 de março de 2026, às 09:00. Todos os"
        " horários são do fuso UTC."
    ),
}


def test_a_customer_is_told_in_three_languages(database: Database) -> None:
    made = desk()
    found = one(made, waited(made), MONDAY + 3 * HOUR)
    assert {
        language: text.replace("\xa0", " ") for language, text in found.sentences.items()
    } == SAID


def test_each_outcome_has_its_words_and_the_zone_its_name(database: Database) -> None:
    made = desk()
    ann = made.person("ann")
    ticket = made.open(priority="P1", now=MONDAY)

    def said(now: dt.datetime) -> str:
        return one(made, ticket, now).sentences["en"].replace("\xa0", " ")

    assert (
        "within 4 hours of our opening hours, counted from Monday, 2 March 2026 at 09:00"
        in said(MONDAY)
    )
    assert "due by Tuesday, 3 March 2026 at 10:00." in said(MONDAY)
    assert said(MONDAY).endswith("All times are Central European Time (Europe/Stockholm).")
    assert "was due by Tuesday, 3 March 2026 at 10:00, which we missed" in said(MONDAY + 30 * HOUR)
    tickets.pause(ticket_id=ticket, reason="asked", by=ann, now=MONDAY + HOUR)
    assert "waiting since Monday, 2 March 2026 at 10:00; 3 hours remain" in said(MONDAY + 2 * HOUR)
    tickets.resume(ticket_id=ticket, by=ann, now=MONDAY + 2 * HOUR)
    tickets.resolve(ticket_id=ticket, by=ann, now=MONDAY + 2 * HOUR)
    assert "and was done on Monday, 2 March 2026 at 11:00." in said(MONDAY + 3 * HOUR)


def test_no_internal_word_reaches_the_customer(database: Database) -> None:
    made = desk()
    sentences = one(made, waited(made), MONDAY + 3 * HOUR).sentences
    for word in ("SLA", "clock", "policy", "standard", "P3", "calendar", "always", "resolution"):
        assert all(word.casefold() not in text.casefold() for text in sentences.values()), word


def test_a_promise_among_ourselves_is_nothing_to_say(database: Database) -> None:
    made = desk()
    ticket = made.open(now=MONDAY)
    stage = one(made, ticket, MONDAY + HOUR, "OLA/stage triage#1")
    assert stage.sentences == {}
    assert [c.chosen for c in stage.candidates] == [True]


def test_all_clocks_are_explained_as_data(database: Database) -> None:
    made = desk()
    number = number_of(database, waited(made))
    now = MONDAY + 3 * HOUR
    found = why.explained(number=number, by=made.person("ann"), now=now)
    told = json.loads(json.dumps(found.to_dict()))
    assert (told["ticket"], told["at"]) == (f"T-{number}", "2026-03-02T11:00:00+00:00")
    clock = next(one for one in told["clocks"] if one["clock"] == RESOLUTION)
    assert clock["due"] == "2026-03-03T09:00:00+00:00"
    assert (clock["used_seconds"], clock["remaining_seconds"]) == (7200, 79200)
    assert clock["versions"] == {
        "policy": "standard",
        "policy_version": 1,
        "row": "any other priority",
        "calendar": "always",
        "calendar_version": 1,
    }
    assert [s["seconds"] for s in clock["segments"]] == [3600, 0, 3600]
    assert [s["began_by"] for s in clock["segments"]] == ["created", "status", "status"]
    assert [c["chosen"] for c in clock["candidates"]] == [False, True]
    assert set(clock["sentences"]) == {"en", "sv", "pt-BR"}
    assert clock["breaches"] == []


def test_a_clock_is_the_same_explained_alone_and_among_all(database: Database) -> None:
    made = desk()
    ticket, now = waited(made), MONDAY + 30 * HOUR
    by = made.person("ann")
    together = why.explained(number=number_of(database, ticket), by=by, now=now).clocks
    assert len(together) > 2
    for found in together:
        alone = why.why(ticket_id=ticket, clock=found.clock.id, by=by, now=now)
        assert alone.to_dict() == found.to_dict()


def test_one_clock_or_one_kind_can_be_asked_for(database: Database) -> None:
    made = desk()
    number = number_of(database, made.open(now=MONDAY))
    by = made.person("ann")
    for asked in (RESOLUTION, "resolution"):
        found = why.explained(number=number, by=by, clock=asked, now=MONDAY)
        assert [one.clock.id for one in found.clocks] == [RESOLUTION]
    for wanted, clock in ((number, "nothing"), (999, "")):
        with pytest.raises(access.NotFound):
            why.explained(number=wanted, by=by, clock=clock, now=MONDAY)


def test_an_earlier_instant_shows_the_ticket_as_it_was_then(database: Database) -> None:
    made = desk()
    ticket = waited(made)
    found = one(made, ticket, MONDAY + HOUR + MINUTE)
    assert (found.clock.state.value, found.used) == ("paused", HOUR)
    assert (
        why.explained(
            number=number_of(database, ticket), by=made.person("ann"), now=MONDAY - HOUR
        ).clocks
        == ()
    )


def test_what_was_not_known_yet_is_left_out(database: Database) -> None:
    made = desk()
    ticket = made.open(priority="P3", now=MONDAY)
    tickets.pause(ticket_id=ticket, reason="asked", by=made.person("ann"), now=MONDAY + 3 * HOUR)
    number, by = number_of(database, ticket), made.person("ann")

    def state(as_of: dt.datetime | None) -> str:
        found = why.explained(
            number=number, by=by, clock="resolution", now=MONDAY + 5 * HOUR, as_of=as_of
        )
        return found.clocks[0].clock.state.value

    assert state(MONDAY + 2 * HOUR) == "running"
    assert state(MONDAY + 3 * HOUR) == state(None) == "paused"


def test_a_contact_is_not_told_what_is_promised_inside(database: Database) -> None:
    from tocsin.actions import customers

    made = desk()
    contact = customers.add_contact(name="Cara", by=made.operator)
    number = number_of(database, made.open(contact=contact, now=MONDAY))
    with pytest.raises(access.NotFound):
        why.explained(number=number, by=access.contact(made.tenant, contact), now=MONDAY)
