"""The pages of escalation paths: all of them, one drawn and in words, and the form of one."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import config_versions, drafts, escalations
from tocsin.queries import access, configuration, path_pages
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Right
from tocsin.queries.frame import Frame
from tocsin.web import (
    described,
    form_parts,
    layout,
    names,
    nested,
    path_drawing,
    path_edits,
    path_forms,
    path_words,
    policies,
    reasons,
    screens,
    settings,
    setup_names,
    ticket,
)
from tocsin.web.asked import Asked
from tocsin.web.form_parts import listing, mapping
from tocsin.web.path_forms import Rows
from tocsin.web.path_words import Words
from tocsin.web.policy_forms import PRIORITIES

_KIND = "path"
# Whom steps may name whatever the desk; teams, schedules and people come beside these.
WHO = (
    *("owner", "team", "lead", "manager", "manager 2", "department head", "account manager"),
    *("senior", "first contact", "backup", "administrators"),
)
_LEVELS = ("level 1", "level 2", "level 3")
_ASSIGN = ("lead", "manager", "department head", "account manager", "first contact", "backup")
_FIRST: Mapping[str, Any] = {
    "triggers": [{"on": "manual"}],
    "levels": [
        {"name": "L1", "notify": ["lead"]},
        {"name": "L2", "wait": "30m", "in": "wall", "notify": ["manager"]},
    ],
}


@screens.needs(Right.READ_CONFIGURATION)
def paths(request: Asked) -> HttpResponse:
    """Show all paths in a few words each, and where each runs."""
    around = layout.around(request)
    may_change = Right.CONFIGURE in request.by.rights
    found = configuration.newest(by=request.by)[_KIND]
    written = draft_queries.drafts(by=request.by) if may_change else ()
    runs = path_pages.running(by=request.by)
    shown = {
        **settings.frame("paths"),
        "paths": list(found.values()),
        "drafted": {one.key: one for one in written if one.kind == _KIND},
        "running": runs,
        "counts": {key: sum(one.path == key for one in runs) for key in found},
        "words": Words(around.desk),
        "listing": listing,
        "may_change": may_change,
    }
    return layout.show(request, "settings", "settings/paths.html", shown, around=around)


@screens.needs(Right.READ_CONFIGURATION)
def path(request: Asked, key: str) -> HttpResponse:
    """Show a path as it is in force: drawn, in words, and where it runs."""
    found = configuration.thing(kind=_KIND, key=key, by=request.by)
    if found is None:
        if Right.CONFIGURE in request.by.rights:
            return HttpResponseRedirect(reverse("path_write", args=[key]))
        raise access.missing()
    around = layout.around(request)
    may_change = Right.CONFIGURE in request.by.rights
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by) if may_change else None
    shown = {
        **settings.frame("paths"),
        **drawn(found.data, around),
        "title": found.data.get("name") or key,
        "key": key,
        "in_force": found,
        "draft": draft,
        "running": path_pages.running(by=request.by, path=key),
        "may_change": may_change,
        "may_escalate": Right.ESCALATE in request.by.rights,
    }
    return layout.show(request, "settings", "settings/path.html", shown, around=around)


def drawn(data: Mapping[str, Any], around: Frame) -> dict[str, Any]:
    """Return what the drawing of a path and its words need."""
    words = Words(around.desk)
    levels = [mapping(one) for one in listing(data.get("levels"))]
    return {
        "data": data,
        "drawing": path_drawing.drawing(data, words),
        "words": words,
        "triggers": listing(data.get("triggers")),
        "branches": {
            branch: [one for one in levels if (one.get("branch") or "") == branch]
            for branch in dict.fromkeys(one.get("branch") or "" for one in levels)
        },
        "listing": listing,
    }


@screens.needs(Right.CONFIGURE, "GET", "HEAD", "POST")
def path_new(request: Asked) -> HttpResponse:
    """Ask what a new path is called, and begin a draft of it."""
    key, error = request.POST.get("key", "").strip(), ""
    if request.method == "POST":
        error = policies.wrong_key(request, _KIND, key)
        if not error:
            drafts.save(kind=_KIND, key=key, data={"name": key, **_FIRST}, by=request.by)
            return HttpResponseRedirect(reverse("path_write", args=[key]))
    shown = {
        **settings.frame("paths"),
        "title": _("New escalation path"),
        "what_for": _("A path says who must act, one after the other, if nobody does."),
        "key": key,
        "error": error,
        "hint": _("A short name, such as urgent or security. It cannot be changed later."),
    }
    around = layout.around(request)
    status = 422 if error else 200
    return layout.show(
        request, "settings", "settings/policy_new.html", shown, around=around, status=status
    )


@screens.needs(Right.CONFIGURE, "GET", "HEAD", "POST")
def path_write(request: Asked, key: str) -> HttpResponse:
    """Show a path in a form, its draft if there is one; or take what was typed."""
    found = configuration.thing(kind=_KIND, key=key, by=request.by)
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by)
    if found is None and draft is None:
        raise access.missing()
    if request.method != "POST":
        data = mapping(draft.data if draft else found.data if found else {})
        return _form(request, key, data, None, told=draft is not None)
    fields = nested.tree(request.POST.lists())
    typed = path_forms.read(fields)
    do = nested.text(fields, "do") or "save"
    if do in ("save", "preview"):
        base = nested.text(fields, "base")
        version = int(base) if base.isdecimal() and len(base) < 9 else 0
        drafts.save(kind=_KIND, key=key, data=typed, base=version, by=request.by)
        if do == "preview" and not _mistakes(request, key, typed):
            return HttpResponseRedirect(reverse("preview", args=[_KIND, key]))
        return HttpResponseRedirect(f"{reverse('path_write', args=[key])}?saved=1")
    typed, rows = path_edits.edited(do, typed, fields)
    return _form(request, key, typed, rows, told=False, typed=True)


def _mistakes(request: Asked, key: str, data: Any) -> tuple[draft_queries.Mistake, ...]:
    return draft_queries.mistakes(kind=_KIND, key=key, data=data, by=request.by)


def _form(
    request: Asked,
    key: str,
    data: Mapping[str, Any],
    rows: Rows | None,
    *,
    told: bool,
    typed: bool = False,
) -> HttpResponse:
    """Show the form of a path. What is wrong is told where somebody meant to keep it."""
    around = layout.around(request)
    found = configuration.thing(kind=_KIND, key=key, by=request.by)
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by)
    choices = {**policies.choices(request, around), **offered(request, around)}
    choices["field_names"] = [(one, setup_names.field(one)) for one in choices["fields"].names]
    shown = {
        **settings.frame("paths"),
        **choices,
        "o": choices,
        **drawn(data, around),
        "title": data.get("name") or key,
        "key": key,
        "form": path_forms.shown(data, rows),
        "in_force": found,
        "draft": draft,
        "typed": typed,
        "saved": "saved" in request.GET,
        "base": draft.base if draft else found.version if found else 0,
        "wrong": reasons.wrong(_mistakes(request, key, data)) if told else reasons.NOTHING,
        "place_name": lambda name: described.place(name, data),
        "field_id": field_id,
    }
    return layout.show(request, "settings", "settings/path_write.html", shown, around=around)


def field_id(name: str) -> str:
    """Return the id of the field that a refusal is about, or of the part that it stands in."""
    head, _dot, last = name.rpartition(".")
    if last.isdecimal() and head.rpartition(".")[2] in ("notify", "participants"):
        name = head
    steps = name.split(".")
    if "when" in steps:
        return f"w-{'.'.join(steps[: steps.index('when')]) or 'when'}"
    return f"f-{name}"


def offered(request: Asked, around: Frame) -> dict[str, Any]:
    """Return what the lists of a path's form offer, by the names of the desk."""
    words = Words(around.desk)
    known = configuration.newest(by=request.by)
    people = [
        (one.email, one.name) for one in around.desk.people.values() if one.active and one.email
    ]
    schedules = [f"on-call:{key}" for key in known["on-call"]]
    teams = [f"team:{key}" for key in around.desk.teams]
    stages = {
        stage.key: stage.name for one in around.desk.pipelines.values() for stage in one.stages
    }
    clocks = {key: names.clock(key) for _agreement, key in around.desk.versions.slots()}
    told = [(word, words.who(word)) for word in (*schedules, *teams)]
    return {
        "kinds": [(key, path_words.trigger_name(key)) for key in path_words.TRIGGERS],
        "changes": path_forms.CHANGES,
        "stops": [(key, _(name)) for key, name in path_words.STOPS.items()],
        "empties": [(key, _(name)) for key, name in path_words.EMPTY.items()],
        "who": [(word, words.who(word)) for word in WHO],
        "of_desk": told,
        "usual_who": [*WHO, *schedules, *teams],
        "usual_more": [*schedules, *teams],
        "assigned": [(word, words.who(word)) for word in (*_LEVELS, *schedules, *_ASSIGN)],
        "people": sorted(people, key=lambda one: one[1].casefold()),
        "stages": list(stages.items()),
        "clocks": list(clocks.items()),
        "template_names": [(key, key) for key in known["template"]],
        "priority_names": [(one, f"{one} {names.priority(one)}") for one in PRIORITIES],
        # A team that was written by its name stays so: nothing changes that nobody has touched.
        "team_options": lambda typed: [
            (typed if typed.casefold() == key else key, team.name)
            for key, team in around.desk.teams.items()
        ],
    }


# ------------------------------------------------------------------------------ what is done to it


@screens.needs(Right.CONFIGURE, "POST")
def path_switch(request: Asked, key: str) -> HttpResponse:
    """Switch a path on or off: what runs goes on, one that is off begins no more."""
    found = configuration.thing(kind=_KIND, key=key, by=request.by)
    if found is None:
        raise access.missing()
    seen = request.POST.get("seen", "")
    data = {**form_parts.mapping(found.data), "enabled": request.POST.get("to") == "on"}
    config_versions.publish(
        kind=_KIND,
        key=key,
        data=data,
        by=request.by,
        seen=int(seen) if seen.isdecimal() and len(seen) < 9 else None,
    )
    return HttpResponseRedirect(reverse("path", args=[key]))


@screens.needs(Right.ESCALATE, "POST")
def path_upgrade(request: Asked, number: int) -> HttpResponse:
    """Take a path that runs on a ticket over to its newest version."""
    card = ticket.by_number(request, number)
    which = request.POST.get("number", "")
    if not (which.isdecimal() and len(which) < 9):
        raise access.missing()
    escalations.upgrade(ticket_id=card.id, number=int(which), by=request.by)
    key = request.POST.get("path", "")
    to = reverse("path", args=[key]) if key else reverse("ticket", args=[number])
    return screens.done(request, to)
