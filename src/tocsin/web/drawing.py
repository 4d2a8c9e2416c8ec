"""Figures as SVG numbers and sentences: strips of clocks, bars, sparklines. Numbers are texts.

Templates must not format them: a decimal comma breaks a drawing.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.engine.target import Form
from tocsin.queries.why import Stretch, Why
from tocsin.web import moments, names

_WIDE = 1000
_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of a strip."""

    state: str
    x: str
    width: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table beside a strip."""

    state: str
    start: dt.datetime
    began: str
    policy: str
    calendar: str
    used: dt.timedelta
    seconds: int


@dataclass(frozen=True, slots=True)
class Strip:
    """An explained clock, ready to be drawn."""

    sentence: str
    drawn: str
    pieces: list[Box]
    due_x: str | None
    stretches: list[Line]
    terms: str
    json: str


def strip(found: Why, address: str) -> Strip:
    """Return the strip of a clock; `address` is that of its page."""
    start, end = found.start, max(found.end, found.start + _SECOND)
    scale = _WIDE / (end - start).total_seconds()

    def x(at: dt.datetime) -> float:
        return (at - start).total_seconds() * scale

    boxes = [
        Box(
            piece.state,
            f"{x(piece.start):.2f}",
            f"{max(x(piece.end) - x(piece.start), 1):.2f}",
            f"{moments.whole(piece.start)} – {moments.whole(piece.end)}",
        )
        for piece in found.pieces
    ]
    due = found.due if found.due is not None and start <= found.due <= end else None
    clock = found.clock
    words = {
        "policy": f"{clock.terms.policy} v{clock.terms.version}",
        "row": row(clock.terms.row.label),
        "calendar": clock.calendar.ref,
    }
    return Strip(
        sentence=sentence(found),
        drawn=_("From %(start)s to %(end)s")
        % {"start": moments.whole(start), "end": moments.whole(end)},
        pieces=boxes,
        due_x=None if due is None else f"{min(x(due), _WIDE - 1):.2f}",
        stretches=[_line(one) for one in found.stretches],
        terms=_("Policy %(policy)s, row %(row)s, calendar %(calendar)s") % words,
        json=f"{address}&as=json",
    )


def row(label: str) -> str:
    """Return what a row of a target matrix is called; the one for the rest has no own name."""
    return _("any other priority") if label == "any other priority" else label


def _line(one: Stretch) -> Line:
    told = _("%(what)s (%(who)s)") % {"what": began(one), "who": one.who} if one.who else began(one)
    made = one.strip
    # Its row is named below, in the reader's language.
    policy = made.policy.rpartition(" (")[0]
    return Line(
        made.state, made.start, told, policy, made.calendar, made.used, made.used // _SECOND
    )


_BEGAN = {
    "created": gettext_noop("Ticket opened"),
    "customer message": gettext_noop("Customer wrote"),
    "agent message": gettext_noop("Answered"),
    "assignee": gettext_noop("Assigned"),
    "team": gettext_noop("Assigned"),
    "calendar version": gettext_noop("Calendar changed"),
    "policy attached": gettext_noop("Policy changed"),
    "field": gettext_noop("Field changed"),
    "effect": gettext_noop("Escalation"),
}


def began(one: Stretch) -> str:
    """Return what began a stretch, in words."""
    match one.began:
        case "status":
            return _("Status: %(status)s") % {"status": names.status(one.told)}
        case "stage":
            return _("Stage: %(stage)s") % {"stage": one.told}
        case "priority":
            return _("Priority: %(priority)s") % {"priority": one.told}
    known = _BEGAN.get(one.began)
    return _(known) if known else one.strip.reason or _("Time passed")


def sentence(found: Why) -> str:
    """Return the sentence to say to a customer: what was promised, and what came of it."""
    clock = found.clock
    target = clock.terms.row.target
    words = {
        "clock": names.clock(clock.terms.definition.key),
        "target": moments.rough(target.length) if target.form is Form.LENGTH else str(target),
        "row": row(clock.terms.row.label),
        "calendar": clock.calendar.key,
        "start": moments.whole(clock.anchor),
    }
    parts = [
        _("%(clock)s: %(target)s for %(row)s, counted in %(calendar)s from %(start)s.") % words
    ]
    if clock.paused_open:
        told = {"length": moments.exact(clock.paused_open)}
        parts.append(_("Pauses of %(length)s do not count.") % told)
    parts.append(_outcome(found))
    return " ".join(parts)


def _outcome(found: Why) -> str:
    clock, used = found.clock, {"used": moments.exact(found.used)}
    if clock.stopped_at is not None:
        words = used | {"at": moments.whole(clock.stopped_at)}
        if found.over:
            words["over"] = moments.exact(found.over)
            return _("It ended %(at)s with %(used)s used, %(over)s too late.") % words
        return _("It ended %(at)s with %(used)s used, in time.") % words
    if clock.state.value == "paused":
        return _("It is paused with %(used)s used, so it has no due now.") % used
    if found.due is None:
        return _("It has no due: %(why)s.") % {"why": clock.undue}
    words = used | {"due": moments.whole(found.due)}
    if found.over or found.due < found.now:
        words["over"] = moments.exact(found.over)
        return _("It was due %(due)s and is over by %(over)s of open time.") % words
    if found.next_open is not None:
        words["open"] = moments.whole(found.next_open)
        told = _("It is due %(due)s; %(used)s are used, and it goes on at %(open)s.")
        return told % words
    return _("It is due %(due)s; %(used)s are used.") % words


def sparkline(rates: Sequence[float | None], *, width: int = 100, height: int = 40) -> str:
    """Return the points of a line through rates in percent; days without one are left out."""
    known = [(k, rate) for k, rate in enumerate(rates) if rate is not None]
    if len(known) < 2:
        return ""
    low = min(90.0, *(rate for _, rate in known))
    last = len(rates) - 1
    return " ".join(
        f"{k / last * width:.1f},{height - 2 - (rate - low) / (100 - low) * (height - 4):.1f}"
        for k, rate in known
    )
