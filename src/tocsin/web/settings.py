"""Calendars, policies and pipelines, to be read."""

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.engine.policy import Policy
from tocsin.queries import setup
from tocsin.queries.access import Right
from tocsin.queries.setup import Day
from tocsin.web import drawing, layout, names, screens
from tocsin.web.asked import Asked


@dataclass(frozen=True, slots=True)
class Matrix:
    """A policy as a table: a row a clock, a column a label of its targets."""

    labels: list[str]
    rows: list[tuple[str, list[str], str, str]]


@screens.needs(Right.READ_CONFIGURATION)
def settings(request: Asked) -> HttpResponse:
    """Lead to the first of the pages."""
    return HttpResponseRedirect(reverse("settings_of", args=["policies"]))


@screens.needs(Right.READ_CONFIGURATION)
def settings_of(request: Asked, what: str) -> HttpResponse:
    """Show calendars, policies or pipelines as they are in force."""
    around = layout.around(request)
    found = setup.setup(by=request.by)
    tabs = {
        "policies": _("Policies"),
        "calendars": _("Calendars"),
        "pipelines": _("Pipelines"),
    }
    shown = {
        "setup": found,
        "what": what,
        "tabs": list(tabs.items()),
        "title": tabs[what],
        "matrix": matrix,
        "bars": bars,
        "hours": hours,
    }
    return layout.show(request, "settings", f"settings/{what}.html", shown, around=around)


def matrix(policy: Policy) -> Matrix:
    """Return the targets of a policy as a table."""
    labels = list(dict.fromkeys(row.label for plan in policy.plans for row in plan.rows))
    rows = []
    for plan in policy.plans:
        by_label = {row.label: str(row.target) for row in plan.rows}
        alerts = ", ".join(alert.name for alert in plan.definition.alerts)
        path = plan.definition.path
        rows.append(
            (
                names.clock(plan.definition.key),
                [by_label.get(label, "–") for label in labels],
                alerts,
                path.key if path else "",
            )
        )
    return Matrix([drawing.row(label) for label in labels], rows)


def bars(day: Day) -> list[tuple[str, str]]:
    """Return the open stretches of a day as places and widths of a drawing 240 wide."""
    return [
        (f"{begin * 10:.1f}", f"{(min(end, 24.0) - begin) * 10:.1f}") for begin, end in day.open
    ]


def hours(day: Day) -> str:
    """Return the open hours of a day in words."""
    told = [f"{clock(begin)}–{clock(end)}" for begin, end in day.open]
    return ", ".join(told) or _("closed")


def clock(hour: float) -> str:
    """Return an hour of the day as a time."""
    minutes = round(hour * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
