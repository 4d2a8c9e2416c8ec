"""What a desk may begin with, as data: calendars, a policy, and pipelines of usual processes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.queries.policy_file import Thing

OFFICE, ALWAYS, STANDARD = "office", "always", "standard"
_DAYS = ("mon", "tue", "wed", "thu", "fri")
_WEEK = (*_DAYS, "sat", "sun")
# Behind the policies that people write: it is for all tickets that no other is for.
_RANK = 900
_WARNED = [{"at": "75%", "notify": ["owner", "manager"]}]


@dataclass(frozen=True, slots=True)
class Starter:
    """Something to begin with: what it is called, what it is for, and what it brings along."""

    key: str
    name: str
    told: str
    things: tuple[Thing, ...]


def calendars(zone: str) -> tuple[Thing, ...]:
    """Return weekdays from nine to five in a zone, and a calendar that is always open."""
    office = {"zone": zone, "week": {day: ["09:00-17:00"] for day in _DAYS}}
    always = {"zone": zone, "week": {day: ["00:00-24:00"] for day in _WEEK}}
    return Thing("calendar", OFFICE, office), Thing("calendar", ALWAYS, always)


def policy() -> Thing:
    """Return a policy for all tickets: a first response in an hour, a resolution in a day."""
    data: dict[str, Any] = {
        "key": STANDARD,
        "rank": _RANK,
        "calendar": ALWAYS,
        "clocks": [
            {"clock": "first response", "targets": {"P1": "1h", "*": "1h"}, "alerts": _WARNED},
            {"clock": "resolution", "targets": {"P3": "24h", "*": "24h"}, "alerts": _WARNED},
        ],
    }
    return Thing("policy", STANDARD, data)


# Of each process: its name, and its stages as key, name, status and limit.
_Stages = tuple[tuple[str, str, str, str], ...]
_PIPELINES: Mapping[str, tuple[str, str, _Stages]] = {
    "support": (
        "Support",
        "questions and troubles of customers",
        (
            ("triage", "Triage", "new", "1h"),
            ("work", "In work", "open", ""),
            ("customer", "Waiting for customer", "waiting customer", ""),
            ("vendor", "Waiting for others", "waiting internal", "16h"),
            ("done", "Resolved", "resolved", ""),
            ("closed", "Closed", "closed", ""),
        ),
    ),
    "it": (
        "IT",
        "incidents and requests of colleagues",
        (
            ("new", "New", "new", "1h"),
            ("first line", "First line", "open", "8h"),
            ("second line", "Second line", "open", "16h"),
            ("user", "Waiting for user", "waiting customer", ""),
            ("supplier", "Waiting for supplier", "waiting internal", "24h"),
            ("done", "Resolved", "resolved", ""),
            ("closed", "Closed", "closed", ""),
        ),
    ),
    "hr": (
        "HR",
        "matters of people who work here",
        (
            ("received", "Received", "new", "8h"),
            ("review", "Review", "open", "16h"),
            ("approval", "Approval", "waiting internal", "16h"),
            ("employee", "Waiting for employee", "waiting customer", ""),
            ("done", "Settled", "resolved", ""),
            ("closed", "Closed", "closed", ""),
        ),
    ),
    "facilities": (
        "Facilities",
        "rooms, repairs and supplies",
        (
            ("reported", "Reported", "new", "4h"),
            ("planned", "Planned", "open", "16h"),
            ("contractor", "With contractor", "waiting internal", "40h"),
            ("on site", "On site", "open", "8h"),
            ("done", "Done", "resolved", ""),
            ("closed", "Closed", "closed", ""),
        ),
    ),
    "process": (
        "Process",
        "anything that goes from to do to done",
        (
            ("to do", "To do", "new", ""),
            ("doing", "Doing", "open", ""),
            ("waiting", "Waiting", "waiting internal", ""),
            ("done", "Done", "resolved", ""),
        ),
    ),
}


def pipeline(key: str) -> Thing:
    """Return the pipeline of a usual process; its limits count by the office's hours."""
    name, _, rows = _PIPELINES[key]
    stages = [
        {"key": stage, "name": title, "status": status} | ({"limit": limit} if limit else {})
        for stage, title, status, limit in rows
    ]
    return Thing("pipeline", key, {"name": name, "calendar": OFFICE, "stages": stages})


def starters(zone: str) -> dict[str, Starter]:
    """Return all that there is to begin with, by its key; calendars are of the zone."""
    hours = calendars(zone)
    found = [
        Starter("calendar", "Office hours", "weekdays from nine to five, and always open", hours),
        Starter(
            "policy",
            "Standard policy",
            "a first response in an hour and a resolution in 24 hours",
            (*hours, policy()),
        ),
        *(
            Starter(key, name, told, (*hours, pipeline(key)))
            for key, (name, told, _) in _PIPELINES.items()
        ),
    ]
    return {starter.key: starter for starter in found}
