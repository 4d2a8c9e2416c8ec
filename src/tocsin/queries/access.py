"""The one door: a right, an actor, an object. What is denied looks like what does not exist.

Every action and query declares the right that it needs; a test lists them all from CATALOGUE.
Where rights are for some tickets only, `sees` says whether a ticket is one of them, and
`queries.reach` has the database look at no others.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
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
    EXPORT = "take lists out of the product"
    APPROVE_EXPORTS = "agree to the exports of others"
    READ_AUDIT = "read the audit log"
    READ_CONFIGURATION = "read calendars, policies and pipelines"
    CONFIGURE = "change the configuration"
    ADMINISTER = "change people, teams and accounts"
    IMPORT = "import history"
    OPERATE = "run the installation"


# What may be given for some tickets only. All other rights are about the desk as a whole.
OF_TICKETS = frozenset(
    {
        *(Right.READ_TICKETS, Right.WRITE, Right.NOTE, Right.ASSIGN, Right.CHANGE, Right.ESCALATE),
        *(Right.APPROVE_PAUSES, Right.ACKNOWLEDGE, Right.OVERRIDE, Right.READ_REPORTS),
    }
)


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
_LEAD = _AGENT | {
    *(Right.READ_REPORTS, Right.APPROVE_PAUSES, Right.ACKNOWLEDGE, Right.OVERRIDE),
    *(Right.PLAN_ON_CALL, Right.EXPORT),
}
RIGHTS: Mapping[str, frozenset[Right]] = {
    "agent": _AGENT,
    "lead": _LEAD,
    "manager": _LEAD | {Right.APPROVE_EXPORTS},
    "auditor": frozenset(
        {
            *(Right.SIGNED_IN, Right.READ_TICKETS, Right.READ_REPORTS, Right.READ_AUDIT),
            *(Right.READ_CONFIGURATION, Right.EXPORT),
        }
    ),
    "administrator": frozenset(Right) - {Right.OPERATE},
    # Whoever has permission sets and nothing else.
    "limited": frozenset({Right.SIGNED_IN}),
    "contact": frozenset({Right.OPEN_TICKETS, Right.WRITE, Right.READ_TICKETS}),
    "operator": frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights, and the tickets that they are for: of these teams and types, None for all of them."""

    rights: frozenset[Right]
    teams: frozenset[int] | None = None
    types: frozenset[str] | None = None

    @property
    def everywhere(self) -> bool:
        """Whether it is for every ticket."""
        return self.teams is None and self.types is None

    def covers(self, team: int | None, type_: str) -> bool:
        """Say whether a ticket of that team and type is one of those that it is for."""
        return (self.teams is None or team in self.teams) and (
            self.types is None or type_ in self.types
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which tenant, with which rights. `name` is what the event log calls them.

    `rights` are all that they have, be it for some tickets only; `grants` says for which, and is
    empty when each of them is for all. `teams` are those they work in. The fields in `hidden` they
    do not read, those in `fixed` they do not change. `using` is the right by which they now act.
    """

    tenant: int
    name: str
    rights: frozenset[Right] = field(default_factory=frozenset)
    side: Side = Side.AGENT
    person: int | None = None
    contact: int | None = None
    grants: tuple[Grant, ...] = ()
    teams: frozenset[int] = frozenset()
    hidden: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    using: Right | None = None

    def sees_all(self, right: Right) -> bool:
        """Say whether that right is theirs, and for every ticket."""
        if self.contact is not None or right not in self.rights:
            return False
        return not self.grants or any(g.everywhere and right in g.rights for g in self.grants)

    def only(self, rights: Iterable[Right]) -> "Actor":
        """Return the same actor with no more than these rights: what a token lets them do."""
        kept = frozenset(rights)
        grants = tuple(dataclasses.replace(g, rights=g.rights & kept) for g in self.grants)
        return dataclasses.replace(self, rights=self.rights & kept, grants=grants)


@dataclass(frozen=True, slots=True)
class Subject:
    """What of a ticket decides who may see it. `parts` are the people who take part in it."""

    contact: int | None = None
    team: int | None = None
    type: str = ""
    assignee: int | None = None
    parts: frozenset[int] = frozenset()


def of_tickets(using: Right | None) -> Right:
    """Return the right that says which tickets are meant, by the right that is now used."""
    return using if using in OF_TICKETS else Right.READ_TICKETS


def sees(by: Actor, ticket: Subject) -> bool:
    """Say whether an actor may, by the right that they now use, do something about a ticket.

    Customers have their own. What somebody has, or takes part in, is theirs in any case. By a right
    about the desk as a whole they reach the tickets that they read, and no others.
    """
    if by.contact is not None:
        return by.contact == ticket.contact
    right = of_tickets(by.using)
    if by.sees_all(right):
        return True
    if by.person is not None and by.person in {ticket.assignee, *ticket.parts}:
        return True
    return any(right in g.rights and g.covers(ticket.team, ticket.type) for g in by.grants)


def reads(by: Actor, name: str) -> bool:
    """Say whether an actor may read a field of the tickets that they see."""
    return name not in by.hidden


def check_field(by: Actor, *names: str) -> None:
    """Raise `NotAllowed` for a field that the actor may not change; `NotFound` for a hidden one."""
    if not by.hidden.isdisjoint(names):
        raise missing()
    for name in by.fixed.intersection(names):
        raise NotAllowed("%(name)s may be changed by others only; ask an administrator", name=name)


def operator(tenant: int) -> Actor:
    """Return the actor that a command on the server's own machine is, in a tenant."""
    return Actor(tenant, "operator", RIGHTS["operator"])


def person(tenant: int, id_: int, role: str) -> Actor:
    """Return a person of the desk as an actor with the rights of a role, and no others.

    Whoever signs in is made by `queries.granted`, with their permission sets.
    """
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
            if by.using is not right:
                kwargs["by"] = dataclasses.replace(by, using=right)
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
