"""What reach, networks and rules of fields say where one would not look first."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator

import pytest
from tests.desk import Company, Database, company
from tests.site.watching import Watching, place, sign_in, watching

from tocsin.actions import access_rules, config_versions, people, permission_sets, tickets
from tocsin.engine.score import Reason
from tocsin.kit.invalid import Invalid
from tocsin.queries import (
    bell,
    board,
    cards,
    compliance,
    field_values,
    hub,
    listing,
    matching,
    readers,
    stream,
    timeline,
    why,
)
from tocsin.queries.access import Actor, NotAllowed, NotFound
from tocsin.queries.listing import Drill, Wanted, Which

READ = "read tickets"


@pytest.fixture
def desk(database: Database) -> Company:
    return company()


@pytest.fixture
def dora(desk: Company) -> Actor:
    return desk.person("dora", "administrator")


@pytest.fixture
def eve(database: Database, desk: Company, dora: Actor) -> int:
    """Somebody who sees the second line's tickets of one type, and those that are theirs."""
    found = people.add_person(name="Eve", email="eve@acme.example", role="limited", by=dora)
    desk.people["eve"] = found
    second = database.one("SELECT id FROM team WHERE key = 'second line'")
    permission_sets.save(
        key="second",
        name="Second",
        rights=[READ],
        reach="teams",
        teams=[second],
        types=["a/b, 'c'"],
        by=dora,
    )
    permission_sets.grant(person=found, key="second", by=dora)
    return found


@pytest.fixture
def live(database: Database, desk: Company) -> Iterator[Watching]:
    with watching(database) as found:
        yield found[0]


def actor(desk: Company, name: str) -> Actor:
    found = readers.reader(desk.tenant, desk.people[name])
    assert found is not None
    return found.actor


@pytest.mark.promise("P28", "A53")
def test_nobody_takes_a_role_by_which_they_could_not_come_back(desk: Company, dora: Actor) -> None:
    people.add_person(name="Ada", email="ada@acme.example", role="administrator", by=dora)
    access_rules.add_network(holder="agent", network="10.20.0.0/16", by=desk.operator)
    me = desk.people["dora"]
    with pytest.raises(NotAllowed, match=r"192\.0\.2\.7"):
        people.edit(person=me, role="agent", address="192.0.2.7", by=dora)
    assert readers.reader(desk.tenant, me).role == "administrator"  # type: ignore[union-attr]  # is there
    # Of others nobody knows where they come from.
    people.edit(person=desk.people["lea"], role="agent", address="192.0.2.7", by=dora)
    people.edit(person=me, role="agent", address="10.20.1.1", by=dora)


# --------------------------------------------------------------------------------------- the bell


@pytest.mark.promise("P27", "A28")
def test_the_bell_of_a_stream_counts_what_the_page_lists(
    database: Database, desk: Company, dora: Actor, eve: int, live: Watching
) -> None:
    kind = "a/b, 'c'"
    theirs = desk.open(team="Second line", type=kind)
    desk.open(team="Second line", type="other")
    desk.open(team="Service desk", type=kind)
    owned = desk.open(team="Service desk")
    tickets.assign(ticket_id=owned, person=eve, by=dora)
    part = desk.open(team="Service desk")
    database.rows(
        "INSERT INTO participant (tenant_id, ticket_id, person_id, added_at)"
        " VALUES (%s, %s, %s, now())",
        *(desk.tenant, part, eve),
    )
    database.rows("DELETE FROM notification")
    for person in (eve, desk.people["ann"]):
        database.rows(
            "INSERT INTO notification"
            " (tenant_id, person_id, ticket_id, key, parts, critical, created_at)"
            " SELECT %s, %s, id, 'k' || coalesce(id, 0), '{}', false, now()"
            " FROM (SELECT id FROM ticket UNION ALL SELECT NULL) t",
            *(desk.tenant, person),
        )
    sessions = [(desk.tenant, sign_in(database, desk, name)) for name in ("eve", "ann", "lea")]
    watchers = [one for one in live.thread.submit(stream.watchers, sessions).result() if one]
    counted = live.thread.submit(stream.unread, watchers).result()
    listed = {line.ticket for line in bell.lines(by=actor(desk, "eve"))}
    assert listed == {theirs, owned, part, None}
    assert counted == {
        (desk.tenant, eve): 4,
        (desk.tenant, desk.people["ann"]): 6,
        (desk.tenant, desk.people["lea"]): 0,
    }
    for name in ("eve", "ann"):
        assert bell.unread(by=actor(desk, name)) == counted[desk.tenant, desk.people[name]]


@pytest.mark.promise("P27", "A28")
def test_the_bell_of_a_stream_forgets_what_has_left_its_reach(
    database: Database, desk: Company, dora: Actor, eve: int, live: Watching
) -> None:
    ticket = desk.open(team="Second line", type="a/b, 'c'")
    database.rows(
        "INSERT INTO notification (tenant_id, person_id, ticket_id, key, parts, critical,"
        " created_at) VALUES (%s, %s, %s, 'k', '{}', false, now())",
        *(desk.tenant, eve, ticket),
    )
    line = live.connect("acme", sign_in(database, desk, "eve"))
    assert line.events("bell")[-1][2] == {"unread": 1}
    permission_sets.revoke(person=eve, key="second", by=dora)
    place(database)
    live.turn(2.0)
    assert line.events("bell")[-1][2] == {"unread": 0}


# ----------------------------------------------------------------------------------- the networks


@pytest.mark.promise("P28", "A28")
def test_whoever_may_not_come_from_where_they_are_hears_nothing(
    database: Database, desk: Company, dora: Actor, eve: int, live: Watching
) -> None:
    access_rules.add_network(holder="second", network="10.1.0.0/16", by=desk.operator)
    access_rules.add_network(holder="limited", network="10.1.2.0/24", by=desk.operator)
    access_rules.add_network(holder="limited", network="2001:db8::/32", by=desk.operator)
    sessions = {name: sign_in(database, desk, name) for name in ("eve", "ann")}
    within, beside, odd = "10.1.2.9", "10.1.3.9", "2001:db8::1"
    answers = {
        at: live.connect("acme", sessions["eve"], address=at) for at in (within, beside, odd, "")
    }
    assert [line.status for line in answers.values()] == [200, 204, 204, 204]
    # Whom no rule is about may come from anywhere.
    assert live.connect("acme", sessions["ann"], address="").status == 200


@pytest.mark.promise("P28", "A28", "A40")
def test_a_rule_about_networks_reaches_streams_that_are_open(
    database: Database, desk: Company, dora: Actor, eve: int, live: Watching
) -> None:
    session = sign_in(database, desk, "eve")
    inside = live.connect("acme", session, address="10.1.2.9")
    outside = live.connect("acme", session, address="10.9.9.9")
    other = live.connect("acme", sign_in(database, desk, "ann"), address="10.9.9.9")
    rule = access_rules.add_network(holder="limited", network="10.1.0.0/16", by=desk.operator)
    place(database)
    live.turn(0.1)
    assert [inside.ended, outside.ended, other.ended] == [False, True, False]
    # Nor was it told of what ended it.
    assert not outside.events("config")
    assert inside.events("config")[-1][2] == {"k": "network rule"}
    access_rules.remove_network(rule=rule, by=desk.operator)
    assert live.connect("acme", session, address="10.9.9.9").status == 200


@pytest.mark.promise("P28", "A28")
def test_a_rule_about_networks_is_of_one_tenant(
    database: Database, desk: Company, live: Watching
) -> None:
    other = company("bolt")
    access_rules.add_network(holder="agent", network="10.1.0.0/16", by=other.operator)
    mine, theirs = sign_in(database, desk, "ann"), sign_in(database, other, "ann")
    assert live.connect("acme", mine, address="10.9.9.9").status == 200
    assert live.connect("bolt", theirs, address="10.9.9.9").status == 204


# -------------------------------------------------------------------------------- fields, to read

HIDDEN = ("priority", "type", "salary")


@pytest.fixture
def kept(database: Database, desk: Company, dora: Actor) -> int:
    """A ticket of which agents do not read the priority, the type and a field of the company's."""
    for name in HIDDEN:
        access_rules.save_field(name=name, readers=["lead"], writers=["administrator"], by=dora)
    return desk.open(
        priority="P1", type="payroll", fields={"salary": "52 000"}, team="Service desk"
    )


def test_cards_lists_the_board_and_the_hub_show_no_hidden_field(desk: Company, kept: int) -> None:
    ann, lea = actor(desk, "ann"), actor(desk, "lea")

    def shown(by: Actor) -> list[cards.Card]:
        columns = board.board(by=by).columns
        return [
            *cards.cards(by=by, ids=[kept]),
            *listing.tickets(by=by).cards,
            *(card for column in columns for card in column.cards),
            *(one.card for one in hub.hub(by=by).work_next),
        ]

    assert {(card.priority, card.type) for card in shown(lea)} == {("P1", "payroll")}
    mine = shown(ann)
    assert len(mine) == len(shown(lea)) >= 3
    assert {(card.priority, card.type) for card in mine} == {("", "")}
    assert not {one.key for card in mine for one in card.reasons} & {"priority"}
    # Nor does its place say how much it matters: P1 goes ahead by four days.
    there = {card.rank_at - card.due_at for card in shown(lea) if card.due_at}
    here = {card.rank_at - card.due_at for card in mine if card.due_at}
    assert {at + dt.timedelta(hours=96) for at in there} == here
    assert Reason("priority", "P1", 96) in shown(lea)[0].reasons


def test_nobody_finds_or_counts_tickets_by_a_field_that_they_do_not_read(
    desk: Company, kept: int
) -> None:
    ann, lea = actor(desk, "ann"), actor(desk, "lea")
    manager = dataclasses.replace(actor(desk, "mia"), hidden=frozenset(HIDDEN))
    for asked, field in (
        (Wanted(Which.URGENT), "which"),
        (Wanted(Which.URGENT_BREACHED), "which"),
        (Wanted(priority="P1"), "priority"),
        (Wanted(type="payroll"), "type"),
        (Wanted(drill=Drill(dimension="priority", value="P1")), "dimension"),
        (Wanted(drill=Drill(dimension="type", value="payroll")), "dimension"),
    ):
        # Nothing is breached yet.
        assert (listing.count(by=lea, wanted=asked) > 0) != (asked.which is Which.URGENT_BREACHED)
        for look in (listing.tickets, listing.count):
            with pytest.raises(Invalid) as caught:
                look(by=ann, wanted=asked)
            assert caught.value.path == field
    assert {"urgent", "urgent breached"} <= hub.hub(by=lea).signals.keys()
    assert not {"urgent", "urgent breached"} & hub.hub(by=ann).signals.keys()
    told = {}
    for name in ("priority", "colour"):
        with pytest.raises(Invalid) as caught:
            compliance.compliance(by=manager, dimensions=(name,))
        told[name] = str(caught.value).replace(name, "")
    assert told["priority"].partition(";")[0] == told["colour"].partition(";")[0]
    assert compliance.dimensions_of(lea) == compliance.DIMENSIONS


def test_a_condition_that_somebody_tries_finds_no_field_that_they_do_not_read(
    desk: Company, kept: int
) -> None:
    ann, lea = actor(desk, "ann"), actor(desk, "lea")
    for when in ({"priority": "P1"}, {"type": "payroll"}, {"salary": "52 000"}):
        wanted = matching.Wanted("new", when=when)
        assert matching.matching(wanted=wanted, by=lea).count == 1
        assert matching.matching(wanted=wanted, by=ann).count == 0
    offered = field_values.field_values(by=ann)
    assert not {*offered.names, *offered.own, *offered.values} & {*HIDDEN}
    assert {*HIDDEN} <= {*field_values.field_values(by=lea).names}


def test_the_history_of_a_ticket_tells_of_no_field_that_one_does_not_read(
    desk: Company, dora: Actor, kept: int
) -> None:
    tickets.set_priority(ticket_id=kept, to="P2", by=dora)
    tickets.set_field(ticket_id=kept, name="type", to="bonus", by=dora)
    tickets.set_field(ticket_id=kept, name="salary", to="60 000", by=dora)
    every = timeline.timeline(ticket_id=kept, by=actor(desk, "lea")).entries
    mine = timeline.timeline(ticket_id=kept, by=actor(desk, "ann")).entries
    assert {"priority", "field"} <= {one.kind for one in every}
    assert not {"priority", "field"} & {one.kind for one in mine}
    assert not set(mine[0].told) & {*HIDDEN}
    told = repr(mine)
    assert not [one for one in ("P1", "P2", "payroll", "bonus", "52 000", "60 000") if one in told]
    assert every[0].told["priority"] == "P1"


def test_why_a_clock_is_due_names_no_row_that_asks_for_a_hidden_field(
    desk: Company, dora: Actor, kept: int
) -> None:
    other = desk.open(priority="P3")

    def told(name: str, ticket: int) -> str:
        made = [
            why.why(ticket_id=ticket, clock=clock, by=actor(desk, name)).to_dict()
            for clock in ("SLA/first response#1", "SLA/resolution#1")
        ]
        return json.dumps(made)

    assert "P1" in told("lea", kept)
    assert "P1" not in told("ann", kept)
    # That a ticket is one of all the others tells of it too.
    assert "any other priority" in told("lea", other)
    assert "any other priority" not in told("ann", other)


# ------------------------------------------------------------------------------ fields, to change


@pytest.fixture
def fixed(desk: Company, dora: Actor) -> None:
    """Agents read the priority and do not change it; there is a matrix of impact and urgency."""
    matrix = {
        "impacts": ["high", "low"],
        "urgencies": ["high", "low"],
        "matrix": {"high": {"high": "P1", "low": "P2"}, "low": {"high": "P2", "low": "P3"}},
    }
    config_versions.publish(kind="priorities", key="matrix", data=matrix, by=dora)
    access_rules.save_field(name="priority", readers=["agent"], writers=["lead"], by=dora)


@pytest.mark.usefixtures("fixed")
def test_a_priority_that_one_may_not_change_is_not_moved_by_impact_and_urgency(
    database: Database, desk: Company
) -> None:
    ann, lea = actor(desk, "ann"), actor(desk, "lea")
    ticket = desk.open()

    def put(name: str, to: str, by: Actor) -> None:
        tickets.set_field(ticket_id=ticket, name=name, to=to, by=by)

    put("impact", "high", ann)
    with pytest.raises(NotAllowed, match="priority"):
        put("urgency", "high", ann)
    assert database.one("SELECT priority FROM ticket WHERE id = %s", ticket) == "P3"
    put("urgency", "high", lea)
    assert database.one("SELECT priority FROM ticket WHERE id = %s", ticket) == "P1"
    # What makes no other priority of it is theirs to change.
    put("urgency", "high", ann)
    for given in ({"priority": "P1"}, {"fields": {"impact": "high", "urgency": "low"}}):
        with pytest.raises(NotAllowed, match="priority"):
            tickets.open_(subject="x", by=ann, **given)
    tickets.open_(subject="x", fields={"impact": "low", "urgency": "low"}, by=ann)
    tickets.open_(subject="x", priority="P1", by=lea)


@pytest.mark.usefixtures("fixed")
def test_trying_impact_and_urgency_does_not_tell_a_hidden_priority(
    desk: Company, dora: Actor
) -> None:
    access_rules.save_field(name="priority", readers=["lead"], writers=["lead"], by=dora)
    for before in ("P1", "P3"):
        ticket = desk.open(priority=before, fields={"impact": "high"})
        with pytest.raises(NotFound):
            tickets.set_field(ticket_id=ticket, name="urgency", to="high", by=actor(desk, "ann"))


def test_nobody_begins_a_ticket_with_a_field_that_they_may_not_change(
    desk: Company, dora: Actor
) -> None:
    access_rules.save_field(name="type", readers=["agent"], writers=["lead"], by=dora)
    with pytest.raises(NotAllowed, match="type"):
        tickets.open_(subject="x", type="payroll", by=actor(desk, "ann"))
    tickets.open_(subject="x", type="payroll", by=actor(desk, "lea"))
    tickets.open_(subject="x", by=actor(desk, "ann"))
