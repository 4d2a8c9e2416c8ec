"""Clocks as screens show them: what is left at an instant, how that looks, and how it goes on."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.engine.calendar import Calendar
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk

# Where the working-time line of every calendar begins: open time is counted from here.
ANCHOR = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
BEFORE, AHEAD = dt.timedelta(days=1), dt.timedelta(days=21)
_MILLISECOND = dt.timedelta(milliseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Worst first.
LOOKS = (
    *("breached", "imminent", "at risk", "on track", "off hours", "unschedulable"),
    *("paused", "missed", "met"),
)
_PLACE = {look: place for place, look in enumerate(LOOKS)}
COLUMNS = (
    *("ticket_id", "key", "agreement", "definition", "state", "verdict", "due_at", "undue"),
    *("since", "stopped_at", "left_us", "target_us", "warn_us", "crit_us", "target"),
    *("calendar", "calendar_version"),
)
INSTANTS = tuple(COLUMNS.index(name) for name in ("due_at", "since", "stopped_at"))


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


@dataclass(frozen=True, slots=True)
class _Reading:
    """A calendar at an instant: what its line has come to, and whether it is open."""

    name: str
    calendar: Calendar
    w: dt.timedelta
    open: bool


def shown(
    clocks: Iterable[Sequence[Any]], at_work: Desk, *, now: dt.datetime
) -> Iterator[tuple[int, Face]]:
    """Yield what rows of clocks, their values in the order of `COLUMNS`, show at `now`.

    Each with the id of its ticket. Each calendar is read once: what is used of a clock since an
    instant is what its line rose since.
    """
    readings: dict[tuple[str, int], _Reading] = {}
    for ticket, *row, key, version in clocks:
        reading = readings.get((key, version))
        if reading is None:
            found = at_work.versions.calendar(key, version).calendar
            w = found.between(ANCHOR, now)
            reading = _Reading(f"{key}@{version}", found, w, found.is_open(now))
            readings[key, version] = reading
        yield ticket, _face(row, reading, now)


def _face(row: Sequence[Any], reading: _Reading, now: dt.datetime) -> Face:
    key, agreement, name, state, verdict, due, undue, since, stopped, *lengths = row
    left, target, warn, crit = (_length(micros) for micros in lengths[:4])
    assert warn is not None
    assert crit is not None
    over, due_w = False, None
    if state == "running" and left is not None:
        # Where the line stands when nothing is left: W of the due, unless a pause came after it.
        end = reading.calendar.between(ANCHOR, since) + left
        left = end - reading.w
        if due is not None:
            due_w, over = end // _MILLISECOND, due < now
    return Face(
        key=key,
        agreement=agreement,
        name=name,
        state=state,
        verdict="breached" if over else verdict,
        due_at=due,
        undue=undue,
        since=since,
        stopped_at=stopped,
        left=left,
        target=target,
        promise=lengths[4],
        warn=warn,
        crit=crit,
        calendar=reading.name,
        due_w=due_w,
        look=_look(row, reading, left if due_w is not None else None, warn, crit, over=over),
    )


def _length(micros: int | None) -> dt.timedelta | None:
    return None if micros is None else dt.timedelta(0, 0, micros)


def _look(
    row: Sequence[Any],
    reading: _Reading,
    left: dt.timedelta | None,
    warn: dt.timedelta,
    crit: dt.timedelta,
    *,
    over: bool,
) -> str:
    state, verdict = row[3:5]
    if state == "stopped":
        return "missed" if verdict == "breached" else "met"
    if state == "paused":
        return "paused"
    if left is None:
        return "unschedulable"
    if over:
        return "breached"
    if not reading.open:
        return "off hours"
    if left <= crit:
        return "imminent"
    return "at risk" if left <= warn else "on track"


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
    with reach.reading(by):
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
