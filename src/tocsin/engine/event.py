"""Facts: what happened to a ticket, when it took effect, and in which order facts count."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tocsin.engine import instant


class Kind(StrEnum):
    """What a fact says. Those that set a field of the ticket carry it in their payload."""

    CREATED = "created"
    CUSTOMER_MESSAGE = "customer message"
    AGENT_MESSAGE = "agent message"
    NOTE = "note"
    AUTOMATED_MESSAGE = "automated message"
    STATUS = "status"
    STAGE = "stage"
    ASSIGNEE = "assignee"
    TEAM = "team"
    PRIORITY = "priority"
    FIELD = "field"
    POLICY_ATTACHED = "policy attached"
    CALENDAR_VERSION = "calendar version"
    ACKNOWLEDGEMENT = "acknowledgement"
    ESCALATION = "escalation"  # one begins, ends, goes over to a version, calls a level again
    MERGE = "merge"
    SPLIT = "split"
    SPAM = "spam"
    RESTORE = "restore"
    OVERRIDE = "override"
    CALLBACK_REQUESTED = "callback requested"
    CALLBACK_PROMISED = "callback promised"
    CALLBACK_DONE = "callback done"
    SURVEY = "survey"
    CONFIGURED = "configured"  # of the configuration: no ticket's fact
    EFFECT = "effect"  # one that was carried out: its payload is its key, and what came of it


class Side(StrEnum):
    """Who acted. A colleague of the customer in copy counts as the customer's side."""

    CUSTOMER = "customer"
    AGENT = "agent"
    AUTOMATION = "automation"


# Kinds whose payload is {"to": value} for the ticket's field of the same name.
_FIELD_KINDS = frozenset({Kind.STATUS, Kind.STAGE, Kind.ASSIGNEE, Kind.TEAM, Kind.PRIORITY})

# The source of facts that came over from a ticket which was merged into theirs.
MERGED = "merge"

Order = tuple[dt.datetime, int, str, int, str]


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about one ticket.

    `effective_at` is when it took effect (kept in UTC; a naive datetime is refused), `recorded_at`
    when it was learned; what was `imported` is history up to then. `key` is the idempotency key:
    two events with one key are one fact. `source_rank`, `source` and `source_seq` settle the order
    of facts of one instant.
    """

    ticket: str
    kind: Kind
    effective_at: dt.datetime
    key: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    side: Side = Side.AGENT
    actor: str = ""
    source: str = ""
    source_rank: int = 0
    source_seq: int = 0
    recorded_at: dt.datetime | None = None
    imported: bool = False

    def __post_init__(self) -> None:
        if self.effective_at.tzinfo is not dt.UTC:
            object.__setattr__(self, "effective_at", instant.utc(self.effective_at))

    @property
    def order(self) -> Order:
        """The place of the fact among all: arrival never decides."""
        return (self.effective_at, self.source_rank, self.source, self.source_seq, self.key)

    def changes(self) -> Mapping[str, Any]:
        """Return the fields of the ticket that this fact sets, by name."""
        if self.kind in _FIELD_KINDS:
            return {self.kind.value: self.payload.get("to")}
        if self.kind is Kind.FIELD:
            return {str(self.payload["name"]): self.payload.get("to")}
        if self.kind is Kind.CREATED:
            return self.payload
        if self.kind is Kind.RESTORE:
            return {"status": self.payload.get("to", "open")}
        if self.kind is Kind.SPAM:
            return {"status": "spam"}
        if self.kind is Kind.MERGE and "into" in self.payload:
            return {"status": "merged", "merged_into": self.payload["into"]}
        return {}


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return the facts in the order in which they count, each idempotency key once."""
    first: dict[str, Event] = {}
    for event in sorted(events, key=lambda event: event.order):
        first.setdefault(event.key, event)
    return list(first.values())
