"""A clock as a strip: its stretches, each with what began it, and the pieces of its drawing."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tocsin.engine.clock import Clock, Segment, State
from tocsin.engine.event import Event
from tocsin.engine.explain import Strip
from tocsin.queries import timeline
from tocsin.queries.desk import Desk

# More pieces than these cannot be told apart in a drawing.
_MOST_PIECES = 240


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch, and what began it: the kind of fact, who, and what it said."""

    strip: Strip
    began: str
    who: str
    told: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; instants in UTC, open time in seconds."""
        return {**self.strip.to_dict(), "began_by": self.began or None, "who": self.who or None}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the drawing: "running", "closed", "paused", "over" or "ahead"."""

    state: str
    start: dt.datetime
    end: dt.datetime


def stretches(
    strips: Iterable[Strip], log: Mapping[str, Event], at_work: Desk, names: Mapping[str, str]
) -> tuple[Stretch, ...]:
    """Return the stretches of a clock; `log` holds the facts by their keys."""
    return tuple(_stretch(strip, log.get(strip.event), at_work, names) for strip in strips)


def _stretch(strip: Strip, fact: Event | None, at_work: Desk, names: Mapping[str, str]) -> Stretch:
    if fact is None:
        return Stretch(strip, "", "", "")
    told = fact.payload.get("to") or fact.payload.get("status") or ""
    return Stretch(strip, fact.kind.value, timeline.name_of(fact.actor, at_work, names), str(told))


def pieces(clock: Clock, due: dt.datetime | None, end: dt.datetime) -> tuple[Piece, ...]:
    """Return the drawing: what ran, what was closed, what was paused, and what is past the due."""
    return tuple(_joined(_cut(clock, due, end)))


def _cut(clock: Clock, due: dt.datetime | None, end: dt.datetime) -> Iterator[Piece]:
    """Yield the pieces, with what ran cut in two where the due is."""
    fine = len(clock.calendar.calendar.openings(clock.started_at, end)) <= _MOST_PIECES
    made = [piece for stretch in clock.segments for piece in _of(stretch, end, fine=fine)]
    if due is not None and clock.live and due > end:
        made.append(Piece("ahead", end, due))
    for piece in made:
        if due is not None and piece.state == "running" and piece.end > due:
            if piece.start < due:
                yield Piece("running", piece.start, due)
            yield Piece("over", max(piece.start, due), piece.end)
        elif piece.end > piece.start:
            yield piece


def _of(segment: Segment, end: dt.datetime, *, fine: bool) -> list[Piece]:
    until = segment.end or max(end, segment.start)
    if segment.state is not State.RUNNING:
        return [Piece("paused", segment.start, until)]
    if not fine:
        return [Piece("running", segment.start, until)]
    found, at = list[Piece](), segment.start
    for opens, closes in segment.calendar.calendar.openings(segment.start, until):
        if opens > at:
            found.append(Piece("closed", at, opens))
        found.append(Piece("running", opens, closes))
        at = closes
    if at < until:
        found.append(Piece("closed", at, until))
    return found


def _joined(made: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces with neighbours that look alike as one."""
    last: Piece | None = None
    for piece in made:
        if last is not None and last.state == piece.state and last.end == piece.start:
            last = replace(last, end=piece.end)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
