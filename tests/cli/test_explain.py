"""`tocsin explain`: a table to read, or the JSON that the interface gives."""

import datetime as dt
import json
import re

import pytest
from tests.cli.command import output, tocsin
from tests.desk import Database, at, company

from tocsin.actions import tickets
from tocsin.queries import why

pytestmark = pytest.mark.long("starts the command again and again")

MONDAY = at("2026-03-02 08:00")
HOUR = dt.timedelta(hours=1)
THEN = "2026-03-02T10:00:00Z"


@pytest.fixture
def address(database: Database) -> str:
    made = company("acme", now=at("2026-01-01 00:00"))
    ticket = made.open(priority="P3", now=MONDAY)
    tickets.pause(ticket_id=ticket, reason="asked", by=made.person("ann"), now=MONDAY + HOUR)
    return database.url


def test_as_json_it_is_what_the_interface_gives(address: str) -> None:
    told = json.loads(output("explain", "T-1", "--at", THEN, "--json", DATABASE_URL=address))
    from tocsin.actions import tenants
    from tocsin.queries import access

    tenant = tenants.find("acme")
    assert tenant is not None
    found = why.explained(number=1, by=access.operator(tenant), now=MONDAY + 2 * HOUR)
    assert told == json.loads(json.dumps(found.to_dict()))


def test_to_be_read_it_has_a_strip_the_policies_and_a_sentence(address: str) -> None:
    told = output("explain", "1", "--at", THEN, "--clock", "resolution", DATABASE_URL=address)
    assert "SLA/resolution#1: open" in told
    assert re.search(r"2026-03-02 08:00\+00:00.*running.*1 h", told)
    assert re.search(r"2026-03-02 09:00\+00:00.*paused", told)
    assert "→ standard v1: chosen, row any other priority" in told
    said = " ".join(told.replace("\xa0", " ").split())
    assert "To the customer (sv): Vi lovade dig en lösning" in said


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (("explain", "INC"), "TICKET: 'INC' is no number of a ticket, such as T-123"),
        (("explain", "T-99"), "TICKET: there is no ticket T-99"),
        (("explain", "T-1", "--clock", "x"), "there is no ticket T-1 with a clock 'x'"),
        (("explain", "T-1", "--tenant", "x"), "--tenant: there is no tenant 'x'"),
        (("explain", "T-1", "--at", "2026-03-02 10:00"), "--at: 2026-03-02 10:00 is naive"),
    ],
)
def test_what_cannot_be_taken_is_refused(
    address: str, given: tuple[str, ...], complaint: str
) -> None:
    done = tocsin(*given, DATABASE_URL=address)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
