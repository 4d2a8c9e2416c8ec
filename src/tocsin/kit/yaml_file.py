"""YAML files whose mistakes can be named by line: the data, and where each field of it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from tocsin.kit.invalid import Invalid


class _Constructor(RoundTripConstructor):
    """Leaves dates and instants as text: YAML would drop the offset of an instant."""


_Constructor.add_constructor(
    "tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node)
)


# What the reader raises for a character it does not allow, and for values that a tag does not fit.
_BROKEN = (YAMLError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """What a YAML file says, with the name of the file for errors."""

    name: str
    data: Any

    def located(self, error: Invalid) -> Invalid:
        """Return the refusal with the file and the line of its field in front."""
        line = line_of(self.data, error.path)
        place = f"{self.name}, line {line}" if line else self.name
        field = f"{error.path}: " if error.path else ""
        return Invalid(place, f"{field}{error.reason}")


def load(path: Path) -> YamlFile:
    """Read a YAML file; `Invalid` names file and line when it is not one."""
    reader = YAML(typ="rt", pure=True)
    reader.Constructor = _Constructor
    try:
        data = reader.load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Invalid(str(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Invalid(str(path), f"is not UTF-8 text (byte {error.start})") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}, line {mark.line + 1}" if mark else str(path)
        problem = " ".join(str(error.problem or error.context or "is not YAML").split())
        raise Invalid(place, f"is not valid YAML: {problem}") from None
    except _BROKEN as error:
        problem = " ".join(str(error).split()) or type(error).__name__
        raise Invalid(str(path), f"is not valid YAML: {problem}") from None
    if data is None:
        raise Invalid(str(path), "is empty")
    return YamlFile(str(path), data)


def line_of(data: Any, path: str) -> int | None:
    """Return the line, from 1, of the field `path`, or of its nearest parent that stands there."""
    line: int | None = None
    node, rest = data, path
    while rest:
        step = _step(node, rest)
        if step is None:
            break
        key, rest = step
        line = _line(node, key) or line
        node = node[key]
    if line is not None:
        return line
    # A value with a tag of its own has marks too, but no line in them.
    first = getattr(getattr(data, "lc", None), "line", None)
    return None if first is None else int(first) + 1


def _step(node: Any, rest: str) -> tuple[Any, str] | None:
    """Return the key that the path names next in `node`, and what follows it."""
    if isinstance(node, list) and rest.startswith("["):
        number, _, after = rest[1:].partition("]")
        if number.isdecimal() and int(number) < len(node):
            return int(number), after.removeprefix(".")
        return None
    if not isinstance(node, Mapping):
        return None
    # Keys may hold dots and spaces, so the longest key that fits is meant.
    for key in sorted(node, key=lambda key: -len(str(key))):
        after = rest.removeprefix(str(key))
        if rest.startswith(str(key)) and (not after or after[0] in ".["):
            return key, after.removeprefix(".")
    return None


def _line(node: Any, key: Any) -> int | None:
    try:
        marks = node.lc
        where = marks.item(key) if isinstance(key, int) else marks.key(key)
        return int(where[0]) + 1
    except (AttributeError, KeyError, IndexError, TypeError):
        return None
