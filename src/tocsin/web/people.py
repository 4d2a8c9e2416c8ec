"""People: who works here, what they may do, how they come and how they leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.actions import invitations
from tocsin.actions import people as acts
from tocsin.actions import permission_sets as set_acts
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, people, permission_sets, teams
from tocsin.queries.access import NotAllowed, Right
from tocsin.queries.drafts import Mistake
from tocsin.web import catalogs, layout, reasons, rights, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.reasons import Wrong

_TEXTS = ("name", "email", "role", "level", "manager", "language", "zone")
_NEW = {
    "name": "",
    "email": "",
    "role": "agent",
    "level": "1",
    "language": "en",
    "zone": "UTC",
    "manager": "",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of a person holds: a new one when `id` is None."""

    id: int | None
    title: str
    values: Mapping[str, str]
    wrong: Wrong = reasons.NOTHING
    refused: str = ""
    invite: bool = True


@screens.needs(Right.ADMINISTER)
def people_page(request: Asked) -> HttpResponse:
    """Show people, those who are asked for."""
    around, asked = layout.around(request), request.GET
    team = number(asked.get("team", ""))
    state = asked.get("state", "active")
    found = people.listed(
        by=request.by,
        words=asked.get("words", ""),
        role=asked.get("role", ""),
        team=team,
        state=state if state in people.STATES else "active",
        holding=asked.get("set", ""),
    )
    shown = {
        **settings.frame("people"),
        "found": found,
        "more": found.count - len(found.lines),
        "asked": {name: asked.get(name, "") for name in ("words", "role", "team", "state", "set")},
        "roles": [(key, name) for key, name, _words in rights.roles()],
        "teams": [(str(one.team.id), one.team.name) for one in teams.listed(by=request.by)],
        "sets": [(one.key, one.name) for one in permission_sets.listed(by=request.by)],
    }
    return layout.show(request, "settings", "settings/people.html", shown, around=around)


def number(text: str) -> int | None:
    """Return a typed id, None for nothing; what is no number is an id that nothing has."""
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 19 else 0


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def person_new(request: Asked) -> HttpResponse:
    """Ask for a new person, or add them."""
    if request.method != "POST":
        return _form(request, Form(None, _("New person"), _NEW))
    values = _typed(request)
    try:
        id_ = acts.add_person(**_given(values), by=request.by)
    except Invalid as error:
        invite = "invite" in request.POST
        return _form(request, Form(None, _("New person"), values, wrong(error), invite=invite))
    if request.POST.get("invite"):
        return _invited(request, id_)
    return HttpResponseRedirect(f"{reverse('person', args=[id_])}?done=added")


def _invited(request: Asked, person: int) -> HttpResponse:
    """Invite somebody. Where no mail leaves the link is on this page, once, and nowhere else."""
    link = invitations.invite(person=person, by=request.by)
    if link:
        response = _shown(request, person, link=link)
        response.headers["Cache-Control"] = "no-store"
        return response
    return HttpResponseRedirect(f"{reverse('person', args=[person])}?done=invited")


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def person_edit(request: Asked, person: int) -> HttpResponse:
    """Show what is known of somebody in a form, or take what was typed."""
    one = people.known(person=person, by=request.by).person
    if request.method != "POST":
        kept = {name: str(getattr(one, name) or "") for name in _TEXTS}
        return _form(request, Form(person, one.name, kept))
    values = _typed(request)
    try:
        acts.edit(person=person, **_given(values), address=request.address, by=request.by)
    except Invalid as error:
        return _form(request, Form(person, one.name, values, wrong(error)))
    except NotAllowed as error:
        return _form(request, Form(person, one.name, values, refused=screens.sentence(error)))
    return HttpResponseRedirect(reverse("person", args=[person]))


def wrong(error: Invalid) -> Wrong:
    """Return a refusal as the forms of these pages show it."""
    return reasons.wrong([Mistake(error.path, error.reason)])


def _typed(request: Asked) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in _TEXTS}


def _given(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        **values,
        "level": number(values["level"]) or 0,
        "manager": number(values["manager"]),
    }


def _form(request: Asked, form: Form) -> HttpResponse:
    around = layout.around(request)
    others = people.listed(by=request.by)
    shown = {
        **settings.frame("people"),
        "title": form.title,
        "form": form,
        "wrong": form.wrong,
        "roles": rights.roles(),
        "languages": tuple(catalogs.OFFERED.items()),
        "others": [(one.id, one.name) for one in others.lines if one.id != form.id],
    }
    status = 422 if form.wrong.listed or form.refused else 200
    return layout.show(
        request, "settings", "settings/person_form.html", shown, around=around, status=status
    )


@screens.needs(Right.ADMINISTER)
def person(request: Asked, person: int) -> HttpResponse:
    """Show somebody: what they are, what they hold, and what they may do by all of it."""
    return _shown(request, person)


def _shown(request: Asked, person: int, link: str = "") -> HttpResponse:
    around = layout.around(request)
    known = people.known(person=person, by=request.by)
    sets = permission_sets.listed(by=request.by)
    held = {key for key, _name in known.sets}
    above = around.desk.people.get(known.person.manager or 0)
    shown = {
        **settings.frame("people"),
        "title": known.person.name,
        "known": known,
        "manager": above.name if above else "",
        "may": permission_sets.may(person=person, by=request.by),
        "others": [(one.key, one.name) for one in sets if one.key not in held],
        "words": rights,
        "language_name": dict(catalogs.OFFERED).get(known.person.language, ""),
        "me": request.by.person,
        "done": request.GET.get("done", ""),
        "gone": left(request.GET["left"]) if "left" in request.GET else "",
        "link": request.build_absolute_uri(link) if link else "",
    }
    return layout.show(request, "settings", "settings/person.html", shown, around=around)


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def person_leave(request: Asked, person: int) -> HttpResponse:
    """Show what somebody would leave behind; or end their access, and give it to whom it falls."""
    if request.method != "POST":
        return _leaving(request, person)
    to = number(request.POST.get("hand_over_to", ""))
    try:
        given = acts.deactivate(person=person, hand_over_to=to, by=request.by)
    except Invalid as error:
        if error.path == "person":
            raise access.missing() from None
        return _leaving(request, person, wrong(error))
    except NotAllowed as error:
        return _leaving(request, person, refused=screens.sentence(error))
    return HttpResponseRedirect(f"{reverse('person', args=[person])}?left={given}")


def _leaving(
    request: Asked, person: int, wrong: Wrong = reasons.NOTHING, refused: str = ""
) -> HttpResponse:
    around = layout.around(request)
    leaving = people.leaving(person=person, by=request.by)
    known = people.known(person=person, by=request.by)
    others = people.listed(by=request.by)
    shown = {
        **settings.frame("people"),
        "title": known.person.name,
        "known": known,
        "leaving": leaving,
        "others": [(one.id, one.name) for one in others.lines if one.id != person],
        "chosen": request.POST.get("hand_over_to", ""),
        "wrong": wrong,
        "refused": refused,
    }
    status = 422 if wrong.listed or refused else 200
    return layout.show(
        request, "settings", "settings/person_leave.html", shown, around=around, status=status
    )


@screens.needs(Right.ADMINISTER, "POST", fresh=True)
def person_do(request: Asked, person: str, deed: str) -> HttpResponse:
    """Invite somebody, let them in again, or give and take a permission set."""
    id_, told = int(person), ""
    people.known(person=id_, by=request.by)
    key = request.POST.get("set", "")
    if deed == "invite":
        return _invited(request, id_)
    if deed == "grant":
        set_acts.grant(person=id_, key=key, address=request.address, by=request.by)
    elif deed == "revoke":
        set_acts.revoke(person=id_, key=key, by=request.by)
        told = _("The permission set is taken away.")
    else:
        acts.reactivate(person=id_, by=request.by)
    return screens.done(request, reverse("person", args=[id_]), told)


def left(count: str) -> str:
    """Return what became of the tickets of whoever has left."""
    n = int(count) if count.isdecimal() and len(count) < 9 else 0
    return ngettext("%(n)s ticket was given away.", "%(n)s tickets were given away.", n) % {"n": n}
