"""The configuration in words, field by field: what people compare, instead of raw data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tocsin.engine import condition
from tocsin.kit.invalid import Invalid
from tocsin.queries import drafts
from tocsin.web import (
    calendar_changes,
    form_parts,
    modes,
    names,
    path_words,
    setup_names,
    target_text,
)
from tocsin.web.form_parts import listing, mapping, typed

Lines = Iterator[tuple[str, str]]
_STEP = " › "


@dataclass(frozen=True, slots=True)
class Line:
    """A field that differs; an empty text is where there is nothing."""

    field: str
    was: str
    now: str


def compared(kind: str, was: Any, now: Any) -> list[Line]:
    """Return what differs between two versions of a thing, in the order of the page."""
    describe = _KINDS.get(kind)
    if kind == "calendar":
        return [
            Line(*line) for line in calendar_changes.changes(dict(mapping(was)), dict(mapping(now)))
        ]
    if describe is None:
        return [
            Line(one.path.replace(".", _STEP), _plain(one.was), _plain(one.now))
            for one in drafts.differences(was, now)
        ]
    old, new = dict(describe(mapping(was))), dict(describe(mapping(now)))
    return [
        Line(field, old.get(field, ""), new.get(field, ""))
        for field in dict.fromkeys([*old, *new])
        if old.get(field, "") != new.get(field, "")
    ]


def described(kind: str, data: Any) -> list[tuple[str, str]]:
    """Return a thing field by field, those that say something."""
    describe = _KINDS.get(kind)
    return [line for line in describe(mapping(data)) if line[1]] if describe else []


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value)
    return "" if value is None else _flag(value) if isinstance(value, bool) else str(value)


def _flag(value: object) -> str:
    return _("yes") if value else _("no")


def when(value: object) -> str:
    """Return a condition in words; what cannot be read as it was written."""
    if not value:
        return _("every ticket")
    try:
        return str(condition.from_dict(value))
    except Invalid:
        return _plain(value)


def _instant(value: object) -> str:
    return form_parts.instant_shown(value).replace("T", " ") if value else ""


def _policy(data: Mapping[str, Any]) -> Lines:
    yield _("For which tickets"), when(data.get("when"))
    yield _("Needs a contract"), _flag(data.get("contract", False))
    yield _("Order"), typed(data.get("rank"))
    yield _("Kind of promise"), typed(data.get("agreement", "SLA"))
    yield _("Calendar"), calendar(data.get("calendar"))
    yield _("Holds from"), _instant(data.get("valid_from"))
    yield _("Holds until"), _instant(data.get("valid_until"))
    judged = data.get("judged_by", "clock start")
    yield modes.question(modes.JUDGED_BY), _choice(modes.JUDGED_BY, judged)
    for clock in listing(data.get("clocks")):
        own = mapping(clock)
        name = names.clock(typed(own.get("clock")))
        yield name, _("there is such a clock")
        for field, text in _clock(own):
            yield f"{name}{_STEP}{field}", text
    yield from _paths(data.get("paths"))


def _clock(data: Mapping[str, Any]) -> Lines:
    targets = data.get("targets")
    if isinstance(targets, list):
        for row in map(mapping, targets):
            label = typed(row.get("label")) or when(row.get("when"))
            yield label, target_text.shown(row.get("target"))
            yield f"{label}{_STEP}{_('for')}", when(row.get("when"))
    else:
        for label, target in mapping(targets).items():
            yield _("all others") if label == "*" else label, target_text.shown(target)
    yield _("Calendar"), calendar(data.get("calendar"))
    yield _("Alerts"), "; ".join(alert(one) for one in listing(data.get("alerts")))
    yield _("Escalation path"), typed(data.get("path"))
    for name in ("start", "stop", "pause", "resume", "reset", "cancel"):
        yield setup_names.predicate(name), _predicate(data.get(name))
    pauses = mapping(data.get("pauses"))
    for flag, (called, _sentence) in modes.PAUSES.items():
        yield _(called), _("yes") if pauses.get(flag) is True else ""
    yield _("Pause budget"), typed(pauses.get("budget"))
    yield _("Grace"), typed(data.get("grace"))
    for key, mode in modes.MODES.items():
        yield modes.question(mode), _choice(mode, data[key]) if key in data else ""


def _predicate(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " / ".join(_predicate(one) for one in value)
    return when(mapping(value).get("when", value)) if isinstance(value, Mapping) else typed(value)


def _choice(mode: modes.Mode, key: object) -> str:
    known = {choice.key: choice.name for choice in mode.choices}
    return _(known[str(key)]) if key in known else typed(key)


def calendar(value: object) -> str:
    """Return whose calendar counts, in words."""
    pick = form_parts.calendar_shown(value)
    if pick.how in ("", "named"):
        return pick.key
    if pick.how in form_parts.TOGETHER:
        return f"{setup_names.calendar(pick.how)}: {', '.join(pick.keys)}"
    words = {"source": setup_names.calendar(pick.how), "key": pick.key or "–"}
    return _("%(source)s, otherwise %(key)s") % words


def alert(value: object) -> str:
    """Return an alert in words: when, and who is told."""
    one = form_parts.alert_shown(value)
    amount = f"{one.amount} %" if one.how == "at" else one.amount
    told = ", ".join(setup_names.told(who) for who in one.notify)
    wall = f" ({setup_names.basis('wall')})" if one.basis == "wall" else ""
    again = _(", again each %(every)s") % {"every": one.every} if one.every else ""
    return f"{amount} {setup_names.alert(one.how)}{wall} → {told}{again}"


def _paths(value: object) -> Lines:
    for key, path in mapping(value).items():
        levels = form_parts.path_shown(key, path).levels
        told = [
            f"{level.name} {level.team}" + (f" ({level.wait})" if level.wait else "")
            for level in levels
        ]
        yield _("Escalation path %(name)s") % {"name": key}, " → ".join(told)


def _pipeline(data: Mapping[str, Any]) -> Lines:
    yield _("Name"), typed(data.get("name"))
    yield _("Calendar"), typed(data.get("calendar"))
    stages = [mapping(one) for one in listing(data.get("stages"))]
    yield _("Stages"), " → ".join(typed(one.get("name", one.get("key"))) for one in stages)
    for one in stages:
        name = typed(one.get("name", one.get("key")))
        yield f"{name}{_STEP}{_('Status')}", names.status(typed(one.get("status")))
        yield f"{name}{_STEP}{_('Limit')}", typed(one.get("limit"))
        yield f"{name}{_STEP}{_('Most tickets at once')}", typed(one.get("wip"))
        moves = ", ".join(map(typed, listing(one["moves"]))) or "–" if "moves" in one else ""
        yield f"{name}{_STEP}{_('May go to')}", moves
        alerts = "; ".join(alert(each) for each in listing(one.get("alerts")))
        yield f"{name}{_STEP}{_('Alerts')}", alerts
        yield f"{name}{_STEP}{_('Escalation path')}", typed(one.get("path"))
        reentry = _choice(modes.REENTRY, one["reentry"]) if "reentry" in one else ""
        yield f"{name}{_STEP}{modes.question(modes.REENTRY)}", reentry
    yield from _paths(data.get("paths"))


def _contract(data: Mapping[str, Any]) -> Lines:
    yield _("Account"), typed(data.get("account"))
    yield _("Policies"), ", ".join(map(typed, listing(data.get("policies"))))
    yield _("Calendar"), typed(data.get("calendar"))
    yield _("Holds from"), _instant(data.get("valid_from"))
    yield _("Holds until"), _instant(data.get("valid_until"))


def _priorities(data: Mapping[str, Any]) -> Lines:
    for impact, row in mapping(data.get("matrix")).items():
        for urgency, priority in mapping(row).items():
            words = {"impact": impact, "urgency": urgency}
            yield _("impact %(impact)s, urgency %(urgency)s") % words, typed(priority)


def _responsibilities(data: Mapping[str, Any]) -> Lines:
    words = {"first": _("First contact"), "backup": _("Backup"), "team": _("Team")}
    for type_, row in mapping(data.get("types")).items():
        for field, name in words.items():
            yield f"{type_}{_STEP}{name}", typed(mapping(row).get(field))


_KINDS: Mapping[str, Any] = {
    "policy": _policy,
    "pipeline": _pipeline,
    "contract": _contract,
    "priorities": _priorities,
    "path": path_words.lines,
    "responsibilities": _responsibilities,
}


def place(name: str, data: Any) -> str:
    """Return what a refused field is called: ``clocks.0.targets.P1`` is “First response › P1”."""
    own, told = mapping(data), list[str]()
    steps = name.split(".") if name else []
    at: Any = own
    for step in steps:
        inside = (
            at[int(step)]
            if isinstance(at, list) and step.isdecimal() and int(step) < len(at)
            else None
        )
        if inside is not None:
            told.append(_called(inside) or str(int(step) + 1))
            at = inside
        else:
            at = mapping(at).get(step)
            if word := _step(step):
                told.append(word)
    return _STEP.join(told)


def _called(value: object) -> str:
    own = mapping(value)
    if "clock" in own:
        return names.clock(typed(own["clock"]))
    return next((typed(own[name]) for name in ("name", "label", "key") if own.get(name)), "")


def _step(step: str) -> str:
    """Return what a part of a path is called; parts that say nothing are left out."""
    if step in ("clocks", "stages", "levels", "targets", "matrix", "types"):
        return ""
    words = {
        "*": _("all others"),
        "when": _("For which tickets"),
        "rank": _("Order"),
        "calendar": _("Calendar"),
        "else": _("Otherwise"),
        "agreement": _("Kind of promise"),
        "valid_from": _("Holds from"),
        "valid_until": _("Holds until"),
        "alerts": _("Alerts"),
        "notify": _("Who is told"),
        "paths": _("Escalation paths"),
        "path": _("Escalation path"),
        "pauses": _("Pauses"),
        "budget": _("Pause budget"),
        "grace": _("Grace"),
        "team": _("Team"),
        "wait": _("Waits for"),
        "status": _("Status"),
        "limit": _("Limit"),
        "wip": _("Most tickets at once"),
        "moves": _("May go to"),
        "name": _("Name"),
        "key": _("Key"),
        "account": _("Account"),
        "policies": _("Policies"),
        "impacts": _("Impact"),
        "urgencies": _("Urgency"),
    }
    return words[step] if step in words else path_words.field(step)
