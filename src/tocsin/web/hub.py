"""The hub: what needs people now. Everything on it is a door to the tickets behind it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.queries import health
from tocsin.queries import hub as hubs
from tocsin.queries.access import Right
from tocsin.queries.health import Health
from tocsin.queries.hub import Hub, Lane
from tocsin.queries.listing import Wanted
from tocsin.web import drawing, layout, moments, screens
from tocsin.web.asked import Asked

SIGNALS = {
    "created": gettext_noop("created in the window"),
    "active": gettext_noop("active"),
    "urgent": gettext_noop("urgent active"),
    "unassigned": gettext_noop("unassigned active"),
    "breached": gettext_noop("SLA breached active"),
    "escalation due": gettext_noop("escalation due"),
    "waiting internal": gettext_noop("waiting internally"),
    "waiting customer": gettext_noop("waiting for customer"),
}
LANES = {
    "breached": (
        gettext_noop("SLA breached"),
        gettext_noop("Work breached tickets first, and give each an owner."),
        gettext_noop("Support lead"),
        "breached",
    ),
    "escalation due": (
        gettext_noop("Escalation due"),
        gettext_noop("Give them to an owner before new work."),
        gettext_noop("Escalation owner"),
        "escalation",
    ),
    "first response": (
        gettext_noop("First response SLA"),
        gettext_noop("Answer before the breach; balance the load."),
        gettext_noop("Support lead"),
        "reply",
    ),
}
PLACES = {
    "breached": gettext_noop("SLA breached"),
    "escalation due": gettext_noop("Escalation due"),
    "at risk": gettext_noop("At risk"),
    "first response": gettext_noop("First response SLA"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A lane as the table shows it."""

    lane: Lane
    name: str
    todo: str
    owner: str
    icon: str
    window: str
    address: str


@screens.needs(Right.SIGNED_IN)
def hub(request: Asked) -> HttpResponse:
    """Show the hub of the desk or of one team, or for a script the part that is live.

    It is where signing in leads to: whoever may see no tickets yet is told so.
    """
    around = layout.around(request)
    if Right.READ_TICKETS not in request.by.rights:
        return layout.show(request, "hub", "hub/nothing.html", {}, around=around)
    team = request.GET.get("team") or None
    found = hubs.hub(by=request.by, team=team)
    shown: dict[str, Any] = {
        "hub": found,
        "team": team,
        "teams": [(one.key, one.name) for one in around.desk.teams.values()],
        "signals": [
            (_(name), found.signals[key].count, list_of(found.signals[key].wanted))
            for key, name in SIGNALS.items()
            if key in found.signals
        ],
        "rows": [_row(lane, found.now) for lane in found.lanes],
        "places": {key: _(name) for key, name in PLACES.items()},
        "spark": drawing.sparkline([day.promises.rate for day in found.days]),
        "hit_rate": moments.percent(found.hit_rate / 100),
        "enforcement": moments.percent(found.enforcement / 100),
        "links": _links(found),
        "beat": _beat(health.look()),
        "here": request.get_full_path(),
        "may_take": Right.ASSIGN in request.by.rights,
        "now": found.now,
    }
    if screens.is_partial(request):
        return render(request, "hub/part.html", shown)
    clocks = layout.faces_of(one.card for one in found.work_next)
    return layout.show(request, "hub", "hub/hub.html", shown, around=around, clocks=clocks)


def list_of(wanted: Wanted) -> str:
    """Return the address of the list that holds exactly what was counted."""
    asked = {"which": wanted.which.value}
    if wanted.team is not None:
        asked["team"] = wanted.team
    if wanted.since is not None:
        asked["since"] = wanted.since.isoformat()
    return f"{reverse('tickets')}?{urlencode(asked)}"


def _links(found: Hub) -> dict[str, str]:
    recovery = found.recovery
    return {
        "breached": list_of(recovery.breached.wanted),
        "escalate": list_of(recovery.escalate.wanted),
        "controlled": list_of(recovery.controlled.wanted),
        "at risk": list_of(found.signals["at risk"].wanted),
        "active": list_of(found.signals["active"].wanted),
        "unassigned": list_of(found.signals["unassigned"].wanted),
    }


def _row(lane: Lane, now: dt.datetime) -> Row:
    name, todo, owner, icon = LANES[lane.key]
    told = lane.owner.name if lane.owner else _("%(role)s: nobody named") % {"role": _(owner)}
    return Row(lane, _(name), _(todo), told, icon, window(lane, now), list_of(lane.wanted))


def window(lane: Lane, now: dt.datetime) -> str:
    """Return the time to a lane's next due, in words."""
    if lane.next_at is None or not lane.backlog:
        return _("within SLA")
    away = lane.next_at - now
    told = {"time": moments.rough(away)}
    return _("in %(time)s") % told if away >= dt.timedelta(0) else _("since %(time)s") % told


@dataclass(frozen=True, slots=True)
class Beat:
    """How the pulse is, in words."""

    ok: bool
    told: list[str]


def _beat(found: Health) -> Beat:
    if not found.beats:
        return Beat(False, [_("The pulse has stopped: deadlines are not watched.")])
    assert found.pulse_beat is not None
    told = [_("Pulse beats"), _("%(n)s deadlines wait to be decided") % {"n": found.overdue}]
    told.append(_("%(n)s messages wait to leave") % {"n": found.unsent})
    if found.held:
        told.append(_("%(n)s tickets are held back") % {"n": found.held})
    if found.dead:
        told.append(_("%(n)s messages were given up") % {"n": found.dead})
    return Beat(not (found.held or found.dead or found.problems), told)
