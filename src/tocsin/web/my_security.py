"""Signing in, for oneself: password, address and sessions."""

import re

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_post_parameters

from tocsin.actions import own_address, passwords
from tocsin.actions import sign_ins as acts
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, readers, sign_ins
from tocsin.queries.access import Right
from tocsin.web import layout, proving, screens
from tocsin.web.asked import Asked

# What can be wrong with what was typed here, by a link and in the first run, for translators.
_REASONS = (
    gettext_noop("must have 12 to 1024 characters, no NUL among them"),
    gettext_noop("is one of those that everybody tries first"),
    gettext_noop("is too much like your name or address"),
    gettext_noop("is hardly more than the name of the desk and words that go with it"),
    gettext_noop("is not your password, or was wrong too often"),
    gettext_noop("is not the same"),
    gettext_noop("is no address"),
    gettext_noop("is somebody's address already"),
    gettext_noop("was wrong too often; wait a few minutes"),
    gettext_noop("is not the one in the server's log"),
    gettext_noop("no mail leaves this desk, so no address can be confirmed"),
    gettext_noop("somebody else has this address by now"),
)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@screens.needs(Right.SIGNED_IN)
def my_security(request: Asked) -> HttpResponse:
    """Show how one signs in, and where one is signed in."""
    return _shown(request, {})


@sensitive_post_parameters("current", "password", "again")
@screens.needs(Right.SIGNED_IN, "POST", fresh=True)
def my_password(request: Asked) -> HttpResponse:
    """Change one's password; one's other sessions end."""
    given = request.POST
    try:
        if given.get("again", "") != given.get("password", ""):
            raise Invalid("again", "is not the same")
        passwords.change(
            current=given.get("current", ""),
            password=given.get("password", ""),
            session=request.session.session_key or "",
            by=request.by,
        )
    except Invalid as error:
        return _shown(request, {error.path: screens.wrong(error.path, error.reason)}, status=422)
    _keep(request)
    return screens.done(request, f"{reverse('my_security')}?saved=password")


def _keep(request: Asked) -> None:
    """Have this session go on, under another key."""
    assert request.reader is not None
    before = request.session.session_key or ""
    account = readers.account(request.reader.tenant, request.reader.id)
    assert account is not None
    update_session_auth_hash(request, account)
    proving.mark(request)
    after = request.session.session_key or ""
    acts.proved(request.reader.tenant, session=after, before=before)


@screens.needs(Right.SIGNED_IN, "POST", fresh=True)
def my_address(request: Asked) -> HttpResponse:
    """Ask to sign in with another address."""
    try:
        own_address.ask(email=request.POST.get("email", ""), by=request.by)
    except Invalid as error:
        return _shown(request, {error.path: screens.wrong(error.path, error.reason)}, status=422)
    return screens.done(request, f"{reverse('my_security')}?saved=email")


@screens.needs(Right.SIGNED_IN, "POST", fresh=True)
def my_session_end(request: Asked, session: int) -> HttpResponse:
    """End one of one's own sessions."""
    acts.end(sign_in=session, by=request.by)
    return screens.done(request, f"{reverse('my_security')}?saved=session")


@screens.needs(Right.SIGNED_IN, "POST", fresh=True)
def my_sessions_end(request: Asked) -> HttpResponse:
    """End all of one's own sessions but this one."""
    acts.end_others(session=request.session.session_key or "", by=request.by)
    return screens.done(request, f"{reverse('my_security')}?saved=sessions")


def _shown(request: Asked, wrong: dict[str, str], *, status: int = 200) -> HttpResponse:
    reader = request.reader
    if reader is None:
        raise access.missing()
    around = layout.around(request)
    shown = {
        "sessions": sign_ins.mine(session=request.session.session_key or "", by=request.by),
        "has_password": proving.has_password(reader),
        "email": reader.email,
        "typed_email": request.POST.get("email", ""),
        "wrong": wrong,
        "saved": request.GET.get("saved", ""),
        "least": passwords.LEAST,
        "browser": browser,
        "means": means,
        "now": around.now,
    }
    return layout.show(
        request, "my_security", "my_security/page.html", shown, around=around, status=status
    )


def browser(agent: str) -> str:
    """Return what a browser is called, by what it says of itself; it may say what it likes."""
    named = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if re.search(sign, agent)), "")
    return _("%(browser)s on %(system)s") % {
        "browser": named or _("An unknown browser"),
        "system": system or _("an unknown system"),
    }


def means(names: str) -> str:
    """Return by what somebody signed in, in words."""
    words = {
        "password": _("password"),
        "totp": _("code of an app"),
        "webauthn": _("passkey"),
        "recovery_codes": _("recovery code"),
        "provider": _("identity provider"),
        "proxy": _("proxy in front"),
    }
    return ", ".join(words.get(name, name) for name in names.split()) or "–"
