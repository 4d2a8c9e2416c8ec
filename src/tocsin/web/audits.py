"""The health of the desk: what came of its audits of itself."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.actions import audits as acts
from tocsin.queries import audits
from tocsin.queries.access import Right
from tocsin.queries.audits import Run
from tocsin.web import labels, layout, screens, settings, watching
from tocsin.web.asked import Asked


@screens.needs(Right.READ_AUDIT)
def runs(request: Asked) -> HttpResponse:
    """Show the last run, the thirty before it, and what differed."""
    around = layout.around(request)
    found = audits.audits(by=request.by)
    shown = {
        "audits": found,
        "last": found.runs[0] if found.runs else None,
        "who": who,
        "clock": labels.clock_of,
        "may_ask": Right.ADMINISTER in request.by.rights,
        **watching.shown(request.by),
        **settings.frame("audit"),
        "title": _("Health of the desk"),
        "now": around.now,
    }
    return layout.show(request, "settings", "settings/audit.html", shown, around=around)


def who(run: Run) -> str:
    """Return who had the clocks reckoned: a command, or the desk itself."""
    return _("by command") if run.by == "operator" else _("by the desk itself")


@screens.needs(Right.ADMINISTER, "POST")
def run_now(request: Asked) -> HttpResponse:
    """Have the next run begin at once."""
    acts.ask(by=request.by)
    return screens.done(request, reverse("audits"), _("The audit is queued."))
