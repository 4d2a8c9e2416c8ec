"""A ticket's page for those who see a part of it: private notes, hidden fields, fewer actions."""

import dataclasses
import json
import re

import pytest
from tests.desk import Database, inside
from tests.web.conftest import Pages

from tocsin.actions import tickets
from tocsin.queries import allowed, why
from tocsin.queries.access import RIGHTS, Grant, Right
from tocsin.records import rows

CLOCK = "SLA/resolution#1"


@pytest.mark.promise("P28")
def test_a_note_for_a_team_is_written_and_read_by_that_team_only(
    pages: Pages, database: Database
) -> None:
    pages.made.open()
    ann, dora = pages.client("ann"), pages.client("dora")
    here = f"{pages.prefix}/tickets/1/"
    form = ann.get(here).content.decode()
    assert "Only team Second line" in form
    assert "Who reads the note" not in dora.get(here).content.decode()
    note = {"body": "The contract ends in May", "kind": "note", "private_to": "second line"}
    # What was meant for a few does not go to the customer.
    slip = ann.post(f"{here}say/", {**note, "kind": "reply"})
    assert slip.status_code == 422
    assert "a reply goes to the customer" in slip.content.decode()
    assert database.one("SELECT count(*) FROM message WHERE body LIKE 'The contract%%'") == 0
    assert ann.post(f"{here}say/", note).status_code == 302
    mine = ann.get(here).content.decode()
    assert "The contract ends in May" in mine
    assert "Private note, for Second line only" in mine
    theirs = dora.get(here).content.decode()
    assert "The contract ends in May" not in theirs
    assert "Private note" not in theirs
    # Nor is it for whoever writes one for a team of others.
    refused = dora.post(f"{here}say/", note)
    assert refused.status_code == 422


@pytest.mark.promise("P27", "A29")
def test_the_page_offers_what_may_be_done_to_this_ticket(pages: Pages, database: Database) -> None:
    made = pages.made
    first, second = made.open(), made.open()
    for ticket, team in ((first, "Service desk"), (second, "Second line")):
        tickets.assign(ticket_id=ticket, team=team, by=made.operator)
    desk = database.one("SELECT id FROM team WHERE name = 'Service desk'")
    id_ = made.people["ann"]
    database.rows("UPDATE person SET role = 'limited' WHERE id = %s", id_)
    with inside(made.tenant):
        common = {"tenant_id": made.tenant, "types": "[]", "changed_at": "2026-01-01T00:00Z"}
        changes = {"rights": json.dumps([Right.CHANGE.value, Right.WRITE.value])}
        reads = {"rights": json.dumps([Right.READ_TICKETS.value]), "reach": "all", "teams": "[]"}
        rows.insert("permission_set", [{**common, **reads, "key": "reads", "name": "Reads"}])
        changes |= {"reach": "teams", "teams": json.dumps([desk])}
        rows.insert("permission_set", [{**common, **changes, "key": "changes", "name": "Changes"}])
        for (set_,) in rows.query("SELECT id FROM permission_set"):
            own = {"tenant_id": made.tenant, "person_id": id_, "permission_set_id": set_}
            rows.insert("permission_grant", [{**own, "granted_at": "2026-01-01T00:00Z"}])
    client = pages.client("ann")
    may = client.get(f"{pages.prefix}/tickets/1/").content.decode()
    assert 'action="/t/acme/tickets/1/resolve/"' in may
    assert "<textarea" in may
    # Not what she may not do to either.
    assert 'action="/t/acme/tickets/1/assign/"' not in may
    sees = client.get(f"{pages.prefix}/tickets/2/").content.decode()
    assert "It is broken" in sees
    assert 'action="/t/acme/tickets/2/' not in sees
    assert "<textarea" not in sees
    assert client.post(f"{pages.prefix}/tickets/2/resolve/").status_code == 404


@pytest.mark.promise("P27")
def test_rights_for_some_tickets_are_looked_at_there(pages: Pages) -> None:
    made = pages.made
    ticket = made.open()
    ann = made.person("ann", "limited")
    grants = (
        Grant(frozenset({Right.READ_TICKETS, Right.EXPORT})),
        Grant(RIGHTS["agent"], teams=frozenset({0})),
    )
    rights = frozenset().union(*(one.rights for one in grants))
    found = allowed.allowed(
        ticket_id=ticket, by=dataclasses.replace(ann, grants=grants, rights=rights)
    )
    assert found & {Right.CHANGE, Right.READ_TICKETS, Right.EXPORT} == {
        Right.READ_TICKETS,
        Right.EXPORT,
    }


@pytest.mark.promise("P27", "A29")
def test_why_a_clock_is_due_does_not_tell_a_hidden_field(pages: Pages) -> None:
    made = pages.made
    ticket = made.open(priority="P1")
    tickets.set_field(ticket_id=ticket, name="region", to="north", by=made.operator)
    ann = made.person("ann")
    told = json.dumps(why.why(ticket_id=ticket, clock=CLOCK, by=ann).to_dict())
    assert "P1" in told
    blind = dataclasses.replace(ann, hidden=frozenset({"priority", "region"}))
    found = why.why(ticket_id=ticket, clock=CLOCK, by=blind)
    hidden = json.dumps(found.to_dict())
    assert "P1" not in hidden
    assert not re.search(r"north|P1", " ".join(one.told for one in found.stretches))
    # The due is the same: it is what was promised.
    assert found.due == why.why(ticket_id=ticket, clock=CLOCK, by=ann).due


@pytest.mark.promise("P27")
@pytest.mark.asvs("8.2.3")
def test_a_hidden_field_stands_nowhere_on_the_page(pages: Pages, database: Database) -> None:
    made = pages.made
    ticket = made.open(priority="P1", type="outage")
    tickets.set_field(ticket_id=ticket, name="type", to="breach of secrecy", by=made.operator)
    client = pages.client("ann")
    here = f"{pages.prefix}/tickets/1/"
    assert "breach of secrecy" in client.get(here).content.decode()
    with inside(made.tenant):
        rule = {"tenant_id": made.tenant, "readers": '["administrator"]', "writers": "[]"}
        for name in ("type", "priority"):
            rows.insert("field_rule", [{**rule, "name": name, "changed_at": "2026-01-01T00:00Z"}])
    page = client.get(here).content.decode()
    assert "breach of secrecy" not in page
    assert "outage" not in page
    assert "/priority/" not in page
    assert not re.search(r"\bP1\b", page)
    assert "breach of secrecy" in pages.client("dora").get(here).content.decode()
