"""Reading plain data (from YAML, JSON or code) field by field, refusing what is not of the form."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.kit.invalid import Invalid


def mapping(value: object, path: str) -> Mapping[str, Any]:
    """Return `value` if it is a mapping with text keys; otherwise refuse it by `path`."""
    if not isinstance(value, Mapping):
        raise Invalid(path, f"expected a mapping, got {describe(value)}")
    for key in value:
        if not isinstance(key, str):
            raise Invalid(path, f"the key {key!r} must be text (put it in quotes)")
    return value


def listing(value: object, path: str) -> list[Any]:
    """Return `value` as a list if it is a list or tuple; otherwise refuse it by `path`."""
    if not isinstance(value, list | tuple):
        raise Invalid(path, f"expected a list, got {describe(value)}")
    return list(value)


def text(value: object, path: str) -> str:
    """Return `value` if it is text that is not blank; otherwise refuse it by `path`."""
    if not isinstance(value, str) or not value.strip():
        raise Invalid(path, f"expected text, got {describe(value)}")
    if "\0" in value:
        raise Invalid(path, "holds a NUL character, which no text has")
    return value


def whole(value: object, path: str, *, least: int) -> int:
    """Return `value` if it is a whole number of at least `least`; otherwise refuse it by `path`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Invalid(path, f"expected a whole number of at least {least}, got {describe(value)}")
    return value


def flag(value: object, path: str) -> bool:
    """Return `value` if it is true or false; otherwise refuse it by `path`."""
    if not isinstance(value, bool):
        raise Invalid(path, f"expected true or false, got {describe(value)}")
    return value


def one_of(value: object, path: str, known: Iterable[str]) -> str:
    """Return `value` if it is one of the words `known`; otherwise refuse it and name them."""
    words = list(known)
    if not isinstance(value, str) or value not in words:
        raise Invalid(
            path, f"{describe(value)} is not one of: {', '.join(words)}{hint(value, words)}"
        )
    return value


def only(data: Mapping[str, Any], path: str, known: Iterable[str]) -> None:
    """Refuse the first key of `data` that is not in `known`, with the nearest known word."""
    words = list(known)
    for key in data:
        if key not in words:
            place = f"{path}.{key}" if path else key
            raise Invalid(place, f"unknown field; known here: {', '.join(words)}{hint(key, words)}")


def hint(value: object, words: Iterable[str]) -> str:
    """Return `` (did you mean …?)`` when a known word is near `value`, else nothing."""
    if not isinstance(value, str):
        return ""
    near = difflib.get_close_matches(value, list(words), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def describe(value: object) -> str:
    """Return a short name of `value` for an error: its text when short, else its type."""
    if value is None:
        return "nothing"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"a {type(value).__name__}"
