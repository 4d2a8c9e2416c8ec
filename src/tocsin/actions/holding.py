"""What waits before it reaches people: quiet hours, snoozes, and one message a person and minute.

`settle` looks at all that a transaction is about to tell, right before it is written. What is
critical never waits.
"""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.actions import calling_off, notifying
from tocsin.actions.work import Row, Work
from tocsin.engine import quiet
from tocsin.queries.audit import instant
from tocsin.queries.desk import Desk
from tocsin.records import rows

DIGEST, QUIET = "digest", "quiet"
MINUTE = dt.timedelta(seconds=60)


@dataclass(slots=True)
class Message:
    """One message to one person that is about to leave, and the alerts that it tells of."""

    work: Work
    notification: Row
    alerts: list[Row]

    @property
    def person(self) -> int:
        """Whom it is for."""
        return int(self.notification["person_id"])

    def hold(self, state: str) -> None:
        """Have it wait: its alerts say for what, and nothing of it leaves now."""
        for alert in self.alerts:
            alert["state"] = state
        self.work.notifications.remove(self.notification)
        own = (self.notification["person_id"], f"{self.notification['key']}/")
        self.work.outbox = [
            row for row in self.work.outbox if (row["person_id"], row["key"][: len(own[1])]) != own
        ]


def settle(works: Sequence[Work]) -> None:
    """Have what need not leave now wait, and call off what need not be told any more."""
    for work in works:
        for alert in work.alerts:
            # Its message, if it had one, has the words by now.
            alert.pop(notifying.TEMPLATE, None)
    messages = [message for work in works for message in _messages(work)]
    wake: dict[tuple[str, int], dt.datetime] = {}
    for work in works:
        for id_ in work.digests:
            wake[DIGEST, id_] = work.now + notifying.DIGEST_AFTER
    messages = _quieted(messages, wake)
    at = max((message.work.now for message in messages), default=None)
    if at is not None:
        for message in messages:
            wake.setdefault((DIGEST, message.person), at + MINUTE)
    # The timers are locked before any alert that was told of is changed: so do digests.
    fresh = plan(works[0].tenant, wake)
    _gather(messages, fresh)
    for work in works:
        calling_off.call_off(work)


def _messages(work: Work) -> Iterator[Message]:
    """Yield the messages of a ticket that could wait."""
    told = [one for one in work.alerts if one["state"] == "told" and not one["critical"]]
    if not told:
        return
    for notification in list(work.notifications):
        if notification["critical"]:
            continue
        said = {_named(line) for line in json.loads(notification["parts"]).get("lines", ())}
        mine = [
            one
            for one in told
            if one["recipient_id"] == notification["person_id"]
            and _named({**one, "planned_at": instant(one["planned_at"])}) in said
        ]
        if mine:
            yield Message(work, notification, mine)


def _named(line: Row) -> tuple[str, str, str, str]:
    return line["deed"], line["clock"], line["which"], line["planned_at"]


def _quieted(messages: list[Message], wake: dict[tuple[str, int], dt.datetime]) -> list[Message]:
    """Hold what quiet hours or a snooze hold, note until when, and return the rest."""
    snoozed = _snoozed(messages)
    left = []
    for message in messages:
        work, id_ = message.work, message.person
        found = [quiet_until(work.desk, id_, work.now), snoozed.get((work.id, id_))]
        until = [at for at in found if at is not None and at > work.now]
        if not until:
            left.append(message)
            continue
        message.hold(QUIET)
        known = wake.get((QUIET, id_))
        wake[QUIET, id_] = min(max(until), known) if known else max(until)
    return left


def quiet_until(desk: Desk, id_: int, now: dt.datetime) -> dt.datetime | None:
    """Return when the quiet hours end that a person has now, None when they have none."""
    person = desk.people.get(id_)
    if person is None:
        return None
    return quiet.ends(person.quiet_from, person.quiet_until, person.zone, now)


def _snoozed(messages: list[Message]) -> dict[tuple[int, int], dt.datetime]:
    if not messages:
        return {}
    tickets = sorted({message.work.id for message in messages})
    found = rows.query(
        "SELECT ticket_id, person_id, until FROM snooze"
        " WHERE tenant_id = %s AND ticket_id = ANY(%s)",
        [messages[0].work.tenant, tickets],
    )
    return {(ticket, person): until for ticket, person, until in found}


def _gather(messages: list[Message], fresh: set[tuple[str, int]]) -> None:
    """Let the first message of a person's minute leave; the others wait until it is over."""
    for message in messages:
        if (DIGEST, message.person) in fresh:
            fresh.discard((DIGEST, message.person))
        else:
            message.hold(DIGEST)


def plan(tenant: int, wake: dict[tuple[str, int], dt.datetime]) -> set[tuple[str, int]]:
    """Have timers wake at their instants, or earlier where they do already; returns the new ones.

    Each is locked until the transaction ends: nobody takes it in hand before what it is for is
    there to be seen.
    """
    if not wake:
        return set()
    listed: list[dict[str, Any]] = [
        {"kind": kind, "object": id_, "wake_at": at} for (kind, id_), at in sorted(wake.items())
    ]
    found = rows.query(
        "INSERT INTO schedule AS s (tenant_id, kind, object, wake_at, planned_for, attempts)"
        " SELECT %s, kind, object, wake_at, wake_at, 0 FROM json_to_recordset(%s)"
        " AS x(kind text, object bigint, wake_at timestamptz) ORDER BY kind, object"
        " ON CONFLICT (tenant_id, kind, object) DO UPDATE SET"
        " wake_at = LEAST(s.wake_at, EXCLUDED.wake_at),"
        " planned_for = LEAST(s.planned_for, EXCLUDED.planned_for)"
        " RETURNING s.kind, s.object, s.xmax = 0",
        [tenant, rows.as_json(listed)],
    )
    return {(kind, id_) for kind, id_, new in found if new}
