"""Presets: the clocks that service desks promise, made of the general definition."""

from collections.abc import Mapping
from typing import Any

from tocsin.engine import condition
from tocsin.engine.definition import Definition, Predicate, Reopen, Reset, Rule
from tocsin.engine.event import Kind, Side


def _when(reason: str = "", /, **facts: Any) -> Rule:
    return Rule(condition.from_dict(facts), reason)


DONE = ["resolved", "closed"]

_BY_CUSTOMER: Predicate = (
    _when(event=Kind.CREATED.value, side=Side.CUSTOMER.value),
    _when(event=Kind.CUSTOMER_MESSAGE.value),
)
_ANSWERED = _when("answered", event=Kind.AGENT_MESSAGE.value, side=Side.AGENT.value)
_NO_REPLY_NEEDED = _when("no reply needed", event=Kind.FIELD.value, changed="no_reply_needed")
# An event, not a state: a customer who writes to a resolved ticket waits for an answer again.
_CLOSED_UNANSWERED = _when("closed unanswered", changed="status", status=DONE)
_PAUSED: Predicate = (_when(status=["waiting customer"]),)
_RESUMED: Predicate = (Rule(condition.from_dict({"status": {"not_in": ["waiting customer"]}})),)

PRESETS: Mapping[str, Definition] = {
    definition.key: definition
    for definition in (
        # From the customer's first public word to the first public word of a person.
        Definition(
            "first response",
            start=_BY_CUSTOMER,
            stop=(_ANSWERED, _NO_REPLY_NEEDED, _CLOSED_UNANSWERED),
            on_reopen=Reopen.NEVER,
        ),
        # From the oldest unanswered customer message; each answer ends a cycle with its verdict.
        Definition(
            "next response",
            start=(_when(event=Kind.CUSTOMER_MESSAGE.value),),
            stop=(_ANSWERED, _NO_REPLY_NEEDED, _CLOSED_UNANSWERED),
            on_reopen=Reopen.NEW_CYCLE,
        ),
        # From creation until the ticket is resolved; waiting for the customer does not count.
        Definition(
            "resolution",
            start=(_when(status={"not_in": [*DONE, "spam", "merged"]}),),
            pause=_PAUSED,
            resume=_RESUMED,
            stop=(_when("resolved", status=DONE),),
            cancel=(_when("spam or merged", status=["spam", "merged"]),),
        ),
        # A public word at least every so often while the ticket is active.
        Definition(
            "periodic update",
            start=(_when(status={"not_in": [*DONE, "spam", "merged"]}),),
            reset=(_ANSWERED,),
            stop=(_when("resolved", status=DONE),),
            on_reset=Reset.NEW_CYCLE,
            on_reopen=Reopen.NEW_CYCLE,
        ),
        # From creation until somebody owns the ticket.
        Definition(
            "time to own",
            start=(_when(assignee={"set": False}),),
            stop=(
                _when("owned", assignee={"set": True}),
                _when("resolved without owner", status=DONE),
            ),
            on_reopen=Reopen.NEW_CYCLE,
        ),
        # WhatsApp: free-form answers are allowed for 24 hours after each customer message.
        Definition(
            "messaging window",
            start=(_when(event=Kind.CUSTOMER_MESSAGE.value),),
            reset=(_when(event=Kind.CUSTOMER_MESSAGE.value),),
            stop=(_when("closed", status=["closed"]),),
            on_reopen=Reopen.NEW_CYCLE,
        ),
        # Complaints: from receipt until the written acknowledgement.
        Definition(
            "acknowledgement",
            start=(_when(event=Kind.CREATED.value),),
            stop=(_when("acknowledged", event=Kind.ACKNOWLEDGEMENT.value),),
            on_reopen=Reopen.NEVER,
        ),
    )
}
