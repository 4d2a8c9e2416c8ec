"""Who is on call: the schedules, one of them over time, its overrides, and calendars of shifts."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import on_call as deeds
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, configuration, shifts
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Right
from tocsin.queries.desk import Desk
from tocsin.web import form_parts, layout, on_call_calendar, on_call_drawing, screens, settings
from tocsin.web.asked import Asked

KIND = "on-call"
# How far from now a schedule is drawn.
_FURTHEST = dt.timedelta(days=1100)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into a form of a person and two instants, and what is wrong with it."""

    person: str = ""
    begins: str = ""
    ends: str = ""
    substitute: str = ""
    note: str = ""
    field: str = ""
    reason: str = ""


@screens.needs(Right.READ_CONFIGURATION)
def on_call(request: Asked) -> HttpResponse:
    """Show all schedules: who is on call now, and where next nobody is."""
    around = layout.around(request)
    may_change = Right.CONFIGURE in request.by.rights
    found = shifts.schedules(by=request.by, now=around.now)
    known = {one.key for one in found}
    drafts = draft_queries.drafts(by=request.by) if may_change else ()
    shown = {
        **settings.frame("on-call"),
        "schedules": found,
        "drafted": [one for one in drafts if one.kind == KIND and one.key not in known],
        "unattended": shifts.unattended(by=request.by, now=around.now),
        "may_change": may_change,
        "local": on_call_drawing.local,
        "person": request.by.person,
    }
    return layout.show(request, "settings", "settings/on_call.html", shown, around=around)


@screens.needs(Right.READ_CONFIGURATION)
def on_call_schedule(request: Asked, key: str) -> HttpResponse:
    """Show a schedule over two or four weeks."""
    return _schedule(request, key, Typed())


def _schedule(request: Asked, key: str, form: Typed) -> HttpResponse:
    around = layout.around(request)
    versions = around.desk.on_call.schedules.get(key)
    if versions is None:
        raise access.missing()
    zone = versions[-1][1].zone
    weeks = 4 if request.GET.get("weeks") == "4" else 2
    first = _from(request, around.now, zone)
    plan = shifts.plan(
        key=key,
        by=request.by,
        begins=first.astimezone(dt.UTC),
        ends=on_call_drawing.later(first, 7 * weeks).astimezone(dt.UTC),
        now=around.now,
    )
    if plan is None:
        raise access.missing()
    shown = {
        **settings.frame("on-call"),
        "title": plan.name,
        "plan": plan,
        "drawing": on_call_drawing.drawn(plan, around.now),
        "stretch": on_call_drawing.stretch,
        "local": on_call_drawing.local,
        "weeks": weeks,
        "before": _link(on_call_drawing.later(first, -7 * weeks), weeks),
        "after": _link(on_call_drawing.later(first, 7 * weeks), weeks),
        "people": people(around.desk),
        "form": form,
        "in_force": configuration.thing(kind=KIND, key=key, by=request.by),
        "may_plan": Right.PLAN_ON_CALL in request.by.rights,
        "may_change": Right.CONFIGURE in request.by.rights,
    }
    status = 422 if form.reason else 200
    template = "settings/on_call_schedule.html"
    return layout.show(request, "settings", template, shown, around=around, status=status)


def _from(request: Asked, now: dt.datetime, zone: str) -> dt.datetime:
    """Return the midnight that is asked for; that of today if it is far from now."""
    today = on_call_drawing.midnight(now, zone)
    try:
        found = dt.date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return today
    if abs(found - today.date()) > _FURTHEST:
        return today
    return dt.datetime(found.year, found.month, found.day, tzinfo=today.tzinfo)


def _link(at: dt.datetime, weeks: int) -> str:
    return f"?from={at:%Y-%m-%d}&weeks={weeks}"


def people(desk: Desk) -> list[tuple[int, str]]:
    """Return everybody who can be on call, by name."""
    found = [(one.id, one.name) for one in desk.people.values() if one.active]
    return sorted(found, key=lambda one: (one[1].casefold(), one[0]))


@screens.needs(Right.PLAN_ON_CALL, "POST")
def override_add(request: Asked, key: str) -> HttpResponse:
    """Put somebody on call in the place of whoever the schedule names."""
    form = typed(request)
    try:
        deeds.add_override(
            schedule=key,
            person=number(form.person, "person"),
            begins=instant(form.begins, "begins"),
            ends=instant(form.ends, "ends"),
            by=request.by,
        )
    except Invalid as error:
        if error.path == "schedule":
            raise access.missing() from None
        return _schedule(request, key, refused(form, error))
    return HttpResponseRedirect(reverse("on_call_schedule", args=[key]))


@screens.needs(Right.PLAN_ON_CALL, "POST")
def override_remove(request: Asked, override: int) -> HttpResponse:
    """Take an override away."""
    deeds.remove_override(override=override, by=request.by)
    key = request.POST.get("key", "")
    known = configuration.thing(kind=KIND, key=key, by=request.by) if key else None
    to = reverse("on_call_schedule", args=[key]) if known else reverse("on_call")
    return screens.done(request, to, _("The override is gone."))


# --------------------------------------------------------------------------------------- absences


@screens.needs(Right.SIGNED_IN, "GET", "HEAD", "POST")
def absences(request: Asked) -> HttpResponse:
    """Show who is away and who stands in; or take a further absence."""
    if request.method != "POST":
        return _absences(request, Typed())
    form = typed(request)
    try:
        deeds.add_absence(
            person=number(form.person, "person") if form.person else request.by.person or 0,
            begins=instant(form.begins, "begins"),
            ends=instant(form.ends, "ends"),
            substitute=number(form.substitute, "substitute") if form.substitute else None,
            note=form.note,
            by=request.by,
        )
    except Invalid as error:
        return _absences(request, refused(form, error))
    return HttpResponseRedirect(reverse("absences"))


def _absences(request: Asked, form: Typed) -> HttpResponse:
    around = layout.around(request)
    own = [(id_, name) for id_, name in people(around.desk) if id_ == request.by.person]
    may_plan = Right.PLAN_ON_CALL in request.by.rights
    shown = {
        **settings.frame("on-call"),
        "title": _("Absences"),
        "absences": shifts.absences(by=request.by, now=around.now),
        "people": people(around.desk),
        "whose": people(around.desk) if may_plan else own,
        "form": form,
        "me": request.by.person,
        "may_plan": may_plan,
    }
    status = 422 if form.reason else 200
    template = "settings/on_call_absences.html"
    return layout.show(request, "settings", template, shown, around=around, status=status)


@screens.needs(Right.SIGNED_IN, "POST")
def absence_end(request: Asked, absence: int) -> HttpResponse:
    """Say that somebody is back."""
    deeds.end_absence(absence=absence, by=request.by)
    return screens.done(request, reverse("absences"), _("The absence has ended."))


# ------------------------------------------------------------------------------- what was typed


def typed(request: Asked) -> Typed:
    """Return what was typed into a form of a person and two instants."""
    sent = request.POST
    names = ("person", "begins", "ends", "substitute", "note")
    return Typed(*(sent.get(name, "").strip() for name in names))


def number(text: str, field: str) -> int:
    """Return an id that was chosen."""
    if not text.isdecimal() or len(text) > 18:
        raise Invalid(field, "choose somebody")
    return int(text)


def instant(text: str, field: str) -> dt.datetime:
    """Return a typed date and time in the reader's zone."""
    try:
        found = dt.datetime.fromisoformat(form_parts.instant_read(text))
    except ValueError:
        raise Invalid(field, "write a date and a time") from None
    if found.tzinfo is None:
        raise Invalid(field, "write a date and a time")
    return found.astimezone(dt.UTC)


def refused(form: Typed, error: Invalid) -> Typed:
    """Return a form with what is wrong with it."""
    given = (form.person, form.begins, form.ends, form.substitute, form.note)
    return Typed(*given, error.path, said(error.reason))


def said(reason: str) -> str:
    """Return why a field was refused, in the reader's language."""
    known = {
        "choose somebody": _("choose somebody"),
        "write a date and a time": _("write a date and a time"),
        "must be later than the beginning": _("must be later than the beginning"),
        "is past already": _("is past already"),
        "is more than two years after the beginning": _("is more than two years away"),
        "nobody stands in for themselves": _("nobody stands in for themselves"),
    }
    return known.get(reason, reason if " person " not in reason else _("choose somebody"))


# ------------------------------------------------------------------------------- to take along


@screens.needs(Right.READ_CONFIGURATION)
def on_call_ics(request: Asked, key: str) -> HttpResponse:
    """Give the shifts of a schedule as a calendar file."""
    around = layout.around(request)
    found = shifts.duties(by=request.by, key=key, now=around.now)
    name = around.desk.on_call.schedules[key][-1][1].name
    return _file(key, on_call_calendar.written(around.desk.key, name, found, now=around.now))


@screens.needs(Right.READ_CONFIGURATION)
def shifts_ics(request: Asked, person: int) -> HttpResponse:
    """Give the shifts of a person in all schedules as a calendar file."""
    around = layout.around(request)
    found = shifts.duties(by=request.by, person=person, now=around.now)
    name = around.desk.people[person].name
    return _file(
        f"shifts-{person}", on_call_calendar.written(around.desk.key, name, found, now=around.now)
    )


def _file(name: str, content: bytes) -> HttpResponse:
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name)
    answer.headers["Content-Disposition"] = f'attachment; filename="{plain}.ics"'
    return answer
