"""Acknowledging a violation: once, by those who may, and on record for good."""

import datetime as dt

import psycopg
import pytest
from tests.desk import Company, Database, at, company

from tocsin.actions import ledger, tickets, violations
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, timeline
from tocsin.queries.access import NotAllowed, NotFound

BEGIN = at("2026-03-01 00:00")
OPENED = at("2026-03-02 09:00")


def after(hours: float) -> dt.datetime:
    return OPENED + dt.timedelta(hours=hours)


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


@pytest.fixture
def ticket(desk: Company) -> int:
    made = desk.open(now=OPENED)
    with ledger.change(made, by=desk.operator, now=after(1.5)):
        pass
    return made


@pytest.fixture
def missed(database: Database, ticket: int) -> int:
    found: int = database.one("SELECT id FROM violation WHERE clock = 'SLA/first response#1'")
    return found


def kept(database: Database, violation: int) -> tuple[object, ...]:
    return database.rows(
        "SELECT acknowledged_at, acknowledged_by_id, note FROM violation WHERE id = %s", violation
    )[0]


def test_who_acknowledged_it_when_and_with_which_note_is_on_record(
    database: Database, desk: Company, ticket: int, missed: int
) -> None:
    lea = desk.person("lea", "lead")
    violations.acknowledge(violation_id=missed, note=" Nobody was in. ", by=lea, now=after(2))
    assert kept(database, missed) == (after(2), lea.person, "Nobody was in.")
    actor, side, payload, content = database.rows(
        "SELECT e.actor, e.side, e.payload::jsonb, c.content FROM event e"
        " JOIN event_content c ON c.event_id = e.id WHERE e.stream_kind = 'ticket'"
        " AND e.stream_id = %s AND e.kind = 'note' ORDER BY stream_seq DESC LIMIT 1",
        ticket,
    )[0]
    assert (actor, side, content) == (lea.name, "automation", "Nobody was in.")
    assert payload["did"] == "acknowledged"
    assert payload["clock"] == "SLA/first response#1"
    last = timeline.timeline(ticket_id=ticket, by=lea).entries[-1]
    assert (last.who, last.body, last.told["did"]) == ("Lea", "Nobody was in.", "acknowledged")


def test_it_stops_neither_a_clock_nor_the_escalation(
    database: Database, desk: Company, ticket: int, missed: int
) -> None:
    seen = "SELECT state, due_at FROM clock ORDER BY key"
    before = database.rows(seen), database.rows("SELECT escalates_at FROM ticket")
    violations.acknowledge(violation_id=missed, by=desk.person("mia", "manager"), now=after(1.6))
    assert (database.rows(seen), database.rows("SELECT escalates_at FROM ticket")) == before


def test_only_once(database: Database, desk: Company, missed: int) -> None:
    lea, mia = desk.person("lea", "lead"), desk.person("mia", "manager")
    violations.acknowledge(violation_id=missed, note="mine", by=lea, now=after(2))
    before = database.one("SELECT count(*) FROM event")
    with pytest.raises(NotAllowed, match="already"):
        violations.acknowledge(violation_id=missed, note="no, mine", by=mia, now=after(3))
    assert kept(database, missed) == (after(2), lea.person, "mine")
    assert database.one("SELECT count(*) FROM event") == before


def test_not_one_that_was_withdrawn(database: Database, desk: Company, missed: int) -> None:
    database.rows("UPDATE violation SET withdrawn_at = now()")
    with pytest.raises(NotAllowed, match="withdrawn"):
        violations.acknowledge(violation_id=missed, by=desk.person("lea", "lead"), now=after(2))


def test_not_by_an_agent_nor_by_another_desk_nor_one_that_there_is_not(
    database: Database, desk: Company, missed: int
) -> None:
    other = company("bolt", now=BEGIN)
    for by, id_ in (
        (desk.person("ann"), missed),
        (desk.person("ann", "auditor"), missed),
        (other.operator, missed),
        (access.contact(desk.tenant, 1), missed),
        (desk.operator, 10**9),
    ):
        with pytest.raises(NotFound) as refused:
            violations.acknowledge(violation_id=id_, by=by, now=after(2))
        assert str(refused.value) == str(access.missing())
    assert kept(database, missed) == (None, None, "")


def test_a_note_that_is_too_long_or_no_text_is_refused(
    database: Database, desk: Company, missed: int
) -> None:
    for note in ("x" * 2001, "\0"):
        with pytest.raises(Invalid) as refused:
            violations.acknowledge(
                violation_id=missed, note=note, by=desk.person("lea", "lead"), now=after(2)
            )
        assert refused.value.path == "note"
    assert kept(database, missed) == (None, None, "")


def test_what_is_on_record_cannot_be_changed_behind_its_back(
    database: Database, missed: int
) -> None:
    for change in ("due_at = now()", "owner = 'x'", "cause = 'policy change'"):
        with pytest.raises(psycopg.Error):
            database.rows(f"UPDATE violation SET {change} WHERE id = {missed}")
    with pytest.raises(psycopg.Error):
        database.rows("DELETE FROM violation")


def test_the_customer_does_not_see_it(
    database: Database, desk: Company, ticket: int, missed: int
) -> None:
    violations.acknowledge(violation_id=missed, note="inside", by=desk.operator, now=after(2))
    tickets.reply(ticket_id=ticket, body="Sorry", by=desk.person("ann"), now=after(2.1))
    entries = timeline.timeline(ticket_id=ticket, by=desk.operator).entries
    public = [entry.body for entry in entries if entry.said and entry.public]
    assert public == ["Help", "Sorry"]
