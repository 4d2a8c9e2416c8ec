"""How punctual the desk itself is: what fell due and when it was decided, and how messages left."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows

_DAY = dt.timedelta(days=1)
# Steps that have an instant of their own; an administrator's alarm has none.
_STEPS = (
    " FROM alert WHERE tenant_id = %s AND counts AND deed <> 'alarm'"
    " AND planned_at >= %s AND planned_at < %s AND "
)
_LATE = "decided_at - planned_at"
_LATENESS = (
    f"count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY {_LATE}),"
    f" percentile_disc(0.99) WITHIN GROUP (ORDER BY {_LATE}), max({_LATE})"
)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How long after their instants steps were decided; nothing is said of none."""

    count: int = 0
    p50: dt.timedelta | None = None
    p99: dt.timedelta | None = None
    max: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A date of a zone, and what fell due in it."""

    date: dt.date
    lateness: Lateness


@dataclass(frozen=True, slots=True)
class Channel:
    """The messages of one channel that were written in a period, and what became of them.

    `retries` is how many times one was handed over again; `took` how long half of those that left
    took, and nearly all.
    """

    channel: str
    written: int
    sent: int
    waiting: int
    unsure: int
    dead: int
    cancelled: int
    retries: int
    took_p50: dt.timedelta | None
    took_p99: dt.timedelta | None


@dataclass(frozen=True, slots=True)
class Storms:
    """What people were spared: `alerts` were for them, and came in so many `messages`.

    `superseded` were not sent at all because something worse was due too; `waiting` are kept for a
    digest or for the end of quiet hours.
    """

    alerts: int
    messages: int
    superseded: int
    waiting: int

    @property
    def spared(self) -> int:
        """How many messages fewer there were than alerts."""
        return max(0, self.alerts + self.superseded - self.messages)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """A period: in all, day by day, and by channel."""

    total: Lateness
    days: tuple[Day, ...]
    channels: tuple[Channel, ...]
    storms: Storms


@access.needs(Right.READ_REPORTS)
def punctuality(
    *, by: Actor, since: dt.datetime, until: dt.datetime, zone: dt.tzinfo
) -> Punctuality:
    """Return how punctual the desk was; every date of the period is there, empty ones too."""
    seen, own = reach.about(by, "ticket_id")
    period = [by.tenant, since, until, *own]
    with reach.reading(by):
        total = Lateness(*rows.query(f"SELECT {_LATENESS}{_STEPS}{seen}", period)[0])
        found = rows.query(
            f"SELECT (planned_at AT TIME ZONE %s)::date, {_LATENESS}{_STEPS}{seen} GROUP BY 1",
            [str(zone), *period],
        )
        channels = tuple(Channel(*row) for row in _channels(seen, period))
        storms = _storms(seen, period)
    by_date = {row[0]: Lateness(*row[1:]) for row in found}
    return Punctuality(total, tuple(_days(by_date, since, until, zone)), channels, storms)


def _days(
    found: dict[dt.date, Lateness], since: dt.datetime, until: dt.datetime, zone: dt.tzinfo
) -> list[Day]:
    made, date = list[Day](), since.astimezone(zone).date()
    last = (until - dt.timedelta(microseconds=1)).astimezone(zone).date()
    while date <= last:
        made.append(Day(date, found.get(date, Lateness())))
        date += _DAY
    return made


def _channels(seen: str, period: Sequence[Any]) -> list[tuple[Any, ...]]:
    took = "WITHIN GROUP (ORDER BY sent_at - created_at) FILTER (WHERE state = 'sent')"
    return rows.query(
        "SELECT channel, count(*), count(*) FILTER (WHERE state = 'sent'),"
        " count(*) FILTER (WHERE state IN ('pending', 'sending')),"
        " count(*) FILTER (WHERE state = 'unsure'), count(*) FILTER (WHERE state = 'dead'),"
        " count(*) FILTER (WHERE state = 'cancelled'),"
        " coalesce(sum(greatest(attempts - 1, 0)), 0)::bigint,"
        f" percentile_disc(0.5) {took}, percentile_disc(0.99) {took}"
        f" FROM outbox WHERE tenant_id = %s AND created_at >= %s AND created_at < %s AND {seen}"
        " GROUP BY channel ORDER BY count(*) DESC, channel",
        period,
    )


def _storms(seen: str, period: Sequence[Any]) -> Storms:
    alerts, superseded, waiting = rows.query(
        "SELECT count(*) FILTER (WHERE state = 'told'),"
        " count(*) FILTER (WHERE state = 'superseded'),"
        " count(*) FILTER (WHERE state IN ('digest', 'quiet')) FROM alert"
        " WHERE tenant_id = %s AND decided_at >= %s AND decided_at < %s"
        f" AND channel = 'product' AND {seen}",
        period,
    )[0]
    # What administrators hear of the desk itself is no alert of a ticket's clock.
    messages = rows.query(
        "SELECT count(*) FROM notification WHERE tenant_id = %s AND created_at >= %s"
        f" AND created_at < %s AND {seen} AND (key LIKE 'effect/%%' OR key LIKE 'digest/%%'"
        " OR key LIKE 'quiet/%%')",
        period,
    )[0][0]
    return Storms(int(alerts), int(messages), int(superseded), int(waiting))
