"""Before and after an activation: what a draft would do to clocks, and putting it into force."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.actions import activation
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, configuration, path_pages, replanning
from tocsin.queries import drafts as draft_queries
from tocsin.queries import preview as previews
from tocsin.queries.access import Right, Stale
from tocsin.queries.drafts import Draft
from tocsin.queries.frame import Frame
from tocsin.queries.preview import Moved, Preview
from tocsin.web import (
    described,
    drafts,
    form_parts,
    labels,
    layout,
    moments,
    names,
    path_words,
    reasons,
    screens,
    settings,
    setup_names,
)
from tocsin.web.asked import Asked

NEW, FUTURE, RESTATE = activation.BASES
_JUDGING = ("policy", "calendar")
_SHOWN = 200
# Tickets that are counted in one request; a script asks for the rest slice by slice.
AT_ONCE = 2000
_BASES = {
    NEW: (
        gettext_noop("New tickets only"),
        gettext_noop("Clocks that run keep what they began with."),
    ),
    FUTURE: (
        gettext_noop("Future time only"),
        gettext_noop("Running clocks count by it from now on; what is used up stays used."),
    ),
    RESTATE: (
        gettext_noop("Restate"),
        gettext_noop("Clocks are judged by it from their beginning; verdicts may change."),
    ),
}


@dataclass(frozen=True, slots=True)
class Basis:
    """A way to activate, with what it would do; without figures it was not asked for yet."""

    key: str
    name: str
    sentence: str
    figures: Preview | None


@screens.needs(Right.CONFIGURE)
def preview(request: Asked, kind: str, key: str) -> HttpResponse:
    """Show what activating a draft would do to the clocks that there are."""
    if screens.wants_json(request):
        return JsonResponse(_counted(request, kind, key))
    return _shown(request, kind, key, request.GET.get("basis", ""))


def _draft(request: Asked, kind: str, key: str) -> Draft:
    found = draft_queries.draft(kind=kind, key=key, by=request.by)
    if found is None:
        raise access.missing()
    return found


def _bases(kind: str) -> tuple[str, ...]:
    return activation.BASES if kind in _JUDGING else (NEW,)


def _figures(
    request: Asked, draft: Draft, basis: str, *, after: int = 0, tickets: int | None
) -> tuple[Preview, int]:
    """Return what activating would do, and the version of the configuration that it was done by."""
    found = activation.rehearse(
        kind=draft.kind, key=draft.key, data=draft.data, by=request.by, basis=basis
    )
    made = previews.preview(
        before=found.before,
        after=found.after,
        by=request.by,
        now=found.at,
        most=_SHOWN,
        since=after,
        tickets=tickets,
    )
    return made, found.before.config_version


def _counted(request: Asked, kind: str, key: str) -> dict[str, Any]:
    """Return the figures of one way to activate, for a script that asks for one after the other."""
    draft = _draft(request, kind, key)
    basis = request.GET.get("basis", NEW)
    if basis not in _bases(kind):
        raise access.missing()
    after = request.GET.get("after", "")
    since = int(after) if after.isdecimal() and len(after) < 19 else 0
    made, _version = _figures(request, draft, basis, after=since, tickets=AT_ONCE)
    return {
        "basis": basis,
        "tickets": made.tickets,
        "moved": made.moved,
        "breach": made.breach,
        "recover": made.recover,
        "verdicts": made.verdicts,
        "of": made.of,
        "last": made.last,
    }


def _shown(
    request: Asked,
    kind: str,
    key: str,
    basis: str,
    *,
    reason: str = "",
    refused: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    around, draft = layout.around(request), _draft(request, kind, key)
    known = configuration.thing(kind=kind, key=key, by=request.by)
    written = drafts.written(request, draft, known)
    chosen = basis if basis in _bases(kind) else NEW
    shown: dict[str, Any] = {
        **settings.frame("drafts"),
        "title": key,
        "kind": kind,
        "kind_name": setup_names.kind(kind),
        "key": key,
        "written": written,
        "place_name": lambda name: described.place(name, draft.data),
        "known": known,
        "editor": drafts.editor(kind, key),
        "chosen": chosen,
        "bases": [],
        "rows": [],
        "seen": around.desk.config_version,
        "begins": None,
        "refused": refused,
        **_words(around.now, reason, error),
    }
    if not written.wrong:
        shown |= _looked(request, draft, chosen, shown)
        shown |= _begun(request, draft, around) if kind == "path" and shown["bases"] else {}
    return layout.show(
        request, "settings", "settings/preview.html", shown, around=around, status=status
    )


def _begun(request: Asked, draft: Draft, around: Frame) -> dict[str, Any]:
    """Return which open tickets would begin a path, and in words by which of its triggers."""
    found = activation.rehearse(kind=draft.kind, key=draft.key, data=draft.data, by=request.by)
    begins = path_pages.beginning(key=draft.key, after=found.after, now=found.at, by=request.by)
    triggers = form_parts.listing(form_parts.mapping(draft.data).get("triggers"))
    words = path_words.Words(around.desk)
    return {"begins": begins, "by_what": [words.trigger(one) for one in triggers]}


def _words(now: dt.datetime, reason: str, error: str) -> dict[str, Any]:
    """Return what the rows of a preview are told with, and what was typed as the reason."""
    return {
        "reason": reason,
        "error": error,
        "clock_name": labels.clock_of,
        "lookup": row_words,
        "due": lambda at: moments.short(at, now=now) if at else "–",
    }


def _looked(request: Asked, draft: Draft, chosen: str, shown: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Preview] = {}
    version = shown["seen"]
    try:
        for basis in _bases(draft.kind):
            # Without scripts the rest is counted when somebody asks for it.
            every = basis == chosen and "all" in request.GET
            tickets = None if every else AT_ONCE
            found[basis], version = _figures(request, draft, basis, tickets=tickets)
    except Invalid as error:
        # What only shows when all is together: two policies of one rank, say.
        place = described.place(reasons.plain(error.path), draft.data)
        told = f"{place}: {reasons.said(error.reason)}" if place else reasons.said(error.reason)
        return {"refused": shown["refused"] or told}
    return {
        "bases": [
            Basis(basis, _(_BASES[basis][0]), _(_BASES[basis][1]), figures)
            for basis, figures in found.items()
        ],
        "rows": found[chosen].rows,
        "figures": found[chosen],
        "seen": version,
    }


def row_words(row: Moved) -> Iterator[str]:
    """Yield what happens to a clock, in a word or two each."""
    if row.was_verdict != "breached" and row.now_verdict == "breached":
        yield _("would breach")
    elif row.was_verdict == "breached" and row.now_verdict != "breached":
        yield _("would recover")
    elif row.was_verdict != row.now_verdict:
        words = {"was": names.verdict(row.was_verdict), "now": names.verdict(row.now_verdict)}
        yield _("%(was)s → %(now)s") % words
    if not row.was_state:
        yield _("a new clock")
    elif not row.now_state:
        yield _("the clock goes")


@screens.needs(Right.CONFIGURE, "POST")
def activate(request: Asked, kind: str, key: str) -> HttpResponse:
    """Put a draft into force, in the way that was chosen; a refusal keeps what was typed."""
    basis, reason = request.POST.get("basis", NEW), request.POST.get("reason", "")
    seen = request.POST.get("seen", "")
    try:
        activation.activate(
            kind=kind,
            key=key,
            by=request.by,
            basis=basis,
            reason=reason,
            seen=int(seen) if seen.isdecimal() and len(seen) < 10 else None,
        )
    except Stale as error:
        told = screens.sentence(error)
        return _shown(request, kind, key, basis, reason=reason, refused=told, status=409)
    except Invalid as error:
        told = reasons.said(error.reason)
        if error.path == "reason":
            told = _("Say why: verdicts that were reported change only for a reason.")
            return _shown(request, kind, key, basis, reason=reason, error=told, status=422)
        place = described.place(reasons.plain(error.path), _draft(request, kind, key).data)
        told = f"{place}: {told}" if place else told
        return _shown(request, kind, key, basis, reason=reason, refused=told, status=422)
    asked: dict[str, str | int] = {"basis": basis, "of": _left(request, kind, key)}
    return HttpResponseRedirect(f"{reverse('activated', args=[kind, key])}?{urlencode(asked)}")


def _left(request: Asked, kind: str, key: str) -> int:
    found = replanning.replanning(kind=kind, key=key, by=request.by)
    return found.left if found else 0


@screens.needs(Right.CONFIGURE)
def activated(request: Asked, kind: str, key: str) -> HttpResponse:
    """Show that a version is in force, and how far the tickets are that it has woken."""
    found = replanning.replanning(kind=kind, key=key, by=request.by)
    if found is None:
        raise access.missing()
    given = request.GET.get("of", "")
    of = max(int(given) if given.isdecimal() and len(given) < 12 else 0, found.left)
    if screens.wants_json(request):
        return JsonResponse({"left": found.left, "of": of})
    basis = request.GET.get("basis", NEW)
    shown = {
        **settings.frame("drafts"),
        "title": key,
        "kind": kind,
        "kind_name": setup_names.kind(kind),
        "key": key,
        "found": found,
        "of": of,
        "basis": basis if basis in activation.BASES else NEW,
        "basis_name": _(_BASES.get(basis, _BASES[NEW])[0]),
        "sentence": _(_BASES.get(basis, _BASES[NEW])[1]),
        "editor": drafts.editor(kind, key),
    }
    around = layout.around(request)
    return layout.show(request, "settings", "settings/preview_after.html", shown, around=around)
