"""Rules for everybody: who reads and changes a field, and from where people may come."""

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import access_rules as acts
from tocsin.kit.invalid import Invalid
from tocsin.queries import access_rules, permission_sets
from tocsin.queries.access import NotAllowed, Right
from tocsin.web import layout, people, reasons, rights, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.reasons import Wrong


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form for a further rule, and what is wrong with it."""

    name: str = ""
    readers: frozenset[str] = frozenset()
    writers: frozenset[str] = frozenset()
    wrong: Wrong = reasons.NOTHING
    refused: str = ""


@screens.needs(Right.ADMINISTER)
def field_rules(request: Asked) -> HttpResponse:
    """Show the fields that not everybody reads or changes."""
    asked = request.GET.get("field", "")
    found = next((r for r in access_rules.fields(by=request.by) if r.name == asked), None)
    if found is not None:
        return _fields(request, Typed(found.name, found.readers, found.writers))
    return _fields(request, Typed())


@screens.needs(Right.ADMINISTER, "POST", fresh=True)
def field_rule_save(request: Asked) -> HttpResponse:
    """Take a rule of a field."""
    sent = request.POST
    name = sent.get("name", "").strip()
    readers, writers = frozenset(sent.getlist("readers")), frozenset(sent.getlist("writers"))
    try:
        acts.save_field(name=name, readers=readers, writers=writers, by=request.by)
    except Invalid as error:
        return _fields(request, Typed(name, readers, writers, people.wrong(error)))
    return HttpResponseRedirect(reverse("field_rules"))


@screens.needs(Right.ADMINISTER, "POST", fresh=True)
def field_rule_remove(request: Asked, rule: int) -> HttpResponse:
    """Remove the rule of a field."""
    acts.remove_field(rule=rule, by=request.by)
    return screens.done(request, reverse("field_rules"), _("Everybody reads the field again."))


def _fields(request: Asked, typed: Typed) -> HttpResponse:
    around = layout.around(request)
    found = access_rules.fields(by=request.by)
    ruled = {one.name for one in found}
    own = access_rules.field_names(by=request.by)
    shown = {
        **settings.frame("fields"),
        "title": _("Fields"),
        "rules": found,
        "offered": [one for one in (*acts.BUILT_IN, *own) if one not in ruled],
        "holders": rights.holders(permission_sets.listed(by=request.by)),
        "typed": typed,
        "wrong": typed.wrong,
        "words": rights,
        "editing": typed.name in ruled,
    }
    status = 422 if typed.wrong.listed else 200
    return layout.show(
        request, "settings", "settings/field_rules.html", shown, around=around, status=status
    )


# --------------------------------------------------------------------------------------- networks


@screens.needs(Right.ADMINISTER)
def networks(request: Asked) -> HttpResponse:
    """Show from where people may come."""
    return _networks(request)


@screens.needs(Right.ADMINISTER, "POST", fresh=True)
def network_add(request: Asked) -> HttpResponse:
    """Take a further network."""
    holder, network = request.POST.get("holder", ""), request.POST.get("network", "").strip()
    try:
        acts.add_network(holder=holder, network=network, address=request.address, by=request.by)
    except Invalid as error:
        return _networks(request, holder, network, people.wrong(error))
    except NotAllowed as error:
        return _networks(request, holder, network, refused=screens.sentence(error))
    return HttpResponseRedirect(reverse("networks"))


@screens.needs(Right.ADMINISTER, "POST", fresh=True)
def network_remove(request: Asked, rule: int) -> HttpResponse:
    """Take a network away."""
    try:
        acts.remove_network(rule=rule, address=request.address, by=request.by)
    except NotAllowed as error:
        return _networks(request, refused=screens.sentence(error))
    return screens.done(request, reverse("networks"), _("The network is gone."))


def _networks(
    request: Asked,
    holder: str = "",
    network: str = "",
    wrong: Wrong = reasons.NOTHING,
    refused: str = "",
) -> HttpResponse:
    around = layout.around(request)
    holders = rights.holders(permission_sets.listed(by=request.by))
    found = access_rules.networks(by=request.by)
    shown = {
        **settings.frame("networks"),
        "title": _("Networks"),
        "rules": [
            (key, name, [one for one in found if one.holder == key])
            for key, name in holders
            if any(one.holder == key for one in found)
        ],
        "holders": holders,
        "holder": holder,
        "network": network,
        "address": request.address,
        "wrong": wrong,
        "refused": refused,
    }
    status = 422 if wrong.listed or refused else 200
    return layout.show(
        request, "settings", "settings/networks.html", shown, around=around, status=status
    )
