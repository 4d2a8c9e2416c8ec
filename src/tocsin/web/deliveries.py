"""The log of deliveries: what left, what did not and why, and what can be sent again."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.actions import outbox
from tocsin.channels import registry
from tocsin.queries import deliveries
from tocsin.queries.access import Right
from tocsin.queries.deliveries import DEAD, Which
from tocsin.web import layout, provider_words, screens, settings
from tocsin.web.asked import Asked

_WEEK = dt.timedelta(days=7)
_DAY = dt.timedelta(days=1)
_GIVEN_UP = "given up"
STATES = {
    "pending": gettext_noop("waiting"),
    "sending": gettext_noop("on its way"),
    "sent": gettext_noop("sent"),
    "unsure": gettext_noop("may have been sent twice"),
    "dead": gettext_noop("given up"),
    "cancelled": gettext_noop("called off"),
}
OUTCOMES = {
    "sent": gettext_noop("sent"),
    "failed": gettext_noop("failed, tried again"),
    "refused": gettext_noop("refused"),
    "unsure": gettext_noop("no answer"),
}
# How each looks, by the states of the setup pages.
LOOKS = {"sent": "in force", "dead": "ended", "unsure": "ending", "cancelled": "draft"}


@screens.needs(Right.ADMINISTER)
def deliveries_page(request: Asked) -> HttpResponse:
    """Show the log, or the part of it that is asked for, and the counts of the last week."""
    around = layout.around(request)
    given, which = _asked(request)
    page = deliveries.log(which, by=request.by)
    counted = deliveries.counts(around.now - _WEEK, by=request.by)
    more = {**given, "before": str(page.more)} if page.more else {}
    shown: dict[str, Any] = {
        **settings.frame("deliveries"),
        "page": page,
        "given": given,
        "more": f"?{urlencode(more)}" if more else "",
        "counted": counted,
        "listed_states": list(STATES),
        "dead": f"?{urlencode({'state': _GIVEN_UP})}",
        "waiting_dead": sum(states.get(one, 0) for states in counted.values() for one in DEAD),
        "states": {key: _(name) for key, name in STATES.items()},
        "state_choices": [(_GIVEN_UP, _("to be looked at")), *_choices(STATES)],
        "outcomes": {key: _(name) for key, name in OUTCOMES.items()},
        "looks": LOOKS,
        "channels": _channels(counted),
        "channel": _channel,
        "proves": {key: one.proves for key, one in registry.CARRIERS.items()},
        "dead_states": DEAD,
        "now": around.now,
    }
    return layout.show(request, "settings", "settings/deliveries.html", shown, around=around)


def _asked(request: Asked) -> tuple[dict[str, str], Which]:
    """Return what the address asks for, as it stands in the form and as it is meant."""
    sent = request.GET
    given = {name: sent.get(name, "") for name in ("channel", "state", "day")}
    state = given["state"]
    states = DEAD if state == _GIVEN_UP else (state,) if state in STATES else ()
    since = _midnight(given["day"])
    before = sent.get("before", "")
    which = Which(
        channel=given["channel"][:60].replace("\0", ""),
        states=states,
        since=since,
        until=_midnight(given["day"], 1),
        before=int(before) if before.isdecimal() and len(before) < 18 else None,
    )
    if since is None:
        given["day"] = ""
    return {name: text for name, text in given.items() if text}, which


def _midnight(day: str, later: int = 0) -> dt.datetime | None:
    """Return the beginning of a day in the reader's zone, None when it is none."""
    try:
        found = dt.date.fromisoformat(day) + later * _DAY
    except (ValueError, OverflowError):
        return None
    return dt.datetime.combine(found, dt.time(), tzinfo=timezone.get_current_timezone())


def _choices(named: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(key, _(name)) for key, name in named.items()]


def _channels(counted: Mapping[str, Any]) -> list[tuple[str, str]]:
    listed = dict.fromkeys([*registry.CARRIERS, *counted])
    return [(key, _channel(key)) for key in listed]


def _channel(key: str) -> str:
    carrier = registry.CARRIERS.get(key)
    return provider_words.said(carrier.title) if carrier is not None else key


@screens.needs(Right.ADMINISTER, "POST")
def delivery_replay(request: Asked, delivery: int) -> HttpResponse:
    """Have a message that was given up sent again."""
    outbox.replay(delivery, by=request.by)
    back = f"{reverse('deliveries')}?{urlencode({'state': _GIVEN_UP})}"
    return screens.done(request, back, _("The message is sent again."))
