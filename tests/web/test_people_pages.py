"""The pages of people, teams, permission sets and rules, as an administrator uses them."""

import re
from typing import Any

import pytest
from django.test import Client
from tests.desk import Database
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import passwords, people, permission_sets, tickets
from tocsin.queries import access

pytestmark = pytest.mark.long("signs in again and again")

READ, ASSIGN = "read tickets", "assign"


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()
    return str(answer.content.decode())


def team(database: Database, key: str) -> int:
    return int(database.one("SELECT id FROM team WHERE key = %s", key))


def add(pages: Pages, name: str, role: str) -> int:
    person = people.add_person(
        name=name.title(), email=f"{name}@acme.example", role=role, by=pages.made.operator
    )
    passwords.give(person=person, password=PASSWORD, by=pages.made.operator)
    return person


# ---------------------------------------------------------------------------------------- people


def test_somebody_is_added_found_changed_and_given_a_set(pages: Pages, database: Database) -> None:
    client = pages.client("dora")
    form = {
        "name": "Eve Ny",
        "email": "eve@acme.example",
        "role": "limited",
        "level": "1",
        "manager": str(pages.made.people["mia"]),
        "language": "sv",
        "zone": "Europe/Stockholm",
    }
    empty = text(client.get("/t/acme/settings/new-person/"))
    assert 'name="email" type="email" value=""' in empty
    answer = client.post("/t/acme/settings/new-person/", form)
    eve = database.one("SELECT id FROM person WHERE email_key = 'eve@acme.example'")
    assert answer.headers["Location"] == f"/t/acme/settings/people/{eve}/?done=added"
    page = text(client.get("/t/acme/settings/people/?words=eve"))
    assert "Eve Ny" in page
    assert "Dora" not in re.sub(r"(?s).*<table", "", page)
    page = text(client.get(f"/t/acme/settings/people/{eve}/"))
    assert "Nothing yet" in page
    permission_sets.save(key="billing", name="Billing", rights=[READ], by=pages.made.operator)
    do = f"/t/acme/settings/people/{eve}"
    assert client.post(f"{do}/grant/", {"set": "billing"}).status_code == 302
    page = text(client.get(f"{do}/"))
    assert "See tickets, their clocks and all that was said." in page
    assert client.post(f"{do}/revoke/", {"set": "billing"}).status_code == 302
    assert "Nothing yet" in text(client.get(f"{do}/"))
    kept = client.get(f"{do}/edit/").content.decode()
    assert 'value="Europe/Stockholm"' in kept
    assert client.post(f"{do}/edit/", {**form, "role": "agent", "level": "2"}).status_code == 302
    assert database.rows("SELECT role, level FROM person WHERE id = %s", eve) == [("agent", 2)]


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(pages: Pages) -> None:
    client = pages.client("dora")
    form = {"name": "Eve Ny", "email": "LEA@acme.example", "role": "agent", "level": "1"}
    form |= {"language": "en", "zone": "UTC"}
    page = text(client.post("/t/acme/settings/new-person/", form), 422)
    assert 'value="Eve Ny"' in page
    assert "somebody has the address LEA@acme.example already" in page
    assert 'aria-describedby="e-email"' in page
    me = pages.made.people["dora"]
    form |= {"email": "dora@acme.example"}
    page = text(client.post(f"/t/acme/settings/people/{me}/edit/", form), 422)
    assert "Nobody else is an administrator; make somebody one first." in page
    assert 'value="Eve Ny"' in page


@pytest.mark.promise("P34")
def test_whoever_is_invited_by_a_link_finds_it_on_the_page_once(
    pages: Pages, database: Database
) -> None:
    client = pages.client("dora")
    form = {"name": "Eve", "email": "eve@acme.example", "role": "agent", "level": "1"}
    form |= {"language": "en", "zone": "UTC", "invite": "1"}
    answer = client.post("/t/acme/settings/new-person/", form)
    page = text(answer)
    assert "It is not shown again." in page
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r'mono wraps">(http[^<]+)</p>', page)
    assert found is not None
    assert text(pages.anybody().get(found[1].partition("localhost")[2]))
    eve = database.one("SELECT id FROM person WHERE email_key = 'eve@acme.example'")
    again = text(client.get(f"/t/acme/settings/people/{eve}/"))
    assert found[1] not in again
    assert "invited" in again


@pytest.mark.promise("P34", "A40")
def test_whoever_leaves_loses_pages_and_token_at_once_and_others_have_their_work(
    pages: Pages, database: Database
) -> None:
    made, client = pages.made, pages.client("dora")
    ann, lea = made.people["ann"], made.people["lea"]
    mine, queued = made.open(), made.open(team="Second line")
    for ticket in (mine, queued):
        tickets.assign(ticket_id=ticket, person=ann, by=made.person("lea", "lead"))
    hers = pages.client("ann")
    assert hers.get("/t/acme/queue/").status_code == 200
    page = text(client.get(f"/t/acme/settings/people/{ann}/leave/"))
    assert "2 open tickets" in page
    answer = client.post(f"/t/acme/settings/people/{ann}/leave/", {"hand_over_to": str(lea)})
    assert answer.headers["Location"] == f"/t/acme/settings/people/{ann}/?left=2"
    assert "2 tickets were given away." in text(client.get(answer.headers["Location"]))
    for where in ("queue/", "hub/", "tickets/1/"):
        assert hers.get(f"/t/acme/{where}").status_code == 302
    assert hers.post("/t/acme/tickets/1/say/", {"body": "x", "kind": "note"}).status_code == 401
    assert database.rows("SELECT DISTINCT assignee_id FROM ticket") == [(lea,)]
    form = {"login": "ann@acme.example", "password": PASSWORD}
    assert pages.anybody().post("/t/acme/sign-in/", form).status_code != 302
    # Back again, with none of the old sessions.
    assert client.post(f"/t/acme/settings/people/{ann}/return/").status_code == 302
    assert hers.get("/t/acme/queue/").status_code == 302
    assert pages.client("ann").get("/t/acme/queue/").status_code == 200


def test_nobody_is_given_work_who_is_not_there(pages: Pages) -> None:
    client, ann = pages.client("dora"), pages.made.people["ann"]
    for heir in ("999999", str(ann), "x"):
        form = {"hand_over_to": heir}
        page = text(client.post(f"/t/acme/settings/people/{ann}/leave/", form), 422)
        assert "must be somebody else who works here" in page
    assert pages.client("ann").get("/t/acme/queue/").status_code == 200


# ------------------------------------------------------------------------------------------ teams


def test_a_team_is_added_and_changed(pages: Pages, database: Database) -> None:
    client, made = pages.client("dora"), pages.made
    form: dict[str, Any] = {"name": "Night", "level": "2", "lead": str(made.people["lea"])}
    form |= {"manager": "", "members": [str(made.people["ann"]), str(made.people["lea"])]}
    assert text(client.get("/t/acme/settings/new-team/"))
    assert client.post("/t/acme/settings/new-team/", form).status_code == 302
    night = team(database, "night")
    assert "Night" in text(client.get("/t/acme/settings/teams/"))
    form |= {"name": "Night shift", "members": [str(made.people["ann"])]}
    assert client.post(f"/t/acme/settings/teams/{night}/", form).status_code == 302
    assert database.rows("SELECT person_id FROM membership WHERE team_id = %s", night) == [
        (made.people["ann"],)
    ]
    page = text(client.post(f"/t/acme/settings/teams/{night}/", {**form, "name": " "}), 422)
    assert "is empty" in page
    page = text(client.post("/t/acme/settings/new-team/", form | {"name": "NIGHT"}), 422)
    assert "there is a team NIGHT already" in page


# --------------------------------------------------------------------------------- permission sets


@pytest.mark.promise("P27", "A28")
def test_who_holds_a_set_made_by_ticking_boxes_sees_and_does_that_and_no_more(
    pages: Pages, database: Database
) -> None:
    made, client = pages.made, pages.client("dora")
    eve = add(pages, "eve", "limited")
    made.open(team="Service desk", subject="Ours")
    made.open(team="Second line", subject="Theirs")
    her = pages.client("eve")
    assert her.get("/t/acme/tickets/1/").status_code == 404
    form = {
        "set": "front",
        "name": "Front",
        "rights": [READ, ASSIGN],
        "reach": "teams",
        "teams": [str(team(database, "service desk"))],
        "types": "",
    }
    assert client.post("/t/acme/settings/new-permission-set/", form).status_code == 302
    client.post(f"/t/acme/settings/people/{eve}/grant/", {"set": "front"})
    assert "Ours" in text(her.get("/t/acme/tickets/1/"))
    mine = her.post("/t/acme/tickets/1/assign/", {"person": str(eve)})
    assert mine.status_code == 302
    her.post("/t/acme/tickets/1/assign/", {"person": ""})
    gone = her.get("/t/acme/tickets/2/")
    assert gone.status_code == 404
    assert gone.content == her.get("/t/acme/tickets/999/").content
    assert "Theirs" not in text(her.get("/t/acme/tickets/?which=all"))
    for number, where, sent in (
        (2, "assign", {"person": str(eve)}),
        (1, "say", {"body": "x", "kind": "reply"}),
        (1, "say", {"body": "x", "kind": "note"}),
        (1, "priority", {"to": "P1"}),
    ):
        answer = her.post(f"/t/acme/tickets/{number}/{where}/", sent)
        assert answer.status_code == 404, where
    # The set is changed: at once it is other tickets.
    form |= {"teams": [str(team(database, "second line"))]}
    assert client.post("/t/acme/settings/permission-sets/front/", form).status_code == 302
    assert her.get("/t/acme/tickets/1/").status_code == 404
    assert "Theirs" in text(her.get("/t/acme/tickets/2/"))
    assert "Eve" in text(client.get("/t/acme/settings/permission-sets/"))


def test_a_set_that_is_wrong_keeps_its_ticks_and_one_that_is_held_stays(
    pages: Pages, database: Database
) -> None:
    client = pages.client("dora")
    form: dict[str, Any] = {"set": "front", "name": "", "rights": [READ, "run the installation"]}
    form |= {"reach": "all", "types": "a, b"}
    page = text(client.post("/t/acme/settings/new-permission-set/", form), 422)
    assert re.search(r'value="read tickets" checked', page)
    assert "run the installation" not in page
    assert 'value="a, b"' in page
    assert database.rows("SELECT 1 FROM permission_set") == []
    ready = {**form, "name": "Front", "rights": [READ]}
    client.post("/t/acme/settings/new-permission-set/", ready)
    page = text(client.post("/t/acme/settings/new-permission-set/", ready), 422)
    assert "there is a permission set of that key already" in page
    ann = pages.made.people["ann"]
    client.post(f"/t/acme/settings/people/{ann}/grant/", {"set": "front"})
    page = text(client.post("/t/acme/settings/permission-sets/front/remove/"), 422)
    assert "It is held by Ann; take it from them first." in page
    client.post(f"/t/acme/settings/people/{ann}/revoke/", {"set": "front"})
    assert client.post("/t/acme/settings/permission-sets/front/remove/").status_code == 302
    assert client.get("/t/acme/settings/permission-sets/front/").status_code == 404


# ------------------------------------------------------------------------------------------- rules


@pytest.mark.asvs("8.2.3")
def test_a_rule_hides_a_field_on_the_page_of_a_ticket(pages: Pages, database: Database) -> None:
    client, made = pages.client("dora"), pages.made
    made.open()
    tickets.set_field(
        ticket_id=1, name="diagnosis", to="a broken arm", by=made.person("dora", "administrator")
    )
    ann = pages.client("ann")
    assert "a broken arm" in text(ann.get("/t/acme/tickets/1/"))
    form = {"name": "diagnosis", "readers": ["administrator"], "writers": ["lead"]}
    assert client.post("/t/acme/settings/fields/save/", form).status_code == 302
    assert "a broken arm" not in text(ann.get("/t/acme/tickets/1/"))
    assert "a broken arm" in text(pages.client("lea").get("/t/acme/tickets/1/"))
    assert "diagnosis" in text(client.get("/t/acme/settings/fields/"))
    page = text(client.post("/t/acme/settings/fields/save/", {"name": "status"}), 422)
    assert 'value="status"' in page
    rule = database.one("SELECT id FROM field_rule")
    assert client.post(f"/t/acme/settings/fields/{rule}/remove/").status_code == 302
    assert "a broken arm" in text(ann.get("/t/acme/tickets/1/"))


@pytest.mark.promise("A53")
def test_people_come_from_the_networks_of_their_role_only(pages: Pages, database: Database) -> None:
    client, ann = pages.client("dora"), pages.client("ann")
    assert ann.get("/t/acme/queue/").status_code == 200
    form = {"holder": "agent", "network": "10.0.0.0/8"}
    assert client.post("/t/acme/settings/networks/add/", form).status_code == 302
    assert ann.get("/t/acme/queue/").status_code != 200
    assert client.get("/t/acme/queue/").status_code == 200
    # Oneself one does not shut out, and what was typed stays.
    form = {"holder": "administrator", "network": "10.9.0.0/16"}
    page = text(client.post("/t/acme/settings/networks/add/", form), 422)
    assert "You come from 127.0.0.1 and would shut yourself out" in page
    assert 'value="10.9.0.0/16"' in page
    page = text(client.post("/t/acme/settings/networks/add/", {**form, "network": "x"}), 422)
    assert "is no network; write it like 10.20.0.0/16" in page
    rule = database.one("SELECT id FROM network_rule")
    assert client.post(f"/t/acme/settings/networks/{rule}/remove/").status_code == 302
    assert ann.get("/t/acme/queue/").status_code == 200


# ------------------------------------------------------------------------------------- grave deeds


def stale(client: Client) -> None:
    """Have the last proof of who they are lie far back."""
    session = client.session
    session["proved_at"] = 0.0
    session.save()


@pytest.mark.promise("A41")
def test_a_change_asks_for_a_fresh_proof_and_changes_nothing_without(
    pages: Pages, database: Database
) -> None:
    client, ann = pages.client("dora"), pages.made.people["ann"]
    stale(client)
    before = database.one("SELECT count(*) FROM event")
    for where in (
        f"people/{ann}/leave/",
        f"people/{ann}/edit/",
        f"people/{ann}/grant/",
        "new-person/",
        "new-team/",
        "teams/1/",
        "new-permission-set/",
        "fields/save/",
        "networks/add/",
    ):
        answer = client.post(f"/t/acme/settings/{where}", {"name": "x", "set": "x"})
        assert answer.status_code == 403, where
    assert database.one("SELECT count(*) FROM event") == before
    # To look needs no proof.
    assert client.get(f"/t/acme/settings/people/{ann}/").status_code == 200


def test_the_rights_have_words_and_stand_in_a_group() -> None:
    from tocsin.queries.permission_sets import GIVEN
    from tocsin.web import rights

    assert set(rights.WORDS) == set(GIVEN)
    listed = [right for _title, group in rights.GROUPS for right in group]
    assert sorted(listed) == sorted(GIVEN)
    assert set(rights.ROLE_WORDS) == set(access.RIGHTS) - {"contact", "operator"}
