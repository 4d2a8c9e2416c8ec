"""Calling off: once somebody has acted nobody need be told any more that nobody has.

What has not left is cancelled. Whoever was told already hears once, in the product, that it is
over; so does each service that keeps an incident of its own for what it was told.
"""

import datetime as dt
import json
from typing import Any

from tocsin.actions.work import Work
from tocsin.engine.event import Event, Kind
from tocsin.queries.audit import instant
from tocsin.records import rows

_DONE = ("resolved", "closed", "spam", "merged")
# Messages about effects and escalations of a ticket; what people write to each other is another.
_KEYS = ("effect", "escalation")
# Channels whose services go on alerting until they are told that somebody acted.
_KEEPING = ("pagerduty",)
# A message on its way arrives before the one that ends what it begins.
_UNDER_WAY = dt.timedelta(seconds=60)


def call_off(work: Work) -> None:
    """Cancel what is unsent of a ticket's alerts if this change resolved or acknowledged it.

    Call it while the ticket is locked, before its new rows are written.
    """
    if work.new:
        return
    ended = _ended(work)
    if ended is None:
        return
    deed, fact = ended
    reason = f"{deed} before it was sent"
    for row in work.outbox:
        if row["state"] == "pending" and row["key"].startswith(_prefixes(work)):
            row |= {"state": "cancelled", "told": reason}
    rows.run(
        "UPDATE outbox SET state = 'cancelled', told = %s WHERE tenant_id = %s AND ticket_id = %s"
        # Of what may have been sent already nobody may say that it was not.
        " AND state = 'pending' AND told NOT LIKE 'may have been sent%%'"
        " AND key LIKE ANY(%s)",
        [reason, work.tenant, work.id, [f"{prefix}%" for prefix in _prefixes(work)]],
    )
    rows.run(
        "UPDATE alert SET state = 'superseded' WHERE tenant_id = %s AND ticket_id = %s"
        " AND state = ANY(%s)",
        [work.tenant, work.id, ["digest", "quiet"]],
    )
    parts = _parts(work, deed, fact)
    _follow_up(work, deed, fact, parts)
    for channel in _KEEPING:
        # Whoever acted there has ended it there; what is resolved is so everywhere.
        via = str(fact.payload.get("via", ""))
        if deed != "acknowledged" or not via.startswith(channel):
            _end_there(work, deed, channel, parts)


def _parts(work: Work, deed: str, fact: Event) -> str:
    line: dict[str, Any] = {
        "deed": deed,
        "clock": "",
        "which": fact.actor,
        "planned_at": instant(work.now),
    }
    return json.dumps({"lines": [line]}, separators=(",", ":"), sort_keys=True)


def _prefixes(work: Work) -> tuple[str, ...]:
    return tuple(f"{key}/{work.id}/" for key in _KEYS)


def _ended(work: Work) -> tuple[str, Event] | None:
    """Return how and by which of the new facts a ticket's alerts came to their end, if they did."""
    for draft in reversed(work.drafts):
        if draft.event.changes().get("status") in _DONE:
            return ("resolved", draft.event) if work.field("status") in _DONE else None
        if draft.event.kind is Kind.ACKNOWLEDGEMENT:
            return "acknowledged", draft.event
    return None


def _follow_up(work: Work, deed: str, fact: Event, parts: str) -> None:
    """Tell those who were told of something critical, but for whoever acted; once for each wave."""
    kind, _, id_ = fact.actor.partition(":")
    actor = int(id_) if kind == "person" and id_.isdecimal() else 0
    # Named by the last alert that it answers: the same wave is not answered twice.
    rows.run(
        "INSERT INTO notification"
        " (tenant_id, person_id, ticket_id, key, parts, critical, created_at)"
        " SELECT tenant_id, recipient_id, ticket_id,"
        " %s || '/' || ticket_id || '/' || max(id), %s, false, %s FROM alert"
        " WHERE tenant_id = %s AND ticket_id = %s AND critical AND state = 'told'"
        " AND recipient_id <> %s GROUP BY 1, 2, 3"
        " ON CONFLICT (tenant_id, person_id, key) DO NOTHING",
        [deed, parts, work.now, work.tenant, work.id, actor],
    )


def _end_there(work: Work, deed: str, channel: str, parts: str) -> None:
    """Write one letter to each service of a channel that was told of the ticket; once a wave.

    What is being handed over now counts as told, and what may have been; its end comes after it.
    """
    rows.run(
        "INSERT INTO outbox (tenant_id, channel, provider_id, ticket_id, key, parts, urgent, state,"
        " created_at, next_at, attempts, maybe_sent, told)"
        " SELECT tenant_id, channel, provider_id, ticket_id,"
        " %s || '/' || ticket_id || '/' || max(id) || '/' || channel, %s, false, 'pending', %s,"
        " CASE WHEN bool_or(state IN ('sending', 'pending')) THEN %s ELSE %s END, 0, false, ''"
        " FROM outbox WHERE tenant_id = %s AND ticket_id = %s AND channel = %s AND key LIKE ANY(%s)"
        " AND (state IN ('sent', 'sending', 'unsure') OR state = 'pending' AND"
        " told LIKE 'may have been sent%%') GROUP BY 1, 2, 3, 4"
        " ON CONFLICT (tenant_id, key) DO NOTHING",
        [
            *(deed, parts, work.now, work.now + _UNDER_WAY, work.now),
            *(work.tenant, work.id, channel, [f"{prefix}%" for prefix in _prefixes(work)]),
        ],
    )
