"""What the watchman looks for: what is never so while all goes well, each by SQL of its own.

Nothing here asks the engine, or trusts what the pulse has worked out: a mistake there must show.
All of it is read, in a role that can write no row of anybody.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tocsin.queries import access
from tocsin.records import context, rows

# Counting stops there: more is not worse.
MOST = 1000
# How much of the log's end is counted each time; what lies before was counted before.
_TAIL = 5000
# How many of the newest rows are looked at where no index knows the time.
_NEWEST = 20_000
INSTALLATION = 0
_PULSE = dt.timedelta(seconds=20)
_WORKER = dt.timedelta(seconds=60)

# Whether a message names the alert; a long digest says only how many more there are.
_NAMES = (
    "(strpos({0}.parts, to_json(a.clock)::text) > 0"
    " AND strpos({0}.parts, to_json(a.which)::text) > 0"
    " OR coalesce({0}.parts::json ->> 'more', '0') <> '0')"
)
# Alerts that people have been told, and those people are still there.
_TOLD = (
    "(SELECT q.* FROM {alerts} q JOIN person p"
    " ON p.tenant_id = q.tenant_id AND p.id = q.recipient_id AND p.is_active"
    " WHERE q.state = 'told' AND q.decided_at < {at} - interval '5 min'"
    " AND q.decided_at > {at} - interval '2 h')"
)
# Each finds the rows that should not be: since when, and which. Of a tenant that was entered.
CHECKS: Mapping[str, str] = {
    # Timers that should have fired.
    "overdue": """
        SELECT GREATEST(wake_at, held_until), id FROM ticket
        WHERE tenant_id = {tenant} AND wake_at IS NOT NULL
          AND GREATEST(wake_at, held_until) < {at} - interval '60 s'""",
    # The night's audits stand in a line, one after the other.
    "timers": """
        SELECT GREATEST(wake_at, held_until), id FROM schedule
        WHERE tenant_id = {tenant} AND GREATEST(wake_at, held_until)
            < {at} - CASE WHEN kind = 'audit' THEN interval '1 h' ELSE interval '60 s' END""",
    # Clocks that nobody will wake for: a promise that is open runs out at an instant at which the
    # ticket sleeps.
    "asleep": """
        SELECT c.due_at, t.id FROM clock c
        JOIN ticket t ON t.tenant_id = c.tenant_id AND t.id = c.ticket_id
        WHERE c.tenant_id = {tenant} AND c.verdict = 'open' AND c.state = 'running'
          AND c.due_at IS NOT NULL
          AND (t.wake_at IS NULL OR t.wake_at > c.due_at + interval '1 s')""",
    "escalations": """
        SELECT e.next_at, t.id FROM escalation e
        JOIN ticket t ON t.tenant_id = e.tenant_id AND t.id = e.ticket_id
        WHERE e.tenant_id = {tenant} AND e.ended_at IS NULL AND e.next_at IS NOT NULL
          AND (t.wake_at IS NULL OR t.wake_at > e.next_at + interval '1 s')""",
    # What was to be told and has no message, or one that does not leave.
    "untold": """
        SELECT a.decided_at, a.ticket_id FROM {told} a
        WHERE a.channel = 'product' AND NOT EXISTS (SELECT FROM {lines} n
            WHERE n.person_id = a.recipient_id AND n.created_at >= a.decided_at
              AND (n.ticket_id IS NULL OR n.ticket_id = a.ticket_id) AND {names_n})
        UNION ALL
        SELECT a.decided_at, a.ticket_id FROM {told} a
        WHERE a.channel <> 'product' AND NOT EXISTS (SELECT FROM {letters} o
            WHERE o.person_id = a.recipient_id AND o.created_at >= a.decided_at
              AND (o.ticket_id IS NULL OR o.ticket_id = a.ticket_id) AND {names_o})""",
    "forgotten": """
        SELECT a.decided_at, a.ticket_id FROM (
            SELECT decided_at, ticket_id, recipient_id FROM alert
            WHERE tenant_id = {tenant} AND state = 'digest'
            UNION ALL SELECT decided_at, ticket_id, recipient_id FROM {alerts} q
            WHERE state = 'quiet') a
        WHERE a.decided_at < {at} - interval '5 min' AND a.decided_at > {at} - interval '30 d'
          AND NOT EXISTS (SELECT FROM schedule s WHERE s.tenant_id = {tenant}
              AND s.kind IN ('digest', 'quiet') AND s.object = a.recipient_id)""",
    "unsent": """
        SELECT created_at, id FROM outbox
        WHERE tenant_id = {tenant} AND state = 'pending'
          AND created_at < {at} - interval '5 min'""",
    "leases": """
        SELECT lease_until, id FROM outbox
        WHERE tenant_id = {tenant} AND state = 'sending'
          AND lease_until < {at} - interval '60 s'""",
    # One is given up two days after it was written; a day later everybody has heard of it.
    "dead": """
        SELECT created_at, id FROM outbox
        WHERE tenant_id = {tenant} AND state = 'dead' AND created_at > {at} - interval '72 h'""",
    # The log.
    "unplaced": """
        SELECT e.recorded_at, e.id FROM unsequenced u
        JOIN event e ON e.tenant_id = u.tenant_id AND e.id = u.event_id
        WHERE u.tenant_id = {tenant} AND e.recorded_at < {at} - interval '60 s'""",
    "lost": """
        SELECT e.recorded_at, e.id FROM (
            SELECT id, recorded_at FROM event WHERE tenant_id = {tenant}
            ORDER BY id DESC LIMIT {tail}) e
        WHERE e.recorded_at < {at} - interval '60 s'
          AND NOT EXISTS (SELECT FROM position p
              WHERE p.tenant_id = {tenant} AND p.event_id = e.id)
          AND NOT EXISTS (SELECT FROM unsequenced u
              WHERE u.tenant_id = {tenant} AND u.event_id = e.id)""",
    "gaps": """
        SELECT {at}, x.position FROM (
            SELECT position, lead(position) OVER (ORDER BY position) AS next FROM (
                SELECT position FROM position WHERE tenant_id = {tenant}
                ORDER BY position DESC LIMIT {tail}) tail
            UNION ALL
            SELECT coalesce((SELECT max(position) FROM position WHERE tenant_id = {tenant}), 0),
                last + 1 FROM counter WHERE tenant_id = {tenant} AND name = 'position') x
        WHERE x.next <> x.position + 1""",
    # Violations and the facts that they follow from, both ways.
    "factless": """
        SELECT v.detected_at, v.ticket_id FROM (
            SELECT * FROM violation WHERE tenant_id = {tenant} ORDER BY id DESC LIMIT {tail}) v
        WHERE NOT EXISTS (SELECT FROM event e WHERE e.tenant_id = {tenant} AND e.id = v.event_id
            AND e.stream_kind = 'ticket' AND e.stream_id = v.ticket_id AND e.kind = 'effect'
            AND e.payload::json ->> 'deed' = 'breach')""",
    "unrecorded": """
        SELECT c.decided_at, c.ticket_id FROM clock c
        WHERE c.tenant_id = {tenant} AND c.verdict = 'breached'
          AND c.decided_at < {at} - interval '60 s' AND c.decided_at > {at} - interval '1 d'
          AND NOT EXISTS (SELECT FROM violation v WHERE v.tenant_id = {tenant}
              AND v.ticket_id = c.ticket_id AND v.clock = c.key)""",
    # Tickets that cannot be decided are out of the way, and nobody watches their deadlines.
    "held": """
        SELECT held_until, id FROM ticket
        WHERE tenant_id = {tenant} AND wake_at IS NOT NULL AND held_until > {at}
          AND attempts = 0""",
}
# Of the installation: who does not beat, and who does not act.
BEATS = ("pulse", "worker", "clocks", "versions")
# What the desk cannot tell anybody of by mail.
ABOUT_MAIL = frozenset({"unsent", "leases", "dead", "worker"})
# Somebody hears of these in another way already.
TOLD_ELSEWHERE = frozenset({"held", "dead"})

SENTENCES: Mapping[str, str] = {
    "overdue": "tickets are due for more than a minute and nobody has decided them",
    "timers": "digests or other timers are due for more than a minute",
    "asleep": "clocks run out while their tickets sleep",
    "escalations": "escalations go on while their tickets sleep",
    "untold": "alerts were decided and no message of them was written",
    "forgotten": "alerts wait for a digest that is not planned",
    "unsent": "messages wait to leave for more than five minutes",
    "leases": "messages are held by somebody who does not finish",
    "dead": "messages were given up",
    "unplaced": "events wait for their place for more than a minute",
    "lost": "events have no place and do not wait for one",
    "gaps": "places in the order of events are missing",
    "factless": "violations stand without the fact that they follow from",
    "unrecorded": "promises were missed and no violation is on record",
    "held": "tickets are held back because deciding them failed",
    "pulse": "the pulse has stopped: deadlines are not watched",
    "worker": "the worker has stopped: messages do not leave",
    "clocks": "a pulse does not act, because of the clocks",
    "versions": "a pulse stands down, because the database is for another version",
    "database": "the database did not answer the watchman",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be: of which tenant (0: the installation), how often, since when.

    `subject` is the id of one of them, of a ticket, a letter or an event as it may be.
    """

    tenant: int
    what: str
    many: int
    since: dt.datetime
    subject: int = 0

    @property
    def sentence(self) -> str:
        """What it is, as a sentence; a number where it is counted."""
        told = SENTENCES.get(self.what, self.what)
        return told if self.tenant == INSTALLATION else f"{self.many} × {told}"


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watchman noted of a finding: what it is, and when it first saw it."""

    finding: Finding
    first_at: dt.datetime

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        one = self.finding
        return {
            "tenant": one.tenant,
            "what": one.what,
            "many": one.many,
            "subject": one.subject,
            "since": one.since.isoformat(),
            "first": self.first_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Look:
    """One look at everything."""

    at: dt.datetime
    findings: tuple[Finding, ...]


@access.operates
def look(*, now: dt.datetime | None = None) -> Look:
    """Look at every tenant and at the installation; `now` stands for the clock where given."""
    at = now or rows.query("SELECT clock_timestamp()")[0][0]
    found = list(_of_the_installation(at))
    for (tenant,) in rows.query("SELECT tenant_id FROM tenant_list()"):
        with transaction.atomic(), context.tenant(tenant):
            rows.run("SET TRANSACTION READ ONLY")
            found += [one for what in CHECKS if (one := _check(tenant, what, at)) is not None]
    return Look(at, tuple(found))


def _check(tenant: int, what: str, at: dt.datetime) -> Finding | None:
    # Written into the text, so that the planner knows how little it is.
    clock = f"timestamptz '{at.isoformat()}'"
    alerts = _newest("alert", tenant, _NEWEST)
    inner = CHECKS[what].format(
        tenant=int(tenant),
        at=clock,
        tail=_TAIL,
        alerts=alerts,
        told=_TOLD.format(alerts=alerts, at=clock),
        lines=_newest("notification", tenant, 2 * _NEWEST),
        letters=_newest("outbox", tenant, 2 * _NEWEST),
        names_n=_NAMES.format("n"),
        names_o=_NAMES.format("o"),
    )
    many, since, subject = rows.query(
        f"SELECT count(*), min(x.since), (array_agg(x.subject ORDER BY x.since))[1]"
        f" FROM ({inner} LIMIT {MOST}) x (since, subject)"
    )[0]
    return Finding(tenant, what, many, since, int(subject or 0)) if many else None


def _newest(table: str, tenant: int, most: int) -> str:
    return f"(SELECT * FROM {table} WHERE tenant_id = {int(tenant)} ORDER BY id DESC LIMIT {most})"


def _of_the_installation(at: dt.datetime) -> list[Finding]:
    found = rows.query(
        "SELECT kind, beat_at, told FROM beat WHERE kind IN ('pulse', 'worker')"
        " AND beat_at <= %s ORDER BY beat_at DESC",
        [at + _PULSE],
    )
    made = []
    for kind, patience in (("pulse", _PULSE), ("worker", _WORKER)):
        last = next((beat_at for name, beat_at, _ in found if name == kind), None)
        if last is None or at - last > patience:
            made.append(Finding(INSTALLATION, kind, 1, last or at))
    told = [
        json.loads(one)
        for kind, beat_at, one in found
        if kind == "pulse" and at - beat_at <= _PULSE
    ]
    doubting = sum(not str(one.get("trust", "act")).startswith("act") for one in told)
    if doubting:
        made.append(Finding(INSTALLATION, "clocks", doubting, at))
    old = sum(one.get("gate") is False for one in told)
    if old:
        made.append(Finding(INSTALLATION, "versions", old, at))
    return made


@access.operates
def note(process: str, told: Mapping[str, Any]) -> None:
    """Write that the watchman has looked, and what it found."""
    rows.run("SELECT watch_note(%s, %s)", [process, json.dumps(told)])


@access.operates
def noted() -> str:
    """Return what the watchman noted last, within five minutes; empty when it looks no more."""
    found = rows.query(
        "SELECT told FROM beat WHERE kind = 'watchman'"
        " AND beat_at > clock_timestamp() - interval '5 min' ORDER BY beat_at DESC LIMIT 1"
    )
    return str(found[0][0]) if found else ""


def read(told: str) -> tuple[Watched, ...]:
    """Return what the watchman noted; nothing of a note that is none."""
    try:
        return tuple(_watched(one) for one in json.loads(told or "{}").get("findings", ()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _watched(one: Mapping[str, Any]) -> Watched:
    finding = Finding(
        tenant=int(one["tenant"]),
        what=str(one["what"]),
        many=int(one["many"]),
        since=dt.datetime.fromisoformat(one["since"]),
        subject=int(one["subject"]),
    )
    return Watched(finding, dt.datetime.fromisoformat(one["first"]))
