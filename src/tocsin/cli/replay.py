"""`tocsin replay`: a second opinion on a desk's own log, by the clocks of a policy file."""

import argparse
import csv
import datetime as dt
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

import tocsin
from tocsin.channels.servicenow.form import Form
from tocsin.channels.servicenow.opinion import Opinion
from tocsin.channels.servicenow.receive import Incident, Log, Remark
from tocsin.cli import explanation, report
from tocsin.engine.condition import Op
from tocsin.engine.policy import instant_from
from tocsin.engine.version import Versions
from tocsin.kit import shape, yaml_file
from tocsin.kit.invalid import Invalid

# Facts that conditions may look at whatever the columns of the log.
EVENT_FACTS = frozenset({"event", "side", "changed"})
_STEP = 500


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "replay",
        help="judge a ServiceNow incident event log by the clocks of a policy file",
        description="Run every incident of a ServiceNow event log (CSV, plain or gzipped) through "
        "the clocks of a policy file, and compare with ServiceNow's own verdicts (made_sla).",
    )
    parser.add_argument("file", type=Path, help="the log")
    parser.add_argument("--policy", type=Path, required=True, help="the policy file (YAML)")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument(
        "--as-of",
        metavar="INSTANT",
        help="judge what is still open as of then (with its offset), not as of the log's last date",
    )
    parser.add_argument("--explain", metavar="NUMBER", help="explain the clocks of one incident")
    parser.add_argument("--top", type=int, default=10, metavar="N", help="rows of long lists (10)")
    parser.add_argument(
        "--report", type=Path, metavar="CSV", help="write every odd row, with line and reason, here"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Replay the log and print what came out."""
    if given.top < 1:
        raise Invalid("--top", "must be at least 1")
    if given.report and given.explain is not None:
        raise Invalid("--report", "is about the whole log; it cannot go with --explain")
    _check_paths(given)
    file = yaml_file.load(given.policy)
    try:
        versions = Versions.from_dict(file.data)
        log = Log(given.file, Form.from_dict(shape.mapping(file.data.get("log", {}), "log")))
        _check_clock(versions, log)
    except Invalid as error:
        raise file.located(error) from None
    with _progress(log, quiet=not sys.stderr.isatty()) as advanced:
        log.survey()
        _check_conditions(file, versions, log)
        log.last_at = _as_of(given, log)
        if given.explain is not None:
            return _explain(given, versions, log)
        opinion = Opinion(versions, log.form.compare, log.last_at, given.top)
        for incident in log.incidents(advanced):
            opinion.take(incident)
    log.remarks.sort(key=lambda remark: remark.line)
    if given.report:
        _write(given.report, log.remarks)
    if given.json:
        json.dump(_plain(given, opinion, log), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        report.show(report.wide_console(), opinion, log, top=given.top, written=given.report)
    return 0


def _check_clock(versions: Versions, log: Log) -> None:
    """Refuse a log section that compares a clock no policy has."""
    shape.one_of(log.form.compare, "log.compare", [key for _, key in versions.slots()])


def _check_conditions(file: yaml_file.YamlFile, versions: Versions, log: Log) -> None:
    """Refuse a condition that could never hold: an unknown column, or a number for its text."""
    columns = log.field_names()
    known = EVENT_FACTS | columns
    for path, test in versions.tests():
        reason = ""
        if test.name not in known:
            near, listed = shape.hint(test.name, known), ", ".join(sorted(known))
            reason = f"unknown column or field {test.name!r}{near}; this log has: {listed}"
        elif test.op in (Op.AT_LEAST, Op.AT_MOST):
            reason = f"{test.name} is text in a log, so {test.op} never holds"
        elif test.op in (Op.IN, Op.NOT_IN):
            numbers = [value for value in test.value if not isinstance(value, str | None)]
            if numbers:
                reason = f"{test.name} is text in a log: write '{json.dumps(numbers[0])}' in quotes"
        if reason:
            raise file.located(Invalid(path, reason))


def _check_paths(given: argparse.Namespace) -> None:
    """Refuse a report that would be written over what is read."""
    for source in (given.file, given.policy):
        if given.report and source.exists() and given.report.resolve() == source.resolve():
            raise Invalid("--report", f"{given.report} is read by this command; name another file")


def _as_of(given: argparse.Namespace, log: Log) -> dt.datetime:
    """Return the instant as of which the log is judged: the one given, or the log's last."""
    if given.as_of is not None:
        return instant_from(given.as_of, "--as-of")
    if log.last_at is None:
        raise Invalid(str(given.file), "has no row with a date that can be read")
    return log.last_at


@contextmanager
def _progress(log: Log, *, quiet: bool) -> Iterator[Any]:
    """Show a bar on standard error while rows are read; standard output stays clean."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task(f"Replaying {log.path.name}", total=None)
        seen = 0

        def advanced(rows: int) -> None:
            nonlocal seen
            seen += rows
            if seen % _STEP == 0:
                bar.update(task, completed=seen, total=log.rows)

        yield advanced


def _explain(given: argparse.Namespace, versions: Versions, log: Log) -> int:
    incident = _find(log, given.explain)
    told = explanation.Explanation.of(incident, versions, log)
    if given.json:
        json.dump(told.to_dict(), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        told.show(report.wide_console())
    return 0


def _find(log: Log, number: str) -> Incident:
    for incident in log.incidents(only=number):
        return incident
    if number in log.numbers:
        odd = "; ".join(f"line {r.line}: {r.reason}" for r in log.remarks if r.number == number)
        raise Invalid("--explain", f"no row of {number!r} in {log.path} can be used ({odd})")
    near = shape.hint(number, log.numbers)
    raise Invalid("--explain", f"no incident {number!r} in {log.path}{near}")


def _write(path: Path, remarks: list[Remark]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(("line", "number", "rejected", "reason"))
            writer.writerows((r.line, r.number, r.rejected, r.reason) for r in remarks)
    except OSError as error:
        raise Invalid(str(path), f"cannot be written: {error.strerror}") from None


def _plain(given: argparse.Namespace, opinion: Opinion, log: Log) -> dict[str, Any]:
    return {
        "tocsin": tocsin.__version__,
        "file": given.file.name,
        "policy": given.policy.name,
        "as_of": opinion.now.isoformat(),
        "rows": log.rows,
        "incidents": opinion.incidents,
        **opinion.to_dict(),
        "rejected_rows": sum(remark.rejected for remark in log.remarks),
        "remarks": [asdict(remark) for remark in log.remarks],
    }
