"""Why a clock runs by the policy that it runs by, and what to say to the customer, in words."""

from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.engine.choice import Candidate, Ground, Part
from tocsin.queries.why import Why
from tocsin.web import catalogs, drawing, names

_GROUNDS = {
    Ground.CHOSEN: gettext_noop("It fits, and comes first"),
    Ground.BEHIND: gettext_noop("It fits, but another comes first"),
    Ground.LATER: gettext_noop("It fits, but another is due earlier"),
    Ground.NOT_YET: gettext_noop("It was not in force yet"),
    Ground.ENDED: gettext_noop("It was not in force any more"),
    Ground.NO_CONTRACT: gettext_noop("No contract of the account names it"),
    Ground.CONDITION: gettext_noop("It is for other tickets"),
    Ground.NO_ROW: gettext_noop("None of its targets fits"),
}
# What a comparison wanted, by how it compares; with "not" before it, the second.
_WANTED = {
    "in": (gettext_noop("%(name)s is %(wanted)s"), gettext_noop("%(name)s is not %(wanted)s")),
    "not_in": (gettext_noop("%(name)s is not %(wanted)s"), gettext_noop("%(name)s is %(wanted)s")),
    "at_least": (
        gettext_noop("%(name)s is at least %(wanted)s"),
        gettext_noop("%(name)s is less than %(wanted)s"),
    ),
    "at_most": (
        gettext_noop("%(name)s is at most %(wanted)s"),
        gettext_noop("%(name)s is more than %(wanted)s"),
    ),
    "contains": (
        gettext_noop("%(name)s contains %(wanted)s"),
        gettext_noop("%(name)s does not contain %(wanted)s"),
    ),
}
_FACTS = {
    "priority": gettext_noop("the priority"),
    "plan": gettext_noop("the plan"),
    "account": gettext_noop("the account"),
    "team": gettext_noop("the team"),
    "type": gettext_noop("the type"),
    "status": gettext_noop("the status"),
    "stage": gettext_noop("the stage"),
    "pipeline": gettext_noop("the pipeline"),
    "channel": gettext_noop("the channel"),
    "assignee": gettext_noop("the owner"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A policy that was asked: its name, what came of it, and by which facts."""

    name: str
    chosen: bool
    ground: str
    parts: list[str]


@dataclass(frozen=True, slots=True)
class Saying:
    """What to say to a customer in one language."""

    language: str
    called: str
    text: str


def asked(found: Why) -> list[Asked]:
    """Return the policies that promise such a clock, in the order in which they were asked."""
    return [_asked(one) for one in found.candidates]


def _asked(one: Candidate) -> Asked:
    ground = _(_GROUNDS[one.why])
    if one.row:
        ground = _("%(ground)s; row %(row)s") % {"ground": ground, "row": drawing.row(one.row)}
    told = list(dict.fromkeys(part(each, held=one.matched) for each in one.parts))
    return Asked(f"{one.policy} v{one.version}", one.chosen, ground, told)


def part(one: Part, *, held: bool) -> str:
    """Return a comparison in words, and what the fact was if it did not hold."""
    name = _(_FACTS[one.name]) if one.name in _FACTS else one.name
    wanted = _wanted(one, name)
    if held:
        return wanted
    words = {"wanted": wanted, "is": _value(one.name, one.fact)}
    return _("asked that %(wanted)s; it is %(is)s") % words


def _wanted(one: Part, name: str) -> str:
    if one.op == "set":
        empty = bool(one.wanted) is one.negated
        told = _("%(name)s is empty") if empty else _("%(name)s is not empty")
        return told % {"name": name}
    values = one.wanted if isinstance(one.wanted, tuple) else (one.wanted,)
    wanted = _(" or ").join(_value(one.name, value) for value in values)
    return _(_WANTED[one.op][one.negated]) % {"name": name, "wanted": wanted}


def _value(name: str, value: Any) -> str:
    if value is None or value == "":
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return names.status(value) if name == "status" else str(value)


def sayings(found: Why) -> list[Saying]:
    """Return what to say to the customer, in the reader's language first."""
    own = translation.get_language() or "en"
    ordered = sorted(found.sentences, key=lambda language: language.lower() != own)
    return [
        Saying(language, catalogs.OFFERED[language], found.sentences[language])
        for language in ordered
    ]
