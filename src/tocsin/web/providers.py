"""Providers: who carries the messages of this desk, set up and tried out by its administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import providers as acts
from tocsin.actions.carriers import Carrier
from tocsin.channels import registry
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, providers
from tocsin.queries.access import Right
from tocsin.queries.drafts import Mistake
from tocsin.queries.providers import Shown
from tocsin.web import layout, provider_words, reasons, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.reasons import Wrong

_FORGET = "forget."


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of a provider holds: a new one when `id` is None.

    `hook` is the address at which the provider tells us things, when there is one.
    """

    carrier: Carrier[Any]
    id: int | None
    name: str
    values: Mapping[str, str]
    secrets: frozenset[str]
    wrong: Wrong
    hook: str = ""


@screens.needs(Right.ADMINISTER)
def providers_page(request: Asked) -> HttpResponse:
    """Show every channel and its providers."""
    return _listed(request)


def _listed(request: Asked, wrong: Mapping[int, str] | None = None) -> HttpResponse:
    around = layout.around(request)
    by_channel: dict[str, list[Shown]] = {channel: [] for channel in registry.CARRIERS}
    for one in providers.listed(by=request.by):
        by_channel.setdefault(one.channel, []).append(one)
    shown = {
        **settings.frame("providers"),
        "channels": [
            (registry.CARRIERS[channel], found)
            for channel, found in by_channel.items()
            if channel in registry.CARRIERS
        ],
        "wrong": wrong or {},
        "typed": request.POST.get("address", ""),
        "said": provider_words.said,
        "now": around.now,
    }
    status = 422 if wrong else 200
    return layout.show(
        request, "settings", "settings/providers.html", shown, around=around, status=status
    )


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST")
def provider_new(request: Asked, channel: str) -> HttpResponse:
    """Ask for the settings of a new provider of a channel, or take them."""
    carrier = registry.CARRIERS.get(channel)
    if carrier is None:
        raise access.missing()
    if request.method != "POST":
        title = _(carrier.title)
        return _form(request, Form(carrier, None, title, {}, frozenset(), reasons.NOTHING))
    name, values = _typed(request, carrier)
    try:
        id_ = acts.add(carrier=carrier, name=name, typed=values, by=request.by)
    except Invalid as error:
        wrong = reasons.wrong([Mistake(error.path, error.reason)])
        return _form(request, Form(carrier, None, name, values, frozenset(), wrong))
    return HttpResponseRedirect(f"{reverse('providers')}#provider-{id_}")


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST")
def provider(request: Asked, provider: int) -> HttpResponse:
    """Show the settings of a provider in a form, or take what was typed."""
    found = providers.one(provider, by=request.by)
    carrier = _carrier(found)
    hook = _hook(request, found, carrier)
    if request.method != "POST":
        form = Form(
            carrier, found.id, found.name, found.settings, found.secrets, reasons.NOTHING, hook
        )
        return _form(request, form)
    name, values = _typed(request, carrier)
    forget = [one.name for one in carrier.fields if request.POST.get(f"{_FORGET}{one.name}")]
    try:
        acts.change(
            provider=provider,
            carrier=carrier,
            name=name,
            typed=values,
            forget=forget,
            by=request.by,
        )
    except Invalid as error:
        wrong = reasons.wrong([Mistake(error.path, error.reason)])
        return _form(request, Form(carrier, found.id, name, values, found.secrets, wrong, hook))
    return HttpResponseRedirect(f"{reverse('providers')}#provider-{provider}")


def _hook(request: Asked, found: Shown, carrier: Carrier[Any]) -> str:
    """Return the address to give to the provider; where we do not know our own, this request's."""
    if not carrier.hears:
        return ""
    root, path = acts.hook(provider=found.id, by=request.by)
    return f"{root}{path}" if root else request.build_absolute_uri(path)


def _form(request: Asked, form: Form) -> HttpResponse:
    around = layout.around(request)
    shown = {
        **settings.frame("providers"),
        "form": form,
        "wrong": form.wrong,
        "said": provider_words.said,
        "title": form.name or _("New provider"),
    }
    status = 422 if form.wrong.listed else 200
    return layout.show(
        request, "settings", "settings/provider.html", shown, around=around, status=status
    )


def _typed(request: Asked, carrier: Carrier[Any]) -> tuple[str, dict[str, str]]:
    sent = request.POST
    values = {one.name: sent.get(f"set.{one.name}", "") for one in carrier.fields}
    return sent.get("name", ""), values


def _carrier(found: Shown) -> Carrier[Any]:
    carrier = registry.CARRIERS.get(found.channel)
    if carrier is None:
        raise access.missing()
    return carrier


@screens.needs(Right.ADMINISTER, "POST")
def provider_do(request: Asked, provider: str, deed: str) -> HttpResponse:
    """Switch a provider on or off, put it first, or try it out."""
    id_ = int(provider)
    found = providers.one(id_, by=request.by)
    told = ""
    if deed == "test":
        carrier, address = _carrier(found), request.POST.get("address", "")
        try:
            tried = acts.try_out(provider=id_, carrier=carrier, address=address, by=request.by)
        except Invalid as error:
            return _listed(request, {id_: reasons.said(error.reason)})
        told = _("The provider took the message.") if tried.taken else tried.told
    elif deed == "first":
        acts.put_first(provider=id_, by=request.by)
    else:
        acts.switch(provider=id_, on=deed == "on", by=request.by)
    return screens.done(request, f"{reverse('providers')}#provider-{id_}", told)
