"""A calendar's report as drawings and sentences. Numbers of drawings are texts."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

from babel import dates as names_of
from babel import numbers
from django.utils.translation import gettext as _

from tocsin.queries.calendar_report import Day, Holes, Month, Odd, Stretches, Turn
from tocsin.web import moments

_HOUR = dt.timedelta(hours=1)
_NOTHING = dt.timedelta(0)
_WIDE = 240.0
_DAY_H = 24.0


@dataclass(frozen=True, slots=True)
class Strip:
    """A date of the strip: its pieces as (x, width, began the evening before)."""

    day: Day
    pieces: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A month's bar: how wide its open time and its usual open time are, of a hundred."""

    month: Month
    width: str
    usual: str


def strips(days: Sequence[Day]) -> list[Strip]:
    """Return the dates one below the other; a night shift goes on in the row of the next date."""
    made = []
    before: Stretches = ()
    for day in days:
        spilt = [(begin - _DAY_H, end - _DAY_H, True) for begin, end in before if end > _DAY_H]
        own = [(begin, end, False) for begin, end in day.open]
        pieces = [_piece(*one) for one in (*spilt, *own) if one[0] < _DAY_H]
        made.append(Strip(day, tuple(pieces)))
        before = day.open
    return made


def _piece(begin: float, end: float, spilt: bool) -> tuple[str, str, bool]:
    begin, end = max(begin, 0.0), min(end, _DAY_H)
    scale = _WIDE / _DAY_H
    return f"{begin * scale:.1f}", f"{(end - begin) * scale:.1f}", spilt


def bars(months: Sequence[Month]) -> list[Bar]:
    """Return the months as bars of one scale."""
    most = max((max(month.length, month.usual) for month in months), default=_HOUR) or _HOUR
    return [
        Bar(month, f"{month.length / most * 100:.1f}", f"{month.usual / most * 100:.1f}")
        for month in months
    ]


def told(strip: Strip) -> str:
    """Return the hours of a date, with what goes on from the evening before."""
    spilt = [piece for piece in strip.pieces if piece[2]]
    if not spilt:
        return times(strip.day.open)
    until = clock(float(spilt[-1][1]) * _DAY_H / _WIDE)
    own = [times(strip.day.open)] if strip.day.open else []
    return ", ".join([f"…–{until}", *own])


def times(open_: Stretches) -> str:
    """Return spans as they are typed, or that there are none."""
    return ", ".join(f"{clock(begin)}–{clock(end)}" for begin, end in open_) or _("closed")


def clock(hour: float) -> str:
    """Return an hour of the day as a time."""
    minutes = round(hour * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def hours(length: dt.timedelta) -> str:
    """Return a length in hours, ``7.5 h``."""
    shown = numbers.format_decimal(length / _HOUR, format="#,##0.#", locale=moments.locale())
    return _("%(n)s h") % {"n": shown}


def offset(length: dt.timedelta) -> str:
    """Return an offset of a zone, ``UTC+02:00``."""
    minutes = round(abs(length) / dt.timedelta(minutes=1))
    sign = "-" if length < _NOTHING else "+"
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"


def why(day: Day) -> str:
    """Return why a day is odd."""
    if day.name:
        return day.name
    return {"exception": _("exception"), "holiday": _("holiday")}.get(day.why, "")


def odd(found: Odd) -> str:
    """Return what an odd day is instead of its usual hours."""
    words = {"hours": times(found.day.open), "usual": hours(found.usual)}
    if found.day.closed:
        return _("closed, usually %(usual)s") % words
    return _("%(hours)s, usually %(usual)s") % words


def turn(found: Turn) -> str:
    """Return what a change of offset does to the hours of its day."""
    if not found.effect:
        return _("No open hours change.")
    words = {"day": moments.day(found.date), "hours": hours(abs(found.effect))}
    if found.effect > _NOTHING:
        return _("%(day)s: %(hours)s more open time.") % words
    return _("%(day)s: %(hours)s less open time.") % words


def holes_on(found: Holes, weekday: int) -> str:
    """Return the holes of a weekday of a usual week."""
    told = [(one.opens, one.closes) for one in found.week if one.weekday == weekday]
    return times(tuple(told)) if told else "–"


def lost(month: Month) -> str:
    """Return what holidays and exceptions take from a month, or give it."""
    less = month.usual - month.length
    return f"−{hours(less)}" if less > _NOTHING else f"+{hours(-less)}"


def month(first: dt.date) -> str:
    """Return a month with its year, ``Nov 2026``."""
    return names_of.format_skeleton("yMMM", first, locale=moments.locale()).replace(".", "")


def date(found: dt.date) -> str:
    """Return a date with its weekday and year, ``Mon 3 Nov 2026``."""
    return f"{moments.day(found)} {found.year}"


def date_of(found: Turn) -> dt.date:
    """Return the local date of a change of offset."""
    return (found.at + found.before).date()


def pause(found: tuple[dt.datetime, dt.datetime]) -> str:
    """Return how long nothing opens."""
    return moments.rough(found[1] - found[0])


def local(at: dt.datetime, zone: str) -> str:
    """Return an instant in the calendar's own zone."""
    here = at.astimezone(zoneinfo.ZoneInfo(zone))
    return f"{moments.day(here.date())} {here:%H:%M}"
