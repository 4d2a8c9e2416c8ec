"""Teams as administrators see them."""

from dataclasses import dataclass

from tocsin.queries import access, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk, Person, Team
from tocsin.records import rows

_OPEN = "('new', 'open', 'waiting customer', 'waiting internal')"


@dataclass(frozen=True, slots=True)
class Shown:
    """A team, the people in it, and how many open tickets it has."""

    team: Team
    lead: str
    manager: str
    members: tuple[Person, ...]
    open: int


@access.needs(Right.ADMINISTER)
def listed(*, by: Actor) -> list[Shown]:
    """Return the teams by level and name."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        count = dict(
            rows.query(
                "SELECT team_id, count(*) FROM ticket WHERE tenant_id = %s"
                f" AND team_id IS NOT NULL AND status IN {_OPEN} GROUP BY 1",
                [by.tenant],
            )
        )
    found = sorted(at_work.teams.values(), key=lambda t: (t.level, t.name.casefold()))
    return [_shown(at_work, team, count.get(team.id, 0)) for team in found]


@access.needs(Right.ADMINISTER)
def one(*, team: int, by: Actor) -> Shown:
    """Return a team."""
    found = next((each for each in listed(by=by) if each.team.id == team), None)
    if found is None:
        raise access.missing()
    return found


def _shown(at_work: Desk, team: Team, count: int) -> Shown:
    members = [at_work.people[id_] for id_ in at_work.members.get(team.id, ())]
    return Shown(
        team=team,
        lead=_name(at_work, team.lead),
        manager=_name(at_work, team.manager),
        members=tuple(sorted(members, key=lambda one: (one.name.casefold(), one.id))),
        open=count,
    )


def _name(at_work: Desk, person: int | None) -> str:
    return at_work.people[person].name if person is not None else ""
