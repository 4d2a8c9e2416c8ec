"""Alerts as configuration: when to warn whom."""

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
_MOST_TIMES = 50
_LEAST_EVERY = dt.timedelta(minutes=1)


class Basis(StrEnum):
    """Which time an offset or a wait is measured in: the clock's open time, or every second."""

    BUSINESS = "business"
    WALL = "wall"


@dataclass(frozen=True, slots=True)
class Repeat:
    """Doing something again each `every` of wall time, `times` times at most."""

    every: dt.timedelta
    times: int

    @classmethod
    def from_dict(cls, value: object, path: str) -> "Repeat":
        """Read ``{every: 15m, times: 8}``."""
        data = shape.mapping(value, path)
        shape.only(data, path, ("every", "times"))
        times = shape.whole(data.get("times", 4), f"{path}.times", least=1)
        if times > _MOST_TIMES:
            raise Invalid(f"{path}.times", f"is {times}; {_MOST_TIMES} are the most")
        every = duration.parse(data.get("every"), f"{path}.every")
        if every < _LEAST_EVERY:
            raise Invalid(f"{path}.every", "is less than a minute")
        return cls(every, times)


@dataclass(frozen=True, slots=True)
class Alert:
    """A threshold of a clock: an offset from the due, or a share of the target.

    `offset` is negative before the due and positive after it. `share` is a percentage of the
    target used up (75 warns when three quarters are gone, 150 half a target after the due). It is
    told again by `repeat` until somebody acknowledges, in the words of `template` if one is named.
    """

    name: str
    offset: dt.timedelta = _NOTHING
    share: int | None = None
    basis: Basis = Basis.BUSINESS
    notify: tuple[str, ...] = ("owner", "manager")
    repeat: Repeat | None = None
    template: str = ""

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
        shape.only(data, path, ("at", "before", "after", "in", "notify", "repeat", "template"))
        given = [name for name in ("at", "before", "after") if name in data]
        if len(given) != 1:
            raise Invalid(path, "name exactly one of: at, before, after")
        basis = Basis(shape.one_of(data.get("in", "business"), f"{path}.in", Basis))
        told: dict[str, Any] = {"notify": words(data.get("notify", ["owner", "manager"]), path)}
        if "repeat" in data:
            told["repeat"] = Repeat.from_dict(data["repeat"], f"{path}.repeat")
        if "template" in data:
            told["template"] = shape.text(data["template"], f"{path}.template")
        name, place = given[0], f"{path}.{given[0]}"
        if name == "at":
            share = _share(data["at"], place)
            if basis is Basis.WALL:
                raise Invalid(f"{path}.in", "a share of the target is always in business time")
            return cls(f"{share} %", share=share, basis=basis, **told)
        length = duration.parse(data[name], place)
        shown = f"{duration.text(length)} {name}{' (wall time)' if basis is Basis.WALL else ''}"
        return cls(shown, offset=length if name == "after" else -length, basis=basis, **told)


def words(value: object, path: str) -> tuple[str, ...]:
    """Read whom to tell: a list of words."""
    listed = shape.listing(value, f"{path}.notify")
    return tuple(shape.text(who, f"{path}.notify[{k}]") for k, who in enumerate(listed))


def _share(value: object, path: str) -> int:
    found = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or int(found[1]) in (0, _WHOLE):
        raise Invalid(
            path,
            f"{shape.describe(value)} is not a share of the target such as 75% (or 150% for half a "
            "target after the due); the due itself needs no alert",
        )
    return int(found[1])


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
