"""Carrying out what the engine decided: each effect becomes a fact, and rows that follow from it.

Nothing is sent here. What must leave is written in the same transaction and leaves after it.

Effects make facts, and those may have effects again: a step gives the ticket to a team with another
policy, whose path gives it back. Such a chain is cut after ten times. What the rules want after
that is kept on record as passed over and changes nothing, so the rules come to rest, whoever's act
began it is kept, and deadlines go on being watched. A note and the administrators are told.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

from tocsin.actions import notifying, recipients, steps
from tocsin.actions.messages import said
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
from tocsin.kit import canonical
from tocsin.queries import projection
from tocsin.queries.audit import instant

# So many times in a row rules may do something because of what rules have just done.
MOST_IN_A_ROW = 10
# After these only what is told is left, which has no effects: it ends long before this.
_MOST_ROUNDS = MOST_IN_A_ROW + 30
CHAIN = "chain"
_TOLD_EACH = dt.timedelta(days=1)


class NeverSettles(RuntimeError):
    """The effects of a ticket's effects do not end, though none does anything: a mistake here."""


def settle(work: Work) -> None:
    """Carry out all that is due by now, and note when to look at the ticket again.

    After `MOST_IN_A_ROW` rounds in which rules did something, the rest is passed over.
    """
    count = 0
    for _ in range(_MOST_ROUNDS):
        done = decide.done(work.log)
        decision = decide.decide(Snapshot(work.state, done, work.desk.versions), now=work.now)
        work.wake_at = decision.wake_at
        if not decision.effects:
            return
        acts = any(_acts(effect) for effect in decision.effects)
        if acts and count == MOST_IN_A_ROW:
            _cut(work)
        for effect in decision.effects:
            _carry_out(work, effect, over=count >= MOST_IN_A_ROW)
        count += acts
    raise NeverSettles(f"ticket {work.id} still has effects after {_MOST_ROUNDS} rounds")


def _acts(effect: Effect) -> bool:
    """Say whether an effect does something to the ticket: all others only tell."""
    return isinstance(effect, Start | Resume) or (
        isinstance(effect, Escalate) and not effect.superseded
    )


def _cut(work: Work) -> None:
    """Say on the ticket that a chain was cut, and tell the administrators once a day."""
    by, key = automation(work.desk), f"{CHAIN}/{work.id}/"
    since = work.now - _TOLD_EACH
    known = any(e.key.startswith(key) and e.effective_at > since for e in work.log)
    text = (
        f"Rules started each other {MOST_IN_A_ROW} times; what they wanted after that was left out."
    )
    noted = work.add(Kind.NOTE, {}, by, key=f"{key}{work.seq + 1}", content=text)
    work.messages.append(said(work, noted, by, text, public=False))
    if not known:
        _tell(work, f"{key}{noted}", recipients.resolve(work, ("administrators",)))


def _tell(work: Work, key: str, people: Iterable[int]) -> None:
    """Tell people under their bells and by mail that a chain was cut."""
    line = {"deed": CHAIN, "clock": "", "which": "", "planned_at": instant(work.now)}
    parts = canonical.encoded({"lines": [line]}).decode()
    for id_ in people:
        bell = {"person_id": id_, "key": key, "parts": parts, "critical": True}
        work.notifications.append({**bell, "created_at": work.now})
        if work.desk.people[id_].email:
            own = f"{key}/{id_}/{notifying.MAIL}"
            work.outbox.append(
                notifying.letter(own, notifying.MAIL, id_, parts, urgent=True, now=work.now)
            )


def _carry_out(work: Work, effect: Effect, *, over: bool) -> None:
    """Carry out one effect; one that does something is only on record when it is passed `over`."""
    match effect:
        case Breached():
            _breach(work, effect)
        case Warn():
            told = {"alert": effect.alert.name, "due": instant(effect.due)}
            seq = _fact(work, effect, effect.planned_at, told, superseded=effect.superseded)
            notifying.alert(work, effect, seq, effect.planned_at, effect.alert.notify)
        case Escalate():
            effect = dataclasses.replace(effect, superseded=effect.superseded or over)
            seq = _fact(
                work, effect, effect.planned_at, steps.told(effect), superseded=effect.superseded
            )
            steps.take(work, effect, seq)
        case Start() | Resume():
            _fact(work, effect, effect.planned_at, {}, superseded=over)
            if not over:
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
