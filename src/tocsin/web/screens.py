"""Declaring what a route needs, and answering both people with JavaScript and people without."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tocsin.queries import access
from tocsin.queries.access import Refused, Right
from tocsin.web import names, proving
from tocsin.web.asked import Asked

_P = ParamSpec("_P")
Screen = Callable[Concatenate[Asked, _P], HttpResponse]

# Each route's function by its full name, with the right that it asks for; None is for everybody.
ROUTES: dict[str, Right | None] = {}
# Those that ask for a fresh proof of who one is.
GRAVE: set[str] = set()


def needs(right: Right, *methods: str, fresh: bool = False) -> Callable[[Screen[_P]], Screen[_P]]:
    """Declare what right a route needs; GET and HEAD unless other methods are named.

    Whoever is not signed in is led to where they can; whoever lacks the right finds nothing. With
    `fresh` they must have proved who they are within the last ten minutes.
    """

    def declared(screen: Screen[_P]) -> Screen[_P]:
        _note(screen, right)
        if fresh:
            GRAVE.add(f"{screen.__module__}.{screen.__qualname__}")

        @functools.wraps(screen)
        def checked(request: Asked, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            if request.tenant is None:
                raise access.missing()
            if request.reader is None:
                return _to_sign_in(request)
            request.by = request.reader.actor
            if right not in request.by.rights:
                raise access.missing()
            if fresh and not proving.is_fresh(request):
                return proving.ask(request)
            return screen(request, *args, **kwargs)

        guarded: Screen[_P] = require_http_methods(methods or ("GET", "HEAD"))(checked)  # type: ignore[assignment]  # wraps() forgets the name of the first argument
        return guarded

    return declared


def public(*methods: str) -> Callable[[Screen[_P]], Screen[_P]]:
    """Declare a route that anybody may use."""

    def declared(screen: Screen[_P]) -> Screen[_P]:
        _note(screen, None)
        return require_http_methods(methods or ("GET", "HEAD"))(screen)

    return declared


def _note(screen: Callable[..., Any], right: Right | None) -> None:
    ROUTES[f"{screen.__module__}.{screen.__qualname__}"] = right


def _to_sign_in(request: Asked) -> HttpResponse:
    address = reverse("account_login")
    if request.method in ("GET", "HEAD") and not is_partial(request):
        return HttpResponseRedirect(f"{address}?{urlencode({'next': request.get_full_path()})}")
    # A form that was filled in must not be lost by a redirect: the page says what to do.
    response = HttpResponse(status=401)
    response.headers["X-Sign-In"] = address
    return response


def is_partial(request: Asked) -> bool:
    """Say whether a script asks for a part of a page."""
    return bool(request.headers.get("HX-Request")) or wants_json(request)


def wants_json(request: Asked) -> bool:
    """Say whether a script asks for data."""
    return "application/json" in request.headers.get("Accept", "")


# What actions refuse; their layer says it in English, the reader's language is known here only.
_REFUSALS = (
    gettext_noop("there is no such thing here, or it is not for you"),
    gettext_noop("%(name)s has left; nothing can be assigned to them"),
    gettext_noop("from %(stage)r a ticket may go to: %(may)s; not to %(to)r"),
    gettext_noop("a ticket that is %(status)s does not wait; reopen it"),
    gettext_noop("the ticket is not waiting, so there is nothing to resume"),
    gettext_noop("the policy wants every pause approved; open the ticket and choose Wait"),
    gettext_noop("the policy wants a reason to wait; open the ticket and choose Wait"),
    gettext_noop("nobody asks for a pause of this ticket any more"),
    gettext_noop("the violation was withdrawn; there is nothing to acknowledge"),
    gettext_noop("somebody has acknowledged this violation already"),
    gettext_noop("the ticket is closed; reopen it first"),
    gettext_noop("only a resolved or closed ticket can be reopened"),
    gettext_noop("the ticket is in no pipeline, so it has no stages"),
    gettext_noop("ticket %(number)s was changed since you looked at it; look again"),
    gettext_noop("there is no free number between its neighbours; give one of them another first"),
    gettext_noop("it is over already"),
    gettext_noop("this was changed since you looked at it; look again"),
    gettext_noop("the configuration was changed since you looked at it; look again"),
    gettext_noop("there is a newer version than the one this draft began from; look again"),
    gettext_noop("the ticket has come to its end; reopen it first"),
    gettext_noop("this path is running on the ticket already"),
    gettext_noop("this escalation has ended already"),
    gettext_noop("it runs by the newest version of its path already"),
    gettext_noop("nobody here is known by this account; ask an administrator"),
    gettext_noop("your groups there let you do nothing here; ask an administrator"),
    gettext_noop("switch the provider off first"),
    gettext_noop(
        "passwords are switched off and no administrator could sign in any more;"
        " switch passwords on first"
    ),
    gettext_noop("nobody agrees to their own export; somebody else has to"),
    gettext_noop("this export was decided already"),
    gettext_noop("this export was taken already; ask for it again"),
    gettext_noop("this export was agreed to more than a day ago; ask for it again"),
    gettext_noop("you have opened %(allowed)s tickets within an hour, which is all that you may"),
)
# What the fields of these pages can be refused for; the rest is for commands and files.
_REASONS = (
    gettext_noop("is empty"),
    gettext_noop("is not a time zone"),
    gettext_noop("holds a NUL character, which no text has"),
)


def sentence(error: Refused) -> str:
    """Return what was refused and why, in the reader's language, as a sentence."""
    told = gettext(error.text)
    own = dict(error.told)
    if "status" in own:
        own["status"] = names.status(str(own["status"])).lower()
    told = told % own if own else told
    return f"{told[:1].upper()}{told[1:]}."


def wrong(field: str, reason: str) -> str:
    """Return what is wrong with a field, in the reader's language."""
    names = {
        "body": _("The text"),
        "reason": _("The reason"),
        "note": _("The note"),
        "zone": _("The time zone"),
        "person": _("The person"),
        "team": _("The team"),
        "to": _("The choice"),
        "private_to": _("Who reads the note"),
        "password": _("The password"),
        "current": _("The password of today"),
        "again": _("The second password"),
        "email": _("The e-mail address"),
        "code": _("The code"),
        "key": _("The short name"),
        "name": _("The name"),
    }
    words = {"field": names.get(field.partition(".")[0], field), "reason": gettext(reason)}
    return _("%(field)s %(reason)s.") % words


def told(request: Asked, sentence: str, *, status: int) -> HttpResponse:
    """Return a sentence for whoever asked, in the form that they asked for."""
    if wants_json(request):
        return JsonResponse({"told": sentence}, status=status)
    template = "parts/told.html" if is_partial(request) else "front/told.html"
    return render(request, template, {"sentence": sentence, "status": status}, status=status)


def done(request: Asked, to: str, sentence: str = "") -> HttpResponse:
    """Return after a change: data for a script, otherwise the way to the page that shows it."""
    if wants_json(request):
        return JsonResponse({"told": sentence})
    return HttpResponseRedirect(to)
