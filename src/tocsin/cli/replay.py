"""`tocsin replay`: a second opinion on a desk's own log, by the clocks of a policy file."""

import argparse
import datetime as dt
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tocsin
from tocsin.channels.servicenow.opinion import Opinion
from tocsin.channels.servicenow.receive import Incident, Log
from tocsin.cli import explanation, log_policy, report
from tocsin.engine.policy import instant_from
from tocsin.engine.version import Versions
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid


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
    file, versions, log = log_policy.read(given)
    with log_policy.progress(log, "Replaying") as advanced:
        log.survey()
        log_policy.check_conditions(file, versions, log)
        log.last_at = _as_of(given, log)
        if given.explain is not None:
            return _explain(given, versions, log)
        opinion = Opinion(versions, log.form.compare, log.last_at, given.top)
        for incident in log.incidents(advanced):
            opinion.take(incident)
    log.remarks.sort(key=lambda remark: remark.line)
    if given.report:
        log_policy.write_remarks(given.report, log.remarks)
    if given.json:
        json.dump(_plain(given, opinion, log), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        report.show(report.wide_console(), opinion, log, top=given.top, written=given.report)
    return 0


def _as_of(given: argparse.Namespace, log: Log) -> dt.datetime:
    """Return the instant as of which the log is judged: the one given, or the log's last."""
    if given.as_of is not None:
        return instant_from(given.as_of, "--as-of")
    if log.last_at is None:
        raise Invalid(str(given.file), "has no row with a date that can be read")
    return log.last_at


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
