"""Calendar operations against other libraries: first whether they agree, then what they cost."""

import datetime as dt
import functools
import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

from bench.libraries import (
    EIGHT_HOURS,
    NINETY_DAYS,
    OPERATIONS,
    ZONE,
    Library,
    Question,
    calendar,
    installed,
)
from bench.measuring import Figure, Report, Run, figure, in_turns, memory_kib, sample_size

ROUNDS = 31
STARTS = 1_000
MOST = 20_000
BULK = 100_000
# A turn takes about this long: short, so that some turns are not disturbed by other programs.
SECONDS = 0.01
# The edges on which libraries tend to differ: at and around a closing, at night, at a weekend, over
# both changes of the clock.
EDGES = (
    "2026-01-09 16:00",
    "2026-01-09 09:00",
    "2026-01-09 17:00",
    "2026-01-09 16:59:59",
    "2026-01-10 13:00",
    "2026-01-12 08:59:30",
    "2026-01-13 23:30",
    "2026-03-27 16:00",
    "2026-10-23 16:00",
)


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(dt.UTC)


def starts(count: int) -> list[dt.datetime]:
    """Return instants of 2026 to the second, day and night, the same ones every time."""
    choose = random.Random(2026)
    first = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return [first + dt.timedelta(seconds=choose.randrange(365 * 86_400)) for _ in range(count)]


def run() -> list[Report]:
    """Measure everything; takes about a minute."""
    return [against_others(), far_ahead()]


def against_others() -> Report:
    libraries, missing = installed()
    report = Report(
        "Calendar: Mon-Fri 09:00-17:00 Europe/Stockholm, best of "
        f"{ROUNDS} interleaved rounds, × of ours below",
        [library.name for library in libraries],
    )
    report.remarks += missing
    for operation in OPERATIONS:
        report.remarks += disagreements(libraries, operation)
    for figures in timed(libraries):
        report.add(figures)
    report.remarks += bulk_disagreements(libraries)
    report.add(timed_bulk(libraries))
    report.add(compiled(libraries))
    report.add(kept_in_memory(libraries))
    for library in libraries:
        report.remarks += library.remarks
    report.remarks.append(
        "versions: " + ", ".join(f"{library.name} {library.version}" for library in libraries)
    )
    return report


# ------------------------------------------------------------------ do they agree?


def answers(question: Question, instants: Sequence[dt.datetime]) -> list[Any]:
    return [question.read(question.function(question.left(t), question.right(t))) for t in instants]


def disagreements(libraries: Sequence[Library], operation: str) -> list[str]:
    """Return a remark for each library that answers otherwise than ours."""
    instants = [local(edge) for edge in EDGES] + starts(200)
    ours = answers(libraries[0].questions[operation], instants)
    remarks = []
    for library in libraries[1:]:
        if operation not in library.questions:
            continue
        theirs = answers(library.questions[operation], instants)
        differ = [k for k, answer in enumerate(theirs) if answer != ours[k]]
        if differ:
            k = differ[0]
            idle = sum(no_open_time(ours[k], theirs[k]) for k in differ)
            remarks.append(
                f"{library.name} differs in {len(differ)} of {len(instants)} answers, {operation}: "
                f"from {shown(instants[k])} it says {shown(theirs[k])}, ours {shown(ours[k])}. "
                f"In {idle} of them nothing is open between the two answers."
            )
    return remarks


def no_open_time(one: Any, other: Any) -> bool:
    """Say whether two instants are a closing and the next opening: the same to a lax eye."""
    return isinstance(one, dt.datetime) and not calendar().between(one, other)


def shown(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(ZONE):%a %Y-%m-%d %H:%M:%S}"
    return str(value)


def bulk_disagreements(libraries: Sequence[Library]) -> list[str]:
    instants = starts(200)
    found = {
        library.name: library.bulk.read(library.bulk.run(library.bulk.prepare(instants)))
        for library in libraries
        if library.bulk
    }
    ours = found[libraries[0].name]
    remarks = []
    for name, theirs in found.items():
        differ = sum(map(int.__ne__, theirs, ours))
        if differ:
            remarks.append(f"{name} differs in {differ} of {len(ours)} answers, in bulk.")
    return remarks


# ------------------------------------------------------------------ what do they cost?


def loop(function: Callable[[Any, Any], Any], pairs: Sequence[tuple[Any, Any]]) -> None:
    for left, right in pairs:
        function(left, right)


def timed(libraries: Sequence[Library]) -> list[list[Figure]]:
    """Time all scalar operations of all libraries in turns, so that any two can be compared."""
    runs: dict[tuple[str, str], Run] = {}
    sizes: dict[tuple[str, str], int] = {}
    for operation, library in itertools.product(OPERATIONS, libraries):
        question = library.questions.get(operation)
        if question is None:
            continue
        pairs = [(question.left(t), question.right(t)) for t in starts(STARTS)]
        one = functools.partial(ask_next, question.function, itertools.cycle(pairs))
        key = operation, library.name
        sizes[key] = sample_size(one, MOST, seconds=SECONDS)
        again = list(itertools.islice(itertools.cycle(pairs), sizes[key]))
        runs[key] = functools.partial(loop, question.function, again)
    took = in_turns(runs, rounds=ROUNDS)
    return [
        [
            figure(operation, library.name, took[key], sizes[key])
            if (key := (operation, library.name)) in took
            else Figure(operation, library.name, None, "µs", note=why(library, operation))
            for library in libraries
        ]
        for operation in OPERATIONS
    ]


def ask_next(function: Callable[[Any, Any], Any], turn: "itertools.cycle[tuple[Any, Any]]") -> None:
    left, right = next(turn)
    function(left, right)


def why(library: Library, operation: str) -> str:
    return library.cannot.get(operation, "cannot")


def timed_bulk(libraries: Sequence[Library]) -> list[Figure]:
    operation = f"add 8 h to {BULK:,}"
    instants = starts(BULK)
    runs: dict[str, Run] = {}
    sizes: dict[str, int] = {}
    for library in libraries:
        bulk = library.bulk
        if bulk is None:
            continue
        one = functools.partial(bulk.run, bulk.prepare(instants[:1]))
        # What loops costs the same for each, so a part of it tells the whole.
        sizes[library.name] = sample_size(one, BULK, seconds=0.1) if bulk.loops else BULK
        runs[library.name] = functools.partial(
            bulk.run, bulk.prepare(instants[: sizes[library.name]])
        )
    took = in_turns(runs, rounds=15)
    return [
        figure(
            operation,
            name,
            took[name],
            sizes[name],
            unit="ms",
            scale=BULK,
            note="" if sizes[name] == BULK else f"from {sizes[name]:,}",
        )
        for name in runs
    ]


def compiled(libraries: Sequence[Library]) -> list[Figure]:
    operation = "make a calendar"
    took = in_turns({library.name: library.build for library in libraries}, rounds=25)
    notes = {"tocsin": "two years compiled"}
    return [
        figure(operation, name, seconds, 1, note=notes.get(name, ""))
        for name, seconds in took.items()
    ]


def kept_in_memory(libraries: Sequence[Library]) -> list[Figure]:
    operation = "memory of it"
    return [
        Figure(operation, library.name, memory_kib(library.build), "KiB")
        if library.memory_is_visible
        else Figure(operation, library.name, None, "KiB", note="not Python's")
        for library in libraries
    ]


def far_ahead() -> Report:
    """What a first question costs us, and keeps: the years compiled on the way to its answer."""
    report = Report("Calendar: the first answer, when nothing is compiled yet", ["time", "memory"])
    begin = dt.datetime(2026, 1, 9, 15, tzinfo=dt.UTC)
    year = 260 * EIGHT_HOURS
    for operation, length in (
        ("8 h", EIGHT_HOURS),
        ("90 business days", NINETY_DAYS),
        ("10 years", 10 * year),
        ("500 years: the most that lies ahead", 500 * year),
    ):
        ask = functools.partial(calendar_asked, begin, length)
        took = in_turns({"time": ask}, rounds=3)["time"]
        report.figures.append(figure(operation, "time", took, 1, unit="ms"))
        report.figures.append(Figure(operation, "memory", memory_kib(ask), "KiB"))
    return report


def calendar_asked(begin: dt.datetime, length: dt.timedelta) -> object:
    made = calendar()
    made.add(begin, length)
    return made
