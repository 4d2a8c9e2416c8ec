"""What the live process reads: who watches, what was placed, whose bell, and no words."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.desk import Company, Database, company
from tests.records.worlds import session, world
from tests.site.watching import Watching, place, sign_in, watching

from tocsin.actions import tickets
from tocsin.queries import access, stream
from tocsin.queries.access import Grant, Right
from tocsin.queries.stream import Placed, Watcher


@pytest.fixture
def desk(database: Database) -> Company:
    return company()


@pytest.fixture
def live(database: Database, desk: Company) -> Iterator[Watching]:
    with watching(database) as found:
        yield found[0]


def who(live: Watching, *sessions: tuple[int, str]) -> list[Watcher | None]:
    return live.thread.submit(stream.watchers, sessions).result()


@pytest.mark.promise("A31")
def test_events_of_tickets_are_for_whoever_may_read_them_and_others_for_who_is_signed_in() -> None:
    agent = Watcher(1, 1, access.person(1, 1, "agent"))
    outside = Watcher(1, 2, access.person(1, 2, "limited"))
    nobody = Watcher(1, 3, access.person(1, 3, "agent").only(()))
    kinds = ("ticket", "policy", "person", "outbox", "something new")
    told = [Placed(1, 1, kind, 1, 1, "x", "tocsin", None) for kind in kinds]
    assert [agent.sees(one) for one in told] == [True] * 5
    assert [outside.sees(one) for one in told] == [False, True, True, True, True]
    assert [nobody.sees(one) for one in told] == [False] * 5


@pytest.mark.promise("A31")
def test_whoever_sees_some_tickets_hears_of_these_only() -> None:
    grant = Grant(frozenset({Right.READ_TICKETS}), teams=frozenset({5}))
    base = access.person(1, 7, "limited")
    rights = base.rights | grant.rights
    watcher = Watcher(1, 7, dataclasses.replace(base, rights=rights, grants=(grant,)))

    def told(team: int | None, assignee: int | None = None) -> Placed:
        return Placed(1, 1, "ticket", 1, 1, "x", "tocsin", None, team, "", assignee)

    assert watcher.sees(told(5))
    assert watcher.sees(told(6, assignee=7))
    assert not watcher.sees(told(6))
    assert not watcher.sees(told(None))


def test_a_session_names_its_person_and_their_rights(
    database: Database, desk: Company, live: Watching
) -> None:
    keys = [sign_in(database, desk, name) for name in ("ann", "mia")]
    found = who(live, *((desk.tenant, key) for key in keys))
    assert [one and (one.tenant, one.person, one.by.rights) for one in found] == [
        (desk.tenant, desk.people["ann"], access.RIGHTS["agent"]),
        (desk.tenant, desk.people["mia"], access.RIGHTS["manager"]),
    ]


@pytest.mark.promise("A31", "A40")
def test_whoever_is_not_there_any_more_is_nobody(
    database: Database, desk: Company, live: Watching
) -> None:
    other = company("other")
    good = sign_in(database, desk, "ann")
    forged = sign_in(database, desk, "lea", tenant=other.tenant)
    stale = sign_in(database, desk, "mia", password="of yesterday")
    gone = sign_in(database, desk, "dora")
    database.rows("UPDATE person SET is_active = false WHERE id = %s", desk.people["dora"])
    for key, data in (("garbage", "no:data:atall"), ("old", "x")):
        database.rows("INSERT INTO django_session VALUES (%s, %s, now() + '1 h')", key, data)
    database.rows(
        "UPDATE django_session SET expire_date = now(), session_data ="
        " (SELECT session_data FROM django_session WHERE session_key = %s)"
        " WHERE session_key = 'old'",
        good,
    )
    mine = desk.tenant
    asked = [
        *((mine, forged), (other.tenant, forged), (other.tenant, good), (mine, stale)),
        *((mine, gone), (mine, "garbage"), (mine, "old"), (mine, "none"), (0, good)),
    ]
    assert who(live, *asked) == [None] * len(asked)
    assert [found is not None for found in who(live, (mine, "none"), (mine, good))] == [False, True]


@pytest.mark.promise("A40")
def test_a_new_password_ends_the_sessions_of_before(
    database: Database, desk: Company, live: Watching
) -> None:
    before = (desk.tenant, sign_in(database, desk, "ann"))
    assert who(live, before)[0] is not None
    database.rows("UPDATE person SET password = 'new' WHERE id = %s", desk.people["ann"])
    after = (desk.tenant, sign_in(database, desk, "ann", password="new"))
    assert [found is not None for found in who(live, before, after)] == [False, True]


@pytest.mark.promise("A40")
def test_a_session_of_the_secret_before_holds_while_that_is_a_fallback(
    database: Database, desk: Company, live: Watching, settings_of: Any
) -> None:
    key = (desk.tenant, sign_in(database, desk, "ann"))
    settings_of(SECRET_KEY="another one", fallbacks=True)
    assert who(live, key)[0] is not None
    settings_of(SECRET_KEY="another one", fallbacks=False)
    assert who(live, key) == [None]


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    from django.conf import settings

    first = settings.SECRET_KEY

    def put(*, SECRET_KEY: str, fallbacks: bool) -> None:  # noqa: N803  # as Django calls it
        monkeypatch.setattr(settings, "SECRET_KEY", SECRET_KEY)
        monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", [first] if fallbacks else [])

    return put


def test_what_was_placed_comes_by_tenant_and_in_order_with_ids_alone(
    database: Database, desk: Company, live: Watching
) -> None:
    other = company("other")
    ticket = desk.open(subject="secret words")
    tickets.note(ticket_id=ticket, body="more secret words", by=desk.person("ann"))
    other.open()
    place(database)
    seen = {desk.tenant: 0, other.tenant: 3}
    found = live.thread.submit(stream.since, seen, 1000).result()
    assert found.keys() == seen.keys()
    for tenant, first in seen.items():
        head = database.one("SELECT max(position) FROM position WHERE tenant_id = %s", tenant)
        assert [placed.place for placed in found[tenant]] == [*range(first + 1, head + 1)]
        assert {placed.tenant for placed in found[tenant]} == {tenant}
        assert live.thread.submit(stream.heads, [tenant]).result() == {tenant: head}
    told = [placed for placed in found[desk.tenant] if placed.stream == "ticket"]
    assert {placed.stream_id for placed in told} == {ticket}
    assert [placed.seq for placed in told] == [*range(1, len(told) + 1)]
    assert [told[k].kind for k in (0, -1)] == ["created", "note"]
    assert "secret" not in repr(found)
    assert len(live.thread.submit(stream.since, seen, 2).result()[desk.tenant]) == 2


def test_an_effect_says_which_deed(database: Database, live: Watching) -> None:
    made = world("bolt")
    place(database)
    found = live.thread.submit(stream.since, {made.tenant: 0}, 1000).result()[made.tenant]
    deeds = {placed.deed for placed in found if placed.kind == "effect"}
    assert "breach" in deeds
    assert None not in deeds
    assert {placed.deed for placed in found if placed.kind != "effect"} == {None}


def test_a_bell_counts_what_is_not_read_up_to_a_hundred(
    database: Database, desk: Company, live: Watching
) -> None:
    other = company("other")
    ann, lea, theirs = desk.people["ann"], desk.people["lea"], other.people["ann"]
    for tenant, person, count in ((desk.tenant, ann, 3), (other.tenant, theirs, 120)):
        database.rows(
            "INSERT INTO notification (tenant_id, person_id, key, parts, critical, created_at)"
            " SELECT %s, %s, 'k' || n, '{}', false, now() FROM generate_series(1, %s) n",
            *(tenant, person, count),
        )
    database.rows("UPDATE notification SET read_at = now() WHERE key = 'k2'")
    people = [(desk.tenant, ann), (desk.tenant, lea), (other.tenant, theirs), (other.tenant, ann)]
    watchers = [Watcher(t, one, access.person(t, one, "agent")) for t, one in people]
    assert live.thread.submit(stream.unread, watchers).result() == {
        (desk.tenant, ann): 2,
        (desk.tenant, lea): 0,
        (other.tenant, theirs): 100,
        (other.tenant, ann): 0,  # of the other tenant there is no such person
    }


@pytest.mark.promise("P26")
def test_the_doors_are_for_the_live_process_and_it_reads_no_passwords(
    database: Database, desk: Company
) -> None:
    doors = ("live_events", "live_heads", "live_people", "live_unread")
    for role in ("app", "pulse", "live", "worker", "sequencer", "watchman", "audit"):
        may = database.rows(
            "SELECT has_function_privilege(%s, oid, 'EXECUTE') FROM pg_proc"
            " WHERE proname = ANY(%s)",
            *(f"tocsin_{role}", list(doors)),
        )
        assert may == [(role == "live",)] * len(doors), role
    with session(database, "live", desk.tenant) as found:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            found.execute("SELECT password FROM person")
        found.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            found.execute("DELETE FROM django_session")
