"""Who sees which tickets: the condition of our queries, the database's policy and `sees` agree."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import Database
from tests.trust.ground import TYPES, Divided, copies, divided

from tocsin.queries import access, granted, reach
from tocsin.queries.access import (
    OF_TICKETS,
    RIGHTS,
    Actor,
    Grant,
    NotAllowed,
    NotFound,
    Right,
    Subject,
)
from tocsin.records import context, rows

KINDS = st.sampled_from(TYPES)
READ, WRITE = frozenset({Right.READ_TICKETS}), frozenset({Right.WRITE})
# What somebody uses: a right for tickets, one for the whole desk, or none yet.
USING = st.sampled_from([*sorted(OF_TICKETS), Right.CONFIGURE, Right.OPEN_TICKETS, None])


@pytest.fixture
def desk(database: Database) -> Divided:
    return divided(database)


def sets(teams: list[int]) -> st.SearchStrategy[list[Mapping[str, Any]]]:
    one = st.fixed_dictionaries(
        {
            "key": st.just("x"),
            "rights": st.lists(st.sampled_from([r.value for r in Right] + ["no right"])),
            "reach": st.sampled_from(["all", "own", "teams"]),
            "teams": st.lists(st.sampled_from([*teams, 10**9]), max_size=2),
            "types": st.lists(KINDS, max_size=2),
        }
    )
    return st.lists(one, max_size=3)


def subjects(database: Database) -> dict[int, Subject]:
    found = database.rows(
        "SELECT t.id, t.contact_id, t.team_id, t.type, t.assignee_id, coalesce((SELECT"
        " array_agg(p.person_id) FROM participant p WHERE p.ticket_id = t.id), '{}') FROM ticket t"
    )
    return {
        id_: Subject(contact, team, type_, assignee, frozenset(parts))
        for id_, contact, team, type_, assignee, parts in found
    }


def every_kind(desk: Divided) -> dict[int, Subject]:
    """Make a ticket of each team and type, of each assignee, with participants on some."""
    first = desk.made.open()
    people = [None, desk.made.people["ann"], desk.made.people["lea"]]
    teams = [None, desk.teams["Service desk"], desk.teams["Second line"]]
    given_ = [
        {"team_id": team, "type": type_, "assignee_id": people[(k + j) % 3]}
        for k, team in enumerate(teams)
        for j, type_ in enumerate(TYPES)
    ]
    made = copies(desk.database, first, [*given_, *given_])
    for id_ in made[::5]:
        desk.database.rows(
            "INSERT INTO participant (tenant_id, ticket_id, person_id, added_at)"
            " VALUES (%s, %s, %s, now())",
            desk.tenant,
            id_,
            desk.made.people["ann"],
        )
    return subjects(desk.database)


def by_condition(by: Actor) -> set[int]:
    where, own = reach.condition(by)
    with transaction.atomic(), context.tenant(by.tenant):
        return {row[0] for row in rows.query(f"SELECT t.id FROM ticket t WHERE {where}", own)}


def about(by: Actor) -> set[int]:
    where, own = reach.about(by, "c.ticket_id")
    with transaction.atomic(), context.tenant(by.tenant):
        found = rows.query(f"SELECT c.ticket_id FROM search_text c WHERE {where}", own)
    return {row[0] for row in found}


def by_policy(by: Actor) -> set[int]:
    with reach.reading(by):
        return {row[0] for row in rows.query("SELECT id FROM ticket", [])}


@pytest.mark.promise("P28", "A28")
def test_the_condition_the_policy_and_the_rule_say_the_same(
    database: Database, desk: Divided
) -> None:
    known = every_kind(desk)
    for id_ in known:
        database.rows(
            "INSERT INTO search_text (tenant_id, ticket_id, words) VALUES (%s, %s, '')"
            " ON CONFLICT DO NOTHING",
            desk.tenant,
            id_,
        )
    teams = list(desk.teams.values())

    @given(
        st.sampled_from([*RIGHTS]),
        sets(teams),
        st.frozensets(st.sampled_from(teams), max_size=2),
        USING,
    )
    def agree(
        role: str, given_: list[Mapping[str, Any]], own: frozenset[int], using: Right | None
    ) -> None:
        held = granted.Held(given_, own, [])
        by = dataclasses.replace(
            granted.actor(desk.tenant, desk.made.people["ann"], role, held), using=using
        )
        seen = {id_ for id_, subject in known.items() if access.sees(by, subject)}
        assert by_condition(by) == by_policy(by) == about(by) == seen

    agree()


@pytest.mark.promise("P28", "A29")
def test_a_contact_sees_their_own_by_the_condition_and_the_rule(desk: Divided) -> None:
    known = every_kind(desk)
    contact = access.contact(desk.tenant, 17)
    assert reach.within(contact) is None
    assert by_condition(contact) == set()
    assert not any(access.sees(contact, subject) for subject in known.values())
    assert access.sees(contact, Subject(contact=17))
    assert reach.condition(contact) == ("t.contact_id = %s", [17])


def test_whoever_sees_all_reads_as_the_pages_do_with_the_notes_of_their_teams(
    desk: Divided,
) -> None:
    ann = desk.actor("ann")
    assert ann.grants == ()
    assert reach.condition(ann) == ("true", [])
    assert reach.about(ann, "c.ticket_id") == ("true", [])
    found = reach.within(ann)
    assert found is not None
    assert (found.person, found.reach) == (ann.person, None)
    assert set(found.teams) == set(desk.teams.values())
    assert reach.within(desk.made.operator) is None
    # Those who are no person and have grants see what these say.
    program = Actor(desk.tenant, "x", frozenset(Right), grants=(Grant(frozenset()),))
    assert reach.condition(program)[0] != "true"
    assert by_condition(program) == set()


def test_a_reach_of_nothing_is_nothing_and_not_everything(desk: Divided) -> None:
    every_kind(desk)
    lost = desk.limited("lost", reach="own")
    assert lost.teams == frozenset()
    assert by_policy(lost) == by_condition(lost) == set()


@pytest.mark.promise("P28")
def test_whoever_reads_with_narrow_eyes_writes_nothing_and_opens_them_no_further(
    desk: Divided,
) -> None:
    every_kind(desk)
    near = desk.limited("nora", teams=["Service desk"])
    with reach.reading(near):
        seen = rows.query("SELECT count(*) FROM ticket", [])
        # Naming others inside changes nothing.
        with reach.reading(desk.made.operator):
            assert rows.query("SELECT count(*) FROM ticket", []) == seen
        assert context.narrowed() is not None
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows.run("UPDATE ticket SET subject = 'mine'", [])
    assert context.narrowed() is None
    assert by_policy(desk.made.operator) > by_policy(near)


# -------------------------------------------------------------------------------- the rule itself


@pytest.mark.promise("P28")
@pytest.mark.parametrize(
    ("grants", "reached"),
    [
        ((Grant(READ),), None),
        ((Grant(frozenset()),), []),
        ((Grant(READ, frozenset({2, 1})),), ["1/*", "2/*"]),
        ((Grant(READ, None, frozenset({"b", "a"})),), ["*/a", "*/b"]),
        ((Grant(READ, frozenset({3}), frozenset({"a"})), Grant(WRITE)), ["3/a"]),
        ((Grant(READ, frozenset()),), []),
    ],
)
def test_a_reach_is_written_as_teams_and_types(
    grants: tuple[Grant, ...], reached: list[str] | None
) -> None:
    by = Actor(7, "person:5", frozenset(Right), person=5, grants=grants, teams=frozenset({9, 8}))
    found = reach.within(by)
    assert found == context.Within(5, (8, 9), None if reached is None else tuple(reached))
    where, given_ = reach.condition(by)
    if reached is None:
        assert (where, given_) == ("true", [])
        assert reach.about(by, "c.ticket_id") == ("true", [])
        return
    assert given_ == [5, 5, reached]
    about_, own = reach.about(by, "c.ticket_id")
    assert about_ == (
        "(c.ticket_id IS NULL OR c.ticket_id IN"
        f" (SELECT t.id FROM ticket t WHERE t.tenant_id = %s AND {where}))"
    )
    assert own == [7, 5, 5, reached]


def test_what_somebody_has_or_takes_part_in_is_theirs() -> None:
    by = Actor(1, "person:5", frozenset(Right), person=5, grants=(Grant(frozenset()),))
    assert access.sees(by, Subject(assignee=5))
    assert access.sees(by, Subject(parts=frozenset({5})))
    assert not access.sees(by, Subject(assignee=6, parts=frozenset({7})))
    nobody = Actor(1, "x", frozenset(Right), grants=(Grant(frozenset()),))
    assert not access.sees(nobody, Subject(assignee=None))


def test_a_contact_has_their_own_and_who_has_no_grants_sees_all() -> None:
    contact = Actor(1, "contact:5", frozenset(Right), contact=5)
    assert access.sees(contact, Subject(contact=5))
    assert not access.sees(contact, Subject(contact=6))
    assert not access.sees(contact, Subject())
    assert reach.condition(contact) == ("t.contact_id = %s", [5])
    assert reach.within(contact) is None
    reader = Actor(1, "person:5", frozenset({Right.READ_TICKETS}), person=5)
    assert access.sees(reader, Subject(team=1))
    assert access.sees(reader, Subject(contact=6))
    # Whoever lacks the right has it for no ticket, though nothing says for which.
    nobody = Actor(1, "person:5", frozenset(Right) - {Right.READ_TICKETS}, person=5)
    assert not access.sees(nobody, Subject(team=1))
    assert reach.within(nobody) == context.Within(5, (), ())


def test_a_refusal_is_a_sentence_and_keeps_what_it_names() -> None:
    told = NotAllowed("from %(stage)r to %(to)r", stage="a", to="b")
    assert (str(told), told.text, told.told) == (
        "from 'a' to 'b'",
        "from %(stage)r to %(to)r",
        {"stage": "a", "to": "b"},
    )
    assert str(NotAllowed("100 % sure")) == "100 % sure"


def test_a_grant_is_for_its_teams_and_types() -> None:
    read = frozenset({Right.READ_TICKETS})
    for grant, everywhere in (
        (Grant(read), True),
        (Grant(read, frozenset({1})), False),
        (Grant(read, None, frozenset({"a"})), False),
    ):
        assert grant.everywhere is everywhere
        assert grant.covers(1, "a")
        assert grant.covers(2, "b") is everywhere
    assert not Grant(read, frozenset({1})).covers(None, "a")
    assert not Grant(read, frozenset({1}), frozenset({"a"})).covers(1, "b")


@pytest.mark.promise("A30")
def test_by_a_right_about_the_desk_nobody_reaches_more_tickets_than_they_read() -> None:
    grants = (
        Grant(frozenset({Right.READ_TICKETS}), frozenset({1})),
        Grant(frozenset({Right.OPEN_TICKETS, Right.SIGNED_IN})),
    )
    by = Actor(1, "person:5", frozenset(Right), person=5, grants=grants)
    for using in (Right.OPEN_TICKETS, Right.SIGNED_IN, None):
        narrow = dataclasses.replace(by, using=using)
        assert access.sees(narrow, Subject(team=1))
        assert not access.sees(narrow, Subject(team=2))
    # Another right is for other tickets.
    assert not access.sees(dataclasses.replace(by, using=Right.CHANGE), Subject(team=1))


def test_a_field_is_read_and_changed_by_those_for_whom_it_is() -> None:
    by = Actor(1, "person:5", hidden=frozenset({"salary"}), fixed=frozenset({"salary", "vip"}))
    assert not access.reads(by, "salary")
    assert access.reads(by, "vip")
    access.check_field(by, "colour")
    with pytest.raises(NotAllowed, match="vip may be changed by others only"):
        access.check_field(by, "vip")
    with pytest.raises(NotFound):
        access.check_field(by, "salary")


def test_only_keeps_what_both_give() -> None:
    grants = (Grant(frozenset({Right.WRITE, Right.NOTE}), frozenset({1})),)
    by = Actor(1, "person:5", frozenset({Right.WRITE, Right.NOTE}), person=5, grants=grants)
    less = by.only([Right.NOTE, Right.ADMINISTER])
    assert less.rights == {Right.NOTE}
    assert less.grants == (Grant(frozenset({Right.NOTE}), frozenset({1})),)
    assert not by.sees_all(Right.WRITE)
    assert Actor(1, "x", frozenset({Right.WRITE})).sees_all(Right.WRITE)
    assert not Actor(1, "x").sees_all(Right.WRITE)
    assert not access.contact(1, 2).sees_all(Right.WRITE)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    for name in [name for name in access.CATALOGUE if name.startswith(__name__)]:
        del access.CATALOGUE[name]


def test_a_declared_function_knows_by_which_right_it_is_used() -> None:
    @access.needs(Right.NOTE)
    def asked(*, by: Actor) -> Actor:
        return by

    by = Actor(1, "x", frozenset({Right.NOTE}), using=Right.WRITE)
    assert asked(by=by).using is Right.NOTE
    same = dataclasses.replace(by, using=Right.NOTE)
    assert asked(by=same) is same
    with pytest.raises(NotFound):
        asked(by=Actor(1, "x", frozenset({Right.WRITE})))
    with pytest.raises(TypeError):
        asked(by=None)  # type: ignore[arg-type]  # what the test is about
