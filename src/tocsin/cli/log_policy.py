"""A log and the policy file that judges it: reading both, and refusing what cannot be meant."""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tocsin.channels.servicenow.form import Form
from tocsin.channels.servicenow.receive import Log, Remark
from tocsin.engine.condition import Op
from tocsin.engine.version import Versions
from tocsin.kit import shape, yaml_file
from tocsin.kit.invalid import Invalid

# Facts that conditions may look at whatever the columns of the log.
EVENT_FACTS = frozenset({"event", "side", "changed"})
_STEP = 500


def read(given: argparse.Namespace) -> tuple[yaml_file.YamlFile, Versions, Log]:
    """Read the policy file and prepare the log; a mistake is refused by file and line."""
    _check_paths(given)
    file = yaml_file.load(given.policy)
    try:
        versions = Versions.from_dict(file.data)
        log = Log(given.file, Form.from_dict(shape.mapping(file.data.get("log", {}), "log")))
        _check_clock(versions, log)
    except Invalid as error:
        raise file.located(error) from None
    return file, versions, log


def check_conditions(file: yaml_file.YamlFile, versions: Versions, log: Log) -> None:
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


@contextmanager
def progress(log: Log, doing: str) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while rows are read; standard output stays clean."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows"),
        TimeRemainingColumn(),
    )
    console, quiet = Console(stderr=True), not sys.stderr.isatty()
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task(f"{doing} {log.path.name}", total=None)
        seen = 0

        def advanced(rows: int) -> None:
            nonlocal seen
            seen += rows
            if seen % _STEP == 0:
                bar.update(task, completed=seen, total=log.rows)

        yield advanced


def write_remarks(path: Path, remarks: list[Remark]) -> None:
    """Write every odd row of the log, in the order of the lines, with the reason."""
    remarks = sorted(remarks, key=lambda remark: remark.line)
    try:
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(("line", "number", "rejected", "reason"))
            writer.writerows((r.line, r.number, r.rejected, r.reason) for r in remarks)
    except OSError as error:
        raise Invalid(str(path), f"cannot be written: {error.strerror}") from None


def _check_clock(versions: Versions, log: Log) -> None:
    """Refuse a log section that compares a clock no policy has."""
    shape.one_of(log.form.compare, "log.compare", [key for _, key in versions.slots()])


def _check_paths(given: argparse.Namespace) -> None:
    """Refuse a report that would be written over what is read."""
    for source in (given.file, given.policy):
        if given.report and source.exists() and given.report.resolve() == source.resolve():
            raise Invalid("--report", f"{given.report} is read by this command; name another file")
