"""`tocsin demo`: everything that `tocsin up` starts, and two invented companies at work in it."""

import argparse
import json
import os
import secrets
import shutil
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from tocsin.cli import db, up
from tocsin.cli.demonstration import building, cast, kept
from tocsin.cli.demonstration.kept import Kept
from tocsin.cli.demonstration.post import Post
from tocsin.kit import database
from tocsin.kit.invalid import Invalid
from tocsin.kit.processes import Part

# A demo this old has little left around now.
_OLD = timedelta(days=2)
_MARK = "made-by-tocsin-demo"
_MARKED = "What is in this directory was made by `tocsin demo`, which may also remove it.\n"
_OWN = (kept.NAME, kept.READY, kept.SCHEMA, "secret_key", "mail", "postgresql")


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "demo",
        help="start a living desk to look at",
        description="Start everything as `tocsin up` does, over a data directory of its own with "
        "two invented companies: three weeks of history, tickets in every state around now, and a "
        "customer who goes on writing. Within a minute a promise breaks and its ticket escalates.",
    )
    up.add_ports(parser)
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="where the demo keeps its data (as up, and -demo)"
    )
    parser.add_argument("--fresh", action="store_true", help="remove an earlier demo, begin anew")
    parser.add_argument("--size", type=float, default=1.0, help=argparse.SUPPRESS)
    parser.add_argument("--part", choices=sorted(_PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--company", choices=cast.COMPANIES, help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Start the demo; or be one of the processes that it starts."""
    given.data = given.data or Path(f"{db.place(given)}-demo")
    if given.part:
        return _part(given)
    return up.start(given, Demo(given))


def _part(given: argparse.Namespace) -> int:
    post = None
    if given.part == "customer":
        # Before all else: the worker is about to knock.
        post = Post(int(os.environ["TOCSIN_PORT"]), given.data / "mail")
        post.start()
    db.use_django(database.address(), os.environ.get(database.ROLE, "app"))
    # What these need exists only once Django knows its settings.
    from tocsin.cli.demonstration import playing  # noqa: PLC0415

    try:
        return playing.PARTS[given.part](db.place(given), given.company)
    finally:
        if post is not None:
            post.stop()


_PARTS = ("build", "confide", "customer", "letters", "order")


class Demo(up.More):
    """What the demo adds: a history before the parts start, and a customer beside them."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given, self._place = given, db.place(given)
        self._post = _free_port()
        # Never the mail server of a real installation, whatever the environment says.
        sender = f"smtp://127.0.0.1:{self._post}?from=desk@demo.example"
        self.environment: Mapping[str, str] = {"TOCSIN_SMTP_URL": sender}
        self._now: datetime | None = None

    def begin(self) -> None:
        """Make the data directory, anew if that was asked for; refuse one that is not ours."""
        place, own = self._place, not os.environ.get(database.ADDRESS)
        if self._given.fresh and not own:
            told = "removes only a database of the demo's own; empty that of DATABASE_URL yourself"
            raise Invalid("--fresh", told)
        if place.exists() and any(place.iterdir()) and not (place / _MARK).exists():
            told = "holds what the demo did not make; name another directory with --data"
            raise Invalid(str(place), told)
        there = own and (place / "postgresql").exists()
        half = there and kept.read(place) is None
        # Its past was decided by other rules, over other tables: nothing in it is worth mending.
        other = there and not half and not kept.is_of_this_version(place)
        if half and not self._given.fresh:
            up.say("demo", "an earlier start was interrupted; beginning anew")
        if other and not self._given.fresh:
            up.say("demo", "this desk was made by another version; beginning anew")
        if half or other or self._given.fresh:
            self._remove()
        place.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        (place / _MARK).write_text(_MARKED, encoding="utf-8")
        (place / kept.READY).unlink(missing_ok=True)

    def _remove(self) -> None:
        server = db.server(self._given)
        if server.is_running():
            # One that was left behind is taken over; that of another demo at work is refused.
            server.start()
            server.stop()
        for name in _OWN:
            path = self._place / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def check(self, url: str) -> None:
        """Refuse a database that is neither empty nor this demo's."""
        self._now, tenants = _looked(url)
        others = sorted(set(tenants) - set(cast.COMPANIES))
        if others:
            told = f"holds a real desk ({', '.join(others)}); the demo needs an empty database"
            raise Invalid(database.ADDRESS, told)
        known = kept.read(self._place)
        if tenants and (known is None or known.tenants() != tenants):
            told = (
                "holds a demo that was interrupted, or was made from another data directory; "
                "empty it, or name that directory with --data"
            )
            raise Invalid(database.ADDRESS, told)
        if not tenants:
            (self._place / kept.NAME).unlink(missing_ok=True)

    def prepare(self, url: str) -> None:
        """Build the companies, if they are not there yet."""
        assert self._now is not None  # looked at in `check`
        if kept.read(self._place) is not None:
            return
        password = _password()
        # A crash in the middle is begun anew, so no step of it waits for the disk.
        fast = psycopg.conninfo.make_conninfo(url, options="-c synchronous_commit=off")
        told = {
            building.NOW: self._now.isoformat(),
            building.PASSWORD: password,
            building.SIZE: str(self._given.size),
        }
        jobs = {
            one.key: (
                one.data["name"],
                self._command("build", "--company", one.key),
                up.environment(self._given, fast, "pulse") | told,
            )
            for one in cast.companies()
        }
        made = building.companies(jobs)
        for key, one in made.items():
            env = up.environment(self._given, fast, "app") | told | {building.MADE: json.dumps(one)}
            building.quietly(self._command("confide", "--company", key), env)
        building.quietly(self._command("letters"), up.environment(self._given, fast, "worker"))
        # Else the watchman finds three weeks of events that nobody has ordered.
        building.quietly(self._command("order"), up.environment(self._given, fast, "sequencer"))
        kept.note_schema(self._place)
        kept.write(self._place, Kept.new(made, password=password, now=self._now))

    def parts(self, url: str) -> Sequence[Part]:
        """Return the customer."""
        env = up.environment(self._given, url, "app", self._post)
        return [Part("customer", self._command("customer"), env)]

    def _command(self, part: str, *more: str) -> list[str]:
        return [*up.SELF, "demo", "--part", part, *more, "--data", str(self._place)]

    def ready(self) -> None:
        """Say what there is to see, and raise the curtain."""
        known = kept.read(self._place)
        assert known is not None  # written before the parts were started
        for one in cast.companies():
            up.say("demo", f"{one.data['name']}: http://{up.HOST}:{self._given.port}/t/{one.key}/")
            for what, who in one.data["sign_in"].items():
                up.say("demo", f"  {what:13} {one.address(who)}{cast.note_on(one, what)}")
        up.say("demo", f"password of all of them: {known.password}")
        up.say("demo", f"letters are not sent but kept in {self._place / 'mail'}")
        if self._now is not None and self._now - known.made_at > _OLD:
            days = (self._now - known.made_at).days
            up.say("demo", f"this desk is {days} days old; `tocsin demo --fresh` makes a new one")
        up.say("demo", "Ctrl-C stops it; `tocsin demo --fresh` removes it and begins anew")
        (self._place / kept.READY).touch()


def _looked(url: str) -> tuple[datetime, dict[str, int]]:
    """Return the database's clock and its tenants by key; none where there are no tables yet."""
    with psycopg.connect(**database.parameters(url, "app")) as found:  # type: ignore[arg-type]  # all are texts
        row = found.execute("SELECT clock_timestamp(), to_regprocedure('tenant_list()')").fetchone()
        assert row is not None
        listed = found.execute("SELECT key, tenant_id FROM tenant_list()") if row[1] else ()
        return row[0], {str(key): int(id_) for key, id_ in listed}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((up.HOST, 0))
        return int(probe.getsockname()[1])


def _password() -> str:
    """Return a password that can be said aloud, made anew so that no other desk has it."""
    syllable = (secrets.choice("bdfgklmnprstv") + secrets.choice("aeiou") for _ in range(8))
    return "-".join("".join(next(syllable) for _ in range(4)) for _ in range(2))
