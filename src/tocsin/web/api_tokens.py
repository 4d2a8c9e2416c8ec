"""Tokens of programs: one's own, made and shown once, and those of everybody for administrators."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from tocsin.actions import api_tokens as acts
from tocsin.actions.api_tokens import DAYS, MOST_DAYS, Made
from tocsin.kit.invalid import Invalid
from tocsin.queries import api_tokens
from tocsin.queries.access import Right
from tocsin.queries.api_tokens import OF_CALENDARS, Scope
from tocsin.web import layout, screens, settings
from tocsin.web.asked import Asked

# What a scope is called, and what it is for.
SCOPES: Mapping[str, str] = {
    Scope.READ_TICKETS: gettext_noop("Read tickets and their clocks"),
    Scope.WRITE_TICKETS: gettext_noop("Read and change tickets"),
    Scope.READ_REPORTS: gettext_noop("Read reports"),
    Scope.SCIM: gettext_noop("Keep people and teams by a directory (SCIM)"),
    Scope.CALENDAR: gettext_noop("A calendar of my shifts, without names"),
    Scope.CALENDAR_NAMES: gettext_noop("A calendar of my shifts, with names of schedules"),
}
# What the fields of the form can be refused for.
_REASONS = (
    gettext_noop("choose at least one"),
    gettext_noop("a calendar needs a token of its own"),
    gettext_noop("must be 1 to 365"),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the form, and what is wrong with it."""

    name: str = ""
    scopes: tuple[str, ...] = ()
    days: str = str(DAYS)
    place: str = ""
    reason: str = ""

    def wrong(self, name: str) -> str:
        """Return what is wrong with a field, or nothing."""
        return self.reason if self.place == name else ""


@screens.needs(Right.SIGNED_IN)
def my_tokens(request: Asked) -> HttpResponse:
    """Show one's own tokens, with a form to make one."""
    return _shown(request, Typed())


@screens.needs(Right.SIGNED_IN, "POST", fresh=True)
def token_make(request: Asked) -> HttpResponse:
    """Make a token and show it, this once."""
    given = request.POST
    typed = Typed(given.get("name", ""), tuple(given.getlist("scopes")), given.get("days", ""))
    try:
        made = acts.make(
            name=typed.name, scopes=typed.scopes, days=_days(typed.days), by=request.by
        )
    except Invalid as error:
        place = error.path.partition(".")[0]
        reason = gettext(error.reason) if error.reason in _KNOWN else _("Choose from the list.")
        reason = screens.wrong(place, reason) if place == "name" else reason
        wrong = Typed(typed.name, typed.scopes, typed.days, place, reason)
        return _shown(request, wrong, status=422)
    return _shown(request, Typed(), made=made, of_calendar=typed.scopes[0] in OF_CALENDARS)


_KNOWN = {*_REASONS, "is empty", "holds a NUL character, which no text has"}


def _days(text: str) -> int:
    found = text.strip()
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 5 else 0


@screens.needs(Right.SIGNED_IN, "POST", fresh=True)
def token_revoke(request: Asked, made: int) -> HttpResponse:
    """Have a token end: one's own, or for administrators anybody's."""
    acts.revoke(token=made, by=request.by)
    back = "all_tokens" if request.POST.get("back") == "all" else "my_tokens"
    return screens.done(request, f"{reverse(back)}?revoked=1")


@screens.needs(Right.ADMINISTER)
def all_tokens(request: Asked) -> HttpResponse:
    """Show the tokens of everybody; what they are nobody can show."""
    around = layout.around(request)
    shown = {
        **settings.frame("tokens"),
        "tokens": api_tokens.everybodys(by=request.by, now=around.now),
        "scope": scope,
        "revoked": "revoked" in request.GET,
        "now": around.now,
    }
    return layout.show(request, "settings", "my_security/all_tokens.html", shown, around=around)


def _shown(
    request: Asked,
    typed: Typed,
    *,
    made: Made | None = None,
    of_calendar: bool = False,
    status: int = 200,
) -> HttpResponse:
    around = layout.around(request)
    offered = api_tokens.offered(request.by)
    shown = {
        "tokens": api_tokens.mine(by=request.by, now=around.now),
        "offered": [(one.value, gettext(SCOPES[one])) for one in offered],
        "typed": typed,
        "made": made,
        "feed": feed(request, made.token) if made and of_calendar else "",
        "scope": scope,
        "most_days": MOST_DAYS,
        "revoked": "revoked" in request.GET,
        "now": around.now,
    }
    template = "my_security/tokens.html"
    return layout.show(request, "my_security", template, shown, around=around, status=status)


def feed(request: Asked, token: str) -> str:
    """Return the address at which a calendar program finds the shifts of a token's person."""
    return request.build_absolute_uri(reverse("calendar_feed", args=[token]))


def scope(name: str) -> str:
    """Return what a scope is for, in the reader's language."""
    return gettext(SCOPES[name]) if name in SCOPES else name
