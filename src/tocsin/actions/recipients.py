"""Who is told: the words of policies (owner, manager, lead, ...) as people."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from tocsin.actions.work import Work
from tocsin.queries import notified, on_call
from tocsin.queries.desk import Desk, Person, Team
from tocsin.queries.notified import WORDS, unknown

__all__ = ["BY_DEFAULT", "WORDS", "found", "outside", "resolve", "unknown"]

BY_DEFAULT = ("owner", "manager")


def resolve(work: Work, words: Iterable[str]) -> list[int]:
    """Return the ids of the people that the words name for this ticket, each once.

    An owner who left, or a ticket without one, falls to the team's lead; a manager to the team's
    manager. If nobody is found at all the lead is told, then the administrators: an alert never
    goes nowhere. Nobody is meant if the words name addresses outside of the desk alone.
    """
    listed = list(words)
    told = found(work, listed)
    if told or (listed and all(notified.outside(word) for word in listed)):
        return told
    # Administrators who are all away are told none the less.
    return found(work, ("lead",)) or found(work, ("administrators",)) or work.desk.administrators()


def found(work: Work, words: Iterable[str]) -> list[int]:
    """Return the ids of the people that the words name, each once; it may be nobody.

    Who has left is not told. In the place of somebody who is away it is their substitute, or
    theirs in turn.
    """
    told: dict[int, None] = {}
    for word in words:
        for id_ in _named(work, word.strip()):
            person = work.desk.people.get(id_)
            if person is None or not person.active:
                continue
            there = on_call.present(work.desk, id_, work.now)
            if there is not None:
                told[there] = None
    return list(told)


def outside(words: Iterable[str]) -> list[str]:
    """Return the mail addresses that the words name which are nobody's here, each once."""
    return list(dict.fromkeys(filter(None, (notified.outside(word.strip()) for word in words))))


def _named(work: Work, word: str) -> Iterator[int]:
    if levels := notified.above(word):
        return _managers(work, _team(work), levels)
    if key := notified.schedule(word):
        return iter(on_call.at(work.desk, key, work.now))
    found = _WORDS.get(word)
    return found(work) if found else notified.others(work.desk, word)


def _one(id_: int | None) -> Iterator[int]:
    if id_ is not None:
        yield id_


def _team(work: Work) -> Team | None:
    return work.desk.teams.get(str(work.field("team") or ""))


def _owner(work: Work) -> Person | None:
    id_ = str(work.field("assignee") or "")
    person = work.desk.people.get(int(id_)) if id_.isdecimal() else None
    return person if person is not None and person.active else None


def _managers(work: Work, team: Team | None, levels: int) -> Iterator[int]:
    """Yield who is so many levels above the owner, or the highest that there is.

    Without an owner, or above one who has nobody above, it begins with the team's manager.
    """
    owner = _owner(work)
    chain = list(_above(work.desk, owner.id)) if owner else []
    if not chain and team and team.manager is not None:
        chain = [team.manager, *_above(work.desk, team.manager)]
        chain = [id_ for id_ in chain if _active(work.desk, id_)]
    if chain:
        yield chain[min(levels, len(chain)) - 1]
    else:
        yield from _one(team.lead if team else None)


def _above(desk: Desk, id_: int) -> Iterator[int]:
    """Yield the managers of a person upwards; those who have left are passed over."""
    seen = {id_}
    person = desk.people.get(id_)
    while person and person.manager is not None and person.manager not in seen:
        seen.add(person.manager)
        if _active(desk, person.manager):
            yield person.manager
        person = desk.people.get(person.manager)


def _active(desk: Desk, id_: int) -> bool:
    person = desk.people.get(id_)
    return person is not None and person.active


def _responsible(work: Work, which: str) -> Iterator[int]:
    """Yield who answers for tickets of this type; `*` is for types that the map does not name."""
    type_ = str(work.field("type") or work.field("category") or "").strip().casefold()
    types = work.desk.reaching.types
    told = types.get(type_) or types.get("*") or {}
    address = told.get(which, "")
    yield from notified.others(work.desk, address) if address else ()


def _own(work: Work) -> Iterator[int]:
    owner, team = _owner(work), _team(work)
    return _one(owner.id if owner else team.lead if team else None)


def _lead(work: Work) -> Iterator[int]:
    team = _team(work)
    return _one(team.lead if team else None)


def _members(work: Work) -> list[int]:
    team = _team(work)
    return sorted(work.desk.members.get(team.id, ())) if team else []


def _senior(work: Work) -> Iterator[int]:
    return (id_ for id_ in _members(work) if work.desk.people[id_].level >= 2)


_WORDS: Mapping[str, Callable[[Work], Iterator[int]]] = {
    "owner": _own,
    "team": lambda work: iter(_members(work)),
    "lead": _lead,
    "department head": lambda work: _managers(work, _team(work), 2),
    "account manager": lambda work: _one(work.row.get("account_manager_id")),
    "administrators": lambda work: iter(work.desk.administrators()),
    "senior": _senior,
    "first contact": lambda work: _responsible(work, "first"),
    "backup": lambda work: _responsible(work, "backup"),
}
