"""Telling people: what was decided becomes alerts, lines under bells, and messages that leave."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from tocsin.actions import recipients
from tocsin.actions.work import Work
from tocsin.engine.effect import Breached, Effect, Escalate, Key, Notify, Warn
from tocsin.kit import canonical
from tocsin.queries import notified
from tocsin.queries.audit import instant
from tocsin.queries.desk import Desk
from tocsin.queries.reaching import Method
from tocsin.records import rows

# What comes later than this is catching up: it goes into one digest a person, not one by one.
LATE = dt.timedelta(seconds=60)
DIGEST_AFTER = dt.timedelta(seconds=30)
PRODUCT, MAIL = "product", "mail"
# What an alert's row holds until its message is made; no column has it.
TEMPLATE = "template"


def name(work: Work, key: Key) -> str:
    """Return the idempotency key of an effect: the database refuses it a second time."""
    return f"effect/{work.id}/{'/'.join(key)}"


def alert(
    work: Work,
    effect: Effect,
    seq: int,
    planned_at: dt.datetime,
    words: tuple[str, ...],
) -> None:
    """Decide to tell people: one row for each person and channel, written just once.

    An address outside of the desk is nobody's row, its channel is `mailto:` and the address.
    """
    superseded = bool(getattr(effect, "superseded", False))
    critical = isinstance(effect, Breached | Escalate)
    state = "superseded" if superseded else _state(work, planned_at)
    own = {
        "seq": seq,
        "deed": effect.key.deed.value,
        "clock": effect.key.clock,
        "which": effect.key.which,
        "mark": effect.key.mark,
        "planned_at": planned_at,
        "decided_at": work.now,
        "critical": critical,
    }
    template = _template(effect)
    if not superseded and template in work.desk.reaching.templates:
        own[TEMPLATE] = template
    for id_ in recipients.resolve(work, words):
        work.alerts += [
            {**own, "recipient_id": id_, "channel": channel, "state": state}
            for channel in channels(work.desk, id_, critical=critical)
        ]
    # Whoever is no person of the desk has no digest: they are told at once or, late, not at all.
    beyond = "told" if state == "told" else "superseded"
    work.alerts += [
        {**own, "recipient_id": None, "channel": f"{notified.MAIL}{address}", "state": beyond}
        for address in recipients.outside(words)
    ]


def _template(effect: Effect) -> str:
    """Return the key of the template that an alert or a step asks for, or nothing."""
    match effect:
        case Warn():
            return effect.alert.template
        case Escalate():
            return effect.step.template
    return ""


def _state(work: Work, planned_at: dt.datetime) -> str:
    return "told" if work.now - planned_at <= LATE else "digest"


def channels(desk: Desk, id_: int, *, critical: bool) -> list[str]:
    """Return how a person is told at once: in the product, by mail, by their first own way."""
    found = [PRODUCT]
    if desk.people[id_].email:
        found.append(MAIL)
    found += [one.channel for one in methods(desk, id_, critical=critical)[:1]]
    return list(dict.fromkeys(found))


def methods(desk: Desk, id_: int, *, critical: bool) -> list[Method]:
    """Return the addresses of a person's own that may be used, in their order."""
    found = desk.reaching.methods.get(id_, ())
    return [one for one in found if critical or not one.critical_only]


def next_method(tenant: int, person: int, after_channel: str) -> tuple[str, str] | None:
    """Return the channel and address to try for an urgent alert after one that failed twice.

    Those of the person in their order; after their mail address the first of them. None when no
    other is left, or the person has left. Call it inside the tenant.
    """
    found = rows.query(
        "SELECT m.channel, m.address FROM contact_method m JOIN person p"
        " ON p.tenant_id = m.tenant_id AND p.id = m.person_id AND p.is_active"
        " WHERE m.tenant_id = %s AND m.person_id = %s ORDER BY m.position, m.id",
        [tenant, person],
    )
    known = [str(row[0]) for row in found]
    behind = known.index(after_channel) + 1 if after_channel in known else 0
    for channel, address in found[behind:]:
        if channel != after_channel:
            return str(channel), str(address)
    return None


def notify(work: Work, effect: Notify) -> None:
    """Write one message a person for all that they must hear of at once."""
    items = {(key.deed.value, key.clock, key.which, key.mark) for key in effect.items}
    mine: dict[int | None, list[dict[str, Any]]] = {}
    ways: dict[int | None, dict[str, None]] = {}
    template = ""
    for alert in work.alerts:
        if (alert["deed"], alert["clock"], alert["which"], alert["mark"]) not in items:
            continue
        template = alert.pop(TEMPLATE, "") or template
        id_ = alert["recipient_id"]
        if alert["state"] == "digest":
            work.digests.add(id_)
        elif alert["state"] == "told":
            ways.setdefault(id_, {})[alert["channel"]] = None
            said, listed = line(alert), mine.setdefault(id_, [])
            if said not in listed:
                listed.append(said)
    key = name(work, effect.key)
    for id_, lines in mine.items():
        parts = {"lines": lines, **_facts(work, lines[0], template)}
        if id_ is not None:
            work.notifications.append(
                {
                    "person_id": id_,
                    "key": key,
                    "parts": canonical.encoded({"lines": lines}).decode(),
                    "critical": effect.critical,
                    "created_at": work.now,
                }
            )
        work.outbox += _letters(work, effect, id_, sorted(ways[id_]), parts)


def _facts(work: Work, said: dict[str, str], template: str) -> dict[str, Any]:
    """Return what a letter needs beside its lines to be put into words where no desk is at hand."""
    found: dict[str, Any] = {"desk": work.desk.key}
    if not template:
        return found
    team = work.desk.teams.get(str(work.field("team") or ""))
    owner = str(work.field("assignee") or "")
    person = work.desk.people.get(int(owner)) if owner.isdecimal() else None
    due = next((c.due for c in work.state.clocks if c.id == said["clock"]), None)
    facts = {
        "team": team.name if team else "",
        "owner": person.name if person else "",
        "account": str(work.field("account") or ""),
        "due": instant(due) if due else "",
    }
    # The words as they are now: a message that waits says what was decided.
    told = work.desk.reaching.templates[template]
    own = {"key": template, "usual": work.desk.language, "facts": facts}
    own |= {"texts": told.get("texts", {}), "channel": told.get("channel", "")}
    return {**found, TEMPLATE: own}


def _letters(
    work: Work, effect: Notify, id_: int | None, ways: list[str], parts: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    key = f"{name(work, effect.key)}/{id_ or 'outside'}"
    own: dict[str, Any] = {"urgent": effect.critical, "now": work.now}
    said = canonical.encoded(parts if id_ is None else {**parts, "person": id_}).decode()
    for way in ways:
        address = notified.outside(way)
        if address:
            yield letter(f"{key}/{address}", MAIL, None, said, address=address, **own)
        elif way != PRODUCT and id_ is not None:
            address = address_of(work.desk, id_, way)
            yield letter(f"{key}/{way}", way, id_, said, address=address, **own)


def address_of(desk: Desk, id_: int, channel: str) -> str:
    """Return a person's own first address in a channel; empty for the mail address they have."""
    found = desk.reaching.methods.get(id_, ())
    return "" if channel == MAIL else next((m.address for m in found if m.channel == channel), "")


def line(alert: dict[str, Any]) -> dict[str, str]:
    """Return what a message says of an alert: facts, for the reader's language to word."""
    return {
        "deed": alert["deed"],
        "clock": alert["clock"],
        "which": alert["which"],
        "planned_at": instant(alert["planned_at"]),
    }


def letter(
    key: str,
    channel: str,
    person: int | None,
    parts: str,
    *,
    urgent: bool,
    now: dt.datetime,
    address: str = "",
) -> dict[str, Any]:
    """Return a row of the outbox, ready to leave at once."""
    return {
        "channel": channel,
        "person_id": person,
        "address": address,
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
