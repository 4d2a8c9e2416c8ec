"""Lists of tickets: what is asked for stands in the address, so a list can be passed on."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.kit.invalid import Invalid
from tocsin.queries import access, listing
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.frame import Frame
from tocsin.queries.listing import Drill, Wanted, Which
from tocsin.web import layout, moments, names, screens
from tocsin.web.asked import Asked

_MOST = 50
_DRILL = ("verdict", "clock", "dimension", "value", "rescued", "paused_by")
TABS = (
    (Which.ACTIVE, gettext_noop("Active")),
    (Which.MINE, gettext_noop("Mine")),
    (Which.UNASSIGNED, gettext_noop("Unassigned")),
    (Which.BREACHED, gettext_noop("Breached")),
    (Which.DONE, gettext_noop("Done")),
)
WHICH = {
    **dict(TABS),
    Which.URGENT: gettext_noop("Urgent"),
    Which.URGENT_BREACHED: gettext_noop("Urgent and breached"),
    Which.AT_RISK: gettext_noop("At risk"),
    Which.ESCALATION_DUE: gettext_noop("Escalation due"),
    Which.FIRST_RESPONSE: gettext_noop("First response running"),
    Which.WAITING_CUSTOMER: gettext_noop("Waiting for customer"),
    Which.WAITING_INTERNAL: gettext_noop("Waiting internally"),
    Which.CONTROLLED: gettext_noop("Under control"),
    Which.CREATED: gettext_noop("Created"),
    Which.RESOLVED: gettext_noop("Resolved tickets"),
    Which.ALL: gettext_noop("All"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that a list is asked for, and the address of the list without it."""

    text: str
    without: str


@screens.needs(Right.READ_TICKETS)
def tickets(request: Asked) -> HttpResponse:
    """Show a list, or for a script the next page of it."""
    around = layout.around(request)
    wanted = wanted_of(request.GET, by=request.by)
    after = request.GET.get("after") or None
    page = listing.tickets(by=request.by, wanted=wanted, after=after, most=_MOST)
    shown = {
        "page": page,
        "more": _without(request.GET, "after", after=page.after) if page.after else "",
        "which": wanted.which,
        "now": around.now,
    }
    if screens.is_partial(request):
        return render(request, "tickets/rows.html", shown)
    shown |= {
        "tabs": [(which.value, _(name)) for which, name in TABS],
        "count": listing.count(by=request.by, wanted=wanted),
        "title": _(WHICH[wanted.which]),
        "chips": list(_chips(request.GET, wanted, around)),
    }
    clocks = layout.faces_of(page.cards)
    return layout.show(request, "tickets", "tickets/list.html", shown, around=around, clocks=clocks)


def wanted_of(given: QueryDict, *, by: Actor) -> Wanted:
    """Return what an address asks for; refuse what it cannot mean, by the field's name.

    A field that they do not read is like one that there is not: nothing is asked for by it.
    """

    def which(text: str) -> Which:
        found = Which(text)
        if not listing.readable(by, found):
            raise ValueError(text)
        return found

    return Wanted(
        which=_read(given, "which", which, Which.ACTIVE),
        since=_read(given, "since", _instant, None),
        until=_read(given, "until", _instant, None),
        pipeline=given.get("pipeline") or None,
        stage=given.get("stage") or None,
        team=given.get("team") or None,
        person=_read(given, "person", _number, None),
        account=_read(given, "account", _number, None),
        priority=given.get("priority") or None if access.reads(by, "priority") else None,
        type=given.get("type") or None if access.reads(by, "type") else None,
        words=given.get("words", ""),
        drill=_drill(given),
    )


def _read(given: QueryDict, name: str, read: Callable[[str], Any], otherwise: Any) -> Any:
    text = given.get(name, "")
    if not text:
        return otherwise
    try:
        return read(text)
    except (ValueError, OverflowError):
        raise Invalid(name, _("%(value)r cannot be used here") % {"value": text[:80]}) from None


def _instant(text: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise ValueError(text)
    return int(text)


def _drill(given: QueryDict) -> Drill | None:
    if not {"verdict", "clock", "dimension", "rescued"} & set(given):
        return None
    return Drill(
        definition=given.get("clock") or None,
        verdict=given.get("verdict") or None,
        dimension=given.get("dimension") or None,
        value=given.get("value", ""),
        rescued=bool(given.get("rescued")),
        paused_by=given.get("paused_by") or None,
    )


def _without(given: QueryDict, *names_: str, **instead: str) -> str:
    """Return the address of the same list without some of what is asked for."""
    left = given.copy()
    for name in (*names_, *instead):
        left.pop(name, None)
    left.update(instead)
    return f"?{left.urlencode()}"


def _chips(given: QueryDict, wanted: Wanted, around: Frame) -> list[Chip]:
    found = []
    if wanted.words:
        found.append(Chip(f"“{wanted.words}”", _without(given, "words")))
    if wanted.drill is not None:
        told = _drilled(wanted.drill)
        found.append(Chip(told, _without(given, *_DRILL)))
    for name, told in _values(wanted, around.desk):
        found.append(Chip(told, _without(given, name)))
    for name, at in (("since", wanted.since), ("until", wanted.until)):
        if at is not None:
            words = {"at": moments.short(at, now=around.now)}
            text = _("from %(at)s") % words if name == "since" else _("until %(at)s") % words
            found.append(Chip(text, _without(given, name)))
    return found


def _values(wanted: Wanted, desk: Desk) -> list[tuple[str, str]]:
    found = []
    pipeline = desk.pipelines.get(wanted.pipeline or "")
    if wanted.pipeline:
        found.append(("pipeline", pipeline.name if pipeline else wanted.pipeline))
    if wanted.stage:
        stage = pipeline.stage(wanted.stage) if pipeline else None
        found.append(("stage", stage.name if stage else wanted.stage))
    if wanted.team:
        team = desk.teams.get(wanted.team.casefold())
        found.append(("team", team.name if team else wanted.team))
    if wanted.person is not None:
        person = desk.people.get(wanted.person)
        found.append(("person", person.name if person else str(wanted.person)))
    if wanted.priority:
        found.append(("priority", f"{wanted.priority} {names.priority(wanted.priority)}"))
    if wanted.type:
        found.append(("type", wanted.type))
    return found


def _drilled(drill: Drill) -> str:
    told = []
    if drill.definition:
        told.append(names.clock(drill.definition))
    if drill.verdict:
        told.append(names.verdict(drill.verdict))
    if drill.dimension:
        told.append(drill.value or "–")
    if drill.rescued:
        told.append(_("rescued by pauses"))
    return " · ".join(told)
