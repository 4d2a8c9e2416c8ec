"""What is written once stays, and what cannot be is refused: by the database, whoever asks."""

import threading

import psycopg
import pytest
from psycopg import errors
from tests.desk import Database, company
from tests.records.worlds import World, session, two_worlds

pytestmark = pytest.mark.long("every table is altered in every way")

FOR_GOOD = (
    *("event", "position", "violation", "alert"),
    *("calendar_version", "policy_version", "pipeline_version", "config_version"),
    *("restatement", "audit_run", "delivery_attempt"),
)
# The columns of them that may change later, with a value to change them to.
MAY_CHANGE: dict[str, dict[str, str]] = {
    "violation": {
        "withdrawn_at": "now()",
        "acknowledged_at": "now()",
        "acknowledged_by_id": "(SELECT min(p.id) FROM person p WHERE p.tenant_id = x.tenant_id)",
        "note": "'seen'",
    },
    "alert": {"state": "'superseded'"},
}


@pytest.fixture
def world(database: Database) -> World:
    return two_worlds(database)[0]


def test_the_tables_that_are_written_once_are_listed_here(database: Database) -> None:
    found = database.rows(
        "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'refuse_change'"
    )
    # What erasure deletes may be deleted; it cannot be altered either.
    assert {row[0] for row in found} == {*FOR_GOOD, "event_content"}
    versions = database.rows(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE '%%\\_version'"
    )
    assert {row[0] for row in versions} <= set(FOR_GOOD)


@pytest.mark.parametrize("role", ["app", "pulse", "worker"])
@pytest.mark.asvs("16.4.2")
def test_no_process_can_change_or_delete_what_is_written_once(
    database: Database, world: World, role: str
) -> None:
    for table in FOR_GOOD:
        before = database.rows(f"SELECT * FROM {table} ORDER BY id")
        assert before, table
        with session(database, role, world.tenant) as found:
            for statement in (
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
                f"UPDATE {table} SET id = id + 1000",
                f"UPDATE {table} SET tenant_id = tenant_id + 1",
            ):
                allowed = (errors.InsufficientPrivilege, errors.RestrictViolation)
                with pytest.raises(allowed), found.transaction():
                    found.execute(statement.encode())
        assert database.rows(f"SELECT * FROM {table} ORDER BY id") == before, table


@pytest.mark.parametrize("owner", [True, False], ids=["the table's owner", "a superuser"])
def test_not_even_owner_or_superuser_can_without_taking_the_trigger_away(
    database: Database, world: World, owner: bool
) -> None:
    for table in FOR_GOOD:
        refuses_all(database, table, owner)


def refuses_all(database: Database, table: str, owner: bool) -> None:
    before = database.rows(f"SELECT * FROM {table} ORDER BY id")
    columns = [
        row[0]
        for row in database.rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", table
        )
    ]
    fixed = [column for column in columns if column not in MAY_CHANGE.get(table, {})]
    with psycopg.connect(database.admin_url) as found:
        if owner:
            found.execute("SET ROLE tocsin_migrate")
        for statement in (
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
            *(
                f"UPDATE {table} SET {column} = {other(database, table, column)}"
                for column in fixed
            ),
        ):
            with pytest.raises(errors.RestrictViolation, match="written once"), found.transaction():
                found.execute(statement.encode())
    assert database.rows(f"SELECT * FROM {table} ORDER BY id") == before


def other(database: Database, table: str, column: str) -> str:
    """Return an expression of another value than the one in the column."""
    kind = database.one(
        "SELECT format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attname = %s",
        table,
        column,
    )
    return {
        "text": f"{column} || '!'",
        "bytea": "'\\x00'::bytea",
        "boolean": f"NOT {column}",
        "timestamp with time zone": f"coalesce({column}, now()) + interval '1 day'",
    }.get(kind, f"coalesce({column}, 0) + 1")


def test_the_columns_that_may_change_can_and_alone(database: Database, world: World) -> None:
    for table, columns in MAY_CHANGE.items():
        for column, to in columns.items():
            changes_alone(database, world, table, f"{column} = {to}")


def changes_alone(database: Database, world: World, table: str, change: str) -> None:
    with session(database, "app", world.tenant) as found:
        done = found.execute(f"UPDATE {table} x SET {change}".encode())
        assert done.rowcount == len(
            database.rows(f"SELECT 1 FROM {table} WHERE tenant_id = %s", world.tenant)
        )
        # Together with another one: nothing of both.
        both = f"UPDATE {table} x SET {change}, clock = 'another'"
        with pytest.raises(errors.RestrictViolation), found.transaction():
            found.execute(both.encode())


def test_the_content_of_an_event_can_be_erased_by_app_alone_and_changed_by_none(
    database: Database, world: World
) -> None:
    event = database.one(
        "SELECT min(event_id) FROM event_content WHERE tenant_id = %s", world.tenant
    )
    erase = "DELETE FROM event_content WHERE event_id = %s"
    for role in ("app", "pulse", "worker"):
        with session(database, role, world.tenant) as found:
            for column in ("content = 'other'", "salt = '\\x00'"):
                with pytest.raises(errors.InsufficientPrivilege), found.transaction():
                    found.execute(f"UPDATE event_content SET {column}".encode())
            if role != "app":
                with pytest.raises(errors.InsufficientPrivilege), found.transaction():
                    found.execute(erase, [event])
    with session(database, "app", world.tenant) as found:
        assert found.execute(erase, [event]).rowcount == 1
        found.commit()
    assert database.rows("SELECT 1 FROM event_content WHERE event_id = %s", event) == []
    assert database.rows("SELECT 1 FROM event WHERE id = %s", event) == [(1,)]


# ----------------------------------------------------------------------------- impossible states

# For each check one change of a good row that it refuses.
IMPOSSIBLE: dict[str, tuple[str, str]] = {
    "clock_due_has_time_left": ("clock", "state = 'running', due_at = now(), left_us = NULL"),
    "clock_ended_at_an_instant": ("clock", "state = 'stopped', stopped_at = NULL"),
    "clock_running_is_due_or_says_why": ("clock", "state = 'running', due_at = NULL, undue = ''"),
    "clock_state_known": ("clock", "state = 'dreaming', stopped_at = now()"),
    "clock_time_is_positive": ("clock", "used_us = -1"),
    "clock_verdict_has_instant": ("clock", "verdict = 'met', decided_at = NULL"),
    "clock_verdict_known": ("clock", "verdict = 'perhaps', decided_at = now()"),
    "audit_run_in_order": ("audit_run", "finished_at = started_at - interval '1 us'"),
    "escalation_ends_for_a_reason": ("escalation", "ended_at = now(), ended = ''"),
    "on_call_override_has_a_length": ("on_call_override", "ends_at = begins_at"),
    "permission_set_reach_known": ("permission_set", "reach = 'everything'"),
    "security_within_reason": ("security", "read_budget = 1"),
    "export_by_a_second_person": (
        "export",
        "decided_by_id = person_id, approved = true, decided_at = now()",
    ),
    "export_decided_by_somebody": ("export", "approved = true"),
    "one_time_link_purpose_known": ("one_time_link", "purpose = 'fun'"),
    "one_time_link_expires": ("one_time_link", "expires_at = made_at"),
    "api_token_expires": ("api_token", "expires_at = made_at"),
    "identity_provider_kind_known": ("identity_provider", "kind = 'friend'"),
    "absence_has_a_length": ("absence", "ends_at = begins_at"),
    "absence_substitute_is_another": ("absence", "substitute_id = person_id"),
    "contact_method_has_address": ("contact_method", "address = ''"),
    "delivery_attempt_outcome_known": ("delivery_attempt", "outcome = 'perhaps'"),
    "config_version_kind_known": ("config_version", "kind = 'weather'"),
    "draft_kind_known": ("draft", "kind = 'weather'"),
    "restatement_changes_a_verdict": ("restatement", "now = was"),
    "ticket_merged_into_another": ("ticket", "merged_into_id = id, status = 'merged'"),
    "alert_state_known": ("alert", "state = 'lost'"),
    "event_not_of_tomorrow": ("event", "effective_at = recorded_at + interval '1 us'"),
    "event_stream_known": ("event", "stream_kind = 'weather'"),
    "gate_is_one": ("gate", "id = 2"),
    "outbox_lease_while_sending": ("outbox", "state = 'sending', lease_token = NULL"),
    "outbox_sent_at": ("outbox", "state = 'sent', sent_at = NULL"),
    "outbox_state_known": ("outbox", "state = 'lost'"),
    "person_level": ("person", "level = 10"),
    "person_not_own_manager": ("person", "manager_id = id"),
    "person_role_known": ("person", "role = 'king'"),
    "policy_ends_after_it_begins": ("policy_version", "valid_until = valid_from"),
    "schedule_not_before_its_plan": ("schedule", "wake_at = planned_for - interval '1 us'"),
    "stage_status_known": ("stage", "status = 'limbo'"),
    "ticket_done_at_an_instant": ("ticket", "status = 'resolved', done_at = NULL"),
    "ticket_due_is_the_earliest": (
        "ticket",
        "due_at = now(), warn_at = now(), respond_warn_at = now(),"
        " respond_at = now() - interval '1 us'",
    ),
    "ticket_has_events": ("ticket", "last_seq = 0"),
    "ticket_hold_has_reason": ("ticket", "held_until = now(), held_reason = ''"),
    "ticket_risk_of_a_due": (
        "ticket",
        "due_at = now(), warn_at = NULL, respond_at = NULL, respond_warn_at = NULL",
    ),
    "ticket_risk_of_a_response": (
        "ticket",
        "due_at = now(), warn_at = now(), respond_at = now(), respond_warn_at = NULL",
    ),
    "ticket_status_known": ("ticket", "status = 'limbo'"),
    "ticket_wakes_later": ("ticket", "wake_at = decided_at"),
    "violation_in_order": ("violation", "breached_at = due_at - interval '1 us'"),
}
MORE: list[tuple[str, str, str]] = [
    ("ticket_has_events", "ticket", "number = 0"),
    ("violation_in_order", "violation", "detected_at = breached_at - interval '1 us'"),
    ("clock_time_is_positive", "clock", "paused_us = -1"),
    ("person_level", "person", "level = 0"),
    (
        "outbox_lease_while_sending",
        "outbox",
        "state = 'pending', lease_token = gen_random_uuid(), lease_until = now()",
    ),
]


def test_every_check_of_the_schema_has_a_row_that_it_refuses(database: Database) -> None:
    found = database.rows(
        "SELECT conname FROM pg_constraint WHERE contype = 'c'"
        " AND connamespace = 'public'::regnamespace AND conrelid::regclass::text"
        " !~ '^(django|auth|mfa|socialaccount)_'"
    )
    assert {row[0] for row in found} == set(IMPOSSIBLE)


@pytest.mark.asvs("2.2.3")
def test_a_state_that_cannot_be_is_refused(database: Database, world: World) -> None:
    changes = [(name, *row) for name, row in IMPOSSIBLE.items()] + MORE
    # The triggers of rows that are written once would refuse it first.
    for table in {row[1] for row in changes}:
        database.rows(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for check, table, change in changes:
        one = database.one(f"SELECT id FROM {table} LIMIT 1")
        with pytest.raises(errors.CheckViolation) as told:
            database.rows(f"UPDATE {table} SET {change} WHERE id = %s", one)
        assert told.value.diag.constraint_name == check


# ------------------------------------------------------------------------------ circles of managers

LINK = "UPDATE person SET manager_id = %s WHERE id = %s"


def test_a_circle_of_managers_is_refused_in_one_transaction(database: Database) -> None:
    made = company()
    dora, ann = made.people["dora"], made.people["ann"]
    with session(database, "app", made.tenant) as found:
        with pytest.raises(errors.CheckViolation) as told, found.transaction():
            found.execute(LINK, [ann, dora])
        assert told.value.diag.constraint_name == "person_manager_tree"
        # In one statement that turns two links round at once, too.
        swap = (
            "UPDATE person SET manager_id = CASE id WHEN %s THEN %s::bigint ELSE %s::bigint END"
            " WHERE id IN (%s, %s)"
        )
        with pytest.raises(errors.CheckViolation), found.transaction():
            found.execute(swap, [dora, ann, dora, dora, ann])
        # And by a row that is born into it.
        born = (
            "INSERT INTO person (id, tenant_id, password, email, email_key, name, role, level,"
            " manager_id, is_active, language, zone)"
            " VALUES (900, %s, '', 'x', 'x', 'x', 'agent', 1, %s, true, 'en', 'UTC')"
        )
        found.execute(born, [made.tenant, ann])
        with pytest.raises(errors.CheckViolation), found.transaction():
            found.execute(LINK, [900, dora])
        # A tree is fine.
        found.execute(LINK, [dora, ann])


def test_two_changes_at_once_that_make_a_circle_together_are_not_both_taken(
    database: Database,
) -> None:
    made = company()
    dora, mia = made.people["dora"], made.people["mia"]
    database.rows("UPDATE person SET manager_id = NULL")
    ends: list[str] = []

    def second() -> None:
        with session(database, "app", made.tenant) as found:
            try:
                found.execute(LINK, [dora, mia])
                found.commit()
                ends.append("taken")
            except psycopg.Error as error:
                ends.append(error.sqlstate or "?")

    other_one = threading.Thread(target=second, daemon=True)
    with session(database, "app", made.tenant) as first:
        first.execute(LINK, [mia, dora])
        other_one.start()
        # It must wait for us: where nothing makes it wait it is through before we commit.
        while other_one.is_alive() and waiting(database) == 0:
            other_one.join(timeout=0.05)
        first.commit()
    other_one.join(timeout=30)
    assert not other_one.is_alive(), "hangs"
    assert ends == ["23514"]
    assert database.rows("SELECT id, manager_id FROM person WHERE manager_id IS NOT NULL") == [
        (dora, mia)
    ]
    assert waiting(database) == 0


def waiting(database: Database) -> int:
    """Return how many connections wait for a lock."""
    return int(database.one("SELECT count(*) FROM pg_locks WHERE NOT granted"))
