"""What screens read: the hub, the board, the lists and single cards, at 100,000 open tickets."""

import datetime as dt
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import transaction

from bench.crowd import Crowd, crowd
from bench.measuring import Figure, Report
from tocsin.kit import machine_clock

OPEN = int(os.environ.get("TOCSIN_BENCH_OPEN", "100000"))
DONE = int(os.environ.get("TOCSIN_BENCH_DONE", "100000"))
CALLS = int(os.environ.get("TOCSIN_BENCH_CALLS", "60"))
EXPLAIN = bool(os.environ.get("TOCSIN_BENCH_EXPLAIN"))
US = "Tocsin"
OFFICE = {
    "zone": "Europe/Stockholm",
    "week": {day: ["08:00-17:00"] for day in ["mon", "tue", "wed", "thu", "fri"]},
}
POLICY: dict[str, Any] = {
    "tocsin": 1,
    "calendars": {"office": OFFICE},
    "paths": {"standard": {"levels": [{"name": "L2", "team": "Team 2", "wait": "30m"}]}},
    "policies": [
        {
            "key": "standard",
            "rank": 1,
            "calendar": "office",
            "clocks": [
                {"clock": "first response", "targets": {"*": "4h"}, "path": "standard"},
                {"clock": "resolution", "targets": {"*": "24h"}, "alerts": [{"at": "75%"}]},
            ],
        }
    ],
}
STAGES = ("triage", "first line", "second line", "waiting", "vendor")
SUPPORT: dict[str, Any] = {
    "name": "Support",
    "calendar": "office",
    "stages": [
        {"key": STAGES[0], "name": "Triage", "status": "new", "limit": "2h"},
        {"key": STAGES[1], "name": "First line", "status": "open", "limit": "8h"},
        {"key": STAGES[2], "name": "Second line", "status": "open", "limit": "8h"},
        {"key": STAGES[3], "name": "Waiting", "status": "waiting customer"},
        {"key": STAGES[4], "name": "At the vendor", "status": "waiting internal"},
        {"key": "done", "name": "Done", "status": "resolved"},
    ],
}

# One in ten is breached, one in seven waits for the customer, a third owes a first response.
_OPEN = """
INSERT INTO ticket (tenant_id, number, pipeline_id, stage_id, account_id, team_id, assignee_id,
    status, priority, type, channel, subject, opened_at, last_seq, last_at, decided_at, due_at,
    warn_at, respond_at, respond_warn_at, escalates_at, rank_at, reasons, held_reason, attempts)
SELECT %(tenant)s, n, s.pipeline_id, s.id, a.id, t.id, p.id, s.status,
    'P' || (1 + least(3, floor(random() * 10)))::int, 'question', 'mail',
    'Ticket ' || n || ' of the printer', opened, 3, opened, opened, due, due - interval '6 hours',
    CASE WHEN answers THEN due END, CASE WHEN answers THEN due - interval '1 hour' END,
    CASE WHEN answers THEN greatest(due, now()) + random() * interval '20 hours' END,
    coalesce(due, opened + interval '100 years') - random() * interval '100 hours',
    '[["due","2026-03-02T09:00:00+00:00",0],["priority","P3",12]]', '', 0
FROM (SELECT n, now() - random() * interval '20 days' AS opened,
        CASE WHEN n %% 7 <> 0 THEN now() + (random() - 0.1) * interval '5 days' END AS due,
        n %% 7 <> 0 AND n %% 3 = 0 AS answers
      FROM generate_series(1, %(open)s) n) d
JOIN LATERAL (SELECT * FROM stage WHERE tenant_id = %(tenant)s AND position = CASE
    WHEN n %% 7 = 0 THEN 3 ELSE (ARRAY[0, 1, 2, 4])[1 + n %% 4] END) s ON true
LEFT JOIN account a ON a.tenant_id = %(tenant)s AND a.key = 'account ' || (n %% %(accounts)s)
LEFT JOIN team t ON t.tenant_id = %(tenant)s AND t.key = 'team ' || (1 + n %% 5)
LEFT JOIN person p ON p.tenant_id = %(tenant)s AND n %% 4 <> 0
    AND p.email = 'p' || (n %% %(people)s) || '@x.example'
"""
_DONE = """
INSERT INTO ticket (tenant_id, number, pipeline_id, stage_id, team_id, status, priority, type,
    channel, subject, opened_at, last_seq, last_at, decided_at, done_at, rank_at, reasons,
    held_reason, attempts)
SELECT %(tenant)s, %(open)s + n, s.pipeline_id, s.id, t.id, 'resolved', 'P3', 'question', 'mail',
    'Ticket ' || n || ' of last month', ended - interval '1 day', 5, ended, ended, ended,
    ended, '[]', '', 0
FROM (SELECT n, now() - random() * interval '60 days' AS ended
      FROM generate_series(1, %(done)s) n) d
JOIN stage s ON s.tenant_id = %(tenant)s AND s.key = 'done'
LEFT JOIN team t ON t.tenant_id = %(tenant)s AND t.key = 'team ' || (1 + n %% 5)
"""
_CLOCKS = """
INSERT INTO clock (tenant_id, ticket_id, key, agreement, definition, cycle, state, started_at,
    anchor_at, since, due_at, undue, cause, used_us, paused_us, target_us, left_us, warn_us,
    crit_us, rescued, policy, policy_version, row, target, calendar, calendar_version, stopped_at,
    outcome,
    verdict, decided_at, month, owner, team, stage, type, priority)
SELECT tenant_id, t.id, d.key, d.agreement, d.definition, 1, x.state, opened_at, opened_at,
    coalesce(done_at, opened_at), CASE WHEN x.state <> 'paused' THEN due_at END,
    CASE WHEN x.state = 'paused' THEN 'paused' ELSE '' END, 'time', 0, 0, 86400000000, 7200000000,
    21600000000, 300000000, false, 'standard', 1, 'any other priority', '24 h', 'office', 1,
    CASE WHEN x.state = 'stopped' THEN coalesce(done_at, opened_at) END, '', v.verdict,
    CASE WHEN v.verdict = 'met' THEN coalesce(done_at, opened_at)
         WHEN v.verdict = 'breached' THEN coalesce(done_at, due_at, opened_at) END, '', '',
    'team ' || (1 + number %% 5), 'triage', 'question', priority
FROM ticket t
CROSS JOIN (VALUES ('SLA/first response#1', 'SLA', 'first response'),
    ('SLA/resolution#1', 'SLA', 'resolution'),
    ('OLA/stage triage#1', 'OLA', 'stage triage')) d (key, agreement, definition)
CROSS JOIN LATERAL (SELECT CASE WHEN done_at IS NOT NULL THEN 'stopped'
    WHEN d.definition = 'first response' AND respond_at IS NULL THEN 'stopped'
    WHEN due_at IS NULL THEN 'paused' ELSE 'running' END AS state) x
CROSS JOIN LATERAL (SELECT CASE WHEN x.state = 'stopped' AND number %% 10 <> 0 THEN 'met'
    WHEN x.state = 'stopped' OR (x.state = 'running' AND due_at < now()) THEN 'breached'
    ELSE 'open' END AS verdict) v
WHERE t.tenant_id = %(tenant)s
"""
_ALERTS = """
INSERT INTO alert (tenant_id, ticket_id, event_id, deed, clock, which, mark, recipient_id, channel,
    planned_at, decided_at, state, critical, counts, team)
SELECT tenant_id, ticket_id, id, 'warn', key, '75 %%/0', '1', 1, channel, decided_at,
    decided_at + random() * interval '61 seconds', 'told', false,
    channel = 'product', team
FROM clock CROSS JOIN (VALUES ('product'), ('mail')) c (channel)
WHERE tenant_id = %(tenant)s AND decided_at IS NOT NULL AND ticket_id %% 3 = 0
"""
_WORDS = """
INSERT INTO search_text (tenant_id, ticket_id, words)
SELECT tenant_id, id, to_tsvector('simple', subject) FROM ticket WHERE tenant_id = %(tenant)s
"""


def run() -> list[Report]:
    with crowd() as made:
        return [measured(fill(made))]


def fill(made: Crowd) -> int:
    """Make a company of five teams and fifty people, and its tickets."""
    from tocsin.actions import customers, people, pipelines, sla
    from tocsin.actions import tenants as companies
    from tocsin.queries import access

    tenant = companies.create(key="face", name="Face")
    by = access.operator(tenant)
    own = [people.add_person(name=f"P {k}", email=f"p{k}@x.example", by=by) for k in range(50)]
    for k in range(5):
        people.add_team(name=f"Team {k + 1}", lead=own[k], members=tuple(own[k::5]), by=by)
    for k in range(100):
        customers.add_account(name=f"Account {k}", plan="Enterprise", vip=k % 9 == 0, by=by)
    sla.publish(config=POLICY, by=by, always=True)
    pipelines.publish(key="support", config=SUPPORT, by=by)
    values = {"tenant": tenant, "open": OPEN, "done": DONE, "accounts": 100, "people": 50}
    with psycopg.connect(made.admin_url, autocommit=True) as found:
        # Triggers and keys would check what is made right.
        for setting in ("session_replication_role = replica", "synchronous_commit = off"):
            found.execute(f"SET {setting}".encode())
        for statement in (_OPEN, _DONE, _CLOCKS, _ALERTS, _WORDS):
            found.execute(statement.encode(), values)
    made.settle()
    return tenant


def measured(tenant: int) -> Report:
    """Call each read model on a warm connection; the middle and the slow end of its times."""
    from tocsin.queries import access, board, cards, hub, listing, tally
    from tocsin.queries.listing import Wanted, Which

    by = access.person(tenant, _anybody(tenant), "manager")
    week = dt.timedelta(days=7)

    def anew() -> object:
        tally._kept.clear()
        return hub.hub(by=by)

    def page(which: Which) -> Callable[[], object]:
        since = machine_clock.wall() - week if which in (Which.CREATED, Which.RESOLVED) else None
        return lambda: listing.tickets(by=by, wanted=Wanted(which, since=since))

    ids = [card.id for card in listing.tickets(by=by, most=10).cards]
    calls: dict[str, Callable[[], object]] = {
        "hub, nothing happened since": lambda: hub.hub(by=by),
        "hub, all counted anew": anew,
        "board, 5 columns of 40 cards": lambda: board.board(by=by, most=40),
        "10 cards": lambda: cards.cards(by=by, ids=ids),
        **{f"list of 50: {which}": page(which) for which in Which},
    }
    report = Report(f"Read models, {OPEN:,} open tickets and {DONE:,} done", ("p50", "p95"))
    for name, call in calls.items():
        took = _took(call)
        middle, slow = statistics.median(took), statistics.quantiles(took, n=20)[18]
        report.add([Figure(name, "p50", middle, "ms"), Figure(name, "p95", slow, "ms")])
        if EXPLAIN:
            _explain(name, call)
    return report


def _anybody(tenant: int) -> int:
    """Return somebody who works there."""
    from tocsin.queries import desk
    from tocsin.records import context

    with transaction.atomic(), context.tenant(tenant):
        return min(desk.at_work(tenant)[0].people)


def _took(call: Callable[[], object]) -> list[float]:
    # Seven times unmeasured: after that the server has settled on its plans.
    for _ in range(7):
        call()
    took = []
    for _ in range(CALLS):
        before = time.perf_counter()
        call()
        took.append((time.perf_counter() - before) * 1000)
    return took


def _explain(name: str, call: Callable[[], object]) -> None:
    """Print how the server carries out each statement of a call."""
    from django.db import connection

    def explained(execute: Callable[..., Any], sql: str, params: Any, *more: Any) -> Any:
        if sql.startswith("SELECT") and "enter_tenant" not in sql:
            with connection.cursor() as cursor:
                cursor.cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
                print(f"\n{name}: {sql[:200]}")
                print("\n".join(f"    {row[0]}" for row in cursor.cursor.fetchall()))
        return execute(sql, params, *more)

    with connection.execute_wrapper(explained):
        call()
