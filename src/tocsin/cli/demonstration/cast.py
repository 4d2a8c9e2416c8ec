"""Who plays: two companies as their files describe them, and who they are in a database."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.kit import yaml_file
from tocsin.queries import access
from tocsin.queries.access import Actor

COMPANIES = ("granvik", "cais-sereno")
# The turns of a talk: the customer opens, the desk asks, and so on; after the last it is resolved.
OPENS, ASKS, ANSWERS, NOTES, SOLVES, THANKS, ENDS = range(7)
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: what it is about, and who says what in which turn."""

    key: str
    about: str
    pipeline: str
    subject: str
    says: tuple[str, ...]

    def line(self, turn: int, number: int) -> str:
        """Return what is said in a turn."""
        return self.says[turn].replace("{n}", str(number))

    def title(self, number: int) -> str:
        """Return the subject."""
        return self.subject.replace("{n}", str(number))


@dataclass(frozen=True, slots=True)
class Client:
    """A contact of an account, before either is in a database."""

    key: str
    name: str
    account: str
    plan: str


@dataclass(frozen=True, slots=True)
class Company:
    """A company as its file describes it."""

    key: str
    data: Mapping[str, Any]

    @property
    def team(self) -> str:
        """The team that takes what comes in."""
        return str(self.data["teams"][0]["name"])

    def clients(self) -> list[Client]:
        """Return the contacts of all accounts."""
        return [
            Client(f"{key}/{k}", name, key, account["plan"])
            for key, account in self.data["accounts"].items()
            for k, name in enumerate(account["contacts"])
        ]

    def agents(self, team: str) -> list[str]:
        """Return the agents of a team by their keys."""
        found = next(one for one in self.data["teams"] if one["name"] == team)
        return [who for who in found["members"] if self.data["people"][who]["role"] == "agent"]

    def teams(self, level: int) -> list[str]:
        """Return the names of the teams of a level."""
        return [one["name"] for one in self.data["teams"] if one["level"] == level]

    def address(self, who: str) -> str:
        """Return the e-mail address of somebody who works there."""
        return f"{who}@{self.key}.example"

    def talks(self) -> list[Talk]:
        """Return the conversations of its customers, a language as often as it is listed."""
        return [talk for language in self.data["talk"] for talk in _talks()[language]]


@dataclass(frozen=True, slots=True)
class Cast:
    """A company in a database: the ids of its tenant, people and contacts, by their keys."""

    tenant: int
    people: Mapping[str, int]
    contacts: Mapping[str, int]
    roles: Mapping[str, str]

    def person(self, who: str) -> Actor:
        """Return somebody who works there as an actor."""
        return access.person(self.tenant, self.people[who], self.roles[who])

    def contact(self, who: str) -> Actor:
        """Return a contact as an actor."""
        return access.contact(self.tenant, self.contacts[who])

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that `Cast(**data)` reads."""
        return {
            "tenant": self.tenant,
            "people": dict(self.people),
            "contacts": dict(self.contacts),
            "roles": dict(self.roles),
        }


@functools.cache
def _talks() -> dict[str, list[Talk]]:
    data = yaml_file.load(_DATA / "talk.yaml").data
    return {
        str(language): [
            Talk(
                f"{language}/{k}",
                str(one["about"]),
                str(one.get("pipeline", "support")),
                str(one["subject"]),
                tuple(str(line) for line in one["says"]),
            )
            for k, one in enumerate(listed)
        ]
        for language, listed in data.items()
    }


def talk(key: str) -> Talk:
    """Return a conversation by its key."""
    language, _, number = key.partition("/")
    return _talks()[language][int(number)]


def talks_in(language: str) -> Sequence[Talk]:
    """Return the conversations of a language, or of the drama."""
    return _talks()[language]


def note_on(one: Company, what: str) -> str:
    """Return what is special about a way to sign in, for the list of them; mostly nothing."""
    found = one.data.get("sign_in_notes", {}).get(what, "")
    return f"  ({found})" if found else ""


@functools.cache
def company(key: str) -> Company:
    """Return a company by its key."""
    return Company(key, yaml_file.load(_DATA / f"{key}.yaml").data)


def companies() -> Iterator[Company]:
    """Yield both companies."""
    yield from (company(key) for key in COMPANIES)
