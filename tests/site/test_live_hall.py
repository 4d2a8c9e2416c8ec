"""Who watches hears everything once and in order, and nobody hears what is another's."""

import random
from collections.abc import Iterator

import pytest
from tests.desk import Company, Database, company
from tests.site.watching import WELL, Line, Watching, parse, place, sign_in, watching

from tocsin.actions import people, tickets
from tocsin.queries import access, stream
from tocsin.queries.access import Right
from tocsin.queries.stream import Placed, Watcher
from tocsin.site.live import hall as halls
from tocsin.site.live import rooms, turn


@pytest.fixture
def desk(database: Database) -> Company:
    made = company()
    place(database)
    return made


@pytest.fixture
def live(database: Database, desk: Company) -> Iterator[Watching]:
    with watching(database) as found:
        yield found[0]


def head(database: Database, desk: Company) -> int:
    return int(database.one("SELECT max(position) FROM position WHERE tenant_id = %s", desk.tenant))


# ----------------------------------------------------------------------------- what is heard


def test_a_stream_begins_with_where_it_is_the_bell_and_the_pulse(
    database: Database, desk: Company, live: Watching
) -> None:
    line = live.connect("acme", sign_in(database, desk, "ann"))
    at = head(database, desk)
    now = 1772442000000
    assert line.body.startswith(b"retry: 2000\n\n")
    assert line.events() == [
        (at, "hello", {"now": now, "at": at, "me": desk.people["ann"]}),
        (None, "bell", {"unread": 0}),
        (None, "pulse", {"ok": True, "beat": 3.0, "behind": 0, "now": now}),
    ]
    assert len(line.pieces) == 1


def test_what_happens_is_heard_by_id_and_version(
    database: Database, desk: Company, live: Watching
) -> None:
    line = live.connect("acme", sign_in(database, desk, "ann"))
    at = head(database, desk)
    ticket = desk.open(subject="secret")
    tickets.note(ticket_id=ticket, body="secret", by=desk.person("ann"))
    people.set_manager(person=desk.people["ann"], manager=None, by=desk.operator)
    place(database)
    live.turn()
    last = head(database, desk)
    told = line.events("ticket", "config")
    assert [event[0] for event in told] == [*range(at + 1, last + 1)]
    assert told[0] == (at + 1, "ticket", {"t": ticket, "v": 1, "k": "created", "by": "customer"})
    note = {"t": ticket, "v": told[-2][2]["v"], "k": "note", "by": f"person:{desk.people['ann']}"}
    assert told[-2] == (last - 1, "ticket", note)
    assert told[-1] == (last, "config", {"k": "person"})
    assert b"secret" not in line.body
    live.turn()
    assert line.events("ticket", "config") == told


def test_everybody_is_sent_the_same_bytes(
    database: Database, desk: Company, live: Watching
) -> None:
    lines = [live.connect("acme", sign_in(database, desk, name)) for name in ("ann", "lea", "mia")]
    desk.open()
    place(database)
    live.turn()
    agent, lead, manager = [line.pieces[-1] for line in lines]
    assert b"event: ticket" in agent
    # Encoded once; put together once for each set of rights.
    assert lead is manager
    assert agent == lead


@pytest.mark.promise("A31")
def test_without_the_right_to_read_tickets_nothing_is_heard_of_them(
    database: Database, desk: Company, live: Watching
) -> None:
    session = sign_in(database, desk, "ann")
    line, client = live.enter("acme", session)
    live.turn()
    assert client.watcher is not None
    client.watcher = Watcher(
        desk.tenant, client.watcher.person, client.watcher.by.only({Right.SIGNED_IN})
    )
    desk.open()
    place(database)
    live.turn()
    assert line.places() == []
    people.set_manager(person=desk.people["lea"], manager=None, by=desk.operator)
    place(database)
    live.turn()
    assert [event[1:] for event in line.events("ticket", "config")] == [("config", {"k": "person"})]
    # That was also a reason to look at who they are: an agent.
    assert client.watcher.by.rights == access.RIGHTS["agent"]


@pytest.mark.promise("A31", "P26")
def test_two_tenants_never_hear_of_each_other(
    database: Database, desk: Company, live: Watching
) -> None:
    other = company("other")
    place(database)
    theirs = sign_in(database, other, "ann")
    lines = [
        live.connect("acme", sign_in(database, desk, "ann"), 0),
        live.connect("other", theirs, 0),
    ]
    mine, yours = desk.open(), other.open()
    place(database)
    live.turn()
    for line, own, ticket in zip(lines, (desk, other), (mine, yours), strict=True):
        assert line.places() == [*range(1, head(database, own) + 1)]
        assert {event[2]["t"] for event in line.events("ticket")} == {ticket}
    before = lines[0].body
    other.open()
    place(database)
    live.turn()
    assert lines[0].body == before
    assert len(lines[1].events("ticket")) > len(lines[0].events("ticket"))


@pytest.mark.promise("A31", "P27")
def test_no_session_a_wrong_one_and_no_such_tenant_are_one_answer(
    database: Database, desk: Company, live: Watching
) -> None:
    company("other")
    mine = sign_in(database, desk, "ann")
    lines = [
        live.connect(*asked)
        for asked in (("acme", "none"), ("other", mine), ("nowhere", mine), ("nowhere", "none"))
    ]
    assert [(line.status, line.body) for line in lines] == [(204, b"")] * 4
    assert live.hall.is_empty


# ------------------------------------------------------------------------------- coming back


@pytest.mark.promise("F17")
def test_what_was_missed_while_the_process_was_dead_comes_once_and_in_order(
    database: Database, desk: Company
) -> None:
    session = sign_in(database, desk, "ann")
    with watching(database, 2) as (first, second):
        line = first.connect("acme", session)
        desk.open()
        place(database)
        first.turn()
        last = line.places()[-1]
        # The first is dead. Meanwhile:
        for _ in range(3):
            desk.open()
        place(database)
        again = second.connect("acme", session, last)
        desk.open()
        place(database)
        second.turn()
    assert again.places() == [*range(last + 1, head(database, desk) + 1)]
    # Whoever loses the connection before the first of them comes back to the same place.
    assert again.events("hello")[0][0] == last


def test_many_who_come_back_are_told_from_memory(
    database: Database, desk: Company, live: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, at = sign_in(database, desk, "ann"), head(database, desk)
    other = sign_in(database, desk, "lea")
    for _ in range(3):
        desk.open()
    place(database)
    last = head(database, desk)
    # The later place is asked for first, in one turn with an earlier one, and then again.
    entered = [live.enter("acme", session, after)[0] for after in (last - 1, at + 2, at)]
    live.turn()
    asked: list[dict[int, int]] = []
    since = stream.since

    def counted(seen: dict[int, int], most: int) -> dict[int, list[Placed]]:
        asked.append(dict(seen))
        return since(seen, most)

    monkeypatch.setattr(stream, "since", counted)
    again = live.connect("acme", other, at)
    for line, after in zip((*entered, again), (last - 1, at + 2, at, at), strict=True):
        assert line.places() == [*range(after + 1, last + 1)]
    assert asked == [{desk.tenant: last}, {}]


@pytest.mark.parametrize("after", [-1, 10**12], ids=["no place", "a place to come"])
def test_a_place_that_is_none_has_the_page_fetched_again(
    database: Database, desk: Company, live: Watching, after: int
) -> None:
    line = live.connect("acme", sign_in(database, desk, "ann"), after)
    at = head(database, desk)
    assert line.events("hello", "reload") == [
        (at if after < 0 else after, "hello", line.events("hello")[0][2]),
        (at, "reload", {}),
    ]
    assert line.places() == []


def test_whoever_missed_too_much_fetches_the_page_again(
    database: Database, desk: Company, live: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "MOST_REPLAYED", 5)
    monkeypatch.setattr(rooms, "MOST_REPLAYED", 5)
    session, at = sign_in(database, desk, "ann"), head(database, desk)
    just = live.connect("acme", session, at - 5)
    over = live.connect("acme", session, at - 6)
    assert just.places() == [*range(at - 4, at + 1)]
    assert over.places() == []
    assert over.events("reload") == [(at, "reload", {})]
    # What is kept stays bounded, and what was before it cannot be told again.
    for _ in range(7):
        desk.open()
    place(database)
    live.turn()
    assert len(live.hall.rooms[desk.tenant].recent) == 5
    assert just.places() == [*range(at - 4, head(database, desk) + 1)]


@pytest.mark.long("many come and go")
@pytest.mark.parametrize("seed", range(6))
def test_nobody_misses_an_event_or_hears_it_twice_whenever_they_come(
    database: Database, desk: Company, live: Watching, seed: int
) -> None:
    chance = random.Random(seed)
    session = sign_in(database, desk, "ann")
    heard: list[tuple[Line, int | None]] = []

    def happen() -> None:
        for _ in range(chance.randrange(4)):
            deed = chance.randrange(5)
            if deed == 0:
                place(database)
            elif deed == 1 and len(heard) < 9:
                latest = head(database, desk)
                after = chance.choice([None, latest, chance.randrange(latest + 1)])
                heard.append((live.enter("acme", session, after)[0], after))
            else:
                desk.open()

    for _ in range(25):
        # Anything may happen between the parts of a turn.
        live.steady += chance.choice([0.0, 0.5, 5.0])
        happen()
        work = live.hall.work(live.steady)
        happen()
        found = live.take(work)
        happen()
        live.hall.settle(work, found)
    place(database)
    live.turn()
    live.turn()
    last = head(database, desk)
    assert len(heard) > 3
    for line, after in heard:
        assert line.status == 200
        began = line.events("hello")[0][2]["at"] if after is None else after
        assert line.places() == [*range(began + 1, last + 1)], (after, line.events())


# ------------------------------------------------------------------------------------- floods


def test_after_a_flood_pages_fetch_themselves_again_once(
    database: Database, desk: Company, live: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(halls, "MOST_AT_ONCE", 3)
    line = live.connect("acme", sign_in(database, desk, "ann"))

    def flood() -> None:
        for _ in range(4):
            desk.open()
        place(database)
        live.turn(3.0)

    flood()
    flood()
    assert line.events("ticket", "reload") == []
    at = head(database, desk)
    live.turn()
    assert line.events("ticket", "reload") == [(at, "reload", {})]
    # While it lasts, every ten seconds.
    for _ in range(5):
        flood()
    assert len(line.events("reload")) == 2
    live.turn()
    desk.open()
    place(database)
    before = line.events("reload")
    live.turn()
    assert line.places() == [*range(before[-1][0] + 1, head(database, desk) + 1)]  # type: ignore[operator]


def test_an_older_database_in_its_place_has_the_pages_fetched_again(
    database: Database, desk: Company, live: Watching
) -> None:
    line = live.connect("acme", sign_in(database, desk, "ann"))
    live.hall.rooms[desk.tenant].at += 1000
    desk.open()
    place(database)
    live.turn(1.0)
    assert line.places() == []
    live.turn(halls.CHECK_S)
    assert line.events("reload") == [(head(database, desk), "reload", {})]
    at = head(database, desk)
    desk.open()
    place(database)
    live.turn()
    assert line.places() == [*range(at + 1, head(database, desk) + 1)]


# ---------------------------------------------------------------------------- who may not stay


@pytest.mark.promise("A31", "A40", "P34")
@pytest.mark.asvs("7.4.1", "8.3.2")
@pytest.mark.parametrize(
    "end",
    [
        "UPDATE person SET is_active = false WHERE id = %s",
        "UPDATE person SET password = 'new' WHERE id = %s",
        "DELETE FROM django_session WHERE %s > 0 AND session_key LIKE '%%ann'",
        "UPDATE django_session SET expire_date = now() WHERE %s > 0 AND session_key LIKE '%%ann'",
    ],
    ids=["dismissed", "a new password", "signed out", "expired"],
)
def test_whoever_may_not_stay_is_gone_within_five_seconds(
    database: Database, desk: Company, live: Watching, end: str
) -> None:
    line = live.connect("acme", sign_in(database, desk, "ann"))
    other = live.connect("acme", sign_in(database, desk, "lea"))
    assert halls.CHECK_S + 1.0 <= 5.0  # a turn comes each second at least
    database.rows(end, desk.people["ann"])
    live.turn(halls.CHECK_S - 0.1)
    assert [line.ended, other.ended] == [False, False]
    desk.open()
    place(database)
    heard = line.body
    live.turn(0.1)
    # Looked at before the news is told.
    assert [line.ended, other.ended] == [True, False]
    assert line.body == heard
    assert other.places() != []
    assert live.hall._streams == 1


@pytest.mark.promise("A31", "P34")
def test_a_change_of_a_person_is_looked_at_before_anything_else_is_told(
    database: Database, desk: Company, live: Watching
) -> None:
    line = live.connect("acme", sign_in(database, desk, "ann"))
    desk.open()
    people.set_manager(person=desk.people["ann"], manager=None, by=desk.operator)
    database.rows("UPDATE person SET is_active = false WHERE id = %s", desk.people["ann"])
    place(database)
    live.turn(0.1)
    assert line.ended
    assert line.places() == []


def test_a_change_of_role_is_a_change_of_rights(
    database: Database, desk: Company, live: Watching
) -> None:
    _, client = live.enter("acme", sign_in(database, desk, "ann"))
    live.turn()
    database.rows("UPDATE person SET role = 'auditor' WHERE id = %s", desk.people["ann"])
    live.turn(halls.CHECK_S)
    assert client.watcher is not None
    assert client.watcher.by.rights == access.RIGHTS["auditor"]


# ------------------------------------------------------------------------------ slow and many


@pytest.mark.promise("A34", "F22")
@pytest.mark.asvs("15.2.2")
def test_a_reader_that_takes_nothing_is_dropped_and_harms_nobody(
    database: Database, desk: Company, live: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "MOST_WAITING", 3)
    slow = live.connect("acme", sign_in(database, desk, "ann"))
    other = live.connect("acme", sign_in(database, desk, "ann"))
    slow.takes = 0
    for turns in range(1, 6):
        desk.open()
        place(database)
        live.turn(0.1)
        assert slow.is_cut == (turns > 3)
    assert slow.places() == []
    at = other.events("hello")[0][2]["at"]
    assert other.places() == [*range(at + 1, head(database, desk) + 1)]
    assert live.hall._streams == 1
    assert live.hall._people[desk.tenant, desk.people["ann"]] == 1


@pytest.mark.promise("A34")
def test_a_reader_that_takes_nothing_for_long_is_dropped_however_little_there_is(
    database: Database, desk: Company, live: Watching
) -> None:
    slow = live.connect("acme", sign_in(database, desk, "ann"))
    slow.takes = 0
    desk.open()
    place(database)
    live.turn()
    live.turn(19.0)
    assert not slow.is_cut
    live.turn(1.0)
    assert slow.is_cut


def test_a_reader_that_was_slow_for_a_moment_gets_all_of_it_in_order(
    database: Database, desk: Company, live: Watching
) -> None:
    line = live.connect("acme", sign_in(database, desk, "ann"))
    at = head(database, desk)
    for takes in (0, 0, 1000, 1000):
        line.takes = takes
        desk.open()
        place(database)
        live.turn(0.1)
    live.turn(1.0)
    assert line.places() == [*range(at + 1, head(database, desk) + 1)]


def test_a_reader_that_takes_a_little_now_and_then_is_kept(
    database: Database, desk: Company, live: Watching
) -> None:
    line = live.connect("acme", sign_in(database, desk, "ann"))
    at = head(database, desk)
    for _ in range(4):
        line.takes = 0
        desk.open()
        place(database)
        live.turn(15.0)
        line.takes = 1
        live.turn()
    assert not line.is_cut
    line.takes = 1000
    live.turn()
    assert line.places() == [*range(at + 1, head(database, desk) + 1)]


@pytest.mark.promise("A34")
def test_a_person_has_ten_streams(database: Database, desk: Company, live: Watching) -> None:
    session, other = (sign_in(database, desk, name) for name in ("ann", "lea"))
    clients = [live.enter("acme", session) for _ in range(10)]
    live.turn()
    assert [line.status for line, _ in clients] == [200] * 10
    assert live.connect("acme", session).status == 503
    assert live.connect("acme", other).status == 200
    live.hall.leave(clients[3][1])
    live.hall.leave(clients[3][1])
    assert live.connect("acme", session).status == 200
    assert live.connect("acme", session).status == 503


@pytest.mark.promise("A34")
@pytest.mark.asvs("15.2.2")
def test_a_process_has_so_many_streams_those_that_wait_to_enter_among_them(
    database: Database, desk: Company, live: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.site.live.request import Request

    monkeypatch.setattr(halls, "MOST_STREAMS", 3)
    session = sign_in(database, desk, "ann")
    line = live.connect("acme", session)
    _, waits = live.enter("acme", session)
    _, leaves = live.enter("acme", "none")
    assert live.hall.enter(Line(), Request("acme", session, None, "")) is None
    live.hall.leave(waits)
    live.turn()
    assert leaves.gone
    assert live.connect("acme", session).status == 200
    assert line.status == 200
    assert live.hall._streams == 2


def test_when_the_last_one_leaves_nothing_is_kept(
    database: Database, desk: Company, live: Watching
) -> None:
    _, client = live.enter("acme", sign_in(database, desk, "ann"))
    live.turn()
    work = live.hall.work(live.steady)
    # Somebody leaves and somebody comes while the database is asked.
    found = live.take(work)
    live.hall.leave(client)
    live.hall.settle(work, found)
    assert live.hall.rooms == {}
    assert live.hall.is_empty


def test_somebody_comes_while_the_last_one_leaves(
    database: Database, desk: Company, live: Watching
) -> None:
    session = sign_in(database, desk, "ann")
    _, client = live.enter("acme", session)
    live.turn()
    line, _ = live.enter("acme", session)
    work = live.hall.work(live.steady)
    found = live.take(work)
    live.hall.leave(client)
    live.hall.settle(work, found)
    desk.open()
    place(database)
    live.turn()
    assert line.places() != []


# ----------------------------------------------------------------------------- bell and pulse


def ring(database: Database, desk: Company, name: str, key: str) -> None:
    database.rows(
        "INSERT INTO notification (tenant_id, person_id, key, parts, critical, created_at)"
        " VALUES (%s, %s, %s, '{}', false, now())",
        *(desk.tenant, desk.people[name], key),
    )


def bells(line: Line) -> list[int]:
    return [event[2]["unread"] for event in line.events("bell")]


def test_a_bell_is_heard_by_its_person_alone_and_when_it_changes(
    database: Database, desk: Company, live: Watching
) -> None:
    ring(database, desk, "ann", "first")
    ann, lea = (live.connect("acme", sign_in(database, desk, name)) for name in ("ann", "lea"))
    assert (bells(ann), bells(lea)) == ([1], [0])
    ring(database, desk, "ann", "second")
    # With news of the tenant, once a second at most.
    desk.open()
    place(database)
    live.turn(0.5)
    assert bells(ann) == [1]
    live.turn(0.5)
    assert (bells(ann), bells(lea)) == ([1, 2], [0])
    # Without news, with the look at who is there.
    database.rows("UPDATE notification SET read_at = now()")
    live.turn(1.0)
    assert bells(ann) == [1, 2]
    live.turn(halls.CHECK_S)
    live.turn(halls.CHECK_S)
    assert (bells(ann), bells(lea)) == ([1, 2, 0], [0])


def pulses(line: Line) -> list[object]:
    return [(event[2]["ok"], event[2]["behind"]) for event in line.events("pulse")]


def test_the_pulse_is_told_when_it_changes_and_every_ten_seconds(
    database: Database, desk: Company, live: Watching
) -> None:
    line = live.connect("acme", sign_in(database, desk, "ann"))
    for _ in range(9):
        live.turn(1.0)
    assert pulses(line) == [(True, 0)]
    live.turn(1.0)
    assert pulses(line) == [(True, 0)] * 2
    live.health = (False, {**WELL, "overdue": 7})
    live.turn(2.0)
    live.turn(2.0)
    assert pulses(line) == [(True, 0), (True, 0), (False, 7)]
    # The database's clock, carried on.
    assert line.events("pulse")[-1][2]["now"] == 1772442000000


@pytest.mark.asvs("16.5.2")
def test_without_a_database_everybody_is_told_and_whoever_comes_waits(
    database: Database, desk: Company, live: Watching
) -> None:
    session = sign_in(database, desk, "ann")
    line = live.connect("acme", session)
    waits, _ = live.enter("acme", session)
    for _ in range(2):
        live.steady += 1.0
        live.hall.failed(live.hall.work(live.steady))
    assert pulses(line) == [(True, 0), (False, None)]
    assert waits.status == 0
    desk.open()
    place(database)
    live.turn()
    assert waits.status == 200
    assert pulses(line)[-1] == (True, 0)
    assert line.places() != []
    assert parse(line.body) == line.events()
