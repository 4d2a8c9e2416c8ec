"""Tocsin and the libraries it is compared with, brought to one form: the calendar STD.

STD is Monday to Friday 09:00-17:00 in Stockholm. Each library is asked in the way that is best for
it: what it wants its instants to be (aware, local, its own type) is prepared before the watch runs.
"""

import datetime as dt
import importlib
import importlib.metadata
import importlib.util
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from tocsin.engine.bulk import Bulk
from tocsin.engine.calendar import Calendar

ZONE = ZoneInfo("Europe/Stockholm")
EIGHT_HOURS = dt.timedelta(hours=8)
NINETY_DAYS = dt.timedelta(hours=720)
MONTH = dt.timedelta(days=30)
NINE, FIVE = dt.time(9), dt.time(17)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

ADD_UTC = "add 8 h, UTC datetimes"
ADD_ZONE = "add 8 h, zoneinfo datetimes"
ADD_LONG = "add 90 business days (720 h)"
SUBTRACT = "subtract 8 h"
BETWEEN = "between over 30 days"
OPERATIONS = (ADD_UTC, ADD_ZONE, ADD_LONG, SUBTRACT, BETWEEN)


@dataclass(frozen=True)
class Question:
    """`function(left, right)` answers it; `left` and `right` make both from a UTC instant."""

    function: Callable[[Any, Any], Any]
    left: Callable[[dt.datetime], Any]
    right: Callable[[dt.datetime], Any]
    # Reads the answer: a UTC instant, or a length.
    read: Callable[[Any], dt.datetime | dt.timedelta]


@dataclass(frozen=True)
class InBulk:
    """`run(prepare(instants))` adds 8 h to each; `read` gives UTC microseconds."""

    prepare: Callable[[Sequence[dt.datetime]], Any]
    run: Callable[[Any], Any]
    read: Callable[[Any], list[int]]
    loops: bool


@dataclass(frozen=True)
class Library:
    name: str
    version: str
    questions: Mapping[str, Question]
    bulk: InBulk | None
    # Makes the calendar ready for its first answer.
    build: Callable[[], object]
    # The memory of a calendar ready for answers, where Python can see it.
    memory_is_visible: bool = True
    cannot: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()


def same(value: Any) -> Any:
    return value


def always(value: Any) -> Callable[[dt.datetime], Any]:
    return lambda _instant: value


def to_utc(answer: dt.datetime) -> dt.datetime:
    return answer.astimezone(dt.UTC)


def in_zone(instant: dt.datetime) -> dt.datetime:
    return instant.astimezone(ZONE)


def wall_clock(instant: dt.datetime) -> dt.datetime:
    return instant.astimezone(ZONE).replace(tzinfo=None)


def micros(instant: dt.datetime) -> int:
    return (instant - EPOCH) // dt.timedelta(microseconds=1)


def datetime64(instants: Sequence[dt.datetime]) -> Any:
    return np.array([micros(instant) for instant in instants], dtype="datetime64[us]")


# ------------------------------------------------------------------ ours


def calendar() -> Calendar:
    """Return STD anew, compiled for the years that its first answer needs."""
    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    made = Calendar.from_dict({"zone": "Europe/Stockholm", "week": week})
    made.add(dt.datetime(2026, 1, 9, 15, tzinfo=dt.UTC), EIGHT_HOURS)
    return made


def tocsin() -> Library:
    std = calendar()
    bulk = Bulk(std)
    length = np.array([EIGHT_HOURS // dt.timedelta(microseconds=1)])
    return Library(
        "tocsin",
        importlib.metadata.version("tocsin"),
        {
            ADD_UTC: Question(std.add, same, always(EIGHT_HOURS), same),
            ADD_ZONE: Question(std.add, in_zone, always(EIGHT_HOURS), same),
            ADD_LONG: Question(std.add, same, always(NINETY_DAYS), same),
            SUBTRACT: Question(std.subtract, same, always(EIGHT_HOURS), same),
            BETWEEN: Question(std.between, same, lambda t: t + MONTH, same),
        },
        InBulk(
            lambda instants: datetime64(instants).astype(np.int64),
            lambda starts: bulk.add(starts, length),
            lambda found: [int(at) for at in found],
            loops=False,
        ),
        calendar,
    )


# ------------------------------------------------------------------ the others


def businesstimedelta() -> Library:
    library: Any = importlib.import_module("businesstimedelta")
    pytz: Any = importlib.import_module("pytz")

    def build() -> Any:
        days = [0, 1, 2, 3, 4]
        return library.WorkDayRule(NINE, FIVE, days, tz=pytz.timezone("Europe/Stockholm"))

    rule = build()
    eight = library.BusinessTimeDelta(rule, timedelta=EIGHT_HOURS)
    ninety = library.BusinessTimeDelta(rule, timedelta=NINETY_DAYS)
    return Library(
        "businesstimedelta",
        importlib.metadata.version("businesstimedelta"),
        {
            ADD_UTC: Question(operator.add, same, always(eight), to_utc),
            ADD_ZONE: Question(operator.add, in_zone, always(eight), to_utc),
            ADD_LONG: Question(operator.add, same, always(ninety), to_utc),
            SUBTRACT: Question(operator.sub, same, always(eight), to_utc),
            BETWEEN: Question(
                rule.difference, same, lambda t: t + MONTH, lambda found: found.timedelta
            ),
        },
        InBulk(
            list,
            lambda starts: [start + eight for start in starts],
            lambda found: [micros(at) for at in found],
            loops=True,
        ),
        build,
        remarks=["businesstimedelta compiles nothing: it walks from day to day."],
    )


def workclock() -> Library:
    library: Any = importlib.import_module("workclock")

    def build() -> Any:
        return library.Schedule([library.WorkDay(NINE, FIVE)], time_zone="Europe/Stockholm")

    schedule = build()
    return Library(
        "workclock",
        importlib.metadata.version("workclock"),
        {
            ADD_UTC: Question(schedule.add, same, always(EIGHT_HOURS), same),
            ADD_ZONE: Question(schedule.add, in_zone, always(EIGHT_HOURS), to_utc),
            ADD_LONG: Question(schedule.add, same, always(NINETY_DAYS), same),
            SUBTRACT: Question(schedule.sub, same, always(EIGHT_HOURS), same),
            BETWEEN: Question(schedule.between, same, lambda t: t + MONTH, same),
        },
        InBulk(
            datetime64,
            lambda starts: schedule.add_many(starts, EIGHT_HOURS),
            lambda found: [int(at) for at in found.astype(np.int64)],
            loops=False,
        ),
        build,
        memory_is_visible=False,
    )


def timegrid() -> Library:
    library: Any = importlib.import_module("timegrid")

    def build() -> Any:
        return library.TimeGridCalendar.weekdays(NINE, FIVE)

    grid = build()
    timeline = grid.compile(dt.datetime(2025, 1, 1), dt.datetime(2028, 1, 1))  # noqa: DTZ001

    def aware(answer: dt.datetime) -> dt.datetime:
        return answer.replace(tzinfo=ZONE).astimezone(dt.UTC)

    no_zone = "needs naive local times"
    return Library(
        "timegrid",
        importlib.metadata.version("timegrid"),
        {
            ADD_LONG: Question(grid.add_work_duration, wall_clock, always(NINETY_DAYS), aware),
            BETWEEN: Question(
                timeline.get_working_duration,
                wall_clock,
                lambda t: wall_clock(t + MONTH),
                same,
            ),
            ADD_ZONE: Question(grid.add_work_duration, wall_clock, always(EIGHT_HOURS), aware),
        },
        InBulk(
            lambda instants: [wall_clock(instant) for instant in instants],
            lambda starts: [grid.add_work_duration(start, EIGHT_HOURS) for start in starts],
            lambda found: [micros(aware(at)) for at in found],
            loops=True,
        ),
        build,
        memory_is_visible=False,
        cannot={ADD_UTC: no_zone, SUBTRACT: "cannot"},
        remarks=[
            "timegrid knows no zones: it is asked in naive local times, and what it costs to get "
            "from an instant to those and back is not counted.",
        ],
    )


def pandas() -> Library:
    library: Any = importlib.import_module("pandas")

    def build() -> Any:
        return library.offsets.CustomBusinessHour(8, start="09:00", end="17:00")

    eight, ninety = build(), library.offsets.CustomBusinessHour(720, start="09:00", end="17:00")

    def timestamp(instant: dt.datetime) -> Any:
        return library.Timestamp(instant.astimezone(ZONE))

    def read(answer: Any) -> dt.datetime:
        return to_utc(answer.to_pydatetime())

    def add_all(index: Any) -> Any:
        with warnings.catch_warnings():
            # That it loops is what is measured here.
            warnings.simplefilter("ignore", library.errors.PerformanceWarning)
            return index + eight

    return Library(
        "pandas",
        importlib.metadata.version("pandas"),
        {
            ADD_ZONE: Question(operator.add, timestamp, always(eight), read),
            ADD_LONG: Question(operator.add, timestamp, always(ninety), read),
            SUBTRACT: Question(operator.sub, timestamp, always(eight), read),
        },
        InBulk(
            lambda instants: library.DatetimeIndex([timestamp(instant) for instant in instants]),
            add_all,
            lambda found: [micros(read(at)) for at in found],
            loops=True,
        ),
        build,
        cannot={ADD_UTC: "hours are UTC then", BETWEEN: "counts whole hours"},
        remarks=[
            "pandas is CustomBusinessHour: whole hours only, and the hours are those of the zone "
            "the timestamp is in.",
        ],
    )


OTHERS = (businesstimedelta, workclock, timegrid, pandas)


def installed() -> tuple[list[Library], list[str]]:
    """Return ours and those of the others that are here, and a remark for each that is not."""
    found, missing = [tocsin()], []
    for make in OTHERS:
        if importlib.util.find_spec(make.__name__) is None:
            missing.append(f"{make.__name__} is not installed (requirements/bench.txt).")
        else:
            found.append(make())
    return found, missing
