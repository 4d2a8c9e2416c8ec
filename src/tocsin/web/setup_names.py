"""What the words of the configuration are called on screens: fields, comparisons, who is told."""

from django.utils.translation import gettext, gettext_noop

_ = gettext_noop

FIELDS = {
    "priority": _("Priority"),
    "status": _("Status"),
    "stage": _("Stage"),
    "pipeline": _("Pipeline"),
    "team": _("Team"),
    "assignee": _("Owner"),
    "account": _("Account"),
    "plan": _("Plan"),
    "vip": _("VIP"),
    "high_value": _("High-value account"),
    "type": _("Type"),
    "channel": _("Channel"),
    "contract": _("Contract"),
    "impact": _("Impact"),
    "urgency": _("Urgency"),
}
COMPARISONS = {
    "in": _("is"),
    "not_in": _("is not"),
    "contains": _("contains"),
    "at_least": _("is at least"),
    "at_most": _("is at most"),
    "set": _("has a value"),
    "empty": _("is empty"),
}
WHO = {
    "owner": _("Owner"),
    "lead": _("Team lead"),
    "manager": _("Manager"),
    "department head": _("Department head"),
    "account manager": _("Account manager"),
    "senior": _("Senior agents"),
    "administrators": _("Administrators"),
}
AGREEMENTS = {
    "SLA": _("SLA: a promise to the customer"),
    "OLA": _("OLA: a promise between teams"),
    "UC": _("UC: a promise of a vendor"),
}
CALENDARS = {
    "named": _("A named calendar"),
    "account": _("The account's own"),
    "contract": _("The contract's"),
    "team": _("The team's own"),
    "assignee": _("The owner's own"),
    "union": _("Open where any of several is"),
    "intersection": _("Open where all of several are"),
}
ALERTS = {
    "at": _("share of the target"),
    "before": _("before the due"),
    "after": _("after the due"),
}
BASES = {"business": _("business time"), "wall": _("wall time")}
PREDICATES = {
    "start": _("Starts when"),
    "stop": _("Stops when"),
    "pause": _("Pauses when"),
    "resume": _("Resumes when"),
    "reset": _("Is reset when"),
    "cancel": _("Is cancelled when"),
}
KINDS = {
    "calendar": _("Calendar"),
    "policy": _("Policy"),
    "pipeline": _("Pipeline"),
    "contract": _("Contract"),
    "hours": _("Whose calendar"),
    "priorities": _("Priorities"),
    "options": _("Options"),
    "path": _("Escalation path"),
    "on-call": _("On-call schedule"),
    "responsibilities": _("Responsibility map"),
}


def _of(table: dict[str, str], key: str) -> str:
    return gettext(table[key]) if key in table else key


def field(key: str) -> str:
    """Return what a field of tickets is called; a company's own by its own name."""
    return _of(FIELDS, key)


def comparison(key: str) -> str:
    """Return what a comparison is called."""
    return _of(COMPARISONS, key)


def told(key: str) -> str:
    """Return what those who are told are called."""
    return _of(WHO, key)


def agreement(key: str) -> str:
    """Return what kind of promise an agreement is."""
    return _of(AGREEMENTS, key)


def calendar(key: str) -> str:
    """Return how a calendar is found."""
    return _of(CALENDARS, key)


def alert(key: str) -> str:
    """Return how an alert counts."""
    return _of(ALERTS, key)


def basis(key: str) -> str:
    """Return which time is meant."""
    return _of(BASES, key)


def predicate(key: str) -> str:
    """Return what a predicate does."""
    return _of(PREDICATES, key)


def kind(key: str) -> str:
    """Return what a kind of configuration is called."""
    return _of(KINDS, key)
