"""How punctual are we? What fell due and when it was decided, and how messages left."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.kit import shape
from tocsin.queries import punctuality
from tocsin.queries.access import Right
from tocsin.queries.frame import Frame
from tocsin.queries.punctuality import Day, Lateness, Punctuality
from tocsin.web import exports, layout, moments, names, reports, screens, sheets
from tocsin.web.asked import Asked

_WIDE, _HIGH, _FOOT = 720, 150, 22
_SECOND = dt.timedelta(seconds=1)
# The drawing goes from a millisecond to a day by powers: what is usual and what is not both show.
_LEAST_S, _MOST_S = 0.001, 86400.0
_LINES = ((0.01, "10 ms"), (0.25, "250 ms"), (2.0, "2 s"), (60.0, "1 min"), (3600.0, "1 h"))
COLUMNS = ("day", "steps", "p50_ms", "p99_ms", "max_ms")


@dataclass(frozen=True, slots=True)
class Mark:
    """A day of the drawing: nearly all lay below the bar, and the worst at the dot."""

    x: str
    middle: str
    width: str
    y: str
    height: str
    worst: str
    label: str
    title: str


@screens.needs(Right.READ_REPORTS)
def punctuality_page(request: Asked) -> HttpResponse:
    """Show a period: lateness by day, what left by which channel, and what people were spared."""
    around = layout.around(request)
    days = shape.one_of(request.GET.get("days") or "28", "days", reports.PERIODS)
    found = _found(request, days, around.now)
    shown = {
        "found": found,
        "marks": _marks(found.days),
        "lines": [(_y(seconds), told) for seconds, told in _LINES],
        "lateness": lateness,
        "channel": names.channel,
        "days": days,
        "periods": reports.periods(),
        "here": "punctuality",
        "may_export": Right.EXPORT in request.by.rights,
        "wide": _WIDE,
        "high": _HIGH + _FOOT,
        "base": _HIGH,
        "now": around.now,
    }
    return layout.show(request, "reports", "reports/punctuality.html", shown, around=around)


def _found(request: Asked, days: str, now: dt.datetime) -> Punctuality:
    return punctuality.punctuality(
        by=request.by,
        since=reports.since(days, now),
        until=now,
        zone=timezone.get_current_timezone(),
    )


@screens.needs(Right.EXPORT, "POST")
def punctuality_csv(request: Asked) -> HttpResponse:
    """Send the days of the period as a file, lengths in milliseconds."""
    return exports.send(request, "punctuality")


@exports.file("punctuality")
def _file(request: Asked, given: QueryDict, frame: Frame) -> exports.File:
    days = shape.one_of(given.get("days") or "28", "days", reports.PERIODS)
    found = [
        (day.date.isoformat(), *_milliseconds(day.lateness))
        for day in _found(request, days, frame.now).days
    ]
    return exports.File(len(found), iter([sheets.MARK + sheets.lines([COLUMNS, *found])]))


def _milliseconds(found: Lateness) -> Sequence[object]:
    lengths = (found.p50, found.p99, found.max)
    return [
        found.count,
        *("" if one is None else round(one / _SECOND * 1000, 3) for one in lengths),
    ]


def lateness(found: dt.timedelta | None) -> str:
    """Return a lateness as people read it: below a minute in seconds or milliseconds."""
    if found is None:
        return "–"
    seconds = found / _SECOND
    if seconds >= 60:
        return moments.rough(found)
    return f"{seconds:.1f} s" if seconds >= 1 else f"{math.ceil(seconds * 1000)} ms"


def _y(seconds: float) -> str:
    held = min(max(seconds, _LEAST_S), _MOST_S)
    share = math.log10(held / _LEAST_S) / math.log10(_MOST_S / _LEAST_S)
    return f"{_HIGH - share * (_HIGH - 10):.2f}"


def _marks(found: Sequence[Day]) -> list[Mark]:
    step = _WIDE / max(len(found), 1)
    every = max(1, len(found) // 8)
    made = []
    for k, day in enumerate(found):
        late = day.lateness
        if late.p99 is None or late.max is None:
            continue
        top = _y(late.p99 / _SECOND)
        words = {"day": moments.day(day.date), "n": late.count, "p99": lateness(late.p99)}
        made.append(
            Mark(
                x=f"{k * step + step * 0.12:.2f}",
                middle=f"{min(k * step + step * 0.5, _WIDE - 16):.2f}",
                width=f"{step * 0.76:.2f}",
                y=top,
                height=f"{_HIGH - float(top):.2f}",
                worst=_y(late.max / _SECOND),
                label=f"{day.date.day}/{day.date.month}" if k % every == 0 else "",
                title=_("%(day)s: %(n)s steps, p99 %(p99)s, at most %(most)s")
                % {**words, "most": lateness(late.max)},
            )
        )
    return made
