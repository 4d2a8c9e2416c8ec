"""SAML providers in the settings: metadata are pasted and read, and nothing is asked anywhere."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.actions import identity_providers as acts
from tocsin.actions.identity_providers import TypedSaml
from tocsin.kit import machine_clock
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, identity_providers
from tocsin.queries.access import Right
from tocsin.queries.drafts import Mistake
from tocsin.queries.identity_providers import Shown
from tocsin.web import (
    identity_groups,
    layout,
    names,
    reasons,
    saml,
    saml_metadata,
    screens,
    settings,
)
from tocsin.web.asked import Asked
from tocsin.web.discovery import Unusable
from tocsin.web.reasons import Wrong

# What the layer below refuses, and what metadata can lack.
_WORDS = (
    gettext_noop("must be the name of an attribute, such as groups"),
    gettext_noop("must not contain # or space"),
    gettext_noop("must be certificates in PEM, one below the other"),
    gettext_noop("has one that cannot be read"),
    gettext_noop("has one whose key is too weak: RSA needs 2048 bits"),
    gettext_noop("is no XML that can be read"),
    gettext_noop("must describe one identity provider"),
    gettext_noop("names no address for the redirect binding"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of a provider holds; a new one when `id` is None. `read` says what was done."""

    id: int | None
    key: str
    typed: TypedSaml
    metadata: str = ""
    wrong: Wrong = reasons.NOTHING
    read: bool = False


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def saml_provider_new(request: Asked) -> HttpResponse:
    """Ask for the settings of a new provider, or take them."""
    _spoken()
    if request.method != "POST":
        return _page(request, Form(None, "", TypedSaml("", "", "", "")))
    return _taken(request, _typed(request, None))


def edit(request: Asked, found: Shown) -> HttpResponse:
    """Show the settings of a provider in a form, or take what was typed."""
    _spoken()
    if request.method != "POST":
        return _page(request, Form(found.id, found.key, _kept(found)), found)
    return _taken(request, _typed(request, found), found)


def _spoken() -> None:
    # Without the extra nothing could be done with what is typed.
    if not identity_providers.speaks_saml():
        raise access.missing()


def _taken(request: Asked, form: Form, found: Shown | None = None) -> HttpResponse:
    do = request.POST.get("do", "")
    groups = identity_groups.after(form.typed.groups, do)
    if groups is not None:
        return _page(request, replace(form, typed=replace(form.typed, groups=groups)), found)
    try:
        if form.metadata.strip():
            form = _with_metadata(form)
        if do == "read":
            return _page(request, form, found)
        if found is None:
            made = acts.add(key=form.key, typed=form.typed, by=request.by)
            return HttpResponseRedirect(reverse("identity_provider", args=[made]))
        acts.change(provider=found.id, typed=form.typed, by=request.by)
    except Invalid as error:
        wrong = reasons.wrong([Mistake(error.path, error.reason)])
        return _page(request, replace(form, wrong=wrong), found)
    return HttpResponseRedirect(f"{reverse('identity_providers')}#provider-{found.id}")


def _with_metadata(form: Form) -> Form:
    """Return the form with what the metadata say; they count more than what stood there."""
    read = saml_metadata.read(form.metadata)
    own = {name: getattr(read, name) for name in ("issuer", "address", "certificates")}
    return replace(form, metadata="", read=True, typed=replace(form.typed, **own))


def _page(request: Asked, form: Form, found: Shown | None = None) -> HttpResponse:
    certificates = found.settings["certificates"] if found else []
    shown = {
        **settings.frame("identity"),
        "form": form,
        "found": found,
        "typed": form.typed,
        "wrong": form.wrong,
        "choices": identity_providers.choices(by=request.by),
        "role_name": names.role,
        "certificates": saml_metadata.described(certificates, now=machine_clock.wall()),
        "title": (found.name if found else "") or _("New SAML provider"),
        **_ours(request, found),
    }
    status = 422 if form.wrong.listed else 200
    around = layout.around(request)
    return layout.show(
        request, "settings", "settings/saml_provider.html", shown, around=around, status=status
    )


def _ours(request: Asked, found: Shown | None) -> dict[str, Any]:
    """Return what the provider is told of us, or why it cannot be said."""
    if found is None:
        return {"entity": "", "answers": "", "why": ""}
    try:
        entity, answers = saml.addresses(request, found.key)
    except Unusable as error:
        return {"entity": "", "answers": "", "why": str(error)}
    return {"entity": entity, "answers": answers, "why": ""}


def _kept(found: Shown) -> TypedSaml:
    own = found.settings
    plain = {name: own[name] for name in ("issuer", "address", "subject", "claim", "email")}
    return TypedSaml(
        name=found.name,
        certificates=saml_metadata.as_pem(own["certificates"]),
        person=own["person"],
        checked=own["checked"],
        by_email=found.by_email,
        groups=identity_groups.kept(found.groups),
        **plain,
    )


def _typed(request: Asked, found: Shown | None) -> Form:
    sent = request.POST
    plain = ("name", "issuer", "address", "certificates", "claim", "email", "person")
    typed = TypedSaml(
        **{name: sent.get(name, "") for name in plain},
        subject=sent.get("subject", "persistent"),
        checked=bool(sent.get("checked")),
        by_email=bool(sent.get("by_email")),
        groups=identity_groups.typed(request),
    )
    key = found.key if found else sent.get("key", "").strip()
    return Form(found.id if found else None, key, typed, metadata=sent.get("metadata", ""))
