"""Carrying out what the engine decided: each effect becomes a fact, and rows that follow from it.

Nothing is sent here. What must leave is written in the same transaction and leaves after it.
"""

import datetime as dt
from typing import Any

from tocsin.actions import recipients
from tocsin.actions.messages import said
from tocsin.actions.work import Work, automation
from tocsin.engine import decide
from tocsin.engine.decide import Snapshot
from tocsin.engine.effect import Alarm, Breached, Effect, Escalate, Key, Notify, Restate, Warn
from tocsin.engine.event import Kind
from tocsin.kit import canonical
from tocsin.queries import projection
from tocsin.queries.audit import instant

# Effects make facts, which may have effects again (a team with another policy); it must end.
_MOST_ROUNDS = 20
# What comes later than this is catching up: it goes into one digest a person, not one by one.
LATE = dt.timedelta(seconds=60)
DIGEST_AFTER = dt.timedelta(seconds=30)


class NeverSettles(RuntimeError):
    """The effects of a ticket's effects do not end: a mistake in its policies."""


def settle(work: Work) -> None:
    """Carry out all that is due by now, and note when to look at the ticket again."""
    for _ in range(_MOST_ROUNDS):
        done = decide.done(work.log)
        decision = decide.decide(Snapshot(work.state, done), now=work.now)
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
            _alert(work, effect, seq, effect.planned_at, effect.alert.notify)
        case Escalate():
            _escalate(work, effect)
        case Restate():
            _fact(work, effect, work.now, {"withdrawn": _plain(effect.withdrawn)})
            work.withdrawn.append(effect.withdrawn)
        case Alarm():
            seq = _fact(work, effect, work.now, {"reason": effect.reason})
            _alert(work, effect, seq, work.now, ("administrators",))
        case Notify():
            _fact(work, effect, work.now, {"items": [_plain(key) for key in effect.items]})
            _notify(work, effect)


def _plain(key: Key) -> list[str]:
    return [key.deed.value, key.clock, key.which, key.mark]


def name(work: Work, key: Key) -> str:
    """Return the idempotency key of an effect: the database refuses it a second time."""
    return f"effect/{work.id}/{'/'.join(key)}"


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
    key = name(work, effect.key)
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
        _alert(work, effect, seq, breach.breached_at, recipients.BY_DEFAULT)


def _escalate(work: Work, effect: Escalate) -> None:
    level = effect.level
    seq = _fact(
        work,
        effect,
        effect.planned_at,
        {"level": level.name, "team": level.team},
        superseded=effect.superseded,
    )
    if effect.superseded:
        _alert(work, effect, seq, effect.planned_at, level.notify)
        return
    by, key = automation(work.desk), name(work, effect.key)
    team = work.desk.teams.get(level.team.casefold())
    if team is not None and work.field("team") != team.key:
        work.add(Kind.TEAM, {"to": team.key}, by, key=f"{key}/team")
        if work.field("assignee") is not None:
            # Nobody of the level before owns it any more; the level's own people take it up.
            work.add(Kind.ASSIGNEE, {"to": None}, by, key=f"{key}/assignee")
    raised = level.priority and (work.field("priority") or "P9") > level.priority
    if raised:
        work.add(Kind.PRIORITY, {"to": level.priority}, by, key=f"{key}/priority")
    told = f"Escalated to {level.name}: {level.team} owns this ticket now."
    noted = work.add(Kind.NOTE, {}, by, key=f"{key}/note", content=told)
    work.messages.append(said(work, noted, by, told, public=False))
    _alert(work, effect, seq, effect.planned_at, ("lead", *level.notify))


def _alert(
    work: Work, effect: Effect, seq: int, planned_at: dt.datetime, words: tuple[str, ...]
) -> None:
    """Decide to tell people: one row for each person and channel, written just once."""
    superseded = bool(getattr(effect, "superseded", False))
    critical = isinstance(effect, Breached | Escalate)
    state = "told" if work.now - planned_at <= LATE else "digest"
    for id_ in recipients.resolve(work, words):
        channels = ["product"]
        if work.desk.people[id_].email:
            channels.append("mail")
        work.alerts += [
            {
                "seq": seq,
                "deed": effect.key.deed.value,
                "clock": effect.key.clock,
                "which": effect.key.which,
                "mark": effect.key.mark,
                "recipient_id": id_,
                "channel": channel,
                "planned_at": planned_at,
                "decided_at": work.now,
                "state": "superseded" if superseded else state,
                "critical": critical,
            }
            for channel in channels
        ]


def _notify(work: Work, effect: Notify) -> None:
    """Write one message a person for all that they must hear of at once."""
    items = {(key.deed.value, key.clock, key.which, key.mark) for key in effect.items}
    mine: dict[int, list[dict[str, Any]]] = {}
    channels: dict[int, set[str]] = {}
    for alert in work.alerts:
        one = (alert["deed"], alert["clock"], alert["which"], alert["mark"])
        if one not in items:
            continue
        id_ = alert["recipient_id"]
        if alert["state"] == "digest":
            work.digests.add(id_)
        elif alert["state"] == "told":
            channels.setdefault(id_, set()).add(alert["channel"])
            if alert["channel"] == "product":
                mine.setdefault(id_, []).append(line(alert))
    key = name(work, effect.key)
    for id_, lines in mine.items():
        parts = canonical.encoded({"lines": lines}).decode()
        work.notifications.append(
            {
                "person_id": id_,
                "key": key,
                "parts": parts,
                "critical": effect.critical,
                "created_at": work.now,
            }
        )
        work.outbox += [
            letter(
                f"{key}/{id_}/{channel}", channel, id_, parts, urgent=effect.critical, now=work.now
            )
            for channel in sorted(channels[id_] - {"product"})
        ]


def line(alert: dict[str, Any]) -> dict[str, str]:
    """Return what a message says of an alert: facts, for the reader's language to word."""
    return {
        "deed": alert["deed"],
        "clock": alert["clock"],
        "which": alert["which"],
        "planned_at": instant(alert["planned_at"]),
    }


def letter(
    key: str, channel: str, person: int, parts: str, *, urgent: bool, now: dt.datetime
) -> dict[str, Any]:
    """Return a row of the outbox, ready to leave at once."""
    return {
        "channel": channel,
        "person_id": person,
        "key": key,
        "parts": parts,
        "urgent": urgent,
        "state": "pending",
        "created_at": now,
        "next_at": now,
        "attempts": 0,
        "maybe_sent": False,
        "told": "",
    }
