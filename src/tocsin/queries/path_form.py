"""The form of an escalation path with triggers: what is wrong with one at a desk."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tocsin.engine import source
from tocsin.engine.path import EscalationPath, Step
from tocsin.engine.trigger import EVERY, On, Trigger
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import notified
from tocsin.queries.desk import Desk
from tocsin.records.tickets import PRIORITIES

# How a step may name the person who owns the ticket then, beside those whom alerts may name.
LEVEL = "level "


def mistakes(data: Mapping[str, Any], at_work: Desk) -> Iterator[Callable[[], object]]:
    """Yield checks; each raises `Invalid` with the field that is wrong."""
    yield lambda: _read(data)
    try:
        path = _read(data)
    except Invalid:
        return  # said already
    if not path.triggers:
        yield partial(_refuse, "triggers", "a path by itself needs a trigger, such as {on: manual}")
    if path.calendar is not None:
        for key in source.named(path.calendar):
            yield partial(shape.one_of, key, "calendar", at_work.versions.calendars)
    for k, trigger in enumerate(path.triggers):
        yield partial(_trigger, trigger, f"triggers[{k}]", at_work)
    levels = list(dict.fromkeys(step.level for step in path.steps))
    for step in path.steps:
        place = f"levels[{levels.index(step.level)}]"
        if "." in step.name:
            place += f".steps[{int(step.name.rpartition('.')[2]) - 2}]"
        if at_work.tenant:
            yield partial(_step, step, place, at_work)


def _read(data: Mapping[str, Any]) -> EscalationPath:
    """Return the path; mistakes name the field without what stands before it in a file."""
    try:
        return EscalationPath.from_dict("path", data, "")
    except Invalid as error:
        raise Invalid(error.path.removeprefix("."), error.reason) from None


def _refuse(field: str, reason: str) -> None:
    raise Invalid(field, reason)


def _trigger(trigger: Trigger, place: str, at_work: Desk) -> None:
    clocks = {key for _, key in at_work.versions.slots()}
    if trigger.on is On.CLOCK and trigger.clock != EVERY and clocks:
        shape.one_of(trigger.clock, f"{place}.clock", sorted(clocks))
    stages = {stage.key for one in at_work.pipelines.values() for stage in one.stages}
    if trigger.on is On.TIME and trigger.stage and stages:
        shape.one_of(trigger.stage, f"{place}.stage", sorted(stages))


def _step(step: Step, place: str, at_work: Desk) -> None:
    if step.team and step.team.casefold() not in at_work.teams:
        near = shape.hint(step.team, at_work.teams)
        raise Invalid(f"{place}.team", f"there is no team {step.team!r}{near}")
    if step.priority:
        shape.one_of(step.priority, f"{place}.priority", PRIORITIES)
    if step.stage:
        stages = {stage.key for one in at_work.pipelines.values() for stage in one.stages}
        shape.one_of(step.stage, f"{place}.stage", sorted(stages))
    for field, words in (("notify", step.notify), ("participants", step.participants)):
        for k, word in enumerate(words):
            _word(word, f"{place}.{field}[{k}]", at_work)
    if step.assign and not level(step.assign):
        _word(step.assign, f"{place}.assign", at_work)


def _word(word: str, place: str, at_work: Desk) -> None:
    if notified.unknown(at_work, word):
        near = shape.hint(word, notified.WORDS)
        raise Invalid(place, f"nobody is called {word!r}{near}")


def level(word: str) -> int:
    """Return the level of agents that a word names, such as ``level 2``; 0 if it names none."""
    number = word.removeprefix(LEVEL)
    return int(number) if word.startswith(LEVEL) and number in "123456789" and number else 0
