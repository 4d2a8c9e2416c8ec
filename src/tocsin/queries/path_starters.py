"""Escalation paths that a desk may begin with, made of its own teams."""

from collections.abc import Iterator
from typing import Any

from tocsin.queries.desk import Desk, Team
from tocsin.queries.policy_file import Thing
from tocsin.queries.starters import Starter

_SECURITY = ("security", "säkerhet", "segurança")
_LEGAL = ("legal", "juridik", "jurídico", "compliance")
_HIGHEST = 3


def starters(at_work: Desk) -> dict[str, Starter]:
    """Return the paths that there are to begin with, by key; each is valid at this desk."""
    made = [
        Starter(
            "escalation",
            "Three levels",
            "the first balances, the second dispatches, the third runs an incident",
            (_path("three levels", _three_levels(at_work)),),
        ),
        Starter(
            "escalation-time",
            "Untouched",
            "four hours in a stage without a touch",
            (_path("untouched", _untouched(at_work)),),
        ),
        Starter(
            "escalation-priority",
            "Critical",
            "a ticket becomes P1",
            (_path("critical", _critical(at_work)),),
        ),
        Starter(
            "escalation-account",
            "Important accounts",
            "VIP and high-value accounts: the account manager takes part",
            (_path("important accounts", _accounts()),),
        ),
        Starter(
            "escalation-type",
            "Security and compliance",
            "security and legal beside IT",
            (_path("security and compliance", _security(at_work)),),
        ),
        Starter(
            "escalation-status",
            "Reopened",
            "a resolved ticket is open again: a senior agent owns it",
            (_path("reopened", _reopened(at_work)),),
        ),
    ]
    return {one.key: one for one in made}


def _path(key: str, data: dict[str, Any]) -> Thing:
    return Thing("path", key, {"name": key.capitalize(), **data})


def _team(at_work: Desk, level: int) -> Team | None:
    """Return the first team of a level, or else the highest one below it."""
    fitting = [team for team in at_work.teams.values() if team.level <= level]
    return min(fitting, key=lambda team: (-team.level, team.id), default=None)


def _owned(at_work: Desk, level: int) -> dict[str, Any]:
    """Return who owns a ticket at a level: its team, and an agent of the level where one is."""
    team = _team(at_work, level)
    found: dict[str, Any] = {"team": team.name} if team else {}
    able = any(person.active and person.level >= level for person in at_work.people.values())
    return found | ({"assign": f"level {level}"} if able else {})


def _three_levels(at_work: Desk) -> dict[str, Any]:
    return {
        "triggers": [{"on": "clock"}, {"on": "manual"}],
        "acknowledge_within": "2h",
        "levels": [
            {
                "name": "L1",
                **_owned(at_work, 1),
                "notify": ["lead"],
                "note": "Balance the queue, assign the ticket, answer by macro where one fits.",
            },
            {
                "name": "L2",
                "wait": "30m",
                "in": "wall",
                **_owned(at_work, 2),
                "notify": ["lead", "manager"],
                "note": "Dispatch an owner; call the customer back if there is none at once;"
                " review what was breached.",
            },
            {
                "name": "L3",
                "wait": "1h",
                "in": "wall",
                **_owned(at_work, _HIGHEST),
                "priority": "P1",
                "notify": ["manager", "department head"],
                "note": "Run it as an incident, publish a status note, co-ordinate recovery.",
            },
        ],
    }


def _untouched(at_work: Desk) -> dict[str, Any]:
    return {
        "triggers": [{"on": "time", "for": "4h", "in": "wall"}],
        "stop": ["acknowledged", "answered", "moved", "resolved"],
        "levels": [
            {"name": "L2", **_owned(at_work, 2), "notify": ["owner", "lead"]},
            {"name": "Manager", "wait": "2h", "in": "wall", "notify": ["manager"]},
        ],
    }


def _critical(at_work: Desk) -> dict[str, Any]:
    return {
        "triggers": [{"on": "priority", "is": ["P1"]}],
        "acknowledge_within": "30m",
        "levels": [
            {"name": "Told", "notify": ["owner", "lead", "manager"]},
            {"name": "L2", "wait": "15m", "in": "wall", **_owned(at_work, 2), "notify": ["lead"]},
            {"name": "Department", "wait": "30m", "in": "wall", "notify": ["department head"]},
        ],
    }


def _accounts() -> dict[str, Any]:
    important = {"any": [{"vip": True}, {"high_value": True}]}
    return {
        "triggers": [{"on": "account", "when": important}],
        "levels": [
            {
                "name": "Account manager",
                "notify": ["account manager"],
                "participants": ["account manager"],
            },
            {"name": "Lead", "wait": "1h", "in": "wall", "notify": ["lead"]},
        ],
    }


def _security(at_work: Desk) -> dict[str, Any]:
    return {
        "triggers": [{"on": "type", "is": ["security incident", "compliance complaint"]}],
        "stop": ["resolved"],
        "levels": [
            {"name": "IT", "branch": "IT", **_owned(at_work, 2), "notify": ["lead"]},
            {
                "name": "IT manager",
                "branch": "IT",
                "wait": "30m",
                "in": "wall",
                "notify": ["manager"],
            },
            {"name": "Security", "branch": "Security", **_told(at_work, _SECURITY)},
            {"name": "Legal", "branch": "Legal", **_told(at_work, _LEGAL)},
        ],
    }


def _told(at_work: Desk, words: tuple[str, ...]) -> dict[str, Any]:
    """Return who is told and takes part: the team of that name, or else the administrators."""
    named = next(_named(at_work, words), "administrators")
    return {"notify": [named], "participants": [named]}


def _named(at_work: Desk, words: tuple[str, ...]) -> Iterator[str]:
    for key in at_work.teams:
        if any(word in key for word in words):
            yield f"team:{key}"


def _reopened(at_work: Desk) -> dict[str, Any]:
    return {
        "triggers": [{"on": "status", "is": ["new", "open"], "was": ["resolved", "closed"]}],
        "levels": [
            {"name": "Senior", **_owned(at_work, 2), "notify": ["owner", "lead"]},
            {"name": "Manager", "wait": "1h", "in": "wall", "notify": ["manager"]},
        ],
    }
