"""On-call schedules: who is on call at an instant, in which shifts, and when nobody is.

A schedule is a pile of layers: a later one lies over the earlier ones, and an override over all.
People are numbers; names and addresses belong to whoever asks.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tocsin.engine.instant import EPOCH, MICROSECOND, micros, utc
from tocsin.engine.rotation import Layer, Turn

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_DAYS_KEPT = 512
# How far ahead a change is looked for, each time from the beginning: most are within days.
_REACHES = tuple(dt.timedelta(days=days) for days in (9, 60, 400))


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody is on call in the place of all that the layers would name.

    Of several at one instant the one with the greatest `order` counts: it was made last.
    """

    person: int
    begins: dt.datetime
    ends: dt.datetime
    order: int = 0


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away; `substitute`, if there is one, is there in their place."""

    person: int
    begins: dt.datetime
    ends: dt.datetime
    substitute: int | None = None
    order: int = 0


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch with the same people on call; `since` is where their turn began, if that is known.

    `layer` is the position of the layer that names them, None for an override or a merged shift.
    """

    begins: dt.datetime
    ends: dt.datetime
    people: tuple[int, ...]
    layer: int | None = None
    since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """One version of a schedule: its layers, the upper ones last, and the overrides over them."""

    key: str
    name: str
    zone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()

    def at(self, instant: dt.datetime) -> tuple[int, ...]:
        """Return who is on call at an instant, nobody twice."""
        override = _newest(self.overrides, instant)
        if override is not None:
            return (override.person,)
        second = micros(instant) // _SECOND
        return self._piled(layer.at(second) for layer in reversed(self.layers))

    def shifts(self, begins: dt.datetime, ends: dt.datetime) -> list[Shift]:
        """Return the shifts within ``[begins, ends)`` in order; those of the same people as one."""
        return [shift for shift in self._line(begins, ends) if shift.people]

    def gaps(self, begins: dt.datetime, ends: dt.datetime) -> list[Shift]:
        """Return the stretches within ``[begins, ends)`` in which nobody is on call."""
        return [shift for shift in self._line(begins, ends) if not shift.people]

    def next_change(self, after: dt.datetime) -> dt.datetime | None:
        """Return the earliest later instant at which others are on call, or None within a year."""
        for reach in _REACHES:
            line = list(self._line(after, after + reach))
            if len(line) > 1:
                return line[1].begins
        return None

    def turns(self, begins: dt.datetime, ends: dt.datetime) -> list[Shift]:
        """Return the shifts within ``[begins, ends)``, those of different turns apart."""
        return [shift for shift in self.line(begins, ends) if shift.people]

    def line(self, begins: dt.datetime, ends: dt.datetime) -> list[Shift]:
        """Return the turns within ``[begins, ends)`` and the empty stretches between them."""
        return list(merged(self._pieces(begins, ends), turns=True))

    def of_layer(self, k: int, begins: dt.datetime, ends: dt.datetime) -> list[Shift]:
        """Return the turns of one layer within ``[begins, ends)`` as if it were alone."""
        return [_clipped(turn, k, begins, ends) for turn in self._stretches(k, begins, ends)]

    def _line(self, begins: dt.datetime, ends: dt.datetime) -> Iterator[Shift]:
        return merged(self._pieces(begins, ends))

    def _pieces(self, begins: dt.datetime, ends: dt.datetime) -> Iterator[Shift]:
        """Yield the whole of ``[begins, ends)`` in pieces in which nothing changes."""
        begins, ends = utc(begins), utc(ends)
        if begins >= ends:
            return
        lines = [self._stretches(k, begins, ends) for k in range(len(self.layers))]
        starts = [[turn.begins for turn in line] for line in lines]
        cuts = {begins, ends}
        cuts |= {instant(s) for line in lines for turn in line for s in (turn.begins, turn.ends)}
        own = [one for one in self.overrides if one.begins < ends and begins < one.ends]
        cuts |= {at for one in own for at in (utc(one.begins), utc(one.ends))}
        for since, until in pairwise(sorted(at for at in cuts if begins <= at <= ends)):
            second = micros(since) // _SECOND
            found = [
                _running(line, opened, second) for line, opened in zip(lines, starts, strict=True)
            ]
            named = (turn.people if turn else () for turn in reversed(found))
            override, people = _newest(own, since), self._piled(named)
            if override is not None or not people:
                yield Shift(since, until, people if override is None else (override.person,))
                continue
            top = max(k for k, turn in enumerate(found) if turn)
            yield Shift(since, until, people, top, instant(_since(found[top])))

    def _stretches(self, k: int, begins: dt.datetime, ends: dt.datetime) -> list[Turn]:
        lo, hi = micros(begins) // _SECOND, -(-micros(ends) // _SECOND)
        return list(self.layers[k].stretches(lo, hi))

    def _piled(self, named: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
        """Return whom the layers name together, given from the uppermost down."""
        found: dict[int, None] = {}
        for layer, people in zip(reversed(self.layers), named, strict=False):
            found.update(dict.fromkeys(people))
            if people and not layer.beside:
                break
        return tuple(found)


def _newest(overrides: Iterable[Override], at: dt.datetime) -> Override | None:
    running = (one for one in overrides if one.begins <= at < one.ends)
    return max(running, key=lambda one: one.order, default=None)


def merged(shifts: Iterable[Shift], *, turns: bool = False) -> Iterator[Shift]:
    """Yield shifts that touch and have the same people as one, those without people too.

    With `turns` they stay apart where they belong to different turns.
    """
    last: Shift | None = None
    for shift in shifts:
        if last is None:
            last = shift
        elif last.ends == shift.begins and _same(last, shift, turns=turns):
            layer, since = (last.layer, last.since) if turns else (None, None)
            last = Shift(last.begins, shift.ends, last.people, layer, since)
        else:
            yield last
            last = shift
    if last is not None:
        yield last


def _same(one: Shift, other: Shift, *, turns: bool) -> bool:
    if set(one.people) != set(other.people):
        return False
    return not turns or (one.layer, one.since) == (other.layer, other.since)


def instant(second: int) -> dt.datetime:
    """Return a UTC second as an instant."""
    return EPOCH + second * _SECOND * MICROSECOND


def _running(line: Sequence[Turn], starts: Sequence[int], second: int) -> Turn | None:
    k = bisect_right(starts, second) - 1
    return line[k] if k >= 0 and second < line[k].ends else None


def _since(turn: Turn | None) -> int:
    assert turn is not None
    return turn.since


def _clipped(turn: Turn, k: int, begins: dt.datetime, ends: dt.datetime) -> Shift:
    since, until = max(instant(turn.begins), begins), min(instant(turn.ends), ends)
    return Shift(since, until, turn.people, k, instant(turn.since))


@dataclass(frozen=True, slots=True)
class OnCall:
    """All that says who is there: the versions of each schedule, and who is away.

    A version counts from its instant on, the first one also before.
    """

    schedules: Mapping[str, Sequence[tuple[dt.datetime, Schedule]]] = field(default_factory=dict)
    absences: Mapping[int, Sequence[Absence]] = field(default_factory=dict)
    # The shifts of each day that was asked for: thousands of alerts may ask for one instant.
    _days: dict[tuple[str, int], list[Shift]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def at(self, key: str, instant: dt.datetime) -> tuple[int, ...]:
        """Return whom a schedule names at an instant; nobody if there is no such schedule."""
        day = micros(instant) // _DAY
        found = self._days.get((key, day))
        if found is None:
            begins = EPOCH + day * _DAY * MICROSECOND
            found = self.shifts(key, begins, begins + _DAY * MICROSECOND)
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            self._days[key, day] = found
        k = bisect_right(found, instant, key=lambda shift: shift.begins) - 1
        return found[k].people if k >= 0 else ()

    def version(self, key: str, at: dt.datetime) -> Schedule | None:
        """Return a schedule as it was in force at an instant, or None if there is none."""
        found: Schedule | None = None
        for since, schedule in self.schedules.get(key, ()):
            if found is None or since <= at:
                found = schedule
        return found

    def shifts(self, key: str, begins: dt.datetime, ends: dt.datetime) -> list[Shift]:
        """Return the turns within ``[begins, ends)``, the empty stretches between them too.

        Each is by the version that was in force; who is away is still named.
        """
        versions = self.schedules.get(key, ())
        cuts = [utc(since) for since, _ in versions[1:]]
        found: list[Shift] = []
        for since, until in pairwise([begins, *(at for at in cuts if begins < at < ends), ends]):
            schedule = self.version(key, since)
            if schedule is not None:
                found += schedule.line(since, until)
        return found


# ---------------------------------------------------------------------------------------- absence


# By the person who is away.
Absences = Mapping[int, Sequence[Absence]]


def present(
    person: int, at: dt.datetime, absences: Absences, gone: Container[int] = ()
) -> int | None:
    """Return who is there for a person at an instant: themselves, a substitute, or nobody.

    A substitute who is away has a substitute in turn; a circle of them is nobody. `gone` are those
    who have left for good.
    """
    seen: set[int] = set()
    while person not in seen:
        seen.add(person)
        away = _away(person, at, absences)
        if away is None:
            return None if person in gone else person
        if away.substitute is None:
            return None
        person = away.substitute
    return None


def _away(person: int, at: dt.datetime, absences: Absences) -> Absence | None:
    """Return the absence that counts: of several the one that was written down last."""
    running = (one for one in absences.get(person, ()) if one.begins <= at < one.ends)
    return max(running, key=lambda one: one.order, default=None)


def covered(
    shifts: Iterable[Shift], absences: Absences, gone: Container[int] = ()
) -> Iterator[Shift]:
    """Yield shifts with substitutes in the place of who is away, cut where somebody goes or comes.

    Where nobody is there for anybody of a shift, it has no people.
    """
    away = (one for each in absences.values() for one in each)
    cuts = sorted({at for one in away for at in (utc(one.begins), utc(one.ends))})
    for shift in shifts:
        inner = cuts[bisect_right(cuts, shift.begins) : bisect_left(cuts, shift.ends)]
        for since, until in pairwise([shift.begins, *inner, shift.ends]):
            there = (present(person, since, absences, gone) for person in shift.people)
            people = tuple(dict.fromkeys(one for one in there if one is not None))
            yield Shift(since, until, people, shift.layer, shift.since)
