"""Forms whose fields are lists and groups: ``clocks.0.alerts.1.amount`` as a tree."""

from collections.abc import Iterable, Mapping
from typing import Any

# A part of a form: below each name either further parts or the texts that were sent.
Fields = Mapping[str, Any]

_MOST_DEEP = 10


def tree(sent: Iterable[tuple[str, list[str]]]) -> dict[str, Any]:
    """Return the fields of a form as a tree; a name that is both a part and a field is the part."""
    made: dict[str, Any] = {}
    for name, texts in sent:
        *way, last = name.split(".")
        if len(way) > _MOST_DEEP:
            continue
        place = made
        for step in way:
            below = place.get(step)
            if not isinstance(below, dict):
                below = place[step] = {}
            place = below
        if not isinstance(place.get(last), dict):
            place[last] = list(texts)
    return made


def fields(part: Fields, name: str) -> Fields:
    """Return a part of a part; empty if there is none."""
    found = part.get(name)
    return found if isinstance(found, dict) else {}


def items(part: Fields) -> list[Fields]:
    """Return the numbered parts of a part, in their order."""
    numbers = sorted(int(name) for name in part if name.isdecimal() and len(name) < 5)
    found = [part.get(str(number)) for number in numbers]
    return [one for one in found if isinstance(one, dict)]


def text(part: Fields, name: str) -> str:
    """Return what was typed into a field, without blanks around it."""
    found = texts(part, name)
    return found[-1].strip() if found else ""


def texts(part: Fields, name: str) -> list[str]:
    """Return all that was sent for a field: several boxes may have one name."""
    found = part.get(name)
    return found if isinstance(found, list) else []
