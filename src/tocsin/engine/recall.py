"""Recall: terms that were chosen before, so that no fact of any ticket chooses them again."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine import source
from tocsin.engine.books import Books
from tocsin.engine.policy import Agreement, JudgedBy, Policy, Terms

Slot = tuple[Agreement, str]
# What conditions may look at beside the ticket's fields.
OF_EVENTS = frozenset({"event", "side", "changed", "was"})


def looked_at(policies: Iterable[Policy]) -> frozenset[str] | None:
    """Return the fields that terms depend on; None when they depend on more than fields."""
    names: set[str] = set()
    for policy in policies:
        if policy.judged_by is JudgedBy.EVENT_TIME:
            return None
        names |= policy.when.names() | ({"account"} if policy.contract else set())
        for plan in policy.plans:
            for row in plan.rows:
                names |= row.when.names() | source.fields(row.calendar)
    return None if names & OF_EVENTS else frozenset(names)


_MOST_KEPT = 10_000


@dataclass(slots=True)
class Kept:
    """Terms that were chosen before, by all that the choice depends on.

    Every fact of every ticket asks for them, and there are few different answers.
    """

    names: tuple[str, ...]
    turns: tuple[dt.datetime, ...]
    terms: dict[tuple[object, ...], Terms | None] = field(default_factory=dict)

    def key(
        self, slot: Slot, facts: Mapping[str, Any], at: dt.datetime, pinned: Mapping[str, int]
    ) -> tuple[object, ...]:
        """Return what the choice depends on; between two turns of policies all instants are one."""
        values = [_plain(facts.get(name)) for name in self.names]
        pins = tuple(sorted(pinned.items())) if pinned else ()
        return (slot, bisect_right(self.turns, at), pins, *values)

    def keep(self, key: tuple[object, ...], terms: Terms | None) -> None:
        """Keep an answer, and begin anew when there are too many."""
        if len(self.terms) >= _MOST_KEPT:
            self.terms.clear()
        self.terms[key] = terms


def _plain(value: object) -> object:
    """Return a value that tells as much and can be looked up: 1 and True are two."""
    return value if isinstance(value, str | None) else (type(value), repr(value))


def keeping(policies: Iterable[Policy], books: Books, names: frozenset[str] | None) -> Kept | None:
    """Return a place for terms, or None where more than fields and turns of policies decides."""
    rows = [row for policy in policies for plan in policy.plans for row in plan.rows]
    simple = all(isinstance(row.calendar, str) for row in rows)
    contracts = any(policy.contract for policy in policies)
    if names is None or contracts or not simple or books.weighs:
        return None
    turns = {at for policy in policies for at in (policy.valid_from, policy.valid_until) if at}
    return Kept(tuple(sorted(names)), tuple(sorted(turns)))
