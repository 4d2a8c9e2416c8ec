"""`tocsin report`: figures of a tenant, as tables for a terminal or as JSON."""

import argparse
import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from tocsin.actions import tenants
from tocsin.cli import db, imports, report
from tocsin.engine.compliance import Compliance, Figures
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, compliance
from tocsin.queries.access import Actor
from tocsin.queries.compliance import Agreement

_TITLES = {"month": "month of the verdict"}
# In the order of their names, and whole; the others by how many were decided.
_BY_NAME = ("month", "priority")


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser("report", help="figures of a tenant")
    reports = parser.add_subparsers(title="reports", required=True, metavar="REPORT")
    found = reports.add_parser("compliance", help="how many promises that were decided were kept")
    imports.add_tenant(found)
    found.add_argument(
        "--by",
        default="owner,stage,type,month",
        metavar="NAMES",
        help="what to count by, with commas: owner, stage, type, month, priority, team",
    )
    found.add_argument("--clock", metavar="KEY", help="only this clock, such as resolution")
    found.add_argument("--top", type=int, default=10, metavar="N", help="rows of long lists (10)")
    found.add_argument("--json", action="store_true", help="print everything as JSON")
    db.add_data(found)
    found.set_defaults(run=run)


def _operator(given: argparse.Namespace) -> Actor:
    """Return the operator in the tenant that a command is about."""
    db.check(db.address(given))
    found = tenants.find(given.tenant)
    if found is None:
        raise Invalid("--tenant", f"there is no tenant {given.tenant!r}")
    return access.operator(found)


def run(given: argparse.Namespace) -> int:
    """Print how many promises were kept."""
    if given.top < 1:
        raise Invalid("--top", "must be at least 1")
    by = _operator(given)
    names = [name.strip() for name in given.by.split(",") if name.strip()]
    try:
        found = compliance.compliance(by=by, dimensions=names, definition=given.clock)
    except Invalid as error:
        raise Invalid("--by", error.reason) from None
    agreed = compliance.agreement(by=by, definition=given.clock or "resolution")
    if given.json:
        json.dump(_plain(given, found, agreed, names), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _show(report.wide_console(), given, found, agreed, names)
    return 0


def _plain(
    given: argparse.Namespace, found: Compliance, agreed: Agreement, names: list[str]
) -> dict[str, Any]:
    return {
        "tenant": given.tenant,
        "clock": given.clock,
        "decided": found.total.decided,
        **found.total.to_dict(),
        "source_verdicts": {"compared": agreed.compared, "agree": agreed.agree},
        "by": {
            name: {
                value: {"decided": figures.decided, **figures.to_dict()}
                for value, figures in sorted(found.by.get(name, {}).items())
            }
            for name in names
        },
    }


def _show(
    console: Console,
    given: argparse.Namespace,
    found: Compliance,
    agreed: Agreement,
    names: list[str],
) -> None:
    total = found.total
    if not total.decided:
        console.print(f"no promise was decided yet ({total.open:,} still open)", highlight=False)
        return
    console.print(
        f"SLA hit rate {report.rate(total)} of {total.decided:,} decided: {total.met:,} met, "
        f"{total.breached:,} breached; {total.open:,} still open",
        highlight=False,
    )
    if agreed.compared:
        share = 100 * agreed.agree / agreed.compared
        console.print(
            "The verdict of the desk that tickets came from agrees on "
            f"{agreed.agree:,} of {agreed.compared:,} ({share:.2f} %)",
            highlight=False,
        )
    for name in names:
        _figures(console, name, found.by.get(name, {}), given.top)


def _figures(console: Console, name: str, values: dict[str, Figures], top: int) -> None:
    table = Table(title=f"By {_TITLES.get(name, name)}", title_justify="left")
    table.add_column(name)
    for column in ("decided", "met", "breached", "open", "hit rate"):
        table.add_column(column, justify="right")
    whole = name in _BY_NAME
    ranked = sorted(values.items(), key=lambda one: one[0] if whole else (-one[1].decided, one[0]))
    shown = ranked if whole else ranked[:top]
    for value, figures in shown:
        numbers = (figures.decided, figures.met, figures.breached, figures.open)
        table.add_row(value, *(f"{number:,}" for number in numbers), report.rate(figures))
    console.print()
    console.print(table)
    if len(ranked) > len(shown):
        console.print(f"and {len(ranked) - len(shown)} more (--top N, or --json for all)")
