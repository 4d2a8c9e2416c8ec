"""`tocsin db`: make the database ready; and where the database of a command is."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import psycopg

from tocsin.kit import database
from tocsin.kit.embedded import SUPERUSER, Server
from tocsin.kit.invalid import Invalid

DATA = "TOCSIN_DATA"
LEAST_SERVER = 150_000


def add_to(commands: Any) -> None:
    """Add the commands to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser("db", help="make the database ready")
    deeds = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    init = deeds.add_parser(
        "init",
        help="make the roles and the database on a server of your own",
        description="Make the roles, the database and the rights in it; nothing is harmed when "
        "they are there already. `tocsin up` does this by itself for its own server.",
    )
    init.add_argument("--admin-url", metavar="URL", help="an address with a superuser's rights")
    init.add_argument("--print", action="store_true", help="only print the SQL, for psql")
    add_data(init)
    init.set_defaults(run=run_init)
    migrate = deeds.add_parser("migrate", help="bring the tables to this version")
    add_data(migrate)
    migrate.set_defaults(run=run_migrate)


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option for the directory of the embedded server."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help=f"where Tocsin keeps its data ({_usual_place()}, or what {DATA} says)",
    )


def place(given: argparse.Namespace) -> Path:
    """Return the directory for data: the one given, that of the environment, or the usual one."""
    named = given.data or os.environ.get(DATA)
    return (Path(named) if named else _usual_place()).absolute()


def server(given: argparse.Namespace) -> Server:
    """Return the embedded server of the data directory; it need not run."""
    return Server(place(given) / "postgresql")


def address(given: argparse.Namespace) -> str:
    """Return the address for Tocsin's processes: DATABASE_URL, or that of the running server."""
    if os.environ.get(database.ADDRESS):
        return database.address()
    from tocsin.actions import installation  # noqa: PLC0415  # Django takes a while

    own = _running(given)
    return own.url(installation.LOGIN, installation.DATABASE)


def check(url: str) -> None:
    """Refuse a database that does not answer, lacks our roles, or is too old."""
    try:
        with psycopg.connect(**database.parameters(url, "app")) as found:  # type: ignore[arg-type]  # all are texts
            version = found.info.server_version
    except psycopg.OperationalError as error:
        said = " ".join(str(error).split())
        told = f"cannot be used: {said} (`tocsin db init` makes roles and database where they lack)"
        raise Invalid(database.ADDRESS, told) from None
    if version < LEAST_SERVER:
        told = f"is PostgreSQL {version // 10_000}; Tocsin needs 15 or newer"
        raise Invalid(database.ADDRESS, told)


def use_django(url: str, role: str) -> None:
    """Let this process speak to the database through Django, in a role."""
    os.environ.update({database.ADDRESS: url, database.ROLE: role})
    # By name: the command line does not know the site.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.site.settings")
    import django  # noqa: PLC0415  # it takes a while, and few commands need it

    django.setup()


def run_init(given: argparse.Namespace) -> int:
    """Make the roles and the database, or print how."""
    from tocsin.actions import installation  # noqa: PLC0415  # Django takes a while

    if given.print:
        sys.stdout.write(installation.script())
        return 0
    if not given.admin_url and os.environ.get(database.ADDRESS):
        told = "is needed for the server of DATABASE_URL; or use --print, and give a DBA the SQL"
        raise Invalid("--admin-url", told)
    admin = given.admin_url or _running(given).url(SUPERUSER, SUPERUSER)
    try:
        url = installation.initialise(admin)
    except psycopg.Error as error:
        raise Invalid("--admin-url", f"cannot be used: {' '.join(str(error).split())}") from None
    sys.stdout.write(
        f"The roles and the database are there. Next:\n\n  export DATABASE_URL='{url}'\n"
        "  tocsin db migrate\n\nIf the server asks for passwords, give the login one and add it.\n"
    )
    return 0


def run_migrate(given: argparse.Namespace) -> int:
    """Bring the tables to this version."""
    url = address(given)
    check(url)
    use_django(url, "migrate")
    from tocsin.actions import installation  # noqa: PLC0415  # only now Django knows its settings

    told = installation.migrate() if installation.pending() else "The tables are of this version.\n"
    sys.stdout.write(told)
    return 0


def _running(given: argparse.Namespace) -> Server:
    own = server(given)
    if not own.is_running():
        told = f"is not set, and no server of ours runs in {own.data} (`tocsin up` starts one)"
        raise Invalid(database.ADDRESS, told)
    return own


def _usual_place() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/tocsin")
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "tocsin"
