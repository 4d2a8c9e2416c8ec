"""How late a busy desk is: a million running clocks, a report, 200 browsers; bursts, and a backlog.

TOCSIN_BENCH_RUNNING takes fewer clocks, TOCSIN_BENCH_BURST fewer of a burst.
"""

import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import pulse, streams
from bench.crowd import POLICY, Crowd, crowd
from bench.measuring import Figure, Report
from tocsin.kit import database

BURST = int(os.environ.get("TOCSIN_BENCH_BURST", "10000"))
# What another desk was seen to handle of so many: given with the issue of this work.
OVERDUE, OTHERS = 3_069, 998
RATE, SECONDS = 100, 60
BROWSERS = 200
TENANTS = 20
US, GOAL = "Tocsin", "goal"
_REPORT = """
SELECT c.policy, c.team, c.priority, date_trunc('day', c.due_at), count(*),
       count(*) FILTER (WHERE c.outcome = ''), avg(c.used_us), max(c.left_us)
FROM clock c JOIN ticket t ON t.tenant_id = c.tenant_id AND t.id = c.ticket_id
WHERE c.tenant_id = %(tenant)s GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC
"""


def run() -> list[Report]:
    os.environ.setdefault("TOCSIN_SECRET_KEY", "of-this-benchmark-only")
    with crowd() as made:
        tenant, sessions = company(made)
        return [busy(made, tenant, sessions), burst(made, tenant), backlog(made, tenant)]


def company(made: Crowd) -> tuple[int, list[str]]:
    """Make the tenant that is measured and the others, with a million clocks among them."""
    from tocsin.actions import people, sla
    from tocsin.actions import tenants as companies
    from tocsin.queries import access

    tenant, sessions = streams.company(made)
    made.run(
        "UPDATE team SET lead_id = p.least, manager_id = p.most FROM"
        " (SELECT tenant_id, min(id) least, max(id) most FROM person GROUP BY 1) p"
        " WHERE team.tenant_id = p.tenant_id"
    )
    others = []
    for k in range(TENANTS - 1):
        other = companies.create(key=f"t{k}", name=f"T{k}")
        by = access.operator(other)
        for team in ("Service desk", "Second line"):
            people.add_team(name=team, by=by)
        sla.publish(config=POLICY, by=by, always=True)
        others.append(other)
    for one in (tenant, *others):
        made.fill(one, pulse.RUNNING // TENANTS, "2031-01-01T00:00:00Z", "1 second")
    made.settle()
    return tenant, sessions


# ----------------------------------------------------------------------------------- what there is


def busy(made: Crowd, tenant: int, sessions: list[str]) -> Report:
    title = f"From due to detected: {pulse.RUNNING:,} clocks, {RATE} due a second for {SECONDS} s"
    report = Report(f"{title}, a report all the while, {BROWSERS} browsers", (US, GOAL))
    with (
        streams.processes(made) as (port, _),
        tempfile.TemporaryDirectory() as folder,
        pulse.pulses(made, 2),
    ):
        chosen = [sessions[k // streams.EACH] for k in range(BROWSERS)]
        with streams.listeners(port, chosen, Path(folder)), reports(made, tenant) as took:
            due = pulse._soon(made, 6)
            made.fill(tenant, RATE * SECONDS, due, f"{1000 // RATE} milliseconds")
            pulse._drain(made)
            late = _late(made, due)
            stop_at = len(took)
        told = json.loads((Path(folder) / "heard").read_text())
    cuts = statistics.quantiles(late, n=100)
    for name, value, goal in (
        ("p50", cuts[49], None),
        ("p99", cuts[98], 250.0),
        ("most", max(late), 2_000.0),
    ):
        report.add([Figure(name, US, value, "ms"), Figure(name, GOAL, goal, "ms")])
    report.remarks += [
        f"{len(late):,} of {RATE * SECONDS:,} breaches",
        f"load of the machine {os.getloadavg()[0]:.1f}",
        f"{stop_at} reports meanwhile, {statistics.median(took or [0]):.2f} s each",
        f"{told['lost']} of {BROWSERS} browsers lost their connection",
    ]
    return report


def _late(made: Crowd, since: str) -> list[float]:
    """Return how late breaches were detected, in milliseconds."""
    return [
        row[0]
        for row in made.run(
            "SELECT extract(epoch FROM detected_at - due_at)::float8 * 1000 FROM violation"
            " WHERE due_at >= %(since)s::timestamptz",
            {"since": since},
        )
    ]


@contextmanager
def reports(made: Crowd, tenant: int) -> Iterator[list[float]]:
    """Read a report over all clocks of a tenant again and again, as a page of reports may."""
    took: list[float] = []
    stop = threading.Event()

    def read() -> None:
        with psycopg.connect(**database.parameters(made.url, "audit"), autocommit=True) as found:  # type: ignore[arg-type]  # all are texts
            while not stop.is_set():
                began = time.monotonic()
                with found.transaction():
                    found.execute("SELECT enter_tenant(%s)", [tenant])
                    found.execute(_REPORT, {"tenant": tenant}).fetchall()
                took.append(time.monotonic() - began)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join(60)


# ------------------------------------------------------------------------------ many at one instant


def burst(made: Crowd, tenant: int) -> Report:
    """Measure from the instant at which all fall due to the last commit."""
    report = Report(f"{BURST:,} due at one instant, {pulse.RUNNING:,} clocks", (US, GOAL))
    with pulse.pulses(made, 2):
        due = pulse._soon(made, 8)
        made.fill(tenant, BURST, due, "0 seconds")
        made.settle()
        pulse._drain(made)
        took = made.run(
            "SELECT extract(epoch FROM max(detected_at) - %(due)s::timestamptz)::float8,"
            " count(*) FROM violation WHERE due_at >= %(due)s::timestamptz",
            {"due": due},
        )[0]
    report.add([Figure("until all are decided", US, took[0], "s"), _goal("until all are decided")])
    report.add([Figure("decided", US, float(took[1]), "")])
    report.remarks.append(f"load of the machine {os.getloadavg()[0]:.1f}")
    return report


def _goal(name: str) -> Figure:
    return Figure(name, GOAL, 2.0, "s")


def backlog(made: Crowd, tenant: int) -> Report:
    """Have so many tickets be overdue when the pulses start."""
    title = f"{OVERDUE:,} tickets overdue at once"
    report = Report(title, (US, "a well-known desk"))
    due = pulse._soon(made, -7200)
    made.fill(tenant, OVERDUE, due, "0 seconds")
    made.settle()
    began = made.clock()
    with pulse.pulses(made, 2):
        pulse._drain(made)
    found, took = made.run(
        "SELECT count(*), extract(epoch FROM max(detected_at) - %(began)s::timestamptz)::float8"
        " FROM violation WHERE due_at = %(due)s::timestamptz",
        {"due": due, "began": began},
    )[0]
    report.add(
        [
            Figure("decided", US, float(found), ""),
            Figure("decided", "a well-known desk", float(OTHERS), ""),
        ]
    )
    report.add([Figure("left behind", US, float(OVERDUE - found), "")])
    report.add([Figure("from the start of the pulses on", US, took, "s")])
    report.remarks.append("the other desk's figure: given, not measured here")
    return report
