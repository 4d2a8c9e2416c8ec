"""Checking what was typed, at the edge: each refusal names the field and the reason."""

from urllib.parse import urlsplit

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries.desk import Desk
from tocsin.queries.stages import Pipeline

# Fields that have a verb of their own, or that nobody sets by hand.
_OWN = frozenset(
    {
        *("status", "stage", "pipeline", "priority", "assignee", "team", "account", "contact"),
        *("plan", "vip", "high_value", "channel", "event", "side", "changed", "content"),
        "pause_request",
    }
)
_LONGEST = {
    "subject": 500,
    "body": 200_000,
    "reason": 2_000,
    "value": 2_000,
    "email": 254,
    "name": 200,
    "field": 60,
    "type": 60,
    "channel": 60,
    "key": 200,
}


def text(value: str, name: str, *, kind: str = "", empty: bool = False) -> str:
    """Return a text without the space around it; refuse one that is empty, too long or no text.

    `kind` says how long it may be, where that is not said by its name.
    """
    most = _LONGEST[kind or name]
    found = value.strip()
    if not found and not empty:
        raise Invalid(name, "is empty")
    if len(found) > most:
        raise Invalid(name, f"has {len(found)} characters; {most} are the most")
    if "\0" in found:
        raise Invalid(name, "holds a NUL character, which no text has")
    return found


def web_address(value: str, name: str, *, longest: int, query: bool = False) -> str:
    """Return the address of a web server, that may have a `query` only where that is said."""
    found = value.strip()
    try:
        parts = urlsplit(found)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    if not named or parts.scheme not in ("https", "http") or len(found) > longest:
        raise Invalid(name, "must begin with https:// and name a host")
    if "@" in parts.netloc:
        raise Invalid(name, "must not contain a user and password")
    unclear = parts.fragment or any(map(_hidden, found))
    if query and unclear:
        raise Invalid(name, "must not contain # or space")
    if not query and (unclear or parts.query):
        raise Invalid(name, "must not contain ? or # or space")
    return found


def _hidden(sign: str) -> bool:
    return sign.isspace() or not sign.isprintable()


def own_field(name: str, value: str) -> str | None:
    """Return the value of a field that a company added itself, None for an empty one."""
    if text(name, "name", kind="field") != name:
        raise Invalid("name", "has space around it")
    if name in _OWN:
        raise Invalid("name", f"the field {name!r} has a way of its own to be changed")
    return text(value, "value", empty=True) or None


def team(at_work: Desk, name: str) -> str:
    """Return the key of a team by its name in any case."""
    key = name.strip().casefold()
    if key not in at_work.teams:
        raise Invalid("team", f"there is no team {name!r}{shape.hint(key, at_work.teams)}")
    return key


def pipeline(at_work: Desk, key: str) -> Pipeline:
    """Return the pipeline of that key."""
    if key not in at_work.pipelines:
        near = shape.hint(key, at_work.pipelines)
        raise Invalid("pipeline", f"there is no pipeline {key!r}{near}")
    return at_work.pipelines[key]
