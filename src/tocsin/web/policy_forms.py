"""A policy as a form: its data as fields, and what was sent back as data, mistakes included."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tocsin.engine import condition
from tocsin.engine.definition import Definition, Predicate
from tocsin.engine.preset import PRESETS
from tocsin.kit.invalid import Invalid
from tocsin.web import conditions, form_parts, modes, nested, target_text
from tocsin.web.conditions import Group, Shown
from tocsin.web.form_parts import AlertRow, CalendarPick, PathForm
from tocsin.web.nested import Fields

PRIORITIES = ("P1", "P2", "P3", "P4")
OTHERWISE = "*"
PAUSING = ("new", "open", "waiting customer", "waiting internal")
_PREDICATES = ("start", "stop", "pause", "resume", "reset", "cancel")
_FLAGS = ("reason", "approval", "tell_customer")


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A labelled row of a clock's own targets; `when` has at most one test."""

    label: str
    when: Shown
    target: str
    kept: str


@dataclass(frozen=True, slots=True)
class ClockForm:
    """A clock of a policy. `cells` are its targets by the columns of the matrix, or `rows` are.

    `pausing` are the statuses in which it stands still, None where that is said in another way;
    `told` are predicates that the form only shows, `kept` all of it as it was, as JSON.
    """

    key: str
    known: bool
    cells: tuple[str, ...]
    rows: tuple[TargetRow, ...] | None
    calendar: CalendarPick
    pausing: tuple[str, ...] | None
    pauses: Mapping[str, Any]
    alerts: tuple[AlertRow, ...]
    path: str
    modes: Mapping[str, str]
    usual: Mapping[str, str]
    grace: str
    told: tuple[tuple[str, str], ...]
    kept: str

    @property
    def unusual(self) -> int:
        """How many modes are not as the preset has them."""
        return sum(self.modes[key] != self.usual[key] for key in self.modes)


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """A policy in a form."""

    key: str
    rank: str
    agreement: str
    contract: bool
    judged_by: str
    valid_from: str
    valid_until: str
    when: Shown
    calendar: CalendarPick
    columns: tuple[str, ...]
    clocks: tuple[ClockForm, ...]
    paths: tuple[PathForm, ...]
    kept: str


# --------------------------------------------------------------------------------- data to a form


def shown(data: Mapping[str, Any], when: Group | None = None) -> PolicyForm:
    """Return a policy as a form; `when` are its rows where blank ones must stay."""
    clocks = [form_parts.mapping(one) for one in form_parts.listing(data.get("clocks"))]
    columns = _columns(clocks)
    return PolicyForm(
        key=form_parts.typed(data.get("key")),
        rank=form_parts.typed(data.get("rank")),
        agreement=form_parts.typed(data.get("agreement", "SLA")),
        contract=data.get("contract") is True,
        judged_by=form_parts.typed(data.get("judged_by", "clock start")),
        valid_from=form_parts.instant_shown(data.get("valid_from")),
        valid_until=form_parts.instant_shown(data.get("valid_until")),
        when=conditions.shown(data.get("when")) if when is None else Shown(when),
        calendar=form_parts.calendar_shown(data.get("calendar")),
        columns=columns,
        clocks=tuple(_clock(one, columns) for one in clocks),
        paths=tuple(
            form_parts.path_shown(key, value)
            for key, value in form_parts.mapping(data.get("paths")).items()
        ),
        kept=json.dumps({name: data[name] for name in data if name not in ("clocks", "paths")}),
    )


def _columns(clocks: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    labels = [str(key) for one in clocks for key in form_parts.mapping(one.get("targets"))]
    named = dict.fromkeys([*PRIORITIES, *labels])
    return (*(label for label in named if label != OTHERWISE), OTHERWISE)


def _clock(data: Mapping[str, Any], columns: Sequence[str]) -> ClockForm:
    key = form_parts.typed(data.get("clock"))
    base = PRESETS.get(key) or Definition(key, (), ())
    usual = {name: str(getattr(base, name)) for name in modes.MODES}
    targets = data.get("targets")
    return ClockForm(
        key=key,
        known=key in PRESETS,
        cells=tuple(target_text.shown(form_parts.mapping(targets).get(label)) for label in columns),
        rows=tuple(_row(one) for one in targets) if isinstance(targets, list) else None,
        calendar=form_parts.calendar_shown(data.get("calendar")),
        pausing=_pausing(data["pause"]) if "pause" in data else statuses(base.pause),
        pauses=form_parts.mapping(data.get("pauses")),
        alerts=tuple(form_parts.alert_shown(one) for one in form_parts.listing(data.get("alerts"))),
        path=form_parts.typed(data.get("path")),
        modes={name: form_parts.typed(data.get(name, usual[name])) for name in usual},
        usual=usual,
        grace=form_parts.typed(data.get("grace")),
        told=tuple((name, _told(data[name])) for name in _PREDICATES if name in data),
        kept=json.dumps({name: data[name] for name in data if name != "targets"}),
    )


def _row(value: object) -> TargetRow:
    data = form_parts.mapping(value)
    when = conditions.shown(data.get("when"))
    if not when.kept and (
        len(when.group.items) > 1 or any(isinstance(item, Group) for item in when.group.items)
    ):
        when = replace(when, kept=json.dumps(data["when"]), sentence=_told(data["when"]))
    kept = json.dumps({name: data[name] for name in data if name in ("calendar",)})
    label = form_parts.typed(data.get("label"))
    return TargetRow(label, when, target_text.shown(data.get("target")), kept)


def _pausing(value: object) -> tuple[str, ...] | None:
    if value == "never":
        return ()
    if isinstance(value, Mapping) and set(value) == {"status"}:
        named = value["status"]
        listed = named if isinstance(named, list) else [named]
        if all(one in PAUSING for one in listed):
            return tuple(listed)
    return None


def statuses(predicate: Predicate) -> tuple[str, ...] | None:
    """Return the statuses that a predicate asks for, None if it asks for something else."""
    if not predicate:
        return ()
    when = predicate[0].when
    if len(predicate) > 1 or not isinstance(when, condition.Test) or when.name != "status":
        return None
    return tuple(when.value) if when.op is condition.Op.IN else None


def _told(value: object) -> str:
    """Return a predicate or condition in words; a mistake in it as its reason."""
    if isinstance(value, list | tuple):
        return " / ".join(_told(one) for one in value)
    if not isinstance(value, Mapping):
        return form_parts.typed(value)
    try:
        return str(condition.from_dict(value.get("when", value)))
    except Invalid as error:
        return error.reason


# --------------------------------------------------------------------------------- a form to data


def read(key: str, fields: Fields, known_paths: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy as it was typed, in the form of the policy file."""
    kept = form_parts.mapping(form_parts.json_of(fields, "kept"))
    data: dict[str, Any] = {
        "key": key,
        "rank": form_parts.number(nested.text(fields, "rank")),
    }
    _put(data, kept, "agreement", nested.text(fields, "agreement") or "SLA", "SLA")
    _put(data, kept, "judged_by", nested.text(fields, "judged_by") or "clock start", "clock start")
    _put(data, kept, "contract", bool(nested.text(fields, "contract")), False)
    for name in ("valid_from", "valid_until"):
        if text := nested.text(fields, name):
            # A field shows minutes; what was not touched keeps its seconds.
            same = name in kept and form_parts.instant_shown(kept[name]) == text
            data[name] = kept[name] if same else form_parts.instant_read(text)
    if when := when_of(fields):
        data["when"] = when
    calendar = form_parts.calendar_read(nested.fields(fields, "calendar"))
    if calendar is not None:
        data["calendar"] = calendar
    columns = nested.texts(fields, "columns")
    clocks = nested.items(nested.fields(fields, "clocks"))
    data["clocks"] = [_clock_read(one, columns) for one in clocks]
    own = form_parts.paths_read(nested.fields(fields, "paths"))
    named = [one.get("path") for one in data["clocks"]]
    if paths := form_parts.chosen_paths(named, own, known_paths):
        data["paths"] = paths
    return data


def when_of(fields: Fields) -> Any:
    """Return the condition of a form: what rows cannot say is kept as it was."""
    part = nested.fields(fields, "when")
    kept = form_parts.json_of(part, "kept")
    return kept or conditions.data(conditions.read(part))


def _put(data: dict[str, Any], kept: Mapping[str, Any], name: str, value: Any, usual: Any) -> None:
    """Put a value in unless it is the usual one; what was written out stays written out."""
    if value != usual or name in kept:
        data[name] = value


def _clock_read(part: Fields, columns: Sequence[str]) -> dict[str, Any]:
    kept = form_parts.mapping(form_parts.json_of(part, "kept"))
    key = nested.text(part, "clock")
    base = PRESETS.get(key) or Definition(key, (), ())
    data: dict[str, Any] = {"clock": key}
    for name in (*_PREDICATES, "responses"):
        if name in kept and name != "pause":
            data[name] = kept[name]
    _pause_read(data, part, kept, base)
    data["targets"] = _targets(part, columns)
    calendar = form_parts.calendar_read(nested.fields(part, "calendar"))
    if calendar is not None:
        data["calendar"] = calendar
    alerts = [form_parts.alert_read(one) for one in nested.items(nested.fields(part, "alerts"))]
    if alerts:
        data["alerts"] = alerts
    if path := nested.text(part, "path"):
        data["path"] = path
    chosen = nested.fields(part, "modes")
    for name in modes.MODES:
        usual = str(getattr(base, name))
        _put(data, kept, name, nested.text(chosen, name) or usual, usual)
    if grace := nested.text(part, "grace"):
        data["grace"] = grace
    return data


def _pause_read(
    data: dict[str, Any], part: Fields, kept: Mapping[str, Any], base: Definition
) -> None:
    if nested.text(part, "pausing") == "kept":
        if "pause" in kept:
            data["pause"] = kept["pause"]
    else:
        chosen = [one for one in nested.texts(part, "pause") if one in PAUSING]
        if "pause" in kept or tuple(chosen) != statuses(base.pause):
            data["pause"] = {"status": chosen} if chosen else "never"
            # What ends a pause by statuses follows from them.
            data.pop("resume", None)
    given = nested.fields(part, "pauses")
    pauses: dict[str, Any] = {name: True for name in _FLAGS if nested.text(given, name)}
    if budget := nested.text(given, "budget"):
        pauses["budget"] = budget
    if pauses:
        data["pauses"] = pauses


def _targets(part: Fields, columns: Sequence[str]) -> Any:
    if "rows" in part or nested.text(part, "how") == "rows":
        return [_row_read(one) for one in nested.items(nested.fields(part, "rows"))]
    cells = nested.fields(part, "cells")
    typed = [(label, nested.text(cells, str(k))) for k, label in enumerate(columns)]
    return {label: target_text.read(text) for label, text in typed if text}


def _row_read(part: Fields) -> dict[str, Any]:
    found: dict[str, Any] = dict(form_parts.mapping(form_parts.json_of(part, "kept")))
    if label := nested.text(part, "label"):
        found["label"] = label
    if when := when_of(part):
        found["when"] = when
    found["target"] = target_text.read(nested.text(part, "target"))
    return found
