"""Templates of messages: texts by language with names in braces that stand for facts.

There is no logic and no way to reach further than the names listed here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries.desk import Desk

# What a text may name.
NAMES = (
    *("ticket", "subject", "clock", "due", "left", "team", "owner", "account"),
    *("link", "acknowledge"),
)
LANGUAGES = ("en", "sv", "pt-BR")
_OWN = ("name", "channel", "texts")
_MOST = {"subject": 200, "body": 8000}
_LONGEST = 200
# A brace that is none of ours is doubled, as in {{.
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def checks(data: Mapping[str, Any], at_work: Desk) -> Iterator[Callable[[], object]]:
    """Yield a check for each field of ``{name:, channel:, texts: {en: {subject:, body:}}}``."""
    del at_work
    yield lambda: shape.only(data, "", _OWN)
    yield lambda: _short(data.get("name"), "name")
    if "channel" in data:
        yield lambda: _short(data["channel"], "channel")
    yield lambda: _texts(data.get("texts"))
    texts = data.get("texts")
    if not isinstance(texts, Mapping):
        return
    for language, told in texts.items():
        place = f"texts.{language}"
        yield partial(shape.one_of, language, "texts", LANGUAGES)
        yield partial(_both, told, place)
        if isinstance(told, Mapping):
            for name in ("subject", "body"):
                yield partial(_text, told.get(name), f"{place}.{name}", _MOST[name])


def _short(value: object, path: str) -> None:
    found = shape.text(value, path)
    if len(found) > _LONGEST or not found.isprintable():
        raise Invalid(path, f"must be one line of {_LONGEST} characters at most")


def _texts(value: object) -> None:
    if not shape.mapping(value, "texts"):
        raise Invalid("texts", "needs at least one language")


def _both(value: object, path: str) -> None:
    shape.only(shape.mapping(value, path), path, ("subject", "body"))


def _text(value: object, path: str, most: int) -> None:
    text = shape.text(value, path)
    if len(text) > most:
        raise Invalid(path, f"is longer than {most} characters")
    for found in _BRACES.finditer(text):
        if found[0] in ("{{", "}}"):
            continue
        if found[1] is None:
            raise Invalid(path, "has a brace without its other; one that is meant is written twice")
        if found[1] not in NAMES:
            near = shape.hint(found[1], NAMES) or f"; there are: {', '.join(NAMES)}"
            raise Invalid(path, f"knows no {{{found[1]}}}{near}")


def filled(text: str, facts: Mapping[str, str]) -> str:
    """Return a text with facts in the place of their names; what is no name stays as it is.

    >>> filled("{ticket} by {due} {{sic}} {owner.name}", {"ticket": "7", "due": "noon"})
    '7 by noon {sic} {owner.name}'
    """

    def replaced(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        return facts.get(found[1], "") if found[1] in NAMES else found[0]

    return _BRACES.sub(replaced, text)
