"""The page on which a calendar is written, looked at ahead and kept as a draft; its versions."""

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import activation, drafts
from tocsin.engine.calendar import Calendar
from tocsin.engine.hours import WEEKDAYS
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, calendar_report, configuration
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Right
from tocsin.queries.configuration import Kept
from tocsin.queries.drafts import Draft
from tocsin.web import (
    calendar_acts,
    calendar_changes,
    calendar_drawing,
    calendar_fields,
    calendar_names,
    calendar_reasons,
    layout,
    screens,
    settings,
)
from tocsin.web.asked import Asked
from tocsin.web.calendar_acts import Written
from tocsin.web.calendar_forms import Data

_KIND = "calendar"
_MOST_KEY = 64
_WORKING = ("mon", "tue", "wed", "thu", "fri")
OFFICE: Data = {"zone": "", "week": {day: ["09:00-17:00"] for day in _WORKING}}
ALWAYS: Data = {"zone": "", "week": {day: ["00:00-24:00"] for day in WEEKDAYS}}
_STARTS: Mapping[str, Data] = {"office": OFFICE, "always": ALWAYS}


@screens.needs(Right.CONFIGURE, "GET", "HEAD", "POST")
def calendar_new(request: Asked) -> HttpResponse:
    """Begin a calendar: from office hours, from around the clock, or from one that there is."""
    if request.method == "POST":
        return _posted(request, "")
    assert request.reader is not None
    like = request.GET.get("like", "office")
    known = None if like in _STARTS else configuration.thing(kind=_KIND, key=like, by=request.by)
    data = dict(known.data if known else _STARTS.get(like, OFFICE))
    if data.get("zone") == "":
        data["zone"] = request.reader.zone
    return _shown(request, "", Written(data))


@screens.needs(Right.CONFIGURE, "GET", "HEAD", "POST")
def calendar(request: Asked, named: str) -> HttpResponse:
    """Show a calendar's draft, or its newest version, in a form; or take what was typed."""
    found = configuration.thing(kind=_KIND, key=named, by=request.by)
    draft = draft_queries.draft(kind=_KIND, key=named, by=request.by)
    if found is None and draft is None and request.POST.get("act") != "undo":
        raise access.missing()
    if request.method == "POST":
        return _posted(request, named)
    data = _plain(draft.data) if draft else found.data if found else {}
    return _shown(request, named, Written(data, saved="saved" in request.GET))


@screens.needs(Right.CONFIGURE, "POST")
def calendar_report_part(request: Asked) -> HttpResponse:
    """Return what the typed calendar does to the time ahead, while it is being typed."""
    written = calendar_acts.typed(request.POST)
    now = layout.around(request).now
    shown = {**_ahead(request, written, now), "focus": ""}
    return render(request, "settings/calendar_live.html", shown)


@screens.needs(Right.READ_CONFIGURATION)
def calendar_versions(request: Asked, named: str) -> HttpResponse:
    """Show all versions of a calendar, each with what it changed."""
    around = layout.around(request)
    found = configuration.versions(kind=_KIND, key=named, by=request.by)
    if not found:
        raise access.missing()
    before: list[Kept | None] = [*found[1:], None]
    may_change = Right.CONFIGURE in request.by.rights
    shown = {
        **settings.frame("calendars"),
        "key": named,
        "versions": [
            (one, calendar_changes.changes(old.data if old else {}, one.data))
            for one, old in zip(found, before, strict=True)
        ],
        "may_change": may_change,
        "draft": may_change and draft_queries.draft(kind=_KIND, key=named, by=request.by),
    }
    return layout.show(request, "settings", "settings/calendar_versions.html", shown, around=around)


# ------------------------------------------------------------------------------------------ taking


def _posted(request: Asked, key: str) -> HttpResponse:
    act, _colon, which = request.POST.get("act", "preview").partition(":")
    match act:
        case "discard":
            return _discard(request, key)
        case "undo":
            return _keep(request, key, Written(_plain(request.POST.get("data", ""))), "saved")
        case "restore":
            return _restore(request, key, which)
        case "save" | "activate" | "rebase":
            return _keep(request, key, calendar_acts.typed(request.POST), act)
    written = calendar_acts.changed(request.POST, act, which)
    if act == "join":
        wanted = request.POST.get("join.with", "")
        found = configuration.thing(kind=_KIND, key=wanted, by=request.by)
        other = None if found is None else dict(found.data)
        written = calendar_acts.joined(written, request.POST.get("join.how", ""), other)
    return _shown(request, key, written)


def _keep(request: Asked, key: str, written: Written, act: str) -> HttpResponse:
    """Keep a draft, mistakes and all; go on to its preview if asked and nothing is wrong."""
    own = key or request.POST.get("key", "").strip()
    wrong = "" if key else _wrong_key(request, own)
    if wrong:
        return _shown(request, "", dataclasses.replace(written, key=own, key_error=wrong), 422)
    if key and _others_draft(request, key):
        return _shown(request, key, dataclasses.replace(written, overtaken=True), 409)
    base = _base(request, own, act)
    drafts.save(kind=_KIND, key=own, data=written.data, base=base, by=request.by)
    if act == "activate":
        now = layout.around(request).now
        there = None if calendar_reasons.mistakes(written.data, now=now) else _preview(own)
        if there is not None:
            return HttpResponseRedirect(there)
    return _saved(own)


def _saved(key: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('calendar', args=[key])}?saved=1")


def _others_draft(request: Asked, key: str) -> bool:
    """Say whether somebody else has kept a draft that the writer of this form has not seen."""
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by)
    mine = request.reader is not None and draft is not None and draft.author == request.reader.name
    return draft is not None and not mine and request.POST.get("seen") != _mark(draft)


def _mark(draft: Draft | None) -> str:
    return draft.changed_at.isoformat() if draft else ""


def _wrong_key(request: Asked, key: str) -> str:
    """Return why a new calendar cannot be called so, or nothing."""
    if not key:
        return calendar_reasons.said("is empty")
    if len(key) > _MOST_KEY or not key.isprintable() or "/" in key or not key.strip("."):
        return _("A name has at most 64 letters, and no slash.")
    known = configuration.thing(kind=_KIND, key=key, by=request.by)
    if known or draft_queries.draft(kind=_KIND, key=key, by=request.by):
        return calendar_reasons.said("there is a calendar of this name already")
    return ""


def _discard(request: Asked, key: str) -> HttpResponse:
    """Throw a draft away, and show the way back."""
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by)
    if draft is None:
        raise access.missing()
    drafts.discard(kind=_KIND, key=key, by=request.by)
    shown = {
        **settings.frame("calendars"),
        "key": key,
        "base": draft.base,
        "data": json.dumps(_plain(draft.data), ensure_ascii=False),
        "in_force": configuration.thing(kind=_KIND, key=key, by=request.by),
    }
    around = layout.around(request)
    return layout.show(request, "settings", "settings/calendar_gone.html", shown, around=around)


def _restore(request: Asked, key: str, which: str) -> HttpResponse:
    """Make a draft out of an older version."""
    if not (which.isascii() and which.isdecimal() and len(which) < 9):
        raise access.missing()
    activation.restore(kind=_KIND, key=key, version=int(which), by=request.by)
    return _saved(key)


def _base(request: Asked, key: str, act: str) -> int:
    """Return the version that a draft began from; one that was overtaken may go on from there."""
    if act == "rebase":
        newest = configuration.thing(kind=_KIND, key=key, by=request.by)
        return newest.version if newest else 0
    given = request.POST.get("base", "0")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0


# ----------------------------------------------------------------------------------------- showing


def _shown(request: Asked, key: str, written: Written, status: int = 200) -> HttpResponse:
    """Show the form with what was typed; a script gets the form alone."""
    around = layout.around(request)
    found = configuration.thing(kind=_KIND, key=key, by=request.by) if key else None
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by) if key else None
    ahead = _ahead(request, written, around.now)
    editor = calendar_fields.editor(written.data, ahead["mistakes"], today=around.now.date())
    if not (draft or request.method == "POST" or found):
        # Nobody has done anything wrong yet.
        editor = dataclasses.replace(editor, mistakes=())
    shown = {
        **settings.frame("calendars"),
        **ahead,
        "key": key,
        "written": written,
        "editor": editor,
        "chosen": calendar_fields.chosen(
            written.adding, today=around.now.date(), wrong=written.wrong_set
        ),
        "draft": draft,
        "in_force": found,
        "base": draft.base if draft else found.version if found else 0,
        "stale": draft is not None and draft.base != (found.version if found else 0),
        "seen": _mark(draft),
        "zones": calendar_names.zones(),
        "weekdays": list(zip(WEEKDAYS, calendar_names.weekdays(), strict=True)),
        "others": _others(request, key),
        "may_preview": _preview(key or "x") is not None,
        "said": calendar_reasons.said,
        "focus": written.focus or (editor.mistakes[0].field if editor.mistakes else ""),
        "painting": _painting(),
    }
    if screens.is_partial(request):
        return render(request, "settings/calendar_form.html", shown, status=status)
    return layout.show(
        request, "settings", "settings/calendar.html", shown, around=around, status=status
    )


def _ahead(request: Asked, written: Written, now: dt.datetime) -> dict[str, Any]:
    """Return what the report of a calendar needs; without one if it cannot be read."""
    mistakes = calendar_reasons.mistakes(written.data, now=now)
    made, holes, compared = None, None, None
    try:
        typed = Calendar.from_dict(written.data)
    except Invalid:
        typed = None
    if typed is not None:
        made = calendar_report.report(typed, now=now)
        if written.compare:
            compared = configuration.thing(kind=_KIND, key=written.compare, by=request.by)
        if compared is not None:
            other = Calendar.from_dict(compared.data)
            holes = (
                calendar_report.holes(typed, other, now=now),
                calendar_report.holes(other, typed, now=now),
            )
    return {
        "mistakes": mistakes,
        "told": calendar_fields.editor(written.data, mistakes, today=now.date()).mistakes,
        "report": made,
        "holes": holes,
        "compare": written.compare,
        "fields": calendar_names,
        "drawn": calendar_drawing,
    }


def _painting() -> dict[str, Any]:
    """Return what the painter of the week says."""
    return {
        "days": calendar_names.weekdays(),
        "short": calendar_names.weekdays("abbreviated"),
        "grid": _(
            "The week in half hours. Arrows move, Space opens or closes, Shift and arrows "
            "paint, Enter goes to the text of the day."
        ),
        "open": _("open"),
        "closed": _("closed"),
        "painted": _("%(day)s: %(hours)s") % {"day": "%d", "hours": "%h"},
        "undone": _("Undone"),
    }


def _others(request: Asked, key: str) -> list[str]:
    found = configuration.newest(by=request.by)[_KIND]
    return [other for other in found if other != key]


def _preview(key: str) -> str | None:
    """Return where a draft is rehearsed and activated, if there is such a page."""
    return settings.address("preview", _KIND, key)


def _plain(data: Any) -> Data:
    """Return a draft's data as a mapping, whatever was kept."""
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except ValueError:
            return {}
    return dict(data) if isinstance(data, Mapping) else {}
