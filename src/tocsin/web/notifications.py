"""The bell: what one was told, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tocsin.queries import bell
from tocsin.queries.access import Right
from tocsin.queries.bell import Line
from tocsin.queries.desk import Desk
from tocsin.web import labels, layout, screens
from tocsin.web.asked import Asked
from tocsin.web.labels import Said

_MOST = 50
# What somebody can say that they are at.
_ANSWERABLE = frozenset({"breach", "escalate", "warn"})


@dataclass(frozen=True, slots=True)
class Told:
    """A notification in words."""

    line: Line
    said: list[Said]
    more: int
    answerable: bool


@screens.needs(Right.SIGNED_IN)
def notifications(request: Asked) -> HttpResponse:
    """Show one's own notifications, or for a script the part that is live."""
    around = layout.around(request)
    found = bell.lines(by=request.by, most=_MOST)
    shown = {
        "told": [_told(line, around.desk) for line in found],
        "up_to": max((line.id for line in found), default=0),
        "unread": any(not line.read for line in found),
        "may_escalate": Right.ESCALATE in request.by.rights,
        "now": around.now,
    }
    if screens.is_partial(request):
        return render(request, "notifications/part.html", shown)
    return layout.show(request, "bell", "notifications/page.html", shown, around=around)


def _told(line: Line, desk: Desk) -> Told:
    words = labels.Labels(desk)
    listed = line.parts.get("digest") or line.parts.get("lines") or []
    deeds = {one.get("deed") for one in listed}
    answerable = bool(line.number) and not line.read and bool(deeds & _ANSWERABLE)
    said = [_said(words, one) for one in listed[:5]]
    return Told(line, said, _more(line, len(listed)), answerable)


def _said(words: labels.Labels, one: Mapping[str, Any]) -> Said:
    """Return the sentence for a line; one of a digest names its ticket."""
    said = words.told(one)
    return replace(said, text=f"T-{one['ticket']}: {said.text}") if one.get("ticket") else said


def _more(line: Line, listed: int) -> int:
    return max(0, listed - 5) + int(line.parts.get("more") or 0)
