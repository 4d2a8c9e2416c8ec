"""People, teams and customers: what can be wrong is refused, what is done is in the log."""

import json
from typing import Any

import pytest
from tests.actions.test_tickets import at_once, digest, refused
from tests.desk import Company, Database, company

from tocsin.actions import customers, people
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import NotAllowed


@pytest.fixture
def desk(database: Database) -> Company:
    return company()


def person(desk: Company, **given: Any) -> int:
    usual = {"name": "Eve", "email": "eve@acme.example"}
    return people.add_person(**{**usual, **given}, by=desk.operator)


def newest(database: Database) -> tuple[str, int, int, dict[str, Any]]:
    kind, id_, seq, payload = database.rows(
        "SELECT stream_kind, stream_id, stream_seq, payload FROM event ORDER BY id DESC LIMIT 1"
    )[0]
    return kind, id_, seq, json.loads(payload)


def test_a_person_is_added_with_an_event_that_does_not_name_them(
    database: Database, desk: Company
) -> None:
    version = database.one("SELECT config_version FROM tenant")
    id_ = person(desk, email=" Eve@Acme.Example ", role="lead", level=2, manager=desk.people["mia"])
    assert database.rows("SELECT name, email, email_key, role FROM person WHERE id = %s", id_) == [
        ("Eve", "Eve@Acme.Example", "eve@acme.example", "lead")
    ]
    kind, of, seq, told = newest(database)
    assert (kind, of, seq) == ("person", id_, 1)
    assert told.pop("content")
    assert told == {
        "did": "added",
        "role": "lead",
        "level": 2,
        "manager": str(desk.people["mia"]),
    }
    # Whoever kept the old configuration looks again.
    assert database.one("SELECT config_version FROM tenant") == version + 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"email": ""}, "email"),
        ({"email": "eve"}, "email"),
        ({"email": "eve @acme.example"}, "email"),
        ({"email": "eve\0@acme.example"}, "email"),
        ({"email": "ANN@acme.example"}, "email"),
        ({"role": "king"}, "role"),
        ({"level": 0}, "level"),
        ({"level": 10}, "level"),
        ({"manager": 10**6}, "manager"),
        ({"language": "xx"}, "language"),
        ({"zone": "Mars/Base"}, "zone"),
    ],
    ids=range(13),
)
def test_a_person_that_cannot_be_is_refused(
    database: Database, desk: Company, given: dict[str, Any], field: str
) -> None:
    with refused(database, Invalid, field):
        person(desk, **given)


def test_a_name_with_a_nul_is_refused(database: Database, desk: Company) -> None:
    with refused(database, Invalid, "name"):
        person(desk, name="a\0b")


def test_a_name_of_a_megabyte_is_refused(database: Database, desk: Company) -> None:
    with refused(database, Invalid, "name"):
        person(desk, name="x" * 1_000_000)


def test_one_address_serves_two_tenants_but_nobody_twice(database: Database, desk: Company) -> None:
    other = company("bolt")
    person(desk)
    person(other)
    with refused(database, Invalid, "email", "already"):
        person(desk, email="EVE@ACME.example")


def test_of_two_who_add_one_address_at_once_one_is_refused(
    database: Database, desk: Company
) -> None:
    raised = at_once(database, [lambda: person(desk)] * 4)
    assert [type(error) for error in raised] == [Invalid] * 3
    assert len(database.rows("SELECT 1 FROM person WHERE email_key = 'eve@acme.example'")) == 1


@pytest.mark.parametrize(("who", "above"), [("dora", "ann"), ("dora", "mia"), ("ann", "ann")])
def test_nobody_becomes_their_own_manager_in_the_end(
    database: Database, desk: Company, who: str, above: str
) -> None:
    with refused(database, NotAllowed, words="own manager"):
        people.set_manager(person=desk.people[who], manager=desk.people[above], by=desk.operator)


def test_a_manager_is_set_and_taken_away_with_an_event_each(
    database: Database, desk: Company
) -> None:
    ann, mia = desk.people["ann"], desk.people["mia"]
    for seq, manager in ((2, mia), (3, None)):
        people.set_manager(person=ann, manager=manager, by=desk.operator)
        assert database.one("SELECT manager_id FROM person WHERE id = %s", ann) == manager
        told = {"did": "manager", "manager": manager and str(manager)}
        assert newest(database) == ("person", ann, seq, told)
    usual: dict[str, Any] = {"person": ann, "manager": mia}
    for field in usual:
        with refused(database, Invalid, field):
            people.set_manager(**{**usual, field: 10**6}, by=desk.operator)


def test_two_who_make_a_circle_together_do_not_both_get_their_way(
    database: Database, desk: Company
) -> None:
    one, two = person(desk, email="a@x"), person(desk, email="b@x")
    raised = at_once(
        database,
        [
            lambda: people.set_manager(person=one, manager=two, by=desk.operator),
            lambda: people.set_manager(person=two, manager=one, by=desk.operator),
        ],
    )
    assert [type(error) for error in raised] == [NotAllowed]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "SERVICE desk"}, "name"),
        ({"lead": 10**6}, "lead"),
        ({"manager": 10**6}, "manager"),
        ({"members": (10**6,)}, "members"),
    ],
)
def test_a_team_that_cannot_be_is_refused(
    database: Database, desk: Company, given: dict[str, Any], field: str
) -> None:
    with refused(database, Invalid, field):
        people.add_team(**{"name": "Night", **given}, by=desk.operator)


@pytest.mark.parametrize(
    ("given", "field"),
    [("members", "members"), ("level", "level"), ("name", "name")],
)
def test_a_team_that_the_database_cannot_hold_is_refused_by_name(
    database: Database, desk: Company, given: str, field: str
) -> None:
    ann = desk.people["ann"]
    wrong: dict[str, Any] = {"members": (ann, ann), "level": 10**6, "name": "a\0"}
    with refused(database, Invalid, field):
        people.add_team(**{"name": "Night", given: wrong[given]}, by=desk.operator)


def test_a_team_is_added_with_its_members_and_an_event(database: Database, desk: Company) -> None:
    ann = desk.people["ann"]
    id_ = people.add_team(name=" Night ", members=(ann,), by=desk.operator)
    assert database.rows("SELECT key, name FROM team WHERE id = %s", id_) == [("night", "Night")]
    assert database.rows("SELECT person_id FROM membership WHERE team_id = %s", id_) == [(ann,)]
    kind, of, seq, told = newest(database)
    assert (kind, of, seq, told["members"]) == ("team", id_, 1, [str(ann)])


def test_an_account_and_its_contact_are_added_with_events(
    database: Database, desk: Company
) -> None:
    account = customers.add_account(
        name="Big AB", key="Big", plan="gold", vip=True, by=desk.operator
    )
    assert newest(database)[:3] == ("account", account, 1)
    contact = customers.add_contact(
        name="Cara", email="Cara@Big.example", account=account, by=desk.operator
    )
    kind, of, seq, told = newest(database)
    assert (kind, of, seq, told["account"]) == ("contact", contact, 1, str(account))
    with refused(database, Invalid, "key"):
        customers.add_account(name="Other", key="BIG", by=desk.operator)
    with refused(database, Invalid, "account_manager"):
        customers.add_account(name="Other", account_manager=10**6, by=desk.operator)
    with refused(database, Invalid, "account"):
        customers.add_contact(name="x", account=10**6, by=desk.operator)
    with refused(database, Invalid, "name"):
        customers.add_contact(name=" ", by=desk.operator)


def test_a_contact_with_an_address_that_is_taken_is_refused(
    database: Database, desk: Company
) -> None:
    customers.add_contact(name="Cara", email="cara@x.example", by=desk.operator)
    with refused(database, Invalid, "email", "already"):
        customers.add_contact(name="Carl", email="CARA@x.example", by=desk.operator)


def test_contacts_without_an_address_may_be_many(database: Database, desk: Company) -> None:
    for name in ("Cara", "Carl"):
        customers.add_contact(name=name, by=desk.operator)
    assert len(database.rows("SELECT 1 FROM contact")) == 2


def test_the_digest_would_notice_a_row(database: Database, desk: Company) -> None:
    before = digest(database)
    person(desk)
    after = digest(database)
    changed = {table for table in before if before[table] != after[table]}
    assert changed >= {"person", "event", "event_content", "tenant", "unsequenced"}
