"""The matrix of impact and urgency: which priority each pair of them gives."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from tocsin.actions import drafts
from tocsin.queries import access, configuration
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Right
from tocsin.queries.configuration import MATRIX
from tocsin.web import described, layout, nested, policy_forms, reasons, screens, settings
from tocsin.web.asked import Asked
from tocsin.web.form_parts import listing, mapping, typed
from tocsin.web.nested import Fields

_KIND = "priorities"
# Three by three, as most desks have it.
_USUAL: Mapping[str, Any] = {
    "impacts": ["high", "medium", "low"],
    "urgencies": ["high", "medium", "low"],
    "matrix": {
        "high": {"high": "P1", "medium": "P2", "low": "P3"},
        "medium": {"high": "P2", "medium": "P3", "low": "P4"},
        "low": {"high": "P3", "medium": "P4", "low": "P4"},
    },
}


@screens.needs(Right.READ_CONFIGURATION, "GET", "HEAD", "POST")
def priorities(request: Asked) -> HttpResponse:
    """Show the matrix in a form, its draft if there is one; or take what was typed."""
    may_change = Right.CONFIGURE in request.by.rights
    found = configuration.thing(kind=_KIND, key=MATRIX, by=request.by)
    draft = draft_queries.draft(kind=_KIND, key=MATRIX, by=request.by) if may_change else None
    if request.method != "POST":
        data = draft.data if draft else found.data if found else _USUAL
        return _shown(request, mapping(data), told=draft is not None)
    if not may_change:
        raise access.missing()
    fields = nested.tree(request.POST.lists())
    data = read(fields)
    do = nested.text(fields, "do") or "save"
    if do not in ("save", "preview"):
        return _shown(request, edited(do, data), told=False)
    base = nested.text(fields, "base")
    version = int(base) if base.isdecimal() and len(base) < 9 else 0
    drafts.save(kind=_KIND, key=MATRIX, data=data, base=version, by=request.by)
    wrong = draft_queries.mistakes(kind=_KIND, key=MATRIX, data=data, by=request.by)
    if do == "preview" and not wrong:
        return HttpResponseRedirect(reverse("preview", args=[_KIND, MATRIX]))
    return HttpResponseRedirect(f"{reverse('priorities')}?saved=1")


def _shown(request: Asked, data: Mapping[str, Any], *, told: bool) -> HttpResponse:
    around = layout.around(request)
    found = configuration.thing(kind=_KIND, key=MATRIX, by=request.by)
    may_change = Right.CONFIGURE in request.by.rights
    draft = draft_queries.draft(kind=_KIND, key=MATRIX, by=request.by) if may_change else None
    mistakes = (
        draft_queries.mistakes(kind=_KIND, key=MATRIX, data=data, by=request.by) if told else ()
    )
    matrix = mapping(data.get("matrix"))
    shown = {
        **settings.frame(_KIND),
        "key": MATRIX,
        "impacts": [typed(one) for one in listing(data.get("impacts"))],
        "urgencies": [typed(one) for one in listing(data.get("urgencies"))],
        "cell": lambda impact, urgency: typed(mapping(matrix.get(impact)).get(urgency)),
        "levels": policy_forms.PRIORITIES,
        "in_force": found,
        "draft": draft,
        "base": draft.base if draft else found.version if found else 0,
        "saved": "saved" in request.GET,
        "wrong": reasons.wrong(mistakes),
        "may_change": may_change,
        "place_name": lambda name: described.place(name, data),
        "field_id": reasons.field_id,
    }
    return layout.show(request, "settings", "settings/priorities.html", shown, around=around)


def read(fields: Fields) -> dict[str, Any]:
    """Return the matrix as it was typed. Rows and columns may have got other names."""
    impacts = _named(nested.fields(fields, "impacts"))
    urgencies = _named(nested.fields(fields, "urgencies"))
    cells = nested.fields(fields, "cells")
    return {
        "impacts": [name for _k, name in impacts],
        "urgencies": [name for _k, name in urgencies],
        "matrix": {
            impact: {
                urgency: nested.text(nested.fields(cells, row), column)
                for column, urgency in urgencies
            }
            for row, impact in impacts
        },
    }


def _named(part: Fields) -> list[tuple[str, str]]:
    numbers = sorted(int(name) for name in part if name.isdecimal() and len(name) < 5)
    return [(str(number), nested.text(part, str(number))) for number in numbers]


def edited(do: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the matrix after a button: a row or column added or taken away."""
    verb, _space, rest = do.partition(" ")
    what, _space, where = rest.partition(" ")
    name = {"impact": "impacts", "urgency": "urgencies"}.get(what)
    if name is None:
        return data
    listed = list(data[name])
    if verb == "add":
        listed.append("")
    elif where.isdecimal() and len(where) < 5:
        listed[int(where) : int(where) + 1] = []
    return {**data, name: listed}
