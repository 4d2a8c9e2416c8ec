"""Changing what is promised while clocks run: recomputing, re-planning, and what clocks cost."""

import datetime as dt
import os
import statistics
import time
from typing import Any

from bench.crowd import ALWAYS, Crowd, crowd
from bench.measuring import Figure, Report
from bench.pulse import pulses

US = "Tocsin"
CLOCKS = int(os.environ.get("TOCSIN_BENCH_CLOCKS", "100000"))
KINDS = ("first response", "resolution", "periodic update")
SIX = (*KINDS, "requester wait", "agent work", "team ownership")
TICKETS, ROUNDS, OPENINGS, EVENTS = 400, 3, 200, 500
MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def run() -> list[Report]:
    with crowd() as made:
        return [recomputing(), *replanning(made), opening(made), explaining(made)]


def promise(hours: int, kinds: tuple[str, ...] = KINDS) -> dict[str, Any]:
    """Return a policy with those clocks, each due after so many hours."""
    office = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendars = {
        "always": {"zone": "UTC", "week": ALWAYS},
        "office": {"zone": "Europe/Stockholm", "week": office},
    }
    clocks = [{"clock": kind, "targets": {"*": f"{hours}h"}} for kind in kinds]
    policy = {"key": "standard", "rank": 1, "calendar": "office", "clocks": clocks}
    return {"tocsin": 1, "calendars": calendars, "policies": [policy]}


# ------------------------------------------------------------------------------------- recomputing


def recomputing() -> Report:
    """Fold invented tickets of twenty facts and three clocks each, in this process."""
    from tocsin.engine import replay
    from tocsin.engine.version import Versions

    versions = Versions.from_dict(promise(8))
    logs = [history(f"{k}") for k in range(TICKETS)]
    count = sum(len(log) for log in logs)
    best = 0.0
    for _ in range(ROUNDS):
        before = time.perf_counter()
        for k, log in enumerate(logs):
            replay.replay(str(k), log, versions, now=MONDAY + dt.timedelta(days=30))
        best = max(best, count / (time.perf_counter() - before))
    report = Report("Recomputing tickets with three clocks, one core", (US,))
    report.add([Figure("facts", US, best, "events/s", sample=count)])
    return report


def history(ticket: str) -> list[Any]:
    """Return a ticket's facts: talk, waiting, a priority, resolved in the end."""
    from tocsin.engine.event import Event, Kind, Side

    turns: list[tuple[Kind, dict[str, Any], Side]] = [
        (Kind.CREATED, {"status": "new", "priority": "P3"}, Side.CUSTOMER)
    ]
    for k in range(6):
        turns += [
            (Kind.AGENT_MESSAGE, {}, Side.AGENT),
            (Kind.STATUS, {"to": "waiting customer" if k % 2 else "open"}, Side.AGENT),
            (Kind.CUSTOMER_MESSAGE, {}, Side.CUSTOMER),
        ]
    turns += [(Kind.STATUS, {"to": "resolved"}, Side.AGENT)]
    return [
        Event(ticket, kind, MONDAY + dt.timedelta(hours=3 * k), f"{ticket}/{k}", payload, side)
        for k, (kind, payload, side) in enumerate(turns)
    ]


# -------------------------------------------------------------------------------------- replanning


def founded(key: str, config: dict[str, Any] | None) -> int:
    from tocsin.actions import people, sla
    from tocsin.actions import tenants as companies
    from tocsin.queries import access

    tenant = companies.create(key=key, name=key)
    by = access.operator(tenant)
    boss = people.add_person(name="Mia", email="mia@x.example", role="manager", by=by)
    people.add_team(name="Service desk", lead=boss, manager=boss, by=by)
    if config is not None:
        sla.publish(config=config, by=by, always=True)
    return tenant


def replanning(made: Crowd) -> list[Report]:
    """Have open clocks go over to another policy, by two pulses as `tocsin up` runs them."""
    from tocsin.actions import sla
    from tocsin.queries import access

    tenant = founded("replan", promise(2_000))
    count = CLOCKS // len(KINDS) + 1
    made.fill(tenant, count, "2031-01-01T00:00:00Z", "1 second")
    # Opened yesterday, and to be decided: the pulses give them their three clocks.
    made.run(f"DELETE FROM clock WHERE tenant_id = {tenant}")
    moved = "now() - interval '1 day'"
    with_triggers_off = "SET session_replication_role = replica; "
    made.run(
        with_triggers_off
        + f"UPDATE event SET effective_at = {moved}, recorded_at = {moved}"
        + f" WHERE tenant_id = {tenant} AND stream_kind = 'ticket'"
    )
    made.run(
        with_triggers_off
        + f"UPDATE ticket SET opened_at = {moved}, last_at = {moved}, decided_at = {moved},"
        f" wake_at = now(), respond_at = NULL, respond_warn_at = NULL, escalates_at = NULL"
        f" WHERE tenant_id = {tenant}"
    )
    made.settle()
    report = Report(f"Re-planning {count * len(KINDS):,} open clocks, two pulses", (US,))
    with pulses(made, 2):
        _until(made, tenant, "2030-01-01T00:00:00Z")
        clocks = made.run(f"SELECT count(*) FROM clock WHERE tenant_id = {tenant}")[0][0]
        assert clocks == count * len(KINDS), clocks
        by = access.operator(tenant)
        for name, config, basis in (
            ("policy, future time only", promise(1_500), "future time"),
            ("policy, restated", promise(1_000), "restate"),
            ("calendar, future time only", closed(promise(1_000)), None),
        ):
            made.settle()
            before, at = time.perf_counter(), made.clock()
            sla.publish(config=config, by=by, basis=basis, reason="measured")
            published = time.perf_counter() - before
            _until(made, tenant, str(at))
            took = time.perf_counter() - before
            report.add(
                [Figure(name, US, took, "s"), Figure("of it publishing", US, published, "s")]
            )
    return [report]


def closed(config: dict[str, Any]) -> dict[str, Any]:
    office = config["calendars"]["office"]
    office = {**office, "exceptions": {"2031-06-06": []}}
    return {**config, "calendars": {**config["calendars"], "office": office}}


def _until(made: Crowd, tenant: int, at: str) -> None:
    """Wait until every ticket was decided after an instant (or has nothing to be decided)."""
    left = (
        f"SELECT count(*) FROM ticket WHERE tenant_id = {tenant}"
        " AND wake_at <= clock_timestamp() AND (decided_at < %(at)s::timestamptz OR true)"
    )
    while made.run(left, {"at": at})[0][0]:
        time.sleep(0.2)


# ------------------------------------------------------------------------------ opening, explaining


def opening(made: Crowd) -> Report:
    """Open tickets with six clocks and without any, in turns, one thread of one process."""
    from tocsin.actions import tickets
    from tocsin.queries import access

    by = {
        "without a clock": access.operator(founded("none", None)),
        "with six clocks": access.operator(founded("six", promise(8, SIX))),
    }
    took: dict[str, list[float]] = {name: [] for name in by}
    for k in range(OPENINGS + 20):
        for name, actor in by.items():
            before = time.perf_counter()
            tickets.open_(subject=f"Opened {k}", body="Help", team="Service desk", by=actor)
            took[name].append((time.perf_counter() - before) * 1000)
    report = Report("Opening a ticket, median", tuple(by))
    report.add(
        [Figure("open", name, statistics.median(times[20:]), "ms") for name, times in took.items()]
    )
    return report


def explaining(made: Crowd) -> Report:
    """Ask for the why strip of a ticket with many facts, through all middleware."""
    from django.test import Client
    from django.urls import reverse

    from tocsin.actions import passwords, people, tickets
    from tocsin.engine.event import Side
    from tocsin.queries import access, cards
    from tocsin.queries.access import Actor

    tenant = founded("long", promise(2_000, SIX))
    by = access.operator(tenant)
    word = "a long word for benchmarks"
    lea = people.add_person(name="Lea", email="lea@x.example", role="lead", by=by)
    passwords.give(person=lea, password=word, by=by)
    customer = Actor(tenant, "customer", access.RIGHTS["operator"], Side.CUSTOMER)
    agent = access.person(tenant, lea, "lead")
    ticket = tickets.open_(subject="Much to say", body="Hello", team="Service desk", by=customer)
    for k in range(EVENTS // 4):
        tickets.reply(ticket_id=ticket, body=f"Answer {k}", by=agent)
        tickets.pause(ticket_id=ticket, reason="a question", by=agent)
        tickets.reply(ticket_id=ticket, body=f"Word {k}", by=customer)
    facts = made.run(
        f"SELECT count(*) FROM event WHERE stream_id = {ticket} AND tenant_id = {tenant}"
    )
    number = cards.cards(by=agent, ids=[ticket])[0].number
    client = Client(headers={"host": "localhost"})
    client.post("/t/long/sign-in/", {"login": "lea@x.example", "password": word})
    assert reverse("hub")
    path = f"/t/long/tickets/{number}/why/?clock=SLA/resolution%231"
    times = []
    for _ in range(40):
        before = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - before) * 1000)
        assert answer.status_code == 200, answer.status_code
    report = Report(f"Why strip of a ticket with {facts[0][0]} facts and six clocks", (US,))
    report.add([Figure("page, median", US, statistics.median(times[10:]), "ms")])
    return report
