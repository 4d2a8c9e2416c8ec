"""Telling people: what was decided becomes alerts, lines under bells, and messages that leave."""

import datetime as dt
from typing import Any

from tocsin.actions import recipients
from tocsin.actions.work import Work
from tocsin.engine.effect import Breached, Effect, Escalate, Key, Notify
from tocsin.kit import canonical
from tocsin.queries.audit import instant

# What comes later than this is catching up: it goes into one digest a person, not one by one.
LATE = dt.timedelta(seconds=60)
DIGEST_AFTER = dt.timedelta(seconds=30)


def name(work: Work, key: Key) -> str:
    """Return the idempotency key of an effect: the database refuses it a second time."""
    return f"effect/{work.id}/{'/'.join(key)}"


def alert(
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


def notify(work: Work, effect: Notify) -> None:
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
