"""Which open tickets a policy would be for, and which others take some of them away."""

from typing import Any

import pytest
from tests.desk import POLICIES, Company, company

from tocsin.actions import customers, sla, tickets
from tocsin.engine.policy import Agreement
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, matching
from tocsin.queries.access import NotFound
from tocsin.queries.matching import Matching, Wanted


@pytest.fixture
def made(database: object) -> Company:
    del database
    return company()


def look(made: Company, most: int = matching.MOST, **wanted: Any) -> Matching:
    return matching.matching(wanted=Wanted(key="new", **wanted), by=made.operator, most=most)


def test_open_tickets_match_by_their_fields_and_done_ones_do_not(made: Company) -> None:
    urgent, plain = made.open(priority="P1", fields={"site": "Kiruna"}), made.open(priority="P3")
    done = made.open(priority="P1")
    tickets.resolve(ticket_id=done, by=made.operator)
    assert look(made).count == 2
    found = look(made, when={"priority": ["P1", "P2"]})
    assert (found.count, found.looked, found.open) == (1, 2, 2)
    assert [card.id for card in found.first] == [urgent]
    assert look(made, when={"site": {"contains": "kir"}}).count == 1
    assert [card.id for card in look(made, when={"not": {"priority": "P1"}}).first] == [plain]


def test_fields_are_those_of_now_and_those_of_the_account(made: Company) -> None:
    account = customers.add_account(
        name="Gruvan", key="gruvan", plan="gold", vip=True, by=made.operator
    )
    id_ = made.open(account=account)
    made.open()
    assert look(made, when={"plan": "gold", "vip": True, "account": "gruvan"}).count == 1
    tickets.assign(ticket_id=id_, team="Second line", by=made.operator)
    tickets.set_priority(ticket_id=id_, to="P1", by=made.operator)
    assert look(made, when={"team": "second line", "priority": "P1"}).count == 1


def test_policies_that_are_asked_before_take_tickets_away(made: Company) -> None:
    made.open(priority="P1")
    made.open(priority="P3")
    urgent = {**POLICIES["policies"][0], "key": "urgent", "rank": 0, "when": {"priority": "P1"}}
    sla.publish(config={**POLICIES, "policies": [urgent]}, by=made.operator)
    found = look(made, rank=1, agreement=Agreement.SLA)
    assert [(one.key, one.taken) for one in found.before] == [("urgent", 1)]
    assert (found.count, found.left) == (2, 1)
    behind = look(made, rank=5)
    assert [(one.key, one.taken) for one in behind.before] == [("urgent", 1), ("standard", 1)]
    assert behind.left == 0
    # Clocks of different agreements run side by side.
    assert look(made, rank=5, agreement=Agreement.OLA).left == 2
    # A policy stands in nobody's way but its own.
    own = matching.matching(wanted=Wanted(key="standard", rank=1), by=made.operator)
    assert [one.key for one in own.before] == ["urgent"]


def test_a_limit_says_how_many_were_looked_at_the_newest_first(made: Company) -> None:
    ids = [made.open() for _ in range(5)]
    found = look(made, most=3)
    assert (found.open, found.looked, found.count) == (5, 3, 3)
    assert [card.id for card in found.first] == ids[:1:-1]


def test_a_policy_by_contract_is_for_accounts_that_have_one(made: Company) -> None:
    made.open()
    assert look(made, contract=True).count == 0


def test_a_condition_that_cannot_be_read_is_refused_by_its_field(made: Company) -> None:
    with pytest.raises(Invalid) as refused:
        look(made, when={"priority": []})
    assert refused.value.path == "when.priority"


def test_a_customer_learns_nothing(made: Company) -> None:
    with pytest.raises(NotFound):
        matching.matching(wanted=Wanted("x"), by=access.contact(made.tenant, 1))
