"""What the policies ask of a pause: a reason, somebody's leave, that the customer hears of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.engine import definition
from tocsin.engine.definition import Definition
from tocsin.engine.event import Event, Kind
from tocsin.engine.version import Versions

WAITING = ("waiting customer", "waiting internal")
# The field that holds what somebody asked leave for: the status to wait in.
REQUEST = "pause_request"
# A ticket that waits or is over needs no leave to wait any more.
_SETTLED = frozenset({*WAITING, "resolved", "closed", "spam", "merged"})


@dataclass(frozen=True, slots=True)
class Discipline:
    """What is asked of a pause, by any of the clocks that it would hold."""

    reason: bool = False
    approval: bool = False
    tell_customer: bool = False


def asked(clocks: Iterable[Definition], facts: Mapping[str, Any], status: str) -> Discipline:
    """Return what clocks ask of a pause of a ticket with these facts, if it came to that status."""
    then = {**facts, "status": status, "event": Kind.STATUS.value, "changed": "status"}
    held = [one.pauses for one in clocks if definition.holds(one.pause, then)]
    return Discipline(
        reason=any(one.reason for one in held),
        approval=any(one.approval for one in held),
        tell_customer=any(one.tell_customer for one in held),
    )


def definition_of(versions: Versions, policy: str, version: int, key: str) -> Definition | None:
    """Return the definition that a clock's row names."""
    plans = versions.policy(policy, version).plans
    return next((plan.definition for plan in plans if plan.definition.key == key), None)


def pending(log: Iterable[Event]) -> Event | None:
    """Return the request for a pause that nobody has answered, of facts in their order."""
    found: Event | None = None
    for fact in log:
        if fact.kind is Kind.FIELD and fact.payload.get("name") == REQUEST:
            found = fact if fact.payload.get("to") else None
        elif fact.changes().get("status") in _SETTLED:
            found = None
    return found
