"""What a person may do is what their role and their permission sets give, and nothing else."""

from typing import Any

import pytest
from tests.desk import Database, inside
from tests.trust.ground import Divided, divided

from tocsin.actions import people
from tocsin.queries import granted, readers
from tocsin.queries.access import OF_TICKETS, RIGHTS, Grant, Right
from tocsin.queries.granted import Held


@pytest.fixture
def desk(database: Database) -> Divided:
    return divided(database)


def one(**given: Any) -> dict[str, Any]:
    usual = {"key": "x", "rights": [], "reach": "all", "teams": [], "types": []}
    return {**usual, **given}


def grants(role: str, *sets: dict[str, Any], teams: frozenset[int] = frozenset()) -> list[Grant]:
    return list(granted.grants_of(role, sets, teams))


@pytest.mark.parametrize("role", RIGHTS)
def test_a_role_alone_is_its_rights_for_every_ticket(role: str) -> None:
    by = granted.actor(3, 5, role, Held([], frozenset({7}), []))
    assert (by.tenant, by.name, by.person) == (3, "person:5", 5)
    assert (by.rights, by.teams) == (RIGHTS[role], frozenset({7}))
    assert by.grants == ()
    # Who reads no ticket at all has not the same reach as who reads every one.
    assert by.sees_all(Right.READ_TICKETS) == (Right.READ_TICKETS in RIGHTS[role])
    assert (by.hidden, by.fixed, by.using) == (frozenset(), frozenset(), None)


def test_rights_of_a_set_are_for_its_tickets_and_those_of_the_desk_for_the_desk() -> None:
    found = grants("limited", one(rights=["read tickets", "read reports", "be signed in"]))
    assert found == [
        Grant(RIGHTS["limited"]),
        Grant(frozenset({Right.READ_TICKETS, Right.READ_REPORTS})),
        Grant(frozenset({Right.SIGNED_IN})),
    ]
    by = granted.actor(1, 5, "limited", Held([one(rights=["read tickets"])], frozenset(), []))
    # Of all tickets: that is no narrowing.
    assert by.grants == ()
    assert by.rights == {Right.SIGNED_IN, Right.READ_TICKETS}


@pytest.mark.parametrize(
    ("given", "teams", "types"),
    [
        ({"reach": "all"}, None, None),
        ({"reach": "own"}, {7, 8}, None),
        ({"reach": "teams", "teams": [9]}, {9}, None),
        ({"reach": "teams"}, set(), None),
        ({"types": ["incident"]}, None, {"incident"}),
        # A star is the name of no type, and never all of them.
        ({"types": ["*"]}, None, set()),
        ({"types": ["*", "incident"]}, None, {"incident"}),
    ],
)
def test_a_set_reaches_teams_and_types(
    given: dict[str, Any], teams: set[int] | None, types: set[str] | None
) -> None:
    found = grants("limited", one(rights=["read tickets"], **given), teams=frozenset({7, 8}))
    assert found[1] == Grant(
        frozenset({Right.READ_TICKETS}),
        None if teams is None else frozenset(teams),
        None if types is None else frozenset(types),
    )
    # What is for some tickets takes nothing of the desk as a whole with it.
    assert found[2].everywhere
    assert found[2].rights.isdisjoint(OF_TICKETS)


@pytest.mark.promise("P28", "A26")
def test_no_set_gives_what_is_not_known_or_the_installation() -> None:
    given = one(rights=["run the installation", "fly", "write notes"])
    by = granted.actor(1, 5, "limited", Held([given], frozenset(), []))
    assert by.rights == {Right.SIGNED_IN, Right.NOTE}


def test_a_narrow_set_beside_a_wide_role_narrows_nothing() -> None:
    own = Held([one(rights=["read tickets"], reach="teams", teams=[9])], frozenset(), [])
    by = granted.actor(1, 5, "agent", own)
    assert by.sees_all(Right.READ_TICKETS)
    limited = granted.actor(1, 5, "limited", own)
    assert not limited.sees_all(Right.READ_TICKETS)
    assert len(limited.grants) == 3


def test_a_field_is_for_its_readers_and_writers_by_role_or_set() -> None:
    rules = [
        ("salary", ["manager"], ["manager"]),
        ("vip", ["agent", "manager"], ["manager"]),
        ("badge", ["x"], ["x"]),
        # Who does not read does not write either.
        ("blind", ["manager"], ["agent"]),
        ("open", ["agent"], ["agent"]),
    ]
    agent = granted.actor(1, 5, "agent", Held([], frozenset(), rules))
    assert agent.hidden == {"salary", "badge", "blind"}
    assert agent.fixed == {"salary", "badge", "blind", "vip"}
    with_set = granted.actor(1, 5, "agent", Held([one()], frozenset(), rules))
    assert with_set.hidden == {"salary", "blind"}


def test_what_a_person_holds_is_read_from_the_tables(database: Database, desk: Divided) -> None:
    ann = desk.made.people["ann"]
    with inside(desk.tenant):
        assert granted.held(desk.tenant, ann) == Held([], frozenset(desk.teams.values()), [])
    desk.give(ann, rights=[Right.READ_AUDIT], teams=["Second line"], types=["incident"])
    database.rows(
        "INSERT INTO field_rule (tenant_id, name, readers, writers, changed_at)"
        " VALUES (%s, 'salary', '[\"manager\"]', '[]', now())",
        desk.tenant,
    )
    with inside(desk.tenant):
        found = granted.held(desk.tenant, ann)
        assert granted.held(desk.tenant, 10**9) == Held([], frozenset(), found.rules)
    assert [tuple(rule) for rule in found.rules] == [("salary", ["manager"], [])]
    assert found.sets == [
        {
            "key": "set 1",
            "rights": ["read the audit log"],
            "reach": "teams",
            "teams": [desk.teams["Second line"]],
            "types": ["incident"],
        }
    ]
    reader = readers.reader(desk.tenant, ann)
    assert reader is not None
    assert Right.READ_AUDIT in reader.actor.rights
    assert reader.actor.hidden == {"salary"}


def test_another_tenants_sets_and_rules_are_not_read(database: Database, desk: Divided) -> None:
    other = divided(database, "bolt")
    person = people.add_person(
        name="Bo", email="bo@bolt.example", role="limited", by=other.made.operator
    )
    other.give(person, rights=[Right.ADMINISTER])
    with inside(desk.tenant):
        assert granted.held(desk.tenant, person) == Held([], frozenset(), [])
        assert granted.held(other.tenant, person) == Held([], frozenset(), [])
