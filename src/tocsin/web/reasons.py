"""Why a field of the setup pages was refused, in the reader's language, and which field it was."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from tocsin.queries.drafts import Mistake

# The words of the layers below, and how they are said on a page; brackets go into the gaps.
_SAID = (
    (
        r"(.+) is not a length; .*",
        _("%(a)s is no length; write it like 8h, 30m or 2 business days"),
    ),
    (
        r"(.+) is ambiguous: .*",
        _("%(a)s is ambiguous; write open hours like 48h, or 2 business days, or 2 calendar days"),
    ),
    (r"(.+) is longer than any calendar", _("%(a)s is longer than any calendar")),
    (r"expected a length such as .*", _("a length is missing; write it like 8h or 30m")),
    (r"must be longer than zero", _("must be longer than zero")),
    (r"a clock needs a target; .*", _("no target yet: fill in at least one field of its row")),
    (r"a policy needs a clock", _("a policy needs a clock")),
    (r"two clocks have the same name", _("two clocks have the same name")),
    (r"no calendar is named, .*", _("choose a calendar")),
    (
        r"(?:has|is) the rank of '(.*)'; .*",
        _("%(a)s has this place already; every policy needs a place of its own"),
    ),
    (r"expected a whole number of at least (\d+), .*", _("write a whole number, %(a)s or more")),
    (r"(.*) is not a share of the target .*", _("%(a)s is no share; write a number such as 75")),
    (r"an empty list never matches", _("choose at least one value")),
    (r"expected a number, got .*", _("write a number")),
    (r"expected text, got .*", _("is empty")),
    (r"(.*) is not an instant like .*", _("write a date and a time")),
    (r"must be later than valid_from", _("must be later than the beginning")),
    (
        r"is past; what was promised since then would change",
        _("is past; what was promised since then would change"),
    ),
    (r"needs at least two calendars", _("choose at least two calendars")),
    (
        r"name the calendar for when .*",
        _("choose the calendar for those who have none of their own"),
    ),
    (r"there is no team (.*?)(?: \(.*)?", _("there is no team %(a)s")),
    (r"nobody is called (.*?)(?: \(.*)?", _("nobody is called %(a)s")),
    (r"there is no account (.*?)(?: \(.*)?", _("there is no account %(a)s")),
    (r"the alert (.*) is named twice", _("the alert %(a)s is there twice")),
    (r"a share of the target is always in business time", _("a share is always in business time")),
    (r"a path needs at least one level", _("a path needs at least one level")),
    (r"two levels have the same name", _("two levels have the same name")),
    (
        r"is for a path with triggers; .*",
        _("add a trigger first: what makes this path begin"),
    ),
    (r"a path by itself needs a trigger, .*", _("add a trigger: what makes this path begin")),
    (r"say which (.*) it is for, .*", _("say what it becomes, or what it was before")),
    (
        r"waits in open time need a calendar; .*",
        _("waits in business time need a calendar; choose one, or count them in wall time"),
    ),
    (r"is less than a minute", _("must be a minute or more")),
    (r"is (\d+); (\d+) are the most", _("%(b)s are the most")),
    (r"there is nobody with the address (.*?)(?: \(.*)?", _("nobody here has the address %(a)s")),
    (r"names nobody; .*", _("choose a first contact, a backup or a team")),
    (r"two are the same but for capitals", _("two are the same but for capitals")),
    (r"two have the same key", _("two stages have the same key")),
    (r"a pipeline needs a stage", _("a pipeline needs a stage")),
    (r"a ticket begins as new or open", _("a ticket begins as new or open")),
    (
        r"none is resolved or closed, .*",
        _("no stage is resolved or closed, so no ticket could ever end"),
    ),
    (r"a stage has a limit, .*", _("a stage has a limit, so choose a calendar for it")),
    (r"a contract begins at an instant", _("say when the contract begins")),
    (r"a contract names a policy", _("choose at least one policy")),
    (r"two are the same", _("two are the same")),
    (r"needs at least one", _("needs at least one")),
    (r"somebody has the address (.*) already", _("somebody has the address %(a)s already")),
    (r"(.+) is no address", _("%(a)s is no address")),
    (r"has (\d+) characters; (\d+) are the most", _("has %(a)s characters; %(b)s are the most")),
    (r"there is a team (.+) already", _("there is a team %(a)s already")),
    (r"is empty(?: or too long)?", _("is empty")),
    (r"nothing is not one of: .*", _("choose one")),
    (r"'' is not one of: .*", _("choose one")),
    (r"(.+) is not one of: (.*?)(?: \(did you mean .*)?", _("%(a)s is not one of: %(b)s")),
)
_STEP = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Wrong:
    """The refusals of a form by the names of its fields, and those that belong to none."""

    fields: Mapping[str, str]
    listed: tuple[tuple[str, str], ...]

    def at(self, *names: str) -> str:
        """Return why any of these fields was refused, or nothing."""
        return next((self.fields[name] for name in names if name in self.fields), "")

    def below(self, name: str) -> bool:
        """Say whether anything in a part of the form was refused."""
        return any(one == name or one.startswith(f"{name}.") for one in self.fields)


NOTHING = Wrong({}, ())


def said(reason: str) -> str:
    """Return a refusal in the reader's language."""
    for pattern, words in _SAID:
        found = re.fullmatch(pattern, reason)
        if found is not None:
            gaps = {name: _bare(text) for name, text in zip("ab", found.groups(), strict=False)}
            return gettext(words) % gaps if gaps else gettext(words)
    return gettext(reason)


def _bare(text: str | None) -> str:
    return (text or "").strip("'\"")


def wrong(mistakes: Iterable[Mistake]) -> Wrong:
    """Return mistakes by the names of the fields that they are about."""
    fields: dict[str, str] = {}
    listed: list[tuple[str, str]] = []
    for one in mistakes:
        name = plain(one.path)
        reason = said(one.reason)
        fields.setdefault(name, reason)
        listed.append((name, reason))
    return Wrong(fields, tuple(dict.fromkeys(listed)))


def plain(path: str) -> str:
    """Return a path of the configuration as the name of a field: ``clocks.0.targets.P1``."""
    own = path.removeprefix("policy.").removeprefix("policies[0].")
    return _STEP.sub(r".\1", own).lstrip(".")


def field_id(name: str) -> str:
    """Return the id of the field, or of the part of the page, that a refusal is about."""
    if name.startswith("when"):
        return "when"
    if name.startswith("paths"):
        return "paths"
    return f"f-{name}"
