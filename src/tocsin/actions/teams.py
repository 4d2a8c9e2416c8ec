"""Teams: their names, who leads them, who works in them."""

import datetime as dt

from tocsin.actions import configuration, given, ledger
from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.desk import Desk, Team
from tocsin.records import rows


@access.needs(Right.ADMINISTER)
def change(
    *,
    team: int,
    name: str,
    by: Actor,
    level: int,
    lead: int | None,
    manager: int | None,
    members: tuple[int, ...],
    now: dt.datetime | None = None,
) -> None:
    """Say what a team is called, its level, who leads it and who works in it.

    The key stays as it is: facts and policies call the team by it.
    """
    name = given.text(name, "name")
    if not 1 <= level <= 9:
        raise Invalid("level", "must be 1 to 9")
    if len(set(members)) != len(members):
        raise Invalid("members", "somebody is named twice")
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = _team(at_work, team)
        _check_name(at_work, known, name)
        _check_people(at_work, lead, manager, members)
        rows.run(
            "UPDATE team SET name = %s, level = %s, lead_id = %s, manager_id = %s"
            " WHERE tenant_id = %s AND id = %s",
            [name, level, lead, manager, by.tenant, team],
        )
        before = at_work.members.get(team, frozenset())
        come, gone = sorted(set(members) - before), sorted(before - set(members))
        _work(by, team, come, gone)
        told = {"level": level, "lead": _id(lead), "manager": _id(manager)}
        listed = {"come": [str(one) for one in come], "gone": [str(one) for one in gone]}
        content = canonical.encoded({"name": name}).decode() if name != known.name else None
        configuration.record(by, "team", team, "changed", told | listed, now=at, content=content)
        _tell(by, team, come, gone, at)


@access.needs(Right.ADMINISTER)
def set_members(
    *, team: int, members: tuple[int, ...], by: Actor, now: dt.datetime | None = None
) -> None:
    """Say who works in a team."""
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        _team(at_work, team)
        _check_people(at_work, None, None, members)
        before = at_work.members.get(team, frozenset())
        come, gone = sorted(set(members) - before), sorted(before - set(members))
        if come or gone:
            _work(by, team, come, gone)
            told = {"come": [str(one) for one in come], "gone": [str(one) for one in gone]}
            configuration.record(by, "team", team, "members", told, now=at)
            _tell(by, team, come, gone, at)


def _tell(by: Actor, team: int, come: list[int], gone: list[int], at: dt.datetime) -> None:
    """Note it with the people too: what they may see may have changed, and open pages hear it."""
    for people, did in ((come, "came to team"), (gone, "left team")):
        for one in people:
            configuration.record(by, "person", one, did, {"team": str(team)}, now=at)


def _work(by: Actor, team: int, come: list[int], gone: list[int]) -> None:
    own = {"tenant_id": by.tenant, "team_id": team}
    rows.insert("membership", [{**own, "person_id": one} for one in come])
    rows.run(
        "DELETE FROM membership WHERE tenant_id = %s AND team_id = %s AND person_id = ANY(%s)",
        [by.tenant, team, gone],
    )


def _team(at_work: Desk, team: int) -> Team:
    found = at_work.team_by_id(team)
    if found is None:
        raise access.missing()
    return found


def _check_name(at_work: Desk, known: Team, name: str) -> None:
    """Refuse what another team is called or was: policies may still call it so."""
    for one in at_work.teams.values():
        if one.id != known.id and name.casefold() in (one.key, one.name.casefold()):
            raise Invalid("name", "another team is called so already")


def _check_people(
    at_work: Desk, lead: int | None, manager: int | None, members: tuple[int, ...]
) -> None:
    for field, one in (
        ("lead", lead),
        ("manager", manager),
        *(("members", one) for one in members),
    ):
        if one is not None and one not in at_work.people:
            raise Invalid(field, f"there is no person {one}")
    if lead is not None and not at_work.people[lead].active:
        raise NotAllowed("%(name)s has left and cannot lead a team", name=at_work.people[lead].name)


def _id(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)
