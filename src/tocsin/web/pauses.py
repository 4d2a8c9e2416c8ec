"""The report of pauses: what waiting took out of the clocks, for what reasons, and by whom."""

from typing import Any

from django.http import HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import pauses
from tocsin.queries.access import Right
from tocsin.web import layout, reports, screens
from tocsin.web.asked import Asked


@screens.needs(Right.READ_REPORTS)
def pauses_page(request: Asked) -> HttpResponse:
    """Show the pauses that began in a period, by reason and by person."""
    around = layout.around(request)
    days = shape.one_of(request.GET.get("days") or "28", "days", reports.PERIODS)
    reason, actor = _text(request, "reason"), _text(request, "actor")
    found = pauses.report(
        by=request.by,
        since=reports.since(days, around.now),
        reason=reason,
        actor=actor,
        now=around.now,
    )

    def link(**more: str) -> str:
        return f"?{urlencode({'days': days, **more})}"

    who = next((line.name for line in found.people), actor or "")
    shown: dict[str, Any] = {
        "found": found,
        "days": days,
        "periods": reports.periods(),
        "here": "pauses",
        "reasons": [(line, link(reason=line.key)) for line in found.reasons],
        "people": [(line, link(actor=line.key)) for line in found.people],
        "chosen": [
            *([] if reason is None else [reason or _("no reason on record")]),
            *([] if actor is None else [who or _("Tocsin")]),
        ],
        "all": link(),
    }
    return layout.show(request, "reports", "reports/pauses.html", shown, around=around)


def _text(request: Asked, name: str) -> str | None:
    """Return what is looked for; an empty text is looked for as well."""
    found = request.GET.get(name)
    if found is not None and "\0" in found:
        raise Invalid(name, "holds a NUL character, which no text has")
    return found
