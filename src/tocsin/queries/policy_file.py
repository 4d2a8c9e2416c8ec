"""A policy file as the things that it publishes, and what is wrong with it without a desk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.engine.calendar import Calendar
from tocsin.engine.version import Versions
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import book_form, pipeline_form
from tocsin.queries.configuration import MANY, OWN, SECTION, SINGLE
from tocsin.queries.desk import Desk


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing to publish: a policy's data holds its `paths`, a calendar's its zone by name."""

    kind: str
    key: str
    data: Any

    @property
    def place(self) -> str:
        """Where the thing stands in a policy file."""
        section = SECTION[self.kind]
        return section if self.kind in SINGLE else f"{section}.{self.key}"


def things(document: Mapping[str, Any]) -> tuple[Thing, ...]:
    """Return what a policy file publishes, in its order; calendars in their newest version.

    Its calendars and policies are sound; what the rest says is checked when it is published.
    """
    if "choose" in document:
        raise Invalid("choose", "a desk has this among its options; write it under `options`")
    found = [
        Thing("calendar", key, _calendar(data, f"calendars.{key}"))
        for key, data in document.get("calendars", {}).items()
    ]
    paths = document.get("paths", {})
    for data in document.get("policies", ()):
        named = sorted({clock["path"] for clock in data["clocks"] if "path" in clock})
        own = {"paths": {name: paths[name] for name in named}} if named else {}
        found.append(Thing("policy", data["key"], {**data, **own}))
    for kind in MANY:
        section = shape.mapping(document.get(SECTION[kind], {}), SECTION[kind])
        found += [Thing(kind, key, data) for key, data in section.items()]
    found += [Thing(kind, key, document[kind]) for kind, key in SINGLE.items() if kind in document]
    return tuple(found)


def _calendar(value: Any, path: str) -> Any:
    newest = value[-1] if isinstance(value, list) else value
    own = {name: one for name, one in newest.items() if name not in OWN}
    return Calendar.from_dict(own, path).to_dict()


def compared(thing: Thing) -> Any:
    """Return what of a thing makes a new version when it is another one."""
    if thing.kind != "policy":
        return thing.data
    return {name: value for name, value in thing.data.items() if name not in OWN}


def refusals(document: Mapping[str, Any], versions: Versions) -> Iterator[Invalid]:
    """Yield what is wrong with a file beside its calendars and policies, by field.

    Accounts, teams and people are not looked up: no desk is at hand.
    """
    at_work = Desk(0, 0, "", "", "UTC", "en", versions, {}, {}, {})
    for kind in MANY:
        section = SECTION[kind]
        try:
            listed = shape.mapping(document.get(section, {}), section)
        except Invalid as error:
            yield error
            continue
        for key, data in listed.items():
            yield from _of(kind, key, data, f"{section}.{key}", at_work)
    for kind, key in SINGLE.items():
        if kind in document:
            yield from _of(kind, key, document[kind], kind, at_work)


def _of(kind: str, key: str, data: Any, place: str, at_work: Desk) -> Iterator[Invalid]:
    if kind == "pipeline":
        found = pipeline_form.mistakes(data, at_work)
    else:
        found = book_form.mistakes(kind, key, data, at_work)
    yield from (error.under(place) for error in found)
