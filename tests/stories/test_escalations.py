"""Stories of escalation on a real desk: nobody acts, and the ticket moves up by itself."""

import datetime as dt
from typing import Any

import pytest
from tests.actions.life import BEGIN, OPENED, after, beat, differences
from tests.desk import Company, Database, company

from tocsin.actions import config_versions, customers, escalations, people, tickets
from tocsin.queries.access import NotAllowed

pytestmark = pytest.mark.long("days of a desk, minute by minute")


@pytest.fixture
def desk(database: Database) -> Company:
    made = company(now=BEGIN)
    for name, role, level in (("sam", "agent", 2), ("eve", "agent", 3), ("leo", "agent", 2)):
        made.people[name] = people.add_person(
            name=name.title(),
            email=f"{name}@acme.example",
            role=role,
            level=level,
            by=made.operator,
            now=BEGIN,
        )
    for level, team, members in (
        (2, "Security", ("eve",)),
        (2, "Legal", ("leo",)),
        (2, "Engineering", ("sam", "eve")),
    ):
        people.add_team(
            name=team,
            level=level,
            lead=made.people["lea"],
            manager=made.people["mia"],
            members=tuple(made.people[name] for name in members),
            by=made.operator,
            now=BEGIN,
        )
    return made


def path(desk: Company, key: str, *, now: dt.datetime = BEGIN, **data: Any) -> None:
    config_versions.publish(kind="path", key=key, data=data, by=desk.operator, now=now)


def ticket(database: Database, id_: int, *columns: str) -> tuple[Any, ...]:
    listed = ", ".join(columns)
    return database.rows(f"SELECT {listed} FROM ticket WHERE id = %s", id_)[0]


def owner(database: Database, id_: int) -> str | None:
    found = database.rows(
        "SELECT p.name FROM ticket t LEFT JOIN person p ON p.id = t.assignee_id WHERE t.id = %s",
        id_,
    )
    return None if found[0][0] is None else str(found[0][0])


def team(database: Database, id_: int) -> str | None:
    found = database.rows(
        "SELECT m.name FROM ticket t LEFT JOIN team m ON m.id = t.team_id WHERE t.id = %s", id_
    )
    return None if found[0][0] is None else str(found[0][0])


def escalation(database: Database, id_: int) -> dict[str, Any]:
    names = ("path", "path_version", "trigger", "level", "next_step", "next_at", "ended")
    found = database.rows(
        f"SELECT {', '.join(names)} FROM escalation WHERE ticket_id = %s ORDER BY number DESC", id_
    )
    return dict(zip(names, found[0], strict=True)) if found else {}


def told(database: Database, id_: int, deed: str = "escalate") -> dict[str, list[str]]:
    """Return who was told of what, by the step."""
    found: dict[str, list[str]] = {}
    for which, name in database.rows(
        "SELECT a.which, p.name FROM alert a JOIN person p ON p.id = a.recipient_id"
        " WHERE a.ticket_id = %s AND a.deed = %s AND a.channel = 'product'"
        " AND a.state <> 'superseded' ORDER BY a.id",
        id_,
        deed,
    ):
        found.setdefault(which.rpartition("/")[2], []).append(name)
    return found


def notes(database: Database, id_: int) -> list[str]:
    return [
        str(row[0])
        for row in database.rows(
            "SELECT body FROM message WHERE ticket_id = %s AND NOT public ORDER BY id", id_
        )
    ]


TRIAGE: dict[str, Any] = {
    "name": "Left in triage",
    "triggers": [{"on": "time", "stage": "triage", "for": "2h"}],
    "levels": [{"name": "L2", "assign": "level 2", "notify": ["owner", "lead"]}],
}


def test_two_hours_in_triage_untouched_and_a_level_two_agent_owns_it(
    database: Database, desk: Company
) -> None:
    path(desk, "triage", **TRIAGE)
    id_ = desk.open(team="Engineering", now=OPENED)
    beat(database, now=after(119))
    assert owner(database, id_) is None
    assert ticket(database, id_, "wake_at")[0] == after(120)
    beat(database, now=after(120))
    assert owner(database, id_) in ("Sam", "Eve")
    assert escalation(database, id_)["path"] == "triage"
    assert "Left in triage" in notes(database, id_)[0]
    assert differences(desk) == []


def test_a_touch_of_the_team_puts_it_off_and_a_look_of_another_does_not(
    database: Database, desk: Company
) -> None:
    path(desk, "triage", **TRIAGE)
    id_ = desk.open(team="Engineering", now=OPENED)
    # Leo is of another team: what he writes is no touch of those who have it.
    tickets.note(ticket_id=id_, body="Seen it?", by=desk.person("leo"), now=after(60))
    beat(database, now=after(100))
    tickets.note(ticket_id=id_, body="At it", by=desk.person("sam"), now=after(110))
    beat(database, now=after(229))
    assert owner(database, id_) is None
    beat(database, now=after(230))
    assert owner(database, id_) is not None


def test_the_same_silence_escalates_once(database: Database, desk: Company) -> None:
    path(desk, "triage", **TRIAGE)
    id_ = desk.open(team="Engineering", now=OPENED)
    for minutes in (120, 121, 300):
        beat(database, now=after(minutes))
    assert database.one("SELECT count(*) FROM escalation WHERE ticket_id = %s", id_) == 1


def test_the_enterprise_server_is_down_and_it_goes_up_level_by_level(
    database: Database, desk: Company
) -> None:
    path(
        desk,
        "enterprise",
        name="Enterprise down",
        when={"plan": "Enterprise"},
        triggers=[{"on": "type", "is": ["server down"]}],
        levels=[
            {"name": "L1", "team": "Service desk", "notify": ["team"], "priority": "P1"},
            {"name": "L2", "team": "Engineering", "wait": "15m", "in": "wall", "notify": ["team"]},
            {
                "name": "L3",
                "team": "Major incident",
                "wait": "15m",
                "in": "wall",
                "notify": ["manager", "department head"],
                "note": "Run it as an incident.",
            },
        ],
    )
    account = customers.add_account(name="Big", plan="Enterprise", by=desk.operator)
    id_ = desk.open(account=account, type="server down", now=OPENED)
    other = desk.open(type="server down", now=OPENED)
    assert (team(database, id_), ticket(database, id_, "priority")[0]) == ("Service desk", "P1")
    beat(database, now=after(15))
    assert team(database, id_) == "Engineering"
    beat(database, now=after(30))
    assert team(database, id_) == "Major incident"
    assert told(database, id_)["L3"] == ["Mia", "Dora"]
    assert "Run it as an incident." in notes(database, id_)[-1]
    assert escalation(database, other) == {}
    assert differences(desk) == []


def test_owner_then_manager_then_department_head(database: Database, desk: Company) -> None:
    path(
        desk,
        "line",
        name="Up the line",
        triggers=[{"on": "clock", "clock": "first response"}],
        levels=[
            {"name": "L1", "notify": ["owner"]},
            {"name": "L2", "wait": "30m", "notify": ["manager"]},
            {"name": "L3", "wait": "30m", "notify": ["department head"]},
        ],
    )
    id_ = desk.open(now=OPENED, team="Service desk")
    tickets.assign(ticket_id=id_, person=desk.people["ann"], by=desk.person("lea"), now=after(1))
    for minutes in (61, 90.1, 120.1):
        beat(database, now=after(minutes))
    # Ann's manager is Lea, and Lea's is Mia.
    assert told(database, id_) == {"L1": ["Ann"], "L2": ["Lea"], "L3": ["Mia"]}
    # The promise is kept at last: the path ends with its clock.
    tickets.reply(ticket_id=id_, body="Sorry!", by=desk.person("ann"), now=after(121))
    assert escalation(database, id_)["ended"] == "clock"


def test_a_vips_ticket_is_told_to_their_account_manager(database: Database, desk: Company) -> None:
    path(
        desk,
        "vip",
        name="VIP",
        triggers=[{"on": "account", "when": {"vip": True}}],
        levels=[{"name": "L1", "notify": ["account manager"], "participants": ["account manager"]}],
    )
    account = customers.add_account(
        name="Royal", vip=True, account_manager=desk.people["mia"], by=desk.operator
    )
    id_ = desk.open(account=account, now=OPENED)
    assert told(database, id_) == {"L1": ["Mia"]}
    assert database.rows("SELECT person_id FROM participant") == [(desk.people["mia"],)]


def test_a_security_incident_goes_to_security_and_legal_beside_it_support(
    database: Database, desk: Company
) -> None:
    path(
        desk,
        "security",
        name="Security",
        triggers=[{"on": "type", "is": ["security incident", "compliance complaint"]}],
        levels=[
            {"name": "IT", "team": "Service desk"},
            {"name": "Security 1", "branch": "security", "notify": ["team:security"]},
            {
                "name": "Security 2",
                "branch": "security",
                "wait": "30m",
                "in": "wall",
                "notify": ["manager"],
            },
            {
                "name": "Legal",
                "branch": "legal",
                "notify": ["team:legal"],
                "participants": ["team:legal"],
            },
        ],
    )
    id_ = desk.open(type="security incident", now=OPENED)
    assert team(database, id_) == "Service desk"
    assert told(database, id_)["Security 1"] == ["Eve"]
    assert told(database, id_)["Legal"] == ["Leo"]
    assert "Security 2" not in told(database, id_)
    beat(database, now=after(30))
    assert "Security 2" in told(database, id_)
    assert desk.open(type="question", now=OPENED)


def test_what_is_critical_or_down_goes_past_level_one_to_engineering(
    database: Database, desk: Company
) -> None:
    path(
        desk,
        "critical",
        name="Critical",
        triggers=[
            {"on": "priority", "is": ["P1"]},
            {"on": "field", "name": "error", "is": ["System down"]},
        ],
        levels=[{"name": "L2", "team": "Engineering", "assign": "level 2", "notify": ["owner"]}],
    )
    id_ = desk.open(now=OPENED, team="Service desk", priority="P3")
    assert team(database, id_) == "Service desk"
    tickets.set_priority(ticket_id=id_, to="P1", by=desk.person("ann"), now=after(5))
    assert team(database, id_) == "Engineering"
    assert owner(database, id_) in ("Sam", "Eve")
    down = desk.open(now=OPENED, fields={"error": "System down"})
    assert team(database, down) == "Engineering"
    # The second of two is given to the one who has less to do.
    assert owner(database, down) != owner(database, id_)


def test_a_reply_on_what_was_resolved_reopens_it_for_a_senior_agent(
    database: Database, desk: Company
) -> None:
    path(
        desk,
        "reopened",
        name="Reopened",
        triggers=[{"on": "status", "was": ["resolved"], "is": ["new", "open"]}],
        levels=[{"name": "L2", "assign": "level 2", "notify": ["owner"]}],
    )
    id_ = desk.open(now=OPENED, team="Engineering")
    tickets.reply(ticket_id=id_, body="Try again", by=desk.person("ann"), now=after(5))
    tickets.resolve(ticket_id=id_, by=desk.person("ann"), now=after(6))
    assert escalation(database, id_) == {}
    tickets.reply(ticket_id=id_, body="No!", by=_customer(desk), now=after(60))
    assert ticket(database, id_, "status")[0] in ("new", "open")
    assert owner(database, id_) in ("Sam", "Eve")


def _customer(desk: Company) -> Any:
    from tocsin.engine.event import Side
    from tocsin.queries import access
    from tocsin.queries.access import Actor

    return Actor(desk.tenant, "customer", access.RIGHTS["operator"], Side.CUSTOMER)


def test_thanks_on_what_was_resolved_escalate_nothing(database: Database, desk: Company) -> None:
    path(
        desk,
        "reopened",
        name="Reopened",
        triggers=[{"on": "status", "was": ["resolved"], "is": ["new", "open"]}],
        levels=[{"name": "L2", "assign": "level 2"}],
    )
    id_ = desk.open(now=OPENED, team="Engineering")
    tickets.resolve(ticket_id=id_, by=desk.person("ann"), now=after(6))
    tickets.reply(ticket_id=id_, body="Thanks", question=False, by=_customer(desk), now=after(60))
    assert ticket(database, id_, "status")[0] == "resolved"
    assert escalation(database, id_) == {}


# ------------------------------------------------------------------------------- acknowledging

LADDER: dict[str, Any] = {
    "name": "Ladder",
    "triggers": [{"on": "priority", "is": ["P1"]}, {"on": "manual"}],
    "acknowledge_within": "20m",
    "levels": [
        {"name": "L1", "notify": ["team:service desk"]},
        {"name": "L2", "wait": "15m", "in": "wall", "notify": ["manager"]},
    ],
}


@pytest.mark.scenario("E55")
def test_acknowledged_just_before_the_next_step_it_does_not_come(
    database: Database, desk: Company
) -> None:
    path(desk, "ladder", **LADDER | {"acknowledge_within": "8h"})
    id_ = desk.open(priority="P1", now=OPENED, team="Service desk")
    # By somebody whom no step names.
    just = after(15) - dt.timedelta(microseconds=1)
    assert escalations.acknowledge(ticket_id=id_, by=desk.person("leo"), now=just)
    assert not escalations.acknowledge(ticket_id=id_, by=desk.person("ann"), now=just)
    beat(database, now=after(16))
    assert "L2" not in told(database, id_)


@pytest.mark.scenario("E56")
def test_acknowledged_but_idle_the_level_is_called_again(database: Database, desk: Company) -> None:
    path(desk, "ladder", **LADDER)
    id_ = desk.open(priority="P1", now=OPENED, team="Service desk")
    escalations.acknowledge(ticket_id=id_, by=desk.person("ann"), now=after(5))
    beat(database, now=after(24))
    assert set(told(database, id_)) == {"L1"}
    beat(database, now=after(25))
    assert "L1 call 2" in told(database, id_)
    assert "called again" in notes(database, id_)[-2]
    # And from there on it goes up as if it had just begun there.
    beat(database, now=after(40))
    assert "L2 call 2" in told(database, id_)
    assert differences(desk) == []


def test_acknowledged_and_touched_it_ends(database: Database, desk: Company) -> None:
    path(desk, "ladder", **LADDER)
    id_ = desk.open(priority="P1", now=OPENED, team="Service desk")
    escalations.acknowledge(ticket_id=id_, by=desk.person("ann"), now=after(5))
    tickets.note(ticket_id=id_, body="On it", by=desk.person("ann"), now=after(10))
    beat(database, now=after(60))
    assert set(told(database, id_)) == {"L1"}
    assert escalation(database, id_)["ended"] == "acknowledged"


# ------------------------------------------------------------------------- nobody, and by hand


@pytest.mark.scenario("E53")
def test_a_step_that_finds_nobody_is_skipped_at_once(database: Database, desk: Company) -> None:
    path(
        desk,
        "empty",
        name="Empty",
        triggers=[{"on": "manual"}],
        levels=[
            {"name": "L1", "notify": ["account manager"]},
            {"name": "L2", "wait": "8h", "in": "wall", "notify": ["lead"]},
            {"name": "L3", "wait": "1h", "in": "wall", "notify": ["manager"]},
        ],
    )
    id_ = desk.open(now=OPENED, team="Service desk")
    escalations.start(
        ticket_id=id_, path="empty", reason="It burns", by=desk.person("ann"), now=after(1)
    )
    assert told(database, id_) == {"L2": ["Lea"]}
    assert any("nobody was found" in note for note in notes(database, id_))
    # The one after it waits its own time, from the skipped step's planned instant.
    beat(database, now=after(61))
    assert told(database, id_)["L3"] == ["Mia"]


def test_by_hand_it_takes_a_reason_and_runs_once(database: Database, desk: Company) -> None:
    path(desk, "ladder", **LADDER)
    id_ = desk.open(now=OPENED, team="Service desk")
    by = desk.person("ann")
    with pytest.raises(Exception, match="reason"):
        escalations.start(ticket_id=id_, path="ladder", reason=" ", by=by, now=after(1))
    escalations.start(ticket_id=id_, path="ladder", reason="It burns", by=by, now=after(1))
    assert "It burns" in notes(database, id_)[0]
    with pytest.raises(NotAllowed):
        escalations.start(ticket_id=id_, path="ladder", reason="Again", by=by, now=after(2))
    escalations.stop(ticket_id=id_, number=1, reason="False alarm", by=by, now=after(3))
    beat(database, now=after(60))
    assert set(told(database, id_)) == {"L1"}
    assert escalation(database, id_)["ended"] == "by hand"


@pytest.mark.scenario("E59")
def test_a_path_that_is_edited_runs_on_as_it_was_until_it_is_taken_over(
    database: Database, desk: Company
) -> None:
    path(desk, "ladder", **LADDER)
    first, second = (desk.open(priority="P1", now=OPENED, team="Service desk") for _ in range(2))
    later = [LADDER["levels"][0], {**LADDER["levels"][1], "wait": "5m", "name": "Other"}]
    path(desk, "ladder", now=after(2), **LADDER | {"levels": later})
    escalations.upgrade(ticket_id=second, number=1, by=desk.person("lea"), now=after(3))
    beat(database, now=after(10))
    assert set(told(database, first)) == {"L1"}
    assert set(told(database, second)) == {"L1", "Other"}
    beat(database, now=after(15))
    assert set(told(database, first)) == {"L1", "L2"}
    assert escalation(database, first)["path_version"] == 1
    assert escalation(database, second)["path_version"] == 2
    with pytest.raises(NotAllowed):
        escalations.upgrade(ticket_id=second, number=1, by=desk.person("lea"), now=after(16))


@pytest.mark.scenario("E58")
def test_a_path_that_raises_the_priority_does_not_begin_itself_again(
    database: Database, desk: Company
) -> None:
    path(
        desk,
        "raise",
        name="Raise",
        triggers=[{"on": "priority", "is": ["P1", "P2"]}],
        levels=[
            {"name": "L1", "priority": "P1"},
            {"name": "L2", "wait": "1h", "notify": ["lead"], "in": "wall"},
        ],
    )
    id_ = desk.open(priority="P2", now=OPENED, team="Service desk")
    beat(database, now=after(120))
    assert ticket(database, id_, "priority")[0] == "P1"
    assert database.one("SELECT count(*) FROM escalation WHERE ticket_id = %s", id_) == 1


@pytest.mark.scenario("E57")
def test_resolved_it_ends_and_nothing_more_is_told(database: Database, desk: Company) -> None:
    path(desk, "ladder", **LADDER)
    id_ = desk.open(priority="P1", now=OPENED, team="Service desk")
    tickets.resolve(ticket_id=id_, by=desk.person("ann"), now=after(5))
    beat(database, now=after(60))
    assert set(told(database, id_)) == {"L1"}
    assert escalation(database, id_)["ended"] == "resolved"


@pytest.mark.promise("P5")
@pytest.mark.scenario("E38")
def test_asleep_over_several_levels_only_the_one_due_now_acts(
    database: Database, desk: Company
) -> None:
    path(
        desk,
        "three",
        name="Three",
        triggers=[{"on": "clock", "clock": "resolution"}],
        levels=[
            {"name": f"step {k}", "wait": wait, "in": "wall", "notify": ["lead"]}
            for k, wait in enumerate(("0m", "30m", "30m"), start=1)
        ],
    )
    id_ = desk.open(now=OPENED, team="Service desk")
    beat(database, now=after(24 * 60 + 70))
    assert "step 3" in told(database, id_)
    assert {"step 1", "step 2"}.isdisjoint(told(database, id_))
    planned = database.one("SELECT begun_at FROM escalation WHERE ticket_id = %s", id_)
    assert planned == after(24 * 60)


def test_a_condition_is_looked_at_again_before_each_step(database: Database, desk: Company) -> None:
    path(
        desk,
        "asks",
        name="Asks",
        triggers=[{"on": "priority", "is": ["P1"]}],
        levels=[
            {"name": "L1", "notify": ["lead"]},
            {
                "name": "L2",
                "wait": "10m",
                "in": "wall",
                "notify": ["manager"],
                "when": {"assignee": {"set": False}},
            },
            {"name": "L3", "wait": "10m", "in": "wall", "notify": ["department head"]},
        ],
    )
    id_ = desk.open(priority="P1", now=OPENED, team="Service desk")
    tickets.assign(ticket_id=id_, person=desk.people["ann"], by=desk.person("lea"), now=after(5))
    beat(database, now=after(10))
    beat(database, now=after(20))
    assert set(told(database, id_)) == {"L1", "L3"}


def test_a_path_that_is_published_finds_the_tickets_that_are_open(
    database: Database, desk: Company
) -> None:
    id_ = desk.open(now=OPENED, team="Engineering")
    beat(database, now=after(10))
    path(desk, "triage", now=after(30), **TRIAGE)
    # Nobody knew of the touch before: it has lain there since it came into the stage.
    beat(database, now=after(120))
    assert escalation(database, id_)["path"] == "triage"


def test_it_repeats_until_somebody_acknowledges(database: Database, desk: Company) -> None:
    path(
        desk,
        "again",
        name="Again",
        triggers=[{"on": "priority", "is": ["P1"]}],
        repeat={"every": "10m", "times": 3},
        levels=[{"name": "L1", "notify": ["lead"]}],
    )
    id_ = desk.open(priority="P1", now=OPENED, team="Service desk")
    for minutes in (10, 20):
        beat(database, now=after(minutes))
    assert list(told(database, id_)) == ["L1", "L1 round 2", "L1 round 3"]
    escalations.acknowledge(ticket_id=id_, by=desk.person("ann"), now=after(25))
    beat(database, now=after(60))
    assert list(told(database, id_)) == ["L1", "L1 round 2", "L1 round 3"]
