"""The audit of ourselves: what the tables keep of tickets, reckoned anew from the event log."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from tocsin.engine import decide, replay
from tocsin.engine import event as events
from tocsin.engine.decide import Decision, Snapshot
from tocsin.engine.effect import Deed
from tocsin.engine.event import Event, Kind
from tocsin.engine.ticket import Ticket
from tocsin.queries import access, desk, facts, projection, reach, running
from tocsin.queries.access import Actor, Right
from tocsin.queries.audit import instant
from tocsin.queries.desk import Desk
from tocsin.records import context, rows

BATCH = 500
MISSING = "(no row)"
_MOST_ID = 2**63 - 1
_TICKET = (
    *("id", "number", "status", "priority", "type", "last_seq", "decided_at", "wake_at"),
    *("due_at", "warn_at", "respond_at", "respond_warn_at", "escalates_at", "done_at"),
    *("rank_at", "reasons"),
)
_VIOLATION = (
    *("due_at", "breached_at", "detected_at", "cause", "policy", "policy_version"),
    *("owner", "team", "stage", "withdrawn_at"),
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that is not what the log says; `clock` is empty for the ticket's own row."""

    ticket: int
    clock: str
    field: str
    stored: str
    computed: str


@dataclass(slots=True)
class Reckoning:
    """What was looked at, and what was found to be otherwise."""

    tickets: int = 0
    clocks: int = 0
    violations: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: "Reckoning") -> None:
        """Add what another part of the audit found."""
        self.tickets += other.tickets
        self.clocks += other.clocks
        self.violations += other.violations
        self.differences += other.differences


@dataclass(frozen=True, slots=True)
class _Stored:
    """The rows of one ticket, those of clocks and violations by their keys."""

    ticket: Row
    clocks: dict[str, Row] = field(default_factory=dict)
    violations: dict[tuple[str, str], Row] = field(default_factory=dict)
    escalations: dict[int, Row] = field(default_factory=dict)


@access.needs(Right.READ_AUDIT)
def count(*, by: Actor) -> int:
    """Return how many tickets there are to look at."""
    with reach.reading(by):
        seen, given = reach.condition(by)
        found = rows.query(
            f"SELECT count(*) FROM ticket t WHERE t.tenant_id = %s AND {seen}", [by.tenant, *given]
        )
    return int(found[0][0])


@access.needs(Right.READ_AUDIT)
def spans(*, by: Actor, batch: int = BATCH) -> list[tuple[int, int | None]]:
    """Return the tickets' ids in spans of about a batch, each after one id and up to another.

    The last has no end: a ticket that is opened meanwhile belongs to it.
    """
    seen, given = reach.condition(by)
    with reach.reading(by):
        found = rows.query(
            "SELECT id FROM (SELECT t.id, row_number() OVER (ORDER BY t.id) AS nth FROM ticket t"
            f" WHERE t.tenant_id = %s AND {seen}) n WHERE nth %% %s = 0 ORDER BY id",
            [by.tenant, *given, batch],
        )
    starts = [0, *(int(row[0]) for row in found)]
    return list(zip(starts, [*starts[1:], None], strict=True))


@access.needs(Right.READ_AUDIT)
def reckon(
    *,
    by: Actor,
    batch: int = BATCH,
    leave_out: Collection[int] = (),
    span: tuple[int, int | None] = (0, None),
) -> Iterator[Reckoning]:
    """Yield what each batch of tickets comes to, in the order of their ids.

    Each ticket is reckoned as of its last decision: the same facts give the same rows. Nothing is
    locked; a batch sees one state of the database. `leave_out` names tickets that are known to be
    beyond reckoning; `span` asks for those whose ids lie after the one and up to the other.
    """
    after, last = span
    while True:
        found, after = _batch(by.tenant, (after, last), batch, leave_out)
        if not found.tickets:
            return
        yield found


def _batch(
    tenant: int, span: tuple[int, int | None], most: int, leave_out: Collection[int]
) -> tuple[Reckoning, int]:
    made = Reckoning()
    with transaction.atomic():
        rows.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with context.tenant(tenant):
            at_work, _ = desk.at_work(tenant)
            stored = _stored(tenant, span, most)
            logs = facts.of_tickets(tenant, list(stored))
    for id_, one in stored.items():
        made.tickets += 1
        if id_ in leave_out:
            continue
        made.clocks += len(one.clocks)
        made.violations += len(one.violations)
        made.differences += _compared(one, logs.get(id_, []), at_work)
    return made, max(stored, default=span[0])


def _stored(tenant: int, span: tuple[int, int | None], most: int) -> dict[int, _Stored]:
    columns, (after, last) = ", ".join(_TICKET), span
    found = rows.query(
        f"SELECT {columns} FROM ticket WHERE tenant_id = %s AND id > %s AND id <= %s"
        " ORDER BY id LIMIT %s",
        [tenant, after, _MOST_ID if last is None else last, most],
    )
    made = {row[0]: _Stored(dict(zip(_TICKET, row, strict=True))) for row in found}
    clock = tuple(name for name in rows.types("clock") if name not in ("id", "tenant_id"))
    for row in _of(tenant, "clock", clock, list(made)):
        made[row.pop("ticket_id")].clocks[row["key"]] = row
    escalation = tuple(n for n in rows.types("escalation") if n not in ("id", "tenant_id"))
    for row in _of(tenant, "escalation", escalation, list(made)):
        made[row.pop("ticket_id")].escalations[row["number"]] = row
    named = ("ticket_id", "clock", "mark", *_VIOLATION)
    for row in _of(tenant, "violation", named, list(made)):
        made[row.pop("ticket_id")].violations[row.pop("clock"), row.pop("mark")] = row
    return made


def _of(tenant: int, table: str, columns: Sequence[str], tickets: list[int]) -> Iterator[Row]:
    listed = ", ".join(columns)
    for row in rows.query(
        f"SELECT {listed} FROM {table} WHERE tenant_id = %s AND ticket_id = ANY(%s)",
        [tenant, tickets],
    ):
        yield dict(zip(columns, row, strict=True))


# ------------------------------------------------------------------------------------ reckoning


def _compared(stored: _Stored, own: list[Event], at_work: Desk) -> Iterator[Difference]:
    """Yield every value of a ticket's rows that its facts do not give."""
    number, now = stored.ticket["number"], stored.ticket["decided_at"]
    if not own:
        yield Difference(number, "", "events", str(stored.ticket["last_seq"]), "0")
        return
    # A calendar's fact that came after the decision waits for the next one.
    known = [fact for fact in at_work.calendar_facts if _learned(fact) <= now]
    log = facts.with_calendars(own, known)
    state = replay.at(replay.fold(str(stored.ticket["id"]), log, at_work.versions), now)
    clocks = projection.clocks(state, log, now=now)
    versions = at_work.versions
    escalations = running.rows_of(state, log, versions, now=now)
    row = _ticket(state, own, log, clocks, running.first(escalations))
    yield from _fields(number, "", stored.ticket, row)
    decision = decide.decide(Snapshot(state, decide.done(log), versions), now=now)
    asked = max((_learned(fact) for fact in at_work.calendar_facts), default=now)
    yield from _waking(number, stored.ticket["wake_at"], decision, asked)
    for key in sorted({*stored.clocks, *clocks}):
        yield from _fields(number, key, stored.clocks.get(key), clocks.get(key))
    made = {row["number"]: row for row in escalations}
    for nth in sorted({*stored.escalations, *made}):
        pair = stored.escalations.get(nth), made.get(nth)
        yield from _fields(number, "", *pair, under=f"escalation {nth} ")
    missed = _violations(own)
    for clock, mark in sorted({*stored.violations, *missed}):
        pair = stored.violations.get((clock, mark)), missed.get((clock, mark))
        yield from _fields(number, clock, *pair, under="violation ")


def _learned(fact: Event) -> dt.datetime:
    return fact.recorded_at or fact.effective_at


def _fields(
    number: int, clock: str, stored: Row | None, computed: Row | None, *, under: str = ""
) -> Iterator[Difference]:
    """Yield the values of one row that are others; a row that only one side has is one of them."""
    if stored is None or computed is None:
        there, made = ("", MISSING) if computed is None else (MISSING, "")
        yield Difference(number, clock, f"{under}row".strip(), there, made)
        return
    for name, value in computed.items():
        if stored[name] != value:
            yield Difference(number, clock, f"{under}{name}", _text(stored[name]), _text(value))


def _ticket(
    state: Ticket,
    own: Sequence[Event],
    log: Sequence[Event],
    clocks: Mapping[str, Row],
    next_step: dt.datetime | None,
) -> Row:
    fields = state.fields
    return {
        "status": fields.get("status") or "new",
        "priority": fields.get("priority") or "",
        "type": fields.get("type") or fields.get("category") or "",
        "last_seq": len(own),
        **projection.ticket(state, log, clocks, next_step),
    }


def _waking(
    number: int, stored: dt.datetime | None, decision: Decision, asked: dt.datetime
) -> Iterator[Difference]:
    """Yield what was due and not done, and a moment to wake that is later than the next due.

    An earlier one is harmless. So is that of a new calendar version, `asked`: it has come, and may
    stand in place of one that had come before.
    """
    for effect in decision.effects:
        told = "/".join(effect.key)
        yield Difference(number, effect.key.clock, "effect", "not carried out", told)
    wanted = decision.wake_at
    if wanted is not None and (stored is None or stored > max(wanted, asked)):
        yield Difference(number, "", "wake_at", _text(stored), _text(wanted))


def _violations(own: Sequence[Event]) -> dict[tuple[str, str], Row]:
    """Return the violations that the facts record, as they were found and taken back."""
    made: dict[tuple[str, str], Row] = {}
    for k, fact in enumerate(own):
        if fact.kind is not Kind.EFFECT:
            continue
        payload = fact.payload
        effect = decide.key_of(payload)
        key = (effect.clock, projection.violation_mark(effect))
        if payload["deed"] == Deed.BREACH:
            # Who had the ticket as it was known then: a later fact about it changes no violation.
            made[key] = _violation(payload, events.in_order(own[:k]))
        elif payload["deed"] == Deed.RESTATE and key in made:
            made[key]["withdrawn_at"] = fact.recorded_at
    return made


def _violation(payload: Mapping[str, Any], known: list[Event]) -> Row:
    at = {name: dt.datetime.fromisoformat(payload[name]) for name in _INSTANTS}
    had = projection.attributes(projection.fields_at(known, at["breached_at"]))
    return {
        "due_at": at["due"],
        "breached_at": at["breached_at"],
        "detected_at": at["detected_at"],
        "cause": payload["cause"],
        "policy": payload["policy"],
        "policy_version": payload["version"],
        **{name: had[name] for name in ("owner", "team", "stage")},
        "withdrawn_at": None,
    }


_INSTANTS = ("due", "breached_at", "detected_at")


def _text(value: object) -> str:
    if value is None:
        return ""
    return instant(value) if isinstance(value, dt.datetime) else str(value)
