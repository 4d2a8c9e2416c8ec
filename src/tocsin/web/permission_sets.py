"""Permission sets: rights put together by ticking boxes, and who holds them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import permission_sets as acts
from tocsin.kit.invalid import Invalid
from tocsin.queries import permission_sets, teams
from tocsin.queries.access import NotAllowed, Right
from tocsin.queries.permission_sets import Shown
from tocsin.web import layout, people, reasons, rights, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.reasons import Wrong


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of a set holds. `types` is text, with commas between."""

    key: str | None
    title: str
    values: Mapping[str, str]
    rights: Collection[str] = ()
    teams: Collection[int] = ()
    wrong: Wrong = reasons.NOTHING
    refused: str = ""
    holders: tuple[tuple[int, str], ...] = ()


@screens.needs(Right.ADMINISTER)
def sets_page(request: Asked) -> HttpResponse:
    """Show the permission sets and who holds each."""
    around = layout.around(request)
    shown = {
        **settings.frame("sets"),
        "title": _("Permission sets"),
        "sets": permission_sets.listed(by=request.by),
        "words": rights,
        "order": permission_sets.GIVEN,
        "team_names": {one.team.id: one.team.name for one in teams.listed(by=request.by)},
    }
    return layout.show(request, "settings", "settings/permission_sets.html", shown, around=around)


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def set_new(request: Asked) -> HttpResponse:
    """Ask for a new permission set, or make it."""
    if request.method != "POST":
        empty = {"set": "", "name": "", "reach": "all", "types": ""}
        return _form(request, Form(None, _("New permission set"), empty))
    return _saved(request, None)


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def permission_set(request: Asked, key: str) -> HttpResponse:
    """Show a permission set in a form, or take what was typed."""
    found = permission_sets.one(key=key, by=request.by)
    if request.method == "POST":
        return _saved(request, found)
    values = {"set": key, "name": found.name, "reach": found.reach}
    values["types"] = ", ".join(found.types)
    form = Form(key, found.name, values, found.rights, found.teams, holders=found.holders)
    return _form(request, form)


def _saved(request: Asked, known: Shown | None) -> HttpResponse:
    sent = request.POST
    values = {name: sent.get(name, "").strip() for name in ("set", "name", "reach", "types")}
    chosen = frozenset(sent.getlist("rights"))
    of = [people.number(one) or 0 for one in sent.getlist("teams")]
    key = known.key if known else values["set"]
    try:
        acts.save(
            key=key,
            name=values["name"],
            rights=chosen,
            reach=values["reach"],
            teams=of,
            types=[one.strip() for one in values["types"].split(",") if one.strip()],
            new=known is None,
            by=request.by,
        )
    except Invalid as error:
        title = known.name if known else _("New permission set")
        held = known.holders if known else ()
        wrong = people.wrong(error)
        shown = Form(known.key if known else None, title, values, chosen, of, wrong, holders=held)
        return _form(request, shown)
    return HttpResponseRedirect(f"{reverse('permission_sets')}#set-{key}")


@screens.needs(Right.ADMINISTER, "POST", fresh=True)
def set_remove(request: Asked, key: str) -> HttpResponse:
    """Remove a permission set that nobody holds."""
    try:
        acts.remove(key=key, by=request.by)
    except NotAllowed as error:
        found = permission_sets.one(key=key, by=request.by)
        values = {"set": key, "name": found.name, "reach": found.reach}
        values["types"] = ", ".join(found.types)
        told = screens.sentence(error)
        form = Form(
            *(key, found.name, values, found.rights, found.teams),
            refused=told,
            holders=found.holders,
        )
        return _form(request, form)
    return HttpResponseRedirect(reverse("permission_sets"))


def _form(request: Asked, form: Form) -> HttpResponse:
    around = layout.around(request)
    shown = {
        **settings.frame("sets"),
        "title": form.title,
        "form": form,
        "wrong": form.wrong,
        "words": rights,
        "teams": [(one.team.id, one.team.name) for one in teams.listed(by=request.by)],
        "kinds": permission_sets.kinds(by=request.by),
    }
    status = 422 if form.wrong.listed or form.refused else 200
    return layout.show(
        request, "settings", "settings/permission_set.html", shown, around=around, status=status
    )
