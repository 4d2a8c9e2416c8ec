"""A drawing of an escalation path: levels from left to right, steps below, branches as lanes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tocsin.web.form_parts import listing, mapping, typed
from tocsin.web.path_words import Words

# Units of the drawing. A letter takes about so much; text in drawings does not wrap.
BOX, GAP, EDGE = 208, 84, 12
HEAD, LINE, PAD, BETWEEN = 30, 19, 12, 22
_LETTER = 7.0
_SMALL_LETTER = 6.4


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a box: where its base is, what it says, and the whole where it is cut."""

    y: int
    text: str
    whole: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A box: what begins the path (`start`), a level, or what ends it (`end`)."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    title: str
    lines: tuple[Line, ...]

    @property
    def middle(self) -> int:
        """The height at which arrows come and go."""
        return self.y + HEAD // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow with what is waited for; `path` is its line, `tip` its point."""

    path: str
    tip: str
    x: int
    y: int
    text: str
    whole: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A branch: where its name stands and how high it is."""

    name: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it, and how large it is."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    lanes: tuple[Lane, ...]


def drawing(data: Mapping[str, Any], words: Words) -> Drawing:
    """Return a path as it is drawn; mistakes in it are drawn as they are."""
    branches = _branches(data)
    named = len(branches) > 1 or any(branches)
    start = _box("start", EDGE, EDGE, _("Begins when"), _triggers(data, words))
    x, y = EDGE + BOX + GAP, EDGE
    boxes: list[Box] = [start]
    arrows: list[Arrow] = []
    lanes: list[Lane] = []
    ends: list[Box] = []
    for name, levels in branches.items():
        top = y + (LINE if named else 0)
        made, between = _lane(levels, x, top, start, words)
        boxes += made
        arrows += between
        ends += made[-1:]
        height = max((box.height for box in made), default=HEAD) + (LINE if named else 0)
        if named:
            right = made[-1].x + BOX if made else x
            shown = name or _("the main branch")
            lanes.append(Lane(shown, x - 10, y - 4, right - x + 20, height + 12))
        y += height + BETWEEN
    right = max((box.x + BOX for box in boxes), default=0)
    end = _box("end", right + GAP, EDGE, _("Ends when"), [(words.ends(data), "")])
    arrows += [_arrow(box, end, "", "") for box in ends]
    every = (*boxes, end)
    height = max(box.y + box.height for box in every) + EDGE
    return Drawing(end.x + BOX + EDGE, height, every, tuple(arrows), tuple(lanes))


def _branches(data: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for level in map(mapping, listing(data.get("levels"))):
        found.setdefault(typed(level.get("branch")), []).append(level)
    return found


def _triggers(data: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    told = [(words.trigger(one), "") for one in listing(data.get("triggers"))]
    if when := words.when(data.get("when")):
        told.append((_("only if %(when)s") % {"when": when}, "if"))
    return told or [(_("nothing begins it yet"), "if")]


def _lane(
    levels: list[Mapping[str, Any]], x: int, y: int, start: Box, words: Words
) -> tuple[list[Box], list[Arrow]]:
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    for k, level in enumerate(levels):
        before = boxes[-1] if boxes else start
        box = _box("level", x, y, typed(level.get("name")) or "–", list(_told(level, words)))
        wait = words.waits(level, first=not boxes)
        arrows.append(_arrow(before, box, typed(level.get("wait")) or _("at once"), wait))
        boxes.append(box)
        x = EDGE + (k + 2) * (BOX + GAP)
    return boxes, arrows


def _told(level: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    yield from _deeds(level, words)
    for step in map(mapping, listing(level.get("steps"))):
        yield words.waits(step, first=False), "wait"
        yield from _deeds(step, words)


def _deeds(step: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    if when := words.when(step.get("when")):
        yield _("if %(when)s") % {"when": when}, "if"
    yield from ((deed, "") for deed in words.deeds(step))


def _box(kind: str, x: int, y: int, title: str, told: list[tuple[str, str]]) -> Box:
    lines: list[Line] = []
    at = y + HEAD + PAD + 4
    for text, look in told:
        for part in _wrapped(text):
            lines.append(Line(at, part, text, look))
            at += LINE
    height = HEAD + (at - y - HEAD - LINE + PAD if lines else 0)
    return Box(kind, x, y, BOX, height, _cut(title, BOX - 20, _LETTER), tuple(lines))


def _wrapped(text: str) -> Iterator[str]:
    """Yield a text in two lines at the most; what is more is in the words below the drawing."""
    room = int((BOX - 20) / _SMALL_LETTER)
    if len(text) <= room:
        yield text
        return
    cut = text.rfind(" ", 0, room + 1)
    cut = cut if cut > room // 2 else room
    yield text[:cut].rstrip()
    rest = text[cut:].strip()
    yield rest if len(rest) <= room else f"{rest[: room - 1].rstrip()}…"


def _cut(text: str, width: int, letter: float) -> str:
    room = int(width / letter)
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def _arrow(one: Box, other: Box, text: str, whole: str) -> Arrow:
    x1, y1, x2, y2 = one.x + one.width, one.middle, other.x, other.middle
    # Beside the first box and before the last one nothing stands in any lane.
    middle = x1 + 20 if one.kind == "start" else x2 - 20
    line = f"M{x1} {y1}H{x2 - 6}" if y1 == y2 else f"M{x1} {y1}H{middle}V{y2}H{x2 - 6}"
    tip = f"M{x2} {y2}l-9 -5v10z"
    shown = _cut(text, GAP - 16, _SMALL_LETTER)
    return Arrow(line, tip, x2 - GAP // 2 + 4, y2 - 7, shown, whole)
