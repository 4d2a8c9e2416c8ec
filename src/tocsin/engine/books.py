"""Books: what is kept in versions beside calendars and policies, and decides about clocks.

Contracts, whose calendar is whose, and how to choose among policies. A version counts from the
instant at which it was written down: what was promised before stays as it was.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tocsin.engine.source import Whose
from tocsin.kit import shape

EVERY = "*"


class Choose(StrEnum):
    """Which of several matching policies gives a clock its terms."""

    FIRST_MATCH = "first match"
    STRICTEST_DUE = "strictest due"


# By the key of a clock; `EVERY` stands for those that are not named.
Choice = Mapping[str, Choose]


def choice_from(value: object, path: str = "choose") -> Choice:
    """Read ``first match``, or ``{first response: strictest due, "*": first match}``."""
    if not isinstance(value, Mapping):
        return {EVERY: Choose(shape.one_of(value, path, Choose))}
    data = shape.mapping(value, path)
    found = {key: Choose(shape.one_of(how, f"{path}.{key}", Choose)) for key, how in data.items()}
    return {EVERY: Choose.FIRST_MATCH, **found}


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of what an account was promised: which policies, by which calendar, how long.

    `known_at` is when the version was written down.
    """

    key: str
    version: int
    account: str
    policies: frozenset[str]
    calendar: str = ""
    known_at: dt.datetime | None = None
    valid_from: dt.datetime | None = None
    valid_until: dt.datetime | None = None

    def in_force(self, at: dt.datetime) -> bool:
        """Say whether the contract is valid at `at` (its end is the first instant it is not)."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


# What held from an instant on; None is from the beginning.
Since = tuple[tuple[dt.datetime | None, Any], ...]


@dataclass(frozen=True, slots=True)
class Books:
    """All versions of contracts, of whose calendar is whose, and of the ways to choose."""

    contracts: tuple[Contract, ...] = ()
    # By whose and their id or key: calendars, each from an instant on.
    hours: Mapping[tuple[str, str], Since] = field(default_factory=dict)
    choices: Since = ()

    @property
    def weighs(self) -> bool:
        """Whether any clock was ever chosen for by weighing dues, rather than by rank."""
        return any(Choose.STRICTEST_DUE in choice.values() for _, choice in self.choices)

    def contracts_of(self, account: object, at: dt.datetime) -> Iterator[Contract]:
        """Yield the contracts of an account that were in force at `at`, as they were known then."""
        newest: dict[str, Contract] = {}
        for contract in self.contracts:
            known = contract.known_at is None or contract.known_at <= at
            before = newest.get(contract.key)
            if known and (before is None or before.version < contract.version):
                newest[contract.key] = contract
        for contract in newest.values():
            if contract.account == account and contract.in_force(at):
                yield contract

    def names(self, policy: str, account: object, at: dt.datetime) -> bool:
        """Say whether a contract of the account names the policy."""
        return any(policy in contract.policies for contract in self.contracts_of(account, at))

    def calendar(self, whose: Whose, facts: Mapping[str, Any], at: dt.datetime) -> str:
        """Return the key of somebody's calendar as it was then, or nothing."""
        if whose is Whose.CONTRACT:
            found = self.contracts_of(facts.get("account"), at)
            return next((contract.calendar for contract in found if contract.calendar), "")
        who = facts.get(whose.value)
        return "" if who is None else current(self.hours.get((whose.value, str(who)), ()), at) or ""

    def choose(self, clock: str, at: dt.datetime) -> Choose:
        """Return how the terms of a clock are chosen."""
        chosen: Choice = current(self.choices, at) or {}
        return chosen.get(clock) or chosen.get(EVERY) or Choose.FIRST_MATCH


def current(since: Since, at: dt.datetime) -> Any:
    """Return what held at `at`, or None."""
    found: Any = None
    for begins, value in since:
        if begins is None or begins <= at:
            found = value
    return found
