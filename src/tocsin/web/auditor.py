"""The auditor's pages: who may do what, what changed about it, who read much, who was refused."""

import datetime as dt

from django.http import HttpResponse, QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import auditor
from tocsin.queries.access import RIGHTS, Right
from tocsin.queries.auditor import Holder
from tocsin.queries.frame import Frame
from tocsin.web import auditor_words, exports, layout, reports, rights, screens, settings, sheets
from tocsin.web.asked import Asked

KINDS = {
    "person": gettext_noop("People"),
    "team": gettext_noop("Teams"),
    "permission set": gettext_noop("Permission sets"),
    "field rule": gettext_noop("Rules for fields"),
    "network rule": gettext_noop("Rules for networks"),
    "security": gettext_noop("Security"),
    "export": gettext_noop("Exports"),
    "api token": gettext_noop("API tokens"),
    "identity provider": gettext_noop("Identity providers"),
    "sign-in": gettext_noop("Sign-ins and second factors"),
}
COLUMNS = ("person", "role", "active", "permission_sets", "right", "only_for")
# Roles of people, in the order of their rights.
_ROLES = ("agent", "lead", "manager", "administrator", "auditor", "limited")
_MOST_IN_FILE = 500


@screens.needs(Right.READ_AUDIT)
def access_page(request: Asked) -> HttpResponse:
    """Show roles, permission sets and people with what they may do."""
    around = layout.around(request)
    words = request.GET.get("words", "")[:200]
    found = auditor.holders(by=request.by, after=_place(request.GET), words=words)
    shown = {
        **settings.frame("who"),
        "roles": [(role, _given(role)) for role in _ROLES],
        "sets": auditor.permission_sets(by=request.by),
        "found": found,
        "search": words,
        "more": _link(words=words, after=found.after),
        "rights": rights,
        "may_export": Right.EXPORT in request.by.rights,
    }
    return layout.show(request, "settings", "settings/auditor.html", shown, around=around)


def _given(role: str) -> list[Right]:
    """Return the rights of a role that are worth a word."""
    return [right for right in Right if right in RIGHTS[role] and right in rights.WORDS]


def _place(given: QueryDict) -> int:
    return _whole(given, "after") or 0


def _whole(given: QueryDict, name: str) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if not (text.isdecimal() and len(text) < 19):
        raise Invalid(name, "must be a whole number")
    return int(text)


def _link(**asked: object) -> str:
    if asked["after"] is None:
        return ""
    return f"?{urlencode({name: str(value) for name, value in asked.items() if value})}"


@screens.needs(Right.READ_AUDIT)
def access_changes(request: Asked) -> HttpResponse:
    """Show what changed about access, the newest first."""
    around = layout.around(request)
    kind = request.GET.get("kind", "")
    if kind:
        shape.one_of(kind, "kind", KINDS)
    days = shape.one_of(request.GET.get("days") or "90", "days", reports.PERIODS)
    person = _whole(request.GET, "person")
    found = auditor.changes(
        by=request.by,
        kind=kind,
        person=person,
        since=reports.since(days, around.now),
        after=_whole(request.GET, "after"),
    )
    people = sorted((one.name, str(one.id)) for one in around.desk.people.values())
    named = {id_: name for name, id_ in people}
    shown = {
        **settings.frame("changes"),
        "found": found,
        "kinds": [(key, _(name)) for key, name in KINDS.items()],
        "kind_name": lambda key: _(KINDS[key]),
        "people": [(id_, name) for name, id_ in people],
        "periods": reports.periods(),
        "asked": {"kind": kind, "days": days, "person": "" if person is None else str(person)},
        "more": _link(kind=kind, days=days, person=person, after=found.after),
        "deed": auditor_words.deed,
        "details": lambda told: auditor_words.details(told, lambda id_: named.get(id_, id_)),
        "now": around.now,
    }
    return layout.show(request, "settings", "settings/auditor_changes.html", shown, around=around)


@screens.needs(Right.READ_AUDIT)
def access_reading(request: Asked) -> HttpResponse:
    """Show who read how much in which hour, and the sign-ins that were refused."""
    around = layout.around(request)
    days = shape.one_of(request.GET.get("days") or "7", "days", reports.PERIODS)
    since: dt.datetime = reports.since(days, around.now)
    shown = {
        **settings.frame("reading"),
        "hours": auditor.reading(by=request.by, since=since),
        "refusals": auditor.refusals(by=request.by, since=since),
        "deed": auditor_words.deed,
        "days": days,
        "periods": reports.periods(),
        "now": around.now,
    }
    return layout.show(request, "settings", "settings/auditor_reading.html", shown, around=around)


# ------------------------------------------------------------------------------------ the file


@screens.needs(Right.EXPORT, "POST")
def access_csv(request: Asked) -> HttpResponse:
    """Send who may do what as a file, a line for each person and right."""
    return exports.send(request, "access")


@exports.file("access")
def _file(request: Asked, given: QueryDict, _frame: Frame) -> exports.File:
    words = given.get("words", "")[:200]
    lines: list[tuple[object, ...]] = []
    after: int | None = 0
    while after is not None:
        found = auditor.holders(by=request.by, after=after, most=_MOST_IN_FILE, words=words)
        lines += [line for one in found.people for line in _lines(one)]
        after = found.after
    return exports.File(len(lines), iter([sheets.MARK + sheets.lines([COLUMNS, *lines])]))


def _lines(one: Holder) -> list[tuple[object, ...]]:
    own = (one.name, one.role, "yes" if one.active else "no", " ".join(one.sets))
    if not one.may:
        return [(*own, "", "")]
    return [(*own, each.right.value, rights.where(each)) for each in one.may]
