"""Two walls between tenants: either alone keeps the other tenant unseen."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from psycopg import errors
from psycopg.types.json import Json
from tests.desk import ALWAYS, POLICIES, Database, company, inside
from tests.records.worlds import (
    ROLES,
    World,
    keys_between_tables,
    session,
    switch_policies_off,
    tables,
    two_worlds,
)

from tocsin.actions import customers, ledger, people, pipelines, sla, tickets
from tocsin.actions.installation import WITHOUT_TENANT
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, facts
from tocsin.records import context, rows
from tocsin.records.context import NoTenant, OtherTenant
from tocsin.records.tenancy import TenantRow, WithinTenant
from tocsin.records.tenants import Tenant

pytestmark = pytest.mark.long("every table, each wall alone")

MODELS = [m for m in apps.get_app_config("records").get_models() if issubclass(m, TenantRow)]

# What each role may look through, and no more.
DOORS: dict[str, set[str]] = {
    "tenant_list": {"app", "pulse", "worker", "audit", "live", "watchman"},
    "tenant_by_key": {"app", "pulse", "worker", "audit", "live"},
    "pulse_look": {"pulse"},
    "pulse_orphans": {"pulse"},
    "pulse_claim": {"pulse"},
    "schedule_claim": {"pulse", "worker"},
    "outbox_claim": {"worker"},
    "outbox_look": {"worker"},
    "watch_note": {"watchman"},
    "gate_trust": {"app"},
    "sequence_events": {"sequencer"},
    "search_tickets": {"app", "audit"},
    "desk_health": {"app", "live", "worker", "pulse", "watchman"},
    "live_heads": {"live"},
    "live_events": {"live"},
    "live_people": {"live"},
    "live_unread": {"live"},
}
_TIMERS = "SELECT tenant_id FROM schedule_claim(100, NULL, ARRAY['digest'])"
# What people and programs prove themselves by: for the role of the pages alone.
CLOSED = frozenset({"sign_in", "one_time_link", "api_token", "identity_provider"})
# Columns that the database makes out of others.
MADE = {"ticket": ("traits",)}


@pytest.fixture
def worlds(database: Database) -> tuple[World, World]:
    return two_worlds(database)


def count(database: Database, table: str, tenant: int) -> int:
    return int(database.one(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", tenant))


def a_row(database: Database, table: str, tenant: int) -> dict[str, Any]:
    found: dict[str, Any] = database.one(
        f"SELECT row_to_json(t) FROM {table} t WHERE tenant_id = %s ORDER BY id LIMIT 1", tenant
    )
    return found


def an_id(database: Database, table: str, tenant: int) -> int:
    return int(a_row(database, table, tenant)["id"])


def refused(found: psycopg.Connection, statement: str, *parameters: Any) -> str:
    """Return how the database refuses a statement; fail if it does not."""
    with pytest.raises(psycopg.Error) as told, found.transaction():
        found.execute(statement.encode(), parameters)
    return str(told.value)


def test_both_worlds_have_a_row_in_every_table(
    database: Database, worlds: tuple[World, World]
) -> None:
    # Else the tests below would find nothing of the other because there is nothing.
    for table in tables(database):
        for world in worlds:
            assert count(database, table, world.tenant) > 0, table
    assert {model._meta.db_table for model in MODELS} == set(tables(database))


# ------------------------------------------------------------------------ the second wall alone


@pytest.fixture
def unfiltered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first wall away."""
    monkeypatch.setattr(
        WithinTenant, "get_queryset", lambda self: super(WithinTenant, self).get_queryset()
    )


@pytest.mark.usefixtures("unfiltered")
@pytest.mark.promise("P26")
@pytest.mark.parametrize("role", ["app", "pulse", "worker", "live", "audit", "watchman"])
def test_without_the_filter_the_policies_alone_hide_the_other_tenant_from_the_orm(
    database: Database, worlds: tuple[World, World], role: str
) -> None:
    a, b = worlds
    database.play(role)
    for model in MODELS:
        table = model._meta.db_table
        if role != "app" and table in CLOSED:
            continue
        with inside(a.tenant):
            assert "tenant_id" not in str(model.objects.all().query).partition("WHERE")[2]
            assert set(model.objects.values_list("tenant_id", flat=True)) == {a.tenant}
            assert model.objects.count() == count(database, table, a.tenant)
            assert not model.objects.filter(tenant_id=b.tenant).exists()
            foreign = an_id(database, table, b.tenant)
            assert not model.objects.filter(pk=foreign).exists()
    with inside(a.tenant):
        assert [found.pk for found in Tenant.objects.all()] == [a.tenant]


@pytest.mark.promise("P26")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.asvs("8.4.1")
def test_raw_sql_reaches_no_row_of_the_other_tenant(
    database: Database, worlds: tuple[World, World], role: str
) -> None:
    a, b = worlds
    for table in tables(database):
        expected = count(database, table, a.tenant)
        theirs = a_row(database, table, b.tenant)
        own = a_row(database, table, a.tenant)
        if role != "app" and table in CLOSED:
            with session(database, role, a.tenant) as found:
                assert "permission denied" in refused(found, f"SELECT id FROM {table}"), table
            continue
        with session(database, role, a.tenant) as found:
            may = {
                verb: found.execute("SELECT has_table_privilege(%s, %s)", [table, verb]).fetchall()[
                    0
                ][0]
                for verb in ("UPDATE", "DELETE", "INSERT")
            }
            counted = found.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()
            assert counted == [(expected,)]
            look = f"SELECT id FROM {table} WHERE tenant_id = %s OR id = %s".encode()
            assert found.execute(look, [b.tenant, theirs["id"]]).fetchall() == []

            change = f"UPDATE {table} SET tenant_id = tenant_id WHERE id = %s RETURNING id"
            if may["UPDATE"]:
                assert found.execute(change.encode(), [theirs["id"]]).fetchall() == []
                # Nor can a row of ours be given away.
                give = f"UPDATE {table} SET tenant_id = %s WHERE id = %s"
                told = refused(found, give, b.tenant, own["id"])
                assert "row-level security" in told or "is written once" in told, table
            else:
                assert "permission denied" in refused(found, change, theirs["id"])
            gone = f"DELETE FROM {table} WHERE tenant_id = %s RETURNING id"
            if may["DELETE"]:
                assert found.execute(gone.encode(), [b.tenant]).fetchall() == []
            else:
                assert "permission denied" in refused(found, gone, b.tenant)
            # But for what the database makes by itself.
            listed = ", ".join(name for name in theirs if name not in MADE.get(table, ()))
            add = (
                f'INSERT INTO "{table}" ({listed}) SELECT {listed}'
                f' FROM json_populate_record(NULL::"{table}", %s)'
            )
            new = Json({**theirs, "id": 9_000_000_000})
            told = refused(found, add, new)
            assert ("row-level security" if may["INSERT"] else "permission denied") in told, table
        assert a_row(database, table, b.tenant) == theirs


@pytest.mark.promise("P26")
@pytest.mark.parametrize("role", ROLES)
def test_joins_and_counts_across_tables_stay_inside_the_tenant(
    database: Database, worlds: tuple[World, World], role: str
) -> None:
    a, b = worlds
    with session(database, role, a.tenant) as found:
        closed = CLOSED if role != "app" else frozenset()
        for _, table, column, to in keys_between_tables(database):
            if {table, to} & closed:
                continue
            join = f"FROM {table} c FULL JOIN {to} p ON p.id = c.{column}"
            seen = found.execute(
                f"SELECT c.tenant_id, p.tenant_id {join} WHERE c.tenant_id <> %s"
                " OR p.tenant_id <> %s".encode(),
                [a.tenant, a.tenant],
            ).fetchall()
            assert seen == []
        for table in set(tables(database)) - closed:
            cross = f"SELECT count(*) FROM {table} x, ticket y WHERE x.tenant_id <> y.tenant_id"
            assert found.execute(cross.encode()).fetchall() == [(0,)]
        assert found.execute("SELECT id FROM tenant").fetchall() == [(a.tenant,)]
        if role == "app":
            done = found.execute("UPDATE tenant SET name = 'mine' WHERE id = %s", [b.tenant])
            assert done.rowcount == 0


@pytest.mark.promise("P26")
@pytest.mark.asvs("8.4.1")
def test_no_row_can_point_into_the_other_tenant_whoever_writes_it(
    database: Database, worlds: tuple[World, World]
) -> None:
    a, b = worlds
    keys = keys_between_tables(database)
    assert len(keys) >= 25
    for name, table, column, to in keys:
        theirs = a_row(database, to, b.tenant)["id"]
        own = a_row(database, table, a.tenant)["id"]
        # The triggers of rows that are written once would refuse it first.
        database.rows(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        # A check would refuse a ticket that points at another and is not merged.
        also = {
            "merged_into_id": ", status = 'merged'",
            "decided_by_id": ", approved = true, decided_at = now()",
        }.get(column, "")
        with pytest.raises(errors.ForeignKeyViolation) as told:
            database.rows(f"UPDATE {table} SET {column} = %s{also} WHERE id = %s", theirs, own)
        assert told.value.diag.constraint_name == name


# ------------------------------------------------------------------------- the first wall alone


@pytest.mark.promise("P26")
def test_without_policies_the_filter_alone_hides_the_other_tenant_from_the_orm(
    database: Database, worlds: tuple[World, World]
) -> None:
    a, b = worlds
    switch_policies_off(database)
    with inside(a.tenant):
        # The wall really is down.
        assert rows.query("SELECT count(DISTINCT tenant_id) FROM ticket") == [(2,)]
        for model in MODELS:
            table = model._meta.db_table
            foreign = an_id(database, table, b.tenant)
            for manager in (model.objects, model._default_manager, model._base_manager):
                assert manager.count() == count(database, table, a.tenant), (table, manager)
                assert {row.tenant_id for row in manager.all()} == {a.tenant}
                assert not manager.filter(pk=foreign).exists()
                if rows.query("SELECT has_table_privilege(%s, 'UPDATE')", [table]) == [(True,)]:
                    assert manager.filter(pk=foreign).update(tenant_id=b.tenant) == 0
            lost: Any = model()
            lost.pk = foreign
            with pytest.raises(ObjectDoesNotExist):
                lost.refresh_from_db()


@pytest.mark.promise("P26")
def test_without_policies_a_related_object_of_the_other_tenant_is_not_there(
    database: Database, worlds: tuple[World, World]
) -> None:
    a, b = worlds
    switch_policies_off(database)
    followed = 0
    with inside(a.tenant):
        for model in MODELS:
            for field in model._meta.concrete_fields:
                to = field.related_model
                if not isinstance(field, models.ForeignKey) or to not in MODELS:
                    continue
                assert isinstance(to, type)
                table = to._meta.db_table
                row = model._base_manager.first()
                own = an_id(database, table, a.tenant)
                setattr(row, field.attname, own)
                assert getattr(row, field.name).pk == own
                foreign = an_id(database, table, b.tenant)
                setattr(row, field.attname, foreign)
                with pytest.raises(ObjectDoesNotExist):
                    getattr(row, field.name)
                followed += 1
    assert followed == len(keys_between_tables(database))


@pytest.mark.promise("P26")
def test_without_policies_the_other_tenant_itself_is_not_there(
    database: Database, worlds: tuple[World, World]
) -> None:
    switch_policies_off(database)
    with inside(worlds[0].tenant):
        assert [found.pk for found in Tenant.objects.all()] == [worlds[0].tenant]


@pytest.mark.promise("P26")
@pytest.mark.parametrize("policies", [True, False], ids=["with policies", "without policies"])
def test_queries_return_nothing_of_the_other_tenant(
    database: Database, worlds: tuple[World, World], policies: bool
) -> None:
    a, b = worlds
    if not policies:
        switch_policies_off(database)
    with ledger.session(a.tenant) as (at_work, _):
        own = set(a.company.people.values())
        assert set(at_work.people) == own
        assert {team.lead for team in at_work.teams.values()} <= own
        assert set().union(*at_work.members.values()) <= own
        assert set(at_work.members) == {team.id for team in at_work.teams.values()}
        owned = database.rows("SELECT id FROM pipeline WHERE tenant_id = %s", a.tenant)
        assert [(p.id,) for p in at_work.pipelines.values()] == owned
        assert len(at_work.versions.policies) == len(desk.versions(a.tenant, []).policies) + 1
        assert list(at_work.calendar_facts) == []
        assert dict(facts.of_tickets(a.tenant, [b.ticket])) == {}
        assert set(facts.of_tickets(a.tenant, [a.ticket, b.ticket])) == {a.ticket}
        assert ledger.lock(at_work, [b.ticket]) == []
        assert [work.id for work in ledger.lock(at_work, [a.ticket, b.ticket])] == [a.ticket]


Deed = Callable[[World, World], object]
DEEDS: dict[str, tuple[Deed, type[Exception]]] = {
    "reply": (
        lambda a, b: tickets.reply(ticket_id=b.ticket, body="x", by=a.company.operator),
        access.NotFound,
    ),
    "assign their ticket": (
        lambda a, b: tickets.assign(ticket_id=b.ticket, by=a.company.operator),
        access.NotFound,
    ),
    "assign their person": (
        lambda a, b: tickets.assign(
            ticket_id=a.ticket, person=b.company.people["ann"], by=a.company.operator
        ),
        Invalid,
    ),
    "close": (
        lambda a, b: tickets.close(ticket_id=b.ticket, by=a.company.operator),
        access.NotFound,
    ),
    "open for their contact": (
        lambda a, b: tickets.open_(subject="x", contact=b.contact, by=a.company.operator),
        Invalid,
    ),
    "open for their account": (
        lambda a, b: tickets.open_(subject="x", account=b.account, by=a.company.operator),
        Invalid,
    ),
    "their manager": (
        lambda a, b: people.set_manager(
            person=a.company.people["ann"],
            manager=b.company.people["lea"],
            by=a.company.operator,
        ),
        Invalid,
    ),
    "manager of their person": (
        lambda a, b: people.set_manager(
            person=b.company.people["ann"], manager=None, by=a.company.operator
        ),
        Invalid,
    ),
    "a team of theirs": (
        lambda a, b: people.add_team(
            name="Mix", members=(b.company.people["ann"],), by=a.company.operator
        ),
        Invalid,
    ),
    "a contact of their account": (
        lambda a, b: customers.add_contact(name="x", account=b.account, by=a.company.operator),
        Invalid,
    ),
}


def all_rows(database: Database, tenant: int) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: database.rows(f"SELECT * FROM {table} WHERE tenant_id = %s ORDER BY id", tenant)
        for table in tables(database)
    }


@pytest.mark.promise("P26")
@pytest.mark.parametrize("policies", [True, False], ids=["with policies", "without policies"])
def test_actions_do_not_reach_the_other_tenant(
    database: Database, worlds: tuple[World, World], policies: bool
) -> None:
    a, b = worlds
    if not policies:
        switch_policies_off(database)
    before = all_rows(database, b.tenant)
    for deed, answer in DEEDS.values():
        with pytest.raises(answer, match=r"there is no (such thing|person|contact|account)"):
            deed(a, b)
    tickets.open_(subject="own", by=a.company.operator, key="same")
    tickets.open_(subject="own", by=b.company.operator, key="same")
    changed = {**POLICIES, "calendars": {"always": {**ALWAYS, "zone": "Europe/Stockholm"}}}
    assert sla.publish(config=changed, by=a.company.operator) == ["calendar always v2"]
    assert (
        pipelines.publish(
            key="support",
            config={
                "name": "S",
                "stages": [{"key": "a", "status": "new"}, {"key": "z", "status": "closed"}],
            },
            by=a.company.operator,
        )
        == 2
    )
    # Theirs is what it was, beside the ticket that they opened themselves.
    after = all_rows(database, b.tenant)
    for table, was in before.items():
        if table != "counter":
            assert [row for row in was if row not in after[table]] == [], table
    assert database.rows("SELECT version FROM pipeline WHERE tenant_id = %s", b.tenant) == [(1,)]


# ------------------------------------------------------------------------------------- sign-in


@pytest.mark.promise("P33")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.asvs("13.3.2")
def test_hashes_of_passwords_and_sessions_are_for_the_pages(database: Database, role: str) -> None:
    made = company()
    with session(database, role, made.tenant) as found:
        if role == "app":
            assert found.execute("SELECT password FROM person").fetchall()
            assert found.execute("SELECT session_data FROM django_session").fetchall() == []
            return
        for column in ("password", "*"):
            told = refused(found, f"SELECT {column} FROM person")
            assert "permission denied for table person" in told
        assert found.execute("SELECT name, role FROM person").fetchall()
        assert "permission denied" in refused(found, "SELECT value FROM cache")
        # The streams have to know who is signed in.
        if role == "live":
            assert found.execute("SELECT session_data FROM django_session").fetchall() == []
        else:
            assert "permission denied" in refused(found, "SELECT 1 FROM django_session")
        for statement in ("DELETE FROM django_session", "UPDATE django_session SET session_key=1"):
            assert "permission denied" in refused(found, statement)


# --------------------------------------------------------------------------------------- doors


def test_all_doors_are_listed_here(database: Database) -> None:
    found = database.rows(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    )
    assert {row[0] for row in found} == set(DOORS)


@pytest.mark.promise("P26")
@pytest.mark.asvs("13.2.2")
def test_each_role_may_execute_the_doors_meant_for_it_and_no_other(database: Database) -> None:
    found = database.rows(
        "SELECT p.proname, r.role FROM pg_proc p,"
        " unnest(%s::text[]) AS r(role) WHERE p.pronamespace = 'public'::regnamespace"
        " AND p.prosecdef AND has_function_privilege('tocsin_' || r.role, p.oid, 'EXECUTE')",
        [*ROLES, "sequencer"],
    )
    may: dict[str, set[str]] = {name: set() for name in DOORS}
    for name, role in found:
        may[name].add(role)
    assert may == DOORS


def test_each_role_may_execute_the_doors_meant_for_it(database: Database) -> None:
    for name, roles in DOORS.items():
        for role in roles:
            assert database.rows(
                "SELECT bool_and(has_function_privilege('tocsin_' || %s, oid, 'EXECUTE'))"
                " FROM pg_proc WHERE proname = %s AND pronamespace = 'public'::regnamespace",
                role,
                name,
            ) == [(True,)], (name, role)


def test_a_batch_of_due_tickets_is_of_one_tenant(
    database: Database, worlds: tuple[World, World]
) -> None:
    a, b = worlds
    database.rows("UPDATE ticket SET wake_at = decided_at + interval '1 second'")
    version = database.one("SELECT version FROM gate")
    claim = "SELECT tenant_id, ticket_id FROM pulse_claim(100, %s, %s, NULL)"
    with session(database, "pulse") as found:
        first = found.execute(claim, [0, version]).fetchall()
        second = found.execute(claim, [a.tenant, version]).fetchall()
    assert {row[0] for row in first} == {a.tenant}
    assert {row[0] for row in second} == {b.tenant}
    for tenant, batch in ((a.tenant, first), (b.tenant, second)):
        own = database.rows("SELECT tenant_id, id FROM ticket WHERE tenant_id = %s", tenant)
        assert sorted(batch) == sorted(own)


def test_a_batch_of_due_timers_is_of_one_tenant(
    database: Database, worlds: tuple[World, World]
) -> None:
    a, b = worlds
    with session(database, "pulse") as found:
        first = found.execute(_TIMERS).fetchall()
        assert {row[0] for row in first} == {a.tenant}
        # Another pulse, meanwhile, gets those of the next tenant.
        with session(database, "pulse") as other:
            second = other.execute(_TIMERS).fetchall()
    assert {row[0] for row in second} == {b.tenant}


def test_leased_messages_name_their_tenant_and_no_content(
    database: Database, worlds: tuple[World, World]
) -> None:
    with session(database, "worker") as found:
        cursor = found.execute("SELECT * FROM outbox_claim(1000, '1 minute')")
        assert cursor.description is not None
        assert [column.name for column in cursor.description] == ["tenant_id", "outbox_id", "token"]
        claimed = {(row[0], row[1]) for row in cursor.fetchall()}
    assert claimed == set(database.rows("SELECT tenant_id, id FROM outbox"))


@pytest.mark.promise("P26")
@pytest.mark.parametrize("policies", [True, False], ids=["with policies", "without policies"])
@pytest.mark.parametrize("role", ["app", "audit"])
def test_the_search_door_finds_the_own_tenants_tickets_only(
    database: Database, worlds: tuple[World, World], role: str, policies: bool
) -> None:
    a, b = worlds
    if not policies:
        switch_policies_off(database)
    find = "SELECT ticket_id FROM search_tickets(%s, 50)"
    with session(database, role, a.tenant) as found:
        assert found.execute(find, [a.words]).fetchall() == [(a.ticket,)]
        assert found.execute(find, [b.words]).fetchall() == []
        assert found.execute(find, ["broken or late or secretbolt"]).fetchall() == [(a.ticket,)]


def test_the_search_door_stays_shut_outside_a_tenant(database: Database) -> None:
    with session(database, "app") as found:
        assert "tocsin.tenant" in refused(found, "SELECT * FROM search_tickets('x', 5)")


# ------------------------------------------------------------------------------ without a tenant


def test_outside_a_tenant_the_orm_raises_before_it_asks(database: Database) -> None:
    company()
    for model in MODELS:
        with pytest.raises(NoTenant, match="with tenant"), transaction.atomic():
            model.objects.count()
        with pytest.raises(NoTenant):
            model._base_manager.count()


@pytest.mark.parametrize("role", ROLES)
def test_outside_a_tenant_raw_sql_raises_before_the_first_and_after_the_last(
    database: Database, role: str
) -> None:
    made = company()
    closed = CLOSED if role != "app" else frozenset()
    for table in [*sorted(set(tables(database)) - closed), "tenant"]:
        select = f"SELECT id FROM {table}"
        with session(database, role) as found:
            assert "tocsin.tenant" in refused(found, select)
            found.rollback()
            found.execute("SELECT enter_tenant(%s)", [made.tenant])
            found.execute(select.encode())
            found.commit()
            # The setting is there now, and empty: still an error, not zero rows.
            assert found.execute("SELECT current_setting('tocsin.tenant')").fetchall() == [("",)]
            assert "bigint" in refused(found, select)


def test_a_context_ends_with_its_transaction_and_is_not_carried_to_the_next(
    database: Database,
) -> None:
    made = company()
    with inside(made.tenant):
        assert rows.query("SELECT count(*) FROM ticket") == [(0,)]
    with pytest.raises(NoTenant):
        context.current()
    with pytest.raises(DatabaseError):
        rows.query("SELECT count(*) FROM ticket")
    connection.close()
    with pytest.raises(DatabaseError, match=r"tocsin\.tenant"):
        rows.query("SELECT count(*) FROM ticket")


def test_a_rolled_back_transaction_leaves_no_context_either(database: Database) -> None:
    made = company()

    class Stop(Exception):
        pass

    with pytest.raises(Stop), inside(made.tenant):
        raise Stop
    with pytest.raises(DatabaseError):
        rows.query("SELECT count(*) FROM ticket")


def test_a_tenant_can_be_entered_in_a_transaction_only(database: Database) -> None:
    made = company()
    with pytest.raises(NoTenant, match="transaction"), context.tenant(made.tenant):
        pytest.fail("entered")


def test_the_same_tenant_may_be_entered_again(database: Database) -> None:
    made = company()
    with inside(made.tenant), context.tenant(made.tenant):
        assert context.current() == made.tenant


def test_a_second_tenant_inside_a_first_is_refused(database: Database) -> None:
    a, b = company("acme"), company("bolt")
    with inside(a.tenant), pytest.raises(OtherTenant), context.tenant(b.tenant):
        pytest.fail("entered")


def test_a_second_tenant_is_refused_even_after_the_first_ones_block(database: Database) -> None:
    a, b = company("acme"), company("bolt")
    with transaction.atomic():
        with context.tenant(a.tenant):
            pass
        with pytest.raises(OtherTenant), transaction.atomic(), context.tenant(b.tenant):
            pytest.fail("entered")


def test_a_second_tenant_is_refused_even_after_a_released_savepoint(database: Database) -> None:
    a, b = company("acme"), company("bolt")
    with transaction.atomic():
        with transaction.atomic(), context.tenant(a.tenant):
            pass
        with pytest.raises(OtherTenant), transaction.atomic(), context.tenant(b.tenant):
            pytest.fail("entered")
        # And in bulk mode, where errors come later.
        with pytest.raises((OtherTenant, DatabaseError)), transaction.atomic():  # noqa: SIM117
            with ledger.session(b.tenant):
                pytest.fail("entered")


# ---------------------------------------------------------------------------------- the catalogue


def all_tables(database: Database) -> set[str]:
    found = database.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    )
    return {row[0] for row in found}


@pytest.mark.promise("P26")
def test_every_table_of_a_tenant_has_one_forced_policy_on_the_tenant(database: Database) -> None:
    found = database.rows(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, p.polcmd::text,"
        " p.polpermissive,"
        " p.polroles = '{0}', pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)"
        " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polpermissive"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        " ORDER BY 1"
    )
    walled = [row for row in found if row[0] not in WITHOUT_TENANT]
    assert {row[0] for row in walled} == {*tables(database), "tenant"}
    for table, *rest in walled:
        column = "id" if table == "tenant" else "tenant_id"
        wall = f"({column} = current_tenant())"
        assert rest == [True, True, "*", True, True, wall, wall], table


@pytest.mark.promise("P26", "A28")
def test_every_table_about_tickets_shows_a_narrow_reader_those_in_reach_only(
    database: Database,
) -> None:
    found = database.rows(
        "SELECT c.relname, p.polcmd::text, p.polroles = ARRAY['tocsin_within'::regrole::oid]"
        " FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
        " WHERE NOT p.polpermissive AND p.polname LIKE '%%_in_reach' ORDER BY 1"
    )
    about = database.rows(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = 'ticket_id'"
    )
    named = {row[0] for row in about} | {"ticket", "event", "event_content", "delivery_attempt"}
    assert {row[0] for row in found} == named
    assert {row[1:] for row in found} == {("*", True)}
    # It writes nothing, whatever it sees.
    writes = database.rows(
        "SELECT table_name FROM information_schema.role_table_grants"
        " WHERE grantee = 'tocsin_within' AND privilege_type <> 'SELECT'"
    )
    assert writes == []


def test_what_has_no_tenant_is_there_and_has_no_policy(database: Database) -> None:
    assert all_tables(database) >= WITHOUT_TENANT
    assert all_tables(database) == WITHOUT_TENANT | set(tables(database)) | {"tenant"}


@pytest.mark.promise("P26")
def test_every_column_that_points_at_a_tenants_table_is_a_key_with_the_tenant_in_it(
    database: Database,
) -> None:
    keyed = {(table, column, to) for _, table, column, to in keys_between_tables(database)}
    declared = {
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in MODELS
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model in MODELS
    }
    assert keyed == declared
    # A stream's id is of one of many kinds: the kind says which.
    columns = database.rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name LIKE '%%\\_id' AND table_name = ANY(%s)"
        " AND column_name NOT IN ('tenant_id', 'external_id', 'stream_id')",
        tables(database),
    )
    assert {(table, column) for table, column in columns} == {key[:2] for key in keyed}
    firsts = database.rows(
        "SELECT DISTINCT a.attname, f.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]"
        " WHERE c.contype = 'f' AND cardinality(c.conkey) = 2"
    )
    assert firsts == [("tenant_id", "tenant_id")]


def test_every_unique_constraint_of_a_tenants_table_includes_the_tenant(database: Database) -> None:
    found = database.rows(
        "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " WHERE i.indisunique AND NOT i.indisprimary AND c.relname = ANY(%s)"
        " AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
        " AND a.attname = 'tenant_id' AND a.attnum = ANY(i.indkey))",
        tables(database),
    )
    assert found == []


def test_only_doors_run_with_their_owners_rights_and_each_has_a_fixed_search_path(
    database: Database,
) -> None:
    found = database.rows(
        "SELECT proname, proconfig, pg_get_userbyid(proowner), EXISTS (SELECT FROM"
        " aclexplode(COALESCE(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0)"
        " FROM pg_proc WHERE prosecdef AND pronamespace NOT IN"
        " ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
    )
    assert {row[0] for row in found} == set(DOORS)
    for name, config, owner, public in found:
        assert config == ["search_path=pg_catalog, public"], name
        assert (owner, public) == ("tocsin_owner", False), name
    # Nor is any other function open to everybody.
    assert (
        database.rows(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND has_function_privilege('public', oid, 'EXECUTE')"
        )
        == []
    )


def test_only_the_doors_owner_and_migrate_pass_the_policies_and_nobody_logs_in_as_them(
    database: Database,
) -> None:
    found = database.rows(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'tocsin%%' AND (rolbypassrls OR rolsuper)"
    )
    assert sorted(row[0] for row in found) == ["tocsin_migrate", "tocsin_owner"]
    logins = database.rows(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'tocsin%%' AND rolcanlogin"
    )
    assert logins == [("tocsin",)]


def test_the_migrations_are_complete(database: Database) -> None:
    # Exits with 1 if a model has something that no migration makes.
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
