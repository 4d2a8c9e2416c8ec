"""What the tables keep of tickets and clocks: pure functions of facts, so all can be made anew."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tocsin.engine import decide, replay, schedule, verdict
from tocsin.engine.clock import Clock, State
from tocsin.engine.effect import Key
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.schedule import Margins
from tocsin.engine.score import Score, Subject, score
from tocsin.engine.ticket import Ticket
from tocsin.engine.verdict import Verdict

_MICROSECOND = dt.timedelta(microseconds=1)
_MOST = 2**63 - 1
FIRST_RESPONSE = "first response"


def clocks(ticket: Ticket, log: Iterable[Event], *, now: dt.datetime) -> dict[str, dict[str, Any]]:
    """Return a row for each clock of the ticket, by the clock's id.

    `log` holds the ticket's facts in their order, `now` is the instant of the decision.
    """
    log, ticket = list(log), replay.at(ticket, now)
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
        **_lengths(clock),
        "stopped_at": clock.stopped_at,
        "outcome": clock.outcome,
        "verdict": found.value,
        "rescued": verdict.rescued(clock, now=now),
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


def _lengths(clock: Clock) -> dict[str, int | None]:
    """Return what a screen needs to show a clock at any instant without its segments.

    `left_us` is the open time left at `since`: a running clock has used up what was open since.
    """
    margins = schedule.margins(clock)
    length = clock.terms.row.target.length if clock.counts_length else None
    left: dt.timedelta | None = None
    if clock.state not in (State.CANCELLED, State.REPLACED):
        left = clock.remaining_at(clock.since) if length is None else length - clock.used
    return {
        "target_us": _micros(length),
        "left_us": _micros(left),
        "warn_us": _micros(margins.warn),
        "crit_us": _micros(margins.crit),
    }


def _micros(length: dt.timedelta | None) -> int | None:
    return None if length is None else max(-_MOST, min(length // _MICROSECOND, _MOST))


# ------------------------------------------------------------------------------------ the ticket


def ticket(
    ticket: Ticket,
    log: Sequence[Event],
    clocks: Mapping[str, Mapping[str, Any]],
    next_step: dt.datetime | None = None,
) -> dict[str, Any]:
    """Return what a ticket's row keeps of its clocks, and its place in the order of work.

    `log` holds its facts in their order, `clocks` the rows that `clocks` made of them, `next_step`
    is when the next step of an escalation comes.
    """
    running = [(c, schedule.margins(c)) for c in ticket.clocks if c.state is State.RUNNING]
    answers = [pair for pair in running if pair[0].terms.definition.key == FIRST_RESPONSE]
    due_at = _first(clock.due for clock, _ in running)
    missed = any(row["verdict"] == verdict.Verdict.BREACHED for row in clocks.values())
    place = score(_subject(ticket, log, due_at, missed=missed))
    return {
        "due_at": due_at,
        "warn_at": _warns(running),
        "respond_at": _first(clock.due for clock, _ in answers),
        "respond_warn_at": _warns(answers),
        "escalates_at": _first((_escalates(ticket, log), next_step)),
        "done_at": ticket.done_at,
        "rank_at": place.rank_at,
        "reasons": _told(place),
    }


def _first(instants: Iterable[dt.datetime | None]) -> dt.datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _warns(running: Iterable[tuple[Clock, Margins]]) -> dt.datetime | None:
    return _first(margins.warn_at for _, margins in running)


def _escalates(ticket: Ticket, log: Iterable[Event]) -> dt.datetime | None:
    """Return when the next level takes over that has not; levels of history never do."""
    live = [clock for clock in ticket.clocks if clock.live and clock.terms.definition.path]
    if not live:
        return None
    done, history = decide.done(log), ticket.history_until
    steps = (step for clock in live for step in schedule.levels(clock, ticket.acknowledged))
    return _first(
        step.at for step in steps if step.key not in done and (history is None or step.at > history)
    )


def _subject(
    ticket: Ticket, log: Sequence[Event], due_at: dt.datetime | None, *, missed: bool
) -> Subject:
    fields = ticket.fields
    return Subject(
        opened_at=log[0].effective_at,
        due_at=due_at,
        priority=_text(fields.get("priority")),
        plan=_text(fields.get("plan")),
        vip=fields.get("vip") is True,
        high_value=fields.get("high_value") is True,
        waiting_since=None if ticket.done_at else _waiting(log),
        aside=fields.get("status") == "waiting customer",
        missed=missed,
    )


def _waiting(log: Iterable[Event]) -> dt.datetime | None:
    """Return when the customer wrote the oldest word that nobody has answered, or None."""
    since: dt.datetime | None = None
    for fact in log:
        if fact.kind is Kind.AGENT_MESSAGE and fact.side is Side.AGENT:
            since = None
        elif fact.kind in (Kind.CUSTOMER_MESSAGE, Kind.CREATED) and fact.side is Side.CUSTOMER:
            # A word of thanks waits for nothing.
            asks = fact.payload.get("question") is not False
            since = since or (fact.effective_at if asks else None)
    return since


def _told(place: Score) -> str:
    return json.dumps([[r.key, r.value, r.hours] for r in place.reasons], separators=(",", ":"))


# ------------------------------------------------------------------------------------ attributes


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
