"""Random calendars for property tests: hard zones, hard dates, and hours that cross everything."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from tests.engine.oracle import DAY, DAY_S, HOUR_S, SECOND, WEEKDAYS, Oracle

from tocsin.engine.calendar import Calendar

Data = dict[str, Any]

WINDOW = 10 * DAY
REACH = 3 * WINDOW

# For tests whose every example is dear: a third of what the profile asks for.
FEWER = settings(max_examples=settings().max_examples // 3 + 1)


class Moment(NamedTuple):
    """A UTC second, and the zone in which something happens there."""

    zone: str
    second: int


# Each is within a day or two of a change of offset, or of a date that was skipped or came twice.
HARD_DATES = [
    ("Europe/Stockholm", "2026-03-29"),
    ("Europe/Stockholm", "2026-10-25"),
    ("Europe/Dublin", "2026-03-29"),  # its standard time is the summer's
    ("Europe/Dublin", "1971-10-31"),
    ("Europe/Lisbon", "1992-09-27"),
    ("Europe/Moscow", "2011-03-27"),  # summer time for good
    ("Europe/Moscow", "2014-10-26"),  # and back
    ("Europe/Istanbul", "2016-09-07"),
    ("Africa/Casablanca", "2026-02-15"),  # Ramadan
    ("Africa/Casablanca", "2026-03-22"),
    ("Africa/Cairo", "2023-04-28"),  # at midnight
    ("Africa/Monrovia", "1972-01-07"),  # an offset of 44 minutes and a half
    ("Asia/Gaza", "2025-04-12"),
    ("Asia/Gaza", "2059-10-04"),
    ("Asia/Beirut", "2026-03-29"),  # a gap at midnight
    ("Asia/Kathmandu", "1986-01-01"),  # a quarter of an hour
    ("Asia/Pyongyang", "2018-05-05"),
    ("Asia/Tehran", "2022-09-22"),
    ("Asia/Manila", "1844-12-31"),  # skipped
    ("America/Juneau", "1867-10-18"),  # came twice
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("America/Nuuk", "2023-03-26"),
    ("America/Nuuk", "2024-03-31"),
    ("America/Nuuk", "2026-10-25"),
    ("America/Havana", "2026-03-08"),
    ("America/Havana", "2026-11-01"),  # midnight comes twice
    ("America/Sao_Paulo", "2018-11-04"),  # a gap at midnight
    ("America/Sao_Paulo", "2019-02-17"),  # back to the evening before
    ("America/Santiago", "2026-04-05"),
    ("America/Caracas", "2016-05-01"),
    ("America/St_Johns", "1988-04-03"),  # two hours
    ("Antarctica/Troll", "2026-03-29"),  # two hours
    ("Antarctica/Casey", "2020-10-04"),
    ("Australia/Lord_Howe", "2026-04-05"),  # half an hour
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Pacific/Chatham", "2026-09-27"),
    ("Pacific/Apia", "2011-12-30"),  # skipped
    ("Pacific/Fakaofo", "2011-12-30"),  # skipped
    ("Pacific/Kwajalein", "1993-08-21"),  # skipped
    ("Pacific/Kiritimati", "1994-12-31"),  # skipped, and forty minutes of the next
    ("Pacific/Norfolk", "2015-10-04"),
]
ZONES = sorted({name for name, _ in HARD_DATES} | {"UTC", "Asia/Kolkata", "Etc/GMT+12"})


def second_of(date: str) -> int:
    return (dt.date.fromisoformat(date) - dt.date(1970, 1, 1)).days * DAY_S


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    """A zone and a second: half of them at a hard date, the others anywhere from 1895 to 2105."""
    if draw(st.booleans()):
        name, date = draw(st.sampled_from(HARD_DATES))
        return Moment(name, second_of(date) + draw(st.integers(-DAY_S, 2 * DAY_S)))
    return Moment(
        draw(st.sampled_from(ZONES)),
        draw(st.integers(second_of("1895-01-01"), second_of("2105-01-01"))),
    )


def _clock(second: int) -> str:
    shown = f"{second // HOUR_S:02d}:{second % HOUR_S // 60:02d}"
    return f"{shown}:{second % 60:02d}" if second % 60 else shown


# Full hours meet the hours at which clocks change, quarters fall inside the gap; the rest is to
# see that no unit is assumed.
_ENDS = st.one_of(
    st.integers(0, 48).map(lambda hour: hour * HOUR_S),
    st.integers(0, 8).map(lambda quarter: quarter * 900 + HOUR_S),
    st.sampled_from([0, 9, 12, 17, 22, 24, 30, 48]).map(lambda hour: hour * HOUR_S),
    st.integers(0, 48 * HOUR_S),
)


@st.composite
def spans(draw: st.DrawFn, least: int = 0) -> list[str]:
    """The spans of one date: apart or touching, never overlapping, up to 48:00."""
    ends = sorted(draw(st.lists(_ENDS, min_size=2 * least, max_size=6, unique=True)))
    found = [f"{_clock(a)}-{_clock(b)}" for a, b in zip(ends[::2], ends[1::2], strict=False)]
    if len(ends) == 3:
        found.append(f"{_clock(ends[1])}-{_clock(ends[2])}")
    return found


@st.composite
def hours(draw: st.DrawFn, moment: Moment) -> Data:
    """Weekly hours in the zone of `moment`, with exceptions around it."""
    week = draw(st.dictionaries(st.sampled_from(WEEKDAYS), spans(), max_size=7))
    week[draw(st.sampled_from(WEEKDAYS))] = draw(spans(least=1))
    around = dt.date(1970, 1, 1) + dt.timedelta(seconds=moment.second)
    exceptions = draw(st.dictionaries(st.integers(-5, 5), spans(), max_size=4))
    data: Data = {"zone": moment.zone, "week": week}
    if exceptions:
        data["exceptions"] = {
            (around + dt.timedelta(days=days)).isoformat(): list(of)
            for days, of in exceptions.items()
        }
    return data


@st.composite
def calendars(draw: st.DrawFn, moment: Moment, depth: int = 2) -> Data:
    """Hours, or unions and intersections of them in several zones."""
    if not depth or draw(st.integers(0, 3)):
        return draw(hours(moment))
    parts = [draw(calendars(moment, depth - 1))]
    for _ in range(draw(st.integers(1, 2))):
        other = Moment(draw(st.sampled_from(ZONES)), moment.second)
        parts.append(draw(calendars(other, depth - 1)))
    return {draw(st.sampled_from(["union", "intersection"])): parts}


@dataclass(frozen=True)
class Case:
    """A random calendar, read by the engine and by the oracle, and where to look at it."""

    data: Data
    around: int
    calendar: Calendar = field(init=False, compare=False, repr=False)
    oracle: Oracle = field(init=False, compare=False, repr=False)
    edges: list[int] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        oracle = Oracle(self.data)
        pairs = oracle.openings(self.around - WINDOW, self.around + WINDOW)
        object.__setattr__(self, "calendar", Calendar.from_dict(self.data))
        object.__setattr__(self, "oracle", oracle)
        object.__setattr__(self, "edges", [self.around, *(edge for pair in pairs for edge in pair)])

    def instants(self) -> st.SearchStrategy[int]:
        """Instants near the hard moment: anywhere, or within a microsecond of an edge."""
        edge = st.tuples(st.sampled_from(self.edges), st.integers(-1, 1)).map(sum)
        return st.one_of(edge, st.integers(self.around - WINDOW, self.around + WINDOW))

    def soon(self, t: int) -> int:
        """Return how much is open both in the weeks after `t` and in the weeks before it."""
        after, before = self.oracle.between(t, t + REACH), self.oracle.between(t - REACH, t)
        return min(after, before)

    def is_soon(self, t: int) -> bool:
        """Say whether something is open in the weeks around `t`.

        Where nothing is, the engine looks through 400 years, which is right but slow: those
        calendars have tests of their own.
        """
        return self.soon(t) > 0

    def lengths(self, t: int) -> st.SearchStrategy[int]:
        """Lengths that lead a few weeks from `t` either way: any, or used up about at an edge."""
        most = self.soon(t)
        edge = st.tuples(st.sampled_from(self.edges), st.integers(-1, 1)).map(
            lambda pick: max(0, min(most, abs(self.oracle.between(t, pick[0])) + pick[1]))
        )
        return st.one_of(edge, st.integers(0, most))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A calendar around a hard moment."""
    moment = draw(moments())
    return Case(draw(calendars(moment)), moment.second * SECOND)


@st.composite
def pairs_of_cases(draw: st.DrawFn) -> tuple[Case, Case]:
    """Two calendars around one hard moment."""
    moment = draw(moments())
    other = Moment(draw(st.sampled_from(ZONES)), moment.second)
    around = moment.second * SECOND
    return Case(draw(calendars(moment, 1)), around), Case(draw(calendars(other, 1)), around)
