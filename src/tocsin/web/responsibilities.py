"""The responsibility map: for each type of ticket the first contact, the backup and the team."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import drafts
from tocsin.queries import access, configuration, field_values
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Right
from tocsin.queries.configuration import MAP
from tocsin.web import described, layout, nested, reasons, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.form_parts import mapping, typed
from tocsin.web.nested import Fields

_KIND = "responsibilities"
_OWN = ("first", "backup", "team")


@screens.needs(Right.READ_CONFIGURATION, "GET", "HEAD", "POST")
def responsibilities(request: Asked) -> HttpResponse:
    """Show the map in a form, its draft if there is one; or take what was typed."""
    may_change = Right.CONFIGURE in request.by.rights
    found = configuration.thing(kind=_KIND, key=MAP, by=request.by)
    draft = draft_queries.draft(kind=_KIND, key=MAP, by=request.by) if may_change else None
    if request.method != "POST":
        data = draft.data if draft else found.data if found else {}
        rows = rows_of(mapping(data))
        return _shown(request, mapping(data), rows, told=draft is not None)
    if not may_change:
        raise access.missing()
    fields = nested.tree(request.POST.lists())
    rows = read(fields)
    do = nested.text(fields, "do") or "save"
    if do not in ("save", "preview"):
        return _shown(request, data_of(rows), edited(do, rows), told=False)
    base = nested.text(fields, "base")
    version = int(base) if base.isdecimal() and len(base) < 9 else 0
    data = data_of(rows)
    drafts.save(kind=_KIND, key=MAP, data=data, base=version, by=request.by)
    wrong = draft_queries.mistakes(kind=_KIND, key=MAP, data=data, by=request.by)
    if do == "preview" and not wrong:
        return HttpResponseRedirect(reverse("preview", args=[_KIND, MAP]))
    return HttpResponseRedirect(f"{reverse(_KIND)}?saved=1")


def _shown(
    request: Asked, data: Mapping[str, Any], rows: list[dict[str, str]], *, told: bool
) -> HttpResponse:
    around = layout.around(request)
    found = configuration.thing(kind=_KIND, key=MAP, by=request.by)
    may_change = Right.CONFIGURE in request.by.rights
    draft = draft_queries.draft(kind=_KIND, key=MAP, by=request.by) if may_change else None
    mistakes = draft_queries.mistakes(kind=_KIND, key=MAP, data=data, by=request.by) if told else ()
    people = [p for p in around.desk.people.values() if p.active and p.email]
    shown = {
        **settings.frame("paths"),
        "title": _("Responsibility map"),
        "key": MAP,
        "rows": rows,
        "people": sorted(((p.email, p.name) for p in people), key=lambda one: one[1].casefold()),
        "teams": [(team.key, team.name) for team in around.desk.teams.values()],
        "types": [key for key, _name in field_values.field_values(by=request.by).values["type"]],
        "in_force": found,
        "draft": draft,
        "base": draft.base if draft else found.version if found else 0,
        "saved": "saved" in request.GET,
        "wrong": reasons.wrong(mistakes),
        "may_change": may_change,
        "place_name": lambda name: described.place(name, data),
    }
    return layout.show(request, "settings", "settings/responsibilities.html", shown, around=around)


def rows_of(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the map as rows of a form."""
    return [
        {"type": typed(type_), **{name: typed(mapping(row).get(name)) for name in _OWN}}
        for type_, row in mapping(data.get("types")).items()
    ]


def read(fields: Fields) -> list[dict[str, str]]:
    """Return the rows that a form was sent with, blank ones too."""
    return [
        {name: nested.text(row, name) for name in ("type", *_OWN)}
        for row in nested.items(nested.fields(fields, "rows"))
    ]


def data_of(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Return rows as the configuration has them; blank ones say nothing."""
    types: dict[str, Any] = {}
    for row in rows:
        if any(row.values()):
            key = row["type"]
            while key in types:
                # Two of one type are kept apart, so that they are refused and none is lost.
                key += " "
            types[key] = {name: row[name] for name in _OWN if row[name]}
    return {"types": types}


def edited(do: str, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the rows after a button: one added or taken away."""
    verb, _space, where = do.partition(" row")
    if verb == "add":
        return [*rows, dict.fromkeys(("type", *_OWN), "")]
    n = where.strip()
    if verb == "remove" and n.isdecimal() and len(n) < 5:
        return [row for k, row in enumerate(rows) if k != int(n)]
    return rows
