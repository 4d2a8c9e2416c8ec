"""Rendering a screen: what stands around it, and what its scripts need to know."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from markupsafe import Markup

from tocsin.kit import machine_clock
from tocsin.queries import faces, frame, health
from tocsin.queries.cards import Card
from tocsin.queries.faces import Face
from tocsin.queries.frame import Frame
from tocsin.web import catalogs, names, policy
from tocsin.web.asked import Asked

_PULSE_KEPT_S = 2.0
# Whether it beats, and what it doubts.
_pulse: tuple[float, bool, str] = (-_PULSE_KEPT_S, True, "")


@dataclass(frozen=True, slots=True)
class Screen:
    """What page templates say outside of their own contents."""

    here: str
    tenant: str
    live: str
    now_ms: int
    at: int
    unread: int
    pulse_ok: bool
    doubt: str
    words: str
    lines: str
    languages: Iterable[tuple[str, str]]


def show(
    request: Asked,
    here: str,
    template: str,
    context: dict[str, Any],
    *,
    around: Frame,
    clocks: Iterable[Face] = (),
    status: int = 200,
) -> HttpResponse:
    """Render a whole page; `clocks` are those on it, whose calendars the scripts need."""
    lines = _lines(around, {face.calendar for face in clocks if face.state == "running"})
    beats, doubt = pulse()
    screen = Screen(
        here=here,
        tenant=around.desk.name,
        live=policy.live_address(request),
        now_ms=milliseconds(around.now),
        at=around.position,
        unread=around.unread,
        pulse_ok=beats,
        doubt=doubt,
        words=_embedded(script_words()),
        lines=_embedded(lines),
        languages=tuple(catalogs.OFFERED.items()),
    )
    shown = {"screen": screen, "now": around.now, **context}
    return render(request, template, shown, status=status)


def _lines(around: Frame, calendars: Iterable[str]) -> dict[str, list[list[int]]]:
    """Return the open time of the calendars that clocks of the page name, such as ``office@3``."""
    made = {}
    for ref in calendars:
        key, _at, version = ref.rpartition("@")
        known = around.desk.versions.calendar(key, int(version))
        made[ref] = faces.line(known.calendar, now=around.now)
    return made


def around(request: Asked) -> Frame:
    """Return what stands around a screen. Ask before what stands in it."""
    return frame.frame(by=request.by)


def faces_of(cards: Iterable[Card]) -> list[Face]:
    """Return all clocks of some cards."""
    return [face for card in cards for face in card.faces]


def milliseconds(at: dt.datetime) -> int:
    """Return an instant as scripts count time."""
    return int(at.timestamp() * 1000)


def _embedded(value: Any) -> Any:
    """Return JSON that may stand inside a script element: it cannot end it."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def script_words() -> dict[str, Any]:
    """Return the texts that scripts say."""
    return {
        "left": _("%(time)s left") % {"time": "%t"},
        "over": _("+%(time)s over") % {"time": "%t"},
        "now": _("now"),
        "length": _("%(hours)s h %(minutes)s m") % {"hours": "%h", "minutes": "%m"},
        "looks": {key: names.look(key) for key in names.LOOKS},
        "failed": _("That did not work. Try again in a moment."),
        "unreachable": _("The desk cannot be reached; nothing was changed. Try again."),
        "undo": _("Undo"),
        "close": _("Close"),
        "moved": _("%(ticket)s moved to %(stage)s") % {"ticket": "%t", "stage": "%s"},
        "barred": _("The pipeline does not allow that move."),
        "moveTitle": _("Move %(ticket)s to") % {"ticket": "%t"},
        "breached": _("%(n)s clocks have just breached") % {"n": "%n"},
        "rung": _("%(n)s unread notifications") % {"n": "%n"},
    }


def pulse() -> tuple[bool, str]:
    """Say whether deadlines are being watched, and what is doubted, as of two seconds ago at most.

    Of the clocks it may doubt that the database's is right (a "jump") or the machine's ("apart").
    """
    global _pulse  # noqa: PLW0603  # one look for all pages of this process
    at, beats, doubt = _pulse
    if machine_clock.steady() - at >= _PULSE_KEPT_S:
        try:
            found = health.look()
            beats = found.beats
            doubt = ("jump" if "jumped" in found.trust else "apart") if found.doubts else ""
        except DatabaseError:
            beats, doubt = False, ""
        _pulse = (machine_clock.steady(), beats, doubt)
    return beats, doubt
