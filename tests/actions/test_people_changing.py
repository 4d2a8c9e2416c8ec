"""People are changed and leave: what ends with it, and who has their work then."""

import datetime as dt
import json
from typing import Any

import pytest
from tests.actions.test_tickets import at_once, refused
from tests.desk import Company, Database, company

from tocsin.actions import config_versions, people, teams, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, readers
from tocsin.queries import on_call as who
from tocsin.queries import people as shown
from tocsin.queries.access import Actor, NotAllowed, NotFound

pytestmark = pytest.mark.long("every change of people, and every refusal")


@pytest.fixture
def desk(database: Database) -> Company:
    return company()


@pytest.fixture
def dora(desk: Company) -> Actor:
    return desk.person("dora", "administrator")


def facts(database: Database, stream: str, id_: int) -> list[dict[str, Any]]:
    found = database.rows(
        "SELECT payload FROM event WHERE stream_kind = %s AND stream_id = %s ORDER BY stream_seq",
        stream,
        id_,
    )
    return [json.loads(row[0]) for row in found]


# ------------------------------------------------------------------------------------- changing


def test_a_person_is_changed_and_the_log_names_no_names(
    database: Database, desk: Company, dora: Actor
) -> None:
    ann, version = desk.people["ann"], database.one("SELECT config_version FROM tenant")
    people.edit(
        person=ann,
        name="Anna",
        email="Anna@Acme.Example",
        role="lead",
        level=3,
        manager=desk.people["mia"],
        language="sv",
        zone="Europe/Stockholm",
        by=dora,
    )
    assert database.rows(
        "SELECT name, email, email_key, role, level, manager_id, language, zone"
        " FROM person WHERE id = %s",
        ann,
    ) == [
        (
            *("Anna", "Anna@Acme.Example", "anna@acme.example", "lead", 3),
            *(desk.people["mia"], "sv", "Europe/Stockholm"),
        )
    ]
    told = facts(database, "person", ann)[-1]
    assert told.pop("content")
    assert told == {
        "did": "changed",
        "role": "lead",
        "level": 3,
        "language": "sv",
        "zone": "Europe/Stockholm",
        "manager": str(desk.people["mia"]),
        "fields": ["email", "name"],
    }
    assert database.one("SELECT config_version FROM tenant") == version + 1


def test_what_is_not_named_stays_and_nothing_new_is_no_fact(
    database: Database, desk: Company, dora: Actor
) -> None:
    ann = desk.people["ann"]
    people.edit(person=ann, level=2, by=dora)
    before = facts(database, "person", ann)
    assert before[-1] == {"did": "changed", "level": 2, "fields": []}
    people.edit(person=ann, level=2, name="Ann", role="agent", by=dora)
    assert facts(database, "person", ann) == before
    people.edit(person=ann, manager=None, by=dora)
    assert database.one("SELECT manager_id FROM person WHERE id = %s", ann) is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "ann"}, "email"),
        ({"email": "LEA@acme.example"}, "email"),
        ({"role": "king"}, "role"),
        ({"role": "operator"}, "role"),
        ({"level": 0}, "level"),
        ({"manager": 10**6}, "manager"),
        ({"language": "xx"}, "language"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"person": 10**6}, "person"),
    ],
    ids=range(10),
)
def test_what_nobody_can_be_is_refused(
    database: Database, desk: Company, dora: Actor, given: dict[str, Any], field: str
) -> None:
    with refused(database, Invalid, field):
        people.edit(**{"person": desk.people["ann"], **given}, by=dora)


def test_a_person_of_another_tenant_is_not_there(
    database: Database, desk: Company, dora: Actor
) -> None:
    other = company("bolt")
    theirs = other.people["ann"]
    with refused(database, Invalid, "person"):
        people.edit(person=theirs, name="Mine", by=dora)
    with refused(database, Invalid, "person"):
        people.deactivate(person=theirs, by=dora)
    with refused(database, Invalid, "hand_over_to"):
        people.deactivate(person=desk.people["ann"], hand_over_to=theirs, by=dora)
    with pytest.raises(NotFound):
        shown.known(person=theirs, by=dora)
    with pytest.raises(NotFound):
        shown.leaving(person=theirs, by=dora)


# ------------------------------------------------------------------------- the last administrator


@pytest.mark.promise("P34")
def test_the_last_administrator_stays_one(database: Database, desk: Company, dora: Actor) -> None:
    me = desk.people["dora"]
    for deed in (
        lambda: people.deactivate(person=me, by=dora),
        lambda: people.edit(person=me, role="agent", by=dora),
    ):
        with refused(database, NotAllowed, words="administrator"):
            deed()
    people.edit(person=desk.people["mia"], role="administrator", by=dora)
    people.edit(person=me, role="agent", by=dora)
    # One who has left does not count.
    people.edit(person=me, role="administrator", by=dora)
    people.deactivate(person=me, by=dora)
    with refused(database, NotAllowed, words="administrator"):
        people.deactivate(person=desk.people["mia"], by=dora)


@pytest.mark.promise("P34")
def test_of_two_administrators_who_dismiss_each_other_one_remains(
    database: Database, desk: Company, dora: Actor
) -> None:
    me, mia = desk.people["dora"], desk.people["mia"]
    people.edit(person=mia, role="administrator", by=dora)
    raised = at_once(
        database,
        [
            lambda: people.deactivate(person=mia, by=dora),
            lambda: people.edit(person=me, role="agent", by=desk.person("mia", "administrator")),
        ],
    )
    assert [type(error) for error in raised] == [NotAllowed]
    left = "SELECT count(*) FROM person WHERE is_active AND role = 'administrator'"
    assert database.one(left) == 1


# ------------------------------------------------------------------------------------- leaving


def signed_in(database: Database, desk: Company, name: str) -> str:
    """Leave all ways in that somebody can have; returns the key of the session."""
    key = f"session of {name}"
    of = (desk.tenant, desk.people[name])
    database.rows(
        "INSERT INTO django_session (session_key, session_data, expire_date)"
        " VALUES (%s, '', now() + interval '1 hour')",
        key,
    )
    database.rows(
        "INSERT INTO sign_in (tenant_id, person_id, session_key, means, address, agent, begun_at,"
        " seen_at, proved_at) VALUES (%s, %s, %s, 'password', '', '', now(), now(), now())",
        *of,
        key,
    )
    database.rows(
        "INSERT INTO api_token (tenant_id, person_id, name, prefix, token_hash, scopes, made_by_id,"
        " made_at, expires_at) VALUES (%s, %s, 'x', %s, '\\x00', '[]', %s, now(),"
        " now() + interval '1 day')",
        *of,
        f"p{of[1]}",
        of[1],
    )
    database.rows(
        "INSERT INTO one_time_link (tenant_id, person_id, purpose, token_hash, made_at, expires_at)"
        " VALUES (%s, %s, 'password', decode(md5(%s), 'hex'), now(), now() + interval '1 hour')",
        *of,
        key,
    )
    database.rows(
        "INSERT INTO contact_method (tenant_id, person_id, channel, address, critical_only,"
        " added_at, position) VALUES (%s, %s, 'push', '{}', true, now(), 1)",
        *of,
    )
    return key


WAYS_IN = {
    "sign_in": "ended_at IS NULL",
    "api_token": "revoked_at IS NULL",
    "one_time_link": "used_at IS NULL",
    "contact_method": "channel = 'push'",
}


def ways_in(database: Database, person: int) -> dict[str, int]:
    return {
        table: database.one(
            f"SELECT count(*) FROM {table} WHERE person_id = %s AND {still}", person
        )
        for table, still in WAYS_IN.items()
    }


@pytest.mark.promise("P34", "A40")
def test_with_somebody_go_all_their_ways_in_and_nobody_elses(
    database: Database, desk: Company, dora: Actor
) -> None:
    ann, lea = desk.people["ann"], desk.people["lea"]
    hers, other = signed_in(database, desk, "ann"), signed_in(database, desk, "lea")
    assert readers.reader(desk.tenant, ann) is not None
    people.deactivate(person=ann, by=dora)
    assert ways_in(database, ann) == dict.fromkeys(WAYS_IN, 0)
    assert ways_in(database, lea) == dict.fromkeys(WAYS_IN, 1)
    assert database.rows("SELECT session_key FROM django_session") == [(other,)]
    assert hers != other
    assert readers.reader(desk.tenant, ann) is None
    told = facts(database, "person", ann)[-1]
    assert told == {
        "did": "deactivated",
        "sessions": 1,
        "links": 1,
        "tokens": 1,
        "push": 1,
        "hand_over_to": None,
    }
    # What was ended does not come back with the person.
    people.reactivate(person=ann, by=dora)
    assert readers.reader(desk.tenant, ann) is not None
    assert ways_in(database, ann) == dict.fromkeys(WAYS_IN, 0)
    assert facts(database, "person", ann)[-1] == {"did": "reactivated"}


@pytest.mark.promise("P34")
def test_open_tickets_go_back_to_their_teams_and_done_ones_stay(
    database: Database, desk: Company, dora: Actor
) -> None:
    ann = desk.people["ann"]
    mine = [desk.open() for _ in range(3)]
    for ticket in mine:
        tickets.assign(ticket_id=ticket, person=ann, team="Second line", by=dora)
    alone, done = desk.open(), desk.open()
    for ticket in (alone, done):
        tickets.assign(ticket_id=ticket, person=ann, by=dora)
    tickets.resolve(ticket_id=done, by=desk.person("ann"))
    found = shown.leaving(person=ann, by=dora)
    assert (found.count, dict(found.tickets)["Second line"]) == (4, 3)
    assert people.deactivate(person=ann, by=dora) == 4
    owners = dict(database.rows("SELECT id, assignee_id FROM ticket"))
    assert owners == {**dict.fromkeys([*mine, alone], None), done: ann}
    named = dict(database.rows("SELECT t.id, m.key FROM ticket t JOIN team m ON m.id = t.team_id"))
    # Nobody's ticket is found in no queue: one without a team goes to a team that they worked in.
    assert {named[ticket] for ticket in mine} == {"second line"}
    assert named[alone] == "service desk"
    fact = facts(database, "ticket", mine[0])[-1]
    assert fact == {"to": None, "reason": "left"}


@pytest.mark.promise("P34")
def test_open_tickets_go_to_whoever_is_named_in_batches(
    database: Database, desk: Company, dora: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.actions import leaving

    monkeypatch.setattr(leaving, "_AT_ONCE", 2)
    ann, lea = desk.people["ann"], desk.people["lea"]
    for _ in range(5):
        tickets.assign(ticket_id=desk.open(), person=ann, by=dora)
    assert people.deactivate(person=ann, hand_over_to=lea, by=dora) == 5
    assert database.rows("SELECT DISTINCT assignee_id FROM ticket") == [(lea,)]
    # Again: nothing is left to do, and nothing is told twice.
    before = facts(database, "person", ann)
    assert people.deactivate(person=ann, by=dora) == 0
    assert facts(database, "person", ann) == before


@pytest.mark.promise("P34")
def test_what_was_interrupted_goes_on(
    database: Database, desk: Company, dora: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.actions import leaving

    ann, ticket = desk.people["ann"], desk.open()
    tickets.assign(ticket_id=ticket, person=ann, by=dora)

    def fail(*_: Any, **__: Any) -> int:
        raise OSError("the power")

    with monkeypatch.context() as patch:
        patch.setattr(leaving, "hand_over", fail)
        with pytest.raises(OSError, match="power"):
            people.deactivate(person=ann, by=dora)
    # They are out already, and can be given nothing more.
    assert readers.reader(desk.tenant, ann) is None
    with pytest.raises(NotAllowed):
        tickets.assign(ticket_id=ticket, person=ann, by=dora)
    assert people.deactivate(person=ann, hand_over_to=desk.people["lea"], by=dora) == 1


def test_to_whom_work_goes_must_be_somebody_else_who_works_here(
    database: Database, desk: Company, dora: Actor
) -> None:
    ann, lea = desk.people["ann"], desk.people["lea"]
    people.deactivate(person=lea, by=dora)
    for heir in (ann, lea, 10**6):
        with refused(database, Invalid, "hand_over_to"):
            people.deactivate(person=ann, hand_over_to=heir, by=dora)


def test_whoever_has_left_is_called_no_more_and_the_preview_says_where_they_were(
    database: Database, desk: Company, dora: Actor
) -> None:
    ann = desk.people["ann"]
    layer = {"people": ["ann@acme.example"], "begins": "2026-01-05"}
    config_versions.publish(
        kind="on-call", key="night", data={"zone": "UTC", "layers": [layer]}, by=desk.operator
    )
    found = shown.leaving(person=ann, by=dora)
    assert found.schedules == ("night",)
    assert shown.leaving(person=desk.people["lea"], by=dora).leads == (
        "Major incident",
        "Second line",
        "Service desk",
    )
    assert shown.leaving(person=desk.people["lea"], by=dora).reports == 1
    people.deactivate(person=ann, by=dora)
    with_desk = _desk(desk)
    assert who.at(with_desk, "night", dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)) == []


def _desk(desk: Company) -> Any:
    from tests.desk import inside

    from tocsin.queries import desk as desks

    with inside(desk.tenant):
        return desks.at_work(desk.tenant)[0]


# ---------------------------------------------------------------------------------------- teams


def test_a_team_is_changed_and_its_people_hear_of_it(
    database: Database, desk: Company, dora: Actor
) -> None:
    team = database.one("SELECT id FROM team WHERE key = 'service desk'")
    ann, lea, mia = (desk.people[name] for name in ("ann", "lea", "mia"))
    teams.change(
        team=team, name="Front desk", level=2, lead=mia, manager=None, members=(lea, mia), by=dora
    )
    assert database.rows(
        "SELECT key, name, level, lead_id, manager_id FROM team WHERE id = %s", team
    ) == [("service desk", "Front desk", 2, mia, None)]
    assert set(database.rows("SELECT person_id FROM membership WHERE team_id = %s", team)) == {
        (lea,),
        (mia,),
    }
    told = facts(database, "team", team)[-1]
    assert (told["did"], told["come"], told["gone"]) == ("changed", [str(mia)], [str(ann)])
    assert facts(database, "person", ann)[-1] == {"did": "left team", "team": str(team)}
    assert facts(database, "person", mia)[-1] == {"did": "came to team", "team": str(team)}
    teams.set_members(team=team, members=(ann,), by=dora)
    assert database.rows("SELECT person_id FROM membership WHERE team_id = %s", team) == [(ann,)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "SECOND line"}, "name"),
        ({"level": 10}, "level"),
        ({"lead": 10**6}, "lead"),
        ({"manager": 10**6}, "manager"),
        ({"members": (10**6,)}, "members"),
    ],
    ids=range(6),
)
def test_a_team_that_cannot_be_is_refused(
    database: Database, desk: Company, dora: Actor, given: dict[str, Any], field: str
) -> None:
    team = database.one("SELECT id FROM team WHERE key = 'service desk'")
    usual: dict[str, Any] = {"name": "Desk", "level": 1, "lead": None, "manager": None}
    with refused(database, Invalid, field):
        teams.change(**{"team": team, "members": (), **usual, **given}, by=dora)
    theirs = company("bolt")
    with refused(database, NotFound):
        other = database.one("SELECT id FROM team WHERE tenant_id = %s LIMIT 1", theirs.tenant)
        teams.change(**{"team": other, "members": (), **usual}, by=dora)


def test_people_are_found_by_what_is_known_of_them(
    database: Database, desk: Company, dora: Actor
) -> None:
    def names(**given: Any) -> list[str]:
        return [line.name for line in shown.listed(**given, by=dora).lines]

    people.deactivate(person=desk.people["mia"], by=dora)
    assert names() == ["Ann", "Dora", "Lea"]
    assert names(state="left") == ["Mia"]
    assert names(state="all", words="A") == ["Ann", "Dora", "Lea", "Mia"]
    assert names(words="LEA@") == ["Lea"]
    assert names(role="agent") == ["Ann"]
    team = database.one("SELECT id FROM team WHERE key = 'service desk'")
    assert names(team=team) == ["Ann", "Lea"]
    assert names(team=10**6) == []
    with pytest.raises(NotFound):
        shown.listed(by=access.person(desk.tenant, desk.people["ann"], "agent"))
