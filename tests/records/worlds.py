"""Two tenants with the same shape of data, a row in every table, and connections in every role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from tests.desk import Company, Database, at, company

from tocsin.actions import customers, tickets
from tocsin.actions.installation import WITHOUT_TENANT
from tocsin.kit import database as kit
from tocsin.queries import access

ROLES = ("app", "pulse", "worker", "live", "audit", "watchman")


@dataclass(frozen=True)
class World:
    """A company in which every table has a row."""

    company: Company
    account: int
    contact: int
    ticket: int
    words: str

    @property
    def tenant(self) -> int:
        return self.company.tenant


def world(key: str) -> World:
    """Make a company with an account, a contact and a ticket that was overdue, twice."""
    made = company(key, now=at("2026-03-01 08:00"))
    by = made.operator
    account = customers.add_account(name=f"Customer of {key}", by=by, now=at("2026-03-01 08:10"))
    contact = customers.add_contact(
        name="Cara", email=f"cara@{key}.example", account=account, by=by, now=at("2026-03-01 08:10")
    )
    ticket = made.open(
        subject=f"secret{key}",
        contact=contact,
        team="Service desk",
        fields={"colour": f"of {key}"},
        now=at("2026-03-02 09:00"),
    )
    ann = made.person("ann")
    tickets.assign(
        ticket_id=ticket, person=ann.person, team="Service desk", by=ann, now=at("2026-03-02 09:01")
    )
    # A minute after the due instant it is told at once; days later it goes into a digest.
    tickets.note(ticket_id=ticket, body="late", by=ann, now=at("2026-03-02 10:01"))
    tickets.note(ticket_id=ticket, body="later", by=ann, now=at("2026-03-05 10:00"))
    return World(made, account, contact, ticket, f"secret{key}")


def two_worlds(database: Database) -> tuple[World, World]:
    """Make two worlds; a part of each one's events has its place in the order, a part waits."""
    a, b = world("acme"), world("bolt")
    database.rows("SELECT sequence_events(100000)")
    for made in (a, b):
        made.company.open(subject="one more", now=at("2026-03-06 09:00"))
        database.rows(
            "INSERT INTO imported (tenant_id, ticket_id, source, external_id, imported_at)"
            " VALUES (%s, %s, 'csv', '1', now())",
            made.tenant,
            made.ticket,
        )
        _beside(database, made)
    return a, b


def _beside(database: Database, made: World) -> None:
    """Put a row into the tables of the configuration and of the audit."""
    for statement in (
        "INSERT INTO config_version (tenant_id, kind, key, version, data, valid_from, digest)"
        " VALUES (%s, 'options', 'desk', 1, '{}', now(), 'x')",
        "INSERT INTO draft (tenant_id, kind, key, data, base, changed_at, author_id)"
        " SELECT %s, 'policy', 'one', '{}', 0, now(), min(p.id) FROM person p"
        f" WHERE p.tenant_id = {made.tenant}",
        "INSERT INTO audit_run (tenant_id, started_at, finished_at, by, tickets, clocks,"
        " violations, differences, sample) VALUES (%s, now(), now(), 'x', 1, 1, 1, 0, '[]')",
        "INSERT INTO restatement (tenant_id, ticket_id, event_id, clock, was, now, reason,"
        f" restated_at) SELECT %s, {made.ticket}, min(e.id), 'SLA/x#1', 'met', 'breached', 'late',"
        f" now() FROM event e WHERE e.tenant_id = {made.tenant}",
        "INSERT INTO escalation (tenant_id, ticket_id, number, path, path_version, trigger, reason,"
        " clock, begun_at, level, next_step, acknowledged_by, ended)"
        f" VALUES (%s, {made.ticket}, 1, 'x', 1, 'by hand', '', '', now(), '', '', '', '')",
        f"INSERT INTO participant (tenant_id, ticket_id, person_id, added_at) {_someone(made)}",
        f"INSERT INTO snooze (tenant_id, ticket_id, person_id, until) {_someone(made)}",
        "INSERT INTO on_call_override (tenant_id, schedule, person_id, author_id, begins_at,"
        " ends_at, made_at) SELECT %s, 'x', min(p.id), min(p.id), now(), now() + interval '1 h',"
        f" now() FROM person p WHERE p.tenant_id = {made.tenant}",
        "INSERT INTO absence (tenant_id, person_id, substitute_id, begins_at, ends_at, note,"
        " made_at) SELECT %s, min(p.id), max(p.id), now(), now() + interval '1 h', '', now()"
        f" FROM person p WHERE p.tenant_id = {made.tenant}",
        "INSERT INTO contact_method (tenant_id, person_id, channel, address, position,"
        " critical_only, added_at) SELECT %s, min(p.id), 'sms', '+4670', 0, true, now()"
        f" FROM person p WHERE p.tenant_id = {made.tenant}",
        "INSERT INTO provider (tenant_id, channel, name, settings, secret, enabled, position,"
        " changed_at, told) VALUES (%s, 'sms', 'x', '{}', '', true, 0, now(), '')",
        "UPDATE outbox SET provider_id = (SELECT min(p.id) FROM provider p"
        " WHERE p.tenant_id = outbox.tenant_id) WHERE tenant_id = %s",
        "INSERT INTO delivery_attempt (tenant_id, outbox_id, attempt, at, outcome, told)"
        " SELECT %s, min(o.id), 1, now(), 'sent', '' FROM outbox o"
        f" WHERE o.tenant_id = {made.tenant}",
        "INSERT INTO permission_set (tenant_id, key, name, rights, reach, teams, types, changed_at)"
        " VALUES (%s, 'x', 'X', '[]', 'own', '[]', '[]', now())",
        "INSERT INTO permission_grant (tenant_id, person_id, permission_set_id, granted_at)"
        " SELECT s.tenant_id, min(p.id), s.id, now() FROM permission_set s JOIN person p"
        " ON p.tenant_id = s.tenant_id WHERE s.tenant_id = %s GROUP BY s.tenant_id, s.id",
        "INSERT INTO field_rule (tenant_id, name, readers, writers, changed_at)"
        " VALUES (%s, 'salary', '[]', '[]', now())",
        "INSERT INTO network_rule (tenant_id, holder, network, changed_at)"
        " VALUES (%s, 'x', '192.0.2.0/24', now())",
        "INSERT INTO security (tenant_id, changed_at) VALUES (%s, now())",
        f"INSERT INTO read_mark (tenant_id, ticket_id, person_id, read_at) {_someone(made)}",
        "INSERT INTO export (tenant_id, person_id, what, query, reason, asked_at)"
        " SELECT %s, min(p.id), 'x', '', '', now() FROM person p"
        f" WHERE p.tenant_id = {made.tenant}",
        "INSERT INTO sign_in (tenant_id, person_id, session_key, means, address, agent, begun_at,"
        " seen_at, proved_at) SELECT %s, min(p.id), 'x', 'password', '', '', now(), now(), now()"
        f" FROM person p WHERE p.tenant_id = {made.tenant}",
        "INSERT INTO one_time_link (tenant_id, person_id, purpose, token_hash, made_at, expires_at)"
        " SELECT %s, min(p.id), 'invitation', 'x', now(), now() + interval '1 h' FROM person p"
        f" WHERE p.tenant_id = {made.tenant}",
        "INSERT INTO api_token (tenant_id, person_id, name, prefix, token_hash, scopes, made_by_id,"
        " made_at, expires_at) SELECT %s, min(p.id), 'x', 'x', 'x', '[]', min(p.id), now(),"
        f" now() + interval '1 h' FROM person p WHERE p.tenant_id = {made.tenant}",
        "INSERT INTO identity_provider (tenant_id, key, name, kind, settings, secret, groups,"
        " enabled, by_email, changed_at) VALUES (%s, 'x', 'X', 'oidc', '{}', '', '{}', true, false,"
        " now())",
    ):
        database.rows(statement, made.tenant)


def _someone(made: World) -> str:
    """Return the rest of a statement that gives the ticket a person, and an instant."""
    return (
        f"SELECT %s, {made.ticket}, min(p.id), now() FROM person p"
        f" WHERE p.tenant_id = {made.tenant}"
    )


def tables(database: Database) -> list[str]:
    """Return the tables with rows of tenants, as the catalogue has them."""
    found = database.rows(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = 'tenant_id' ORDER BY 1"
    )
    return [str(row[0]) for row in found if row[0] not in WITHOUT_TENANT]


def keys_between_tables(database: Database) -> list[tuple[str, str, str, str]]:
    """Return the foreign keys that include the tenant: name, table, column, where it points."""
    return [
        (str(name), str(table), str(column), str(to))
        for name, table, column, to in database.rows(
            "SELECT c.conname, t.relname, a.attname, f.relname FROM pg_constraint c"
            " JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]"
            " WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 ORDER BY 2, 3"
        )
    ]


def switch_policies_off(database: Database) -> None:
    """Take the second wall away, as only a superuser can."""
    for table in [*tables(database), "tenant"]:
        database.rows(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


@contextmanager
def session(
    database: Database, role: str, tenant: int | None = None
) -> Iterator[psycopg.Connection]:
    """Give a connection in a role, in a transaction, inside a tenant if one is named."""
    parameters: dict[str, Any] = dict(kit.parameters(database.url, role))
    with psycopg.connect(**parameters) as found:
        if tenant is not None:
            found.execute("SELECT enter_tenant(%s)", [tenant])
        yield found
        found.rollback()


def customer(made: World) -> access.Actor:
    """Return the world's contact as an actor."""
    return access.contact(made.tenant, made.contact)
