"""Escalations of a ticket as rows: what the facts make of them, so that all can be made anew."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.engine import decide, escalating
from tocsin.engine.event import Event
from tocsin.engine.path import Step
from tocsin.engine.schedule import Planned
from tocsin.engine.ticket import Ticket
from tocsin.engine.version import Versions


def rows_of(
    ticket: Ticket, log: Iterable[Event], versions: Versions, *, now: dt.datetime
) -> list[dict[str, Any]]:
    """Return a row for each escalation of the ticket, the first one first."""
    if not ticket.escalations:
        return []
    done = decide.done(log)
    found = escalating.ahead(ticket, versions, now)
    return [
        {
            "number": one.number,
            "path": one.path,
            "path_version": one.version,
            "trigger": one.trigger,
            "reason": one.reason,
            "clock": one.clock,
            "begun_at": one.begun_at,
            "level": _level(log, one.number),
            **_next([s for o, steps in found.branches if o is one for s in steps], done),
            "acknowledged_at": one.acknowledged_at,
            "acknowledged_by": one.acknowledged_by,
            "ended_at": one.ended_at,
            "ended": one.ended,
        }
        for one in ticket.escalations
    ]


def _level(log: Iterable[Event], number: int) -> str:
    """Return the last level that was called."""
    found = ""
    for fact in log:
        told = fact.payload
        called = told.get("deed") == "escalate" and not told.get("superseded")
        if called and told.get("escalation") == number:
            found = str(told.get("level", ""))
    return found


def _next(steps: list[Planned], done: frozenset[Any]) -> dict[str, Any]:
    coming = [step for step in steps if step.key not in done]
    first = min(coming, key=lambda step: step.at, default=None)
    name = first.what.name if first is not None and isinstance(first.what, Step) else ""
    return {"next_at": first.at if first else None, "next_step": name}


def first(escalations: Iterable[Mapping[str, Any]]) -> dt.datetime | None:
    """Return when the first of the next steps of these rows is taken, or None."""
    return min((at for row in escalations if (at := row["next_at"]) is not None), default=None)


def next_at(
    ticket: Ticket, log: Iterable[Event], versions: Versions, now: dt.datetime
) -> dt.datetime | None:
    """Return when the next step of any escalation is taken, or None."""
    return first(rows_of(ticket, log, versions, now=now))
