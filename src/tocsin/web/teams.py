"""Teams: who leads them and who works in them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import people as people_acts
from tocsin.actions import teams as acts
from tocsin.kit.invalid import Invalid
from tocsin.queries import teams
from tocsin.queries.access import NotAllowed, Right
from tocsin.web import layout, people, reasons, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.reasons import Wrong


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of a team holds: a new one when `id` is None."""

    id: int | None
    title: str
    values: Mapping[str, str]
    members: frozenset[int]
    wrong: Wrong = reasons.NOTHING
    refused: str = ""


@screens.needs(Right.ADMINISTER)
def teams_page(request: Asked) -> HttpResponse:
    """Show the teams and who works in them."""
    around = layout.around(request)
    shown = {
        **settings.frame("teams"),
        "title": _("Teams"),
        "teams": teams.listed(by=request.by),
    }
    return layout.show(request, "settings", "settings/teams.html", shown, around=around)


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def team_new(request: Asked) -> HttpResponse:
    """Ask for a new team, or add it."""
    empty = {"name": "", "level": "1", "lead": "", "manager": ""}
    if request.method != "POST":
        return _form(request, Form(None, _("New team"), empty, frozenset()))
    values, members = _typed(request)
    try:
        people_acts.add_team(
            name=values["name"],
            level=people.number(values["level"]) or 0,
            lead=people.number(values["lead"]),
            manager=people.number(values["manager"]),
            members=members,
            by=request.by,
        )
    except Invalid as error:
        form = Form(None, _("New team"), values, frozenset(members), people.wrong(error))
        return _form(request, form)
    return HttpResponseRedirect(reverse("teams"))


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def team(request: Asked, team: int) -> HttpResponse:
    """Show a team in a form, or take what was typed."""
    found = teams.one(team=team, by=request.by)
    one, title = found.team, found.team.name
    if request.method != "POST":
        kept = {"name": one.name, "level": str(one.level)}
        kept |= {"lead": str(one.lead or ""), "manager": str(one.manager or "")}
        return _form(request, Form(team, title, kept, frozenset(m.id for m in found.members)))
    values, members = _typed(request)
    try:
        acts.change(
            team=team,
            name=values["name"],
            level=people.number(values["level"]) or 0,
            lead=people.number(values["lead"]),
            manager=people.number(values["manager"]),
            members=members,
            by=request.by,
        )
    except Invalid as error:
        return _form(request, Form(team, title, values, frozenset(members), people.wrong(error)))
    except NotAllowed as error:
        told = screens.sentence(error)
        return _form(request, Form(team, title, values, frozenset(members), refused=told))
    return HttpResponseRedirect(f"{reverse('teams')}#team-{team}")


def _typed(request: Asked) -> tuple[dict[str, str], tuple[int, ...]]:
    sent = request.POST
    values = {name: sent.get(name, "").strip() for name in ("name", "level", "lead", "manager")}
    members = (people.number(one) for one in sent.getlist("members"))
    return values, tuple(dict.fromkeys(one for one in members if one is not None))


def _form(request: Asked, form: Form) -> HttpResponse:
    around = layout.around(request)
    # Whoever has left and is still in the team is shown too, so that saving loses nobody unseen.
    everybody = sorted(
        (one for one in around.desk.people.values() if one.active or one.id in form.members),
        key=lambda one: (one.name.casefold(), one.id),
    )
    shown = {
        **settings.frame("teams"),
        "title": form.title,
        "form": form,
        "wrong": form.wrong,
        "everybody": everybody,
    }
    status = 422 if form.wrong.listed or form.refused else 200
    return layout.show(
        request, "settings", "settings/team.html", shown, around=around, status=status
    )
