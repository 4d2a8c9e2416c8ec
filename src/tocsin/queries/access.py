"""The one door: a right, an actor, an object. What is denied looks like what does not exist.

Every action and query declares the right that it needs; a test lists them all from CATALOGUE.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar

from tocsin.engine.event import Side


class Right(StrEnum):
    """What an actor may be allowed to do."""

    SIGNED_IN = "be signed in"
    READ_TICKETS = "read tickets"
    OPEN_TICKETS = "open tickets"
    WRITE = "reply to the customer"
    NOTE = "write notes"
    ASSIGN = "assign"
    CHANGE = "move, set fields and statuses"
    ESCALATE = "start, acknowledge and stop escalations"
    PLAN_ON_CALL = "plan who is on call"
    APPROVE_PAUSES = "approve pauses"
    ACKNOWLEDGE = "acknowledge violations"
    OVERRIDE = "override clocks"
    READ_REPORTS = "read reports"
    READ_AUDIT = "read the audit log"
    READ_CONFIGURATION = "read calendars, policies and pipelines"
    CONFIGURE = "change the configuration"
    ADMINISTER = "change people, teams and accounts"
    IMPORT = "import history"
    OPERATE = "run the installation"


class Refused(Exception):
    """Something that cannot be done; the text is a sentence for whoever asked.

    `text` may name what is `told`, as ``%(stage)s``: pages say it in the reader's language.
    """

    def __init__(self, text: str, **told: object) -> None:
        super().__init__(text % told if told else text)
        self.text = text
        self.told = told


class NotFound(Refused):
    """There is no such thing, or it is not for this actor: the two are one answer."""


class Stale(Refused):
    """Somebody else changed it since it was looked at: look again, then decide (409)."""


class NotAllowed(Refused):
    """The rules of the desk forbid it, whoever asks."""


_AGENT = frozenset(
    {
        *(Right.SIGNED_IN, Right.READ_TICKETS, Right.OPEN_TICKETS, Right.WRITE, Right.NOTE),
        *(Right.ASSIGN, Right.CHANGE, Right.ESCALATE, Right.READ_CONFIGURATION),
    }
)
_MANAGER = _AGENT | {
    *(Right.READ_REPORTS, Right.APPROVE_PAUSES, Right.ACKNOWLEDGE, Right.OVERRIDE),
    Right.PLAN_ON_CALL,
}
RIGHTS: Mapping[str, frozenset[Right]] = {
    "agent": _AGENT,
    "lead": _MANAGER,
    "manager": _MANAGER,
    "auditor": frozenset(
        {
            *(Right.SIGNED_IN, Right.READ_TICKETS, Right.READ_REPORTS, Right.READ_AUDIT),
            Right.READ_CONFIGURATION,
        }
    ),
    "administrator": frozenset(Right) - {Right.OPERATE},
    "contact": frozenset({Right.OPEN_TICKETS, Right.WRITE, Right.READ_TICKETS}),
    "operator": frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which tenant, with which rights. `name` is what the event log calls them."""

    tenant: int
    name: str
    rights: frozenset[Right] = field(default_factory=frozenset)
    side: Side = Side.AGENT
    person: int | None = None
    contact: int | None = None


def operator(tenant: int) -> Actor:
    """Return the actor that a command on the server's own machine is, in a tenant."""
    return Actor(tenant, "operator", RIGHTS["operator"])


def person(tenant: int, id_: int, role: str) -> Actor:
    """Return a person of the desk as an actor with the rights of a role."""
    return Actor(tenant, f"person:{id_}", RIGHTS[role], person=id_)


def contact(tenant: int, id_: int) -> Actor:
    """Return a customer's contact as an actor: only what concerns their own tickets."""
    return Actor(tenant, f"contact:{id_}", RIGHTS["contact"], Side.CUSTOMER, contact=id_)


def automation(tenant: int) -> Actor:
    """Return the desk itself as an actor: the pulse and its rules."""
    return Actor(tenant, "tocsin", RIGHTS["operator"], Side.AUTOMATION)


_P = ParamSpec("_P")
_R = TypeVar("_R")

# Each declared function by its full name, with the right it asks for.
CATALOGUE: dict[str, Right] = {}


def needs(right: Right) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Declare the right that an action or query needs, and check it on every call.

    The function takes the actor as `by`. Without the right the answer is that of a missing thing.
    """

    def declared(function: Callable[_P, _R]) -> Callable[_P, _R]:
        name = f"{function.__module__}.{function.__qualname__}"
        CATALOGUE[name] = right

        @functools.wraps(function)
        def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            by: Any = kwargs.get("by")
            if not isinstance(by, Actor):
                raise TypeError(f"{name} needs to know who asks: by=Actor(...)")
            if right not in by.rights:
                raise missing()
            return function(*args, **kwargs)

        return checked

    return declared


def operates(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Declare a function that only processes and commands of the installation itself call."""
    CATALOGUE[f"{function.__module__}.{function.__qualname__}"] = Right.OPERATE
    return function


def missing() -> NotFound:
    """Return the one answer for what is not there and for what is not for this actor."""
    return NotFound("there is no such thing here, or it is not for you")


def sees(by: Actor, *, contact_id: int | None) -> bool:
    """Say whether an actor may look at a ticket of that contact: customers see their own."""
    return by.contact is None or by.contact == contact_id
