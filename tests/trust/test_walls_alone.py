"""Inside a tenant: a queue is unseen by who works in another one, by each wall alone."""

import datetime as dt

import pytest
from django.test import Client
from tests.desk import Database, at
from tests.trust.ground import Divided, divided
from tests.trust.looking import differing, frozen, snapshot, staying
from tests.web import routes
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import (
    callbacks,
    clocks,
    escalations,
    merging,
    passwords,
    tickets,
    violations,
)
from tocsin.queries import reach, tally
from tocsin.queries.access import Actor

NEAR, FAR = "Service desk", "Second line"
STEP = dt.timedelta(minutes=1)


@pytest.fixture
def desk(database: Database) -> Divided:
    """A desk whose clock stands still, with tickets of the near queue and one of the far one."""
    frozen(database, "2026-03-09 09:00")
    # Its policies are older than its tickets: else those would have no clocks, and reports nothing.
    found = divided(database, now=at("2026-02-02 09:00"))
    made = found.made
    near = made.open(subject="nectar", team=NEAR, now=at("2026-03-02 09:00"))
    lea = made.person("lea", "lead")
    tickets.reply(ticket_id=near, body="we look", by=lea, now=at("2026-03-02 12:00"))
    made.open(subject="nectar again", team=NEAR, priority="P1", now=at("2026-03-09 08:00"))
    far = made.open(subject="vinegar", team=FAR, now=at("2026-03-03 09:00"))
    tickets.note(ticket_id=far, body="sour", by=lea, now=at("2026-03-04 09:00"))
    routes.prepare(made)
    found.limited("nora", teams=[NEAR])
    for name in ("nora", "lea"):
        passwords.give(person=made.people[name], password=PASSWORD, by=made.operator)
    return found


@pytest.fixture
def nora(desk: Divided, monkeypatch: pytest.MonkeyPatch) -> Client:
    found = Pages(desk.made, "acme").client("nora")
    staying(desk.database, monkeypatch)
    return found


def stir(desk: Divided) -> None:
    """Let everything that can happen to tickets happen in the far queue, and private notes."""
    made, now = desk.made, at("2026-03-09 09:00")
    lea = desk.actor("lea")
    new = [
        made.open(
            subject=f"vinegar {n}",
            body="sour",
            team=FAR,
            priority="P1",
            type="acid",
            fields={"sourness": str(n)},
            now=now,
        )
        for n in range(4)
    ]
    tickets.note(ticket_id=new[0], body="vinegar for us", by=lea, private_to=FAR, now=now + STEP)
    tickets.reply(ticket_id=new[0], body="vinegar it is", by=lea, now=now + STEP)
    tickets.assign(ticket_id=new[0], person=lea.person, by=lea, now=now + STEP)
    tickets.pause(ticket_id=new[0], reason="acid", by=lea, now=now + STEP)
    merging.merge(ticket_id=new[1], into=new[0], by=lea, now=now + 2 * STEP)
    tickets.resolve(ticket_id=new[2], by=lea, now=now + 3 * STEP)
    tickets.reopen(ticket_id=new[2], by=lea, now=now + 4 * STEP)
    escalations.start(ticket_id=new[2], path="standard", reason="acid", by=lea, now=now + 4 * STEP)
    escalations.acknowledge(ticket_id=new[2], by=lea, now=now + 5 * STEP)
    callbacks.promise(ticket_id=new[3], at=now + 300 * STEP, by=lea, now=now + 5 * STEP)
    tickets.close(ticket_id=new[3], by=lea, now=now + 6 * STEP)
    clocks.override(
        ticket_id=new[0],
        clock="SLA/resolution#1",
        due=now + 600 * STEP,
        reason="acid",
        by=lea,
        now=now + 6 * STEP,
    )
    # One that has missed its first response days ago: reports tell of it.
    late = made.open(subject="vinegar of last week", team=FAR, now=at("2026-03-04 09:00"))
    tickets.note(ticket_id=late, body="vinegar", by=lea, now=at("2026-03-06 09:00"))
    # Accounts are the desk's own, and no queue's.
    account = desk.database.one("SELECT min(id) FROM account WHERE tenant_id = %s", made.tenant)
    made.open(subject="vinegar", team=FAR, account=account, now=now)
    for (id_,) in desk.database.rows(
        "SELECT v.id FROM violation v JOIN ticket t ON t.id = v.ticket_id JOIN team m"
        " ON m.id = t.team_id WHERE m.name = %s AND v.acknowledged_at IS NULL",
        FAR,
    ):
        violations.acknowledge(violation_id=id_, note="acid", by=lea, now=now + 7 * STEP)
    desk.database.rows("SELECT sequence_events(100000)")


def no_policies(desk: Divided) -> None:
    """Take the wall of the database away, as only a superuser can."""
    for table, policy in desk.database.rows(
        "SELECT c.relname, p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
        " WHERE p.polname LIKE '%%in\\_reach'"
    ):
        desk.database.rows(f"DROP POLICY {policy} ON {table}")


def no_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the wall in the code away: whoever asks is held back by the database alone."""
    real = reach.condition

    def condition(by: Actor) -> tuple[str, list[object]]:
        return real(by) if by.contact is not None else ("true", [])

    monkeypatch.setattr(reach, "condition", condition)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count anew each time: what was counted a second ago would hide what is wrong now."""
    monkeypatch.setattr(tally, "KEPT", dt.timedelta(seconds=-1))


def look(nora: Client) -> dict[str, tuple[int, str]]:
    return snapshot(nora, "/t/acme", numbers=(2, 3, 4, 8))


# Pages that would show the other queue if there were no wall.
TELLING = (
    "tickets/?",
    "tickets/3/",
    "why",
    "board/",
    "hub/",
    "cards/",
    "compliance/",
    "violations/",
)


@pytest.mark.long("looks at every page of the desk five times")
@pytest.mark.promise("P26", "A28")
@pytest.mark.asvs("8.2.2")
def test_another_queue_is_unseen_whatever_happens_in_it_and_by_each_wall_alone(
    desk: Divided, nora: Client
) -> None:
    before = look(nora)
    assert sum(status == 200 for status, _ in before.values()) > 60
    assert desk.database.one("SELECT count(*) FROM violation") > 0
    # But for the page that repeats what was searched for.
    told = [text for where, (_, text) in before.items() if "words=vinegar" not in where]
    assert "vinegar" not in "".join(told)
    stir(desk)
    after = look(nora)
    assert differing(before, after) == {}, "what happens there is seen here"
    with pytest.MonkeyPatch.context() as patched:
        no_condition(patched)
        assert differing(after, look(nora)) == {}, "the database alone shows it"
    no_policies(desk)
    assert differing(after, look(nora)) == {}, "the code alone shows it"
    with pytest.MonkeyPatch.context() as patched:
        no_condition(patched)
        seen = differing(after, look(nora))
    # Else the rest would prove nothing: without both it is seen in each kind of page.
    assert [part for part in TELLING if not any(part in where for where in seen)] == []
