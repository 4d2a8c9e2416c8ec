"""The page on which a pipeline is written: its stages in their order, and what holds there."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import drafts
from tocsin.queries import access, configuration
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Right
from tocsin.web import (
    described,
    form_parts,
    layout,
    nested,
    policies,
    policy_edits,
    reasons,
    screens,
    settings,
)
from tocsin.web.asked import Asked
from tocsin.web.form_parts import AlertRow, PathForm, listing, mapping, typed
from tocsin.web.nested import Fields

_KIND = "pipeline"
STATUSES = ("new", "open", "waiting customer", "waiting internal", "resolved", "closed")
_USUAL_REENTRY = "fresh"


@dataclass(frozen=True, slots=True)
class StageForm:
    """A stage in a form. `moves` are None where a ticket may go to any stage."""

    key: str
    name: str
    status: str
    limit: str
    wip: str
    moves: tuple[str, ...] | None
    reentry: str
    alerts: tuple[AlertRow, ...]
    usual_alerts: bool
    path: str


@dataclass(frozen=True, slots=True)
class PipelineForm:
    """A pipeline in a form."""

    name: str
    calendar: str
    stages: tuple[StageForm, ...]
    paths: tuple[PathForm, ...]


@screens.needs(Right.CONFIGURE, "GET", "HEAD", "POST")
def pipeline_new(request: Asked) -> HttpResponse:
    """Ask what a new pipeline is called, and begin a draft of it."""
    key, error = request.POST.get("key", "").strip(), ""
    if request.method == "POST":
        error = policies.wrong_key(request, _KIND, key)
        if not error:
            drafts.save(kind=_KIND, key=key, data=_begun(request, key), by=request.by)
            return HttpResponseRedirect(reverse("pipeline_setup", args=[key]))
    shown = {
        **settings.frame("pipelines"),
        "title": _("New pipeline"),
        "what_for": _("A pipeline is a row of stages that tickets go through."),
        "key": key,
        "error": error,
        "hint": _("A short name for addresses, such as support. It cannot be changed later."),
    }
    around = layout.around(request)
    status = 422 if error else 200
    return layout.show(
        request, "settings", "settings/policy_new.html", shown, around=around, status=status
    )


def _begun(request: Asked, key: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": key.capitalize(),
        "stages": [
            {"key": "new", "name": _("New"), "status": "new"},
            {"key": "work", "name": _("In work"), "status": "open"},
            {"key": "waiting", "name": _("Waiting for customer"), "status": "waiting customer"},
            {"key": "done", "name": _("Done"), "status": "resolved"},
        ],
    }
    calendars = configuration.newest(by=request.by)["calendar"]
    if calendars:
        data["calendar"] = next(iter(calendars))
    return data


@screens.needs(Right.READ_CONFIGURATION, "GET", "HEAD", "POST")
def pipeline_setup(request: Asked, key: str) -> HttpResponse:
    """Show a pipeline in a form, its draft if there is one; or take what was typed."""
    may_change = Right.CONFIGURE in request.by.rights
    found = configuration.thing(kind=_KIND, key=key, by=request.by)
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by) if may_change else None
    if found is None and draft is None:
        raise access.missing()
    if request.method != "POST":
        data = draft.data if draft else found.data if found else {}
        return _shown(request, key, dict(mapping(data)), told=draft is not None)
    if not may_change:
        raise access.missing()
    fields = nested.tree(request.POST.lists())
    data = read(fields)
    do = nested.text(fields, "do") or "save"
    if do in ("save", "preview"):
        base = nested.text(fields, "base")
        version = int(base) if base.isdecimal() and len(base) < 9 else 0
        drafts.save(kind=_KIND, key=key, data=data, base=version, by=request.by)
        mistakes = draft_queries.mistakes(kind=_KIND, key=key, data=data, by=request.by)
        if do == "preview" and not mistakes:
            return HttpResponseRedirect(reverse("preview", args=[_KIND, key]))
        return HttpResponseRedirect(f"{reverse('pipeline_setup', args=[key])}?saved=1")
    return _shown(request, key, edited(do, data, fields), told=False, typed_in=True)


def _shown(
    request: Asked, key: str, data: dict[str, Any], *, told: bool, typed_in: bool = False
) -> HttpResponse:
    around = layout.around(request)
    found = configuration.thing(kind=_KIND, key=key, by=request.by)
    may_change = Right.CONFIGURE in request.by.rights
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by) if may_change else None
    mistakes = draft_queries.mistakes(kind=_KIND, key=key, data=data, by=request.by) if told else ()
    shown = {
        **settings.frame("pipelines"),
        **policies.choices(request, around),
        "title": typed(data.get("name")) or key,
        "key": key,
        "form": shown_form(data),
        "in_force": found,
        "draft": draft,
        "typed": typed_in,
        "saved": "saved" in request.GET,
        "base": draft.base if draft else found.version if found else 0,
        "wrong": reasons.wrong(mistakes),
        "may_change": may_change,
        "place_name": lambda name: described.place(name, data),
        "field_id": reasons.field_id,
        "statuses": STATUSES,
        "known_paths": list(mapping(data.get("paths"))),
    }
    return layout.show(request, "settings", "settings/pipeline.html", shown, around=around)


# ---------------------------------------------------------------------------------- form and data


def shown_form(data: Mapping[str, Any]) -> PipelineForm:
    """Return a pipeline as a form."""
    return PipelineForm(
        typed(data.get("name")),
        typed(data.get("calendar")),
        tuple(_stage(mapping(one)) for one in listing(data.get("stages"))),
        tuple(form_parts.path_shown(key, one) for key, one in mapping(data.get("paths")).items()),
    )


def _stage(data: Mapping[str, Any]) -> StageForm:
    return StageForm(
        key=typed(data.get("key")),
        name=typed(data.get("name")),
        status=typed(data.get("status")),
        limit=typed(data.get("limit")),
        wip=typed(data.get("wip")),
        moves=tuple(typed(one) for one in listing(data["moves"])) if "moves" in data else None,
        reentry=typed(data.get("reentry", _USUAL_REENTRY)),
        alerts=tuple(form_parts.alert_shown(one) for one in listing(data.get("alerts"))),
        usual_alerts="alerts" not in data,
        path=typed(data.get("path")),
    )


def read(fields: Fields) -> dict[str, Any]:
    """Return a pipeline as it was typed, in the form of the configuration file."""
    data: dict[str, Any] = {"name": nested.text(fields, "name")}
    if calendar := nested.text(fields, "calendar"):
        data["calendar"] = calendar
    data["stages"] = [_read(one) for one in nested.items(nested.fields(fields, "stages"))]
    if paths := form_parts.paths_read(nested.fields(fields, "paths")):
        data["paths"] = paths
    return data


def _read(part: Fields) -> dict[str, Any]:
    name = nested.text(part, "name")
    key = nested.text(part, "key") or key_of(name)
    data: dict[str, Any] = {"key": key, "name": name, "status": nested.text(part, "status")}
    if limit := nested.text(part, "limit"):
        data["limit"] = limit
    if wip := nested.text(part, "wip"):
        data["wip"] = form_parts.number(wip)
    if nested.text(part, "may") == "some":
        data["moves"] = [one for one in nested.texts(part, "moves") if one]
    if (reentry := nested.text(part, "reentry")) and reentry != _USUAL_REENTRY:
        data["reentry"] = reentry
    alerts = [form_parts.alert_read(one) for one in nested.items(nested.fields(part, "alerts"))]
    if alerts:
        data["alerts"] = alerts
    if path := nested.text(part, "path"):
        data["path"] = path
    return data


def key_of(name: str) -> str:
    """Return a key made of a name: plain letters and digits with dashes between."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


# ---------------------------------------------------------------------------------------- buttons


def edited(do: str, data: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """Return a pipeline after a button: a stage added, moved or removed, an alert, a path."""
    verb, _space, rest = do.partition(" ")
    what, _space, where = rest.partition(" ")
    place = [int(step) for step in where.split() if step.isdecimal() and len(step) < 5]
    made: dict[str, Any] = json.loads(json.dumps(data))
    stages = made["stages"]
    if what in ("path", "level"):
        # The paths of a pipeline are as those of a policy; its stages name them as clocks do.
        changed, _rows = policy_edits.edited(do, {**made, "clocks": stages}, fields)
        stages, own = changed.pop("clocks"), changed
        return {**own, "stages": stages}
    if f"{verb} {what}" == "add stage":
        stages.append({"key": "", "name": "", "status": "open"})
    elif place and place[0] < len(stages):
        _of_stage(f"{verb} {what}", stages, place)
    return made


def _of_stage(deed: str, stages: list[dict[str, Any]], place: list[int]) -> None:
    k = place[0]
    match deed:
        case "remove stage":
            gone = stages.pop(k)["key"]
            for one in stages:
                if "moves" in one:
                    one["moves"] = [key for key in one["moves"] if key != gone]
        case "up stage" if k > 0:
            stages.insert(k - 1, stages.pop(k))
        case "down stage":
            stages.insert(k + 1, stages.pop(k))
        case "put stage" if len(place) > 1:
            stages.insert(min(place[1], len(stages)), stages.pop(k))
        case "add alert":
            policy_edits.one_more_alert(stages[k])
        case "remove alert" if len(place) > 1:
            stages[k].get("alerts", [])[place[1] : place[1] + 1] = []
