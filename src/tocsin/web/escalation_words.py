"""What escalations are said with on the page of a ticket and in its timeline."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.queries.escalations import Shown
from tocsin.web import moments, names

_BEGAN: Mapping[str, str] = {
    "clock": gettext_noop("begun by a clock"),
    "time": gettext_noop("begun by time without a touch"),
    "priority": gettext_noop("begun by the priority"),
    "account": gettext_noop("begun by the account"),
    "type": gettext_noop("begun by the type"),
    "status": gettext_noop("begun by the status"),
    "field": gettext_noop("begun by a field"),
    "manual": gettext_noop("begun by hand"),
}
_ENDED: Mapping[str, str] = {
    "acknowledged": gettext_noop("acknowledged"),
    "answered": gettext_noop("an agent answered"),
    "moved": gettext_noop("the ticket was moved"),
    "resolved": gettext_noop("the ticket came to its end"),
    "by hand": gettext_noop("stopped by hand"),
    "clock": gettext_noop("its clock ended"),
}


def began(one: Shown) -> str:
    """Return what an escalation was begun by."""
    told = _(_BEGAN[one.trigger]) if one.trigger in _BEGAN else one.trigger
    clock = names.clock(one.clock.partition("/")[2].rpartition("#")[0]) if one.clock else ""
    return f"{told} ({clock})" if clock else told


def ended(one: Shown) -> str:
    """Return why an escalation ended."""
    return _(_ENDED[one.ended]) if one.ended in _ENDED else one.ended


def left(at: dt.datetime, now: dt.datetime) -> str:
    """Return how long it is until an instant, as the clocks in the browser write it."""
    return _("%(time)s left") % {"time": moments.length(at - now)} if at > now else _("now")


def taken(level: str, team: str, path: str) -> str:
    """Return that a level of a path took over."""
    words = {"level": level, "team": team, "path": path}
    if team:
        return _("Escalated to %(level)s, %(team)s, by the path %(path)s") % words
    return _("Escalated to %(level)s by the path %(path)s") % words


def told(payload: Mapping[str, Any], name: str) -> tuple[str, str, bool]:
    """Return a fact of an escalation as a sentence, its icon, and whether it is bad news."""
    words = {"path": name, "step": payload.get("step", ""), "version": payload.get("version", "")}
    match payload.get("did"):
        case "begun" if payload.get("trigger") == "manual":
            return _("Escalated by hand: the path %(path)s has begun") % words, "escalation", True
        case "begun":
            return _("The escalation path %(path)s has begun") % words, "escalation", True
        case "ended":
            return _("The escalation was stopped"), "met", False
        case "version":
            text = _("The escalation goes on by version %(version)s of its path")
            return text % words, "escalation", False
        case "called":
            words["levels"] = ", ".join(map(str, dict(payload.get("levels") or {}).values()))
            text = _("Acknowledged and left at that: %(levels)s is called again")
            return text % words, "escalation", True
        case "skipped":
            return _("%(step)s found nobody; the next step came at once") % words, "missed", False
        case "deferred":
            until = payload.get("until")
            at = dt.datetime.fromisoformat(str(until)) if until else None
            words["at"] = moments.whole(at) if at else ""
            return (
                _("%(step)s found nobody on call and waits until %(at)s") % words,
                "paused",
                False,
            )
    return _("The escalation changed"), "escalation", False
