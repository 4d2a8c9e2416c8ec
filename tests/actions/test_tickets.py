"""What may be done to a ticket, on a real database."""

from tests.desk import Database, company
from tocsin.actions import tickets


def test_a_ticket_is_opened_answered_and_resolved(database: Database) -> None:
    desk = company()
    ticket = desk.open()
    ann = desk.person("ann")
    tickets.reply(ticket_id=ticket, body="I look at it", by=ann)
    tickets.resolve(ticket_id=ticket, by=ann)
    assert database.rows("SELECT status, number FROM ticket") == [("resolved", 1)]
    assert database.rows("SELECT key, state, verdict FROM clock ORDER BY key") == [
        ("OLA/stage triage#1", "stopped", "met"),
        ("SLA/first response#1", "stopped", "met"),
        ("SLA/resolution#1", "stopped", "met"),
    ]
