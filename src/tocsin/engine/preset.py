"""Presets: the clocks that service desks promise, made of the general definition."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tocsin.engine import condition
from tocsin.engine.definition import ANSWERED, Definition, Predicate, Reopen, Reset, Rule
from tocsin.engine.event import Kind, Side


def _when(reason: str = "", /, **facts: Any) -> Rule:
    return Rule(condition.from_dict(facts), reason)


DONE = ["resolved", "closed"]

_BY_CUSTOMER: Predicate = (
    _when(event=Kind.CREATED.value, side=Side.CUSTOMER.value),
    _when(event=Kind.CUSTOMER_MESSAGE.value),
)
_ANSWERED = _when(ANSWERED, event=Kind.AGENT_MESSAGE.value, side=Side.AGENT.value)
_NO_REPLY_NEEDED = _when("no reply needed", event=Kind.FIELD.value, changed="no_reply_needed")
# An event, not a state: a customer who writes to a resolved ticket waits for an answer again.
_CLOSED_UNANSWERED = _when("closed unanswered", changed="status", status=DONE)
_GONE = ["spam", "merged"]
_ACTIVE: Predicate = (_when(status={"not_in": [*DONE, *_GONE]}),)
_RESOLVED: Predicate = (_when("resolved", status=DONE),)
_LEFT: Predicate = (_when("spam or merged", status=_GONE),)


def _pausing(definition: Definition, *statuses: str) -> Definition:
    """Return the clock with a pause that lasts as long as the ticket has one of the statuses."""
    waits = list(statuses)
    return replace(
        definition, pause=(_when(status=waits),), resume=(_when(status={"not_in": waits}),)
    )


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
        _pausing(
            Definition(
                "resolution",
                start=_ACTIVE,
                stop=_RESOLVED,
                cancel=_LEFT,
            ),
            "waiting customer",
        ),
        # A public word at least every so often while the ticket is active.
        Definition(
            "periodic update",
            start=_ACTIVE,
            reset=(_ANSWERED,),
            stop=_RESOLVED,
            on_reset=Reset.NEW_CYCLE,
            on_reopen=Reopen.NEW_CYCLE,
        ),
        # The same, and it stands still while we wait for the customer.
        _pausing(
            Definition(
                "pausable update",
                start=_ACTIVE,
                reset=(_ANSWERED,),
                stop=_RESOLVED,
                on_reset=Reset.NEW_CYCLE,
                on_reopen=Reopen.NEW_CYCLE,
            ),
            "waiting customer",
        ),
        # How long the requester waits for us, whoever of us is at work: all but their own turns.
        _pausing(
            Definition(
                "requester wait",
                start=_ACTIVE,
                stop=_RESOLVED,
                cancel=_LEFT,
            ),
            "waiting customer",
        ),
        # How long it is in our agents' own hands: neither the customer's turn nor somebody else's.
        _pausing(
            Definition(
                "agent work",
                start=_ACTIVE,
                stop=_RESOLVED,
                cancel=_LEFT,
            ),
            "waiting customer",
            "waiting internal",
        ),
        # Each visit to a stage; the row of the target matrix says which stage has which limit.
        Definition(
            "time in stage",
            start=(_when(stage={"set": True}, status={"not_in": [*DONE, *_GONE]}),),
            reset=(_when(event=Kind.STAGE.value),),
            stop=_RESOLVED,
            cancel=_LEFT,
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
        # Each stay with a team (OLA), from when it gets the ticket until the next one does.
        Definition(
            "team ownership",
            start=(_when(team={"set": True}, status={"not_in": [*DONE, *_GONE]}),),
            reset=(_when(event=Kind.TEAM.value, team={"set": True}),),
            stop=(*_RESOLVED, _when("taken from the team", team={"set": False})),
            cancel=_LEFT,
            on_reset=Reset.NEW_CYCLE,
            on_reopen=Reopen.NEW_CYCLE,
        ),
        # From a request to be called, or a promise to call, until it is done. A promise for an
        # instant is due at that instant; a new promise is a new cycle.
        Definition(
            "callback",
            start=(
                _when(event=Kind.CALLBACK_REQUESTED.value),
                _when(event=Kind.CALLBACK_PROMISED.value),
            ),
            reset=(_when(event=Kind.CALLBACK_PROMISED.value),),
            stop=(_when("called back", event=Kind.CALLBACK_DONE.value),),
            cancel=_LEFT,
            on_reset=Reset.NEW_CYCLE,
            on_reopen=Reopen.NEW_CYCLE,
        ),
        # Each turn of a vendor (UC), from when they get it until it is back with us.
        Definition(
            "vendor",
            start=(_when(vendor={"set": True}, status={"not_in": [*DONE, *_GONE]}),),
            stop=(_when("back with us", vendor={"set": False}), *_RESOLVED),
            cancel=_LEFT,
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
