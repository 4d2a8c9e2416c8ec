"""Contracts, hours, priorities and options: published in versions that never change."""

import copy
import json
from typing import Any

import pytest
from tests.actions.test_drafts import PRIORITIES
from tests.actions.test_tickets import BEGIN, OPENED, after, refused
from tests.desk import Company, Database, company

from tocsin.actions import config_versions, customers, tenants, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, configuration
from tocsin.queries.access import NotFound, Stale

CONTRACT: dict[str, Any] = {
    "account": "umbrella",
    "policies": ["standard"],
    "valid_from": "2026-01-01T00:00:00+01:00",
    "valid_until": "2027-01-01T00:00:00+01:00",
}


@pytest.fixture
def desk(database: Database) -> Company:
    made = company(now=BEGIN)
    customers.add_account(name="Umbrella", key="umbrella", by=made.operator, now=BEGIN)
    return made


def publish(desk: Company, kind: str, key: str, data: Any, **given: Any) -> list[str]:
    return config_versions.publish(
        kind=kind, key=key, data=data, **{"by": desk.operator, "now": OPENED, **given}
    )


def test_every_change_is_a_version_with_its_event_and_nothing_else_is(
    database: Database, desk: Company
) -> None:
    assert publish(desk, "contract", "c-1", CONTRACT) == ["contract c-1 v1"]
    kept = database.rows("SELECT * FROM config_version"), database.rows("SELECT * FROM event")
    assert publish(desk, "contract", "c-1", dict(reversed(CONTRACT.items()))) == []
    assert kept == (
        database.rows("SELECT * FROM config_version"),
        database.rows("SELECT * FROM event"),
    )
    longer = {**CONTRACT, "valid_until": "2028-01-01T00:00:00+01:00"}
    assert publish(desk, "contract", "c-1", longer, now=after(5)) == ["contract c-1 v2"]
    found = database.rows(
        "SELECT stream_seq, payload, stream_id FROM event"
        " WHERE stream_kind = 'contract' ORDER BY id"
    )
    digests = database.rows("SELECT version, digest FROM config_version ORDER BY version")
    told = [json.loads(payload) for _, payload, _ in found]
    assert [(one["contract"], one["version"], one["digest"]) for one in told] == [
        ("c-1", version, digest) for version, digest in digests
    ]
    assert [seq for seq, _, _ in found] == [1, 2]
    first = database.one("SELECT min(id) FROM config_version")
    assert {stream for _, _, stream in found} == {first}


def test_a_version_makes_everybody_read_the_configuration_again(
    database: Database, desk: Company
) -> None:
    before = database.one("SELECT config_version FROM tenant")
    for kind, key, data in (
        ("contract", "c-1", CONTRACT),
        ("hours", "account:umbrella", {"calendar": "always"}),
        ("priorities", "matrix", PRIORITIES),
        ("options", "desk", {"default_policy": "optional"}),
    ):
        assert publish(desk, kind, key, data) == [f"{kind} {key} v1"]
        before += 1
        assert database.one("SELECT config_version FROM tenant") == before
    assert publish(desk, "hours", "account:umbrella", {"calendar": None}) != []


def test_what_is_kept_can_be_read_back(desk: Company) -> None:
    publish(desk, "priorities", "matrix", PRIORITIES, by=desk.person("dora", "administrator"))
    publish(desk, "contract", "c-1", CONTRACT)
    found = configuration.thing(kind="priorities", key="matrix", by=desk.operator)
    assert found == configuration.Kept("priorities", "matrix", 1, PRIORITIES, OPENED, None, "Dora")
    document = configuration.document(by=desk.operator)
    assert document["priorities"] == PRIORITIES
    assert document["contracts"] == {"c-1": CONTRACT}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"account": "umbrela"}, "account"),
        ({"policies": ["standrad"]}, "policies[0]"),
        ({"policies": []}, "policies"),
        ({"policies": ["stage support/triage"]}, "policies[0]"),
        ({"calendar": "alway"}, "calendar"),
        ({"valid_from": "2026-01-01"}, "valid_from"),
        ({"valid_until": "2025-01-01T00:00:00Z"}, "valid_until"),
        ({"money": 5}, "money"),
    ],
)
def test_a_wrong_field_is_refused_by_name_and_writes_nothing(
    database: Database, desk: Company, change: dict[str, Any], path: str
) -> None:
    with refused(database, Invalid, path):
        publish(desk, "contract", "c-1", CONTRACT | change)


def test_a_contract_cannot_end_in_the_past(database: Database, desk: Company) -> None:
    begun = {**CONTRACT, "valid_until": after(10).isoformat()}
    publish(desk, "contract", "c-1", begun, now=after(5))
    # What is as it was is no change, whenever it is said.
    assert publish(desk, "contract", "c-1", begun, now=after(20)) == []
    with refused(database, Invalid, words="valid_until: is past"):
        publish(
            desk,
            "contract",
            "c-1",
            {**begun, "policies": ["standard"], "valid_until": after(9).isoformat()},
            now=after(20),
        )


def test_who_looked_at_an_older_version_looks_again(database: Database, desk: Company) -> None:
    publish(desk, "contract", "c-1", CONTRACT, seen=0)
    with refused(database, Stale, words="look again"):
        publish(desk, "contract", "c-1", CONTRACT, seen=0)
    publish(desk, "contract", "c-1", {**CONTRACT, "calendar": "always"}, seen=1)


def test_a_policy_for_all_is_asked_for_only_where_there_is_one(database: Database) -> None:
    bare = access.operator(tenants.create(key="bare", name="Bare"))
    data = {"default_policy": "required"}
    with refused(database, Invalid, "default_policy"):
        config_versions.publish(kind="options", key="desk", data=data, by=bare)
    data = {"default_policy": "optional"}
    assert config_versions.publish(kind="options", key="desk", data=data, by=bare) != []


def test_agents_may_not(database: Database, desk: Company) -> None:
    with refused(database, NotFound, words="no such thing"):
        publish(desk, "contract", "c-1", CONTRACT, by=desk.person("ann"))


# ------------------------------------------------------------------------------------ priorities


def priority(database: Database, ticket: int) -> str:
    return str(database.one("SELECT priority FROM ticket WHERE id = %s", ticket))


def test_impact_and_urgency_give_the_priority(database: Database, desk: Company) -> None:
    both = {"impact": "all", "urgency": "high"}
    assert priority(database, desk.open(fields=both)) == "P3"  # no matrix yet
    publish(desk, "priorities", "matrix", PRIORITIES)
    assert priority(database, desk.open(fields=both)) == "P1"
    assert priority(database, desk.open(fields={"impact": "all"})) == "P3"
    assert priority(database, desk.open(fields=both, priority="P4")) == "P4"
    assert priority(database, desk.open()) == "P3"


def test_setting_one_of_them_sets_the_priority_and_its_clocks(
    database: Database, desk: Company
) -> None:
    publish(desk, "priorities", "matrix", PRIORITIES)
    ticket = desk.open(fields={"impact": "all"}, now=OPENED)
    ann = desk.person("ann")
    tickets.set_field(ticket_id=ticket, name="urgency", to="high", by=ann, now=after(1))
    assert priority(database, ticket) == "P1"
    due = "SELECT due_at FROM clock WHERE ticket_id = %s AND definition = 'first response'"
    assert database.rows(due, ticket) == [(after(15),)]
    tickets.set_field(ticket_id=ticket, name="colour", to="red", by=ann, now=after(2))
    tickets.set_priority(ticket_id=ticket, to="P4", by=ann, now=after(3))
    tickets.set_field(ticket_id=ticket, name="colour", to="blue", by=ann, now=after(4))
    assert priority(database, ticket) == "P4"
    changed = copy.deepcopy(PRIORITIES)
    changed["matrix"]["all"]["low"] = "P3"
    publish(desk, "priorities", "matrix", changed, now=after(5))
    tickets.set_field(ticket_id=ticket, name="urgency", to="low", by=ann, now=after(6))
    assert priority(database, ticket) == "P3"


def test_a_word_that_the_matrix_does_not_know_is_refused(database: Database, desk: Company) -> None:
    publish(desk, "priorities", "matrix", PRIORITIES)
    with refused(database, Invalid, words="impact: 'everything' is not one of: all, some"):
        desk.open(fields={"impact": "everything"})
    ticket = desk.open()
    with refused(database, Invalid, words="urgency"):
        tickets.set_field(
            ticket_id=ticket, name="urgency", to="hi", by=desk.person("ann"), now=after(9)
        )
