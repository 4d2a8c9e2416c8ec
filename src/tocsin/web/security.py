"""The page on which administrators set what the desk asks of those who sign in and read."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.actions import security as deeds
from tocsin.kit.invalid import Invalid
from tocsin.queries import security
from tocsin.queries.access import Right
from tocsin.queries.security import Rules
from tocsin.web import layout, screens, settings
from tocsin.web.asked import Asked

# What the fields of this page can be refused for.
_REASONS = (
    gettext_noop("is the only way in: set up an identity provider first"),
    gettext_noop("must be a whole number"),
    gettext_noop("must be between 10 and 100000"),
    gettext_noop("must be between 1 and 168"),
    gettext_noop("must be between 5 and 1440"),
)
_NUMBERS = ("read_budget", "session_hours", "idle_minutes")


@screens.needs(Right.ADMINISTER, "GET", "HEAD", "POST", fresh=True)
def security_page(request: Asked) -> HttpResponse:
    """Show what holds, or have something else hold."""
    found = security.in_force(by=request.by)
    values = {name: str(getattr(found, name)) for name in _NUMBERS}
    values |= {name: getattr(found, name) for name in ("export_approval", "passwords")}
    if request.method != "POST":
        shown = {"values": values, "second_factor": found.second_factor}
        return _page(request, shown)
    sent = request.POST
    typed: dict[str, Any] = {
        **{name: sent.get(name, "").strip() for name in _NUMBERS},
        "export_approval": bool(sent.get("export_approval")),
        "passwords": bool(sent.get("passwords")),
    }
    factor = frozenset(sent.getlist("second_factor"))
    try:
        rules = Rules(
            read_budget=_whole(typed, "read_budget"),
            export_approval=typed["export_approval"],
            second_factor=factor,
            session_hours=_whole(typed, "session_hours"),
            idle_minutes=_whole(typed, "idle_minutes"),
            passwords=typed["passwords"],
        )
        deeds.set_rules(rules=rules, by=request.by)
    except Invalid as error:
        shown = {"values": typed, "second_factor": factor}
        return _page(request, shown, (error.path, _(error.reason)))
    return HttpResponseRedirect(f"{reverse('security')}?done=yes")


def _whole(typed: dict[str, Any], name: str) -> int:
    text = typed[name]
    if not (text.isdecimal() and len(text) < 9):
        raise Invalid(name, "must be a whole number")
    return int(text)


def _page(request: Asked, shown: dict[str, Any], wrong: tuple[str, str] = ("", "")) -> HttpResponse:
    around = layout.around(request)
    shown |= {
        **settings.frame("security"),
        "roles": deeds.ROLES,
        "other_way": security.other_way_in(request.by.tenant),
        "wrong": {wrong[0]: wrong[1]} if wrong[0] else {},
        "done": request.GET.get("done") == "yes",
    }
    status = 422 if wrong[0] else 200
    return layout.show(
        request, "settings", "settings/security.html", shown, around=around, status=status
    )
