"""Rules that start each other: the chain is cut and shown, and nobody's own act is lost by it."""

import datetime as dt
import json
from typing import Any

import pytest
from tests.desk import ALWAYS, Company, Database, at, company
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import due, effects, passwords, sla, tickets
from tocsin.actions.due import Attempts
from tocsin.pulse.doorbell import Doorbell

MONDAY = at("2026-03-02 09:00")
LATE = at("2026-03-02 11:30")


def policy(key: str, rank: int, path: str, **given: Any) -> dict[str, Any]:
    clock = {"clock": "resolution", "targets": {"*": "1h"}, "path": path}
    return {"key": key, "rank": rank, "calendar": "always", "clocks": [clock], **given}


# Each team's policy gives a ticket that is late to the other team.
PING_PONG: dict[str, Any] = {
    "tocsin": 1,
    "calendars": {"always": ALWAYS},
    "paths": {
        "there": {"levels": [{"name": "There", "team": "Second line"}]},
        "back": {"levels": [{"name": "Back", "team": "Service desk"}]},
    },
    "policies": [
        policy("second", 1, "back", when={"team": "second line"}),
        policy("standard", 2, "there"),
    ],
}


@pytest.fixture
def desk(database: Database) -> Company:
    made = company(now=MONDAY)
    sla.publish(config=PING_PONG, by=made.operator, now=MONDAY)
    return made


def moves(database: Database) -> int:
    return int(database.one("SELECT count(*) FROM event WHERE kind = 'team' AND actor = 'tocsin'"))


def notes(database: Database) -> int:
    return int(
        database.one("SELECT count(*) FROM message WHERE body LIKE 'Rules started each other%%'")
    )


def told(database: Database, person: int) -> int:
    found = database.rows("SELECT parts FROM notification WHERE person_id = %s", person)
    return sum(json.loads(row[0])["lines"][0]["deed"] == "chain" for row in found)


@pytest.mark.promise("A50", "P36")
def test_a_persons_act_is_kept_when_rules_start_each_other_without_end(
    desk: Company, database: Database
) -> None:
    ticket = desk.open(team="Service desk", now=MONDAY)
    ann, dora = desk.person("ann"), desk.people["dora"]
    tickets.reply(ticket_id=ticket, body="we look", by=ann, now=LATE)
    assert database.one("SELECT count(*) FROM message WHERE body = 'we look'") == 1
    assert moves(database) == effects.MOST_IN_A_ROW == 10
    assert notes(database) == told(database, dora) == 1
    assert database.one("SELECT count(*) FROM outbox WHERE key LIKE 'chain/%%'") == 1
    # Every due that was missed is in the register, that of the last time too.
    breached = database.one("SELECT count(*) FROM clock WHERE verdict = 'breached'")
    assert breached == database.one("SELECT count(DISTINCT clock) FROM violation") >= 1
    # It is at rest: what comes next goes on from there.
    for minutes in (1, 2):
        now = LATE + dt.timedelta(minutes=minutes)
        tickets.note(ticket_id=ticket, body="and again", by=ann, now=now)
    assert (moves(database), notes(database)) == (10, 1)
    # Somebody else's act begins another chain, which is cut as well; that is told once a day.
    tickets.assign(ticket_id=ticket, team="Service desk", by=ann, now=LATE + 3 * MINUTE)
    tickets.assign(ticket_id=ticket, team="Second line", by=ann, now=LATE + 4 * MINUTE)
    assert moves(database) <= 30
    assert told(database, dora) == 1


MINUTE = dt.timedelta(minutes=1)


@pytest.mark.promise("A50", "P10")
def test_the_pulse_decides_such_a_ticket_and_holds_nothing_back(
    desk: Company, database: Database
) -> None:
    desk.open(team="Service desk", now=MONDAY)
    database.play("pulse")
    with Doorbell(database.url, "pulse") as bell:
        found = due.take(Attempts(bell.connection), now=LATE)
    assert found is not None
    assert found.tickets == 1
    assert database.rows("SELECT held_until, attempts FROM ticket") == [(None, 0)]
    assert (moves(database), notes(database)) == (10, 1)


@pytest.mark.promise("A50")
def test_a_page_takes_the_act_and_the_ticket_says_what_was_left_out(
    desk: Company, database: Database
) -> None:
    now = database.one("SELECT clock_timestamp()")
    desk.open(team="Service desk", now=now - dt.timedelta(hours=3))
    for name in ("ann", "dora"):
        passwords.give(person=desk.people[name], password=PASSWORD, by=desk.operator)
    pages = Pages(desk, "acme")
    client = pages.client("ann")
    answer = client.post("/t/acme/tickets/1/say/", {"body": "we look", "kind": "note"})
    assert answer.status_code == 302
    page = client.get("/t/acme/tickets/1/").content.decode()
    assert "we look" in page
    assert "Rules started each other 10 times" in page
    bell = pages.client("dora").get("/t/acme/notifications/").content.decode()
    assert "Rules kept starting each other" in bell


@pytest.mark.promise("A50", "P36")
def test_without_the_cut_the_chain_has_no_end_and_the_act_is_lost(
    desk: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = desk.open(team="Service desk", now=MONDAY)
    monkeypatch.setattr(effects, "MOST_IN_A_ROW", 1000)
    with pytest.raises(effects.NeverSettles):
        tickets.reply(ticket_id=ticket, body="we look", by=desk.person("ann"), now=LATE)
    assert database.one("SELECT count(*) FROM message WHERE body = 'we look'") == 0


@pytest.mark.promise("A50")
def test_a_chain_that_ends_by_itself_is_not_cut(desk: Company, database: Database) -> None:
    levels = [{"name": "There", "team": "Second line"}]
    config = {**PING_PONG, "paths": {"there": {"levels": levels}, "back": {"levels": levels}}}
    sla.publish(config=config, by=desk.operator, now=MONDAY)
    ticket = desk.open(team="Service desk", now=MONDAY)
    tickets.reply(ticket_id=ticket, body="we look", by=desk.person("ann"), now=LATE)
    assert (moves(database), notes(database)) == (1, 0)
