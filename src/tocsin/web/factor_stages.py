"""What stands between the password and the desk: the second factor, or having to set one up.

Both are stages of the library's sign-in: nobody is signed in before the last of them is passed, so
neither pages nor streams nor tokens need to know about them.
"""

import datetime as dt
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows import login as flows
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, clear_login, stash_login
from allauth.account.models import Login
from allauth.account.stages import LoginStage, LoginStageController
from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from tocsin.actions import factors as acts
from tocsin.actions import limits, strongbox
from tocsin.kit import machine_clock
from tocsin.queries import access, frame, readers
from tocsin.queries import factors as known
from tocsin.queries.readers import Reader
from tocsin.web import addresses, factor_proofs, factors, passkeys, proving, screens
from tocsin.web.asked import Asked

# So often within one attempt; then the password is asked for again.
_MOST_TRIES = 5
# So many questions for passkeys an address at once, then one each so often.
_QUESTIONS, _QUESTION_EACH = 30, dt.timedelta(seconds=2)
_SEALED_FOR = "second factor"


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Allauth's second factors in a desk of tenants: ours are asked, secrets are sealed."""

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Say whether a person has a factor of these kinds."""
        own = known.of_person(user.tenant_id, user.pk).own
        return any(types is None or one.kind in types for one in own)

    def encrypt(self, text: str) -> str:
        """Seal what the library itself would keep; our own factors are sealed for their person."""
        return strongbox.seal(text, for_=_SEALED_FOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Open what the library kept."""
        return strongbox.open_(encrypted_text, for_=_SEALED_FOR)


class SetUp(LoginStage):  # type: ignore[misc]  # allauth has no types
    """Leads whoever needs a second factor and has none to where they set one up."""

    key = "factor_set_up"
    urlname = "factor_set_up"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Return where to go, until there is a factor."""
        user = self.login.user
        if known.of_person(user.tenant_id, user.pk).owed:
            return HttpResponseRedirect(reverse(self.urlname)), True
        return None, True


def pending(request: Asked, key: str) -> Any:
    """Return the stage at which whoever is signing in stands, if it is that one; else None.

    The library would look for the person without saying in which tenant; so they are found here.
    """
    kept = request.session.get(LOGIN_SESSION_KEY)
    if request.tenant is None or request.reader is not None or not isinstance(kept, dict):
        return None
    try:
        person = int(url_str_to_user_pk(kept["user_pk"]))
        login = Login.deserialize({**kept, "user_pk": None})
    except (KeyError, ValueError, TypeError):
        return None
    login.user = readers.account(request.tenant, person)
    if login.user is None or _is_old(login):
        clear_login(request)
        return None
    controller = LoginStageController(request, login)
    if controller.state.get("current") != key:
        return None
    return controller.get_stage(key)


@sensitive_post_parameters("code", "credential")
@screens.public("GET", "HEAD", "POST")
def authenticate(request: Asked) -> HttpResponse:
    """Ask for the second factor, and take it."""
    stage = pending(request, AuthenticateStage.key)
    if stage is None:
        return _begin_anew(request)
    user, wrong = stage.login.user, ""
    if request.method == "POST":
        tries = int(stage.state.get("tries", 0)) + 1
        if tries > _MOST_TRIES:
            clear_login(request)
            return _begin_anew(request)
        # Counted before it is looked at.
        stage.state["tries"] = tries
        stash_login(request, stage.login)
        means = factor_proofs.proof(request, request.POST, user.tenant_id, user.pk)
        if means:
            flows.record_authentication(request, user, "mfa", type=means)
            passed: HttpResponse = stage.exit()
            return passed
        wrong = _("That is not right. Wait for the app's next code, and try again.")
    own = known.of_person(user.tenant_id, user.pk)
    shown = {"own": own, "wrong": wrong}
    return render(request, "mfa/authenticate.html", shown, status=422 if wrong else 200)


@sensitive_post_parameters("code", "credential")
@screens.public("GET", "HEAD", "POST")
def set_up(request: Asked) -> HttpResponse:
    """Have somebody set up the second factor that their role needs, before they come in."""
    stage = pending(request, SetUp.key)
    reader = _reader(stage)
    if reader is None:
        return _begin_anew(request)
    wrong = ""
    owed = known.of_person(reader.tenant, reader.id).owed
    if request.method == "POST" and not owed:
        passed: HttpResponse = stage.exit()
        return passed
    if request.method == "POST":
        add = factors.add_passkey if request.POST.get("credential") else factors.add_app
        codes, wrong = add(request, reader)
        if not wrong:
            return factors.codes_page(request, codes, signing_in=True)
    desk = frame.frame(by=reader.actor).desk.name
    app = factors.waiting(request, reader, desk) if owed else None
    shown = {"app": app, "desk": desk, "wrong": wrong}
    return render(request, "mfa/set_up.html", shown, status=422 if wrong else 200)


@screens.public("POST")
def set_up_passkey_new(request: Asked) -> HttpResponse:
    """Tell a script what to make a passkey from, for somebody who must have a second factor."""
    reader = _reader(pending(request, SetUp.key))
    if reader is None or not known.of_person(reader.tenant, reader.id).owed:
        raise access.missing()
    return factors.question_new(request, reader)


@screens.public("POST")
def question(request: Asked) -> HttpResponse:
    """Tell a script what to prove a passkey with: of whoever is known already, else of anybody."""
    if request.tenant is None:
        raise access.missing()
    where = addresses.network(request.address)
    if limits.take("passkey", where, most=_QUESTIONS, each=_QUESTION_EACH, tenant=request.tenant):
        return JsonResponse({"told": factor_proofs.too_many()}, status=429)
    stage = pending(request, AuthenticateStage.key)
    person = request.reader.id if request.reader else stage.login.user.pk if stage else None
    return JsonResponse(passkeys.ask(request, person))


@sensitive_post_parameters("credential")
@screens.public("POST")
def sign_in(request: Asked) -> HttpResponse:
    """Sign in by a passkey alone: it is something one has, and it has asked who holds it."""
    if request.tenant is None:
        raise access.missing()
    typed = request.POST.get("credential", "")
    person = passkeys.whose(request, typed)
    # Checked in any case: the question is used up by any answer.
    key = passkeys.proved(request, typed, person or 0)
    user = readers.account(request.tenant, person) if person and key else None
    if user is None or key is None:
        return HttpResponseRedirect(f"{reverse('account_login')}?passkey=no")
    acts.note_passkey(request.tenant, user.pk, key.id)
    clear_login(request)
    told = {"type": known.PASSKEY, "passwordless": True}
    flows.record_authentication(request, user, "mfa", **told)
    onward = proving.inside(request, request.POST.get("next", ""), reverse("hub"))
    login = Login(user=user, redirect_url=onward)
    response: HttpResponse = flows.perform_login(request, login)
    return response


def _is_old(login: Login) -> bool:
    age = machine_clock.wall().timestamp() - float(login.initiated_at)
    return age > float(app_settings.LOGIN_TIMEOUT)


def _reader(stage: Any) -> Reader | None:
    return readers.reader(stage.login.user.tenant_id, stage.login.user.pk) if stage else None


def _begin_anew(request: Asked) -> HttpResponse:
    if request.tenant is None:
        raise access.missing()
    to = "hub" if request.reader is not None else "account_login"
    return HttpResponseRedirect(reverse(to))
