"""Who is told: every word of a policy as people, whoever left, is away or was never there."""

import datetime as dt

import pytest
from django.db import transaction
from tests.desk import Company, Database, at, company

from tocsin.actions import config_versions, customers, ledger, people, recipients, tickets
from tocsin.queries import desk as desks
from tocsin.queries import notified
from tocsin.records import context

NOW = at("2026-03-02 09:00")


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=NOW)


def told(desk: Company, *words: str, fall_back: bool = True, **given: object) -> list[str]:
    """Return the names of those whom the words mean for a new ticket."""
    ticket = desk.open(**{"team": "Service desk", "now": NOW, **given})
    return of(desk, ticket, *words, fall_back=fall_back)


def of(desk: Company, ticket: int, *words: str, fall_back: bool = True) -> list[str]:
    names = {id_: name for name, id_ in desk.people.items()}
    with ledger.change(ticket, by=desk.operator, now=NOW) as work:
        meant = (recipients.resolve if fall_back else recipients.found)(work, words)
    return [names[id_] for id_ in meant]


def owned(desk: Company, by: str = "ann") -> int:
    ticket = desk.open(team="Service desk", now=NOW)
    person = desk.people[by]
    tickets.assign(ticket_id=ticket, person=person, by=desk.person("lea", "lead"), now=NOW)
    return ticket


def leave(database: Database, desk: Company, name: str) -> None:
    database.rows("UPDATE person SET is_active = false WHERE id = %s", desk.people[name])
    database.rows("UPDATE tenant SET config_version = config_version + 1")


def test_words_for_those_above_the_owner(desk: Company) -> None:
    ticket = owned(desk)
    assert of(desk, ticket, "owner") == ["ann"]
    assert of(desk, ticket, "manager") == ["lea"]
    assert of(desk, ticket, "manager 2") == ["mia"]
    assert of(desk, ticket, "manager 3") == ["dora"]
    # Nobody is higher than the head.
    assert of(desk, ticket, "manager 9") == ["dora"]
    assert of(desk, ticket, "department head") == ["mia"]
    assert of(desk, ticket, "lead", "team") == ["lea", "ann"]


def test_words_without_an_owner_mean_the_teams_own(desk: Company) -> None:
    assert told(desk, "owner") == ["lea"]
    assert told(desk, "manager") == ["mia"]
    assert told(desk, "department head") == ["dora"]
    assert told(desk, "senior") == ["lea"]


def test_words_that_need_no_ticket(desk: Company) -> None:
    assert told(desk, "role:manager") == ["mia"]
    assert told(desk, "team:second line") == ["lea", "ann"]
    assert told(desk, "team:Second line/lead") == ["lea"]
    assert told(desk, "Ann@acme.example") == ["ann"]
    assert told(desk, "administrators") == ["dora"]
    assert told(desk, "owner", "ann@acme.example", "lead", "lead") == ["lea", "ann"]


def test_a_manager_who_left_is_passed_over(database: Database, desk: Company) -> None:
    ticket = owned(desk)
    leave(database, desk, "lea")
    assert of(desk, ticket, "manager") == ["mia"]
    assert of(desk, ticket, "manager 2") == ["dora"]


def test_an_alert_never_goes_nowhere_but_a_step_may_find_nobody(
    database: Database, desk: Company
) -> None:
    assert told(desk, "account manager", team=None) == ["dora"]
    assert told(desk, "account manager", team=None, fall_back=False) == []
    assert told(desk, "account manager") == ["lea"]
    assert told(desk, "on-call:nights", fall_back=False) == []
    leave(database, desk, "lea")
    assert told(desk, "lead", fall_back=False) == []


def test_the_account_manager_is_of_the_ticket_at_hand(desk: Company) -> None:
    account = customers.add_account(
        name="Umbrella", key="umbrella", account_manager=desk.people["mia"], by=desk.operator
    )
    assert told(desk, "account manager", account=account) == ["mia"]


@pytest.mark.scenario("E54")
def test_in_the_place_of_somebody_away_it_is_their_substitute(
    database: Database, desk: Company
) -> None:
    ticket = owned(desk)
    away(database, desk, "ann", "lea")
    assert of(desk, ticket, "owner") == ["lea"]
    away(database, desk, "lea", "mia")
    assert of(desk, ticket, "owner", "manager") == ["mia"]
    # A circle is nobody; then the lead is asked, and in the end the administrators.
    away(database, desk, "mia", "ann")
    assert of(desk, ticket, "owner", fall_back=False) == []
    assert of(desk, ticket, "owner") == ["dora"]


def away(database: Database, desk: Company, name: str, substitute: str) -> None:
    database.rows(
        "INSERT INTO absence (tenant_id, person_id, begins_at, ends_at, substitute_id, note,"
        " made_at) VALUES (%s, %s, %s, %s, %s, '', %s)",
        desk.tenant,
        desk.people[name],
        NOW - dt.timedelta(days=1),
        NOW + dt.timedelta(days=1),
        desk.people[substitute],
        NOW,
    )
    database.rows("UPDATE tenant SET config_version = config_version + 1")


def test_administrators_who_are_all_away_are_told_none_the_less(
    database: Database, desk: Company
) -> None:
    away(database, desk, "dora", "mia")
    away(database, desk, "mia", "dora")
    assert told(desk, "administrators", team=None) == ["dora"]


def test_addresses_outside_are_nobody_here_and_stand_for_nobody(desk: Company) -> None:
    assert recipients.outside(["mailto:ops@example.com", "owner", "mailto:ops@example.com"]) == [
        "ops@example.com"
    ]
    assert told(desk, "mailto:ops@example.com") == []
    assert told(desk, "mailto:ops@example.com", "account manager", team=None) == ["dora"]


def test_the_map_says_who_answers_for_a_type(desk: Company) -> None:
    types = {
        "Security": {"first": "mia@acme.example", "backup": "lea@acme.example"},
        "*": {"first": "ann@acme.example"},
    }
    config_versions.publish(
        kind="responsibilities", key="map", data={"types": types}, by=desk.operator, now=NOW
    )
    assert told(desk, "first contact", "backup", type="security") == ["mia", "lea"]
    assert told(desk, "first contact", type="printer") == ["ann"]
    assert told(desk, "backup", type="printer", fall_back=False) == []


@pytest.mark.parametrize(
    ("word", "unknown"),
    [
        *((word, False) for word in notified.WORDS),
        ("manager 2", False),
        ("manager 10", True),
        ("manager 1", True),
        ("role:lead", False),
        ("role:king", True),
        ("on-call:nights", False),
        ("on-call:", True),
        ("team:to come", False),
        ("mailto:ops@example.com", False),
        ("mailto:ops", True),
        ("mailto:a@b\r\nBcc: c@d", True),
        ("mailto:a@b,c@d", True),
        ("ann@acme.example", False),
        ("nobody@acme.example", True),
        ("boss", True),
    ],
)
def test_a_word_that_names_nobody_is_known_at_once(desk: Company, word: str, unknown: bool) -> None:
    with transaction.atomic(), context.tenant(desk.tenant):
        at_work, _ = desks.at_work(desk.tenant)
    assert notified.unknown(at_work, word) is unknown


def test_people_of_another_desk_are_nobody(desk: Company) -> None:
    bolt = company("bolt", now=NOW)
    people.add_person(name="Zoe", email="zoe@bolt.example", by=bolt.operator, now=NOW)
    assert told(desk, "zoe@bolt.example", fall_back=False) == []
