"""Compliance: how many promises were kept, and each number leads to its tickets."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from tocsin.engine.compliance import Compliance, Figures
from tocsin.kit import shape
from tocsin.queries import compliance, days, rescues
from tocsin.queries.access import Right
from tocsin.queries.days import Day
from tocsin.queries.rescues import Pauser, Share
from tocsin.web import layout, moments, names, screens
from tocsin.web.asked import Asked

PERIODS = {"7": 7, "28": 28, "90": 90, "365": 365}
_TABLES = ("owner", "team", "stage", "priority", "type")
_WIDE, _HIGH, _FOOT = 900, 190, 22


@dataclass(frozen=True, slots=True)
class Bar:
    """A day of the chart; numbers are texts, ready for SVG."""

    day: Day
    x: str
    middle: str
    width: str
    met_y: str
    met_height: str
    missed_y: str
    missed_height: str
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: a value of a dimension, its figures, and where its numbers lead."""

    name: str
    figures: Figures
    share: str
    width: str
    met: str
    breached: str


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked at."""

    key: str
    since: dt.datetime
    until: dt.datetime
    clock: str

    def link(self, **more: str) -> str:
        """Return the address of the list of tickets behind a number."""
        asked = {"since": self.since.isoformat(), "until": self.until.isoformat(), **more}
        if self.clock:
            asked["clock"] = self.clock
        return f"{reverse('tickets')}?{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class Rescued:
    """How many of the promises kept would have been missed without pauses, and where that leads."""

    count: int
    met: int
    share: str
    link: str
    teams: list[tuple[Share, str, str]]
    pausers: list[tuple[Pauser, str]]


@screens.needs(Right.READ_REPORTS)
def compliance_page(request: Asked) -> HttpResponse:
    """Show a period: in all, by day, and by who, where and what."""
    around = layout.around(request)
    period = _period(request, around.now)
    tables = [one for one in _TABLES if one in compliance.dimensions_of(request.by)]
    found = _figures(request, period.since, period.until, period.clock, tables)
    before = _figures(
        request, period.since - (period.until - period.since), period.since, period.clock, ()
    )
    by_day = days.by_day(
        by=request.by,
        since=period.since,
        until=period.until,
        zone=timezone.get_current_timezone(),
        definition=period.clock or None,
    )
    shown = _choices() | {
        "period": period,
        "total": found.total,
        "share": share(found.total),
        "before": share(before.total),
        "bars": list(_bars(by_day)),
        "days": by_day,
        "rescues": _rescued(request, period),
        "here": "compliance",
        "tables": [(key, _lines(period, key, found.by.get(key, {}))) for key in tables],
        "wide": _WIDE,
        "high": _HIGH + _FOOT,
        "base": _HIGH,
    }
    return layout.show(request, "reports", "reports/compliance.html", shown, around=around)


def _rescued(request: Asked, period: Period) -> Rescued:
    found = rescues.rescues(
        by=request.by,
        since=period.since,
        until=period.until,
        definition=period.clock or None,
    )

    def link(**more: str) -> str:
        return period.link(verdict="met", rescued="yes", **more)

    return Rescued(
        count=found.rescued,
        met=found.met,
        share=_part(found.rescued, found.met),
        link=link(),
        teams=[
            (one, _part(one.rescued, one.met), link(dimension="team", value=one.name))
            for one in found.teams
        ],
        pausers=[(one, link(paused_by=one.actor)) for one in found.pausers],
    )


def _part(count: int, of: int) -> str:
    return moments.percent(count / of) if of else "–"


def _figures(
    request: Asked, since: dt.datetime, until: dt.datetime, clock: str, by: Sequence[str]
) -> Compliance:
    return compliance.compliance(
        by=request.by, dimensions=by, definition=clock or None, since=since, until=until
    )


def _choices() -> dict[str, Any]:
    """Return what can be chosen, and what the tables are called."""
    clocks = ("first response", "next response", "resolution")
    return {
        "periods": periods(),
        "clocks": [("", _("All clocks")), *((key, names.clock(key)) for key in clocks)],
        "titles": {
            "owner": (_("By owner"), _("Owner")),
            "team": (_("By team"), _("Team")),
            "stage": (_("By stage"), _("Stage")),
            "priority": (_("By priority"), _("Priority")),
            "type": (_("By type"), _("Type")),
        },
    }


def _period(request: Asked, now: dt.datetime) -> Period:
    key = shape.one_of(request.GET.get("days", "28"), "days", PERIODS)
    # Up to now: what is due later today is not decided yet.
    return Period(key, since(key, now), now, request.GET.get("clock", ""))


def periods() -> list[tuple[str, str]]:
    """Return the periods that can be chosen, and what they are called."""
    return [("7", _("7 d")), ("28", _("28 d")), ("90", _("90 d")), ("365", _("Year"))]


def since(period: str, now: dt.datetime) -> dt.datetime:
    """Return when a period that lasts until now began: at a midnight of the reader's."""
    midnight = moments.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - dt.timedelta(days=PERIODS[period] - 1)


def share(figures: Figures) -> str:
    """Return a compliance in per cent, or a dash when nothing was decided."""
    decided = figures.met + figures.breached
    return moments.percent(figures.met / decided) if decided else "–"


def _lines(period: Period, dimension: str, found: dict[str, Figures]) -> list[Line]:
    made = []
    for name, figures in sorted(found.items(), key=lambda one: (-one[1].breached, one[0])):
        decided = figures.met + figures.breached
        if not decided:
            continue
        told = names.priority(name) if dimension == "priority" else name
        told = _("Nobody") if name == compliance.NOBODY and dimension == "owner" else told
        own = {"dimension": dimension, "value": name}
        made.append(
            Line(
                name=f"{name} {told}" if dimension == "priority" else told,
                figures=figures,
                share=share(figures),
                width=f"{figures.met / decided * 100:.2f}",
                met=period.link(verdict="met", **own),
                breached=period.link(verdict="breached", **own),
            )
        )
    return made


def _bars(found: list[Day]) -> list[Bar]:
    most = max((day.met + day.breached for day in found), default=0) or 1
    step = _WIDE / max(len(found), 1)
    scale = (_HIGH - 10) / most
    every = max(1, len(found) // 8)
    made = []
    for k, day in enumerate(found):
        met, missed = day.met * scale, day.breached * scale
        words = {"day": moments.day(day.date), "met": day.met, "breached": day.breached}
        made.append(
            Bar(
                day=day,
                x=f"{k * step + step * 0.12:.2f}",
                middle=f"{min(k * step + step * 0.5, _WIDE - 16):.2f}",
                width=f"{step * 0.76:.2f}",
                met_y=f"{_HIGH - met:.2f}",
                met_height=f"{met:.2f}",
                missed_y=f"{_HIGH - met - missed:.2f}",
                missed_height=f"{missed:.2f}",
                label=f"{day.date.day}/{day.date.month}" if k % every == 0 else "",
                title=_("%(day)s: %(met)s met, %(breached)s breached") % words,
            )
        )
    return made
