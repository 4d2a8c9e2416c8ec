"""`tocsin secrets`: what lies sealed in the database, and the key that it is sealed with."""

import argparse
import os
import sys
from collections.abc import Iterable
from typing import Any

from rich.table import Table

from tocsin.cli import db, keys
from tocsin.cli.report import wide_console
from tocsin.kit.invalid import Invalid

_MOST_KEYS = 4


def add_to(commands: Any) -> None:
    """Add the commands to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "secrets",
        help="look at what is sealed, and change the key",
        description="Secrets of providers and of second factors lie in the database sealed with "
        f"{keys.KEY}. Changing that key: new-key, start everything again, rotate, drop-old.",
    )
    deeds = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    check = deeds.add_parser("check", help="say what is sealed, with which keys; 1 when one lacks")
    check.add_argument("--quiet", action="store_true", help="only say what is wrong")
    rotate = deeds.add_parser("rotate", help="seal everything anew with the key of today")
    forget = deeds.add_parser("forget", help="take away what is sealed with a key that is lost")
    forget.add_argument("key", help="the name of the key, as check says it")
    new = deeds.add_parser(
        "new-key", help="make a new key in the data directory; the old ones stay"
    )
    drop = deeds.add_parser(
        "drop-old", help="remove the old keys, once nothing is sealed with them"
    )
    for one, run in (
        (check, run_check),
        (rotate, run_rotate),
        (forget, run_forget),
        (new, run_new_key),
        (drop, run_drop_old),
    ):
        db.add_data(one)
        one.set_defaults(run=run)


def run_check(given: argparse.Namespace) -> int:
    """Print what is sealed with which key; 1 when a key lacks, whose name stands on stderr."""
    _connect(given)
    from tocsin.actions import secrets  # noqa: PLC0415  # only now Django knows its settings

    found = secrets.look()
    if not given.quiet:
        table = Table("what", "key", "sealed", "")
        for (kind, key), count in sorted(found.counted.items()):
            stands = "is missing" if key in found.missing else ""
            table.add_row(kind, key, str(count), "today's" if key == found.today else stands)
        wide_console().print(table)
    if found.missing:
        sys.stderr.write(f"{keys.lacking(found.missing)}\n")
        return 1
    return 0


def run_rotate(given: argparse.Namespace) -> int:
    """Seal everything anew, saying how far it is; it may be stopped and begun again."""
    _connect(given)
    from tocsin.actions import secrets  # noqa: PLC0415  # only now Django knows its settings

    found = secrets.look()
    if found.missing:
        raise Invalid(keys.KEY, keys.lacking(found.missing))
    _told(secrets.renew(), "sealed anew")
    sys.stdout.write(f"Everything is sealed with the key {found.today}.\n")
    return 0


def run_forget(given: argparse.Namespace) -> int:
    """Take away what is sealed with a lost key; it must be entered again."""
    _connect(given)
    from tocsin.actions import secrets, strongbox  # noqa: PLC0415  # only now Django knows

    try:
        _told(secrets.forget(given.key), "emptied: enter what was there again")
    except strongbox.Locked as error:
        raise Invalid("key", str(error)) from None
    return 0


def run_new_key(given: argparse.Namespace) -> int:
    """Put a new key in front of those of the data directory."""
    place = db.place(given)
    known = _of_place(given)
    if len(known) >= _MOST_KEYS:
        raise Invalid(keys.NAME, f"has {len(known)} keys: rotate, then drop-old")
    keys.write(place, [keys.made(), *known])
    sys.stdout.write(
        "A new key is there; the one before still opens. Next:\n\n"
        "  start everything again, so that every part has both\n"
        "  tocsin secrets rotate\n"
        "  tocsin secrets drop-old\n"
    )
    return 0


def run_drop_old(given: argparse.Namespace) -> int:
    """Remove all keys but that of today, if nothing is sealed with them."""
    known = _of_place(given)
    _connect(given)
    from tocsin.actions import secrets  # noqa: PLC0415  # only now Django knows its settings

    found = secrets.look()
    old = sorted({key for _, key in found.counted} - {found.today})
    if old:
        raise Invalid(keys.NAME, f"{', '.join(old)} has sealed something: rotate before")
    keys.write(db.place(given), known[:1])
    sys.stdout.write("Only the key of today is left; who signed in by one before signs in again.\n")
    return 0


def _of_place(given: argparse.Namespace) -> list[str]:
    if os.environ.get(keys.KEY):
        told = f"is set: put the new key there, and the one before into {keys.OLD}"
        raise Invalid(keys.KEY, told)
    known = keys.read(db.place(given))
    if not known:
        raise Invalid(str(db.place(given) / keys.NAME), "is not there: nothing has been started")
    return known


def _connect(given: argparse.Namespace) -> None:
    keys.take(db.place(given), os.environ)
    if not os.environ.get(keys.KEY):
        raise Invalid(keys.KEY, "is not set, and the data directory has none")
    db.use_django(db.address(given), "app")


def _told(done: Iterable[Any], what: str) -> None:
    for one in done:
        line = f"{one.desk}: {one.kind}: {one.changed} of {one.looked_at} {what}"
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
