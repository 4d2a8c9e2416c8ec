"""Figures as SVG numbers and sentences: strips of clocks, bars, sparklines. Numbers are texts.

Templates must not format them: a decimal comma breaks a drawing.
"""

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.engine.target import Form
from tocsin.queries.why import Stretch, Why
from tocsin.web import moments, names

_WIDE = 1000
_SECOND = dt.timedelta(seconds=1)
_MINUTE = dt.timedelta(minutes=1)


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
    machine: str
    start: str
    whole: str
    began: str
    by: str
    used: str
    seconds: str


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
    # What ends one piece begins the next: each instant is put into words once.
    whole = functools.cache(moments.whole)

    def x(at: dt.datetime) -> float:
        return (at - start).total_seconds() * scale

    boxes = [
        Box(
            piece.state,
            f"{x(piece.start):.2f}",
            f"{max(x(piece.end) - x(piece.start), 1):.2f}",
            f"{whole(piece.start)} – {whole(piece.end)}",
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
        drawn=_("From %(start)s to %(end)s") % {"start": whole(start), "end": whole(end)},
        pieces=boxes,
        due_x=None if due is None else f"{min(x(due), _WIDE - 1):.2f}",
        stretches=_lines(found, whole),
        terms=_("Policy %(policy)s, row %(row)s, calendar %(calendar)s") % words,
        json=f"{address}&as=json",
    )


def row(label: str) -> str:
    """Return what a row of a target matrix is called; the one for the rest has no own name."""
    return _("any other priority") if label == "any other priority" else label


def _lines(found: Why, whole: Callable[[dt.datetime], str]) -> list[Line]:
    """Return the rows of the table; hundreds of them, so nothing is put into words twice."""
    rough = functools.cache(moments.rough)
    seconds = functools.cache(lambda n: _("%(n)s s") % {"n": n})
    words = functools.cache(_words)
    # Its row is named below, in the reader's language.
    by = functools.cache(lambda policy, calendar: f"{policy.rpartition(' (')[0]} · {calendar}")

    def line(one: Stretch) -> Line:
        made = one.strip
        exact = seconds(made.used // _SECOND)
        return Line(
            state=made.state,
            machine=made.start.isoformat(),
            start=moments.short(made.start, now=found.now),
            whole=whole(made.start),
            began=words(one.began, one.told, made.reason, one.who),
            by=by(made.policy, made.calendar),
            used=rough(made.used) if made.used >= _MINUTE else exact,
            seconds=exact,
        )

    return [line(one) for one in found.stretches]


def _words(kind: str, told: str, reason: str, who: str) -> str:
    what = began(kind, told, reason)
    return _("%(what)s (%(who)s)") % {"what": what, "who": who} if who else what


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


def began(kind: str, told: str, reason: str) -> str:
    """Return what began a stretch, in words."""
    match kind:
        case "status":
            return _("Status: %(status)s") % {"status": names.status(told)}
        case "stage":
            return _("Stage: %(stage)s") % {"stage": told}
        case "priority":
            return _("Priority: %(priority)s") % {"priority": told}
    known = _BEGAN.get(kind)
    return _(known) if known else reason or _("Time passed")


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
