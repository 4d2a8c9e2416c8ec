"""Whom a policy may name to be told: words for roles, teams, schedules, and people by address."""

import re
from collections.abc import Iterator

from tocsin.queries.desk import Desk
from tocsin.records.people import ROLES

# The words a policy may use, beside those that name a team, a role, a schedule or an address.
WORDS = (
    *("owner", "team", "manager", "lead", "account manager", "department head"),
    *("administrators", "senior", "first contact", "backup"),
)
TEAM = "team:"
ROLE = "role:"
ON_CALL = "on-call:"
MAIL = "mailto:"
LEAD = "/lead"
_ABOVE = re.compile(r"manager ([2-9])", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", re.ASCII)


def others(desk: Desk, word: str) -> Iterator[int]:
    """Yield the ids of the people that a word names whatever the ticket: of a team, or one.

    `team:KEY` are its members, `team:KEY/lead` leads it, `role:lead` are all of that role.
    """
    if word.startswith(TEAM):
        yield from _of_team(desk, word.removeprefix(TEAM).strip().casefold())
        return
    if word.startswith(ROLE):
        role = word.removeprefix(ROLE).strip()
        yield from (p.id for p in desk.people.values() if p.role == role)
        return
    yield from (p.id for p in desk.people.values() if p.email.casefold() == word.casefold())


def _of_team(desk: Desk, key: str) -> Iterator[int]:
    if (team := desk.teams.get(key)) is not None:
        yield from sorted(desk.members.get(team.id, frozenset()))
    elif key.endswith(LEAD) and (team := desk.teams.get(key.removesuffix(LEAD).strip())):
        yield from (team.lead,) if team.lead is not None else ()


def above(word: str) -> int:
    """Return how many levels up from the owner a word means: 1 for manager, 0 for other words.

    >>> above("manager"), above("manager 3"), above("lead")
    (1, 3, 0)
    """
    found = _ABOVE.fullmatch(word)
    return int(found[1]) if found else int(word == "manager")


def outside(word: str) -> str:
    """Return the address that a word names which is nobody's here, or nothing.

    >>> outside("mailto:ops@example.com"), outside("ops@example.com"), outside("mailto:ops")
    ('ops@example.com', '', '')
    """
    if not word.startswith(MAIL):
        return ""
    found = word.removeprefix(MAIL).strip()
    return found if _ADDRESS.fullmatch(found) else ""


def schedule(word: str) -> str:
    """Return the key of the schedule whose people on call a word names, or nothing."""
    return word.removeprefix(ON_CALL).strip() if word.startswith(ON_CALL) else ""


def unknown(desk: Desk, word: str) -> bool:
    """Say whether a word names nobody whatever the ticket."""
    if word in WORDS or above(word) or outside(word) or schedule(word):
        return False
    if word.startswith(ROLE):
        return word.removeprefix(ROLE).strip() not in ROLES
    # A team that is still to come is no slip: paths are often written first.
    return not word.startswith(TEAM) and not any(others(desk, word))
