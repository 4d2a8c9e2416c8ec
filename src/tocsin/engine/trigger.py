"""Triggers: what makes an escalation path begin by itself."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tocsin.engine import condition, duration
from tocsin.engine.alert import Alert, Basis
from tocsin.engine.condition import ALWAYS, Condition
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

EVERY = "*"


class On(StrEnum):
    """The kinds of trigger."""

    CLOCK = "clock"  # before, at or after the due of a clock
    TIME = "time"  # so long in a stage without a touch
    PRIORITY = "priority"
    ACCOUNT = "account"
    TYPE = "type"
    STATUS = "status"
    FIELD = "field"
    MANUAL = "manual"  # somebody starts it, for a reason


# Those that fire at the fact by which what they ask for comes to hold.
_CHANGES = frozenset({On.PRIORITY, On.ACCOUNT, On.TYPE, On.STATUS, On.FIELD})
# What facts say of themselves, beside the ticket's fields.
_OF_FACTS = frozenset({"event", "side", "changed", "was"})


@dataclass(frozen=True, slots=True)
class Trigger:
    """One way for a path to begin.

    clock: at the instant of `alert` of the clock `clock` (its key, or every one). time: after
    `wait` in `stage` (empty: in any) without a touch. The rest: when `when` comes to hold.
    """

    on: On
    when: Condition = ALWAYS
    clock: str = EVERY
    alert: Alert | None = None
    stage: str = ""
    wait: dt.timedelta = dt.timedelta(0)
    basis: Basis = Basis.WALL

    def arises(self, before: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
        """Say whether a fact, after which `facts` hold, is the one by which it comes to hold."""
        return self.on in _CHANGES and self.when.matches(facts) and not self.when.matches(before)

    def looks_at(self) -> frozenset[str]:
        """Return the fields whose change may let it arise; none if it is no change."""
        if self.on not in _CHANGES:
            return frozenset()
        names = self.when.names()
        return names - _OF_FACTS or names

    @classmethod
    def from_dict(cls, value: object, path: str) -> "Trigger":
        """Read ``{on: clock, clock: resolution, before: 1h}`` or ``{on: priority, is: [P1]}``.

        Others are ``{on: time, stage: triage, for: 2h}``, ``{on: status, was: [resolved]}``.
        """
        data = shape.mapping(value, path)
        on = On(shape.one_of(data.get("on"), f"{path}.on", On))
        match on:
            case On.CLOCK:
                return _of_clock(data, path)
            case On.TIME:
                return _of_time(data, path)
            case On.MANUAL:
                shape.only(data, path, ("on",))
                return cls(on)
            case _:
                return cls(on, when=_changes(on, data, path))


def _of_clock(data: Mapping[str, Any], path: str) -> Trigger:
    shape.only(data, path, ("on", "clock", "at", "before", "after", "in", "when"))
    own = {name: data[name] for name in ("at", "before", "after", "in") if name in data}
    if own.keys() <= {"in"}:
        alert = Alert("breach", basis=Basis.WALL, notify=())
    else:
        alert = Alert.from_dict({**own, "notify": []}, path)
    clock = shape.text(data.get("clock", EVERY), f"{path}.clock")
    return Trigger(On.CLOCK, _when(data, path), clock=clock, alert=alert)


def _of_time(data: Mapping[str, Any], path: str) -> Trigger:
    shape.only(data, path, ("on", "stage", "for", "in", "when"))
    return Trigger(
        On.TIME,
        _when(data, path),
        stage=shape.text(data["stage"], f"{path}.stage") if data.get("stage") else "",
        wait=duration.parse(data.get("for"), f"{path}.for"),
        basis=Basis(shape.one_of(data.get("in", "wall"), f"{path}.in", Basis)),
    )


def _when(data: Mapping[str, Any], path: str) -> Condition:
    return condition.from_dict(data["when"], f"{path}.when") if "when" in data else ALWAYS


def _changes(on: On, data: Mapping[str, Any], path: str) -> Condition:
    shape.only(data, path, ("on", "is", "was", "name", "when"))
    asked: dict[str, Any] = {}
    if on is On.STATUS:
        asked["changed"] = "status"
    if "is" in data:
        asked[_field(on, data, path)] = data["is"]
    if "was" in data:
        asked["was"] = data["was"]
    found = [condition.from_dict(asked, path)] if asked else []
    if "when" in data:
        found.append(condition.from_dict(data["when"], f"{path}.when"))
    if not found:
        raise Invalid(
            f"{path}.is", f"say which {on} it is for, such as is: [...], or when: {{...}}"
        )
    return found[0] if len(found) == 1 else condition.AllOf(tuple(found))


def _field(on: On, data: Mapping[str, Any], path: str) -> str:
    if on is On.FIELD:
        return shape.text(data.get("name"), f"{path}.name")
    if on is On.ACCOUNT:
        return "account"
    return on.value
