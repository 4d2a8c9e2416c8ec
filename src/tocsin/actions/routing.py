"""Routing: which person gets a ticket that a path gives to a level, a role or a schedule."""

from tocsin.actions import recipients
from tocsin.actions.work import Work
from tocsin.queries import path_form
from tocsin.records import rows

_OPEN = "('new', 'open', 'waiting customer', 'waiting internal')"


def choose(work: Work, word: str) -> int | None:
    """Return the person whom a word comes to, the one with the least to do of several; or None.

    ``level 2`` is an agent of that level or a higher one: of the ticket's team if it has any, or
    else of any team.
    """
    level = path_form.level(word)
    if not level:
        return _least(work, recipients.found(work, [word]))
    team = work.desk.teams.get(str(work.field("team") or ""))
    members = work.desk.members.get(team.id, frozenset()) if team else frozenset()
    for group in (members, frozenset().union(*work.desk.members.values())):
        people = [id_ for id_ in sorted(group) if _able(work, id_, level)]
        if people:
            return _least(work, people)
    return None


def _able(work: Work, id_: int, level: int) -> bool:
    person = work.desk.people[id_]
    present = recipients.found(work, [person.email]) == [id_] if person.email else person.active
    return person.active and person.level >= level and present


def _least(work: Work, people: list[int]) -> int | None:
    """Return the one who owns the fewest open tickets; the first of several."""
    if len(people) < 2:
        return people[0] if people else None
    found = dict(
        rows.query(
            "SELECT assignee_id, count(*) FROM ticket WHERE tenant_id = %s"
            f" AND assignee_id = ANY(%s) AND status IN {_OPEN} GROUP BY 1",
            [work.tenant, people],
        )
    )
    return min(people, key=lambda id_: (found.get(id_, 0), people.index(id_)))
