"""Cards and rows as HTML, kept: a board repeats hundreds of them, and few change between two looks.

What is kept is found by all that it shows, so it cannot be stale. Only what is left on a clock
changes by itself; its place in the kept text is filled in anew each time.
"""

import dataclasses
import functools
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from threading import Lock

from django.template import engines
from django.utils import timezone, translation
from markupsafe import Markup, escape

from tocsin.queries.cards import Card
from tocsin.queries.faces import Face
from tocsin.web import names

_MOST = 6000
_FIELDS = tuple(
    field.name for field in dataclasses.fields(Card) if field.name not in ("faces", "reasons")
)
_kept: OrderedDict[Hashable, list[str]] = OrderedDict()
_turn = Lock()


def cards(found: Iterable[Card], *, may_change: bool) -> Markup:
    """Return the cards of a board."""
    return _all("card", found, shown=2, may_change=may_change)


def rows(found: Iterable[Card]) -> Markup:
    """Return the rows of a list."""
    return _all("row", found, shown=2, may_change=False)


def _all(kind: str, found: Iterable[Card], *, shown: int, may_change: bool) -> Markup:
    language, zone = translation.get_language() or "en", timezone.get_current_timezone_name()
    words = names.words(language)
    made: list[str] = []
    for card in found:
        faces = card.faces[:shown]
        key = (kind, may_change, language, zone, _content(card), tuple(map(_lasting, card.faces)))
        parts = _found(key)
        if parts is None:
            parts = _keep(key, str(_macro(kind)(card, may_change)).split(names.GAP))
        made.append(parts[0])
        for place, face in enumerate(faces):
            made += (escape(words.left(face, slim=place > 0)), parts[place + 1])
    return Markup("".join(made))


def _content(card: Card) -> Hashable:
    return tuple([getattr(card, name) for name in _FIELDS])


def _lasting(face: Face) -> Hashable:
    """Return what a clock shows, but for what is left on it."""
    return (
        *(face.name, face.look, face.state, face.due_at, face.due_w, face.calendar, face.undue),
        *(face.target, face.warn, face.crit, names.is_long(face.left)),
    )


def _found(key: Hashable) -> list[str] | None:
    with _turn:
        parts = _kept.get(key)
        if parts is not None:
            _kept.move_to_end(key)
        return parts


def _keep(key: Hashable, parts: list[str]) -> list[str]:
    with _turn:
        _kept[key] = parts
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    return parts


@functools.cache
def _macro(kind: str) -> Callable[[Card, bool], Markup]:
    """Return the macro that draws a card or a row, with gaps where clocks tick."""
    module = engines["jinja2"].env.get_template("parts/clocks.html").module  # type: ignore[attr-defined]  # Jinja's own
    found: Callable[[Card, bool], Markup] = getattr(module, kind)
    return found
