"""What stands around all pages of settings, and calendars, policies and pipelines as in force."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.engine.policy import Policy
from tocsin.queries import drafts, setup
from tocsin.queries.access import Actor, Right
from tocsin.queries.setup import Day
from tocsin.web import drawing, layout, names, screens
from tocsin.web.asked import Asked

# Each page by the part of the settings that it is in: its word, its name, and the route that it
# leads to with what that needs.
_Page = tuple[str, str, str, tuple[str, ...]]
_PARTS: tuple[tuple[str, tuple[_Page, ...]], ...] = (
    (
        gettext_noop("Promises"),
        (
            ("policies", gettext_noop("Policies"), "settings_of", ("policies",)),
            ("calendars", gettext_noop("Calendars"), "settings_of", ("calendars",)),
            ("pipelines", gettext_noop("Pipelines"), "settings_of", ("pipelines",)),
            ("priorities", gettext_noop("Priorities"), "priorities", ()),
            ("contracts", gettext_noop("Contracts"), "contracts", ()),
            ("drafts", gettext_noop("Drafts"), "drafts", ()),
        ),
    ),
    (
        gettext_noop("Escalation"),
        (
            ("paths", gettext_noop("Escalation paths"), "paths", ()),
            ("on-call", gettext_noop("On call"), "on_call", ()),
        ),
    ),
    (
        gettext_noop("Senders"),
        (
            ("providers", gettext_noop("Providers"), "providers", ()),
            ("deliveries", gettext_noop("Deliveries"), "deliveries", ()),
        ),
    ),
    (
        gettext_noop("People"),
        (
            ("people", gettext_noop("People"), "people", ()),
            ("teams", gettext_noop("Teams"), "teams", ()),
            ("sets", gettext_noop("Permission sets"), "permission_sets", ()),
            ("fields", gettext_noop("Fields"), "field_rules", ()),
            ("networks", gettext_noop("Networks"), "networks", ()),
            ("identity", gettext_noop("Identity providers"), "identity_providers", ()),
            ("tokens", gettext_noop("Tokens"), "all_tokens", ()),
        ),
    ),
    (
        gettext_noop("Security"),
        (
            ("who", gettext_noop("Who may do what"), "access", ()),
            ("changes", gettext_noop("Changes"), "access_changes", ()),
            ("reading", gettext_noop("Reading and sign-ins"), "access_reading", ()),
            ("audit", gettext_noop("Self-audit"), "audits", ()),
            ("security", gettext_noop("Rules"), "security", ()),
        ),
    ),
)
# What right a page needs, where that is not the one to read the configuration.
_RIGHTS = {
    "drafts": Right.CONFIGURE,
    **dict.fromkeys(("people", "teams", "sets", "fields", "networks"), Right.ADMINISTER),
    **dict.fromkeys(("identity", "tokens", "providers", "deliveries"), Right.ADMINISTER),
    **dict.fromkeys(("who", "changes", "reading", "audit"), Right.READ_AUDIT),
    "security": Right.ADMINISTER,
}
# What each of the pages shows, as drafts call it.
_KINDS = {"policies": "policy", "calendars": "calendar", "pipelines": "pipeline"}


@dataclass(frozen=True, slots=True)
class Matrix:
    """A policy as a table: a row a clock, a column a label of its targets."""

    labels: list[str]
    rows: list[tuple[str, list[str], str, str]]


@screens.needs(Right.SIGNED_IN)
def settings(request: Asked) -> HttpResponse:
    """Lead to the first of the pages that whoever asks may see; to the hub where there is none."""
    found = parts(request)
    return HttpResponseRedirect(found[0][1][0][2] if found else reverse("hub"))


@screens.needs(Right.READ_CONFIGURATION)
def settings_of(request: Asked, what: str) -> HttpResponse:
    """Show calendars, policies or pipelines as they are in force."""
    around = layout.around(request)
    may_change = Right.CONFIGURE in request.by.rights
    begun = drafts.drafts(by=request.by) if may_change else ()
    shown = {
        **frame(what),
        "setup": setup.setup(by=request.by),
        "matrix": matrix,
        "bars": bars,
        "hours": hours,
        "drafts": {one.key: one for one in begun if one.kind == _KINDS[what]},
        "may_change": may_change,
        "address": address,
    }
    return layout.show(request, "settings", f"settings/{what}.html", shown, around=around)


def frame(what: str) -> dict[str, Any]:
    """Return what `settings/frame.html` needs of the page `what`, or of one below it."""
    named = {key: _(name) for _part, pages in _PARTS for key, name, _route, _given in pages}
    return {"what": what, "title": named[what], "parts_for": parts}


def parts(request: Asked) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the parts of the settings, and the pages of each that whoever asks may see."""
    found = [
        (
            _(part),
            [
                (key, _(name), reverse(route, args=given))
                for key, name, route, given in pages
                if _right(key) in request.by.rights
            ],
        )
        for part, pages in _PARTS
    ]
    return [(part, pages) for part, pages in found if pages]


def are_open(by: Actor) -> bool:
    """Say whether somebody may see any of the settings: then the rail leads there."""
    return any(_right(key) in by.rights for _part, pages in _PARTS for key, *_rest in pages)


def _right(key: str) -> Right:
    return _RIGHTS.get(key, Right.READ_CONFIGURATION)


def address(route: str, *given: str) -> str | None:
    """Return where a route leads, None if there is none of that name."""
    try:
        return reverse(route, args=given)
    except NoReverseMatch:
        return None


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
        (f"{begin * 10:.1f}", f"{(min(end, 24.0) - begin) * 10:.1f}")
        for begin, end in day.open
        if begin < 24.0
    ]


def hours(day: Day) -> str:
    """Return the open hours of a day in words."""
    told = [f"{clock(begin)}–{clock(end)}" for begin, end in day.open]
    return ", ".join(told) or _("closed")


def clock(hour: float) -> str:
    """Return an hour of the day as a time."""
    minutes = round(hour * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
