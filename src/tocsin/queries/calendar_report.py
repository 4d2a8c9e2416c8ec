"""What a calendar does to the time ahead: hours a month, odd days, summer time, where sets end.

Pure: calendars in, values out. A draft is looked at in the same way as a version in force.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tocsin.engine.calendar import Calendar
from tocsin.engine.holiday import HolidaySet
from tocsin.engine.hours import EPOCH_DATE, Hours, day_number
from tocsin.engine.zone import DAY_S

WEEKS, MONTHS, REPORTED_MONTHS = 2, 12, 24
# Whole weeks, so that each weekday comes equally often.
COMPARED_WEEKS = 52
_DAY = dt.timedelta(days=1)
_NONE = dt.timedelta(0)
Stretches = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A date: the spans that begin on it in hours since its midnight, and what they add up to.

    `why` is "" on an ordinary day, else "holiday" or "exception"; `name` is the holiday's.
    """

    date: dt.date
    open: Stretches
    length: dt.timedelta
    why: str = ""
    name: str = ""

    @property
    def closed(self) -> bool:
        """Say whether nothing opens on it."""
        return not self.open


@dataclass(frozen=True, slots=True)
class Odd:
    """A day that is not as its weekday usually is."""

    day: Day
    usual: dt.timedelta


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of a zone's offset, and by how much it changes the hours that begin on `date`.

    A night shift that runs over the change belongs to the evening before, and so does its change.
    """

    zone: str
    at: dt.datetime
    before: dt.timedelta
    after: dt.timedelta
    date: dt.date
    effect: dt.timedelta


@dataclass(frozen=True, slots=True)
class Month:
    """A month: its open time, that of the week without holidays, and the days that open."""

    first: dt.date
    length: dt.timedelta
    usual: dt.timedelta
    days: int


@dataclass(frozen=True, slots=True)
class Report:
    """A calendar over the time ahead.

    `ends` is the last day of the last year that holidays are known for, None without holidays;
    `runs_out` says that this lies within the report. `pause` is the longest time without an open
    hour, None when there is none. `opens` is false where no hour opens within 366 days.
    """

    zone: str
    first: dt.date
    last: dt.date
    days: tuple[Day, ...]
    months: tuple[Month, ...]
    turns: tuple[Turn, ...]
    odd: tuple[Odd, ...]
    ends: dt.date | None
    runs_out: bool
    pause: tuple[dt.datetime, dt.datetime] | None
    opens: bool

    @property
    def closed(self) -> int:
        """How many days without hours usually have some."""
        return sum(one.day.closed for one in self.odd)


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch of a usual week in which one calendar is open and the other is not."""

    weekday: int
    opens: float
    closes: float


@dataclass(frozen=True, slots=True)
class Holes:
    """Where one calendar is open and another closed.

    `week` is the usual week in the first one's zone as it is now; `weekdays` has what falls on
    each weekday in an average week of the coming 52, Monday first; `extra` the dates on which
    more than usually is missing, such as a holiday of the other alone.
    """

    week: tuple[Hole, ...]
    weekdays: tuple[dt.timedelta, ...]
    extra: tuple[tuple[dt.date, dt.timedelta], ...]

    @property
    def length(self) -> dt.timedelta:
        """The open time of an average week that the other calendar does not cover."""
        return sum(self.weekdays, _NONE)


def report(calendar: Calendar, *, now: dt.datetime) -> Report:
    """Return what the calendar does from the date of `now` on."""
    today = calendar.local_date(now)
    last = _months_on(today.replace(day=1), REPORTED_MONTHS) - _DAY
    usual = calendar.ordinary()
    ends = _ends(calendar)
    return Report(
        zone=calendar.zone.name,
        first=today,
        last=last,
        days=tuple(_day(calendar, usual, today + k * _DAY) for k in range(7 * WEEKS)),
        months=tuple(_months(calendar, usual, today.replace(day=1))),
        turns=tuple(_turns(calendar, usual, today, last)),
        odd=tuple(_odd(calendar, usual, today, last)),
        ends=ends,
        runs_out=ends is not None and ends < last,
        pause=_pause(calendar, now, last),
        opens=calendar.opens_within(now),
    )


def holes(one: Calendar, other: Calendar, *, now: dt.datetime) -> Holes:
    """Return where `one` is open and `other` closed, by weekday of the zone of `one`."""
    today = one.local_date(now)
    monday = today - dt.timedelta(days=today.weekday())
    dates = [today + k * _DAY for k in range(7 * COMPARED_WEEKS)]
    real = _by_date(one, _missing(one, other, dates[0], dates[-1]))
    usually = _by_date(one, _missing(one.ordinary(), other.ordinary(), dates[0], dates[-1]))
    weekdays = [_NONE] * 7
    for date in dates:
        weekdays[date.weekday()] += real.get(date, _NONE)
    week = _missing(one.ordinary(), other.ordinary(), monday, monday + 6 * _DAY)
    return Holes(
        week=tuple(_hole(one, *piece) for piece in _split(one, week)),
        weekdays=tuple(total / COMPARED_WEEKS for total in weekdays),
        extra=tuple(
            (date, real[date] - usually.get(date, _NONE))
            for date in dates
            if real.get(date, _NONE) > usually.get(date, _NONE)
        ),
    )


def stretches(calendar: Calendar, date: dt.date) -> Stretches:
    """Return the spans that begin on a date in hours since its midnight, as clocks count them."""
    number = day_number(date)
    midnight = calendar.zone.first(number * DAY_S)
    return tuple(
        ((begin / 1e6 - midnight) / 3600, (end / 1e6 - midnight) / 3600)
        for begin, end in calendar.source.openings_on(number)
    )


def _length(open_: Stretches) -> dt.timedelta:
    return sum((dt.timedelta(hours=end - begin) for begin, end in open_), _NONE)


def _day(calendar: Calendar, usual: Calendar, date: dt.date) -> Day:
    open_ = stretches(calendar, date)
    found = [why for part in _leaves(calendar) if (why := _why(part, date))[0]]
    if found:
        return Day(date, open_, _length(open_), *found[0])
    return Day(date, open_, _length(open_), "" if open_ == stretches(usual, date) else "exception")


def _why(hours: Hours, date: dt.date) -> tuple[str, str]:
    """Return why a date is not ordinary in one set of hours, and the holiday's name."""
    for a_set in hours.holidays:
        name = a_set.dates().get(date)
        if name is not None:
            return "holiday", name
    return ("exception", "") if date in hours.exceptions else ("", "")


def _leaves(calendar: Calendar) -> Iterator[Hours]:
    """Yield the hours that a calendar is made of."""
    if isinstance(calendar.source, Hours):
        yield calendar.source
        return
    for part in calendar.source.parts:
        yield from _leaves(part)


def _odd(calendar: Calendar, usual: Calendar, first: dt.date, last: dt.date) -> Iterator[Odd]:
    """Yield the days whose hours are not those of their weekday. Only named dates can be."""
    named = {
        date
        for hours in _leaves(calendar)
        for date in _dates(hours)
        if first - _DAY <= date <= last + _DAY
    }
    # The evening before a changed day is cut where calendars are combined.
    around = {date + k * _DAY for date in named for k in (-1, 0, 1)}
    near = {date for date in around if first <= date <= last}
    for date in sorted(near):
        ordinary = stretches(usual, date)
        if stretches(calendar, date) != ordinary:
            yield Odd(_day(calendar, usual, date), _length(ordinary))


def _dates(hours: Hours) -> set[dt.date]:
    return {*hours.exceptions, *(date for a_set in hours.holidays for date in a_set.dates())}


def _turns(calendar: Calendar, usual: Calendar, first: dt.date, last: dt.date) -> Iterator[Turn]:
    """Yield the changes of offset and, for each, the days whose hours it changes."""
    seen = set()
    for hours in _leaves(calendar):
        lo, hi = day_number(first) * DAY_S, (day_number(last) + 1) * DAY_S
        for change in hours.zone.changes(lo, hi):
            if (hours.zone.name, change.at) in seen:
                continue
            seen.add((hours.zone.name, change.at))
            at = dt.datetime.fromtimestamp(change.at, dt.UTC)
            own = EPOCH_DATE + dt.timedelta(days=(change.at + change.before) // DAY_S)
            moved = [(date, _effect(usual, date)) for date in (own - _DAY, own)]
            told = [(date, effect) for date, effect in moved if effect] or [(own, _NONE)]
            before, after = (dt.timedelta(seconds=s) for s in (change.before, change.after))
            for date, effect in told:
                yield Turn(hours.zone.name, at, before, after, date, effect)


def _effect(usual: Calendar, date: dt.date) -> dt.timedelta:
    """Return how much longer a date's usual hours are than those of the week before."""
    week_before = _length(stretches(usual, date - 7 * _DAY))
    return _length(stretches(usual, date)) - week_before


def _months(calendar: Calendar, usual: Calendar, first: dt.date) -> Iterator[Month]:
    for k in range(MONTHS):
        begin, end = _months_on(first, k), _months_on(first, k + 1)
        by_date = _by_date(calendar, _openings(calendar, begin, end - _DAY))
        ordinary = sum(
            (c - o for o, c in _openings(usual, begin, end - _DAY)),
            _NONE,
        )
        yield Month(begin, sum(by_date.values(), _NONE), ordinary, len(by_date))


def _months_on(first: dt.date, count: int) -> dt.date:
    year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
    return dt.date(year, month + 1, 1)


def _ends(calendar: Calendar) -> dt.date | None:
    """Return the last day of the year up to which holidays are known; None without any.

    The set that ends first decides; single days of one's own end nothing unless there is nothing
    else.
    """
    sets = [a_set for hours in _leaves(calendar) for a_set in hours.holidays]
    lasting = [a_set for a_set in sets if a_set.yearly or "country" in a_set.origin]
    lasts = [last for a_set in lasting or sets if (last := _last_year(a_set)) is not None]
    return dt.date((min if lasting else max)(lasts), 12, 31) if lasts else None


def _last_year(a_set: HolidaySet) -> int | None:
    years = [day.year for day in a_set.days] + [a_set.last_year] * bool(a_set.yearly)
    return max(years, default=None)


def _pause(
    calendar: Calendar, now: dt.datetime, last: dt.date
) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the longest time between two openings."""
    until = _midnight(calendar, last + _DAY)
    found = calendar.openings(now, until)
    gaps = [(end, begin) for (_, end), (begin, _) in pairwise(found)]
    return max(gaps, key=lambda gap: gap[1] - gap[0], default=None)


Pairs = list[tuple[dt.datetime, dt.datetime]]


def _missing(one: Calendar, other: Calendar, first: dt.date, last: dt.date) -> Pairs:
    """Return when `one` is open and `other` is not, in order."""
    begin, end = _midnight(one, first), _midnight(one, last + _DAY)
    theirs = other.openings(begin, end)
    found: Pairs = []
    k = 0
    for opens, closes in one.openings(begin, end):
        at = opens
        while k < len(theirs) and theirs[k][1] <= at:
            k += 1
        j = k
        while j < len(theirs) and theirs[j][0] < closes:
            if theirs[j][0] > at:
                found.append((at, theirs[j][0]))
            at = max(at, theirs[j][1])
            j += 1
        if at < closes:
            found.append((at, closes))
    return found


def _openings(calendar: Calendar, first: dt.date, last: dt.date) -> Pairs:
    return calendar.openings(_midnight(calendar, first), _midnight(calendar, last + _DAY))


def _midnight(calendar: Calendar, date: dt.date) -> dt.datetime:
    return dt.datetime.fromtimestamp(calendar.zone.first(day_number(date) * DAY_S), dt.UTC)


def _split(calendar: Calendar, pairs: Pairs) -> Iterator[tuple[dt.date, dt.datetime, dt.datetime]]:
    """Yield the pairs with their dates, cut at the midnights of the calendar's zone."""
    for opens, closes in pairs:
        at = opens
        while at < closes:
            date = calendar.local_date(at)
            midnight = _midnight(calendar, date + _DAY)
            yield date, at, min(midnight, closes)
            at = midnight


def _by_date(calendar: Calendar, pairs: Pairs) -> Mapping[dt.date, dt.timedelta]:
    found: dict[dt.date, dt.timedelta] = defaultdict(dt.timedelta)
    for date, opens, closes in _split(calendar, pairs):
        found[date] += closes - opens
    return found


def _hole(calendar: Calendar, date: dt.date, opens: dt.datetime, closes: dt.datetime) -> Hole:
    midnight = _midnight(calendar, date)
    hours = [(at - midnight) / dt.timedelta(hours=1) for at in (opens, closes)]
    return Hole(date.weekday(), hours[0], hours[1])
