"""People from elsewhere: what a mapping of groups gives, and what it never does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import Company, Database, company, inside

from tocsin.actions import identity_providers, permission_sets, placing, provisioning
from tocsin.actions.identity_providers import Group, Typed
from tocsin.actions.placing import Place
from tocsin.actions.provisioning import Claimed
from tocsin.kit.invalid import Invalid
from tocsin.queries import readers
from tocsin.queries.access import NotAllowed, NotFound, Right

MAPPING: Any = {
    "desk": {"role": "agent", "teams": [1], "permission_sets": ["a"]},
    "leads": {"role": "lead", "teams": [2], "permission_sets": []},
    "audit": {"role": "auditor", "teams": [], "permission_sets": ["b"]},
}


def test_several_groups_give_the_highest_role_and_all_teams_and_sets() -> None:
    assert placing.place(MAPPING, {"desk", "leads", "other"}) == Place(
        "lead", frozenset({1, 2}), frozenset({"a"})
    )
    assert placing.place(MAPPING, {"audit", "desk"}) == Place(
        "agent", frozenset({1}), frozenset({"a", "b"})
    )
    assert placing.place(MAPPING, {"Desk", "other"}) is None
    assert placing.place({"desk": {"role": "agent"}}, {"desk"}) == Place("agent", None, None)


@pytest.mark.promise("A50")
@given(st.sets(st.sampled_from(["desk", "leads", "audit", "other"])))
def test_a_place_holds_nothing_that_no_group_of_theirs_gives(groups: set[str]) -> None:
    found = placing.place(MAPPING, groups) or placing.nothing(MAPPING)
    own = [MAPPING[name] for name in groups if name in MAPPING]
    assert found.role in {"limited", *(row["role"] for row in own)}
    assert found.teams is not None
    assert found.sets is not None
    assert found.teams <= {team for row in own for team in row["teams"]}
    assert found.sets <= {key for row in own for key in row["permission_sets"]}


@pytest.fixture
def made(database: Database) -> Company:
    return company()


def provider(made: Company, key: str = "work", **given_: Any) -> int:
    typed = Typed("Work", "https://id.example.com", "desk", "a secret", **given_)
    id_ = identity_providers.add(key=key, typed=typed, by=made.operator)
    identity_providers.switch(provider=id_, on=True, by=made.operator)
    return id_


@pytest.mark.promise("A50", "P27")
def test_permission_sets_come_and_go_with_groups(made: Company) -> None:
    by = made.operator
    for key in ("reports", "by-hand"):
        permission_sets.save(key=key, name=key, rights=["read reports"], by=by)
    permission_sets.grant(person=made.people["ann"], key="by-hand", by=by)
    groups = (Group("desk", "agent"), Group("reporters", "limited", (), ("reports",)))
    provider(made, by_email=True, groups=groups)
    ann = Claimed("s", "ann@acme.example", "Ann", verified=True)

    def rights(*named: str) -> frozenset[Right]:
        groups = frozenset(named)
        claimed = Claimed(ann.subject, ann.email, ann.name, verified=True, groups=groups)
        person = provisioning.signed_in(made.tenant, "work", claimed)
        found = readers.reader(made.tenant, person)
        assert found is not None
        return found.actor.rights

    assert Right.READ_REPORTS in rights("desk", "reporters")
    # What an administrator gave by hand is above what the groups say.
    assert Right.READ_REPORTS not in rights("desk")
    assert Right.READ_REPORTS in rights("reporters")
    assert Right.READ_TICKETS not in rights("reporters")


def test_signing_in_again_writes_nothing(made: Company, database: Database) -> None:
    provider(made, by_email=True, groups=(Group("desk", "agent"),))
    claimed = Claimed("s", "ann@acme.example", "Ann", verified=True, groups=frozenset({"desk"}))
    first = provisioning.signed_in(made.tenant, "work", claimed)
    before = database.one("SELECT count(*) FROM event")
    assert provisioning.signed_in(made.tenant, "work", claimed) == first
    assert database.one("SELECT count(*) FROM event") == before


@pytest.mark.promise("A43", "P26")
def test_a_subject_of_another_tenant_is_nobody_here(made: Company) -> None:
    bolt = company("bolt")
    provider(made, by_email=True)
    provider(bolt, by_email=False)
    claimed = Claimed("s", "ann@acme.example", verified=True)
    assert provisioning.signed_in(made.tenant, "work", claimed) == made.people["ann"]
    with pytest.raises(NotAllowed):
        provisioning.signed_in(bolt.tenant, "work", claimed)
    with pytest.raises(NotFound):
        provisioning.signed_in(bolt.tenant, "none", claimed)


def test_a_provider_that_is_switched_off_lets_nobody_in(made: Company) -> None:
    id_ = provider(made, by_email=True)
    claimed = Claimed("s", "ann@acme.example", verified=True)
    provisioning.signed_in(made.tenant, "work", claimed)
    identity_providers.switch(provider=id_, on=False, by=made.operator)
    with pytest.raises(NotFound):
        provisioning.signed_in(made.tenant, "work", claimed)


def test_a_directory_has_people_by_its_own_name_for_them(made: Company, database: Database) -> None:
    team = database.one("SELECT id FROM team WHERE key = 'second line'")
    mapping = {"desk": {"role": "agent", "teams": [team], "permission_sets": []}}
    given_: Any = {"external": "ext-1", "email": "nia@acme.example", "name": "Nia"}
    nia = provisioning.provisioned(**given_, by=made.operator)
    with inside(made.tenant):
        assert placing.held(made.tenant, nia) == Place("limited", frozenset(), frozenset())
    again = {**given_, "groups": ["desk"], "mapping": mapping}
    assert provisioning.provisioned(**again, by=made.operator) == nia
    with inside(made.tenant):
        assert placing.held(made.tenant, nia) == Place("agent", frozenset({team}), frozenset())
    with pytest.raises(Invalid) as refused:
        provisioning.provisioned(**{**given_, "external": "ext-2"}, by=made.operator)
    assert refused.value.path == "email"
    with pytest.raises(Invalid):
        provisioning.provisioned(**{**given_, "external": " "}, by=made.operator)
    assert database.one("SELECT count(*) FROM person WHERE external_id <> ''") == 1
