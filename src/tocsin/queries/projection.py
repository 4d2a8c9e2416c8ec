"""What the tables keep of clocks: a pure function of a ticket's facts, so it can be made anew."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.engine import verdict
from tocsin.engine.clock import Clock
from tocsin.engine.effect import Key
from tocsin.engine.event import Event
from tocsin.engine.replay import Ticket
from tocsin.engine.verdict import Verdict

_MICROSECOND = dt.timedelta(microseconds=1)


def clocks(ticket: Ticket, log: Iterable[Event], *, now: dt.datetime) -> dict[str, dict[str, Any]]:
    """Return a row for each clock of the ticket, by the clock's id.

    `log` holds the ticket's facts in their order, `now` is the instant of the decision.
    """
    log = list(log)
    return {clock.id: _clock(clock, ticket, log, now) for clock in ticket.clocks}


def _clock(clock: Clock, ticket: Ticket, log: list[Event], now: dt.datetime) -> dict[str, Any]:
    found = verdict.of(clock, now=now)
    decided = verdict.decided_at(clock, now=now)
    fields = ticket.fields if decided is None else _deciding(log, decided)
    month = clock.calendar.calendar.local_date(decided).strftime("%Y-%m") if decided else ""
    return {
        **_terms(clock),
        "key": clock.id,
        "state": clock.state.value,
        "started_at": clock.started_at,
        "anchor_at": clock.anchor,
        "since": clock.since,
        "due_at": clock.due,
        "undue": clock.undue,
        "cause": clock.cause.value,
        "used_us": clock.used // _MICROSECOND,
        "paused_us": clock.paused_open // _MICROSECOND,
        "stopped_at": clock.stopped_at,
        "outcome": clock.outcome,
        "verdict": found.value,
        "decided_at": decided if found in (Verdict.MET, Verdict.BREACHED) else None,
        "month": month,
        **attributes(fields),
    }


def _terms(clock: Clock) -> dict[str, Any]:
    terms = clock.terms
    return {
        "agreement": terms.agreement.value,
        "definition": terms.definition.key,
        "cycle": clock.cycle,
        "policy": terms.policy,
        "policy_version": terms.version,
        "row": terms.row.label,
        "target": str(terms.row.target),
        "calendar": clock.calendar.key,
        "calendar_version": clock.calendar.version,
    }


def violation_mark(key: Key) -> str:
    """Return what tells a violation from others of its clock: a due may be missed again."""
    return key.mark if key.which == "due" else f"{key.mark} {key.which}"


def fields_at(log: Iterable[Event], at: dt.datetime) -> dict[str, Any]:
    """Return the ticket's fields as the facts up to `at` set them."""
    fields: dict[str, Any] = {}
    for event in log:
        if event.effective_at > at:
            break
        fields.update(event.changes())
    return fields


def _deciding(log: list[Event], at: dt.datetime) -> dict[str, Any]:
    """Return the fields when a promise was decided, the ticket still where it was until then.

    What stops a clock often moves the ticket too: a promise is kept in the stage that it was kept
    in, not in the one that the ticket went to by that.
    """
    fields = fields_at(log, at)
    before = fields_at([event for event in log if event.effective_at < at], at)
    place = {name: before[name] for name in ("stage", "status") if name in before}
    return fields | place


def attributes(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return what reports group by: who had the ticket, where it was, what it was."""
    return {
        "owner": _text(fields.get("assignee")),
        "team": _text(fields.get("team")),
        "stage": _text(fields.get("stage") or fields.get("status")),
        "type": _text(fields.get("type") or fields.get("category")),
        "priority": _text(fields.get("priority")),
    }


def _text(value: object) -> str:
    return "" if value is None else str(value)
