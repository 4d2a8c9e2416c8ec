"""The forms of calendars and policies: each mistake by its field, as many as can be told apart.

What is read whole elsewhere is read here part by part, each part in the company of sound ones, so
that a mistake in one does not hide those of the others.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tocsin.engine import source
from tocsin.engine.calendar import Calendar
from tocsin.engine.holiday import HolidaySet
from tocsin.engine.path import EscalationPath
from tocsin.engine.policy import Policy, policy_from
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import notified
from tocsin.queries.desk import Desk
from tocsin.queries.stages import STAGE_RANK

_WEEK = {"mon": ["09:00-17:00"]}
_OPEN_DAY = {"2000-01-01": ["09:00-17:00"]}
_CLOCK: Mapping[str, Any] = {"clock": "resolution", "targets": {"*": "1h"}}
_POLICY = "policy"


def calendar_mistakes(data: object, path: str = "", *, now: dt.datetime) -> Iterator[Invalid]:
    """Yield what is wrong with a calendar: of its zone, each weekday, exception and holiday set."""
    try:
        fields = shape.mapping(data, path)
    except Invalid as error:
        yield error
        return
    found: list[Invalid] = []
    for how in ("union", "intersection"):
        if isinstance(fields.get(how), list):
            place = f"{path}.{how}" if path else how
            for k, part in enumerate(fields[how]):
                found += calendar_mistakes(part, f"{place}[{k}]", now=now)
            break
    else:
        for part in _calendar_parts(fields):
            found += _refused(partial(Calendar.from_dict, part, path))
        found += _holiday_mistakes(fields.get("holidays", []), path)
    # What only shows when all is together.
    yield from found or _refused(lambda: _savable(fields, path, now))


def _savable(fields: Mapping[str, Any], path: str, now: dt.datetime) -> None:
    made = Calendar.from_dict(fields, path)
    if not path:
        made.check_savable(now=now)


def _calendar_parts(fields: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    sound = {"zone": "UTC", "week": {}, "exceptions": _OPEN_DAY}
    for name, value in fields.items():
        if name not in ("week", "exceptions", "holidays"):
            yield {**sound, name: value}
    if "zone" not in fields:
        yield {"week": _WEEK}
    week = fields.get("week")
    if isinstance(week, Mapping):
        for day, spans in week.items():
            yield {**sound, "week": {day: spans}}
    elif "week" in fields:
        yield {**sound, "week": week}
    else:
        yield {"zone": "UTC"}
    given = fields.get("exceptions", {})
    if isinstance(given, Mapping):
        for day, spans in given.items():
            yield {"zone": "UTC", "week": _WEEK, "exceptions": {day: spans}}
    else:
        yield {"zone": "UTC", "week": _WEEK, "exceptions": given}


def _holiday_mistakes(value: object, path: str) -> Iterator[Invalid]:
    place = f"{path}.holidays" if path else "holidays"
    try:
        listed = shape.listing(value, place)
    except Invalid as error:
        yield error
        return
    for k, item in enumerate(listed):
        yield from _refused(partial(HolidaySet.from_dict, item, f"{place}[{k}]"))


def policy_mistakes(key: str, data: object, at_work: Desk) -> Iterator[Invalid]:
    """Yield what is wrong with a policy: of its head, each clock, row, alert and level."""
    try:
        fields = dict(shape.mapping(data, ""))
    except Invalid as error:
        yield error
        return
    paths = fields.pop("paths", {})
    found = list(path_mistakes(paths, at_work))
    sound = _sound_paths(paths)
    found += _head(key, fields)
    listed = fields.get("clocks")
    for k, clock in enumerate(listed if isinstance(listed, list) else []):
        found += _clock(clock, k, fields.get("calendar"), sound)
    yield from found
    if found:
        return
    try:
        made = policy_from({"key": key, **fields}, _POLICY, sound)
    except Invalid as error:
        yield _bare(error)
        return
    yield from _names(made, at_work)


def path_mistakes(paths: object, at_work: Desk) -> Iterator[Invalid]:
    """Yield what is wrong with escalation paths by their names, level by level."""
    if not isinstance(paths, Mapping):
        yield Invalid("paths", f"expected a mapping, got {shape.describe(paths)}")
        return
    for name, value in paths.items():
        place = f"paths.{name}"
        if not isinstance(value, Mapping) or not isinstance(value.get("levels"), list):
            yield from _refused(partial(EscalationPath.from_dict, name, value, place))
            continue
        found: list[Invalid] = []
        for k, level in enumerate(value["levels"]):
            wrong = _refused(partial(EscalationPath.from_dict, name, {"levels": [level]}, ""))
            found += [_shifted(error, ".levels[0]", f"{place}.levels[{k}]") for error in wrong]
            found += _level(level, f"{place}.levels[{k}]", at_work)
        yield from found or _refused(partial(EscalationPath.from_dict, name, value, place))


def _level(level: object, place: str, at_work: Desk) -> Iterator[Invalid]:
    """Yield the names of a level that name nobody there is."""
    if not isinstance(level, Mapping) or not at_work.tenant:
        return
    team, words = level.get("team"), level.get("notify", [])
    if isinstance(team, str) and team.strip() and team.casefold() not in at_work.teams:
        near = shape.hint(team.casefold(), at_work.teams)
        yield Invalid(f"{place}.team", f"there is no team {team!r}{near}")
    yield from nobody(words, f"{place}.notify", at_work)


def nobody(words: object, place: str, at_work: Desk) -> Iterator[Invalid]:
    """Yield each word that names nobody there is; of a file without a desk nobody knows."""
    if not at_work.tenant:
        return
    for k, word in enumerate(words if isinstance(words, list | tuple) else []):
        if isinstance(word, str) and word.strip() and notified.unknown(at_work, word):
            near = shape.hint(word, notified.WORDS)
            yield Invalid(f"{place}[{k}]", f"nobody is called {word!r}{near}")


def _sound_paths(paths: object) -> dict[str, EscalationPath]:
    """Return a path for each name, the real one if it can be read."""
    found: dict[str, EscalationPath] = {}
    for name, value in paths.items() if isinstance(paths, Mapping) else ():
        try:
            found[name] = EscalationPath.from_dict(name, value, "")
        except Invalid:
            found[name] = EscalationPath(name, 1, ())
    return found


def _head(key: str, fields: Mapping[str, Any]) -> Iterator[Invalid]:
    """Yield the mistakes of what a policy says beside its clocks, field by field."""
    if fields.get("key", key) != key:
        yield Invalid("key", f"is not the {key!r} that this is about")
    listed = fields.get("clocks")
    if not isinstance(listed, list) or not listed:
        yield from _refused(lambda: shape.listing(listed, "clocks"))
        if listed == []:
            yield Invalid("clocks", "a policy needs a clock")
    sound = {"key": "sound", "rank": 1, "calendar": "sound", "clocks": [_CLOCK]}
    for name, value in fields.items():
        if name not in ("key", "clocks", "calendar"):
            yield from _of_policy({**sound, name: value})
    if "rank" not in fields:
        yield from _of_policy({name: value for name, value in sound.items() if name != "rank"})
    if "calendar" in fields:
        own = fields["calendar"]
        wrong = _refused(lambda: source.from_value(own, _POLICY))
        yield from map(_bare, wrong)


def _clock(
    clock: object, k: int, calendar: object, paths: Mapping[str, EscalationPath]
) -> Iterator[Invalid]:
    """Yield the mistakes of one clock: of each of its rows, alerts and other fields."""
    place = f"clocks[{k}]"
    if not isinstance(clock, Mapping):
        yield Invalid(place, f"expected a mapping, got {shape.describe(clock)}")
        return
    own: Mapping[str, Any] = {"calendar": "sound", **_CLOCK}
    found: list[Invalid] = []
    for part in _clock_parts(clock):
        wrong = _of_policy({"key": "sound", "rank": 1, "clocks": [{**own, **part[0]}]}, paths)
        found += [_shifted(_shifted(error, "clocks[0]", place), *part[1]) for error in wrong]
    if not found:
        # What needs its neighbours: a clock of one's own its start, a row its calendar.
        given = {} if calendar is None else {"calendar": calendar}
        whole = {"key": "sound", "rank": 1, **given, "clocks": [clock]}
        found += [_shifted(error, "clocks[0]", place) for error in _of_policy(whole, paths)]
    yield from found


# A clock of one's own needs both; each is looked at beside a sound other one.
_SOUND: Mapping[str, Any] = {"start": {"event": "created"}, "stop": {"event": "note"}}
# What is put in the place of a field, and how paths in it lead back to where it stands.
_Part = tuple[dict[str, Any], tuple[str, str]]


def _clock_parts(clock: Mapping[str, Any]) -> Iterator[_Part]:
    for name, value in clock.items():
        if name == "targets" and isinstance(value, Mapping):
            for label, target in value.items():
                yield {"targets": {label: target}}, ("", "")
        elif name in ("targets", "alerts") and isinstance(value, list):
            for j, item in enumerate(value):
                yield {name: [item]}, (f".{name}[0]", f".{name}[{j}]")
        elif name not in ("clock", "start", "stop"):
            yield {name: value}, ("", "")
        elif name != "clock":
            yield {"clock": "one's own", **_SOUND, name: value}, ("", "")


def _of_policy(
    data: Mapping[str, Any], paths: Mapping[str, EscalationPath] | None = None
) -> Iterator[Invalid]:
    yield from map(_bare, _refused(lambda: policy_from(data, _POLICY, paths or {})))


def _names(policy: Policy, at_work: Desk) -> Iterator[Invalid]:
    """Yield what a sound policy names and there is not, and a rank that another has."""
    for other in at_work.versions.policies:
        same = other.agreement is policy.agreement and other.rank == policy.rank
        if same and other.key != policy.key:
            told = f"is the rank of {other.key!r}; ranks decide what matches first, so they differ"
            yield Invalid("rank", told)
            break
    if policy.rank >= STAGE_RANK:
        yield Invalid("rank", f"must be less than {STAGE_RANK:,}: limits of stages come after")
    if policy.key.startswith("stage ") and "/" in policy.key:
        yield Invalid("key", "has the form of a stage's limit; call it otherwise")
    for k, plan in enumerate(policy.plans):
        for row in plan.rows:
            for key in source.named(row.calendar):
                yield from _refused(
                    partial(shape.one_of, key, f"clocks[{k}].calendar", at_work.versions.calendars)
                )
        for j, alert in enumerate(plan.definition.alerts):
            yield from nobody(alert.notify, f"clocks[{k}].alerts[{j}].notify", at_work)


def _refused(check: Callable[[], object]) -> Iterator[Invalid]:
    try:
        check()
    except Invalid as error:
        yield error


def _bare(error: Invalid) -> Invalid:
    return Invalid(error.path.removeprefix(_POLICY).removeprefix("."), error.reason)


def _shifted(error: Invalid, was: str, now: str) -> Invalid:
    """Return the refusal with the first `was` of its path replaced."""
    return Invalid(error.path.replace(was, now, 1), error.reason) if was else error
