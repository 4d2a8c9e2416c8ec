"""The page on which an on-call schedule is written: its layers, in forms without code."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.actions import drafts
from tocsin.queries import access, configuration, shifts
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Right
from tocsin.queries.desk import Desk
from tocsin.queries.drafts import Mistake
from tocsin.web import (
    form_parts,
    layout,
    nested,
    on_call,
    on_call_drawing,
    policies,
    reasons,
    screens,
    settings,
)
from tocsin.web.asked import Asked
from tocsin.web.form_parts import listing, mapping, typed
from tocsin.web.nested import Fields

KIND = on_call.KIND
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNITS = {
    "week": gettext_noop("weeks"),
    "day": gettext_noop("days"),
    "hours": gettext_noop("hours"),
}
# Why a field was refused, as the layers below say it.
_SAID = (
    (r"a schedule has 1 to .* layers", gettext_noop("a schedule needs a layer")),
    (r"a layer has 1 to .* turns; .*", gettext_noop("name who takes turns")),
    (r"there is nobody with the address (.*)", gettext_noop("nobody here has the address %(a)s")),
    (r"nobody has this turn", gettext_noop("nobody has this turn")),
    (r"somebody is named twice", gettext_noop("somebody is named twice")),
    (r"a layer begins on a date", gettext_noop("say on which date it begins")),
    (r"(.*) is not a date; .*", gettext_noop("%(a)s is not a date")),
    (r"(.*) is not a time of day; .*", gettext_noop("%(a)s is no time of day; write 09:00")),
    (r"(.*) is not a span; .*", gettext_noop("%(a)s is not a span; write 09:00-17:00")),
    (r"must be at most (\d+)", gettext_noop("must be at most %(a)s")),
    (r"unknown time zone (.*?)(?: \(.*)?(?:;.*)", gettext_noop("%(a)s is not a time zone")),
)


@dataclass(frozen=True, slots=True)
class LayerForm:
    """A layer in a form; several people of one turn stand in one field."""

    name: str
    turns: tuple[str, ...]
    every: str
    length: str
    hand_over: str
    weekday: str
    begins: str
    zone: str
    only: Mapping[str, str]
    calendar: str
    days: str
    beside: bool

    @property
    def limited(self) -> bool:
        """Whether anything of it is beyond the usual."""
        return any(self.only.values()) or bool(self.calendar or self.zone or self.beside)


@screens.needs(Right.CONFIGURE, "GET", "HEAD", "POST")
def on_call_new(request: Asked) -> HttpResponse:
    """Ask what a new schedule is called, and begin a draft of it."""
    key, error = request.POST.get("key", "").strip(), ""
    around = layout.around(request)
    if request.method == "POST":
        error = policies.wrong_key(request, KIND, key)
        if not error:
            begins = on_call_drawing.midnight(around.now, around.desk.zone)
            layer = {"people": [], "every": "week", "length": 1, "hand_over": "09:00"}
            layer |= {"weekday": "mon", "begins": f"{begins:%Y-%m-%d}"}
            data = {"name": key, "zone": around.desk.zone, "layers": [layer]}
            drafts.save(kind=KIND, key=key, data=data, by=request.by)
            return HttpResponseRedirect(reverse("on_call_edit", args=[key]))
    shown = {
        **settings.frame("on-call"),
        "title": _("New schedule"),
        "what_for": _("A schedule says who is on call, now and at any time ahead."),
        "key": key,
        "error": error,
        "hint": _("A short name by which alerts call it, as in on-call:NAME."),
    }
    template, status = "settings/policy_new.html", 422 if error else 200
    return layout.show(request, "settings", template, shown, around=around, status=status)


@screens.needs(Right.CONFIGURE, "GET", "HEAD", "POST")
def on_call_edit(request: Asked, key: str) -> HttpResponse:
    """Show a schedule in a form, its draft if there is one; or take what was typed."""
    found = configuration.thing(kind=KIND, key=key, by=request.by)
    draft = draft_queries.draft(kind=KIND, key=key, by=request.by)
    if found is None and draft is None:
        raise access.missing()
    if request.method != "POST":
        data = draft.data if draft else found.data if found else {}
        return _shown(request, key, dict(mapping(data)), told=draft is not None)
    fields = nested.tree(request.POST.lists())
    data = read(fields)
    do = nested.text(fields, "do") or "save"
    if do in ("save", "preview"):
        base = nested.text(fields, "base")
        version = int(base) if base.isdecimal() and len(base) < 9 else 0
        drafts.save(kind=KIND, key=key, data=data, base=version, by=request.by)
        wrong = draft_queries.mistakes(kind=KIND, key=key, data=data, by=request.by)
        if do == "preview" and not wrong:
            return HttpResponseRedirect(reverse("preview", args=[KIND, key]))
        return HttpResponseRedirect(f"{reverse('on_call_edit', args=[key])}?saved=1")
    return _shown(request, key, edited(do, data), told=False, typed_in=True)


def _shown(
    request: Asked, key: str, data: dict[str, Any], *, told: bool, typed_in: bool = False
) -> HttpResponse:
    around = layout.around(request)
    found = configuration.thing(kind=KIND, key=key, by=request.by)
    draft = draft_queries.draft(kind=KIND, key=key, by=request.by)
    mistakes = draft_queries.mistakes(kind=KIND, key=key, data=data, by=request.by) if told else ()
    zone = on_call_drawing.known(typed(data.get("zone")))
    first = on_call_drawing.midnight(around.now, zone)
    plan = shifts.drafted(
        key=key,
        data=data,
        by=request.by,
        begins=first.astimezone(dt.UTC),
        ends=on_call_drawing.later(first, 28).astimezone(dt.UTC),
    )
    shown = {
        **settings.frame("on-call"),
        **_offered(around.desk),
        "title": typed(data.get("name")) or key,
        "key": key,
        "data": data,
        "zone": typed(data.get("zone")),
        "layers": [layer_shown(mapping(one)) for one in listing(data.get("layers"))],
        "in_force": found,
        "draft": draft,
        "typed": typed_in,
        "saved": "saved" in request.GET,
        "base": draft.base if draft else found.version if found else 0,
        "wrong": reasons.wrong(_worded(mistakes)),
        "field_id": reasons.field_id,
        "plan": plan,
        "drawing": on_call_drawing.drawn(plan, around.now) if plan else None,
        "stretch": on_call_drawing.stretch,
    }
    return layout.show(request, "settings", "settings/on_call_edit.html", shown, around=around)


def _offered(at_work: Desk) -> dict[str, Any]:
    """Return what may be chosen in the form."""
    people = sorted(at_work.people.values(), key=lambda one: one.name.casefold())
    return {
        "units": {unit: _(name) for unit, name in UNITS.items()},
        "weekdays": WEEKDAYS,
        "day_name": day_name,
        "calendars": list(at_work.versions.calendars),
        "people": [(one.email, one.name) for one in people if one.active and one.email],
    }


def day_name(day: str) -> str:
    """Return what a weekday is called."""
    return {
        "mon": _("Monday"),
        "tue": _("Tuesday"),
        "wed": _("Wednesday"),
        "thu": _("Thursday"),
        "fri": _("Friday"),
        "sat": _("Saturday"),
        "sun": _("Sunday"),
    }[day]


def _worded(mistakes: Iterable[Mistake]) -> list[Mistake]:
    return [Mistake(one.path, _said(one.reason)) for one in mistakes]


def _said(reason: str) -> str:
    for pattern, words in _SAID:
        if found := re.fullmatch(pattern, reason):
            given = (found.groups()[0] or "").strip("'\"") if found.groups() else ""
            return _(words) % {"a": given} if given else _(words)
    return reasons.said(reason)


# ---------------------------------------------------------------------------------- form and data


def layer_shown(data: Mapping[str, Any]) -> LayerForm:
    """Return a layer as a form."""
    holidays, only = mapping(data.get("holidays")), mapping(data.get("only"))
    return LayerForm(
        name=typed(data.get("name")),
        turns=tuple(_turn_shown(one) for one in listing(data.get("people"))),
        every=typed(data.get("every", "week")),
        length=typed(data.get("length", 1)),
        hand_over=typed(data.get("hand_over", "09:00")),
        weekday=typed(data.get("weekday")),
        begins=typed(data.get("begins")),
        zone=typed(data.get("zone")),
        only={day: ", ".join(typed(one) for one in listing(only.get(day))) for day in WEEKDAYS},
        calendar=typed(holidays.get("calendar")),
        days=typed(holidays.get("days", "skip")),
        beside=data.get("beside") is True,
    )


def _turn_shown(value: object) -> str:
    return ", ".join(typed(one) for one in listing(value)) if listing(value) else typed(value)


def read(fields: Fields) -> dict[str, Any]:
    """Return a schedule as it was typed, in the form of the configuration file."""
    return {
        "name": nested.text(fields, "name"),
        "zone": nested.text(fields, "zone"),
        "layers": [_read(one) for one in nested.items(nested.fields(fields, "layers"))],
    }


def _read(part: Fields) -> dict[str, Any]:
    every = nested.text(part, "every") or "week"
    data: dict[str, Any] = {
        "people": [_turn(one) for one in nested.texts(part, "people") if one.strip(" ,")],
        "every": every,
        "length": form_parts.number(nested.text(part, "length") or "1"),
        "hand_over": nested.text(part, "hand_over"),
        "begins": nested.text(part, "begins"),
    }
    for name in ("name", "zone"):
        if text := nested.text(part, name):
            data[name] = text
    if every == "week" and (weekday := nested.text(part, "weekday")):
        data["weekday"] = weekday
    windows = {day: _split(nested.text(nested.fields(part, "only"), day)) for day in WEEKDAYS}
    if any(windows.values()):
        data["only"] = {day: spans for day, spans in windows.items() if spans}
    if calendar := nested.text(part, "calendar"):
        data["holidays"] = {"calendar": calendar, "days": nested.text(part, "days") or "skip"}
    if nested.text(part, "beside"):
        data["beside"] = True
    return data


def _turn(text: str) -> Any:
    found = _split(text)
    return found[0] if len(found) == 1 else found


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def edited(do: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return a schedule after a button: a layer or a turn added, moved or removed."""
    verb, _space, rest = do.partition(" ")
    what, _space, where = rest.partition(" ")
    place = [int(step) for step in where.split() if step.isdecimal() and len(step) < 5]
    made: dict[str, Any] = json.loads(json.dumps(data))
    layers = made["layers"]
    if f"{verb} {what}" == "add layer":
        begins = layers[-1].get("begins", "") if layers else ""
        layers.append({"people": [], "every": "week", "hand_over": "09:00", "begins": begins})
    elif what == "layer" and place:
        _moved(verb, layers, place[0])
    elif what == "turn" and len(place) > 1 and place[0] < len(layers):
        _moved(verb, layers[place[0]]["people"], place[1])
    return made


def _moved(verb: str, listed: list[Any], k: int) -> None:
    if k >= len(listed):
        return
    if verb == "remove":
        del listed[k]
    elif verb == "up" and k > 0:
        listed.insert(k - 1, listed.pop(k))
    elif verb == "down":
        listed.insert(k + 1, listed.pop(k))
