"""Escalation paths as configuration: who must act, one after the other, if nobody does."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tocsin.engine import condition, duration, source
from tocsin.engine.alert import Basis, Repeat, words
from tocsin.engine.condition import ALWAYS, Condition
from tocsin.engine.source import CalendarOf
from tocsin.engine.trigger import On, Trigger
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid


class Stop(StrEnum):
    """What ends a running path."""

    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    MOVED = "moved"
    RESOLVED = "resolved"


class Empty(StrEnum):
    """What becomes of a step that finds nobody."""

    SKIP = "skip"  # the next one comes at once
    DEFER = "defer"  # it waits until the next shift of the schedule that it names


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how long after the step before, if what holds, and what is done then.

    `name` is that of its level; a level's further steps have a number behind it. `team` owns the
    ticket then, `assign` names the person who does, `priority` is the least urgent that it may then
    have, `stage` where it goes. `participants` take part, `note` and `customer` are words for
    colleagues and for the customer, `webhook` names an endpoint, `notify` who is told. Steps of one
    `branch` follow each other; branches begin together.
    """

    name: str
    level: str
    wait: dt.timedelta
    basis: Basis
    team: str = ""
    notify: tuple[str, ...] = ()
    priority: str = ""
    assign: str = ""
    stage: str = ""
    participants: tuple[str, ...] = ()
    note: str = ""
    customer: str = ""
    webhook: str = ""
    template: str = ""
    when: Condition = ALWAYS
    branch: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        """The words for those whom the step must find."""
        return (*self.notify, *((self.assign,) if self.assign else ()))


@dataclass(frozen=True, slots=True)
class EscalationPath:
    """One version of a path. Each step is planned from the *planned* instant of the one before.

    Without triggers it is for clocks that name it, from their due on. With triggers it begins by
    itself, for tickets that pass `when`. Waits in open time count by `calendar`, or by that of the
    clock that it began with. Somebody who acknowledges must touch the ticket `within` some time of
    the wall clock, or the level is called again. When all is done it begins anew by `repeat`.
    One that is not `enabled` begins no more.
    """

    key: str
    version: int
    steps: tuple[Step, ...]
    name: str = ""
    triggers: tuple[Trigger, ...] = ()
    when: Condition = ALWAYS
    calendar: CalendarOf | None = None
    stop: frozenset[Stop] = frozenset({Stop.ACKNOWLEDGED, Stop.RESOLVED})
    within: dt.timedelta | None = None
    repeat: Repeat | None = None
    empty: Empty = Empty.SKIP
    enabled: bool = True
    valid_from: dt.datetime | None = None
    # What its triggers look at: a fact that changes none of it lets none of them arise.
    looks_at: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = frozenset().union(*(trigger.looks_at() for trigger in self.triggers))
        object.__setattr__(self, "looks_at", found)

    @property
    def ref(self) -> str:
        """A short name: key and version."""
        return f"{self.key} v{self.version}"

    def branches(self) -> dict[str, tuple[Step, ...]]:
        """Return the steps of each branch, in their order."""
        found: dict[str, tuple[Step, ...]] = {}
        for step in self.steps:
            found[step.branch] = (*found.get(step.branch, ()), step)
        return found

    @classmethod
    def from_dict(cls, key: str, value: object, path: str) -> "EscalationPath":
        """Read a path: ``{levels: [{name: L1, wait: 0m, team: …}, …], triggers: […]}``."""
        data = shape.mapping(value, path)
        shape.only(data, path, _FIELDS)
        listed = shape.listing(data.get("levels"), f"{path}.levels")
        if not listed:
            raise Invalid(f"{path}.levels", "a path needs at least one level")
        steps = tuple(
            step for k, item in enumerate(listed) for step in _level(item, f"{path}.levels[{k}]")
        )
        names = [step.name for step in steps]
        if len(set(names)) != len(names):
            raise Invalid(f"{path}.levels", "two levels have the same name")
        triggers = shape.listing(data.get("triggers", []), f"{path}.triggers")
        made = cls(
            key,
            shape.whole(data.get("version", 1), f"{path}.version", least=1),
            steps,
            name=shape.text(data.get("name", key), f"{path}.name"),
            enabled=shape.flag(data.get("enabled", True), f"{path}.enabled"),
            triggers=tuple(
                Trigger.from_dict(item, f"{path}.triggers[{k}]") for k, item in enumerate(triggers)
            ),
            **_manners(data, path),
        )
        _check(made, data, path)
        return made


_MANNERS = ("when", "calendar", "stop", "acknowledge_within", "repeat", "empty")
_FIELDS = ("version", "levels", "name", "triggers", "enabled", *_MANNERS)
_STEP = (
    *("wait", "in", "team", "notify", "priority", "assign", "stage", "participants", "note"),
    *("customer", "webhook", "template", "when"),
)


def _manners(data: Mapping[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "when" in data:
        found["when"] = condition.from_dict(data["when"], f"{path}.when")
    if data.get("calendar") is not None:
        found["calendar"] = source.from_value(data["calendar"], path)
    if "stop" in data:
        listed = shape.listing(data["stop"], f"{path}.stop")
        found["stop"] = frozenset(
            Stop(shape.one_of(word, f"{path}.stop[{k}]", Stop)) for k, word in enumerate(listed)
        )
    if "acknowledge_within" in data:
        found["within"] = duration.parse(data["acknowledge_within"], f"{path}.acknowledge_within")
    if "repeat" in data:
        found["repeat"] = Repeat.from_dict(data["repeat"], f"{path}.repeat")
    if "empty" in data:
        found["empty"] = Empty(shape.one_of(data["empty"], f"{path}.empty", Empty))
    return found


def _level(value: object, path: str) -> Iterator[Step]:
    data = shape.mapping(value, path)
    shape.only(data, path, ("name", "branch", "steps", *_STEP))
    name = shape.text(data.get("name"), f"{path}.name")
    branch = shape.text(data["branch"], f"{path}.branch") if data.get("branch") else ""
    own = {key: one for key, one in data.items() if key in _STEP}
    yield _step(own, name, name, branch, path)
    listed = shape.listing(data.get("steps", []), f"{path}.steps")
    for k, item in enumerate(listed):
        place = f"{path}.steps[{k}]"
        step = shape.mapping(item, place)
        shape.only(step, place, _STEP)
        yield _step(step, f"{name}.{k + 2}", name, branch, place)


def _step(data: Mapping[str, Any], name: str, level: str, branch: str, path: str) -> Step:
    texts = ("team", "priority", "assign", "stage", "note", "customer", "webhook", "template")
    own: dict[str, Any] = {
        key: shape.text(data[key], f"{path}.{key}") for key in texts if data.get(key) is not None
    }
    listed = shape.listing(data.get("participants", []), f"{path}.participants")
    return Step(
        name=name,
        level=level,
        wait=duration.parse(data.get("wait", "0m"), f"{path}.wait", zero=True),
        basis=Basis(shape.one_of(data.get("in", "business"), f"{path}.in", Basis)),
        notify=words(data.get("notify", []), path),
        participants=tuple(
            shape.text(who, f"{path}.participants[{k}]") for k, who in enumerate(listed)
        ),
        when=condition.from_dict(data["when"], f"{path}.when") if "when" in data else ALWAYS,
        branch=branch,
        **own,
    )


def _check(made: EscalationPath, data: Mapping[str, Any], path: str) -> None:
    """Refuse what could not be carried out."""
    if not made.triggers:
        for name in (*_MANNERS, "name"):
            if name in data:
                told = "is for a path with triggers; one that a clock names ends with the clock"
                raise Invalid(f"{path}.{name}", told)
        for k, step in enumerate(made.steps):
            if not step.team and not step.people:
                raise Invalid(
                    f"{path}.levels[{k}].team", "a level needs a team or somebody to tell"
                )
        return
    counts_clocks = all(trigger.on is On.CLOCK for trigger in made.triggers)
    waits = [step for step in made.steps if step.wait and step.basis is Basis.BUSINESS]
    waits_too = [one for one in made.triggers if one.on is On.TIME and one.basis is Basis.BUSINESS]
    if (waits or waits_too) and made.calendar is None and not counts_clocks:
        raise Invalid(
            f"{path}.calendar", "waits in open time need a calendar; name one, or use wall"
        )
