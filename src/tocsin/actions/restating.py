"""Restatements: a verdict that was on record changes only together with an entry that says why."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from tocsin.actions.work import Row, Work, automation
from tocsin.engine import replay
from tocsin.engine.effect import Deed
from tocsin.engine.event import Event, Kind
from tocsin.engine.verdict import Verdict
from tocsin.queries.audit import instant
from tocsin.records import rows

_DECIDED = (Verdict.MET.value, Verdict.BREACHED.value)


def note(works: Sequence[Work], kept: Mapping[int, Mapping[str, Row]]) -> None:
    """Add a fact and a row for each decided verdict that is not what the tables hold of it.

    `kept` holds the rows that are about to be written, by ticket and clock.
    """
    known = {work.id: work for work in works if not work.new}
    if not known:
        return
    tenant = works[0].tenant
    for ticket, clock, was, due in rows.query(
        "SELECT ticket_id, key, verdict, due_at FROM clock WHERE tenant_id = %s"
        " AND ticket_id = ANY(%s) AND verdict = ANY(%s) ORDER BY ticket_id, key",
        [tenant, list(known), list(_DECIDED)],
    ):
        row = kept[ticket].get(clock, _GONE)
        if row["verdict"] != was:
            _note(known[ticket], clock, (was, due), (str(row["verdict"]), row["due_at"]))


_GONE: Row = {"verdict": Verdict.NONE.value, "due_at": None}
_Told = tuple[str, dt.datetime | None]


def _note(work: Work, clock: str, was: _Told, now: _Told) -> None:
    due_was, due_now = was[1], now[1]
    reason = _reason(work)
    told: dict[str, Any] = {
        "deed": Deed.RESTATE.value,
        "clock": clock,
        "which": "verdict",
        "mark": str(work.seq + 1),
        "was": was[0],
        "now": now[0],
        "due_was": None if due_was is None else instant(due_was),
        "due_now": None if due_now is None else instant(due_now),
        "reason": reason,
    }
    key = f"effect/{work.id}/restate/{clock}/verdict/{work.seq + 1}"
    seq = work.add(Kind.EFFECT, told, automation(work.desk), key=key)
    work.restatements.append(
        {
            "seq": seq,
            "clock": clock,
            "was": was[0],
            "now": now[0],
            "due_was": due_was,
            "due_now": due_now,
            "reason": reason,
            "restated_at": work.now,
        }
    )


def _reason(work: Work) -> str:
    """Return what changed the verdict: the newest fact that could, a late one before all."""
    late = [draft.event for draft in work.drafts if _late(draft.event)]
    if late:
        return f"a late fact: {late[-1].kind.value}"
    restating = [fact for fact in work.log if _restates(fact)]
    own = [d.event for d in work.drafts if d.event.kind is not Kind.EFFECT]
    if restating and not own:
        return str(restating[-1].payload["reason"])
    return own[-1].kind.value if own else "time"


def _late(fact: Event) -> bool:
    recorded = fact.recorded_at or fact.effective_at
    return fact.kind is not Kind.EFFECT and fact.effective_at < recorded


def _restates(fact: Event) -> bool:
    by_calendar = fact.kind is Kind.CALENDAR_VERSION and fact.payload.get("basis") == "restate"
    return by_calendar or replay.restates(fact)
