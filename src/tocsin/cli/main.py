"""The `tocsin` command: reads the command line and hands over to one module a command.

Only the module of the command that was named is loaded: each part of a running desk is one, and
none should pay for the others.
"""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import OperationalError

import tocsin
from tocsin.cli import db, keys
from tocsin.kit import database
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import Refused

FAILED = 1
REFUSED = 2
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its module under tocsin.cli, what it does, and the database role it plays.

    `role` is None for a command that needs no database, or sees to it itself. A part of a running
    desk has the keys of the data directory, and does not start when one that it needs is missing.
    """

    module: str
    told: str
    role: str | None = None
    part: bool = False


COMMANDS = {
    "up": Command("up", "start everything: the database and the five parts"),
    "demo": Command("demo", "start a living desk to look at, with two invented companies"),
    "replay": Command("replay", "judge a ServiceNow incident event log by a policy file"),
    "import": Command("imports", "take over another desk's history", "app"),
    "report": Command("reports", "how many promises were kept", "app"),
    "explain": Command("explain", "why the clocks of a ticket are due when they are", "audit"),
    # Its processes can only read; itself it writes down what they found.
    "audit": Command("audit", "recompute from the log and compare with what is stored", "app"),
    "config": Command("config", "the configuration as a file: export, diff, test, apply"),
    "holidays": Command("holidays", "print a country's holidays as data"),
    "doctor": Command("doctor", "look whether all is as it should be"),
    "secrets": Command("secrets", "look at what is sealed, and change the key"),
    "db": Command("db", "prepare a database of your own"),
    "web": Command("web", "the part that serves pages", part=True),
    "live": Command("live", "the part that streams to browsers", part=True),
    "pulse": Command("pulse", "the part that watches deadlines", "pulse", part=True),
    "worker": Command("worker", "the part that sends messages", "worker", part=True),
    "watchman": Command("watchman", "the part that watches over the others", "watchman", part=True),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it was done, 2 when what was given cannot be taken.

    1 when the database does not answer, or when a command that looks for something has found it.
    """
    listed = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # JSON and YAML are UTF-8 whatever the machine's language, and so are names in tables.
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        given = _parser(listed).parse_args(listed)
        if COMMANDS[_named(listed)].part:
            keys.check_part()
        code: int = given.run(given)
        sys.stdout.flush()
    except (Invalid, Refused) as error:
        sys.stderr.write(f"tocsin: {error}\n")
        return REFUSED
    except OperationalError as error:
        told = " ".join(str(error).split())
        sys.stderr.write(f"tocsin: the database: {told}; `tocsin doctor` looks at what is wrong\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("tocsin: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; keep the interpreter from saying so again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _parser(listed: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser that knows the named command whole, and of the others the name."""
    parser = argparse.ArgumentParser(
        prog="tocsin", description="Service desk whose heart is SLA clocks and escalation."
    )
    parser.add_argument("--version", action="version", version=f"tocsin {tocsin.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    named = _named(listed)
    for name, command in COMMANDS.items():
        if name == named:
            if command.part:
                keys.take(db.place(argparse.Namespace(data=None)), os.environ)
            if command.role is not None:
                _connect(command.role, listed)
            importlib.import_module(f"tocsin.cli.{command.module}").add_to(commands)
        else:
            commands.add_parser(name, help=command.told)
    return parser


def _named(listed: Sequence[str]) -> str:
    return next((word for word in listed if not word.startswith("-")), "")


def _connect(role: str, listed: Sequence[str]) -> None:
    """Let what the command imports find its tables, and the database that they are in."""
    asked = argparse.ArgumentParser(add_help=False)
    db.add_data(asked)
    url = os.environ.get(database.ADDRESS, "")
    if not url and not {"-h", "--help"} & set(listed):
        url = db.address(asked.parse_known_args(listed)[0])
    db.use_django(url, role)
