"""Clocks as screens show them: what is left at an instant, how that looks, and how it goes on."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tocsin.engine.calendar import Calendar
from tocsin.engine.version import CalendarVersion
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import context

# Where the working-time line of every calendar begins: open time is counted from here.
ANCHOR = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
BEFORE, AHEAD = dt.timedelta(days=1), dt.timedelta(days=21)
_MILLISECOND = dt.timedelta(milliseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_NOTHING = dt.timedelta(0)
# Worst first.
LOOKS = (
    *("breached", "imminent", "at risk", "on track", "off hours", "unschedulable"),
    *("paused", "missed", "met"),
)
_PLACE = {look: place for place, look in enumerate(LOOKS)}
COLUMNS = (
    *("ticket_id", "key", "agreement", "definition", "state", "verdict", "due_at", "undue"),
    *("since", "stopped_at", "left_us", "target_us", "target", "warn_us", "crit_us"),
    *("calendar", "calendar_version"),
)
INSTANTS = ("due_at", "since", "stopped_at")


@dataclass(frozen=True, slots=True)
class Face:
    """A clock at an instant. Lengths are open time of its calendar.

    `left` is what remains, negative when it is over; of a stopped clock what remained then, None
    where there is nothing to count. From `warn` left on it is at risk, from `crit` imminent.
    `due_w` is where the line of its calendar stands when nothing is left, in open milliseconds.
    """

    key: str
    agreement: str
    name: str
    state: str
    verdict: str
    due_at: dt.datetime | None
    undue: str
    since: dt.datetime
    stopped_at: dt.datetime | None
    left: dt.timedelta | None
    target: dt.timedelta | None
    promise: str
    warn: dt.timedelta
    crit: dt.timedelta
    calendar: str
    due_w: int | None
    look: str


def face(clock: Mapping[str, Any], at_work: Desk, *, now: dt.datetime) -> Face:
    """Return what a clock's row shows at `now`."""
    calendar = at_work.versions.calendar(clock["calendar"], clock["calendar_version"])
    left, over = _left(clock, calendar.calendar, now), _over(clock, now)
    return Face(
        key=clock["key"],
        agreement=clock["agreement"],
        name=clock["definition"],
        state=clock["state"],
        verdict="breached" if over else clock["verdict"],
        due_at=clock["due_at"],
        undue=clock["undue"],
        since=clock["since"],
        stopped_at=clock["stopped_at"],
        left=left,
        target=_length(clock["target_us"]),
        promise=clock["target"],
        warn=dt.timedelta(0, 0, clock["warn_us"]),
        crit=dt.timedelta(0, 0, clock["crit_us"]),
        calendar=_name(calendar),
        due_w=_due_w(clock, calendar.calendar),
        look=_look(clock, calendar.calendar, left, now),
    )


def _name(calendar: CalendarVersion) -> str:
    return f"{calendar.key}@{calendar.version}"


def _length(micros: int | None) -> dt.timedelta | None:
    return None if micros is None else dt.timedelta(0, 0, micros)


def _left(clock: Mapping[str, Any], calendar: Calendar, now: dt.datetime) -> dt.timedelta | None:
    """Return what is left at `now`: of a running clock less than at the begin of its state."""
    left = _length(clock["left_us"])
    if left is None or clock["state"] != "running" or now <= clock["since"]:
        return left
    return left - calendar.between(clock["since"], now)


def _over(clock: Mapping[str, Any], now: dt.datetime) -> bool:
    """Say whether a running clock is past its due, whoever has noticed yet."""
    return (
        clock["state"] == "running" and clock["due_at"] is not None and bool(clock["due_at"] < now)
    )


def _due_w(clock: Mapping[str, Any], calendar: Calendar) -> int | None:
    """Return the line's value at which nothing is left; W of the due, unless a pause came later."""
    if clock["state"] != "running" or clock["due_at"] is None:
        return None
    left = dt.timedelta(0, 0, clock["left_us"])
    return (calendar.between(ANCHOR, clock["since"]) + left) // _MILLISECOND


def _look(
    clock: Mapping[str, Any], calendar: Calendar, left: dt.timedelta | None, now: dt.datetime
) -> str:
    if clock["state"] == "stopped":
        return "missed" if clock["verdict"] == "breached" else "met"
    if clock["state"] == "paused":
        return "paused"
    if clock["due_at"] is None or left is None:
        return "unschedulable"
    if _over(clock, now):
        return "breached"
    if not calendar.is_open(now):
        return "off hours"
    if left <= dt.timedelta(0, 0, clock["crit_us"]):
        return "imminent"
    return "at risk" if left <= dt.timedelta(0, 0, clock["warn_us"]) else "on track"


def badness(face: Face) -> tuple[int, dt.timedelta, str]:
    """Return the place of a clock among its ticket's: the worst is first."""
    return _PLACE[face.look], face.left if face.left is not None else dt.timedelta.max, face.key


# ------------------------------------------------------------------------------------ the line


@access.needs(Right.READ_TICKETS)
def lines(
    *, by: Actor, calendars: Iterable[str], now: dt.datetime | None = None
) -> dict[str, list[list[int]]]:
    """Return the working-time line of each calendar, named as in `Face.calendar`: "office@3"."""
    wanted = sorted(set(calendars))
    with transaction.atomic(), context.tenant(by.tenant):
        at_work, clock = desk.at_work(by.tenant)
    return {name: line(_calendar(at_work, name), now=now or clock) for name in wanted}


def _calendar(at_work: Desk, name: str) -> Calendar:
    key, _, version = name.rpartition("@")
    if not key or not version.isdecimal() or len(version) > 9:
        raise Invalid("calendar", f"{name!r} is not a calendar and its version, such as office@3")
    return at_work.versions.calendar(key, int(version)).calendar


def line(calendar: Calendar, *, now: dt.datetime) -> list[list[int]]:
    """Return W(t), the open milliseconds since `ANCHOR`, from a day before `now` to 21 days after.

    As points ``[t, W(t)]``, t in milliseconds since 1970: between two points W rises evenly, by a
    millisecond each millisecond or not at all.
    """
    begin, end = now - BEFORE, now + AHEAD
    instants = [begin, *(at for pair in calendar.openings(begin, end) for at in pair), end]
    made: list[list[int]] = []
    for at in instants:
        point = [(at - _EPOCH) // _MILLISECOND, calendar.between(ANCHOR, at) // _MILLISECOND]
        if not made or made[-1][0] < point[0]:
            made.append(point)
    return made
