"""Filters of lists, such as ``userName eq "ann@acme.example" and active eq true``.

``eq``, ``and``, ``or`` and parentheses are known; what else there is in SCIM is refused, so that
nobody takes a list for a shorter one than it is.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tocsin.api.scim.answers import Bad
from tocsin.queries.directory import FLAGS, Compared, Condition, Joined

LONGEST = 1000
_MOST = 20
_DEEPEST = 10
# A name may have a filter of its own behind it: emails[type eq "work"].value
_PIECE = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<text>"(?:[^"\\]|\\.)*")'
    r'|(?P<word>[A-Za-z][\w:.$-]*(?:\[[^\]"]*(?:"[^"]*"[^\]"]*)*\](?:\.\w+)?)?))'
)
_SCHEMA = re.compile(r"urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):", re.IGNORECASE)
_INNER = re.compile(r"\[.*\]", re.DOTALL)


@dataclass
class _Pieces:
    """The pieces of a filter, and how many of them were read."""

    pieces: list[str]
    at: int = 0
    compared: int = 0

    def peek(self) -> str:
        return self.pieces[self.at] if self.at < len(self.pieces) else ""

    def take(self) -> str:
        found = self.peek()
        self.at += 1
        return found


def parsed(text: str, known: Collection[str]) -> Condition:
    """Return a filter as a condition on the names `known`; raises `Bad`."""
    if len(text) > LONGEST or "\0" in text:
        raise _bad(f"may have {LONGEST} characters, none of them NUL")
    rest = _Pieces(list(_pieces(text)))
    found = _any(rest, known, 0)
    if rest.peek():
        raise _bad(f"has {rest.peek()!r} where nothing is expected")
    return found


def _pieces(text: str) -> Iterator[str]:
    text = text.strip()
    at = 0
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None:
            raise _bad(f"cannot be read at {text[at : at + 20]!r}")
        yield found[0].strip()
        at = found.end()


def _any(rest: _Pieces, known: Collection[str], depth: int) -> Condition:
    parts = [_all(rest, known, depth)]
    while rest.peek().lower() == "or":
        rest.take()
        parts.append(_all(rest, known, depth))
    return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))


def _all(rest: _Pieces, known: Collection[str], depth: int) -> Condition:
    parts = [_one(rest, known, depth)]
    while rest.peek().lower() == "and":
        rest.take()
        parts.append(_one(rest, known, depth))
    return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))


def _one(rest: _Pieces, known: Collection[str], depth: int) -> Condition:
    if rest.peek() == "(":
        if depth >= _DEEPEST:
            raise _bad(f"goes more than {_DEEPEST} deep")
        rest.take()
        found = _any(rest, known, depth + 1)
        if rest.take() != ")":
            raise _bad("has a parenthesis that is not closed")
        return found
    return _compared(rest, known)


def _compared(rest: _Pieces, known: Collection[str]) -> Compared:
    rest.compared += 1
    if rest.compared > _MOST:
        raise _bad(f"compares more than {_MOST} times")
    name, how, value = rest.take(), rest.take(), rest.take()
    key = plain(name)
    if key not in known:
        raise _bad(f"names {name!r}; known here: {', '.join(sorted(known))}")
    if how.lower() != "eq":
        raise _bad(f"compares by {how!r}; known here: eq")
    return Compared(key, _value(key, value))


def _value(key: str, value: str) -> str | bool:
    if key in FLAGS:
        if value.strip('"').lower() not in ("true", "false"):
            raise _bad(f"compares {key} with what is neither true nor false")
        return value.strip('"').lower() == "true"
    try:
        found = json.loads(value) if value.startswith('"') else None
    except ValueError:
        found = None
    if not isinstance(found, str) or "\0" in found or not _is_text(found):
        raise _bad(f"compares {key} with what is no text in quotes")
    return found


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def plain(name: str) -> str:
    """Return a name in lower case, without its schema, filter and `.value`."""
    return _INNER.sub("", _SCHEMA.sub("", name.strip())).lower().removesuffix(".value")


def _bad(sentence: str) -> Bad:
    return Bad("invalidFilter", f"the filter {sentence}")
