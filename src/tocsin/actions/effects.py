"""Carrying out what the engine decided: each effect becomes a fact, and rows that follow from it.

Nothing is sent here. What must leave is written in the same transaction and leaves after it.
"""

import datetime as dt
from typing import Any

from tocsin.actions import notifying, recipients, steps
from tocsin.actions.work import Work, automation
from tocsin.engine import decide
from tocsin.engine.decide import Snapshot
from tocsin.engine.effect import (
    Alarm,
    Breached,
    Effect,
    Escalate,
    Key,
    Notify,
    Restate,
    Resume,
    Start,
    Warn,
)
from tocsin.engine.event import Kind
from tocsin.queries import projection
from tocsin.queries.audit import instant

# Effects make facts, which may have effects again (a team with another policy); it must end.
_MOST_ROUNDS = 20


class NeverSettles(RuntimeError):
    """The effects of a ticket's effects do not end: a mistake in its policies."""


def settle(work: Work) -> None:
    """Carry out all that is due by now, and note when to look at the ticket again."""
    for _ in range(_MOST_ROUNDS):
        done = decide.done(work.log)
        decision = decide.decide(Snapshot(work.state, done, work.desk.versions), now=work.now)
        work.wake_at = decision.wake_at
        if not decision.effects:
            return
        for effect in decision.effects:
            _carry_out(work, effect)
    raise NeverSettles(f"ticket {work.id} still has effects after {_MOST_ROUNDS} rounds")


def _carry_out(work: Work, effect: Effect) -> None:
    match effect:
        case Breached():
            _breach(work, effect)
        case Warn():
            told = {"alert": effect.alert.name, "due": instant(effect.due)}
            seq = _fact(work, effect, effect.planned_at, told, superseded=effect.superseded)
            notifying.alert(work, effect, seq, effect.planned_at, effect.alert.notify)
        case Escalate():
            seq = _fact(
                work, effect, effect.planned_at, steps.told(effect), superseded=effect.superseded
            )
            steps.take(work, effect, seq)
        case Start() | Resume():
            _fact(work, effect, effect.planned_at, {})
            steps.begin(work, effect)
        case Restate():
            _fact(work, effect, work.now, {"withdrawn": _plain(effect.withdrawn)})
            work.withdrawn.append(effect.withdrawn)
        case Alarm():
            seq = _fact(work, effect, work.now, {"reason": effect.reason})
            notifying.alert(work, effect, seq, work.now, ("administrators",))
        case Notify():
            _fact(work, effect, work.now, {"items": [_plain(key) for key in effect.items]})
            notifying.notify(work, effect)


def _plain(key: Key) -> list[str]:
    return [key.deed.value, key.clock, key.which, key.mark]


def _fact(
    work: Work,
    effect: Effect,
    planned_at: dt.datetime,
    told: dict[str, Any],
    *,
    superseded: bool = False,
) -> int:
    payload = {**effect.key._asdict(), "planned_at": instant(planned_at), **told}
    payload["deed"] = effect.key.deed.value
    if superseded:
        payload["superseded"] = True
    key = notifying.name(work, effect.key)
    return work.add(Kind.EFFECT, payload, automation(work.desk), key=key)


def _breach(work: Work, effect: Breached) -> None:
    breach = effect.breach
    told = {
        "due": instant(breach.due),
        "breached_at": instant(breach.breached_at),
        "detected_at": instant(effect.detected_at),
        "cause": breach.cause.value,
        "policy": breach.terms.policy,
        "version": breach.terms.version,
    }
    seq = _fact(work, effect, breach.breached_at, told)
    had = projection.attributes(projection.fields_at(work.log, breach.breached_at))
    work.violations.append(
        {
            "seq": seq,
            "clock": effect.key.clock,
            "mark": projection.violation_mark(effect.key),
            "due_at": breach.due,
            "breached_at": breach.breached_at,
            "detected_at": effect.detected_at,
            "cause": breach.cause.value,
            "policy": breach.terms.policy,
            "policy_version": breach.terms.version,
            **{column: had[column] for column in ("owner", "team", "stage")},
            "note": "",
        }
    )
    history = work.state.history_until
    if history is None or breach.breached_at > history:
        notifying.alert(work, effect, seq, breach.breached_at, recipients.BY_DEFAULT)
