"""The operations of a PATCH, each brought into one form whoever sent it.

Names of operations come in capitals from some; without a path the value holds what is meant, under
names that may have dots; a truth may come as text, and a single value in a list.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.api.scim import filters
from tocsin.api.scim.answers import Bad

MOST = 1000
_LONGEST = 500
_PATH = re.compile(
    r'(?P<name>[A-Za-z$][\w:.$-]*)(?:\[(?P<where>[^\]"]*(?:"[^"]*"[^\]"]*)*)\](?:\.(?P<sub>\w+))?)?'
)


@dataclass(frozen=True, slots=True)
class Op:
    """One operation: "add", "replace" or "remove" of `name`, in lower case.

    `where` is the filter that chose among several values, "" for none.
    """

    op: str
    name: str
    value: Any
    where: str = ""


def operations(sent: Mapping[str, Any]) -> list[Op]:
    """Return the operations of a body; raises `Bad`."""
    listed = _get(sent, "operations")
    if not isinstance(listed, list) or not listed:
        raise Bad("invalidSyntax", "expected a list of Operations")
    if len(listed) > MOST:
        raise Bad("tooMany", f"no more than {MOST} operations are done at once")
    return [op for one in listed for op in _read(one)]


def _get(data: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in data.items() if key.lower() == name), None)


def _read(one: Any) -> Iterator[Op]:
    if not isinstance(one, Mapping) or not isinstance(_get(one, "op"), str):
        raise Bad("invalidSyntax", "an operation has an op")
    op, path, value = _get(one, "op").lower(), _get(one, "path"), _get(one, "value")
    if op not in ("add", "replace", "remove"):
        raise Bad("invalidSyntax", f"{op!r} is no operation; known: add, replace, remove")
    if path is not None and path != "":
        yield _with_path(op, path, value)
        return
    if op == "remove":
        raise Bad("noTarget", "remove needs a path")
    if not isinstance(value, Mapping):
        raise Bad("invalidValue", "without a path the value must be an object")
    for key, inner in value.items():
        yield from _spread(op, str(key), inner)


def _spread(op: str, key: str, value: Any) -> Iterator[Op]:
    """Yield what an object means: the parts of a name are changed one by one."""
    if key.lower() == "name" and isinstance(value, Mapping):
        for sub, inner in value.items():
            yield Op(op, f"name.{sub}".lower(), inner)
        return
    # An extension comes as an object under its name; nothing of one is kept here.
    if key.lower().startswith("urn:") and isinstance(value, Mapping):
        return
    yield _with_path(op, key, value)


def _with_path(op: str, path: Any, value: Any) -> Op:
    found = _PATH.fullmatch(path) if isinstance(path, str) and len(path) <= _LONGEST else None
    if found is None:
        raise Bad("invalidPath", "the path cannot be read")
    if found["name"].lower() == "name" and isinstance(value, Mapping):
        return Op(op, "name", {str(key).lower(): inner for key, inner in value.items()})
    return Op(op, filters.plain(found["name"]), value, found["where"] or "")


def single(value: Any) -> Any:
    """Return a value that may come in a list of one, or in an object under `value`."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    return value


def truth(value: Any) -> bool:
    """Return true or false, which may come as text in any case; raises `Bad`."""
    value = single(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise Bad("invalidValue", "active: expected true or false")
    return value


def text(value: Any, name: str) -> str:
    """Return a text; raises `Bad`."""
    value = single(value)
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise Bad("invalidValue", f"{name}: expected text")
    return value.strip()
