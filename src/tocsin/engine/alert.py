"""Alerts and escalation paths as configuration: when to warn, and who must act if nobody does."""

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tocsin.engine import duration
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

_SHARE = re.compile(r"(\d{1,4})\s*%")
_WHOLE = 100
_NOTHING = dt.timedelta(0)


class Basis(StrEnum):
    """Which time an offset or a wait is measured in: the clock's open time, or every second."""

    BUSINESS = "business"
    WALL = "wall"


@dataclass(frozen=True, slots=True)
class Alert:
    """A threshold of a clock: an offset from the due, or a share of the target.

    `offset` is negative before the due and positive after it. `share` is a percentage of the
    target used up (75 warns when three quarters are gone, 150 half a target after the due).
    """

    name: str
    offset: dt.timedelta = _NOTHING
    share: int | None = None
    basis: Basis = Basis.BUSINESS
    notify: tuple[str, ...] = ("owner", "manager")

    def offset_for(self, target: dt.timedelta) -> dt.timedelta:
        """Return the offset from the due for a clock of that target."""
        if self.share is None:
            return self.offset
        return target * (self.share - _WHOLE) / _WHOLE

    @property
    def before(self) -> bool:
        """Whether the alert warns of a due that has not passed."""
        return self.offset < _NOTHING if self.share is None else self.share < _WHOLE

    @classmethod
    def from_dict(cls, value: object, path: str = "alert") -> "Alert":
        """Read ``{at: 75%}``, ``{before: 1h}`` or ``{after: 2h, in: wall}``."""
        data = shape.mapping(value, path)
        shape.only(data, path, ("at", "before", "after", "in", "notify"))
        given = [name for name in ("at", "before", "after") if name in data]
        if len(given) != 1:
            raise Invalid(path, "name exactly one of: at, before, after")
        basis = Basis(shape.one_of(data.get("in", "business"), f"{path}.in", Basis))
        listed = shape.listing(data.get("notify", ["owner", "manager"]), f"{path}.notify")
        notify = tuple(shape.text(who, f"{path}.notify[{k}]") for k, who in enumerate(listed))
        name, place = given[0], f"{path}.{given[0]}"
        if name == "at":
            share = _share(data["at"], place)
            if basis is Basis.WALL:
                raise Invalid(f"{path}.in", "a share of the target is always in business time")
            return cls(f"{share} %", share=share, basis=basis, notify=notify)
        length = duration.parse(data[name], place)
        shown = f"{duration.text(length)} {name}{' (wall time)' if basis is Basis.WALL else ''}"
        return cls(shown, offset=length if name == "after" else -length, basis=basis, notify=notify)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of an escalation path: how long after the level before, and who then owns it.

    `priority` is the least urgent that the ticket may then have; empty leaves it as it is.
    """

    name: str
    wait: dt.timedelta
    basis: Basis
    team: str
    notify: tuple[str, ...] = ()
    priority: str = ""


@dataclass(frozen=True, slots=True)
class EscalationPath:
    """Levels that take over one after the other from the due on, until somebody acts.

    Each level is planned from the *planned* instant of the one before, so lateness never adds up.
    """

    key: str
    version: int
    levels: tuple[Level, ...]

    @classmethod
    def from_dict(cls, key: str, value: object, path: str) -> "EscalationPath":
        """Read a path: ``{levels: [{name: L1, wait: 0m, team: …}, …]}``."""
        data = shape.mapping(value, path)
        shape.only(data, path, ("version", "levels"))
        listed = shape.listing(data.get("levels"), f"{path}.levels")
        if not listed:
            raise Invalid(f"{path}.levels", "a path needs at least one level")
        levels = tuple(_level(item, f"{path}.levels[{k}]") for k, item in enumerate(listed))
        names = [level.name for level in levels]
        if len(set(names)) != len(names):
            raise Invalid(f"{path}.levels", "two levels have the same name")
        return cls(key, shape.whole(data.get("version", 1), f"{path}.version", least=1), levels)


def _share(value: object, path: str) -> int:
    found = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or int(found[1]) in (0, _WHOLE):
        raise Invalid(
            path,
            f"{shape.describe(value)} is not a share of the target such as 75% (or 150% for half a "
            "target after the due); the due itself needs no alert",
        )
    return int(found[1])


def _level(value: object, path: str) -> Level:
    data = shape.mapping(value, path)
    shape.only(data, path, ("name", "wait", "in", "team", "notify", "priority"))
    listed = shape.listing(data.get("notify", []), f"{path}.notify")
    return Level(
        name=shape.text(data.get("name"), f"{path}.name"),
        wait=duration.parse(data.get("wait", "0m"), f"{path}.wait", zero=True),
        basis=Basis(shape.one_of(data.get("in", "business"), f"{path}.in", Basis)),
        team=shape.text(data.get("team"), f"{path}.team"),
        notify=tuple(shape.text(who, f"{path}.notify[{k}]") for k, who in enumerate(listed)),
        priority=shape.text(data["priority"], f"{path}.priority") if "priority" in data else "",
    )


def alerts_from(value: object, path: str) -> tuple[Alert, ...]:
    """Read the alerts of a clock; refuse two that are the same."""
    listed = shape.listing(value, path)
    alerts = tuple(Alert.from_dict(item, f"{path}[{k}]") for k, item in enumerate(listed))
    seen: dict[str, Any] = {}
    for k, alert in enumerate(alerts):
        if alert.name in seen:
            raise Invalid(f"{path}[{k}]", f"the alert {alert.name!r} is named twice")
        seen[alert.name] = alert
    return alerts
