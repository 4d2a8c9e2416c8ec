"""`tocsin config`: the whole configuration as a file: written out, compared, tested, applied.

Exit codes: 0 when it was done or nothing is left to do; 1 when something was found (differences, an
example that fails) or the change was not agreed to; 2 when what was given cannot be taken.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocsin.cli import db
from tocsin.engine.version import Versions
from tocsin.kit import database, shape, yaml_file
from tocsin.kit.invalid import Invalid
from tocsin.kit.yaml_file import YamlFile
from tocsin.queries import examples

FOUND = 1
BASES = ("new tickets", "future time", "restate")


def add_to(commands: Any) -> None:
    """Add the commands to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "config", help="the configuration as a file: export, diff, test, apply"
    )
    deeds = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    export = deeds.add_parser(
        "export",
        help="write the configuration in force as a policy file",
        description="Write calendars, policies, pipelines, contracts, hours, priorities and "
        "options in force as a policy file, to standard output or FILE.",
    )
    export.add_argument("file", type=Path, nargs="?", help="where to; standard output without it")
    diff = deeds.add_parser(
        "diff",
        help="show what a file would change",
        description="Show what differs between the configuration in force and a file. What the "
        "file does not name is not compared. 0 when nothing differs, 1 when something does.",
    )
    test = deeds.add_parser(
        "test",
        help="check a file and run the examples in it; needs no database",
        description="Check a file whole and run the examples that it carries. Needs no database; "
        "so accounts, teams and people are not looked up. 1 when an example fails.",
    )
    apply = deeds.add_parser(
        "apply",
        help="put a file into force",
        description="Show what a file would change and what that does to the clocks that run, and "
        "put it into force, all of it or nothing. What the file does not name stays. 0 when it was "
        "done or there was nothing to do, 1 when it was not agreed to, 2 when it was refused.",
    )
    for one in (diff, test, apply):
        one.add_argument("file", type=Path, help="the policy file (YAML)")
    _add_choices(apply)
    for one, deed in ((export, "export"), (diff, "diff"), (apply, "apply")):
        one.add_argument("--tenant", default="global", metavar="KEY", help="its key (global)")
        db.add_data(one)
        one.set_defaults(run=run, deed=deed)
    test.set_defaults(run=run_test)


def _add_choices(apply: argparse.ArgumentParser) -> None:
    apply.add_argument(
        "--basis",
        choices=BASES,
        help="what becomes of clocks that there are; without it policies hold for new tickets, and "
        "calendars for all time from now on",
    )
    apply.add_argument("--reason", default="", help="why verdicts change (restate needs one)")
    apply.add_argument("--yes", action="store_true", help="do not ask")


def run(given: argparse.Namespace) -> int:
    """Do what needs the desk."""
    url = db.address(given)
    db.use_django(url, "app")
    file = None if given.deed == "export" else load(given.file)[0]
    db.check(url)
    from tocsin.cli import config_changes  # noqa: PLC0415  # only now Django knows its settings

    if file is None:
        return config_changes.export(given)
    return {"diff": config_changes.diff, "apply": config_changes.apply}[given.deed](given, file)


def load(path: Path, *, alone: bool = False) -> tuple[YamlFile, Versions]:
    """Return a policy file whose calendars, policies and examples are sound.

    `alone` without a desk: then the rest must be sound by what the file itself says.
    """
    file = yaml_file.load(path)
    try:
        data = shape.mapping(file.data, "")
        versions = Versions.from_dict(data)
        examples.read(data, versions)
        if alone:
            _check_sections(data, versions)
        versions = examples.under(data, versions)
    except Invalid as error:
        raise file.located(error) from None
    return file, versions


def _check_sections(data: Mapping[str, Any], versions: Versions) -> None:
    # The forms know statuses and priorities from the tables; no database is asked for anything.
    db.use_django(os.environ.get(database.ADDRESS, ""), os.environ.get(database.ROLE, "app"))
    from tocsin.queries import policy_file  # noqa: PLC0415  # only now Django knows its settings

    for error in policy_file.refusals(data, versions):
        raise error


def run_test(given: argparse.Namespace) -> int:
    """Check a file and run its examples; 1 when one of them fails."""
    file, versions = load(given.file, alone=True)
    told = examples.run(examples.read(file.data, versions), versions)
    failed = [outcome for outcome in told if outcome.wrong]
    for outcome in failed:
        sys.stdout.write(f"FAILED {outcome.example.name}\n")
        for error in outcome.wrong:
            sys.stdout.write(f"  {file.located(error)}\n")
    if not told:
        sys.stdout.write(f"{file.name} is well-formed; it carries no examples\n")
        return 0
    passed = len(told) - len(failed)
    sys.stdout.write(f"{file.name}: {passed} of {len(told)} examples pass\n")
    return FOUND if failed else 0
