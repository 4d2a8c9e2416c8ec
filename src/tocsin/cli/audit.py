"""`tocsin audit`: what the tables keep, reckoned anew from the event log."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tocsin.actions import audits, tenants
from tocsin.cli import db, report
from tocsin.kit import machine_clock
from tocsin.kit.invalid import Invalid
from tocsin.pulse import reckoners
from tocsin.queries import access, reckoning
from tocsin.queries.reckoning import Reckoning

DIFFERS = 1


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "audit", help="look whether what is stored is what the event log says"
    )
    audits = parser.add_subparsers(title="audits", required=True, metavar="AUDIT")
    found = audits.add_parser(
        "clocks",
        help="reckon every clock anew",
        description="Reckon every clock, violation and moment to wake anew from the event log, and "
        "name each value that is stored otherwise. Changes no clock, and writes down what came of "
        "it; 1 when something differs.",
    )
    found.add_argument("--tenant", metavar="KEY", help="only the tenant of this key")
    found.add_argument("--top", type=int, default=20, metavar="N", help="differences shown (20)")
    found.add_argument("--json", action="store_true", help="print everything as JSON")
    found.add_argument(
        "--processes",
        type=int,
        default=reckoners.cores(),
        metavar="N",
        help="how many reckon at once (as many as there are cores)",
    )
    db.add_data(found)
    found.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Reckon the clocks of every tenant and name what differs."""
    if given.processes < 1:
        raise Invalid("--processes", "must be at least 1")
    url = db.address(given)
    db.check(url)
    listed = [(id_, key) for id_, key, _ in tenants.everyone()]
    chosen = [(id_, key) for id_, key in listed if given.tenant in (None, key)]
    if given.tenant is not None and not chosen:
        raise Invalid("--tenant", f"there is no tenant {given.tenant!r}")
    found = _reckoned(chosen, url, given.processes)
    if given.json:
        json.dump(_plain(found), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _show(report.wide_console(), found, given.top)
    return DIFFERS if any(one.differences for one in found.values()) else 0


def _reckoned(chosen: list[tuple[int, str]], url: str, processes: int) -> dict[str, Reckoning]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} tickets"),
        TimeRemainingColumn(),
    )
    quiet, console = not sys.stderr.isatty(), Console(stderr=True)
    found: dict[str, Reckoning] = {}
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        for id_, key in chosen:
            by = access.operator(id_)
            task = bar.add_task(f"Reckoning {key}", total=reckoning.count(by=by))
            found[key] = reckoning.Reckoning()
            began = machine_clock.wall()
            for part in reckoners.reckon(id_, url=url, processes=processes):
                found[key].add(part)
                bar.update(task, completed=found[key].tickets)
            audits.record(by=by, found=found[key], started_at=began)
    return found


def _plain(found: dict[str, Reckoning]) -> dict[str, Any]:
    return {
        "tickets": sum(one.tickets for one in found.values()),
        "clocks": sum(one.clocks for one in found.values()),
        "violations": sum(one.violations for one in found.values()),
        "differences": [
            {"tenant": key, **asdict(difference)}
            for key, one in found.items()
            for difference in one.differences
        ],
    }


def _show(console: Console, found: dict[str, Reckoning], top: int) -> None:
    told = _plain(found)
    differences = told["differences"]
    console.print(
        f"{told['clocks']:,} clocks and {told['violations']:,} violations of "
        f"{told['tickets']:,} tickets reckoned anew: {len(differences):,} differences",
        highlight=False,
    )
    if not differences:
        return
    table = Table(title="What is stored otherwise than the log says", title_justify="left")
    for name in ("tenant", "ticket", "clock", "field", "stored", "computed"):
        table.add_column(name)
    for row in differences[:top]:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    if len(differences) > top:
        console.print(f"and {len(differences) - top} more (--top N, or --json for all)")
