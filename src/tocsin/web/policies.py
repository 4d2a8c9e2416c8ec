"""The page on which a policy is written: its form, its draft, and the tickets that it would get."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import drafts, starters
from tocsin.engine.policy import Agreement
from tocsin.engine.preset import PRESETS
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, configuration, field_values, shifts
from tocsin.queries import drafts as draft_queries
from tocsin.queries import matching as matches
from tocsin.queries.access import Right
from tocsin.queries.configuration import Kept
from tocsin.queries.frame import Frame
from tocsin.queries.matching import Matching, Wanted
from tocsin.web import (
    conditions,
    described,
    form_parts,
    layout,
    modes,
    names,
    nested,
    policy_edits,
    policy_forms,
    reasons,
    screens,
    settings,
    setup_names,
)
from tocsin.web.asked import Asked
from tocsin.web.conditions import Group

_KIND = "policy"
# Ranks leave room for what comes between.
_STEP = 10
_MOST_KEY = 64
_FIRST: Mapping[str, Any] = {
    "clocks": [
        {"clock": "first response", "targets": {"*": "1h"}, "alerts": [{"at": "75%"}]},
        {"clock": "resolution", "targets": {"*": "24h"}, "alerts": [{"at": "75%"}]},
    ]
}


@screens.needs(Right.CONFIGURE, "GET", "HEAD", "POST")
def policy_new(request: Asked) -> HttpResponse:
    """Ask what a new policy is called, and begin a draft of it."""
    key, error = request.POST.get("key", "").strip(), ""
    if request.method == "POST":
        error = wrong_key(request, _KIND, key)
        if not error:
            data = _begun(request, key)
            drafts.save(kind=_KIND, key=key, data=data, by=request.by)
            return HttpResponseRedirect(reverse("policy", args=[key]))
    shown = {
        **settings.frame("policies"),
        "title": _("New policy"),
        "what_for": _("A policy says which tickets get which clocks, and what each promises."),
        "key": key,
        "error": error,
        "hint": _("A short name, such as gold or everybody. It cannot be changed later."),
    }
    around = layout.around(request)
    status = 422 if error else 200
    return layout.show(
        request, "settings", "settings/policy_new.html", shown, around=around, status=status
    )


def wrong_key(request: Asked, kind: str, key: str) -> str:
    """Return why a new thing cannot be called so, or nothing."""
    if not key:
        return reasons.said("is empty")
    if len(key) > _MOST_KEY or not key.isprintable() or "/" in key:
        return _("A name has at most 64 letters, and no slash.")
    known = configuration.thing(kind=kind, key=key, by=request.by)
    if known or draft_queries.draft(kind=kind, key=key, by=request.by):
        return _("There is one of this name already.")
    return ""


def _begun(request: Asked, key: str) -> dict[str, Any]:
    known = configuration.newest(by=request.by)
    ranks = [one.data["rank"] for one in known["policy"].values()]
    data = {"key": key, "rank": max(ranks, default=0) // _STEP * _STEP + _STEP, **_FIRST}
    if known["calendar"]:
        data["calendar"] = next(iter(known["calendar"]))
    return data


@screens.needs(Right.READ_CONFIGURATION, "GET", "HEAD", "POST")
def policy(request: Asked, key: str) -> HttpResponse:
    """Show a policy in a form, its draft if there is one; or take what was typed."""
    may_change = Right.CONFIGURE in request.by.rights
    found = configuration.thing(kind=_KIND, key=key, by=request.by)
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by) if may_change else None
    if found is None and draft is None:
        raise access.missing()
    if request.method != "POST":
        data = dict(form_parts.mapping(draft.data)) if draft else _data(found)
        return _shown(request, key, data, None, told=draft is not None)
    if not may_change:
        raise access.missing()
    fields = nested.tree(request.POST.lists())
    data = policy_forms.read(key, fields, _known_paths(request))
    do = nested.text(fields, "do") or "save"
    if do in ("save", "preview"):
        base = nested.text(fields, "base")
        version = int(base) if base.isdecimal() and len(base) < 9 else 0
        drafts.save(kind=_KIND, key=key, data=data, base=version, by=request.by)
        if do == "preview" and not _mistakes(request, key, data):
            return HttpResponseRedirect(reverse("preview", args=[_KIND, key]))
        return HttpResponseRedirect(f"{reverse('policy', args=[key])}?saved=1")
    if do == "look":
        looked = matching(request, key, data)
        return render(request, "settings/policy_matching.html", looked)
    data, rows = policy_edits.edited(do, data, fields)
    return _shown(request, key, data, rows, told=False, typed=True)


def _data(found: Kept | None) -> dict[str, Any]:
    """Return a version as the form begins with it: the next one begins when it is activated."""
    data = dict(found.data) if found else {}
    if found and found.valid_until:
        data["valid_until"] = found.valid_until.isoformat()
    return data


def _known_paths(request: Asked) -> dict[str, Any]:
    """Return the escalation paths of all policies by their names."""
    found: dict[str, Any] = {}
    for one in configuration.newest(by=request.by)["policy"].values():
        for name, path in form_parts.mapping(one.data.get("paths")).items():
            found.setdefault(name, path)
    return found


def _mistakes(request: Asked, key: str, data: Any) -> tuple[draft_queries.Mistake, ...]:
    return draft_queries.mistakes(kind=_KIND, key=key, data=data, by=request.by)


def _shown(
    request: Asked,
    key: str,
    data: dict[str, Any],
    rows: Group | None,
    *,
    told: bool,
    typed: bool = False,
) -> HttpResponse:
    """Show the form of a policy. What is wrong with it is told where somebody meant to keep it."""
    around = layout.around(request)
    found = configuration.thing(kind=_KIND, key=key, by=request.by)
    may_change = Right.CONFIGURE in request.by.rights
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by) if may_change else None
    shown = {
        **settings.frame("policies"),
        **choices(request, around),
        **matching(request, key, data),
        "title": key,
        "key": key,
        "form": policy_forms.shown(data, rows),
        "in_force": found,
        "draft": draft,
        "typed": typed,
        "saved": "saved" in request.GET,
        "base": draft.base if draft else found.version if found else 0,
        "wrong": reasons.wrong(_mistakes(request, key, data)) if told else reasons.NOTHING,
        "may_change": may_change,
        "place_name": lambda name: described.place(name, data),
        "field_id": reasons.field_id,
        # Of what is in force: on call is looked up by people as they are.
        "unattended": shifts.unattended(by=request.by, policy=key, now=around.now),
        "known_paths": sorted({*_known_paths(request), *form_parts.mapping(data.get("paths"))}),
    }
    return layout.show(request, "settings", "settings/policy.html", shown, around=around)


def choices(request: Asked, around: Frame) -> dict[str, Any]:
    """Return what the lists of setup forms offer."""
    fields = field_values.field_values(by=request.by)
    desk = around.desk
    return {
        "fields": fields,
        "field_name": setup_names.field,
        "value_name": value_name,
        "ops": [(op, setup_names.comparison(op)) for op in conditions.OPS],
        "calendars": list(desk.versions.calendars),
        "teams": [(team.key, team.name) for team in desk.teams.values()],
        "who": [(word, setup_names.told(word)) for word in form_parts.WHO],
        "presets": [(preset, names.clock(preset), modes.preset(preset)) for preset in PRESETS],
        "agreements": [one.value for one in Agreement],
        "modes": modes,
        "priorities": policy_forms.PRIORITIES,
        "pausing": policy_forms.PAUSING,
        "said": setup_names,
        "no_test": conditions.Test(),
        "status_names": lambda keys: ", ".join(names.status(key) for key in keys),
    }


def value_name(field: str, value: str, name: str) -> str:
    """Return what a value of a field is called; the same word again says nothing."""
    if field == "status":
        return names.status(value)
    if field == "priority":
        return names.priority(value)
    if field in conditions.FLAGS:
        return _("yes") if value == "yes" else _("no")
    return name or value


# -------------------------------------------------------------------------- the tickets it is for


def matching(request: Asked, key: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return which open tickets a policy would be for, or why that cannot be said yet."""
    found: Matching | None = None
    unfinished = ""
    agreement = str(data.get("agreement", "SLA"))
    rank = data.get("rank")
    try:
        wanted = Wanted(
            key=key,
            when=data.get("when", {}),
            agreement=Agreement(agreement) if agreement in list(Agreement) else Agreement.SLA,
            rank=rank if isinstance(rank, int) else None,
            contract=data.get("contract") is True,
        )
        found = matches.matching(wanted=wanted, by=request.by)
    except Invalid as error:
        unfinished = reasons.said(error.reason)
    return {"matching": found, "unfinished": unfinished}


# --------------------------------------------------------------------------------- to begin with


@screens.needs(Right.CONFIGURE, "POST")
def begin(request: Asked) -> HttpResponse:
    """Put into force what a desk may begin with: a policy, or pipelines of usual processes."""
    which = request.POST.getlist("which")
    starters.install(by=request.by, which=which)
    where = "policies" if "policy" in which else "pipelines"
    return HttpResponseRedirect(reverse("settings_of", args=[where]))


# --------------------------------------------------------------------------------------- the order


@screens.needs(Right.CONFIGURE, "POST")
def policy_order(request: Asked, key: str) -> HttpResponse:
    """Begin a draft in which a policy stands one place further up or down."""
    found = configuration.newest(by=request.by)["policy"]
    if key not in found:
        raise access.missing()
    own = found[key]
    agreement = own.data.get("agreement", "SLA")
    others = sorted(
        (one.data["rank"], one.key)
        for one in found.values()
        if one.data.get("agreement", "SLA") == agreement and one.key != key
    )
    up = request.POST.get("to") == "up"
    rank = free_rank(own.data["rank"], [rank for rank, _key in others], up=up)
    if rank is None:
        raise access.NotAllowed(
            "there is no free number between its neighbours; give one of them another first"
        )
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by)
    data = {**(draft.data if draft else _data(own)), "rank": rank}
    base = draft.base if draft else own.version
    drafts.save(kind=_KIND, key=key, data=data, base=base, by=request.by)
    return HttpResponseRedirect(f"{reverse('policy', args=[key])}?saved=1#order")


def free_rank(own: int, others: list[int], *, up: bool) -> int | None:
    """Return a rank one place further up or down among others; None if no number is free.

    At the end of the line it stays as it is.
    """
    if up:
        above = [rank for rank in others if rank < own]
        if not above:
            return own
        top = above[-2] if len(above) > 1 else max(above[-1] - 2 * _STEP, -1)
        return _between(top, above[-1])
    below = [rank for rank in others if rank > own]
    if not below:
        return own
    return _between(below[0], below[1] if len(below) > 1 else below[0] + 2 * _STEP)


def _between(low: int, high: int) -> int | None:
    middle = (low + high) // 2
    return middle if low < middle < high else None
