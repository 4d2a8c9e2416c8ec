"""Drafts and versions: what is being written, what it would change, and what was before."""

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import drafts as acts
from tocsin.queries import access, configuration
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Right
from tocsin.queries.configuration import Kept
from tocsin.queries.drafts import Draft
from tocsin.web import described, layout, reasons, screens, settings, setup_names
from tocsin.web.asked import Asked
from tocsin.web.described import Line

# Where a thing of each kind is written; those of which there is one have no key.
_EDITORS = {
    "policy": "policy",
    "pipeline": "pipeline_setup",
    "contract": "contract",
    "calendar": "calendar",
    "path": "path_write",
    "on-call": "on_call_edit",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A draft with what it changes and what keeps it from being activated.

    `stale` says that the thing got another version since the draft was begun.
    """

    draft: Draft
    lines: list[Line]
    wrong: tuple[tuple[str, str], ...]
    stale: bool


@screens.needs(Right.CONFIGURE)
def drafts(request: Asked) -> HttpResponse:
    """Show all drafts, each with what it would change."""
    around = layout.around(request)
    newest = configuration.newest(by=request.by)
    found = [
        written(request, one, newest.get(one.kind, {}).get(one.key))
        for one in draft_queries.drafts(by=request.by)
    ]
    chosen = request.GET.get("kind"), request.GET.get("key")
    shown = {
        **settings.frame("drafts"),
        "drafts": found,
        "chosen": chosen,
        "editor": editor,
        "kind_name": setup_names.kind,
    }
    return layout.show(request, "settings", "settings/drafts.html", shown, around=around)


def written(request: Asked, draft: Draft, known: Kept | None) -> Written:
    """Return a draft with what it changes in what is known."""
    found = draft_queries.mistakes(kind=draft.kind, key=draft.key, data=draft.data, by=request.by)
    return Written(
        draft,
        described.compared(draft.kind, known.data if known else None, draft.data),
        reasons.wrong(found).listed,
        (known.version if known else 0) != draft.base,
    )


def editor(kind: str, key: str) -> str:
    """Return the address of the page on which a thing is written."""
    if kind in ("priorities", "responsibilities"):
        return reverse(kind)
    route = _EDITORS.get(kind)
    found = settings.address(route, key) if route else None
    return found or reverse("drafts")


@screens.needs(Right.READ_CONFIGURATION)
def history(request: Asked, kind: str, key: str) -> HttpResponse:
    """Show all versions of a thing: who made each, when, and what it changed."""
    around = layout.around(request)
    found = configuration.versions(kind=kind, key=key, by=request.by)
    if not found:
        raise access.missing()
    older: list[Kept | None] = [*found[1:], None]
    shown = {
        **settings.frame(_TABS.get(kind, "drafts")),
        "title": key,
        "kind": kind,
        "key": key,
        "kind_name": setup_names.kind(kind),
        "editor": editor(kind, key),
        "may_change": Right.CONFIGURE in request.by.rights,
        "versions": [
            (one, described.compared(kind, before.data if before else None, one.data))
            for one, before in zip(found, older, strict=True)
        ],
    }
    return layout.show(request, "settings", "settings/policy_history.html", shown, around=around)


_TABS = {
    "policy": "policies",
    "pipeline": "pipelines",
    "calendar": "calendars",
    "contract": "contracts",
    "priorities": "priorities",
    "path": "paths",
    "on-call": "on-call",
    "responsibilities": "paths",
}


@screens.needs(Right.CONFIGURE, "POST")
def discard(request: Asked, kind: str, key: str) -> HttpResponse:
    """Throw a draft away."""
    acts.discard(kind=kind, key=key, by=request.by)
    return screens.done(request, reverse("drafts"), _("The draft is gone."))


@screens.needs(Right.CONFIGURE, "POST")
def restore(request: Asked, kind: str, key: str, version: int) -> HttpResponse:
    """Make a draft of a thing as it once was; it holds when it is activated."""
    found = configuration.versions(kind=kind, key=key, by=request.by)
    wanted = next((one for one in found if one.version == version), None)
    if wanted is None:
        raise access.missing()
    data = wanted.data
    acts.save(kind=kind, key=key, data=data, base=found[0].version, by=request.by)
    return HttpResponseRedirect(editor(kind, key))
