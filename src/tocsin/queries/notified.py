"""Whom a policy may name to be told: words for roles, teams, and people by their address."""

from collections.abc import Iterator

from tocsin.queries.desk import Desk

# The words a policy may use, beside team:KEY and a person's address.
WORDS = (
    *("owner", "manager", "lead", "account manager", "department head"),
    *("administrators", "senior"),
)
TEAM = "team:"


def others(desk: Desk, word: str) -> Iterator[int]:
    """Yield the ids of the people that a word names whatever the ticket: of a team, or one."""
    if word.startswith(TEAM):
        team = desk.teams.get(word.removeprefix(TEAM).strip().casefold())
        yield from sorted(desk.members.get(team.id, frozenset())) if team else ()
        return
    yield from (p.id for p in desk.people.values() if p.email.casefold() == word.casefold())


def unknown(desk: Desk, word: str) -> bool:
    """Say whether a word names nobody whatever the ticket."""
    return word not in WORDS and not word.startswith(TEAM) and not any(others(desk, word))
