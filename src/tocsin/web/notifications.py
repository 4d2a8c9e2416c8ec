"""The bell: what one was told, the newest first."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Told:
    """A notification in words."""

    line: Line
    said: list[Said]
    more: int


@screens.needs(Right.SIGNED_IN)
def notifications(request: Asked) -> HttpResponse:
    """Show one's own notifications, or for a script the part that is live."""
    around = layout.around(request)
    found = bell.lines(by=request.by, most=_MOST)
    shown = {
        "told": [_told(line, around.desk) for line in found],
        "up_to": max((line.id for line in found), default=0),
        "unread": any(not line.read for line in found),
        "now": around.now,
    }
    if screens.is_partial(request):
        return render(request, "notifications/part.html", shown)
    return layout.show(request, "bell", "notifications/page.html", shown, around=around)


def _told(line: Line, desk: Desk) -> Told:
    words = labels.Labels(desk)
    listed = line.parts.get("digest") or line.parts.get("lines") or []
    return Told(line, [words.told(one) for one in listed[:5]], _more(line, len(listed)))


def _more(line: Line, listed: int) -> int:
    return max(0, listed - 5) + int(line.parts.get("more") or 0)
