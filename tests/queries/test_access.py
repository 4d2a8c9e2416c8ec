"""Who may do what, and that what is denied looks like what does not exist."""

import dataclasses
from collections.abc import Callable

import pytest
from tests.desk import Company, Database, company

from tocsin.actions import customers, people, sla, tickets
from tocsin.engine.event import Side
from tocsin.queries import access
from tocsin.queries.access import RIGHTS, Actor, NotFound, Right, Subject
from tocsin.records.people import ROLES


def test_each_role_of_people_has_its_rights() -> None:
    assert set(RIGHTS) == {*ROLES, "contact", "operator"}


def test_only_who_is_meant_to_may() -> None:
    may = {right: {role for role, rights in RIGHTS.items() if right in rights} for right in Right}
    staff = {"agent", "lead", "manager", "administrator", "operator"}
    assert may == {
        Right.SIGNED_IN: staff | {"auditor", "limited"},
        Right.READ_CONFIGURATION: staff | {"auditor"},
        Right.READ_TICKETS: staff | {"auditor", "contact"},
        Right.OPEN_TICKETS: staff | {"contact"},
        Right.WRITE: staff | {"contact"},
        Right.NOTE: staff,
        Right.ASSIGN: staff,
        Right.CHANGE: staff,
        Right.ESCALATE: staff,
        Right.PLAN_ON_CALL: staff - {"agent"},
        Right.APPROVE_PAUSES: staff - {"agent"},
        Right.ACKNOWLEDGE: staff - {"agent"},
        Right.OVERRIDE: staff - {"agent"},
        Right.READ_REPORTS: (staff - {"agent"}) | {"auditor"},
        Right.EXPORT: (staff - {"agent"}) | {"auditor"},
        Right.APPROVE_EXPORTS: {"manager", "administrator", "operator"},
        Right.READ_AUDIT: {"auditor", "administrator", "operator"},
        Right.CONFIGURE: {"administrator", "operator"},
        Right.ADMINISTER: {"administrator", "operator"},
        Right.IMPORT: {"administrator", "operator"},
        Right.OPERATE: {"operator"},
    }


def test_actors_are_made_with_side_and_name() -> None:
    assert access.person(1, 2, "agent") == Actor(
        1, "person:2", RIGHTS["agent"], Side.AGENT, person=2
    )
    assert access.contact(1, 3) == Actor(
        1, "contact:3", RIGHTS["contact"], Side.CUSTOMER, contact=3
    )
    assert access.operator(1).side is Side.AGENT
    assert access.automation(1).side is Side.AUTOMATION
    with pytest.raises(KeyError):
        access.person(1, 2, "king")


def test_an_actor_cannot_be_given_more_rights_afterwards() -> None:
    actor = access.contact(1, 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        actor.rights = frozenset(Right)  # type: ignore[misc]  # that is the point


def test_a_contact_sees_their_own_and_everybody_else_sees_all() -> None:
    theirs, anothers = Subject(contact=3), Subject(contact=4)
    assert access.sees(access.contact(1, 3), theirs)
    assert not access.sees(access.contact(1, 3), anothers)
    assert not access.sees(access.contact(1, 3), Subject())
    assert access.sees(access.person(1, 2, "agent"), anothers)
    assert access.sees(access.operator(1), Subject())


def test_a_position_for_the_actor_is_refused() -> None:
    @access.needs(Right.NOTE)
    def act(by: Actor) -> str:
        return by.name

    try:
        assert act(by=access.operator(1)) == "operator"
        with pytest.raises(TypeError):
            act(access.operator(1))
    finally:
        access.CATALOGUE.pop(f"{act.__module__}.{act.__qualname__}")


# ------------------------------------------------------------------------------------ on a desk


@pytest.fixture
def desk(database: Database) -> Company:
    return company()


def test_a_contact_opens_and_answers_their_own_ticket_and_no_other(desk: Company) -> None:
    cara, carl = (
        access.contact(desk.tenant, customers.add_contact(name=name, by=desk.operator))
        for name in ("Cara", "Carl")
    )
    own = tickets.open_(subject="mine", by=cara)
    tickets.reply(ticket_id=own, body="more", by=cara)
    for stranger in (carl, access.contact(desk.tenant, 10**9)):
        with pytest.raises(NotFound):
            tickets.reply(ticket_id=own, body="let me in", by=stranger)


def test_a_contact_opens_for_themselves_whomever_they_name(
    database: Database, desk: Company
) -> None:
    cara, carl = (customers.add_contact(name=name, by=desk.operator) for name in ("Cara", "Carl"))
    ticket = tickets.open_(subject="x", contact=carl, by=access.contact(desk.tenant, cara))
    assert database.rows("SELECT contact_id FROM ticket WHERE id = %s", ticket) == [(cara,)]


def test_a_contact_cannot_open_in_the_name_of_another_account(
    database: Database, desk: Company
) -> None:
    vip = customers.add_account(name="Big", vip=True, by=desk.operator)
    cara = customers.add_contact(name="Cara", by=desk.operator)
    tickets.open_(subject="x", account=vip, by=access.contact(desk.tenant, cara))
    assert database.rows("SELECT account_id FROM ticket") == [(None,)]
    assert '"vip"' not in database.one("SELECT payload FROM event WHERE kind = 'created'")


def test_a_contact_learns_no_ticket_by_anothers_idempotency_key(desk: Company) -> None:
    cara, carl = (
        access.contact(desk.tenant, customers.add_contact(name=name, by=desk.operator))
        for name in ("Cara", "Carl")
    )
    own = tickets.open_(subject="mine", key="k1", by=cara)
    assert tickets.open_(subject="other", key="k1", by=carl) != own


Deed = Callable[[int, Actor], object]
STAFF_ONLY: dict[str, Deed] = {
    "note": lambda id_, by: tickets.note(ticket_id=id_, body="x", by=by),
    "assign": lambda id_, by: tickets.assign(ticket_id=id_, by=by),
    "move": lambda id_, by: tickets.move(ticket_id=id_, to="work", by=by),
    "priority": lambda id_, by: tickets.set_priority(ticket_id=id_, to="P1", by=by),
    "field": lambda id_, by: tickets.set_field(ticket_id=id_, name="a", to="b", by=by),
    "pause": lambda id_, by: tickets.pause(ticket_id=id_, reason="x", by=by),
    "resume": lambda id_, by: tickets.resume(ticket_id=id_, by=by),
    "resolve": lambda id_, by: tickets.resolve(ticket_id=id_, by=by),
    "reopen": lambda id_, by: tickets.reopen(ticket_id=id_, by=by),
    "close": lambda id_, by: tickets.close(ticket_id=id_, by=by),
    "person": lambda _, by: people.add_person(name="x", email="x@y", by=by),
    "team": lambda _, by: people.add_team(name="x", by=by),
    "account": lambda _, by: customers.add_account(name="x", by=by),
    "policy": lambda _, by: sla.publish(config={}, by=by),
}


def test_a_contact_can_do_nothing_of_the_staffs_even_to_their_own_ticket(
    database: Database, desk: Company
) -> None:
    cara = access.contact(desk.tenant, customers.add_contact(name="Cara", by=desk.operator))
    own = tickets.open_(subject="mine", by=cara)
    before = database.rows("SELECT * FROM event")
    for deed in STAFF_ONLY.values():
        for by in (cara, access.person(desk.tenant, desk.people["ann"], "auditor")):
            with pytest.raises(NotFound):
                deed(own, by)
    assert database.rows("SELECT * FROM event") == before
