"""Second factors on screen: one's own, adding and removing them."""

from dataclasses import dataclass
from urllib.parse import quote

import qrcode  # type: ignore[import-untyped]  # it has no types
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _
from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M  # type: ignore[import-untyped]  # nor its parts

from tocsin.actions import factors as acts
from tocsin.actions import strongbox
from tocsin.kit.invalid import Invalid
from tocsin.queries import factors as known
from tocsin.queries import frame
from tocsin.queries.access import Right
from tocsin.queries.readers import Reader
from tocsin.web import factor_proofs, layout, passkeys, screens
from tocsin.web.asked import Asked

# Where the secret of an app waits, sealed, until a code proves the app.
WAITING = "factor_waiting"
# What can be wrong with what was given, for translators.
_REASONS = (
    gettext_noop("the code is not what the app shows now; look at both clocks"),
    gettext_noop("there is an app already; remove it first"),
    gettext_noop("this passkey is here already"),
    gettext_noop("there are as many passkeys as one may have; remove one"),
    gettext_noop("your role needs a second factor; add another one first"),
    gettext_noop("recovery codes stand in for a second factor; add one first"),
)


@dataclass(frozen=True, slots=True)
class App:
    """An app that is being added: its secret in groups, and the picture of it."""

    secret: str
    picture: Markup


@screens.needs(Right.SIGNED_IN, fresh=True)
def factors(request: Asked) -> HttpResponse:
    """Show one's own second factors, with forms to change them."""
    return _listed(request)


def _listed(request: Asked, wrong: str = "", *, status: int = 200) -> HttpResponse:
    around = layout.around(request)
    shown = {
        "own": known.mine(by=request.by),
        "wrong": wrong,
        "saved": "saved" in request.GET,
        "now": around.now,
    }
    template = "my_security/factors.html"
    return layout.show(request, "factors", template, shown, around=around, status=status)


@screens.needs(Right.SIGNED_IN, "GET", "HEAD", "POST", fresh=True)
def factor_app(request: Asked) -> HttpResponse:
    """Show what an app needs, and take the code that proves it."""
    reader, around = _signed_in(request), layout.around(request)
    wrong = ""
    if request.method == "POST":
        codes, wrong = add_app(request, reader)
        if not wrong:
            return _added(request, codes)
    shown = {"app": waiting(request, reader, around.desk.name), "wrong": wrong}
    template, status = "my_security/factor_app.html", 422 if wrong else 200
    return layout.show(request, "factors", template, shown, around=around, status=status)


@screens.needs(Right.SIGNED_IN, "POST", fresh=True)
def factor_passkey_new(request: Asked) -> HttpResponse:
    """Tell a script what to make a passkey from."""
    return question_new(request, _signed_in(request))


@screens.needs(Right.SIGNED_IN, "POST", fresh=True)
def factor_passkey(request: Asked) -> HttpResponse:
    """Take the passkey that the browser made."""
    codes, wrong = add_passkey(request, _signed_in(request))
    return _listed(request, wrong, status=422) if wrong else _added(request, codes)


@screens.needs(Right.SIGNED_IN, "POST", fresh=True)
def factors_do(request: Asked, deed: str) -> HttpResponse:
    """Remove a factor, or make new recovery codes."""
    but = request.session.session_key or ""
    if deed == "codes":
        return codes_page(request, acts.renew_codes(by=request.by, but=but))
    factor = request.POST.get("factor", "")
    # A number of nothing is refused as what is not there.
    id_ = int(factor) if factor.isdecimal() and len(factor) < 19 else 0
    acts.remove(factor=id_, by=request.by, but=but)
    return screens.done(request, f"{reverse('factors')}?saved=1")


@screens.needs(Right.ADMINISTER, "POST", fresh=True)
def factors_reset(request: Asked, person: int) -> HttpResponse:
    """Take all factors from somebody who has lost them."""
    acts.reset(person=person, by=request.by)
    return screens.done(request, reverse("person", args=[person]))


def _signed_in(request: Asked) -> Reader:
    assert request.reader is not None
    return request.reader


def _added(request: Asked, codes: list[str]) -> HttpResponse:
    if codes:
        return codes_page(request, codes)
    return HttpResponseRedirect(f"{reverse('factors')}?saved=1")


# ------------------------------------------------ for these pages, and for whoever is signing in


def waiting(request: Asked, reader: Reader, desk: str) -> App:
    """Return the app that is being added; its secret stays the same until a code proves it."""
    sealed = str(request.session.get(WAITING, ""))
    try:
        secret, address = _shown(sealed, reader, desk)
    except strongbox.Locked:
        sealed = request.session[WAITING] = acts.begin_app(by=reader.actor)
        secret, address = _shown(sealed, reader, desk)
    groups = (secret[at : at + 4] for at in range(0, len(secret), 4))
    return App(" ".join(groups), picture(address))


def _shown(sealed: str, reader: Reader, desk: str) -> tuple[str, str]:
    return acts.shown_app(sealed=sealed, issuer=desk, account=reader.email, by=reader.actor)


def picture(text: str) -> Markup:
    """Return a QR code as a drawing of the page itself: dark on light, whatever the theme."""
    code = qrcode.QRCode(border=3, error_correction=ERROR_CORRECT_M)
    code.add_data(text)
    lines = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, line in enumerate(lines) for x, dark in enumerate(line) if dark
    )
    drawn = Markup(
        '<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{label}">'
        '<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )
    return drawn.format(size=len(lines), path=path, label=_("QR code for the app"))


def add_app(request: Asked, reader: Reader) -> tuple[list[str], str]:
    """Add the app whose code was typed; returns recovery codes, or what is wrong."""
    sealed, but = str(request.session.get(WAITING, "")), request.session.session_key or ""
    if acts.may_try(reader.tenant, reader.id):
        return [], factor_proofs.too_many()
    try:
        codes = acts.add_app(
            sealed=sealed, code=request.POST.get("code", ""), by=reader.actor, but=but
        )
    except strongbox.Locked:
        return [], _("The page is too old; add the app again.")
    except Invalid as error:
        return [], _sentence(error)
    del request.session[WAITING]
    return codes, ""


def question_new(request: Asked, reader: Reader) -> HttpResponse:
    """Return what a passkey is made from, for a script."""
    desk = frame.frame(by=reader.actor).desk.name
    return JsonResponse(passkeys.ask_new(request, reader, desk))


def add_passkey(request: Asked, reader: Reader) -> tuple[list[str], str]:
    """Add the passkey that a browser made; returns recovery codes, or what is wrong."""
    key = passkeys.made(request, request.POST.get("credential", ""))
    if key is None:
        return [], _("The browser made no passkey that can be taken. Try again.")
    name, but = request.POST.get("name", "").strip(), request.session.session_key or ""
    try:
        own = acts.add_passkey(key=key, name=name or _("Passkey"), by=reader.actor, but=but)
    except Invalid as error:
        return [], _sentence(error)
    return own, ""


def _sentence(error: Invalid) -> str:
    told = gettext(error.reason)
    return _("That cannot be taken: %(reason)s.") % {"reason": told}


def codes_page(request: Asked, codes: list[str], *, signing_in: bool = False) -> HttpResponse:
    """Show recovery codes, this once."""
    text = "\n".join(codes) + "\n"
    shown = {
        "codes": codes,
        "file": f"data:text/plain;charset=utf-8,{quote(text)}",
        "signing_in": signing_in,
    }
    return render(request, "mfa/codes.html", shown)
