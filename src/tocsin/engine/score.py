"""The order of work: never first in, first out, but by a virtual due, and why in words.

A ticket ranks by the due that it would have if all tickets were alike: its own due, less a head
start for each thing that makes it matter more. All tickets age at the same pace, so of two the same
one stays in front until something happens to either: the order is an index, and never recomputed.

>>> import datetime as dt
>>> noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
>>> server = Subject(opened_at=noon, due_at=noon + dt.timedelta(hours=1), priority="P1")
>>> question = Subject(opened_at=noon - dt.timedelta(days=1), due_at=noon - dt.timedelta(hours=2))
>>> score(server).rank_at < score(question).rank_at
True
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_HOUR = dt.timedelta(hours=1)
_FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)

# How long a ticket without a due is taken to be able to wait: a working day and a night.
PATIENCE = 24 * _HOUR
# What waits for the customer is none of our debts: it stands behind all of them. No head start
# makes up for it, and no due lies that far ahead.
ASIDE = 100 * 365 * 24 * _HOUR

# Head starts in hours. What matters is how they compare: P1 of yesterday's plan goes before a P3
# that is up to three days overdue, since an outage grows by the hour and a question does not. A
# level of priority weighs more than any flag, all flags together weigh less than P1 over P3.
PRIORITY: Mapping[str, int] = {
    "P1": 96,  # work stands still: before anything of a lower priority of this week
    "P2": 36,  # badly hurt: before the ordinary work of a day and a half
    "P3": 12,  # ordinary work, which somebody waits for
    "P4": 0,  # when there is time; its due brings it to the top by itself
}
# By the plan's name in lower case; one that is not named here has none. Less than half of the step
# from P3 to P2, or a plan would turn every question into an incident.
PLAN: Mapping[str, int] = {
    "enterprise": 10,
    "premium": 8,
    "platinum": 8,
    "gold": 6,
    "business": 4,
    "professional": 4,
}
VIP = 6  # somebody decided that this account is looked at first
HIGH_VALUE = 4  # much revenue hangs on it, but nobody promised to look first
WAITING = 3  # a word of the customer is unanswered: before a ticket where we had the last word
MISSED = 4  # one promise to them is broken already: the next should not be


@dataclass(frozen=True, slots=True)
class Subject:
    """What the order of a ticket depends on. All of it are facts: none changes by time alone.

    `due_at` is the earliest due of a running clock, `waiting_since` when the customer wrote what
    is not answered yet, `aside` that the ticket waits for the customer, `missed` whether a clock
    of it was breached.
    """

    opened_at: dt.datetime
    due_at: dt.datetime | None = None
    priority: str = ""
    plan: str = ""
    vip: bool = False
    high_value: bool = False
    waiting_since: dt.datetime | None = None
    aside: bool = False
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a ticket's place comes from; `value` says which, or since when.

    Keys: due, no due, waiting customer (these say what the place counts from), priority, plan,
    vip, high value, customer waiting, breached. `hours` is the head start.
    """

    key: str
    value: str = ""
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """The place of a ticket: less is first. The reasons say why, what it counts from first."""

    rank_at: dt.datetime
    reasons: tuple[Reason, ...]


def score(subject: Subject) -> Score:
    """Return where a ticket stands, and why."""
    base, reason = _base(subject)
    lifts = tuple(_lifts(subject))
    ahead = sum(lift.hours for lift in lifts) * _HOUR
    return Score(_moved(base, -ahead), (reason, *lifts))


def _base(subject: Subject) -> tuple[dt.datetime, Reason]:
    """Return what the place counts from: a due, or how long one can wait without."""
    if subject.due_at is not None:
        return subject.due_at, Reason("due", subject.due_at.isoformat())
    if subject.aside:
        return _moved(subject.opened_at, ASIDE), Reason("waiting customer")
    return _moved(subject.opened_at, PATIENCE), Reason("no due", subject.opened_at.isoformat())


def _lifts(subject: Subject) -> Iterator[Reason]:
    """Yield the head starts, the largest kinds first."""
    if hours := PRIORITY.get(subject.priority, 0):
        yield Reason("priority", subject.priority, hours)
    if hours := PLAN.get(subject.plan.casefold(), 0):
        yield Reason("plan", subject.plan, hours)
    if subject.vip:
        yield Reason("vip", "", VIP)
    if subject.high_value:
        yield Reason("high value", "", HIGH_VALUE)
    if subject.missed:
        yield Reason("breached", "", MISSED)
    if subject.waiting_since is not None:
        yield Reason("customer waiting", subject.waiting_since.isoformat(), WAITING)


def _moved(at: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """Return the instant that much later, or the last (first) that dates can say."""
    try:
        return at + length
    except OverflowError:
        return _LAST if length > 0 * _HOUR else _FIRST
