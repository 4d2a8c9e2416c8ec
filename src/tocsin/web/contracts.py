"""Contracts: what each account was promised, from when until when, and by which calendar."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.actions import drafts
from tocsin.engine.policy import instant_from
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, configuration, field_values
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Right
from tocsin.web import form_parts, layout, policies, reasons, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.form_parts import listing, mapping, typed

_KIND = "contract"
_DAY = dt.timedelta(days=1)
_SOON_DAYS = 60


@dataclass(frozen=True, slots=True)
class State:
    """Where a contract stands: ``coming``, ``in force``, ``ending`` or ``ended``, and in words."""

    key: str
    words: str


def state(data: Any, now: dt.datetime) -> State:
    """Return where a contract stands at `now`."""
    own = mapping(data)
    try:
        begins = instant_from(own.get("valid_from"), "valid_from")
        ends = instant_from(own["valid_until"], "valid_until") if "valid_until" in own else None
    except Invalid:
        return State("draft", _("unfinished"))
    if now < begins:
        return State("coming", _("coming"))
    if ends is None:
        return State("in force", _("in force"))
    if ends <= now:
        return State("ended", _("ended"))
    days = -(-(ends - now) // _DAY)
    words = ngettext("ends in %(n)s day", "ends in %(n)s days", days) % {"n": days}
    return State("ending" if days <= _SOON_DAYS else "in force", words)


@screens.needs(Right.READ_CONFIGURATION)
def contracts(request: Asked) -> HttpResponse:
    """Show all contracts and where each stands."""
    around = layout.around(request)
    found = list(configuration.newest(by=request.by)[_KIND].values())
    accounts = dict(field_values.field_values(by=request.by).values.get("account", ()))
    may_change = Right.CONFIGURE in request.by.rights
    written = draft_queries.drafts(by=request.by) if may_change else ()
    shown = {
        **settings.frame("contracts"),
        "contracts": [(one, state(one.data, around.now)) for one in found],
        "drafted": [one for one in written if one.kind == _KIND],
        "accounts": accounts,
        "may_change": may_change,
        "shown_instant": _date,
    }
    return layout.show(request, "settings", "settings/contracts.html", shown, around=around)


def _date(value: object) -> str:
    return form_parts.instant_shown(value).replace("T", " ") if value else "–"


@screens.needs(Right.CONFIGURE, "GET", "HEAD", "POST")
def contract_new(request: Asked) -> HttpResponse:
    """Ask what a new contract is called, and begin a draft of it."""
    key, error = request.POST.get("key", "").strip(), ""
    around = layout.around(request)
    if request.method == "POST":
        error = policies.wrong_key(request, _KIND, key)
        if not error:
            begins = moments_midnight(around.now)
            data = {"policies": [], "valid_from": begins}
            drafts.save(kind=_KIND, key=key, data=data, by=request.by)
            return HttpResponseRedirect(reverse("contract", args=[key]))
    shown = {
        **settings.frame("contracts"),
        "title": _("New contract"),
        "what_for": _("A contract says which policies an account has, and how long."),
        "key": key,
        "error": error,
        "hint": _("The number or name of the contract. It cannot be changed later."),
    }
    status = 422 if error else 200
    return layout.show(
        request, "settings", "settings/policy_new.html", shown, around=around, status=status
    )


def moments_midnight(now: dt.datetime) -> str:
    """Return the beginning of the next day in the reader's zone, as it is written."""
    day = form_parts.instant_shown((now + _DAY).isoformat())[:10]
    return form_parts.instant_read(f"{day}T00:00")


@screens.needs(Right.READ_CONFIGURATION, "GET", "HEAD", "POST")
def contract(request: Asked, key: str) -> HttpResponse:
    """Show a contract in a form, its draft if there is one; or take what was typed."""
    may_change = Right.CONFIGURE in request.by.rights
    found = configuration.thing(kind=_KIND, key=key, by=request.by)
    draft = draft_queries.draft(kind=_KIND, key=key, by=request.by) if may_change else None
    if found is None and draft is None:
        raise access.missing()
    if request.method == "POST":
        if not may_change:
            raise access.missing()
        return _taken(request, key)
    around = layout.around(request)
    data = mapping(draft.data if draft else found.data if found else {})
    mistakes = (
        draft_queries.mistakes(kind=_KIND, key=key, data=data, by=request.by) if draft else ()
    )
    known = configuration.newest(by=request.by)
    shown = {
        **settings.frame("contracts"),
        "title": key,
        "key": key,
        "account": typed(data.get("account")),
        "policies": [typed(one) for one in listing(data.get("policies"))],
        "calendar": typed(data.get("calendar")),
        "valid_from": form_parts.instant_shown(data.get("valid_from")),
        "valid_until": form_parts.instant_shown(data.get("valid_until")),
        "accounts": field_values.field_values(by=request.by).values.get("account", ()),
        "known_policies": sorted(known["policy"]),
        "calendars": sorted(known["calendar"]),
        "state": state(data, around.now),
        "in_force": found,
        "draft": draft,
        "base": draft.base if draft else found.version if found else 0,
        "saved": "saved" in request.GET,
        "wrong": reasons.wrong(mistakes),
        "may_change": may_change,
    }
    return layout.show(request, "settings", "settings/contract.html", shown, around=around)


def _taken(request: Asked, key: str) -> HttpResponse:
    sent = request.POST
    data: dict[str, Any] = {"policies": sent.getlist("policies")}
    for name in ("account", "calendar"):
        if text := sent.get(name, "").strip():
            data[name] = text
    for name in ("valid_from", "valid_until"):
        if text := sent.get(name, "").strip():
            data[name] = form_parts.instant_read(text)
    base = sent.get("base", "")
    version = int(base) if base.isdecimal() and len(base) < 9 else 0
    drafts.save(kind=_KIND, key=key, data=data, base=version, by=request.by)
    wrong = draft_queries.mistakes(kind=_KIND, key=key, data=data, by=request.by)
    if sent.get("do") == "preview" and not wrong:
        return HttpResponseRedirect(reverse("preview", args=[_KIND, key]))
    return HttpResponseRedirect(f"{reverse('contract', args=[key])}?saved=1")
