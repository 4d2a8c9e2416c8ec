"""What the log says of access, in the reader's words: what was done, to whom, by which values."""

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from tocsin.queries.access import Right
from tocsin.web import exports, moments, names, rights

# What was done, as facts name it. What is not here is shown as it stands.
DEEDS = {
    "added": _("added"),
    "address asked": _("asked for another address"),
    "address confirmed": _("confirmed the address"),
    "agreed": _("agreed to"),
    "asked": _("asked for"),
    "bulk reading": _("read too much at once"),
    "changed": _("changed"),
    "deactivated": _("access ended"),
    "ended": _("ended"),
    "factor added": _("second factor added"),
    "factor removed": _("second factor removed"),
    "factors reset": _("second factors reset"),
    "forgot people": _("forgot who is known"),
    "invitation accepted": _("accepted the invitation"),
    "invited": _("invited"),
    "linked": _("linked"),
    "made": _("made"),
    "manager": _("reports to somebody else"),
    "members": _("members changed"),
    "password changed": _("password changed"),
    "password link sent": _("link for a new password sent"),
    "password reset": _("password set by a link"),
    "password set": _("password set"),
    "permission set changed": _("permission set changed"),
    "permission set given": _("permission set given"),
    "permission set taken": _("permission set taken away"),
    "placed": _("placed by groups"),
    "reactivated": _("let in again"),
    "reading set": _("language and zone set"),
    "recovery code used": _("recovery code used"),
    "recovery codes made": _("recovery codes made"),
    "refused": _("refused"),
    "refused network": _("refused: not from there"),
    "removed": _("removed"),
    "revoked": _("revoked"),
    "saved": _("saved"),
    "signed in": _("signed in"),
    "signed out": _("signed out"),
    "switched off": _("switched off"),
    "switched on": _("switched on"),
    "taken": _("taken"),
}
_NAMES = {
    "by_email": _("Found by address"),
    "export_approval": _("Second person for exports"),
    "factor": _("Factor"),
    "hand_over_to": _("Tickets go to"),
    "holder": _("For"),
    "idle_minutes": _("Minutes without use"),
    "key": _("Key"),
    "language": _("Language"),
    "level": _("Level"),
    "links": _("Links"),
    "mailed": _("By mail"),
    "manager": _("Reports to"),
    "means": _("Signed in by"),
    "members": _("People"),
    "name": _("Name"),
    "network": _("Network"),
    "passwords": _("Passwords"),
    "person": _("Person"),
    "push": _("Web push"),
    "reach": _("For tickets"),
    "read_budget": _("Tickets in an hour"),
    "readers": _("Read by"),
    "rights": _("Rights"),
    "role": _("Role"),
    "rows": _("Rows"),
    "scopes": _("For"),
    "second_factor": _("Second factor"),
    "session_hours": _("Hours of a session"),
    "sessions": _("Sessions"),
    "set": _("Permission set"),
    "sets": _("Permission sets"),
    "teams": _("Teams"),
    "tokens": _("Tokens"),
    "tries": _("Tries"),
    "types": _("Types"),
    "until": _("Until"),
    "what": _("List"),
    "writers": _("Changed by"),
    "zone": _("Time zone"),
}
_REACH = {
    "all": _("all of them"),
    "own": _("of their own teams"),
    "teams": _("of named teams"),
}
# What values are ids of people.
_PEOPLE = frozenset({"person", "manager", "hand_over_to", "members"})


def deed(did: str) -> str:
    """Return what was done, as a reader says it."""
    return gettext(DEEDS[did]) if did in DEEDS else did


def details(told: Mapping[str, Any], person: Callable[[str], str] = str) -> str:
    """Return what a fact says beside what was done; `person` names somebody by their id."""
    return ", ".join(f"{_name(key)}: {_value(key, value, person)}" for key, value in told.items())


def _name(key: str) -> str:
    return gettext(_NAMES[key]) if key in _NAMES else key


def _value(key: str, value: Any, person: Callable[[str], str]) -> str:
    if isinstance(value, Mapping):
        if set(value) == {"from", "to"}:
            return f"{_value(key, value['from'], person)} → {_value(key, value['to'], person)}"
        return details(value, person)
    if isinstance(value, list):
        return " + ".join(_value(key, one, person) for one in value) or "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "–" if value in (None, "") else _plain(key, str(value), person)


def _plain(key: str, text: str, person: Callable[[str], str]) -> str:
    if key in _PEOPLE:
        return person(text)
    if text in names.ROLES and key in ("role", "holder", "readers", "writers", "second_factor"):
        return names.role(text)
    if key == "rights":
        with suppress(ValueError, KeyError):
            return rights.name(Right(text))
    if key == "reach" and text in _REACH:
        return gettext(_REACH[text])
    if key == "what" and text in exports.LISTS:
        return gettext(exports.LISTS[text])
    if key == "until":
        with suppress(ValueError):
            return moments.whole(dt.datetime.fromisoformat(text))
    return text
