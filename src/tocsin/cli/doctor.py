"""`tocsin doctor`: looks at what can be wrong with an installation, and says what to do."""

import argparse
import os
import platform
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.db import DatabaseError
from rich.table import Table
from rich.text import Text

from tocsin.actions.installation import Finding, State, findings
from tocsin.cli import db, keys
from tocsin.cli.report import wide_console
from tocsin.kit import database, machine_clock, timezone_data
from tocsin.kit.invalid import Invalid
from tocsin.queries import health
from tocsin.queries.health import Health

_COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}
_LEAST_PYTHON = (3, 11)


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor", help="check the installation and say what to do"
    )
    db.add_data(parser)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Print a table of what was found; 1 when something has failed."""
    found = [_python(), _zones(), *_own_server(given), *_database(given)]
    table = Table("what", "state", "found")
    for finding in found:
        state = Text(str(finding.state), style=_COLOURS[finding.state])
        table.add_row(finding.subject, state, finding.told)
    wide_console().print(table)
    return 1 if any(finding.state is State.FAIL for finding in found) else 0


def clock(gap: float) -> Finding:
    """Judge by how many seconds the machine's clock is ahead of the database's."""
    told = f"this machine is {abs(gap):.1f} s {'ahead of' if gap > 0 else 'behind'} the database"
    if abs(gap) <= 2:
        return Finding("clock", State.OK, told)
    advice = "; only the database's counts, but let both follow a time server"
    return Finding("clock", State.FAIL if abs(gap) > 30 else State.WARN, told + advice)


def parts(found: Health) -> Iterator[Finding]:
    """Judge who beats, who acts, and what the watchman found."""
    for name, beat, well, ill in (
        ("pulse", found.pulse_beat, found.beats, "deadlines are not watched"),
        ("worker", found.worker_beat, found.works, "messages do not leave"),
        ("watchman", found.watch_beat, found.is_watched, "nobody watches over the pulse"),
    ):
        if well:
            yield Finding(name, State.OK, "gives signs of life")
        elif beat is None:
            yield Finding(
                name, State.WARN, f"does not run; `tocsin up` starts it, until then {ill}"
            )
        else:
            told = f"has stopped, its last sign of life is of {beat:%Y-%m-%d %H:%M:%S} UTC: {ill}"
            yield Finding(name, State.FAIL, told)
    if found.doubts:
        told = (
            f"the pulse: {found.trust}; if the jump was meant, say so under Settings › Self-audit"
        )
        yield Finding("clocks", State.FAIL, told)
    for one in found.findings:
        seen = f"{one.finding.sentence} (seen first at {one.first_at:%Y-%m-%d %H:%M} UTC)"
        whose = "" if one.finding.tenant == 0 else f"tenant {one.finding.tenant}: "
        yield Finding("watchman", State.FAIL, whose + seen)
    failed = found.heartbeat.get("failed")
    if failed:
        yield Finding("heartbeat", State.FAIL, f"did not leave: {failed}")


def folder(data: Path) -> Finding:
    """Judge the data directory of the embedded server, without starting it."""
    try:
        if not data.exists():
            return Finding("data", State.WARN, f"{data} does not exist yet; `tocsin up` makes it")
        found = data.stat()
        version = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except PermissionError:
        told = f"{data} belongs to another user; run this as that user or as root"
        return Finding("data", State.WARN, told)
    except OSError as error:
        told = f"{data} is no PostgreSQL data directory ({error.strerror}); choose another --data"
        return Finding("data", State.FAIL, told)
    if found.st_uid == 0:
        return Finding("data", State.FAIL, f"{data} belongs to root, whom PostgreSQL refuses")
    if stat.S_IMODE(found.st_mode) & 0o077:
        told = f"{data} is open to other users; chmod 700 closes it"
        return Finding("data", State.FAIL, told)
    return Finding("data", State.OK, f"{data}, of PostgreSQL {version}, closed to other users")


def _sealed() -> Finding:
    from tocsin.actions import secrets  # noqa: PLC0415  # only now Django knows its settings

    found = secrets.look()
    if not found.counted:
        return Finding("secrets", State.OK, "nothing is sealed")
    if not os.environ.get(keys.KEY):
        return Finding("secrets", State.WARN, f"{keys.KEY} is not set here: what opens is unknown")
    if found.missing:
        return Finding("secrets", State.FAIL, keys.lacking(found.missing))
    old = sum(count for (_, key), count in found.counted.items() if key != found.today)
    if old:
        told = f"{old} sealed with a key before today's; `tocsin secrets rotate` seals them anew"
        return Finding("secrets", State.WARN, told)
    return Finding("secrets", State.OK, f"all sealed with today's key {found.today}")


def _python() -> Finding:
    state = State.OK if sys.version_info >= _LEAST_PYTHON else State.FAIL
    return Finding("Python", state, f"{platform.python_version()} (3.11 or newer is needed)")


def _zones() -> Finding:
    told = f"tz database {timezone_data.VERSION}, pinned; that of the machine is not read"
    return Finding("time zones", State.OK, told)


def _own_server(given: argparse.Namespace) -> Iterator[Finding]:
    if os.environ.get(database.ADDRESS):
        yield Finding("programs", State.OK, "not needed: DATABASE_URL names a server")
        return
    try:
        own = db.server(given)
    except Invalid as error:
        yield Finding("programs", State.FAIL, str(error))
        return
    yield Finding("programs", State.OK, f"PostgreSQL {own.version()} of the wheel")
    yield folder(own.data)


def _database(given: argparse.Namespace) -> Iterator[Finding]:
    try:
        url = db.address(given)
        keys.take(db.place(given), os.environ)
        db.use_django(url, "app")
        with psycopg.connect(**database.parameters(url, "app")) as found:  # type: ignore[arg-type]  # all are texts
            before = machine_clock.wall().timestamp()
            row = found.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
            after = machine_clock.wall().timestamp()
    except (Invalid, psycopg.OperationalError) as error:
        yield Finding("database", State.FAIL, " ".join(str(error).split()))
        return
    if row is not None:
        # The answer was made somewhere between; the middle is the best guess.
        yield clock((before + after) / 2 - row[0])
    yield from findings(url)
    try:
        yield _sealed()
        yield from parts(health.look())
    except DatabaseError as error:
        yield Finding("parts", State.FAIL, " ".join(str(error).split()))
