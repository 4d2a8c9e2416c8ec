"""Making the database ready: roles, the database itself, tables; and whether all of it holds."""

import io
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tocsin.kit import database
from tocsin.kit.invalid import Invalid

LOGIN = "tocsin"
DATABASE = "tocsin"
LEAST_SERVER = 150_000
# Django's own tables and the pulse's: they hold nothing of a tenant.
WITHOUT_TENANT = frozenset(
    {
        *("django_migrations", "django_content_type"),
        *("auth_group", "auth_group_permissions", "auth_permission"),
        *("django_session", "cache", "account_emailaddress", "account_emailconfirmation"),
        *("gate", "batch", "beat", "rate_limit"),
        # What allauth keeps hangs on people, who have a tenant; its providers are ours.
        *("mfa_authenticator", "socialaccount_socialaccount"),
        *("socialaccount_socialapp", "socialaccount_socialtoken"),
    }
)


class State(StrEnum):
    """How a finding of the doctor stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do if it is not as it should be."""

    subject: str
    state: State
    told: str


def _script(name: str, login: str, name_of_database: str) -> str:
    text = (resources.files("tocsin.records") / "sql" / name).read_text(encoding="utf-8")
    return text.replace("{login}", login).replace("{database}", name_of_database)


def script(login: str = LOGIN, name: str = DATABASE) -> str:
    """Return the SQL that a database administrator runs instead of `initialise`, for psql."""
    return (
        f"{_script('roles.sql', login, name)}\n"
        f'CREATE DATABASE "{name}" OWNER tocsin_migrate;\n'
        f'\\connect "{name}"\n'
        f"{_script('grants.sql', login, name)}"
    )


def initialise(admin_url: str, *, login: str = LOGIN, name: str = DATABASE) -> str:
    """Make the roles, the database and the rights in it; all of it may be there already.

    `admin_url` is an address with a superuser's rights. Returns the address for the processes.
    """
    with psycopg.connect(admin_url, autocommit=True) as admin:
        if admin.info.server_version < LEAST_SERVER:
            told = f"is PostgreSQL {admin.info.server_version // 10_000}; Tocsin needs 15 or newer"
            raise Invalid(database.ADDRESS, told)
        admin.execute(_script("roles.sql", login, name).encode())
        found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if found is None:
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER tocsin_migrate").format(sql.Identifier(name))
            )
    within = make_conninfo(admin_url, dbname=name)
    with psycopg.connect(within, autocommit=True) as admin:
        admin.execute(_script("grants.sql", login, name).encode())
    kept = {k: v for k, v in conninfo_to_dict(within).items() if k not in ("user", "password")}
    return make_conninfo("", **{**kept, "user": login})


def pending() -> bool:
    """Say whether this process's database lacks a migration."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> str:
    """Bring the tables to this version (as role `migrate`); returns what was done, as text."""
    told = io.StringIO()
    call_command("migrate", interactive=False, verbosity=1, stdout=told, no_color=True)
    return told.getvalue()


def findings(url: str) -> list[Finding]:
    """Look at the database of `url` as role `app` and say what is as it should be and what not."""
    try:
        with psycopg.connect(**database.parameters(url, "app")) as found:  # type: ignore[arg-type]  # all are texts
            return [
                *_about_server(found),
                _about_tables(found),
                _about_migrations(),
            ]
    except psycopg.OperationalError as error:
        told = f"cannot be reached: {str(error).strip()}; is the server running (tocsin up)?"
        return [Finding("database", State.FAIL, told)]


def _about_server(found: psycopg.Connection) -> list[Finding]:
    version = found.info.server_version
    state = State.OK if version >= LEAST_SERVER else State.FAIL
    told = f"PostgreSQL {version // 10_000}.{version % 10_000}"
    server = Finding("server", state, told if state is State.OK else f"{told}; needs 15 or newer")
    row = found.execute("SHOW fsync").fetchone()
    fsync = row is not None and row[0] == "on"
    advice = "on" if fsync else "off: a power cut can lose what was promised; turn it on"
    return [server, Finding("fsync", State.OK if fsync else State.FAIL, advice)]


def open_tables(found: psycopg.Connection) -> list[str]:
    """Return the tables that hold rows of tenants and whose policy is missing or not forced."""
    rows = found.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p')"
        " AND c.relnamespace = 'public'::regnamespace AND c.relname <> ALL(%s)"
        " AND NOT (c.relrowsecurity AND c.relforcerowsecurity"
        " AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))"
        " ORDER BY 1",
        [sorted(WITHOUT_TENANT)],
    ).fetchall()
    return [str(row[0]) for row in rows]


def _about_tables(found: psycopg.Connection) -> Finding:
    bare = open_tables(found)
    if bare:
        told = f"without a forced policy: {', '.join(bare)}; run `tocsin db migrate`"
        return Finding("tenants", State.FAIL, told)
    return Finding("tenants", State.OK, "every table of a tenant has its forced policy")


def _about_migrations() -> Finding:
    if pending():
        return Finding("tables", State.FAIL, "are of an older version; run `tocsin db migrate`")
    return Finding("tables", State.OK, "are of this version")
