"""Replay: events a second through the clocks of a policy, and the memory that it takes.

The log is made here, like the one of a busy desk: so the figures do not depend on anybody's data.
"""

import csv
import datetime as dt
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measuring import Figure, Report
from tocsin.channels.servicenow.form import Form
from tocsin.channels.servicenow.receive import Incident, Log
from tocsin.engine import decide, replay
from tocsin.engine.version import Versions
from tocsin.kit import yaml_file

POLICY = Path(__file__).parent.parent / "examples" / "servicenow" / "policy.yaml"
INCIDENTS = 5_000
ROUNDS = 3
COLUMNS = (
    *("number", "incident_state", "sys_mod_count", "made_sla", "opened_at", "sys_updated_at"),
    *("priority", "category", "assignment_group", "assigned_to", "closed_at"),
)
PRIORITIES = ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low")


def run() -> list[Report]:
    """Measure the parts in this process, and the whole command in one of its own."""
    report = Report(
        f"Replay of {INCIDENTS:,} invented incidents, best of {ROUNDS} rounds", ["tocsin"]
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        rows = write_log(path)
        data = yaml_file.load(POLICY).data
        versions, log = Versions.from_dict(data), Log(path, Form.from_dict(data["log"]))
        log.survey()
        incidents = list(log.incidents())
        events = sum(len(incident.events) for incident in incidents)
        now = log.last_at or dt.datetime.max.replace(tzinfo=dt.UTC)
        for name, seconds in timed(incidents, versions, now).items():
            report.add([Figure(name, "tocsin", events / seconds, "events/s", sample=events)])
        seconds, mebibytes = whole_command(path)
        report.add([Figure("whole command", "tocsin", rows / seconds, "rows/s", sample=rows)])
        report.add([Figure("peak memory of the command", "tocsin", mebibytes, "MiB")])
    report.remarks.append(f"{rows:,} rows, {events:,} events, policy {POLICY.name}")
    return [report]


def timed(incidents: list[Incident], versions: Versions, now: dt.datetime) -> dict[str, float]:
    """Return the best seconds for all incidents: clocks alone, and with all that would come."""
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, work in (("clocks", replay.replay), ("clocks, alerts and path", decide.rehearse)):
            begin = time.perf_counter()
            for incident in incidents:
                work(incident.number, incident.events, versions, now=now)
            took = time.perf_counter() - begin
            best[name] = min(took, best.get(name, took))
    return best


def whole_command(path: Path) -> tuple[float, float | None]:
    """Return the seconds and the peak MiB of `tocsin replay`, in a process of its own.

    The peak is read from /proc, so it is None on systems without it.
    """
    script = (
        "import sys; from pathlib import Path; from tocsin.cli.main import main; "
        f"code = main(['replay', {str(path)!r}, '--policy', {str(POLICY)!r}, '--json']); "
        "sys.stderr.write(Path('/proc/self/status').read_text()); sys.exit(code)"
    )
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - begin
    # Not getrusage: its peak is that of this process when it was larger.
    peak = re.search(r"VmHWM:\s+(\d+) kB", done.stderr)
    return seconds, int(peak[1]) / 1024 if peak else None


def write_log(path: Path) -> int:
    """Write a log of a year, the same each time; return its rows."""
    dice = random.Random(20260101)
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(COLUMNS)
        for k in range(INCIDENTS):
            for row in incident(f"INC{k:07d}", dice):
                writer.writerow(row)
                rows += 1
    return rows


def incident(number: str, dice: random.Random) -> list[tuple[object, ...]]:
    """Return the rows of one incident: opened, worked on, waiting, resolved, closed."""
    at = dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=dice.randrange(500_000))
    opened, priority = at, dice.choices(PRIORITIES, (1, 2, 12, 2))[0]
    states = ["New", *dice.choices(("Active", "Awaiting User Info"), k=dice.randrange(1, 6))]
    told = []
    for state in (*states, "Resolved", "Closed"):
        if dice.random() < 0.01:
            priority = dice.choice(PRIORITIES)
        told.append((state, at, priority, f"Group {dice.randrange(40)}"))
        at += dt.timedelta(minutes=dice.expovariate(1 / 900))
    closed = stamp(told[-1][1])
    return [
        (
            number,
            state,
            n,
            "true",
            stamp(opened),
            stamp(when),
            was,
            "Category 1",
            group,
            "?",
            closed,
        )
        for n, (state, when, was, group) in enumerate(told)
    ]


def stamp(at: dt.datetime) -> str:
    return f"{at.day}/{at.month}/{at.year} {at:%H:%M}"
