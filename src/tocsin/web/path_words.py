"""An escalation path in words: what begins it, each of its steps, what ends it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from tocsin.engine import condition
from tocsin.engine.condition import AllOf, AnyOf, Condition, Not, Op, Test
from tocsin.kit.invalid import Invalid
from tocsin.queries.desk import Desk
from tocsin.web import form_parts, names, setup_names
from tocsin.web.form_parts import listing, mapping, typed

# What makes a path begin, in the order of the lists.
TRIGGERS: Mapping[str, str] = {
    "clock": gettext_noop("A clock"),
    "time": gettext_noop("Time without a touch"),
    "priority": gettext_noop("Priority"),
    "account": gettext_noop("Account"),
    "type": gettext_noop("Type"),
    "status": gettext_noop("Status"),
    "field": gettext_noop("A field"),
    "manual": gettext_noop("By hand"),
}
STOPS: Mapping[str, str] = {
    "acknowledged": gettext_noop("somebody acknowledges"),
    "answered": gettext_noop("an agent answers the customer"),
    "moved": gettext_noop("an agent moves the ticket to another stage"),
    "resolved": gettext_noop("the ticket is resolved"),
}
USUAL_STOPS = ("acknowledged", "resolved")
EMPTY: Mapping[str, str] = {
    "skip": gettext_noop("the next step comes at once"),
    "defer": gettext_noop("it waits for the next shift of the schedule that it names"),
}
# Whom paths may name beside those whom every alert may.
_WHO: Mapping[str, str] = {
    "team": gettext_noop("Everybody of the ticket's team"),
    "first contact": gettext_noop("First contact of the type"),
    "backup": gettext_noop("Backup of the type"),
}
# What the fields of a path are called where one was refused.
_FIELDS: Mapping[str, str] = {
    "triggers": gettext_noop("Begins when"),
    "steps": gettext_noop("Step"),
    "stop": gettext_noop("Ends when"),
    "acknowledge_within": gettext_noop("Touched within, after an acknowledgement"),
    "repeat": gettext_noop("Begins anew after"),
    "times": gettext_noop("How many times"),
    "for": gettext_noop("How long untouched"),
    "is": gettext_noop("Becomes"),
    "was": gettext_noop("And was before"),
    "on": gettext_noop("What begins it"),
    "assign": gettext_noop("Assigned to"),
    "participants": gettext_noop("Take part"),
    "priority": gettext_noop("Priority at least"),
    "stage": gettext_noop("Moves to the stage"),
    "first": gettext_noop("First contact"),
    "backup": gettext_noop("Backup"),
}
_JOINT = "; "


def field(step: str) -> str:
    """Return what a field of a path is called; one that is not of a path by its own word."""
    return "" if step == "every" else _(_FIELDS[step]) if step in _FIELDS else step


def _role(key: str) -> str:
    return names.role(key) if key in names.ROLES else key


def trigger_name(key: str) -> str:
    """Return what a kind of trigger is called."""
    return _(TRIGGERS[key]) if key in TRIGGERS else key


class Words:
    """Says what paths do, by the names of one desk where there is one."""

    def __init__(self, desk: Desk | None = None) -> None:
        self._desk = desk

    # --------------------------------------------------------------------------------- names

    def team(self, key: str) -> str:
        """Return what a team is called."""
        found = self._desk.teams.get(key.casefold()) if self._desk else None
        return found.name if found else key

    def stage(self, key: str) -> str:
        """Return what a stage is called, in the first pipeline that has it."""
        for pipeline in self._desk.pipelines.values() if self._desk else ():
            if found := pipeline.stage(key):
                return found.name
        return key

    def who(self, word: str) -> str:
        """Return whom a word means: ``lead`` is the team lead, ``team:x`` the team x."""
        start, _colon, rest = word.partition(":")
        match start:
            case "team" if rest.endswith("/lead"):
                return _("the lead of %(team)s") % {"team": self.team(rest.removesuffix("/lead"))}
            case "team" if rest:
                return _("everybody of %(team)s") % {"team": self.team(rest)}
            case "on-call":
                return _("who is on call in %(schedule)s") % {"schedule": rest}
            case "role":
                return _("all of the role %(role)s") % {"role": _role(rest)}
            case "mailto":
                return rest
        if word.startswith("level ") and word[6:].isdecimal():
            return _("an agent of level %(n)s") % {"n": word[6:]}
        if word.startswith("manager ") and word[8:].isdecimal():
            return _("the manager %(n)s levels up") % {"n": word[8:]}
        for person in self._desk.people.values() if self._desk else ():
            if person.email and person.email.casefold() == word.casefold():
                return person.name
        return _(_WHO[word]) if word in _WHO else setup_names.told(word)

    def whom(self, words: object) -> str:
        """Return several recipients as a list."""
        return ", ".join(self.who(typed(word)) for word in listing(words))

    # ---------------------------------------------------------------------------- conditions

    def when(self, value: object) -> str:
        """Return a condition in words; nothing for one that always holds."""
        if not value:
            return ""
        try:
            return self._when(condition.from_dict(value))
        except Invalid as error:
            return error.reason

    def _when(self, found: Condition) -> str:
        match found:
            case Test():
                return self._test(found)
            case AllOf(parts=parts):
                return _(" and ").join(self._inner(part, AnyOf) for part in parts)
            case AnyOf(parts=parts):
                return _(" or ").join(self._inner(part, AllOf) for part in parts)
            case Not(part=part):
                return _("not (%(what)s)") % {"what": self._when(part)}

    def _inner(self, part: Condition, other: type) -> str:
        told = self._when(part)
        return f"({told})" if isinstance(part, other) else told

    def _test(self, test: Test) -> str:
        name = self._field(test.name)
        if test.op is Op.SET:
            return f"{name} {setup_names.comparison('set' if test.value else 'empty')}"
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        told = _(" or ").join(self.value(test.name, one) for one in values)
        return f"{name} {setup_names.comparison(test.op.value)} {told}"

    def _field(self, name: str) -> str:
        own = {"was": _("the value before"), "changed": _("what changed"), "side": _("who acted")}
        return own.get(name) or setup_names.field(name)

    def value(self, field: str, value: object) -> str:
        """Return what a value of a field is called."""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        text = typed(value)
        match field:
            case "status" | "was":
                return names.status(text)
            case "stage":
                return self.stage(text)
            case "team":
                return self.team(text)
            case "changed":
                return setup_names.field(text)
        return text

    # ------------------------------------------------------------------------------ triggers

    def trigger(self, value: object) -> str:
        """Return in a sentence what makes a path begin."""
        data = mapping(value)
        more = self.when(data.get("when"))
        told = self._begins(data)
        return _("%(what)s, if %(when)s") % {"what": told, "when": more} if more and told else told

    def _begins(self, data: Mapping[str, Any]) -> str:
        match data.get("on"):
            case "clock":
                return self._clock(data)
            case "time":
                words = {
                    "length": typed(data.get("for")),
                    "stage": self.stage(typed(data.get("stage"))),
                    "time": setup_names.basis(typed(data.get("in", "wall"))),
                }
                if data.get("stage"):
                    return _("%(length)s (%(time)s) in the stage %(stage)s untouched") % words
                return _("%(length)s (%(time)s) in any stage untouched") % words
            case "manual":
                return _("somebody begins it by hand, for a reason")
        return self._change(data)

    def _clock(self, data: Mapping[str, Any]) -> str:
        key = typed(data.get("clock", "*"))
        clock = _("any clock") if key == "*" else names.clock(key)
        words = {"clock": clock, "length": "", "share": typed(data.get("at"))}
        words["time"] = setup_names.basis(typed(data.get("in", "business")))
        for how in ("before", "after"):
            if how in data:
                words["length"] = typed(data[how])
        if "at" in data:
            return _("%(clock)s has used %(share)s of its target") % words
        if "before" in data:
            return _("%(clock)s is due in %(length)s (%(time)s)") % words
        if "after" in data:
            return _("%(clock)s was due %(length)s ago (%(time)s)") % words
        return _("%(clock)s passes its due") % words

    def _change(self, data: Mapping[str, Any]) -> str:
        on = typed(data.get("on"))
        field = typed(data.get("name")) if on == "field" else on
        words = {"field": self._field(field)}
        for name in ("is", "was"):
            given = data.get(name)
            listed = given if isinstance(given, list | tuple) else [given]
            words[name] = _(" or ").join(self.value(field, one) for one in listed)
        if "is" in data and "was" in data:
            return _("%(field)s becomes %(is)s and was %(was)s") % words
        if "is" in data:
            return _("%(field)s becomes %(is)s") % words
        if "was" in data:
            return _("%(field)s changes and was %(was)s") % words
        return _("%(field)s changes") % words

    # --------------------------------------------------------------------------------- steps

    def waits(self, value: object, *, first: bool) -> str:
        """Return how long after the step before a step comes."""
        data = mapping(value)
        length = typed(data.get("wait")).strip()
        if not length or length in ("0m", "0h", "0s"):
            return _("at once")
        words = {"length": length, "time": setup_names.basis(typed(data.get("in", "business")))}
        if first:
            return _("after %(length)s (%(time)s)") % words
        return _("%(length)s later (%(time)s)") % words

    def deeds(self, value: object) -> Iterator[str]:
        """Yield what a step does, a few words each."""
        data = mapping(value)
        if team := typed(data.get("team")):
            yield _("%(team)s owns the ticket") % {"team": self.team(team)}
        if assign := typed(data.get("assign")):
            yield _("assigned to %(who)s") % {"who": self.who(assign)}
        if told := self.whom(data.get("notify")):
            yield _("told: %(who)s") % {"who": told}
        if people := self.whom(data.get("participants")):
            yield _("take part: %(who)s") % {"who": people}
        if priority := typed(data.get("priority")):
            words = {"priority": f"{priority} {names.priority(priority)}"}
            yield _("priority at least %(priority)s") % words
        if stage := typed(data.get("stage")):
            yield _("moves to %(stage)s") % {"stage": self.stage(stage)}
        yield from self._said(data)

    def _said(self, data: Mapping[str, Any]) -> Iterator[str]:
        """Yield what a step says, and where."""
        if note := typed(data.get("note")):
            yield _("note: “%(text)s”") % {"text": note}
        if customer := typed(data.get("customer")):
            yield _("the customer reads: “%(text)s”") % {"text": customer}
        if webhook := typed(data.get("webhook")):
            yield _("webhook %(name)s") % {"name": webhook}
        if template := typed(data.get("template")):
            yield _("in the words of the template %(name)s") % {"name": template}

    def step(self, value: object, *, first: bool) -> str:
        """Return a step in a sentence: when, if what holds, and what is done."""
        data = mapping(value)
        told = self.waits(data, first=first)
        if when := self.when(data.get("when")):
            told = _("%(what)s, if %(when)s") % {"what": told, "when": when}
        deeds = _JOINT.join(self.deeds(data)) or _("nothing is done")
        return _("%(when)s: %(what)s") % {"when": told, "what": deeds}

    # --------------------------------------------------------------------------------- rules

    def ends(self, value: object) -> str:
        """Return what ends a path."""
        stops = [typed(one) for one in listing(mapping(value).get("stop", USUAL_STOPS))]
        known = [_(STOPS[one]) for one in STOPS if one in stops]
        return _(" or ").join(known) or _("its steps are done")

    def acknowledged(self, value: object) -> str:
        """Return what becomes of an acknowledgement that nothing follows; empty if nothing."""
        within = typed(mapping(value).get("acknowledge_within"))
        if not within:
            return ""
        words = {"length": within}
        return (
            _("Who acknowledges must touch the ticket within %(length)s, or is called again.")
            % words
        )

    def repeats(self, value: object) -> str:
        """Return how often a path begins anew; empty if it does not."""
        again = mapping(mapping(value).get("repeat"))
        if not again:
            return ""
        times = again.get("times", 4)
        words = {"every": typed(again.get("every")), "n": times}
        count = times if isinstance(times, int) else 2
        told = ngettext(
            "When all steps are done it begins anew after %(every)s, once.",
            "When all steps are done it begins anew after %(every)s, %(n)s times.",
            count,
        )
        return told % words

    def finds_nobody(self, value: object) -> str:
        """Return what becomes of a step that finds nobody."""
        empty = typed(mapping(value).get("empty", "skip"))
        told = _(EMPTY[empty]) if empty in EMPTY else empty
        return _("Where a step finds nobody, %(what)s.") % {"what": told}


def lines(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield a path field by field, for what differs between two versions."""
    words = Words()
    yield _("Name"), typed(data.get("name"))
    yield _("Switched on"), _("no") if data.get("enabled") is False else _("yes")
    yield _("Begins when"), _JOINT.join(map(words.trigger, listing(data.get("triggers"))))
    yield _("For which tickets"), words.when(data.get("when"))
    yield _("Calendar"), _calendar(data.get("calendar"))
    yield _("Ends when"), words.ends(data)
    yield _("Acknowledged without a touch"), words.acknowledged(data)
    yield _("Begins anew"), words.repeats(data)
    yield _("Nobody found"), words.finds_nobody(data)
    for level in map(mapping, listing(data.get("levels"))):
        name = typed(level.get("name")) or "–"
        branch = typed(level.get("branch"))
        told = words.step(level, first=False)
        yield name, f"{branch}: {told}" if branch else told
        for k, step in enumerate(listing(level.get("steps")), start=2):
            yield f"{name}.{k}", words.step(step, first=False)


def _calendar(value: object) -> str:
    pick = form_parts.calendar_shown(value)
    if pick.how in ("", "named"):
        return pick.key
    keys = ", ".join(pick.keys) or pick.key
    return f"{setup_names.calendar(pick.how)}{f': {keys}' if keys else ''}"
