"""What is done to two things needs both of them; nobody acts on what they do not see."""

import datetime as dt
from collections.abc import Callable

import pytest
from tests.desk import Database
from tests.trust.ground import Divided, divided
from tests.web.routes import digest

from tocsin.actions import (
    callbacks,
    clocks,
    escalations,
    inbound,
    merging,
    pauses,
    snoozing,
    tickets,
    violations,
    would_call,
)
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotFound

NEAR, FAR = "Service desk", "Second line"
SOON = dt.timedelta(minutes=30)
# What may be done to one ticket, by its id. The second id is that of a violation, or the first.
Deed = Callable[[int, Actor], object]
DEEDS: dict[str, Deed] = {
    "reply": lambda id_, by: tickets.reply(ticket_id=id_, body="x", by=by),
    "note": lambda id_, by: tickets.note(ticket_id=id_, body="x", by=by),
    "assign": lambda id_, by: tickets.assign(ticket_id=id_, person=by.person, by=by),
    "hand over": lambda id_, by: tickets.assign(ticket_id=id_, team=NEAR, by=by),
    "move": lambda id_, by: tickets.move(ticket_id=id_, to="work", by=by),
    "priority": lambda id_, by: tickets.set_priority(ticket_id=id_, to="P1", by=by),
    "field": lambda id_, by: tickets.set_field(ticket_id=id_, name="a", to="b", by=by),
    "pause": lambda id_, by: tickets.pause(ticket_id=id_, reason="x", by=by),
    "resume": lambda id_, by: tickets.resume(ticket_id=id_, by=by),
    "resolve": lambda id_, by: tickets.resolve(ticket_id=id_, by=by),
    "reopen": lambda id_, by: tickets.reopen(ticket_id=id_, by=by),
    "close": lambda id_, by: tickets.close(ticket_id=id_, by=by),
    "split": lambda id_, by: merging.split(ticket_id=id_, message=1, subject="x", by=by),
    "follow up": lambda id_, by: merging.follow_up(ticket_id=id_, body="x", by=by),
    "spam": lambda id_, by: clocks.spam(ticket_id=id_, by=by),
    "restore": lambda id_, by: clocks.restore(ticket_id=id_, by=by),
    "override": lambda id_, by: clocks.override(
        ticket_id=id_, clock="SLA/resolution#1", do="stop", reason="x", by=by
    ),
    "call back": lambda id_, by: callbacks.request(ticket_id=id_, by=by),
    "called": lambda id_, by: callbacks.done(ticket_id=id_, outcome="x", by=by),
    "escalate": lambda id_, by: escalations.start(
        ticket_id=id_, path="standard", reason="x", by=by
    ),
    "acknowledge": lambda id_, by: escalations.acknowledge(ticket_id=id_, by=by),
    "stop": lambda id_, by: escalations.stop(ticket_id=id_, number=1, reason="x", by=by),
    "upgrade": lambda id_, by: escalations.upgrade(ticket_id=id_, number=1, by=by),
    "approve": lambda id_, by: pauses.approve_pause(ticket_id=id_, by=by),
    "refuse": lambda id_, by: pauses.refuse_pause(ticket_id=id_, by=by),
    "snooze": lambda id_, by: snoozing.snooze(ticket_id=id_, length=SOON, by=by),
    "end a snooze": lambda id_, by: snoozing.end(ticket_id=id_, by=by),
}
BY_NUMBER: dict[str, Deed] = {
    "acknowledge": lambda n, by: inbound.acknowledge(number=n, via="x", by=by),
    "snooze": lambda n, by: inbound.snooze(number=n, length=SOON, by=by),
    "note": lambda n, by: inbound.note_once(number=n, text="x", by=by),
    "whom it would call": lambda n, by: would_call.would_call(number=n, by=by),
}


@pytest.fixture
def desk(database: Database) -> Divided:
    return divided(database)


@pytest.fixture
def nora(desk: Divided) -> Actor:
    """Somebody with every right of work, for the tickets of one queue."""
    return desk.limited("nora", teams=[NEAR])


def number(desk: Divided, ticket: int) -> int:
    return int(desk.database.one("SELECT number FROM ticket WHERE id = %s", ticket))


@pytest.mark.promise("A29", "A30", "P28")
def test_nothing_is_done_to_a_ticket_of_another_queue_or_tenant(
    desk: Divided, nora: Actor, database: Database
) -> None:
    desk.made.open(team=NEAR)
    far = [
        desk.made.open(team=FAR, now=None),
        desk.made.open(),
        divided(database, "bolt").made.open(),
    ]
    tickets.resolve(ticket_id=far[0], by=desk.made.operator)
    before = digest(database)
    for id_ in (*far, 10**9):
        for name, deed in DEEDS.items():
            with pytest.raises(NotFound, match="there is no such thing here"):
                pytest.fail(f"{name}: {deed(id_, nora)}")
    for id_ in far[:2]:
        for name, deed in BY_NUMBER.items():
            with pytest.raises(NotFound, match="there is no such thing here"):
                pytest.fail(f"{name}: {deed(number(desk, id_), nora)}")
    assert digest(database) == before


def test_every_action_on_a_ticket_is_among_them() -> None:
    # An action that takes a ticket and is not tried above makes this red.
    tried = {
        *("reply", "note", "assign", "move", "set_priority", "set_field", "pause", "resume"),
        *("resolve", "reopen", "close", "split", "follow_up", "spam", "restore", "override"),
        *("request", "done", "promise", "start", "acknowledge", "stop", "upgrade"),
        *("approve_pause", "refuse_pause", "snooze", "end", "merge"),
    }
    found = set()
    for name in access.CATALOGUE:
        module, _, function = name.rpartition(".")
        if module.startswith("tocsin.actions."):
            code = getattr(__import__(module, fromlist=["x"]), function)
            inner = getattr(code, "__wrapped__", code)
            if "ticket_id" in inner.__code__.co_varnames[: inner.__code__.co_kwonlyargcount]:
                found.add(function)
    assert found <= tried


@pytest.mark.promise("A30")
def test_what_is_merged_is_seen_on_both_sides(
    desk: Divided, nora: Actor, database: Database
) -> None:
    near, other_near = desk.made.open(team=NEAR), desk.made.open(team=NEAR)
    far, alien = desk.made.open(team=FAR), divided(database, "bolt").made.open()
    before = digest(database)
    for one in (near, far, alien):
        for two in (near, far, alien):
            if one != two:
                with pytest.raises(NotFound):
                    merging.merge(ticket_id=one, into=two, by=nora)
    assert digest(database) == before
    merging.merge(ticket_id=near, into=other_near, by=nora)
    # What is merged away leads to what goes on only for who sees that.
    merging.merge(ticket_id=other_near, into=far, by=desk.actor("lea"))
    with pytest.raises(NotFound):
        tickets.reply(ticket_id=near, body="x", by=nora)


@pytest.mark.promise("A30")
def test_a_ticket_goes_to_people_teams_and_contacts_of_this_tenant_only(
    desk: Divided, nora: Actor, database: Database
) -> None:
    near, other = desk.made.open(team=NEAR), divided(database, "bolt")
    database.rows(
        "UPDATE team SET key = 'alien', name = 'Alien' WHERE tenant_id = %s AND name = %s",
        other.tenant,
        FAR,
    )
    before = digest(database)
    with pytest.raises(Invalid, match="there is no person"):
        tickets.assign(ticket_id=near, person=other.made.people["ann"], by=nora)
    with pytest.raises(Invalid, match="team"):
        tickets.assign(ticket_id=near, team="alien", by=nora)
    with pytest.raises(Invalid):
        tickets.open_(subject="x", team="alien", by=nora)
    with pytest.raises(Invalid):
        escalations.start(ticket_id=near, path="theirs", reason="x", by=nora)
    assert digest(database) == before


@pytest.mark.promise("A30")
def test_a_violation_of_another_queue_is_not_acknowledged(
    desk: Divided, nora: Actor, database: Database
) -> None:
    far = desk.made.open(team=FAR, now=dt.datetime(2030, 3, 2, 9, tzinfo=dt.UTC))
    late = dt.datetime(2030, 3, 5, 9, tzinfo=dt.UTC)
    tickets.note(ticket_id=far, body="late", by=desk.actor("lea"), now=late)
    found = database.rows("SELECT id FROM violation ORDER BY id")
    assert found
    before = digest(database)
    for (id_,) in [*found, (10**9,)]:
        with pytest.raises(NotFound):
            violations.acknowledge(violation_id=id_, note="x", by=nora)
    assert digest(database) == before


def test_who_takes_part_may_act_though_the_queue_is_another(desk: Divided, nora: Actor) -> None:
    far = desk.made.open(team=FAR)
    tickets.assign(ticket_id=far, person=nora.person, by=desk.actor("lea"))
    tickets.note(ticket_id=far, body="mine", by=nora)
    tickets.assign(ticket_id=far, by=nora)
    with pytest.raises(NotFound):
        tickets.note(ticket_id=far, body="no more", by=nora)
