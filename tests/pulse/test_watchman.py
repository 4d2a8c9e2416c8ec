"""The watchman on a real database: what is never so is found at one look, and nothing else is."""

import datetime as dt
import json
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.desk import Company, Database, at, company
from tests.mailbox import provider

from tocsin.actions import digests, tickets, watching
from tocsin.kit import database as kit
from tocsin.kit.invalid import Invalid
from tocsin.pulse.heartbeat import Heartbeat
from tocsin.pulse.watchman import Memory, Watchman
from tocsin.queries import health, watch
from tocsin.queries.watch import Finding, Look

pytestmark = pytest.mark.long("two dozen broken desks")

MONDAY = at("2026-03-02 09:00")
NOON = at("2026-03-02 12:00")


def told(database: Database, *, now: dt.datetime = NOON) -> set[str]:
    """Return what one look of the watchman finds, in its own role."""
    database.play("watchman")
    return {one.what for one in watch.look(now=now).findings}


@pytest.fixture
def desk(database: Database) -> Company:
    """Give a desk at noon at which all that was due has been done."""
    made = company(now=at("2026-03-01 08:00"))
    for k in range(4):
        ticket = made.open(team="Service desk", now=MONDAY + dt.timedelta(minutes=k))
        tickets.assign(
            ticket_id=ticket,
            person=made.people["ann"],
            by=made.person("ann"),
            now=at("2026-03-02 09:30"),
        )
        # Both its first response and its stage were missed by then, and were told at once.
        for late in (
            "2026-03-02 09:50",
            "2026-03-02 10:05",
            "2026-03-02 10:40",
            "2026-03-02 11:10",
        ):
            tickets.note(ticket_id=ticket, body="x", by=made.person("ann"), now=at(late))
    database.play("pulse")
    while digests.take(now=at("2026-03-02 11:30")):
        pass
    database.rows("SELECT sequence_events(100000)")
    database.rows("UPDATE outbox SET state = 'sent', sent_at = created_at")
    for kind in ("pulse", "worker"):
        database.rows(
            "INSERT INTO beat (process, kind, started_at, beat_at, told)"
            " VALUES (%s, %s, %s, %s, '{}')",
            kind,
            kind,
            NOON,
            NOON,
        )
    return made


@pytest.mark.promise("P9")
def test_a_desk_on_which_all_goes_well_is_left_in_peace(database: Database, desk: Company) -> None:
    assert database.one("SELECT count(*) FROM violation") >= 4
    assert database.one("SELECT count(*) FROM alert WHERE channel = 'mail'") > 0
    assert told(database) == set()


def broken(database: Database, *statements: str) -> None:
    """Change what cannot be changed: no trigger and no key holds."""
    with psycopg.connect(database.admin_url, autocommit=True) as found:
        found.execute("SET session_replication_role = replica")
        for statement in statements:
            assert found.execute(statement.encode()).rowcount > 0, statement


_ANY = "(SELECT min(id) FROM ticket)"
_MISSED = "(SELECT min(id) FROM violation)"
# What is broken, and what the watchman must say of it.
BREAKS: list[tuple[str, tuple[str, ...]]] = [
    (
        "overdue",
        (f"UPDATE ticket SET wake_at = timestamptz '2026-03-02 11:58:30Z' WHERE id = {_ANY}",),
    ),
    (
        "timers",
        (
            "INSERT INTO schedule (tenant_id, kind, object, wake_at, planned_for, attempts)"
            " SELECT tenant_id, 'digest', 1, timestamptz '2026-03-02 11:58:30Z',"
            " timestamptz '2026-03-02 11:58:30Z', 0 FROM tenant_list() WHERE true",
        ),
    ),
    ("asleep", (f"UPDATE ticket SET wake_at = NULL WHERE id = {_ANY}",)),
    ("asleep", (f"UPDATE ticket SET wake_at = wake_at + interval '9 d' WHERE id = {_ANY}",)),
    (
        "escalations",
        (
            "INSERT INTO escalation (tenant_id, ticket_id, number, path, path_version, trigger,"
            " reason, clock, begun_at, level, next_at, next_step, acknowledged_by, ended)"
            " SELECT tenant_id, id, 9, 'x', 1, 'clock', '', '', decided_at, '',"
            f" wake_at - interval '1 min', 'x/L2', '', '' FROM ticket WHERE id = {_ANY}",
        ),
    ),
    ("untold", ("DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox)",)),
    ("untold", ("DELETE FROM notification",)),
    (
        "forgotten",
        ("UPDATE alert SET state = 'digest' WHERE id = (SELECT max(id) FROM alert)",),
    ),
    (
        "unsent",
        (
            "UPDATE outbox SET state = 'pending', sent_at = NULL"
            " WHERE id = (SELECT max(id) FROM outbox)",
        ),
    ),
    (
        "leases",
        (
            "UPDATE outbox SET state = 'sending', lease_token = gen_random_uuid(),"
            " lease_until = timestamptz '2026-03-02 11:58:30Z'"
            " WHERE id = (SELECT max(id) FROM outbox)",
        ),
    ),
    ("dead", ("UPDATE outbox SET state = 'dead' WHERE id = (SELECT max(id) FROM outbox)",)),
    (
        "unplaced",
        (
            "INSERT INTO unsequenced (tenant_id, event_id) SELECT tenant_id, event_id FROM position"
            " WHERE position = (SELECT max(position) FROM position)",
        ),
    ),
    ("lost", ("DELETE FROM position WHERE position = (SELECT max(position) FROM position)",)),
    ("gaps", ("DELETE FROM position WHERE position = 7",)),
    ("gaps", ("UPDATE counter SET last = last + 1 WHERE name = 'position'",)),
    (
        "factless",
        (
            "UPDATE violation SET event_id = (SELECT min(e.id) FROM event e"
            f" WHERE e.stream_kind = 'ticket' AND e.kind = 'created') WHERE id = {_MISSED}",
        ),
    ),
    ("unrecorded", (f"DELETE FROM violation WHERE id = {_MISSED}",)),
    (
        "held",
        (
            "UPDATE ticket SET held_until = timestamptz '2026-03-02 13:00Z', held_reason = 'x',"
            f" attempts = 0 WHERE id = {_ANY}",
        ),
    ),
    ("pulse", ("DELETE FROM beat WHERE kind = 'pulse'",)),
    ("pulse", ("UPDATE beat SET beat_at = beat_at - interval '21 s' WHERE kind = 'pulse'",)),
    ("worker", ("UPDATE beat SET beat_at = beat_at - interval '61 s' WHERE kind = 'worker'",)),
    (
        "clocks",
        (
            "UPDATE beat SET told = '{\"trust\": \"hold: the database''s clock jumped\"}'"
            " WHERE kind = 'pulse'",
        ),
    ),
    ("versions", ("UPDATE beat SET told = '{\"gate\": false}' WHERE kind = 'pulse'",)),
]


@pytest.mark.promise("P9")
@pytest.mark.parametrize(("what", "statements"), BREAKS)
def test_whatever_is_broken_is_found_at_one_look(
    database: Database, desk: Company, what: str, statements: tuple[str, ...]
) -> None:
    broken(database, *statements)
    assert what in told(database)


def test_every_check_is_broken_once() -> None:
    assert {what for what, _ in BREAKS} == {*watch.CHECKS, *watch.BEATS}
    assert set(watch.SENTENCES) == {*watch.CHECKS, *watch.BEATS, "database"}


@pytest.mark.promise("P9")
def test_the_watchman_writes_no_row_of_anybody_and_sees_every_tenant(
    database: Database, desk: Company
) -> None:
    other = company("bolt", now=at("2026-03-01 08:00"))
    other.open(team="Service desk", now=at("2026-03-02 10:30"))
    database.play("watchman")
    found = {(one.tenant, one.what) for one in watch.look(now=NOON).findings}
    assert found == {(other.tenant, "overdue"), (other.tenant, "unplaced")}
    with psycopg.connect(**kit.parameters(database.url, "watchman")) as mine:  # type: ignore[arg-type]
        writable = mine.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'tocsin_watchman' AND privilege_type <> 'SELECT'"
        ).fetchall()
    assert writable == []


# ------------------------------------------------------------------------------- what it tells whom


def a_watchman(sent: list[dt.datetime], **given: Any) -> Watchman:
    def send(at_: dt.datetime) -> str:
        sent.append(at_)
        return ""

    return Watchman(threading.Event(), heartbeat=Heartbeat("file", send), **given)


@pytest.mark.promise("P9")
def test_the_heartbeat_stops_while_something_is_wrong(database: Database, desk: Company) -> None:
    sent: list[dt.datetime] = []
    database.play("watchman")
    watchman = a_watchman(sent)
    assert watchman.turn(now=NOON)
    assert sent == [NOON]
    found = health.look()
    assert (found.is_watched, found.findings, found.heartbeat["at"]) == (True, (), NOON.isoformat())
    database.rows("UPDATE outbox SET state = 'dead' WHERE id = (SELECT max(id) FROM outbox)")
    for minute in (1, 2):
        assert not watchman.turn(now=NOON + dt.timedelta(seconds=minute))
    assert sent == [NOON]
    found = health.look()
    assert [(one.finding.what, one.first_at) for one in found.findings] == [
        ("dead", NOON + dt.timedelta(seconds=1))
    ]
    assert found.counted() == {"dead": 1}
    assert "acme" not in json.dumps(found.to_dict())


@pytest.mark.promise("P9")
def test_when_the_pulse_stops_so_does_the_heartbeat_and_the_operators_hear_of_it(
    database: Database, desk: Company
) -> None:
    sent: list[dt.datetime] = []
    with provider() as there:
        watchman = a_watchman(sent, smtp=there.address(), operators=("ops@example.com",))
        database.play("watchman")
        stopped = NOON + dt.timedelta(seconds=90)
        database.rows("UPDATE beat SET beat_at = %s WHERE kind = 'worker'", stopped)
        assert not watchman.turn(now=stopped)
        assert not watchman.turn(now=stopped + dt.timedelta(seconds=1))
        assert sent == []
    assert [to for to, _ in there.received] == ["ops@example.com"]
    assert "the pulse has stopped" in str(there.received[0][1])
    assert health.look().problems  # and whoever looks at a page sees it


def test_a_heartbeat_is_a_file_that_is_always_whole(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    beat = Heartbeat.from_text(str(path), None)
    assert (beat.kind, beat.send(NOON)) == ("file", "")
    assert path.read_text() == "2026-03-02T12:00:00+00:00\n"
    assert list(tmp_path.iterdir()) == [path]
    assert Heartbeat.from_text("/nowhere/at/all", None).send(NOON) == "No such file or directory"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("beat", "must be"),
        ("ftp://x", "must be"),
        ("mailto:a@b.example", "TOCSIN_SMTP_URL"),
    ],
)
def test_a_heartbeat_that_goes_nowhere_is_refused_at_the_start(given: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        Heartbeat.from_text(given, None)


def test_a_heartbeat_over_the_network_goes_through_the_guard() -> None:
    beat = Heartbeat.from_text("https://127.0.0.1/ping/secret", None)
    why = beat.send(NOON)
    assert why
    assert "secret" not in why
    assert "secret" not in repr(beat)


# ----------------------------------------------------------------------------- the administrators


@pytest.mark.promise("P9")
def test_administrators_are_told_once_a_finding(database: Database, desk: Company) -> None:
    broken(database, "UPDATE counter SET last = last + 1 WHERE name = 'position'")
    database.play("watchman")
    watchman = a_watchman([])
    watchman.turn(now=NOON)
    database.play("pulse")
    before = database.one("SELECT count(*) FROM outbox")
    first = watching.tell(now=NOON)
    assert len(first) == 1
    for known in (first, frozenset()):  # the same pulse again, and another one
        assert watching.tell(known, now=NOON) == first
    lines = database.rows("SELECT person_id, parts FROM notification WHERE key LIKE 'watch/%%'")
    assert [row[0] for row in lines] == [desk.people["dora"]]
    assert "places in the order of events are missing" in lines[0][1]
    assert database.one("SELECT count(*) FROM outbox") == before + 1


def test_what_comes_and_goes_within_minutes_is_one_finding() -> None:
    memory, found = Memory(), Finding(1, "dead", 1, NOON)
    first = memory.learn(Look(NOON, (found,)))[0]
    later = NOON + dt.timedelta(minutes=5)
    assert memory.learn(Look(later, ())) == []
    assert memory.learn(Look(later, (found,)))[0].first_at == first.first_at
    much = later + dt.timedelta(minutes=11)
    assert memory.learn(Look(much, (found,)))[0].first_at == much


def test_a_new_watchman_remembers_what_the_last_one_noted(
    database: Database, desk: Company
) -> None:
    database.rows("UPDATE outbox SET state = 'dead' WHERE id = (SELECT max(id) FROM outbox)")
    database.play("watchman")
    a_watchman([]).turn(now=NOON)
    a_watchman([], name="another").turn(now=NOON + dt.timedelta(seconds=9))
    assert [one.first_at for one in health.look().findings] == [NOON]


def test_a_watchman_outlives_its_connection(database: Database, desk: Company) -> None:
    database.play("watchman")
    watchman = a_watchman([])
    assert watchman.turn(now=NOON)
    database.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert not watchman.turn(now=NOON)
    assert watchman.turn(now=NOON)


def test_a_note_that_is_none_is_nothing() -> None:
    for text in ("", "no json", "[]", '{"findings": [{}]}', '{"findings": 3}'):
        assert watch.read(text) == ()
