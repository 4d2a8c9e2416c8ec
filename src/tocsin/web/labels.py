"""What happened, in a sentence: entries of a ticket's timeline and lines under the bell."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tocsin.queries.desk import Desk
from tocsin.queries.timeline import Entry
from tocsin.web import escalation_words, factor_words, moments, names, turns


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, its icon, and whether it is bad news."""

    text: str
    icon: str
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Labels:
    """Says what happened, by the names of one desk."""

    desk: Desk

    def team(self, key: str) -> str:
        """Return what a team is called."""
        known = self.desk.teams.get(key)
        return known.name if known else key

    def line(self, entry: Entry) -> Said:
        """Return the sentence for an entry."""
        made = (
            self._deed(entry.kind, entry.told)
            or _seen_to(entry)
            or self._escalation(entry)
            or self._change(entry)
        )
        if entry.who:
            text = _("%(who)s: %(what)s") % {"who": entry.who, "what": made.text}
            return Said(text, made.icon, made.loud)
        return made

    def told(self, line: Mapping[str, Any]) -> Said:
        """Return the sentence for a line of a notification."""
        found = self._deed(str(line.get("deed", "")), line)
        if found is not None:
            return found
        return Said(
            _("Needs an administrator: %(what)s") % {"what": line.get("which", "")}, "missed", True
        )

    def _deed(self, deed: str, told: Mapping[str, Any]) -> Said | None:
        clock = clock_of(str(told.get("clock", "")))
        match deed:
            case "breach":
                return Said(_("%(clock)s breached") % {"clock": clock}, "breached", True)
            case "warn":
                share = told.get("alert") or str(told.get("which", "")).partition("/")[0]
                return Said(
                    _("Warning for %(clock)s (%(when)s)") % {"clock": clock, "when": share},
                    "at risk",
                )
            case "escalate":
                level = told.get("level") or str(told.get("which", "")).rpartition("/")[2]
                team = told.get("team") or ""
                if str(told.get("clock", "")).startswith("path/"):
                    text = escalation_words.taken(str(level), str(team), self._path(clock))
                elif team:
                    words = {"level": level, "team": team, "clock": clock}
                    text = _("Escalated to %(level)s, %(team)s, because of %(clock)s") % words
                else:
                    text = _("Escalated to %(level)s because of %(clock)s") % {
                        "level": level,
                        "clock": clock,
                    }
                return Said(text, "escalation", True)
            case "restate":
                return Said(turns.restated(told), "met")
            case "alarm":
                told_why = {"clock": clock, "why": told.get("reason") or ""}
                return Said(
                    _("%(clock)s has no due date: %(why)s") % told_why, "unschedulable", True
                )
            case "chain":
                text = _("Rules kept starting each other; what came after that was left out")
                return Said(text, "missed", True)
        return self._answered(deed, str(told.get("which", "")))

    def _answered(self, deed: str, actor: str) -> Said | None:
        """Return the sentence for what somebody did whom `actor` names."""
        match deed:
            case "resolved" | "acknowledged":
                return Said(self._over(deed, actor), "met")
            case "pause asked":
                words = {"who": self._who(actor)}
                return Said(_("%(who)s asks for leave to pause") % words, "paused")
            case "pause approved":
                return Said(_("The pause you asked for was approved"), "met")
            case "pause refused":
                return Said(_("The pause you asked for was refused"), "missed")
        return _reading(deed, actor) or _factors(deed)

    def _over(self, deed: str, actor: str) -> str:
        who = "" if actor == "tocsin" else self._who(actor)
        if deed == "resolved":
            return _("%(who)s resolved it") % {"who": who} if who else _("It is resolved")
        return _("%(who)s is at it") % {"who": who} if who else _("Somebody is at it")

    def _escalation(self, entry: Entry) -> Said | None:
        """Return what became of an escalation; its path is named where the fact names it."""
        if entry.kind != "escalation":
            return None
        return Said(*escalation_words.told(entry.told, self._path(str(entry.told.get("path", "")))))

    def _path(self, key: str) -> str:
        """Return what a path is called in its newest version."""
        found = [one.name or key for one in self.desk.versions.paths if one.key == key]
        return found[-1] if found else key

    def _who(self, actor: str) -> str:
        id_ = actor.partition(":")[2]
        known = self.desk.people.get(int(id_)) if id_.isdecimal() else None
        return known.name if known else actor

    def _change(self, entry: Entry) -> Said:
        to = entry.told.get("to")
        match entry.kind:
            case "created":
                return Said(_("Opened"), "tickets")
            case "stage":
                return Said(_("Moved to %(stage)s") % {"stage": self._stage(str(to))}, "move")
            case "status":
                return Said(_("Is now %(status)s") % {"status": names.status(str(to))}, "move")
            case "assignee":
                return Said(self._owner(to), "assign")
            case "team":
                team = self.desk.teams.get(str(to))
                return Said(_("Given to %(team)s") % {"team": team.name if team else to}, "assign")
            case "priority":
                words = {"priority": f"{to} {names.priority(str(to))}"}
                return Said(_("Priority set to %(priority)s") % words, "limit")
            case "field":
                words = {"field": entry.told.get("name", ""), "value": to if to else "–"}
                return Said(_("%(field)s set to %(value)s") % words, "note")
            case "acknowledgement":
                return Said(_("Acknowledged"), "met")
        found = turns.turn(entry)
        return Said(*found) if found else Said(entry.kind, "tickets")

    def _stage(self, key: str) -> str:
        for pipeline in self.desk.pipelines.values():
            found = pipeline.stage(key)
            if found is not None:
                return found.name
        return key

    def _owner(self, to: Any) -> str:
        if to is None:
            return _("Has no owner any more")
        known = self.desk.people.get(int(to)) if str(to).isdecimal() else None
        return _("Assigned to %(name)s") % {"name": known.name if known else to}


def _seen_to(entry: Entry) -> Said | None:
    """Return what somebody answered for: a violation they know of, leave to pause."""
    told = entry.told
    if entry.kind == "note" and told.get("did") == "acknowledged":
        clock = clock_of(str(told.get("clock", "")))
        return Said(_("Violation of %(clock)s acknowledged") % {"clock": clock}, "met")
    if entry.kind != "field" or told.get("name") != "pause_request":
        return None
    if told.get("to"):
        words = {"status": names.status(str(told["to"])).lower()}
        return Said(_("Asks for leave to pause (%(status)s)") % words, "paused")
    if told.get("did") == "approved":
        return Said(_("The pause was approved"), "met")
    return Said(_("The pause was refused: the clocks run on"), "missed")


def clock_of(id_: str) -> str:
    """Return what a clock is called, from its id within the ticket: ``SLA/first response#1``."""
    name = id_.partition("/")[2].rpartition("#")[0]
    return names.clock(name) if name else id_


def planned(line: Mapping[str, Any], now: dt.datetime) -> str:
    """Return when a line's alert was planned, in short."""
    return moments.short(dt.datetime.fromisoformat(str(line["planned_at"])), now=now)


def _reading(deed: str, who: str) -> Said | None:
    """Return the sentence for what somebody read in bulk, or wanted to take along."""
    words = {"who": who}
    match deed:
        case "bulk reading":
            text = _("%(who)s has opened as many tickets within an hour as one may")
            return Said(text % words, "breached", True)
        case "export asked":
            return Said(_("%(who)s asks you to agree to an export") % words, "at risk")
        case "export agreed":
            return Said(_("%(who)s has agreed to your export") % words, "met")
        case "export refused":
            return Said(_("%(who)s has refused your export") % words, "missed")
    return None


def _factors(deed: str) -> Said | None:
    """Return the sentence for a change of how one signs in."""
    text = factor_words.told(deed)
    return Said(text, "at risk", True) if text else None
