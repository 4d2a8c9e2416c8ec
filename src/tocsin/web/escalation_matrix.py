"""The escalation matrix: what begins an escalation, on which condition, and what is done then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.actions import starters
from tocsin.queries import configuration
from tocsin.queries.access import Right
from tocsin.queries.configuration import Kept
from tocsin.web import layout, names, path_words, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.form_parts import listing, mapping, typed
from tocsin.web.path_words import Words

# The triggers that a desk usually has a row for, with what a starter makes of each.
USUAL: Mapping[str, tuple[str, str, str]] = {
    "clock": (
        "escalation",
        gettext_noop("any clock passes its due"),
        gettext_noop(
            "L1 balances the queue and answers by macro; L2 dispatches an owner and falls back on"
            " callbacks; L3 runs it as an incident"
        ),
    ),
    "time": (
        "escalation-time",
        gettext_noop("4 hours in a stage untouched"),
        gettext_noop("an agent of level 2 owns it, the team lead is told"),
    ),
    "priority": (
        "escalation-priority",
        gettext_noop("a ticket becomes P1"),
        gettext_noop("the team lead and manager are told, then level 2 takes over"),
    ),
    "account": (
        "escalation-account",
        gettext_noop("a VIP or high-value account"),
        gettext_noop("the account manager is told and takes part"),
    ),
    "type": (
        "escalation-type",
        gettext_noop("a security incident or a compliance complaint"),
        gettext_noop("security and legal are told beside IT"),
    ),
    "status": (
        "escalation-status",
        gettext_noop("a resolved ticket is open again"),
        gettext_noop("a senior agent owns it, the team lead is told"),
    ),
}


# What names paths of its own: its kind, the route of its page, and the list whose items do.
_NAMING = (("policy", "policy", "clocks"), ("pipeline", "pipeline_setup", "stages"))


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the kind of trigger, its condition and what is done, and the page that says so."""

    kind: str
    condition: str
    action: str
    name: str
    address: str
    off: bool = False


@screens.needs(Right.READ_CONFIGURATION)
def escalation_matrix(request: Asked) -> HttpResponse:
    """Show every trigger of every path, and every clock that names a path."""
    around = layout.around(request)
    words = Words(around.desk)
    found = configuration.newest(by=request.by)
    rows = [*_of_paths(found["path"], words), *_of_clocks(found, words)]
    known = {row.kind for row in rows}
    order = list(path_words.TRIGGERS)
    rows.sort(key=lambda row: order.index(row.kind) if row.kind in order else len(order))
    shown = {
        **settings.frame("paths"),
        "rows": rows,
        "kind_name": path_words.trigger_name,
        "missing": [
            (kind, key, _(when), _(action))
            for kind, (key, when, action) in USUAL.items()
            if kind not in known
        ],
        "may_change": Right.CONFIGURE in request.by.rights,
    }
    return layout.show(request, "settings", "settings/escalation_matrix.html", shown, around=around)


def _of_paths(found: Mapping[str, Kept], words: Words) -> Iterator[Row]:
    for key, one in found.items():
        data = mapping(one.data)
        when = words.when(data.get("when"))
        for trigger in map(mapping, listing(data.get("triggers"))):
            told = words.trigger(trigger)
            yield Row(
                typed(trigger.get("on")),
                _("%(what)s, if %(when)s") % {"what": told, "when": when} if when else told,
                _action(data, words),
                typed(data.get("name")) or key,
                reverse("path", args=[key]),
                data.get("enabled") is False,
            )


def _action(data: Mapping[str, Any], words: Words) -> str:
    """Return what a path does, level by level."""
    levels = [mapping(one) for one in listing(data.get("levels"))]
    told = []
    for level in levels:
        deeds = "; ".join(words.deeds(level))
        wait = words.waits(level, first=level is levels[0])
        told.append(f"{typed(level.get('name'))} {wait}: {deeds}")
    return " → ".join(told)


def _of_clocks(found: Mapping[str, Mapping[str, Kept]], words: Words) -> Iterator[Row]:
    for kind, route, part in (
        ("policy", "policy", "clocks"),
        ("pipeline", "pipeline_setup", "stages"),
    ):
        for key, one in found[kind].items():
            data = mapping(one.data)
            own = mapping(data.get("paths"))
            for thing in map(mapping, listing(data.get(part))):
                name = typed(thing.get("path"))
                if not name:
                    continue
                called = names.clock(typed(thing.get("clock"))) or typed(thing.get("name"))
                condition = {"clock": called, "where": typed(data.get("name")) or key}
                yield Row(
                    "clock",
                    _("%(clock)s passes its due (%(where)s)") % condition,
                    _action(mapping(own.get(name)), words),
                    name,
                    reverse(route, args=[key]),
                )


@screens.needs(Right.CONFIGURE, "POST")
def begin_paths(request: Asked) -> HttpResponse:
    """Make drafts of usual paths that are valid at this desk; whoever likes them activates them."""
    made = starters.draft(by=request.by, which=request.POST.getlist("which"))
    if len(made) == 1:
        return HttpResponseRedirect(reverse("path_write", args=[made[0]]))
    return HttpResponseRedirect(reverse("drafts"))
