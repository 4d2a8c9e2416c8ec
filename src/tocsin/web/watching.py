"""Who watches over the desk: its parts, what the watchman found, whether the clocks are right."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from tocsin.actions import watching
from tocsin.queries import health, watch
from tocsin.queries.access import Actor, Right
from tocsin.queries.health import Health
from tocsin.queries.watch import Watched
from tocsin.web import screens
from tocsin.web.asked import Asked

FINDINGS: Mapping[str, str] = {
    "overdue": gettext_noop("Tickets are due for more than a minute and nobody has decided them"),
    "timers": gettext_noop("Digests or other timers are due for more than a minute"),
    "asleep": gettext_noop("Clocks run out while their tickets sleep"),
    "escalations": gettext_noop("Escalations go on while their tickets sleep"),
    "untold": gettext_noop("Alerts were decided and no message of them was written"),
    "forgotten": gettext_noop("Alerts wait for a digest that is not planned"),
    "unsent": gettext_noop("Messages wait to leave for more than five minutes"),
    "leases": gettext_noop("Messages are held by somebody who does not finish"),
    "dead": gettext_noop("Messages were given up"),
    "unplaced": gettext_noop("Events wait for their place for more than a minute"),
    "lost": gettext_noop("Events have no place and do not wait for one"),
    "gaps": gettext_noop("Places in the order of events are missing"),
    "factless": gettext_noop("Violations stand without the fact that they follow from"),
    "unrecorded": gettext_noop("Promises were missed and no violation is on record"),
    "held": gettext_noop("Tickets are held back because deciding them failed"),
    "pulse": gettext_noop("The pulse has stopped: deadlines are not watched"),
    "worker": gettext_noop("The worker has stopped: messages do not leave"),
    "clocks": gettext_noop("A pulse does not act, because of the clocks"),
    "versions": gettext_noop("A pulse stands down, because the database is for another version"),
    "database": gettext_noop("The database did not answer the watchman"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the watchman found: in words, how often (0: once is enough), since when."""

    told: str
    many: int
    first_at: dt.datetime


def shown(by: Actor) -> dict[str, Any]:
    """Return what `settings/watch.html` needs."""
    found = health.look()
    return {
        "health": found,
        "parts": _parts(found),
        "seen": [_shown(one) for one in found.findings if one.finding.tenant in (0, by.tenant)],
        "heartbeat_at": _instant(found.heartbeat.get("at")),
        "heartbeat_failed": found.heartbeat.get("failed", ""),
    }


def _parts(found: Health) -> list[tuple[str, bool, dt.datetime | None]]:
    return [
        (_("The pulse decides what falls due"), found.beats, found.pulse_beat),
        (_("The worker sends messages"), found.works, found.worker_beat),
        (_("The watchman looks each minute"), found.is_watched, found.watch_beat),
    ]


def _shown(one: Watched) -> Shown:
    finding = one.finding
    many = 0 if finding.tenant == watch.INSTALLATION else finding.many
    return Shown(gettext(FINDINGS.get(finding.what, finding.what)), many, one.first_at)


def _instant(text: object) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if isinstance(text, str) else None


@screens.needs(Right.ADMINISTER, "POST")
def trust_clocks(request: Asked) -> HttpResponse:
    """Say that the clock's jump was meant; the pulses go on with their next look."""
    watching.trust_clocks(by=request.by)
    return screens.done(request, reverse("audits"), _("The pulse goes on."))
