"""Clock definitions: six predicates over events, and the modes for what may happen on the way."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from tocsin.engine import condition, duration
from tocsin.engine.alert import Alert
from tocsin.engine.condition import Condition
from tocsin.engine.path import EscalationPath
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid


class Change(StrEnum):
    """What a running clock does when its priority row or its policy changes."""

    CARRY = "carry"  # elapsed time stays, the new target counts
    RESTART = "restart"  # counts from zero
    KEEP = "keep"  # the old target stays


class Carry(StrEnum):
    """Which calendar the time before a change is measured by."""

    PIECEWISE = "piecewise"  # each stretch by the calendar of its time
    RETROACTIVE = "retroactive"  # all of it by the new calendar


class Reopen(StrEnum):
    """What a stopped clock does when its start condition holds again."""

    RESUME = "resume"  # goes on from the time used; the time it stood does not count
    RESTART = "restart"  # the same cycle from zero
    NEW_CYCLE = "new cycle"  # the verdict stands, a new cycle begins
    FROM_CREATION = "from creation"  # goes on, and the time it stood counts
    NEVER = "never"  # stays stopped


class Reset(StrEnum):
    """What a reset does: start over, or end the cycle with its verdict and start the next."""

    RESTART = "restart"
    NEW_CYCLE = "new cycle"


class Merge(StrEnum):
    """What words that came over from a merged ticket do to a clock of the one that goes on."""

    EARLIEST = "earliest"  # they count as if they had been here: the earliest word starts it
    KEEP = "keep"  # nothing: the clock goes by its own ticket's words


class AtClose(StrEnum):
    """When a target that is used up exactly at a closing is due."""

    DUE = "due"  # at the closing: no stop after it is in time
    NEXT_OPENING = "next opening"  # at the last instant before more open time is used


class Judge(StrEnum):
    """Which due decides a clock whose due was moved: any that was missed, or the last."""

    WORST = "worst"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Pauses:
    """What a pause of a clock takes.

    `reason` and `approval` are asked of whoever pauses, `tell_customer` has the customer told.
    `budget` is the most open time that all pauses of one clock may take: then it runs on.
    """

    reason: bool = False
    approval: bool = False
    budget: dt.timedelta | None = None
    tell_customer: bool = False

    @classmethod
    def from_dict(cls, value: object, path: str) -> "Pauses":
        """Read ``{reason: true, approval: true, budget: 8h, tell_customer: true}``."""
        data = shape.mapping(value, path)
        shape.only(data, path, ("reason", "approval", "budget", "tell_customer"))
        flags = {
            name: shape.flag(data[name], f"{path}.{name}")
            for name in ("reason", "approval", "tell_customer")
            if name in data
        }
        budget = duration.parse(data["budget"], f"{path}.budget") if "budget" in data else None
        return cls(budget=budget, **flags)


@dataclass(frozen=True, slots=True)
class Rule:
    """One way for a predicate to hold; `reason` is kept in the segment or the verdict."""

    when: Condition
    reason: str = ""


Predicate = tuple[Rule, ...]
PREDICATES = ("start", "resume", "reset", "pause", "stop", "cancel")


@dataclass(frozen=True, slots=True)
class Definition:
    """A kind of clock: what starts, pauses, resumes, stops, resets and cancels it, and its modes.

    When several predicates hold at one event the strongest acts: cancel, stop, pause, reset,
    resume, start; but a clock that has not begun begins first, so a ticket born waiting has a
    paused clock, not none.
    """

    key: str
    start: Predicate
    stop: Predicate
    pause: Predicate = ()
    resume: Predicate = ()
    reset: Predicate = ()
    cancel: Predicate = ()
    on_priority: Change = Change.CARRY
    on_policy: Change = Change.CARRY
    carry: Carry = Carry.PIECEWISE
    on_reopen: Reopen = Reopen.RESUME
    on_reset: Reset = Reset.RESTART
    on_merge: Merge = Merge.EARLIEST
    grace: dt.timedelta = dt.timedelta(0)
    at_close: AtClose = AtClose.DUE
    judge: Judge = Judge.WORST
    alerts: tuple[Alert, ...] = ()
    path: EscalationPath | None = None
    pauses: Pauses = Pauses()
    # What the predicates look at: a fact that touches none of it moves no live clock.
    looks_at: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rules = (rule for name in PREDICATES for rule in getattr(self, name))
        names = frozenset().union(*(rule.when.names() for rule in rules))
        object.__setattr__(self, "looks_at", names)


def holds(predicate: Predicate, facts: Mapping[str, Any]) -> Rule | None:
    """Return the first rule of the predicate that the facts pass, or None."""
    for rule in predicate:
        if rule.when.matches(facts):
            return rule
    return None


def predicate_from(value: object, path: str) -> Predicate:
    """Read a predicate: one condition, or a list of ``{when: …, reason: …}`` or conditions."""
    if not isinstance(value, list | tuple):
        return (Rule(condition.from_dict(value, path)),)
    return tuple(_rule(item, f"{path}[{k}]") for k, item in enumerate(value))


def _rule(value: object, path: str) -> Rule:
    data = shape.mapping(value, path)
    if "when" not in data:
        return Rule(condition.from_dict(data, path))
    shape.only(data, path, ("when", "reason"))
    reason = shape.text(data["reason"], f"{path}.reason") if "reason" in data else ""
    return Rule(condition.from_dict(data["when"], f"{path}.when"), reason)


_MODES: Mapping[str, type[StrEnum]] = {
    "on_priority": Change,
    "on_policy": Change,
    "carry": Carry,
    "on_reopen": Reopen,
    "on_reset": Reset,
    "on_merge": Merge,
    "at_close": AtClose,
    "judge": Judge,
}
FIELDS = (*PREDICATES, *_MODES, "grace", "pauses", "responses")
# The word for a stop or reset by an answer: what counts as one can be said for each clock.
ANSWERED = "answered"
_WORDS = ("agent message", "automated message", "note", "callback done", "survey")


def adjusted(base: Definition, data: Mapping[str, Any], path: str) -> Definition:
    """Return `base` with the predicates and modes that `data` names put in their place."""
    changes: dict[str, Any] = {}
    for name in PREDICATES:
        if name in data:
            changes[name] = (
                () if data[name] == "never" else predicate_from(data[name], f"{path}.{name}")
            )
    for name, kind in _MODES.items():
        if name in data:
            changes[name] = kind(shape.one_of(data[name], f"{path}.{name}", kind))
    if "grace" in data:
        changes["grace"] = duration.parse(data["grace"], f"{path}.grace", zero=True)
    if "pauses" in data:
        changes["pauses"] = Pauses.from_dict(data["pauses"], f"{path}.pauses")
    changed = replace(base, **changes)
    if "responses" in data:
        changed = _answered_by(changed, data["responses"], f"{path}.responses")
    if not changed.start:
        raise Invalid(f"{path}.start", "a clock that nothing starts never runs")
    if changed.pause and "resume" not in data and ("pause" in data or not changed.resume):
        # A pause by a state of the ticket ends when the state does.
        ended = condition.Not(condition.AnyOf(tuple(rule.when for rule in changed.pause)))
        changed = replace(changed, resume=(Rule(ended),))
    return changed


def _answered_by(base: Definition, value: object, path: str) -> Definition:
    """Return the definition with other kinds of words counting as an answer."""
    listed = shape.listing(value, path)
    kinds = [shape.one_of(kind, f"{path}[{k}]", _WORDS) for k, kind in enumerate(listed)]
    if not kinds:
        raise Invalid(path, "nothing would count as an answer")
    if not any(rule.reason == ANSWERED for rule in (*base.stop, *base.reset)):
        raise Invalid(path, f"the clock {base.key!r} waits for no answer")
    words = condition.from_dict({"event": kinds, "side": {"not_in": ["customer"]}})
    stop, reset = (
        tuple(Rule(words, ANSWERED) if rule.reason == ANSWERED else rule for rule in rules)
        for rules in (base.stop, base.reset)
    )
    return replace(base, stop=stop, reset=reset)
