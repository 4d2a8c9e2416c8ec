"""`tocsin explain`: why the clocks of a ticket are due when they are."""

import argparse
import datetime as dt
import json
import re
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from tocsin.actions import tenants
from tocsin.cli import db, report
from tocsin.engine import duration, explain, verdict
from tocsin.engine.choice import Candidate, Part
from tocsin.engine.policy import instant_from
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, why
from tocsin.queries.access import Actor
from tocsin.queries.why import Explained, Why


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "explain",
        help="why the clocks of a ticket are due when they are",
        description="Show each clock of a ticket stretch by stretch, the policies that were asked "
        "for it, and what to say to the customer.",
    )
    parser.add_argument("ticket", metavar="TICKET", help="its number, such as T-123")
    parser.add_argument(
        "--at", metavar="INSTANT", help="as it stood then, such as 2026-03-02T09:00:00Z"
    )
    parser.add_argument("--as-of", metavar="INSTANT", help="by what had been recorded until then")
    parser.add_argument(
        "--clock", default="", metavar="NAME", help="only this clock, such as resolution"
    )
    parser.add_argument("--tenant", metavar="KEY", help="the tenant (not needed if there is one)")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    db.add_data(parser)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Print the explanation."""
    number = re.fullmatch(r"(?:T-)?(\d{1,18})", given.ticket, re.IGNORECASE | re.ASCII)
    if number is None:
        raise Invalid("TICKET", f"{given.ticket!r} is no number of a ticket, such as T-123")
    now, as_of = _instant(given.at, "--at"), _instant(given.as_of, "--as-of")
    db.check(db.address(given))
    by = _operator(given.tenant)
    try:
        found = why.explained(number=int(number[1]), by=by, clock=given.clock, now=now, as_of=as_of)
    except access.NotFound:
        named = f" with a clock {given.clock!r}" if given.clock else ""
        raise Invalid("TICKET", f"there is no ticket T-{number[1]}{named}") from None
    if given.json:
        json.dump(found.to_dict(), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _show(report.wide_console(), found)
    return 0


def _instant(given: str | None, path: str) -> dt.datetime | None:
    return None if given is None else instant_from(given, path)


def _operator(key: str | None) -> Actor:
    """Return the operator in the tenant that is named, or in the only one that there is."""
    listed = {known: id_ for id_, known, _ in tenants.everyone()}
    if key is None and len(listed) == 1:
        return access.operator(next(iter(listed.values())))
    if key is None:
        known = ", ".join(sorted(listed)) or "none"
        raise Invalid("--tenant", f"is needed: the tenants are {known}")
    if key not in listed:
        raise Invalid("--tenant", f"there is no tenant {key!r}")
    return access.operator(listed[key])


def _show(console: Console, found: Explained) -> None:
    known = "" if found.as_of is None else f", by what was known at {found.as_of.isoformat()}"
    console.print(f"T-{found.number} at {found.now.isoformat()}{known}", style="bold")
    if not found.clocks:
        console.print("It has no clock: no policy promises anything for it, or it was not there")
    for one in found.clocks:
        _show_clock(console, one)


def _show_clock(console: Console, one: Why) -> None:
    clock = one.clock
    console.print()
    console.print(f"{clock.id}: {verdict.of(clock, now=one.now)}", style="bold")
    console.print(explain.sentence(clock, now=one.now), highlight=False)
    _show_strip(console, one)
    console.print("Policies that were asked, in their order:")
    for candidate in one.candidates:
        console.print(f"  {_told(candidate)}", highlight=False)
    for language, text in one.sentences.items():
        console.print(f"To the customer ({language}): {text}", highlight=False)


def _show_strip(console: Console, one: Why) -> None:
    table = Table()
    for name in ("from", "state", "because", "event", "policy", "calendar"):
        table.add_column(name)
    table.add_column("counted", justify="right")
    zone = one.clock.calendar.calendar.zone
    for stretch in one.stretches:
        strip = stretch.strip
        table.add_row(
            explain.minute(strip.start, zone),
            strip.state,
            strip.reason or stretch.began,
            strip.event,
            strip.policy,
            strip.calendar,
            duration.text(strip.used),
        )
    console.print(table)


def _told(one: Candidate) -> str:
    mark = "→" if one.chosen else "·"
    row = f", row {one.row}" if one.row else ""
    told = f"{mark} {one.policy} v{one.version}: {one.why.value}{row}"
    parts = "; ".join(_part(part) for part in one.parts)
    return f"{told} ({parts})" if parts else told


def _part(part: Part) -> str:
    wanted = " or ".join(map(str, part.wanted)) if isinstance(part.wanted, tuple) else part.wanted
    op = part.op.replace("_", " ")
    return f"{'not ' if part.negated else ''}{part.name} {op} {wanted}, is {part.fact}"
