"""SLA policies: which tickets they are for, which clocks those get, and what each promises."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tocsin.engine import condition, definition, preset, source
from tocsin.engine.alert import alerts_from
from tocsin.engine.condition import ALWAYS, Condition
from tocsin.engine.definition import Definition
from tocsin.engine.path import EscalationPath
from tocsin.engine.source import CalendarOf
from tocsin.engine.target import Target
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

OTHERWISE = "*"
_LEAP = re.compile(r"([T ]\d\d:59):60(?!\d)", re.ASCII)


class Agreement(StrEnum):
    """What kind of promise a policy is; clocks of different agreements run side by side."""

    SLA = "SLA"  # with the customer
    OLA = "OLA"  # between teams
    UC = "UC"  # of a vendor


class JudgedBy(StrEnum):
    """Which instant decides whether a policy or contract is in force for a clock."""

    CLOCK_START = "clock start"  # what was promised when the clock began holds to its end
    EVENT_TIME = "event time"  # what is in force at each fact


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a target matrix: for tickets that pass `when`, a target by a calendar."""

    label: str
    when: Condition
    target: Target
    calendar: CalendarOf


@dataclass(frozen=True, slots=True)
class Plan:
    """A clock of a policy: its definition and its rows; the first row that matches counts."""

    definition: Definition
    rows: tuple[Row, ...]

    def row_for(self, facts: Mapping[str, Any]) -> Row | None:
        """Return the row that the facts pass, or None: then there is no such clock."""
        for row in self.rows:
            if row.when.matches(facts):
                return row
        return None


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy, in force from `valid_from` to `valid_until`. Lower rank first.

    One that is by `contract` is only for accounts with a contract in force that names it.
    """

    key: str
    version: int
    rank: int
    when: Condition
    plans: tuple[Plan, ...]
    agreement: Agreement = Agreement.SLA
    valid_from: dt.datetime | None = None
    valid_until: dt.datetime | None = None
    judged_by: JudgedBy = JudgedBy.CLOCK_START
    contract: bool = False

    def in_force(self, at: dt.datetime) -> bool:
        """Say whether the policy is in force at `at` (its end is the first instant it is not)."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)

    def plan_for(self, clock: str) -> Plan | None:
        """Return the plan of the clock of that key, or None."""
        return next((plan for plan in self.plans if plan.definition.key == clock), None)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a clock runs on: a policy version, one of its plans and the row that matched.

    `calendar` is the key of the one that the row came to.
    """

    policy: str
    version: int
    agreement: Agreement
    definition: Definition
    row: Row
    calendar: str

    @property
    def same_policy(self) -> tuple[str, int]:
        """What stays equal while only the row changes."""
        return (self.policy, self.version)

    @property
    def ref(self) -> str:
        """A short name: policy, version and row."""
        return f"{self.policy} v{self.version} ({self.row.label})"


_POLICY_FIELDS = (
    *("key", "version", "rank", "when", "agreement", "calendar"),
    *("valid_from", "valid_until", "judged_by", "contract", "clocks"),
)
_CLOCK_FIELDS = ("clock", "calendar", "targets", "alerts", "path", *definition.FIELDS)


def policy_from(value: object, path: str, paths: Mapping[str, EscalationPath]) -> Policy:
    """Read one policy version; refuse mistakes by field."""
    data = shape.mapping(value, path)
    shape.only(data, path, _POLICY_FIELDS)
    listed = shape.listing(data.get("clocks"), f"{path}.clocks")
    plans = tuple(
        _plan(item, f"{path}.clocks[{k}]", data.get("calendar"), paths)
        for k, item in enumerate(listed)
    )
    keys = [plan.definition.key for plan in plans]
    if not keys or len(set(keys)) != len(keys):
        raise Invalid(
            f"{path}.clocks", "two clocks have the same name" if keys else "a policy needs a clock"
        )
    valid = [
        instant_from(data[n], f"{path}.{n}") if n in data else None
        for n in ("valid_from", "valid_until")
    ]
    if valid[0] and valid[1] and valid[1] <= valid[0]:
        raise Invalid(f"{path}.valid_until", "must be later than valid_from")
    return Policy(
        key=shape.text(data.get("key"), f"{path}.key"),
        version=shape.whole(data.get("version", 1), f"{path}.version", least=1),
        rank=shape.whole(data.get("rank"), f"{path}.rank", least=0),
        when=condition.from_dict(data["when"], f"{path}.when") if "when" in data else ALWAYS,
        plans=plans,
        agreement=Agreement(
            shape.one_of(data.get("agreement", "SLA"), f"{path}.agreement", Agreement)
        ),
        valid_from=valid[0],
        valid_until=valid[1],
        judged_by=JudgedBy(
            shape.one_of(data.get("judged_by", "clock start"), f"{path}.judged_by", JudgedBy)
        ),
        contract=shape.flag(data.get("contract", False), f"{path}.contract"),
    )


def _plan(value: object, path: str, calendar: object, paths: Mapping[str, EscalationPath]) -> Plan:
    data = shape.mapping(value, path)
    shape.only(data, path, _CLOCK_FIELDS)
    key = shape.text(data.get("clock"), f"{path}.clock")
    base = preset.PRESETS.get(key)
    if base is None:
        for name in ("start", "stop"):
            if name not in data:
                near = shape.hint(key, preset.PRESETS)
                raise Invalid(f"{path}.{name}", f"{key!r} is no preset{near}, so it needs `{name}`")
        base = Definition(key, start=(), stop=())
    made = definition.adjusted(base, data, path)
    made = replace(made, alerts=alerts_from(data.get("alerts", []), f"{path}.alerts"))
    if "path" in data:
        made = replace(made, path=paths[shape.one_of(data["path"], f"{path}.path", paths)])
    return Plan(made, _rows(data, path, data.get("calendar", calendar)))


def _rows(data: Mapping[str, Any], path: str, calendar: object) -> tuple[Row, ...]:
    place = f"{path}.targets"
    targets = data.get("targets")
    if isinstance(targets, Mapping) and targets:
        rows = tuple(
            _priority_row(label, target, place, calendar) for label, target in targets.items()
        )
        # The row for all others goes last wherever it was written.
        return tuple(sorted(rows, key=lambda row: row.when is ALWAYS))
    listed = shape.listing(targets, place) if targets not in (None, {}) else []
    if not listed:
        raise Invalid(
            place, "a clock needs a target; write for example {P1: 1h, P2: 4h} or {'*': 8h}"
        )
    return tuple(_listed_row(item, f"{place}[{k}]", calendar) for k, item in enumerate(listed))


def _priority_row(label: object, target: object, path: str, calendar: object) -> Row:
    place = f"{path}.{label}"
    when = ALWAYS if label == OTHERWISE else condition.from_dict({"priority": label}, place)
    name = "any other priority" if label == OTHERWISE else str(label)
    return Row(name, when, Target.from_dict(target, place), source.from_value(calendar, place))


def _listed_row(value: object, path: str, calendar: object) -> Row:
    data = shape.mapping(value, path)
    shape.only(data, path, ("label", "when", "target", "calendar"))
    when = condition.from_dict(data["when"], f"{path}.when") if "when" in data else ALWAYS
    return Row(
        label=shape.text(data.get("label", str(when)), f"{path}.label"),
        when=when,
        target=Target.from_dict(data.get("target"), f"{path}.target"),
        calendar=source.from_value(data.get("calendar", calendar), path),
    )


def instant_from(value: object, path: str) -> dt.datetime:
    """Read an instant with its offset, ``2026-03-01T00:00:00+01:00``; refuse a naive one.

    A leap second, ``23:59:60``, is the second after it, as POSIX has it.
    """
    found = value
    if isinstance(value, str):
        leap = _LEAP.search(value)
        try:
            found = dt.datetime.fromisoformat(_LEAP.sub(r"\1:59", value) if leap else value)
            found = found + dt.timedelta(seconds=1) if leap else found
        except ValueError:
            found = None
    if not isinstance(found, dt.datetime):
        raise Invalid(
            path, f"{shape.describe(value)} is not an instant like 2026-03-01T00:00:00+01:00"
        )
    if found.tzinfo is None:
        raise Invalid(
            path, f"{value} is naive: it names no instant; add its offset, such as Z or +01:00"
        )
    try:
        return found.astimezone(dt.UTC)
    except OverflowError:
        raise Invalid(path, f"{value} is outside the years 1 to 9999 in UTC") from None
