"""What may be done to a ticket, on a real database."""

import datetime as dt
import functools
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections
from tests.desk import Company, Database, at, company

from tocsin.actions import customers, people, tickets
from tocsin.engine.event import Side
from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, NotFound, Stale

# Before everything that happens here, so that the policies hold.
BEGIN = at("2026-03-01 00:00")
OPENED = at("2026-03-02 09:00")


def after(minutes: float) -> dt.datetime:
    return OPENED + dt.timedelta(minutes=minutes)


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


@pytest.fixture
def ann(desk: Company) -> Actor:
    return desk.person("ann")


@pytest.fixture
def ticket(desk: Company) -> int:
    return desk.open(now=OPENED)


def digest(database: Database) -> dict[str, Any]:
    """Return a digest of every table."""
    names = database.rows(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    parts = [
        f"SELECT '{name}', count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM"
        f' "{name}" t'
        for (name,) in names
    ]
    return {row[0]: row[1:] for row in database.rows(" UNION ALL ".join(parts).replace("%", "%%"))}


@contextmanager
def refused(
    database: Database, kind: type[Exception], field: str = "", words: str = ""
) -> Iterator[None]:
    """Expect a refusal that names the field in a sentence and leaves nothing half-written."""
    before = digest(database)
    with pytest.raises(kind) as told:
        yield
    if field:
        assert isinstance(told.value, Invalid)
        assert told.value.path == field
    assert words in str(told.value)
    assert len(str(told.value)) > 10
    assert digest(database) == before


def where(database: Database, ticket: int) -> tuple[Any, ...]:
    return database.rows(
        "SELECT t.status, s.key FROM ticket t LEFT JOIN stage s ON s.id = t.stage_id"
        " WHERE t.id = %s",
        ticket,
    )[0]


def kinds(database: Database, ticket: int) -> list[str]:
    found = database.rows(
        "SELECT kind FROM event WHERE stream_kind = 'ticket' AND stream_id = %s"
        " AND kind <> 'effect' ORDER BY stream_seq",
        ticket,
    )
    return [row[0] for row in found]


# --------------------------------------------------------------------------------- the usual way


def test_a_ticket_is_opened_answered_and_resolved(database: Database) -> None:
    desk = company()
    ticket = desk.open()
    ann = desk.person("ann")
    tickets.reply(ticket_id=ticket, body="I look at it", by=ann)
    tickets.resolve(ticket_id=ticket, by=ann)
    assert database.rows("SELECT status, number FROM ticket") == [("resolved", 1)]
    assert database.rows("SELECT key, state, verdict FROM clock ORDER BY key") == [
        ("OLA/stage triage#1", "stopped", "met"),
        ("SLA/first response#1", "stopped", "met"),
        ("SLA/resolution#1", "stopped", "met"),
    ]


def test_status_and_stage_follow_each_other_on_every_way(
    database: Database, desk: Company, ann: Actor, ticket: int
) -> None:
    customer = Actor(desk.tenant, "customer", access.RIGHTS["contact"], Side.CUSTOMER)
    on: dict[str, Any] = {"ticket_id": ticket}
    steps: list[tuple[Callable[[], object], tuple[str, str]]] = [
        (lambda: None, ("new", "triage")),
        (lambda: tickets.note(**on, body="look", by=ann), ("new", "triage")),
        (lambda: tickets.reply(**on, body="hello", by=ann), ("open", "work")),
        (lambda: tickets.pause(**on, reason="asked", by=ann), ("waiting customer", "waiting")),
        (lambda: tickets.reply(**on, body="here", by=customer), ("open", "work")),
        (lambda: tickets.move(**on, to="waiting", by=ann), ("waiting customer", "waiting")),
        (lambda: tickets.resume(**on, by=ann), ("open", "work")),
        (
            lambda: tickets.pause(**on, reason="parts", status="waiting internal", by=ann),
            ("waiting internal", "work"),
        ),
        (lambda: tickets.reply(**on, body="and?", by=customer), ("waiting internal", "work")),
        (lambda: tickets.resume(**on, by=ann), ("open", "work")),
        (lambda: tickets.resolve(**on, by=ann), ("resolved", "done")),
        (
            lambda: tickets.reply(**on, body="thanks", question=False, by=customer),
            ("resolved", "done"),
        ),
        (lambda: tickets.reply(**on, body="again!", by=customer), ("open", "work")),
        (lambda: tickets.resolve(**on, by=ann), ("resolved", "done")),
        (lambda: tickets.reopen(**on, by=ann), ("open", "work")),
        (lambda: tickets.close(**on, by=ann), ("closed", "closed")),
        (lambda: tickets.reopen(**on, by=ann), ("open", "work")),
        (lambda: tickets.move(**on, to="done", by=ann), ("resolved", "done")),
        (lambda: tickets.close(**on, by=ann), ("closed", "closed")),
    ]
    for k, (step, expected) in enumerate(steps):
        step()
        assert where(database, ticket) == expected, k
    found = database.rows("SELECT stream_seq FROM event WHERE stream_kind = 'ticket' ORDER BY 1")
    assert [row[0] for row in found] == list(range(1, len(found) + 1))


def test_a_new_ticket_that_waited_is_new_again(database: Database, ann: Actor, ticket: int) -> None:
    tickets.pause(ticket_id=ticket, reason="later", by=ann, now=after(1))
    tickets.resume(ticket_id=ticket, by=ann, now=after(2))
    assert where(database, ticket) == ("new", "triage")


def test_assigning_priorities_and_fields_are_on_the_row_and_in_the_log(
    database: Database, desk: Company, ann: Actor, ticket: int
) -> None:
    tickets.assign(ticket_id=ticket, person=ann.person, team=" SERVICE Desk ", by=ann, now=after(1))
    tickets.set_priority(ticket_id=ticket, to="P1", by=ann, now=after(1))
    tickets.set_field(ticket_id=ticket, name="type", to="incident", by=ann, now=after(1))
    tickets.set_field(ticket_id=ticket, name="colour", to=" red ", by=ann, now=after(1))
    assert database.rows(
        "SELECT m.key, t.assignee_id, t.priority, t.type FROM ticket t"
        " JOIN team m ON m.id = t.team_id"
    ) == [("service desk", ann.person, "P1", "incident")]
    assert database.rows("SELECT name, value FROM ticket_field") == [("colour", "red")]
    assert kinds(database, ticket) == ["created", "team", "assignee", "priority", "field", "field"]
    tickets.assign(ticket_id=ticket, by=ann, now=after(1))
    assert database.rows("SELECT assignee_id FROM ticket") == [(None,)]
    # P1 is due sooner from then on.
    due = database.one(
        "SELECT due_at - started_at FROM clock WHERE definition = 'resolution'"
        " AND state = 'running'"
    )
    assert due == dt.timedelta(hours=4)


def test_what_is_so_already_is_no_fact(database: Database, ann: Actor, ticket: int) -> None:
    for _ in range(2):
        tickets.assign(
            ticket_id=ticket, person=ann.person, team="service desk", by=ann, now=after(1)
        )
        tickets.set_priority(ticket_id=ticket, to="P3", by=ann, now=after(1))
        tickets.set_field(ticket_id=ticket, name="colour", to="", by=ann, now=after(1))
        tickets.move(ticket_id=ticket, to="triage", by=ann, now=after(1))
    assert kinds(database, ticket) == ["created", "team", "assignee"]


def test_messages_say_who_said_what_and_who_may_read_it(
    database: Database, desk: Company, ann: Actor
) -> None:
    contact = customers.add_contact(name="Cara", by=desk.operator)
    ticket = tickets.open_(subject="s", body="one", by=access.contact(desk.tenant, contact))
    tickets.reply(ticket_id=ticket, body=" two ", by=ann)
    tickets.note(ticket_id=ticket, body="three", by=ann)
    assert database.rows(
        "SELECT body, side, public, person_id, contact_id FROM message ORDER BY id"
    ) == [
        ("one", "customer", True, None, contact),
        ("two", "agent", True, ann.person, None),
        ("three", "agent", False, ann.person, None),
    ]


# --------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "  "}, "subject"),
        ({"subject": "x" * 501}, "subject"),
        ({"subject": "a\0b"}, "subject"),
        ({"body": "x" * 200_001}, "body"),
        ({"body": "\0"}, "body"),
        ({"priority": "P5"}, "priority"),
        ({"priority": ""}, "priority"),
        ({"pipeline": "suport"}, "pipeline"),
        ({"team": "service dsk"}, "team"),
        ({"contact": 10**6}, "contact"),
        ({"account": 10**6}, "account"),
        ({"fields": {"status": "closed"}}, "name"),
        ({"fields": {"": "x"}}, "name"),
        ({"fields": {"x" * 61: "x"}}, "name"),
        ({"fields": {"colour": "x" * 2001}}, "value"),
        ({"fields": {"colour": "\0"}}, "value"),
    ],
    ids=range(17),
)
def test_a_ticket_that_cannot_be_is_not_opened(
    database: Database, desk: Company, given: dict[str, Any], field: str
) -> None:
    with refused(database, Invalid, field):
        desk.open(**given)


@pytest.mark.parametrize("name", ["type", "channel", "key"])
def test_type_channel_and_key_are_checked_too(database: Database, desk: Company, name: str) -> None:
    with refused(database, Invalid, name):
        desk.open(**{name: "a\0b"})


Deed = Callable[[int, Actor], object]
WRONG: dict[str, tuple[Deed, type[Exception], str, str]] = {
    "empty reply": (lambda t, a: tickets.reply(ticket_id=t, body=" ", by=a), Invalid, "body", ""),
    "long reply": (
        lambda t, a: tickets.reply(ticket_id=t, body="x" * 200_001, by=a),
        Invalid,
        "body",
        "200000",
    ),
    "NUL reply": (
        lambda t, a: tickets.reply(ticket_id=t, body="a\0", by=a),
        Invalid,
        "body",
        "NUL",
    ),
    "empty note": (lambda t, a: tickets.note(ticket_id=t, body="", by=a), Invalid, "body", ""),
    "NUL note": (lambda t, a: tickets.note(ticket_id=t, body="\0a", by=a), Invalid, "body", "NUL"),
    "unknown stage": (
        lambda t, a: tickets.move(ticket_id=t, to="wrok", by=a),
        Invalid,
        "to",
        "did you mean work?",
    ),
    "unknown team": (
        lambda t, a: tickets.assign(ticket_id=t, team="Sevice desk", by=a),
        Invalid,
        "team",
        "did you mean service desk?",
    ),
    "unknown person after a known team": (
        lambda t, a: tickets.assign(ticket_id=t, team="Second line", person=10**6, by=a),
        Invalid,
        "person",
        "1000000",
    ),
    "unknown priority": (
        lambda t, a: tickets.set_priority(ticket_id=t, to="p1", by=a),
        Invalid,
        "priority",
        "P1",
    ),
    "field with a verb": (
        lambda t, a: tickets.set_field(ticket_id=t, name="status", to="closed", by=a),
        Invalid,
        "name",
        "status",
    ),
    "NUL field": (
        lambda t, a: tickets.set_field(ticket_id=t, name="colour", to="\0", by=a),
        Invalid,
        "value",
        "NUL",
    ),
    "NUL field name": (
        lambda t, a: tickets.set_field(ticket_id=t, name="a\0", to="b", by=a),
        Invalid,
        "name",
        "NUL",
    ),
    "pause without a reason": (
        lambda t, a: tickets.pause(ticket_id=t, reason="", by=a),
        Invalid,
        "reason",
        "",
    ),
    "pause into no waiting": (
        lambda t, a: tickets.pause(ticket_id=t, reason="x", status="closed", by=a),
        Invalid,
        "status",
        "waiting customer",
    ),
    "resume what does not wait": (
        lambda t, a: tickets.resume(ticket_id=t, by=a),
        NotAllowed,
        "",
        "not waiting",
    ),
    "reopen what is open": (
        lambda t, a: tickets.reopen(ticket_id=t, by=a),
        NotAllowed,
        "",
        "resolved or closed",
    ),
    "stale": (
        lambda t, a: tickets.reply(ticket_id=t, body="x", seen=0, by=a),
        Stale,
        "",
        "look again",
    ),
    "unknown ticket": (
        lambda t, a: tickets.close(ticket_id=t + 10**6, by=a),
        NotFound,
        "",
        "no such thing",
    ),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.asvs("2.3.3", "16.5.3")
def test_what_cannot_be_done_is_refused_and_leaves_nothing_behind(
    database: Database, desk: Company, ann: Actor, name: str
) -> None:
    # Overdue, so that there would be much to write.
    ticket = desk.open(now=OPENED)
    deed, kind, field, words = WRONG[name]
    with refused(database, kind, field, words):
        deed(ticket, ann)


@pytest.mark.asvs("2.3.1")
def test_a_move_that_the_stage_does_not_allow_is_refused(
    database: Database, ann: Actor, ticket: int
) -> None:
    tickets.pause(ticket_id=ticket, reason="asked", by=ann)
    with refused(database, NotAllowed, words="work"):
        tickets.move(ticket_id=ticket, to="done", by=ann)
    tickets.close(ticket_id=ticket, by=ann)
    with refused(database, NotAllowed, words="nowhere"):
        tickets.move(ticket_id=ticket, to="work", by=ann)
    with refused(database, NotAllowed, words="reopen"):
        tickets.resolve(ticket_id=ticket, by=ann)
    with refused(database, NotAllowed, words="reopen"):
        tickets.pause(ticket_id=ticket, reason="x", by=ann)


def test_nobody_is_given_a_ticket_who_has_left(
    database: Database, desk: Company, ann: Actor, ticket: int
) -> None:
    database.rows("UPDATE person SET is_active = false WHERE id = %s", ann.person)
    database.rows("UPDATE tenant SET config_version = config_version + 1")
    with refused(database, NotAllowed, words="has left"):
        tickets.assign(ticket_id=ticket, person=ann.person, by=desk.operator)


def test_seen_is_the_newest_event_or_the_answer_is_stale(
    database: Database, ann: Actor, ticket: int
) -> None:
    seen = database.one("SELECT last_seq FROM ticket")
    tickets.note(ticket_id=ticket, body="mine", seen=seen, by=ann, now=after(1))
    with refused(database, Stale):
        tickets.note(ticket_id=ticket, body="late", seen=seen, by=ann, now=after(2))


# ---------------------------------------------------------------------------------- exactly once


def test_the_same_key_again_opens_nothing_and_says_which_it_was(
    database: Database, desk: Company
) -> None:
    first = desk.open(key="mail-1")
    before = digest(database)
    assert desk.open(key="mail-1", subject="Again") == first
    assert digest(database) == before
    assert desk.open(key="mail-2") != first


def test_the_same_key_again_answers_nothing(database: Database, ann: Actor, ticket: int) -> None:
    tickets.reply(ticket_id=ticket, body="once", key="mail-3", by=ann, now=after(1))
    before = database.rows("SELECT * FROM message")
    tickets.reply(ticket_id=ticket, body="once", key="mail-3", by=ann, now=after(2))
    assert database.rows("SELECT * FROM message") == before


def test_one_key_may_answer_two_tickets(database: Database, desk: Company, ann: Actor) -> None:
    for ticket in (desk.open(now=OPENED), desk.open(now=OPENED)):
        tickets.reply(ticket_id=ticket, body="both", key="bulk-1", by=ann, now=after(1))
    assert len(database.rows("SELECT 1 FROM message WHERE body = 'both'")) == 2


def test_a_reply_may_have_any_key(database: Database, ann: Actor, ticket: int) -> None:
    tickets.reply(ticket_id=ticket, body="one", key=f"{ticket}/3", by=ann, now=after(1))
    tickets.note(ticket_id=ticket, body="two", by=ann, now=after(2))
    assert "two" in {row[0] for row in database.rows("SELECT body FROM message")}


def at_once(database: Database, deeds: list[Callable[[], object]]) -> list[BaseException]:
    """Run deeds in threads of their own, begun together; return what they raised."""
    ready = threading.Barrier(len(deeds), timeout=30)
    raised: list[BaseException] = []

    def run(deed: Callable[[], object]) -> None:
        try:
            database.play("app")
            ready.wait()
            deed()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(deed,), daemon=True) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "hangs"
    return raised


@pytest.mark.asvs("2.3.4")
def test_eight_at_once_open_with_numbers_of_their_own(database: Database, desk: Company) -> None:
    def several() -> None:
        for _ in range(5):
            desk.open()

    assert at_once(database, [several] * 8) == []
    found = [row[0] for row in database.rows("SELECT number FROM ticket ORDER BY number")]
    assert len(found) == 40
    assert len(set(found)) == 40
    assert database.one("SELECT last FROM counter WHERE name = 'ticket'") == max(found)
    assert len(database.rows("SELECT DISTINCT stream_id FROM event WHERE kind = 'created'")) == 40


def test_one_key_at_once_opens_one_ticket_and_tells_both(database: Database, desk: Company) -> None:
    found: list[int] = []
    raised: list[BaseException] = []

    def opened(key: str) -> None:
        found.append(desk.open(key=key))

    for k in range(10):
        raised += at_once(database, [functools.partial(opened, f"mail-{k}")] * 4)
    assert raised == []
    assert len(set(found)) == 10


def test_numbers_count_in_each_tenant(database: Database, desk: Company) -> None:
    other = company("bolt", now=BEGIN)
    for made in (desk, other, other, desk, other):
        made.open()
    found = database.rows("SELECT tenant_id, number FROM ticket ORDER BY tenant_id, number")
    assert found == [
        *((desk.tenant, number) for number in (1, 2)),
        *((other.tenant, number) for number in (1, 2, 3)),
    ]


def test_of_many_who_change_one_ticket_at_once_all_are_heard(
    database: Database, desk: Company, ann: Actor
) -> None:
    ticket = desk.open()

    def note(name: str) -> Callable[[], object]:
        return lambda: [
            tickets.note(ticket_id=ticket, body=f"{name} {k}", by=ann) for k in range(4)
        ]

    assert at_once(database, [note(name) for name in "abcd"]) == []
    said = {row[0] for row in database.rows("SELECT body FROM message WHERE NOT public")}
    assert said == {f"{name} {k}" for name in "abcd" for k in range(4)}
    found = database.rows("SELECT stream_seq FROM event WHERE stream_kind = 'ticket' ORDER BY 1")
    assert [row[0] for row in found] == list(range(1, len(found) + 1))
    assert database.one("SELECT last_seq FROM ticket") == len(found)
    # Read after the lock: instants never go back.
    times = database.rows(
        "SELECT recorded_at FROM event WHERE stream_kind = 'ticket' ORDER BY stream_seq"
    )
    assert times == sorted(times)


# ------------------------------------------------------------------------------------- overdue


def test_an_action_first_records_the_breach_with_its_true_instant(
    database: Database, desk: Company, ann: Actor, ticket: int
) -> None:
    tickets.reply(ticket_id=ticket, body="sorry", by=ann, now=after(61))
    assert database.rows("SELECT clock, due_at, breached_at, detected_at FROM violation") == [
        ("SLA/first response#1", after(60), after(60), after(61))
    ]
    order = database.rows(
        "SELECT kind, payload FROM event WHERE stream_kind = 'ticket' ORDER BY stream_seq"
    )
    told = [kind if kind != "effect" else json.loads(payload)["deed"] for kind, payload in order]
    assert told.index("breach") < told.index("agent message")
    assert database.rows("SELECT verdict FROM clock WHERE definition = 'first response'") == [
        ("breached",)
    ]


def test_a_breach_is_told_once_to_each_and_not_again(
    database: Database, ann: Actor, ticket: int
) -> None:
    for minutes in (60.5, 60.7, 61):
        tickets.note(ticket_id=ticket, body="x", by=ann, now=after(minutes))
    keys = database.rows(
        "SELECT deed, clock, which, recipient_id, channel, count(*) FROM alert"
        " GROUP BY 1, 2, 3, 4, 5"
    )
    assert {row[-1] for row in keys} == {1}
    assert {row[:2] for row in keys} >= {("breach", "SLA/first response#1")}
    letters = database.rows("SELECT person_id, count(*) FROM outbox WHERE urgent GROUP BY 1")
    assert letters
    assert {row[1] for row in letters} == {1}
    assert len(database.rows("SELECT 1 FROM violation")) == 1


def test_a_refused_action_on_an_overdue_ticket_writes_not_even_the_breach(
    database: Database, ann: Actor, ticket: int
) -> None:
    with refused(database, Invalid, "to"):
        tickets.move(ticket_id=ticket, to="nowhere", by=ann, now=after(500))


# ---------------------------------------------------------------------------------- the event log


def test_every_leaf_hash_is_that_of_its_row(database: Database, ann: Actor, ticket: int) -> None:
    tickets.reply(ticket_id=ticket, body="åäö 🎉", by=ann, now=after(61.000001))
    columns = (
        *("tenant_id", "stream_kind", "stream_id", "stream_seq", "kind", "side", "actor", "source"),
        *("source_rank", "source_seq", "imported", "key", "effective_at", "recorded_at", "payload"),
    )
    found = database.rows(f"SELECT leaf_hash, {', '.join(columns)} FROM event")
    assert len(found) > 10
    for leaf, *values in found:
        row = dict(zip(columns, values, strict=True))
        row["tenant"] = row.pop("tenant_id")
        for name in ("effective_at", "recorded_at"):
            row[name] = row[name].astimezone(dt.UTC).isoformat(timespec="microseconds")
        row["payload"] = json.loads(row["payload"])
        told = hashlib.sha256(b"\x00" + canonical.encoded(row)).digest()
        assert bytes(leaf) == told
    contents = database.rows(
        "SELECT e.payload, c.salt, c.content FROM event_content c JOIN event e ON e.id = c.event_id"
    )
    assert contents
    for payload, salt, content in contents:
        assert len(bytes(salt)) == 32
        opened = hashlib.sha256(bytes(salt) + content.encode()).hexdigest()
        assert json.loads(payload)["content"] == opened


def test_no_word_that_a_person_wrote_is_in_the_log_itself(database: Database) -> None:
    desk = company(now=BEGIN)
    canary = "xanadu"
    person = people.add_person(
        name=f"Pia {canary}", email=f"pia@{canary}.example", by=desk.operator
    )
    account = customers.add_account(name=f"{canary} AB", key="a1", by=desk.operator)
    contact = customers.add_contact(
        name=f"Cara {canary}", email=f"cara@{canary}.example", account=account, by=desk.operator
    )
    by = access.person(desk.tenant, person, "agent")
    ticket = desk.open(subject=f"my {canary}", body=f"the {canary}", contact=contact, key="k")
    tickets.reply(ticket_id=ticket, body=f"re {canary}", by=by)
    tickets.note(ticket_id=ticket, body=f"note {canary}", by=by)
    tickets.pause(ticket_id=ticket, reason=f"for {canary}", by=by)
    tickets.pause(ticket_id=ticket, reason=f"or {canary}", status="waiting internal", by=by)
    tickets.assign(ticket_id=ticket, person=person, by=by)
    # It was taken in.
    assert len(database.rows("SELECT 1 FROM event_content WHERE content ~* %s", canary)) >= 7
    assert database.rows("SELECT kind, payload FROM event e WHERE e::text ~* %s", canary) == []


def test_the_name_of_an_account_is_not_in_the_log_either(database: Database, desk: Company) -> None:
    customers.add_account(name="Anna Xanadu", by=desk.operator)
    assert database.rows("SELECT 1 FROM event e WHERE e::text ~* 'xanadu'") == []
