"""Turns of a ticket that happen seldom, in words: merged, split, spam, overridden, called back."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from tocsin.queries.timeline import Entry
from tocsin.web import moments, names

# A sentence and its icon.
Turn = tuple[str, str]


_PLAIN: Mapping[str, Turn] = {
    "split": (_("A message became a ticket of its own"), "tickets"),
    "spam": (_("Taken for spam: its clocks count nowhere"), "missed"),
    "restore": (_("Restored: its clocks go on"), "reopen"),
    "callback requested": (_("Asked to be called"), "phone"),
    "callback done": (_("Called back"), "met"),
    "survey": (_("Answered the survey"), "note"),
}


def turn(entry: Entry) -> Turn | None:
    """Return what happened, or None for what is told elsewhere."""
    told = entry.told
    match entry.kind:
        case "merge":
            words = {"number": told.get("number", "")}
            text = _("Merged into #%(number)s") if "into" in told else _("Took over #%(number)s")
            return gettext(text) % words, "move"
        case "override":
            return _override(told, entry.at), "limit"
        case "callback promised":
            at = dt.datetime.fromisoformat(str(told["promised_at"]))
            return gettext("A call was promised by %(at)s") % {"at": moments.whole(at)}, "phone"
    text, icon = _PLAIN.get(entry.kind, ("", ""))
    return (gettext(text), icon) if text else None


def _override(told: Mapping[str, Any], at: dt.datetime) -> str:
    words = {
        "clock": names.clock(str(told.get("clock", "")).partition("/")[2].partition("#")[0]),
        "reason": told.get("reason", ""),
    }
    if "due" in told:
        due = dt.datetime.fromisoformat(str(told["due"]))
        words["due"] = moments.short(due, now=at)
        return gettext("%(clock)s got another due, %(due)s: %(reason)s") % words
    if told.get("do") == "stop":
        return gettext("%(clock)s was stopped by hand: %(reason)s") % words
    return gettext("%(clock)s was cancelled by hand: %(reason)s") % words


def restated(told: Mapping[str, Any]) -> str:
    """Return the sentence for a verdict, or a breach, that is not what it was."""
    if told.get("which") != "verdict":
        return gettext("A breach was withdrawn: what is known has changed")
    words = {
        "clock": names.clock(str(told.get("clock", "")).partition("/")[2].partition("#")[0]),
        "was": names.verdict(str(told.get("was", ""))),
        "now": names.verdict(str(told.get("now", ""))),
        "reason": told.get("reason", ""),
    }
    return gettext("%(clock)s is restated from %(was)s to %(now)s: %(reason)s") % words
