"""My alerts: how one is reached, in which order, and when one wants quiet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tocsin.actions import contact_methods as acts
from tocsin.actions.carriers import Carrier
from tocsin.channels.registry import CARRIERS
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, contact_methods, snoozes
from tocsin.queries.access import Right
from tocsin.queries.reaching import Method
from tocsin.web import layout, screens
from tocsin.web.asked import Asked

# A browser adds itself, by its own button.
PUSH = "push"
_MAIL = "mail"
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was refused in which form, and what had been typed there."""

    deed: str = ""
    place: str = ""
    reason: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    def at(self, name: str) -> str:
        """Return what is wrong with a field, or nothing."""
        return self.reason if self.place == name else ""


@screens.needs(Right.SIGNED_IN)
def my_alerts(request: Asked) -> HttpResponse:
    """Show how one is reached, with forms to change it."""
    return _shown(request, Wrong())


@screens.needs(Right.SIGNED_IN, "POST")
def change(request: Asked, deed: str) -> HttpResponse:
    """Add an address, take one away, put one first, or choose quiet hours."""
    given = request.POST
    try:
        _carry_out(request, deed)
    except Invalid as error:
        typed = {name: given.get(name, "") for name in given}
        wrong = Wrong(deed, error.path, gettext(error.reason), typed)
        return _shown(request, wrong, status=422)
    return screens.done(request, f"{reverse('my_alerts')}?saved=1")


def _carry_out(request: Asked, deed: str) -> None:
    given, by = request.POST, request.by
    if deed == "quiet":
        begin, end = given.get("quiet_from", ""), given.get("quiet_until", "")
        acts.set_quiet(quiet_from=begin, quiet_until=end, by=by)
        return
    if deed == "add":
        carrier = offered().get(given.get("channel", ""))
        if carrier is None:
            raise Invalid("channel", gettext("choose one from the list"))
        critical_only = not given.get("everything")
        address = given.get("address", "")
        acts.add(carrier=carrier, address=address, critical_only=critical_only, by=by)
        return
    method = given.get("method", "")
    if not (method.isdecimal() and len(method) < 19):
        raise access.missing()
    if deed == "first":
        acts.put_first(method=int(method), by=by)
    else:
        acts.remove(method=int(method), by=by)


def offered() -> dict[str, Carrier[Any]]:
    """Return the channels in which a person can have an address that they type."""
    return {
        name: one
        for name, one in CARRIERS.items()
        if one.address is not None and name not in (PUSH, _MAIL)
    }


def _shown(request: Asked, wrong: Wrong, *, status: int = 200) -> HttpResponse:
    around = layout.around(request)
    shown = {
        "reached": contact_methods.mine(by=request.by),
        "snoozed": snoozes.mine(by=request.by, now=around.now),
        "channels": [(name, gettext(one.title)) for name, one in offered().items()],
        "titled": titled,
        "named": named,
        "wrong": wrong,
        "saved": "saved" in request.GET,
        "now": around.now,
    }
    return layout.show(
        request, "my_alerts", "my_alerts/page.html", shown, around=around, status=status
    )


def titled(channel: str) -> str:
    """Return what a channel is called."""
    known = CARRIERS.get(channel)
    return gettext(known.title) if known else channel


def named(method: Method) -> str:
    """Return an address as people know it; a browser's own is no text for people."""
    if method.channel == PUSH:
        return gettext("a browser")
    text = method.address
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
