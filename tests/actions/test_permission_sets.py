"""Permission sets and rules: who holds them does and sees exactly what they say."""

import json
from typing import Any

import pytest
from tests.actions.test_tickets import refused
from tests.desk import Company, Database, company

from tocsin.actions import access_rules, people, permission_sets, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, readers, timeline
from tocsin.queries import access_rules as rules
from tocsin.queries import permission_sets as sets
from tocsin.queries.access import Actor, NotAllowed, NotFound, Right

pytestmark = pytest.mark.long("every right, alone")

READ, NOTE, ASSIGN = Right.READ_TICKETS.value, Right.NOTE.value, Right.ASSIGN.value


@pytest.fixture
def desk(database: Database) -> Company:
    return company()


@pytest.fixture
def dora(desk: Company) -> Actor:
    return desk.person("dora", "administrator")


@pytest.fixture
def eve(desk: Company, dora: Actor) -> int:
    """Somebody whose role gives them nothing."""
    return people.add_person(name="Eve", email="eve@acme.example", role="limited", by=dora)


def save(by: Actor, **given: Any) -> int:
    usual: dict[str, Any] = {"key": "billing", "name": "Billing", "rights": [READ, NOTE]}
    return permission_sets.save(**{**usual, **given}, by=by)


def actor(desk: Company, person: int) -> Actor:
    found = readers.reader(desk.tenant, person)
    assert found is not None
    return found.actor


def team(database: Database, key: str) -> int:
    return int(database.one("SELECT id FROM team WHERE key = %s", key))


def facts(database: Database, stream: str, id_: int) -> list[dict[str, Any]]:
    found = database.rows(
        "SELECT payload FROM event WHERE stream_kind = %s AND stream_id = %s ORDER BY stream_seq",
        stream,
        id_,
    )
    return [json.loads(row[0]) for row in found]


# ------------------------------------------------------------------------------------ the sets


def test_a_set_is_made_changed_given_taken_and_removed_with_a_fact_each(
    database: Database, desk: Company, dora: Actor, eve: int
) -> None:
    id_ = save(dora, new=True)
    permission_sets.grant(person=eve, key="billing", by=dora)
    permission_sets.grant(person=eve, key="billing", by=dora)
    assert save(dora, name="Bills", rights=[READ], types=["invoice"]) == id_
    with refused(database, NotAllowed, words="Eve"):
        permission_sets.remove(key="billing", by=dora)
    permission_sets.revoke(person=eve, key="billing", by=dora)
    permission_sets.remove(key="billing", by=dora)
    assert [fact["did"] for fact in facts(database, "permission set", id_)] == [
        *("added", "changed", "removed")
    ]
    told = facts(database, "permission set", id_)[1]
    assert told.pop("content")
    assert told == {
        "did": "changed",
        "set": "billing",
        "rights": [READ],
        "reach": "all",
        "teams": [],
        "types": ["invoice"],
    }
    assert [fact["did"] for fact in facts(database, "person", eve)[1:]] == [
        "permission set given",
        "permission set changed",
        "permission set taken",
    ]
    for deed in (permission_sets.grant, permission_sets.revoke):
        with refused(database, NotFound):
            deed(person=eve, key="billing", by=dora)
    with refused(database, NotFound):
        permission_sets.remove(key="billing", by=dora)


@pytest.mark.promise("P36")
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"key": ""}, "key"),
        ({"key": "Big"}, "key"),
        ({"key": "administrator"}, "key"),
        ({"name": " "}, "name"),
        ({"rights": []}, "rights"),
        ({"rights": ["run the installation"]}, "rights"),
        ({"rights": [READ, "run the installation"]}, "rights"),
        ({"rights": ["be signed in"]}, "rights"),
        ({"rights": ["be king"]}, "rights"),
        ({"reach": "some"}, "reach"),
        ({"reach": "teams"}, "teams"),
        ({"reach": "teams", "teams": [10**6]}, "teams"),
        ({"types": [""]}, "types"),
    ],
    ids=range(13),
)
def test_a_set_that_cannot_be_is_refused(
    database: Database, desk: Company, dora: Actor, given: dict[str, Any], field: str
) -> None:
    with refused(database, Invalid, field):
        save(dora, **given)


def test_a_new_set_does_not_change_one_that_there_is(
    database: Database, desk: Company, dora: Actor
) -> None:
    save(dora, new=True)
    with refused(database, Invalid, "key"):
        save(dora, new=True, rights=[ASSIGN])


@pytest.mark.promise("P26", "P28")
def test_sets_teams_and_people_of_another_tenant_are_not_there(
    database: Database, desk: Company, dora: Actor, eve: int
) -> None:
    other = company("bolt")
    save(dora)
    theirs = other.person("dora", "administrator")
    of_theirs = database.one("SELECT id FROM team WHERE tenant_id = %s LIMIT 1", other.tenant)
    with refused(database, Invalid, "teams"):
        save(dora, reach="teams", teams=[of_theirs])
    for deed in (permission_sets.grant, permission_sets.revoke):
        with refused(database, NotFound):
            deed(person=other.people["ann"], key="billing", by=theirs)
    with refused(database, NotFound):
        permission_sets.grant(person=other.people["ann"], key="billing", by=dora)
    with refused(database, NotFound):
        permission_sets.remove(key="billing", by=theirs)
    assert sets.listed(by=theirs) == []
    with pytest.raises(NotFound):
        sets.one(key="billing", by=theirs)


# --------------------------------------------------------------------------- what they let one do


@pytest.mark.promise("P27", "A28")
@pytest.mark.parametrize("reach", ["own", "teams", "type", "all"])
def test_who_holds_a_set_sees_and_does_exactly_what_it_says(
    database: Database, desk: Company, dora: Actor, eve: int, reach: str
) -> None:
    service, second = team(database, "service desk"), team(database, "second line")
    database.rows(
        "INSERT INTO membership (tenant_id, team_id, person_id) VALUES (%s, %s, %s)",
        *(desk.tenant, service, eve),
    )
    ours = desk.open(team="Service desk", type="invoice")
    theirs = desk.open(team="Second line", type="invoice")
    odd = desk.open(team="Second line", type="access")
    scopes: dict[str, dict[str, Any]] = {
        "own": {"reach": "own"},
        "teams": {"reach": "teams", "teams": [second]},
        "type": {"types": ["invoice"]},
        "all": {},
    }
    mine = {"own": {ours}, "teams": {theirs, odd}, "type": {ours, theirs}}
    may = mine.get(reach, {ours, theirs, odd})
    save(dora, **scopes[reach])
    nothing = actor(desk, eve)
    with pytest.raises(NotFound):
        timeline.timeline(ticket_id=ours, by=nothing)
    permission_sets.grant(person=eve, key="billing", by=dora)
    by = actor(desk, eve)
    for ticket in (ours, theirs, odd):
        if ticket in may:
            assert timeline.timeline(ticket_id=ticket, by=by).entries
            tickets.note(ticket_id=ticket, body="seen", by=by)
        else:
            with pytest.raises(NotFound):
                timeline.timeline(ticket_id=ticket, by=by)
            with refused(database, NotFound):
                tickets.note(ticket_id=ticket, body="seen", by=by)
        # What the set does not give is given nowhere.
        with refused(database, NotFound):
            tickets.assign(ticket_id=ticket, person=eve, by=by)
    permission_sets.revoke(person=eve, key="billing", by=dora)
    with pytest.raises(NotFound):
        timeline.timeline(ticket_id=ours, by=actor(desk, eve))


@pytest.mark.promise("P27")
def test_one_set_reads_everywhere_and_another_writes_in_one_team_only(
    database: Database, desk: Company, dora: Actor, eve: int
) -> None:
    second = team(database, "second line")
    ours, theirs = desk.open(team="Service desk"), desk.open(team="Second line")
    save(dora, key="looks", rights=[READ])
    save(dora, key="writes", rights=[NOTE], reach="teams", teams=[second])
    for key in ("looks", "writes"):
        permission_sets.grant(person=eve, key=key, by=dora)
    by = actor(desk, eve)
    for ticket in (ours, theirs):
        assert timeline.timeline(ticket_id=ticket, by=by).entries
    tickets.note(ticket_id=theirs, body="mine", by=by)
    with refused(database, NotFound):
        tickets.note(ticket_id=ours, body="not mine", by=by)
    found = {one.right: one.where for one in sets.may(person=eve, by=dora)}
    assert found == {Right.READ_TICKETS: (), Right.NOTE: (("Second line", ""),)}


def test_what_one_may_do_is_the_union_of_all_that_one_holds(
    database: Database, desk: Company, dora: Actor, eve: int
) -> None:
    assert sets.may(person=eve, by=dora) == ()
    save(dora, rights=[READ, Right.CONFIGURE.value], reach="own")
    permission_sets.grant(person=eve, key="billing", by=dora)
    # Of a team that one does not work in there is nothing to read.
    assert [one.right for one in sets.may(person=eve, by=dora)] == [Right.CONFIGURE]
    assert {one.right for one in sets.may(person=desk.people["ann"], by=dora)} == (
        access.RIGHTS["agent"] - {Right.SIGNED_IN}
    )


# ------------------------------------------------------------------------------------ of fields


def test_a_field_is_hidden_from_some_and_fixed_for_others(
    database: Database, desk: Company, dora: Actor
) -> None:
    ann, lea = desk.people["ann"], desk.people["lea"]
    ticket = desk.open()
    tickets.set_field(ticket_id=ticket, name="salary", to="52 000", by=dora)
    rule = access_rules.save_field(
        name="salary", readers=["lead"], writers=["administrator"], by=dora
    )
    for name in ("priority", "type"):
        access_rules.save_field(name=name, readers=["agent", "lead"], writers=["lead"], by=dora)

    def told(person: int) -> list[str]:
        found = timeline.timeline(ticket_id=ticket, by=actor(desk, person))
        return [str(one.told.get("to")) for one in found.entries if one.kind == "field"]

    assert told(desk.people["dora"]) == told(lea) == ["52 000"]
    assert told(ann) == []
    # What is hidden is not there to be changed; what is fixed says that it is.
    with refused(database, NotFound):
        tickets.set_field(ticket_id=ticket, name="salary", to="1", by=actor(desk, ann))
    with refused(database, NotAllowed, words="salary"):
        tickets.set_field(ticket_id=ticket, name="salary", to="1", by=actor(desk, lea))
    with refused(database, NotAllowed, words="priority"):
        tickets.set_priority(ticket_id=ticket, to="P1", by=actor(desk, ann))
    with refused(database, NotAllowed, words="type"):
        tickets.set_field(ticket_id=ticket, name="type", to="x", by=actor(desk, ann))
    tickets.set_priority(ticket_id=ticket, to="P1", by=actor(desk, lea))
    # A permission set lets in whoever holds it, beside their role.
    save(dora, key="payroll", rights=[READ])
    access_rules.save_field(name="salary", readers=[], writers=["payroll"], by=dora)
    permission_sets.grant(person=ann, key="payroll", by=dora)
    tickets.set_field(ticket_id=ticket, name="salary", to="60 000", by=actor(desk, ann))
    assert told(ann) == ["52 000", "60 000"]
    assert told(lea) == []
    permission_sets.revoke(person=ann, key="payroll", by=dora)
    with refused(database, NotAllowed, words="rule"):
        permission_sets.remove(key="payroll", by=dora)
    permission_sets.grant(person=ann, key="payroll", by=dora)
    access_rules.remove_field(rule=rule, by=dora)
    assert told(lea) == ["52 000", "60 000"]
    assert [fact["did"] for fact in facts(database, "field rule", rule)] == [
        *("saved", "saved", "removed")
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "status"}, "name"),
        ({"name": "team"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"readers": []}, "readers"),
        ({"readers": ["kings"]}, "readers"),
        ({"writers": ["contact"]}, "readers"),
    ],
    ids=range(7),
)
def test_a_rule_of_a_field_that_cannot_be_is_refused(
    database: Database, desk: Company, dora: Actor, given: dict[str, Any], field: str
) -> None:
    usual: dict[str, Any] = {"name": "salary", "readers": ["lead"], "writers": []}
    with refused(database, Invalid, field):
        access_rules.save_field(**{**usual, **given}, by=dora)
    with refused(database, NotFound):
        access_rules.remove_field(rule=10**6, by=dora)


# ---------------------------------------------------------------------------------- of networks


@pytest.mark.promise("A53")
def test_holders_come_from_their_networks_only(
    database: Database, desk: Company, dora: Actor
) -> None:
    ann = desk.people["ann"]

    def comes(address: str) -> bool:
        found = readers.reader(desk.tenant, ann)
        assert found is not None
        return found.comes_from(address)

    assert comes("203.0.113.9")
    rule = access_rules.add_network(
        holder="agent", network="10.20.30.40/16", address="192.0.2.1", by=dora
    )
    assert rules.networks(by=dora)[0].network == "10.20.0.0/16"
    access_rules.add_network(holder="agent", network="2001:db8::/32", address="", by=desk.operator)
    for address, may in (
        *(("10.20.1.2", True), ("::ffff:10.20.1.2", True), ("2001:db8::7", True)),
        *(("10.21.1.2", False), ("203.0.113.9", False), ("", False), ("x", False)),
    ):
        assert comes(address) is may, address
    # Who holds two things with rules must come from a network of each.
    save(dora, key="payroll", rights=[READ])
    permission_sets.grant(person=ann, key="payroll", by=dora)
    access_rules.add_network(holder="payroll", network="10.20.7.0/24", address="", by=desk.operator)
    assert comes("10.20.7.9")
    assert not comes("10.20.1.2")
    permission_sets.revoke(person=ann, key="payroll", by=dora)
    with refused(database, NotAllowed, words="rule"):
        permission_sets.remove(key="payroll", by=dora)
    permission_sets.grant(person=ann, key="payroll", by=dora)
    access_rules.remove_network(rule=rule, address="192.0.2.1", by=dora)
    assert not comes("10.20.7.9")
    assert [fact["did"] for fact in facts(database, "network rule", rule)] == ["added", "removed"]


def test_nobody_shuts_themselves_out(database: Database, desk: Company, dora: Actor) -> None:
    def add(network: str, address: str, holder: str = "administrator") -> int:
        return access_rules.add_network(holder=holder, network=network, address=address, by=dora)

    for address in ("192.0.2.1", "", "nonsense"):
        with refused(database, NotAllowed, words="shut yourself out"):
            add("10.0.0.0/8", address)
    home = add("192.0.2.0/24", "192.0.2.1")
    add("10.0.0.0/8", "192.0.2.1")
    # Nor by taking away the network that one comes from while others remain.
    with refused(database, NotAllowed, words="192.0.2.1"):
        access_rules.remove_network(rule=home, address="192.0.2.1", by=dora)
    access_rules.remove_network(rule=home, address="10.1.1.1", by=dora)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"network": ""}, "network"),
        ({"network": "10.0.0.0/40"}, "network"),
        ({"network": "example.com"}, "network"),
        ({"network": "::ffff:10.0.0.0/104"}, "network"),
        ({"holder": "kings"}, "holder"),
    ],
    ids=range(5),
)
def test_a_network_that_is_none_is_refused(
    database: Database, desk: Company, dora: Actor, given: dict[str, Any], field: str
) -> None:
    usual = {"holder": "agent", "network": "10.0.0.0/8", "address": "192.0.2.1"}
    with refused(database, Invalid, field):
        access_rules.add_network(**{**usual, **given}, by=dora)
    with refused(database, NotFound):
        access_rules.remove_network(rule=10**6, address="192.0.2.1", by=dora)


def test_one_network_once(database: Database, desk: Company, dora: Actor) -> None:
    usual: dict[str, Any] = {"holder": "agent", "address": "192.0.2.1", "by": dora}
    access_rules.add_network(network="10.1.2.3", **usual)
    with refused(database, Invalid, "network"):
        access_rules.add_network(network=" 10.1.2.3/32 ", **usual)
