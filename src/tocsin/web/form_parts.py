"""Parts that forms of policies and pipelines share: calendars, alerts, paths, instants."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tocsin.web import nested
from tocsin.web.nested import Fields

# Who an alert goes to when nothing is said, and the words that are offered for it.
BY_DEFAULT = ("owner", "manager")
WHO = (
    *("owner", "lead", "manager", "department head", "account manager"),
    *("senior", "administrators"),
)
SOURCES = ("account", "contract", "team", "assignee")
TOGETHER = ("union", "intersection")


def json_of(part: Fields, name: str) -> Any:
    """Return what a hidden field keeps of a thing as it was; an empty mapping if it is broken."""
    try:
        return json.loads(nested.text(part, name) or "{}")
    except ValueError:
        return {}


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping as it is and anything else as an empty one: drafts may hold mistakes."""
    return value if isinstance(value, Mapping) else {}


def listing(value: object) -> list[Any]:
    """Return a list as it is and anything else as an empty one."""
    return list(value) if isinstance(value, list | tuple) else []


def typed(value: object) -> str:
    """Return a value as it stands in a field."""
    return "" if value is None else str(value)


def number(text: str) -> Any:
    """Return what was typed as a whole number if it is one."""
    return int(text) if text.isdecimal() and len(text) < 10 else text


# ------------------------------------------------------------------------------------- calendars


@dataclass(frozen=True, slots=True)
class CalendarPick:
    """Whose calendar counts: `how` is ``named``, a source, ``union``, ``intersection`` or empty."""

    how: str = ""
    key: str = ""
    keys: tuple[str, ...] = ()


def calendar_shown(value: object) -> CalendarPick:
    """Return a calendar as the form shows it."""
    if not isinstance(value, Mapping):
        return CalendarPick("named", typed(value)) if value else CalendarPick()
    for how in TOGETHER:
        if how in value:
            return CalendarPick(how, keys=tuple(typed(one) for one in listing(value[how])))
    return CalendarPick(typed(value.get("source")), typed(value.get("else")))


def calendar_read(part: Fields) -> Any:
    """Return a calendar as the configuration has it; None for that of the whole policy."""
    how, key = nested.text(part, "how"), nested.text(part, "key")
    if how in TOGETHER:
        return {how: nested.texts(part, "keys")}
    if how in SOURCES:
        return {"source": how, "else": key} if key else {"source": how}
    return key or None if how == "named" else None


# ---------------------------------------------------------------------------------------- alerts


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert in a form; it is told again each `every`, so many `times`, if that is filled in."""

    how: str
    amount: str
    basis: str
    notify: tuple[str, ...]
    every: str = ""
    times: str = ""
    template: str = ""

    @property
    def others(self) -> str:
        """Those who are told beside the usual words: addresses and teams."""
        return ", ".join(who for who in self.notify if who not in WHO)


def alert_shown(value: object) -> AlertRow:
    """Return an alert as a row."""
    data = mapping(value)
    how = next((name for name in ("before", "after") if name in data), "at")
    told = listing(data["notify"]) if "notify" in data else list(BY_DEFAULT)
    amount = typed(data.get(how)).removesuffix("%").strip() if how == "at" else data.get(how)
    notify = tuple(typed(who) for who in told)
    again = mapping(data.get("repeat"))
    return AlertRow(
        how,
        typed(amount),
        typed(data.get("in", "business")),
        notify,
        every=typed(again.get("every")),
        times=typed(again.get("times")),
        template=typed(data.get("template")),
    )


def alert_read(part: Fields) -> dict[str, Any]:
    """Return an alert as the configuration has it."""
    how, amount = nested.text(part, "how") or "at", nested.text(part, "amount")
    if how == "at" and amount and not amount.endswith("%"):
        amount = f"{amount}%"
    found: dict[str, Any] = {how if how in ("before", "after") else "at": amount}
    if nested.text(part, "basis") == "wall":
        found["in"] = "wall"
    notify = notified(part)
    if tuple(notify) != BY_DEFAULT:
        found["notify"] = notify
    if every := nested.text(part, "every"):
        times = nested.text(part, "times")
        found["repeat"] = {"every": every, **({"times": number(times)} if times else {})}
    if template := nested.text(part, "template"):
        found["template"] = template
    return found


def notified(part: Fields) -> list[str]:
    """Return who is told: boxes that are ticked, and others by name."""
    others = nested.text(part, "others").split(",")
    return [*nested.texts(part, "notify"), *(who.strip() for who in others if who.strip())]


# ----------------------------------------------------------------------------------------- paths


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level of an escalation path in a form; `rest` is what only a file can say, as JSON."""

    name: str
    wait: str
    basis: str
    team: str
    notify: tuple[str, ...]
    priority: str
    rest: str = "{}"

    @property
    def others(self) -> str:
        """Those who are told beside the usual words."""
        return ", ".join(who for who in self.notify if who not in WHO)


@dataclass(frozen=True, slots=True)
class PathForm:
    """An escalation path in a form."""

    key: str
    levels: tuple[LevelRow, ...]


_SHOWN = ("name", "wait", "in", "team", "notify", "priority")


def path_shown(key: str, value: object) -> PathForm:
    """Return an escalation path as rows."""
    levels = [mapping(one) for one in listing(mapping(value).get("levels"))]
    return PathForm(
        key,
        tuple(
            LevelRow(
                typed(one.get("name")),
                typed(one.get("wait")),
                typed(one.get("in", "business")),
                typed(one.get("team")),
                tuple(typed(who) for who in listing(one.get("notify"))),
                typed(one.get("priority")),
                json.dumps({key: told for key, told in one.items() if key not in _SHOWN}),
            )
            for one in levels
        ),
    )


def paths_read(part: Fields) -> dict[str, Any]:
    """Return the escalation paths of a form, by their names."""
    return {
        nested.text(one, "key"): {
            "levels": [_level(level) for level in nested.items(nested.fields(one, "levels"))]
        }
        for one in nested.items(part)
        if nested.text(one, "key")
    }


def _level(part: Fields) -> dict[str, Any]:
    rest = {key: one for key, one in mapping(json_of(part, "rest")).items() if key not in _SHOWN}
    found: dict[str, Any] = {
        "name": nested.text(part, "name"),
        "team": nested.text(part, "team"),
        **rest,
    }
    for name in ("wait", "priority"):
        if text := nested.text(part, name):
            found[name] = text
    if nested.text(part, "basis") == "wall":
        found["in"] = "wall"
    if notify := notified(part):
        found["notify"] = notify
    return found


def chosen_paths(named: Sequence[object], own: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """Return the paths that clocks name, from the form itself or else from other policies."""
    wanted = dict.fromkeys([*own, *(name for name in named if isinstance(name, str))])
    return {name: own.get(name, known.get(name)) for name in wanted if name in own or name in known}


# -------------------------------------------------------------------------------------- instants


def instant_shown(value: object) -> str:
    """Return an instant as a field for a date and time has it, in the reader's zone."""
    try:
        at = dt.datetime.fromisoformat(typed(value))
    except ValueError:
        return typed(value)
    return at.astimezone(timezone.get_current_timezone()).strftime("%Y-%m-%dT%H:%M")


def instant_read(text: str) -> str:
    """Return a typed date and time with the offset of the reader's zone; other text as it is."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    here = timezone.get_current_timezone()
    return (at if at.tzinfo else at.replace(tzinfo=here)).isoformat()
