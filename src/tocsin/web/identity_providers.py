"""Identity providers in the settings: what they are, whom they let in, and whether they work."""

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from tocsin.actions import identity_providers as acts
from tocsin.actions.identity_providers import Typed
from tocsin.kit.invalid import Invalid
from tocsin.queries import identity_providers
from tocsin.queries.access import Right
from tocsin.queries.drafts import Mistake
from tocsin.queries.identity_providers import Shown
from tocsin.web import (
    discovery,
    id_token,
    identity_groups,
    layout,
    names,
    openid,
    reasons,
    saml_providers,
    screens,
    settings,
)
from tocsin.web.asked import Asked
from tocsin.web.discovery import Unusable
from tocsin.web.reasons import Wrong

# What the layer below refuses, and what a test can say.
_WORDS = (
    gettext_noop("must have small letters, digits and dashes only"),
    gettext_noop("people are known by this provider; add another one instead"),
    gettext_noop("must be the name of a claim, such as groups"),
    gettext_noop("must be words with spaces between"),
    gettext_noop("must begin with https:// and name a host"),
    gettext_noop("must not contain a user and password"),
    gettext_noop("must not contain ? or # or space"),
    gettext_noop("there is no such team"),
    gettext_noop("there is no such permission set"),
    gettext_noop("is too long"),
    gettext_noop("the provider says that its issuer is another one"),
    gettext_noop("the provider does not offer the code flow"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of a provider holds; a new one when `id` is None.

    `told` is what a test said, and `works` whether that was good.
    """

    id: int | None
    key: str
    typed: Typed
    wrong: Wrong = reasons.NOTHING
    told: str = ""
    works: bool = False


@screens.needs(Right.ADMINISTER)
def identity_providers_page(request: Asked) -> HttpResponse:
    """Show the identity providers of this desk."""
    found = identity_providers.listed(by=request.by)
    saml = identity_providers.speaks_saml()
    shown = {**settings.frame("identity"), "providers": found, "saml": saml}
    around = layout.around(request)
    return layout.show(
        request, "settings", "settings/identity_providers.html", shown, around=around
    )


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def identity_provider_new(request: Asked) -> HttpResponse:
    """Ask for the settings of a new provider, or take them."""
    if request.method != "POST":
        return _form(request, Form(None, "", Typed("", "", "")))
    form = Form(None, request.POST.get("key", "").strip(), _typed(request))
    again = _asked(request, form)
    if again is not None:
        return _form(request, again)
    try:
        made = acts.add(key=form.key, typed=form.typed, by=request.by)
    except Invalid as error:
        return _refused(request, form, error)
    return HttpResponseRedirect(reverse("identity_provider", args=[made]))


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def identity_provider(request: Asked, provider: int) -> HttpResponse:
    """Show the settings of a provider in a form, or take what was typed."""
    found = identity_providers.one(provider, by=request.by)
    if found.kind == "saml":
        return saml_providers.edit(request, found)
    if request.method != "POST":
        return _form(request, Form(found.id, found.key, _kept(found)), found)
    form = Form(found.id, found.key, _typed(request))
    again = _asked(request, form)
    if again is not None:
        return _form(request, again, found)
    try:
        acts.change(provider=provider, typed=form.typed, by=request.by)
    except Invalid as error:
        return _refused(request, form, error, found)
    return HttpResponseRedirect(f"{reverse('identity_providers')}#provider-{provider}")


@screens.needs(Right.ADMINISTER, "POST", fresh=True)
def identity_provider_do(request: Asked, provider: str, deed: str) -> HttpResponse:
    """Switch a provider on or off, or forget who is known by it."""
    id_ = int(provider)
    if deed == "forget":
        acts.forget(provider=id_, by=request.by)
    else:
        acts.switch(provider=id_, on=deed == "on", by=request.by)
    return screens.done(request, f"{reverse('identity_providers')}#provider-{id_}")


# ----------------------------------------------------------------------------------------- the form


def _asked(request: Asked, form: Form) -> Form | None:
    """Return the form as a button other than that for saving makes it; None to save."""
    do = request.POST.get("do", "")
    if do == "test":
        works, told = _tried(form.typed.issuer.strip())
        return replace(form, works=works, told=told)
    groups = identity_groups.after(form.typed.groups, do)
    return None if groups is None else replace(form, typed=replace(form.typed, groups=groups))


def _tried(issuer: str) -> tuple[bool, str]:
    """Ask a provider for what it says of itself and its keys; return whether it works, and why."""
    try:
        document = discovery.document(issuer, anew=True)
        keys = discovery.keys(document)
    except Unusable as error:
        return False, _(
            "It does not work: %(why)s",
        ) % {"why": gettext(str(error))}
    if not any(key.get("kty") in id_token.ALGORITHMS.values() for key in keys):
        return False, _("It has no key whose signatures we could check.")
    methods = document.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        return True, _("It answers, but does not say that it checks the challenge (PKCE, S256).")
    return True, _("It answers, and its keys are ones that we can check.")


def _form(request: Asked, form: Form, found: Shown | None = None) -> HttpResponse:
    around = layout.around(request)
    shown = {
        **settings.frame("identity"),
        "form": form,
        "found": found,
        "typed": form.typed,
        "wrong": form.wrong,
        "choices": identity_providers.choices(by=request.by),
        "role_name": names.role,
        "callback": _callback(request, found),
        "title": (found.name if found else "") or _("New identity provider"),
    }
    status = 422 if form.wrong.listed else 200
    return layout.show(
        request, "settings", "settings/identity_provider.html", shown, around=around, status=status
    )


def _callback(request: Asked, found: Shown | None) -> str:
    # A key that was only typed may be none.
    if found is None:
        return ""
    try:
        return openid.callback(request, found.key)
    except Unusable as error:
        return str(error)


def _refused(
    request: Asked, form: Form, error: Invalid, found: Shown | None = None
) -> HttpResponse:
    wrong = reasons.wrong([Mistake(error.path, error.reason)])
    return _form(request, replace(form, wrong=wrong), found)


def _kept(found: Shown) -> Typed:
    own = found.settings
    return Typed(
        name=found.name,
        issuer=own["issuer"],
        client=own["client"],
        claim=own["claim"],
        scopes=" ".join(own["scopes"]),
        checked=own["checked"],
        by_email=found.by_email,
        groups=identity_groups.kept(found.groups),
    )


def _typed(request: HttpRequest) -> Typed:
    sent = request.POST
    return Typed(
        name=sent.get("name", ""),
        issuer=sent.get("issuer", ""),
        client=sent.get("client", ""),
        secret=sent.get("secret", ""),
        claim=sent.get("claim", "").strip() or "groups",
        scopes=sent.get("scopes", ""),
        checked=bool(sent.get("checked")),
        by_email=bool(sent.get("by_email")),
        groups=identity_groups.typed(request),
    )
