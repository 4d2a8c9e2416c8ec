"""What stored words are called on screens: statuses, priorities, clocks, kinds of events."""

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from tocsin.engine.score import Reason
from tocsin.queries.faces import Face

_ = gettext_noop
_NOTHING = dt.timedelta(0)

LOOKS = {
    "on track": _("on track"),
    "at risk": _("at risk"),
    "imminent": _("imminent"),
    "breached": _("breached"),
    "paused": _("paused"),
    "off hours": _("off hours"),
    "met": _("met"),
    "missed": _("missed"),
    "unschedulable": _("unschedulable"),
}
STATUSES = {
    "new": _("New"),
    "open": _("Open"),
    "waiting customer": _("Waiting for customer"),
    "waiting internal": _("Waiting internally"),
    "resolved": _("Resolved"),
    "closed": _("Closed"),
    "spam": _("Spam"),
    "merged": _("Merged"),
}
PRIORITIES = {
    "P1": _("Critical"),
    "P2": _("High"),
    "P3": _("Normal"),
    "P4": _("Low"),
}
CHANNELS = {
    "": _("Other"),
    "email": _("E-mail"),
    "mail": _("E-mail"),
    "phone": _("Phone"),
    "chat": _("Chat"),
    "whatsapp": _("WhatsApp"),
    "portal": _("Portal"),
}
CLOCKS = {
    "first response": _("First response"),
    "next response": _("Next response"),
    "resolution": _("Resolution"),
    "periodic update": _("Periodic update"),
    "pausable update": _("Pausable update"),
    "requester wait": _("Requester wait"),
    "agent work": _("Agent work"),
    "time in stage": _("Time in stage"),
    "time to own": _("Time to own"),
    "team ownership": _("Team ownership"),
    "callback": _("Callback"),
    "vendor": _("Vendor"),
    "messaging window": _("Messaging window"),
    "acknowledgement": _("Acknowledgement"),
    "stage": _("Stage"),
}
SHORT_CLOCKS = {
    "first response": _("FR"),
    "next response": _("NR"),
    "resolution": _("RES"),
    "periodic update": _("UPD"),
    "pausable update": _("UPD"),
    "requester wait": _("WAIT"),
    "agent work": _("WORK"),
    "time in stage": _("ST"),
    "time to own": _("OWN"),
    "team ownership": _("OLA"),
    "callback": _("CALL"),
    "vendor": _("UC"),
    "messaging window": _("WIN"),
    "acknowledgement": _("ACK"),
    "stage": _("ST"),
}
VERDICTS = {
    "met": _("met"),
    "breached": _("breached"),
    "open": _("still open"),
    "none": _("no verdict"),
}
ROLES = {
    "agent": _("Agent"),
    "lead": _("Lead"),
    "manager": _("Manager"),
    "administrator": _("Administrator"),
    "auditor": _("Auditor"),
    "limited": _("Limited"),
}


def look(key: str) -> str:
    """Return what a clock's look is called."""
    return gettext(LOOKS[key])


def status(key: str) -> str:
    """Return what a status is called."""
    return gettext(STATUSES[key]) if key in STATUSES else key


def priority(key: str) -> str:
    """Return what a priority is called."""
    return gettext(PRIORITIES[key]) if key in PRIORITIES else key


def channel(key: str) -> str:
    """Return what a channel is called."""
    return gettext(CHANNELS[key]) if key in CHANNELS else key


def channel_icon(key: str) -> str:
    """Return the icon of a channel."""
    return key if key and key in CHANNELS else "other"


def verdict(key: str) -> str:
    """Return what a verdict is called."""
    return gettext(VERDICTS[key]) if key in VERDICTS else key


def role(key: str) -> str:
    """Return what a role is called."""
    return gettext(ROLES[key])


def clock(key: str, *, short: bool = False) -> str:
    """Return what a clock is called; that of a stage says no more than that it is one."""
    known = "stage" if key.startswith("stage ") else key
    table = SHORT_CLOCKS if short else CLOCKS
    return gettext(table[known]) if known in table else key


@functools.lru_cache(maxsize=1024)
def initials(name: str) -> str:
    """Return the initials of a name, two at most."""
    parts = [part for part in name.split() if part[0].isalnum()]
    return "".join(
        part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)
    ).upper()


# Stands where a kept card is filled in.
GAP = "\0"


@dataclass(frozen=True, slots=True)
class Words:
    """What a clock says of what is left, in one language."""

    left_text: str
    over: str
    paused_left: str
    met_left: str
    missed_over: str
    no_due: str
    length: str
    looks: Mapping[str, str]

    def left(self, face: Face, *, slim: bool) -> str:
        """Return what a clock shows; a slim one says no more than it must."""
        left = face.left
        if face.look in ("met", "missed", "paused"):
            if slim or left is None:
                return self.looks[face.look].capitalize()
            told = {"met": self.met_left, "missed": self.missed_over}
            return told.get(face.look, self.paused_left) % {"time": self.span(left)}
        if left is None or face.look == "unschedulable":
            return self.no_due
        if left < _NOTHING:
            return self.over % {"time": self.span(left)}
        return self.span(left) if slim else self.left_text % {"time": self.span(left)}

    def span(self, found: dt.timedelta) -> str:
        """Return a length as `moments.length` does."""
        seconds = abs(int(found.total_seconds()))
        if seconds < 3600:
            return f"{seconds // 60}:{seconds % 60:02}"
        hours, rest = divmod(seconds, 3600)
        return self.length % {"hours": hours, "minutes": f"{rest // 60:02}"}


@functools.lru_cache(maxsize=8)
def words(language: str) -> Words:
    """Return the words of a language, which must be the one at work."""
    del language
    return Words(
        left_text=gettext("%(time)s left"),
        over=gettext("+%(time)s over"),
        paused_left=gettext("Paused · %(time)s left"),
        met_left=gettext("Met · %(time)s left"),
        missed_over=gettext("Missed · %(time)s over"),
        no_due=gettext("No due date"),
        length=gettext("%(hours)s h %(minutes)s m"),
        looks={key: gettext(name) for key, name in LOOKS.items()},
    )


def left(face: Face, slim: bool = False) -> str:
    """Return what a clock shows of what is left."""
    return words(translation.get_language() or "en").left(face, slim=slim)


def is_long(left: dt.timedelta | None) -> bool:
    """Say whether a length takes so much room that the clock's name beside it must be short."""
    return left is None or left < _NOTHING or left >= dt.timedelta(hours=1)


def reasons(found: Iterable[Reason]) -> list[str]:
    """Return the reasons for a ticket's place that are not on its clock already, three at most."""
    told = [reason(one.key, one.value) for one in found if one.key not in ("due", "breached")]
    return told[:3]


def reason(key: str, value: str) -> str:
    """Return why a ticket stands where it stands, in a word or two."""
    match key:
        case "due":
            return gettext("time left")
        case "no due":
            return gettext("no due date")
        case "waiting customer":
            return gettext("waits for the customer")
        case "priority":
            return f"{value} {priority(value)}"
        case "plan":
            return value
        case "vip":
            return gettext("VIP")
        case "high value":
            return gettext("high-value account")
        case "customer waiting":
            return gettext("the customer waits for an answer")
        case "breached":
            return gettext("one promise is broken already")
    return key
