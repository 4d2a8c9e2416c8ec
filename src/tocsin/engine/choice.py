"""Choice: which policy gave a clock its terms, and why the others did not."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tocsin.engine.books import Choose
from tocsin.engine.condition import AllOf, AnyOf, Condition, Not, Test
from tocsin.engine.policy import JudgedBy, Plan, Policy, Row
from tocsin.engine.recall import Slot
from tocsin.engine.version import Versions


class Ground(StrEnum):
    """Why a policy gave a clock its terms, or did not."""

    CHOSEN = "chosen"
    BEHIND = "another comes first"
    LATER = "another is due earlier"
    NOT_YET = "not in force yet"
    ENDED = "not in force any more"
    NO_CONTRACT = "no contract names it"
    CONDITION = "condition not met"
    NO_ROW = "no target fits"


@dataclass(frozen=True, slots=True)
class Part:
    """One comparison that decided: what was wanted of which fact, and what the fact was.

    `negated` says that the comparison stands under a "not".
    """

    name: str
    op: str
    wanted: Any
    fact: Any
    negated: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        wanted = list(self.wanted) if isinstance(self.wanted, tuple) else self.wanted
        told = {"fact": self.name, "test": self.op, "wanted": wanted, "is": self.fact}
        return {**told, "negated": self.negated}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy that could give a clock its terms: in which version, and what came of it.

    `parts` are the comparisons that held, of one that matched, or those that did not. `row` is
    the label of the row of targets; empty when none was looked for or fits.
    """

    policy: str
    version: int
    rank: int
    matched: bool
    chosen: bool
    why: Ground
    parts: tuple[Part, ...] = ()
    row: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "policy": self.policy,
            "version": self.version,
            "rank": self.rank,
            "matched": self.matched,
            "chosen": self.chosen,
            "why": self.why.value,
            "row": self.row or None,
            "parts": [part.to_dict() for part in self.parts],
        }


def candidates(
    versions: Versions,
    slot: Slot,
    facts: Mapping[str, Any],
    *,
    at: dt.datetime,
    pinned: Mapping[str, int],
    now: dt.datetime | None = None,
) -> tuple[Candidate, ...]:
    """Return the policies that promise the clock of a slot, in the order in which they are asked.

    Each in the version that counts for a clock started at `at`, or in its newest if none does.
    `now` is the instant of the fact that asks.
    """
    now = now or at
    chosen = versions.terms(slot, facts, at, pinned, now)
    choose = versions.books.choose(slot[1], at)
    found: list[Candidate] = []
    for policy, counts in _asked(versions, slot, at, now, pinned):
        moment = _moment(policy, at, now)
        if chosen is not None and (policy.key, policy.version) == chosen.same_policy:
            found.append(_matching(policy, chosen.row, facts, Ground.CHOSEN))
        elif not counts:
            begun = policy.valid_from is None or policy.valid_from <= moment
            found.append(_other(policy, Ground.ENDED if begun else Ground.NOT_YET))
        else:
            named = not policy.contract or versions.books.names(
                policy.key, facts.get("account"), moment
            )
            behind = Ground.BEHIND if choose is Choose.FIRST_MATCH else Ground.LATER
            found.append(_judged(policy, slot, facts, named=named, behind=behind))
    return tuple(found)


def _asked(
    versions: Versions,
    slot: Slot,
    at: dt.datetime,
    now: dt.datetime,
    pinned: Mapping[str, int],
) -> list[tuple[Policy, bool]]:
    """Return one version of each policy that has the clock, and whether it is in force."""
    current: dict[str, Policy] = {}
    having: dict[str, Policy] = {}
    for policy in versions.policies:
        if policy.agreement is not slot[0]:
            continue
        moved = policy.version == pinned.get(policy.key)
        if moved or policy.in_force(_moment(policy, at, now)):
            _keep_newest(current, policy)
        if policy.plan_for(slot[1]) is not None:
            _keep_newest(having, policy)
    found = [
        (current[key], True) if _has(current.get(key), slot) else (policy, False)
        for key, policy in having.items()
    ]
    return sorted(found, key=lambda one: one[0].rank)


def _keep_newest(kept: dict[str, Policy], policy: Policy) -> None:
    known = kept.get(policy.key)
    if known is None or known.version < policy.version:
        kept[policy.key] = policy


def _has(policy: Policy | None, slot: Slot) -> bool:
    return policy is not None and policy.plan_for(slot[1]) is not None


def _moment(policy: Policy, at: dt.datetime, now: dt.datetime) -> dt.datetime:
    return now if policy.judged_by is JudgedBy.EVENT_TIME else at


def _judged(
    policy: Policy, slot: Slot, facts: Mapping[str, Any], *, named: bool, behind: Ground
) -> Candidate:
    """Return what came of a policy in force that was not chosen.

    `named` says whether a contract names it, if one must.
    """
    if not policy.when.matches(facts):
        return _other(policy, Ground.CONDITION, parts(policy.when, facts, hold=False))
    if not named:
        return _other(policy, Ground.NO_CONTRACT)
    plan: Plan | None = policy.plan_for(slot[1])
    row = plan.row_for(facts) if plan else None
    if row is None:
        rows = plan.rows if plan else ()
        failed = (part for one in rows for part in parts(one.when, facts, hold=False))
        return _other(policy, Ground.NO_ROW, failed)
    return _matching(policy, row, facts, behind)


def _matching(policy: Policy, row: Row, facts: Mapping[str, Any], why: Ground) -> Candidate:
    held = (*parts(policy.when, facts, hold=True), *parts(row.when, facts, hold=True))
    return Candidate(
        policy=policy.key,
        version=policy.version,
        rank=policy.rank,
        matched=True,
        chosen=why is Ground.CHOSEN,
        why=why,
        parts=tuple(held),
        row=row.label,
    )


def _other(policy: Policy, why: Ground, failed: Iterable[Part] = ()) -> Candidate:
    told = tuple(failed)
    return Candidate(policy.key, policy.version, policy.rank, False, False, why, told)


def parts(
    condition: Condition, facts: Mapping[str, Any], *, hold: bool, negated: bool = False
) -> Iterator[Part]:
    """Yield the comparisons by which the facts pass a condition, or those by which they do not.

    Nothing when the condition is not as `hold` says.
    """
    if condition.matches(facts) is not hold:
        return
    match condition:
        case Test(name, op, value):
            yield Part(name, op.value, value, facts.get(name), negated)
        case Not(part):
            yield from parts(part, facts, hold=not hold, negated=not negated)
        case AllOf(several) | AnyOf(several):
            for part in several:
                yield from parts(part, facts, hold=hold, negated=negated)
