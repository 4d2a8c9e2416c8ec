"""What the buttons of a calendar's form do to what was typed, without keeping anything."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from tocsin.engine.hours import WEEKDAYS
from tocsin.kit.invalid import Invalid
from tocsin.web import calendar_forms
from tocsin.web.calendar_forms import Data

_WORKING = WEEKDAYS[:5]
_COMBINED = ("union", "intersection")


@dataclass(frozen=True, slots=True)
class Written:
    """A calendar as it was typed, and where its form stands.

    `focus` names the field that comes next; `unsaved` says that it differs from what is kept,
    `overtaken` that somebody else has kept another draft meanwhile.
    `adding` is what has been chosen for a set of holidays to come, `wrong_set` why it was refused.
    """

    data: Data
    key: str = ""
    key_error: str = ""
    compare: str = ""
    focus: str = ""
    unsaved: bool = False
    saved: bool = False
    overtaken: bool = False
    adding: Mapping[str, Any] = field(default_factory=dict)
    wrong_set: Invalid | None = None


def typed(post: QueryDict) -> Written:
    """Return what a form holds."""
    return Written(
        calendar_forms.read(post),
        key=post.get("key", "").strip(),
        compare=post.get("compare", ""),
        unsaved=True,
        adding={
            "country": post.get("add.country", ""),
            "part": post.get("add.part", ""),
            "categories": post.getlist("add.category"),
            "first": post.get("add.first", ""),
            "last": post.get("add.last", ""),
        },
    )


def changed(post: QueryDict, act: str, which: str) -> Written:
    """Return what a form holds after one of its buttons; what cannot be done is told beside it."""
    written = typed(post)
    try:
        match act:
            case "country":
                return dataclasses.replace(written, focus="add.part")
            case "add":
                return _with_set(written, calendar_forms.of_country(post))
            case "own":
                return _with_set(written, {"days": {}}, "lines")
            case "remove":
                return _without(written, "holidays", which)
            case "longer":
                return _longer(written, which, post)
            case "copy":
                return _copied(written, post)
            case "leave":
                return _left(written, post.get("how", ""), which)
    except Invalid as error:
        told = Invalid(error.path if "." in error.path else "add.country", error.reason)
        return dataclasses.replace(written, focus=told.path, wrong_set=told)
    return written


def _with_set(written: Written, found: Data, focus: str = "hours") -> Written:
    sets = [*written.data.get("holidays", ()), found]
    data = {**written.data, "holidays": sets}
    return dataclasses.replace(written, data=data, focus=f"{focus}.{len(sets) - 1}", adding={})


def _without(written: Written, where: str, which: str) -> Written:
    listed = [item for k, item in enumerate(written.data.get(where, ())) if str(k) != which]
    return dataclasses.replace(written, data={**written.data, where: listed}, focus="add.country")


def _longer(written: Written, which: str, post: QueryDict) -> Written:
    sets = list(written.data.get("holidays", ()))
    if which.isdecimal() and int(which) < len(sets):
        k = int(which)
        sets[k] = calendar_forms.longer(sets[k], until=post.get(f"until.{k}", ""))
    return dataclasses.replace(
        written, data={**written.data, "holidays": sets}, focus=f"hours.{which}"
    )


def _copied(written: Written, post: QueryDict) -> Written:
    day, to = post.get("copy.from", ""), post.get("copy.to", "")
    if day not in WEEKDAYS or "week" not in written.data:
        return written
    chosen = {"working": _WORKING, "all": WEEKDAYS}.get(to, (to,) if to in WEEKDAYS else ())
    data = calendar_forms.copied(written.data, day, [one for one in chosen if one != day])
    return dataclasses.replace(written, data=data, focus=f"week.{day}")


def joined(written: Written, how: str, other: Data | None) -> Written:
    """Put another calendar beside the typed one, as it is now: it will not follow that one."""
    if other is None:
        return dataclasses.replace(written, focus="join.with")
    for known in _COMBINED:
        if known in written.data:
            parts = [*written.data[known], other]
            return dataclasses.replace(written, data={known: parts}, focus="join.with")
    if how not in _COMBINED:
        return written
    return dataclasses.replace(written, data={how: [written.data, other]}, focus="join.with")


def _left(written: Written, how: str, which: str) -> Written:
    """Take a part out; one that is left alone is a calendar of its own again."""
    parts = [item for k, item in enumerate(written.data.get(how, ())) if str(k) != which]
    data = parts[0] if len(parts) == 1 else {how: parts}
    return dataclasses.replace(written, data=data, focus="join.with")
