"""Who is told: the words of policies (owner, manager, lead, ...) as people."""

from collections.abc import Iterable, Iterator

from tocsin.actions.work import Work
from tocsin.queries import notified
from tocsin.queries.desk import Desk, Person
from tocsin.queries.notified import WORDS, unknown

__all__ = ["BY_DEFAULT", "WORDS", "resolve", "unknown"]

BY_DEFAULT = ("owner", "manager")


def resolve(work: Work, words: Iterable[str]) -> list[int]:
    """Return the ids of the people that the words name for this ticket, each once.

    An owner who left, or a ticket without one, falls to the team's lead; a manager to the team's
    manager. If nobody is found at all the administrators are told: an alert never goes nowhere.
    """
    found: dict[int, None] = {}
    for word in words:
        for id_ in _named(work, word):
            person = work.desk.people.get(id_)
            if person is not None and person.active:
                found[id_] = None
    return list(found) or work.desk.administrators()


def _named(work: Work, word: str) -> Iterator[int]:
    desk = work.desk
    owner = _owner(work)
    team = desk.teams.get(str(work.field("team") or ""))
    lead = team.lead if team else None
    manager = owner.manager if owner and owner.manager else (team.manager if team else None)
    match word:
        case "owner":
            found = owner.id if owner else lead
        case "manager":
            found = manager or lead
        case "lead":
            found = lead
        case "department head":
            found = _above(desk, manager) or manager
        case "account manager":
            found = work.row.get("account_manager_id")
        case "administrators":
            yield from desk.administrators()
            return
        case "senior":
            yield from _senior(work)
            return
        case _:
            yield from notified.others(desk, word)
            return
    if found is not None:
        yield found


def _owner(work: Work) -> Person | None:
    id_ = str(work.field("assignee") or "")
    person = work.desk.people.get(int(id_)) if id_.isdecimal() else None
    return person if person is not None and person.active else None


def _above(desk: Desk, id_: int | None) -> int | None:
    person = desk.people.get(id_) if id_ is not None else None
    return person.manager if person else None


def _senior(work: Work) -> Iterator[int]:
    team = work.desk.teams.get(str(work.field("team") or ""))
    members = work.desk.members.get(team.id, frozenset()) if team else frozenset()
    yield from (id_ for id_ in sorted(members) if work.desk.people[id_].level >= 2)
