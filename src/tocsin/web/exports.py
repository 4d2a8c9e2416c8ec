"""Exports: sending a list as a file, asking a second person for one, and deciding for others."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.actions import exports as deeds
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import exports
from tocsin.queries.access import Right
from tocsin.queries.exports import Export
from tocsin.queries.frame import Frame
from tocsin.web import layout, moments, screens
from tocsin.web.asked import Asked

LISTS = {
    "violations": gettext_noop("Violations"),
    "punctuality": gettext_noop("Punctuality"),
    "access": gettext_noop("Who may do what"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A list on its way out: how many rows it has, and its text in parts."""

    count: int
    parts: Iterator[str]


Make = Callable[[Asked, QueryDict, Frame], File]
# By what they are called: who makes the file.
_FILES: dict[str, Make] = {}


def file(what: str) -> Callable[[Make], Make]:
    """Declare who makes the file of a list."""

    def declared(make: Make) -> Make:
        _FILES[what] = make
        return make

    return declared


def send(request: Asked, what: str) -> HttpResponse:
    """Send a list as what the address narrows it to; lead to asking where somebody must agree."""
    frame = layout.around(request)
    made = _FILES[what](request, request.GET, frame)
    query = request.GET.urlencode()
    try:
        deeds.take(what=what, query=query, count=made.count, by=request.by)
    except deeds.NeedsAgreement:
        asked = urlencode({"what": what, "query": query})
        return HttpResponseRedirect(f"{reverse('export_ask')}?{asked}")
    return _sent(what, made, frame.now)


def _sent(what: str, made: File, now: dt.datetime) -> HttpResponse:
    response = StreamingHttpResponse(made.parts, content_type="text/csv; charset=utf-8")
    name = f"{what}-{moments.local(now):%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]  # all that matters of an answer it has


# ------------------------------------------------------------------------------------ the pages


@screens.needs(Right.EXPORT)
def exports_page(request: Asked) -> HttpResponse:
    """Show one's own exports, and those of others that wait for whoever may agree."""
    around = layout.around(request)
    decides = Right.APPROVE_EXPORTS in request.by.rights
    shown = {
        "mine": exports.mine(by=request.by),
        "waiting": exports.waiting(by=request.by) if decides else [],
        "decides": decides,
        "state": lambda one: state(one, around.now),
        "list_name": list_name,
        "open": lambda one: _is_open(one, around.now),
        "here": "exports",
        "now": around.now,
    }
    return layout.show(request, "reports", "reports/exports.html", shown, around=around)


def list_name(what: str) -> str:
    """Return what a list is called."""
    return _(LISTS[what]) if what in LISTS else what


def _is_open(one: Export, now: dt.datetime) -> bool:
    agreed = one.approved and one.decided_at is not None and one.taken_at is None
    return bool(agreed) and one.decided_at is not None and now - one.decided_at <= deeds.OPEN


def state(one: Export, now: dt.datetime) -> str:
    """Return how far an export has come, in words."""
    if one.taken_at is not None:
        return _("taken")
    if one.approved is None:
        return _("waits for somebody to agree")
    if not one.approved:
        return _("refused")
    return _("agreed to") if _is_open(one, now) else _("agreed to, but not taken in time")


@screens.needs(Right.EXPORT, "GET", "HEAD", "POST")
def export_ask(request: Asked) -> HttpResponse:
    """Ask a second person for an export, with a reason."""
    given = request.POST if request.method == "POST" else request.GET
    what = shape.one_of(given.get("what", ""), "what", _FILES)
    query, reason, wrong = given.get("query", ""), given.get("reason", ""), ""
    if request.method == "POST":
        try:
            # What cannot be asked for is refused now, not when it was agreed to.
            _FILES[what](request, QueryDict(query), layout.around(request))
            deeds.ask(what=what, query=query, reason=reason, by=request.by)
        except Invalid as error:
            wrong = screens.wrong(error.path, error.reason)
        else:
            return screens.done(request, reverse("exports"))
    shown: dict[str, Any] = {
        "what": what,
        "query": query,
        "reason": reason,
        "wrong": wrong,
        "list_name": list_name,
        "here": "exports",
    }
    return layout.show(
        request,
        "reports",
        "reports/export_ask.html",
        shown,
        around=layout.around(request),
        status=422 if wrong else 200,
    )


@screens.needs(Right.APPROVE_EXPORTS, "POST", fresh=True)
def export_agree(request: Asked, export: int) -> HttpResponse:
    """Agree to the export of somebody else."""
    deeds.decide(export=export, agree=True, by=request.by)
    return screens.done(request, reverse("exports"))


@screens.needs(Right.APPROVE_EXPORTS, "POST", fresh=True)
def export_refuse(request: Asked, export: int) -> HttpResponse:
    """Refuse the export of somebody else."""
    deeds.decide(export=export, agree=False, by=request.by)
    return screens.done(request, reverse("exports"))


@screens.needs(Right.EXPORT, "POST")
def export_take(request: Asked, export: int) -> HttpResponse:
    """Send what somebody has agreed to, once."""
    frame = layout.around(request)
    found = exports.agreed(by=request.by, export=export)
    made = _FILES[found.what](request, QueryDict(found.query), frame)
    deeds.take_agreed(export=export, count=made.count, by=request.by)
    return _sent(found.what, made, frame.now)
