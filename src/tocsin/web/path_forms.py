"""An escalation path as a form: its data as fields, and what was sent back as data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.web import conditions, form_parts, nested
from tocsin.web.conditions import Group, Shown
from tocsin.web.form_parts import CalendarPick, listing, mapping, typed
from tocsin.web.nested import Fields
from tocsin.web.path_words import USUAL_STOPS

# Kinds of trigger that look at a change: what it is now, and what it was.
CHANGES = ("priority", "account", "type", "status", "field")
_HOWS = ("at", "before", "after")
_TEXTS = ("team", "assign", "priority", "stage", "note", "customer", "webhook", "template")
# The rows of conditions by the part of the form that they stand in, blank ones too.
Rows = Mapping[str, Group]


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """One trigger: `how` and `amount` say when, for clocks; `is_` and `was` are typed values."""

    at: str
    on: str
    when: Shown
    clock: str
    how: str
    amount: str
    basis: str
    stage: str
    name: str
    is_: tuple[str, ...]
    was: tuple[str, ...]
    kept: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A level's own step, or a further one: `steps` are those of a level."""

    at: str
    name: str
    branch: str
    wait: str
    basis: str
    team: str
    assign: str
    priority: str
    stage: str
    note: str
    customer: str
    webhook: str
    template: str
    notify: tuple[str, ...]
    participants: tuple[str, ...]
    when: Shown
    kept: str
    steps: tuple["StepRow", ...] = ()

    @property
    def more(self) -> bool:
        """Whether anything of what most steps do not have is filled in."""
        seldom = (self.stage, self.note, self.customer, self.webhook, self.template)
        return any(seldom) or bool(self.participants or self.when.kept or self.when.group.items)


@dataclass(frozen=True, slots=True)
class PathForm:
    """A path in a form."""

    name: str
    enabled: bool
    when: Shown
    calendar: CalendarPick
    stop: tuple[str, ...]
    within: str
    every: str
    times: str
    empty: str
    triggers: tuple[TriggerRow, ...]
    levels: tuple[StepRow, ...]
    kept: str

    @property
    def branches(self) -> tuple[str, ...]:
        """The names of its branches, each once."""
        return tuple(dict.fromkeys(one.branch for one in self.levels if one.branch))


# --------------------------------------------------------------------------------- data to a form


def shown(data: Mapping[str, Any], rows: Rows | None = None) -> PathForm:
    """Return a path as a form; `rows` are those of conditions where blank ones must stay."""
    again = mapping(data.get("repeat"))
    known = rows or {}
    return PathForm(
        name=typed(data.get("name")),
        enabled=data.get("enabled") is not False,
        when=_when(data.get("when"), "when", known),
        calendar=form_parts.calendar_shown(data.get("calendar")),
        stop=tuple(typed(one) for one in listing(data.get("stop", USUAL_STOPS))),
        within=typed(data.get("acknowledge_within")),
        every=typed(again.get("every")),
        times=typed(again.get("times")),
        empty=typed(data.get("empty", "skip")),
        triggers=tuple(
            _trigger(one, f"triggers.{k}", known)
            for k, one in enumerate(listing(data.get("triggers")))
        ),
        levels=tuple(
            _step(one, f"levels.{k}", known) for k, one in enumerate(listing(data.get("levels")))
        ),
        kept=json.dumps({key: data[key] for key in data if key not in ("triggers", "levels")}),
    )


def _when(data: object, at: str, rows: Rows) -> Shown:
    return Shown(rows[at]) if at in rows else conditions.shown(data)


def _trigger(value: object, at: str, rows: Rows) -> TriggerRow:
    data = mapping(value)
    on = typed(data.get("on"))
    how = next((name for name in _HOWS if name in data), "due")
    amount = typed(data.get("for") if on == "time" else data.get(how))
    return TriggerRow(
        at=at,
        on=on,
        when=_when(data.get("when"), at, rows),
        clock=typed(data.get("clock", "*")),
        how=how,
        amount=amount.removesuffix("%").strip() if how == "at" else amount,
        basis=typed(data.get("in", _usual_basis(on))),
        stage=typed(data.get("stage")),
        name=typed(data.get("name")),
        is_=_texts(data.get("is")),
        was=_texts(data.get("was")),
        kept=json.dumps(data),
    )


def _usual_basis(on: str) -> str:
    return "wall" if on == "time" else "business"


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    listed = value if isinstance(value, list | tuple) else [value]
    words = {True: "yes", False: "no"}
    return tuple(words[one] if isinstance(one, bool) else typed(one) for one in listed)


def _step(value: object, at: str, rows: Rows) -> StepRow:
    data = mapping(value)
    further = enumerate(listing(data.get("steps")))
    return StepRow(
        at=at,
        name=typed(data.get("name")),
        branch=typed(data.get("branch")),
        wait=typed(data.get("wait")),
        basis=typed(data.get("in", "business")),
        notify=tuple(typed(who) for who in listing(data.get("notify"))),
        participants=tuple(typed(who) for who in listing(data.get("participants"))),
        when=_when(data.get("when"), at, rows),
        kept=json.dumps({key: data[key] for key in data if key != "steps"}),
        steps=tuple(_step(one, f"{at}.steps.{k}", rows) for k, one in further),
        **{name: typed(data.get(name)) for name in _TEXTS},
    )


# --------------------------------------------------------------------------------- a form to data


def read(fields: Fields) -> dict[str, Any]:
    """Return a path as it was typed, in the form of the policy file."""
    kept = mapping(form_parts.json_of(fields, "kept"))
    data: dict[str, Any] = {}
    if name := nested.text(fields, "name"):
        data["name"] = name
    _put(data, kept, "enabled", bool(nested.text(fields, "enabled")), True)
    if when := when_of(nested.fields(fields, "when")):
        data["when"] = when
    calendar = form_parts.calendar_read(nested.fields(fields, "calendar"))
    if calendar is not None:
        data["calendar"] = calendar
    stop = nested.texts(fields, "stop")
    same = set(stop) == set(_texts(kept.get("stop"))) and "stop" in kept
    _put(data, kept, "stop", kept["stop"] if same else stop, list(USUAL_STOPS))
    if within := nested.text(fields, "acknowledge_within"):
        data["acknowledge_within"] = within
    again = nested.fields(fields, "repeat")
    if every := nested.text(again, "every"):
        times = nested.text(again, "times")
        data["repeat"] = {"every": every} | ({"times": form_parts.number(times)} if times else {})
    _put(data, kept, "empty", nested.text(fields, "empty") or "skip", "skip")
    triggers = nested.items(nested.fields(fields, "triggers"))
    data["triggers"] = [_trigger_read(one) for one in triggers]
    levels = nested.items(nested.fields(fields, "levels"))
    data["levels"] = [_level_read(one) for one in levels]
    return data


def when_of(part: Fields) -> Any:
    """Return the condition of a part: what rows cannot say is kept as it was."""
    return form_parts.json_of(part, "kept") or conditions.data(conditions.read(part))


def _put(data: dict[str, Any], kept: Mapping[str, Any], name: str, value: Any, usual: Any) -> None:
    """Put a value in unless it is the usual one; what was written out stays written out."""
    if value != usual or name in kept:
        data[name] = value


def _trigger_read(part: Fields) -> dict[str, Any]:
    kept = mapping(form_parts.json_of(part, "kept"))
    on = nested.text(part, "on")
    data: dict[str, Any] = {"on": on}
    if on == "clock":
        _clock_read(data, part, kept)
    elif on == "time":
        if stage := nested.text(part, "stage"):
            data["stage"] = stage
        data["for"] = nested.text(part, "amount")
        _put(data, kept, "in", nested.text(part, "basis") or "wall", "wall")
    elif on in CHANGES:
        if on == "field":
            data["name"] = nested.text(part, "name")
        for name in ("is", "was"):
            if values := _values(nested.texts(part, name)):
                field = data.get("name", on)
                data[name] = _typed_values(field, values, kept.get(name))
    if on != "manual" and (when := when_of(nested.fields(part, "when"))):
        data["when"] = when
    return data


def _clock_read(data: dict[str, Any], part: Fields, kept: Mapping[str, Any]) -> None:
    _put(data, kept, "clock", nested.text(part, "clock") or "*", "*")
    how, amount = nested.text(part, "how"), nested.text(part, "amount")
    if how in _HOWS:
        share = how == "at" and amount and not amount.endswith("%")
        data[how] = f"{amount}%" if share else amount
        _put(data, kept, "in", nested.text(part, "basis") or "business", "business")


def _values(sent: list[str]) -> list[str]:
    return [text.strip() for line in sent for text in line.split(",") if text.strip()]


def _typed_values(field: str, values: list[str], kept: Any) -> Any:
    if list(_texts(kept)) == values:
        return kept
    if field in conditions.FLAGS:
        flags = [text == "yes" if text in ("yes", "no") else text for text in values]
        return flags[0] if len(flags) == 1 else flags
    return values


def _level_read(part: Fields) -> dict[str, Any]:
    data: dict[str, Any] = {"name": nested.text(part, "name")}
    if branch := nested.text(part, "branch"):
        data["branch"] = branch
    data |= _step_read(part)
    steps = [_step_read(one) for one in nested.items(nested.fields(part, "steps"))]
    return data | ({"steps": steps} if steps else {})


def _step_read(part: Fields) -> dict[str, Any]:
    kept = mapping(form_parts.json_of(part, "kept"))
    data: dict[str, Any] = {}
    if when := when_of(nested.fields(part, "when")):
        data["when"] = when
    if wait := nested.text(part, "wait"):
        data["wait"] = wait
    _put(data, kept, "in", nested.text(part, "basis") or "business", "business")
    for name in _TEXTS:
        if text := nested.text(part, name):
            data[name] = text
    notify = [*nested.texts(part, "notify"), *_values([nested.text(part, "others")])]
    _put(data, kept, "notify", _as_kept(notify, kept.get("notify")), [])
    people = _values(nested.texts(part, "participants"))
    _put(data, kept, "participants", _as_kept(people, kept.get("participants")), [])
    return data


def _as_kept(words: list[str], kept: Any) -> Any:
    """Return words in the order in which they were written, if they are the same ones."""
    listed = [typed(one) for one in listing(kept)]
    return kept if listed and sorted(listed) == sorted(words) else list(dict.fromkeys(words))
