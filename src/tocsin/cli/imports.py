"""`tocsin import`: takes in the history of another desk, each fact once."""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tocsin.actions import imports, tenants
from tocsin.actions.imports import Result
from tocsin.channels.servicenow.receive import Log
from tocsin.cli import db, log_policy, report
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor

SOURCE = "servicenow"
_MANY = 5  # odd rows that are shown; all of them are in the report


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "import",
        help="take in the history of another desk",
        description="Take in the history of another desk. The same import again takes nothing "
        "twice: it finishes one that was interrupted, and a newer log adds what is new in it.",
    )
    sources = parser.add_subparsers(title="sources", required=True, metavar="SOURCE")
    found = sources.add_parser(
        SOURCE,
        help="a ServiceNow incident event log (CSV, plain or gzipped)",
        description="Take in a ServiceNow incident event log (CSV, plain or gzipped). Breaches of "
        "the past are recorded under the promises of the policy file, and alert nobody.",
    )
    found.add_argument("file", type=Path, help="the log")
    found.add_argument("--policy", type=Path, required=True, help="the policy file (YAML)")
    add_tenant(found)
    found.add_argument("--json", action="store_true", help="print the figures as JSON")
    found.add_argument(
        "--report", type=Path, metavar="CSV", help="write every odd row, with line and reason, here"
    )
    db.add_data(found)
    found.set_defaults(run=run)


def add_tenant(parser: argparse.ArgumentParser) -> None:
    """Add the option for the tenant that a command is about."""
    parser.add_argument(
        "--tenant", default="global", metavar="KEY", help="the key of the tenant (global)"
    )


def run(given: argparse.Namespace) -> int:
    """Take in the log and say what came of it."""
    file, versions, log = log_policy.read(given)
    config = {name: plain(value) for name, value in file.data.items() if name != "log"}
    begun = time.monotonic()
    with log_policy.progress(log, "Importing") as advanced:
        log.survey()
        log_policy.check_conditions(file, versions, log)
        db.check(db.address(given))
        try:
            by = _operator(given.tenant, config)
            made = imports.prepare(config=config, by=by)
            result = imports.take(log.incidents(advanced), source=SOURCE, by=by)
        except access.Refused as error:
            raise Invalid(str(given.file), f"cannot be imported: {error}") from None
        except Invalid as error:
            raise file.located(error) from None
    if given.report:
        log_policy.write_remarks(given.report, log.remarks)
    _tell(given, log, result, made, time.monotonic() - begun)
    return 0


def _operator(key: str, config: Mapping[str, Any]) -> Actor:
    """Return the operator in the tenant of that key, which is made if it is not there."""
    found = tenants.find(key)
    if found is None:
        try:
            found = tenants.create(key=key, name=str(config.get("name") or key))
        except Invalid as error:
            raise Invalid("--tenant", error.reason) from None
    return access.operator(found)


def plain(value: Any) -> Any:
    """Return what a YAML file says as plain data, without what the reader knows of its form."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _tell(
    given: argparse.Namespace, log: Log, result: Result, made: list[str], seconds: float
) -> None:
    rejected = sum(remark.rejected for remark in log.remarks)
    if given.json:
        told = {
            "file": given.file.name,
            "tenant": given.tenant,
            "published": made,
            "rows": log.rows,
            **asdict(result),
            "rejected_rows": rejected,
            "remarks": [asdict(remark) for remark in sorted(log.remarks, key=lambda r: r.line)],
            "seconds": round(seconds, 1),
        }
        json.dump(told, sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
        return
    console = report.wide_console()
    if made:
        console.print(f"Published: {', '.join(made)}")
    console.print(
        f"{result.incidents:,} incidents of {log.rows:,} rows in {seconds:,.1f} s: "
        f"{result.new:,} new, {result.known:,} known, {result.changed:,} of them with news",
        highlight=False,
    )
    console.print(f"{result.events:,} facts appended to the event log", highlight=False)
    if result.ahead:
        console.print(f"{result.ahead:,} facts lie ahead of the database's clock: not taken in")
    if not log.remarks:
        console.print("Every row of the log could be used as it stands")
        return
    console.print(f"{len(log.remarks):,} odd rows: {rejected:,} left out, the others used")
    for remark in sorted(log.remarks, key=lambda remark: remark.line)[:_MANY]:
        place = f"line {remark.line}, {remark.number or 'no number'}"
        console.print(f"  {place}: {remark.reason}", highlight=False)
    if given.report:
        console.print(f"All of them are in {given.report}")
    elif len(log.remarks) > _MANY:
        console.print("All of them: --report FILE.csv, or --json")
