"""A schedule over time as a drawing, and its times in words of its own zone."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tocsin.queries.shifts import Bar, Line, Plan
from tocsin.web import moments

WIDE, LEFT, ROW, HEAD = 1120, 150, 34, 26
_COLOURS = 6
_LETTER = 7.2  # about how wide a letter is
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A bar of the drawing: where it stands, what it says, whose colour it has."""

    x: str
    w: str
    text: str
    title: str
    colour: int
    gap: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the drawing; the last one is what counts."""

    name: str
    y: int
    pieces: tuple[Piece, ...]
    final: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A date of the head: where it begins, and its name."""

    x: str
    name: str
    today: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A schedule as a drawing; numbers of drawings are texts."""

    rows: tuple[Row, ...]
    days: tuple[Day, ...]
    height: int
    now: str
    zone: str


def known(zone: str) -> str:
    """Return a zone that was typed, or UTC if there is none of that name."""
    try:
        return ZoneInfo(zone).key
    except (KeyError, ValueError, OSError):
        return "UTC"


def midnight(at: dt.datetime, zone: str) -> dt.datetime:
    """Return the beginning of the day of an instant in a zone."""
    here = at.astimezone(ZoneInfo(zone))
    return dt.datetime(here.year, here.month, here.day, tzinfo=here.tzinfo)


def later(at: dt.datetime, days: int) -> dt.datetime:
    """Return the same local time so many days later."""
    return dt.datetime.combine(at.date() + days * _DAY, at.time(), at.tzinfo)


def drawn(plan: Plan, now: dt.datetime) -> Drawing:
    """Return a plan as a drawing: its layers from the uppermost down, then what they come to."""
    colours = {id_: k % _COLOURS for k, id_ in enumerate(_everybody(plan))}
    lines = [
        (one.name or _("Layer %(n)s") % {"n": k + 1}, one, False)
        for k, one in reversed(list(enumerate(plan.layers)))
    ]
    lines.append((_("On call"), plan.line, True))
    rows = tuple(
        Row(name, HEAD + k * ROW, tuple(_pieces(plan, line, colours, final)), final)
        for k, (name, line, final) in enumerate(lines)
    )
    here = plan.begins <= now < plan.ends
    height = HEAD + len(rows) * ROW + 4
    return Drawing(rows, tuple(_days(plan, now)), height, _x(plan, now) if here else "", plan.zone)


def _everybody(plan: Plan) -> list[int]:
    lines = [*plan.layers, plan.line]
    return sorted({id_ for line in lines for bar in line.bars for id_ in bar.ids})


def _pieces(plan: Plan, line: Line, colours: dict[int, int], final: bool) -> Iterable[Piece]:
    for bar in line.bars:
        if not bar.people and not final:
            continue
        wide = _place(plan, bar.ends) - _place(plan, bar.begins)
        names = ", ".join(bar.people) or _("nobody")
        title = f"{names}: {stretch(bar, plan.zone)}"
        fits = max(int((wide - 8) / _LETTER), 0)
        text = names if len(names) <= fits else _initials(bar, fits)
        colour = colours[bar.ids[0]] if bar.ids else 0
        yield Piece(
            _x(plan, bar.begins), f"{max(wide, 1.0):.1f}", text, title, colour, not bar.people
        )


def _initials(bar: Bar, fits: int) -> str:
    first = bar.people[0].split()[0] if bar.people else ""
    if first and len(first) <= fits and len(bar.people) == 1:
        return first
    return first[:1] if fits else ""


def _days(plan: Plan, now: dt.datetime) -> Iterable[Day]:
    at = plan.begins.astimezone(ZoneInfo(plan.zone))
    today = now.astimezone(ZoneInfo(plan.zone)).date()
    long = (plan.ends - plan.begins) <= 15 * _DAY
    while at < plan.ends:
        name = " ".join(moments.day(at.date()).split()[:2]) if long else str(at.day)
        yield Day(_x(plan, at), name, at.date() == today)
        at = later(at, 1)


def _place(plan: Plan, at: dt.datetime) -> float:
    share = (at - plan.begins) / (plan.ends - plan.begins)
    return LEFT + share * (WIDE - LEFT)


def _x(plan: Plan, at: dt.datetime) -> str:
    return f"{_place(plan, at):.1f}"


def local(at: dt.datetime, zone: str) -> str:
    """Return an instant as ``Mon 3 Nov 09:00`` in a zone."""
    here = at.astimezone(ZoneInfo(zone))
    return f"{moments.day(here.date())} {here:%H:%M}"


def stretch(bar: Bar, zone: str) -> str:
    """Return a stretch in words, in a zone."""
    return f"{local(bar.begins, zone)} – {local(bar.ends, zone)}"
