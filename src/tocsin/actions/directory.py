"""What a directory changes here: people and teams, and who is in which, by way of SCIM.

Each change looks at what there is and writes what follows under one lock, so that of two at once
the second goes on from what the first has made.
"""

import datetime as dt
from collections.abc import Callable

from tocsin.actions import configuration, given, ledger, people, teams
from tocsin.queries import access, directory
from tocsin.queries.access import Actor, NotAllowed, Refused, Right
from tocsin.queries.desk import Desk
from tocsin.queries.directory import Compared, Group, Person
from tocsin.records import rows

# Whoever comes from a directory may do nothing until somebody here, or a mapping of groups, says.
ROLE = "limited"


class Taken(Refused):
    """Somebody else has it already, and only one can."""


@access.needs(Right.ADMINISTER)
def add_person(*, wanted: Person, by: Actor, now: dt.datetime | None = None) -> int:
    """Add a person of a directory, who may do nothing yet; return their id."""
    external = _external(wanted.external)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        _check_address(at_work, wanted.email, 0)
        _check_external(by, "person", external, 0)
        id_: int = people.add_person(name=wanted.name, email=wanted.email, role=ROLE, by=by, now=at)
        if external:
            _call(by, "person", id_, external, at)
    if not wanted.active:
        people.deactivate(person=id_, by=by, now=now)
    return id_


@access.needs(Right.ADMINISTER)
def change_person(
    person: int, *, to: Callable[[Person], Person], by: Actor, now: dt.datetime | None = None
) -> None:
    """Make of a person what `to` makes of them; who is not active any more has left."""
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        before = _person(by, person)
        after = to(before)
        external = _external(after.external)
        _check_address(at_work, after.email, person)
        _check_external(by, "person", external, person)
        # Looked at before anything is written: what is refused is refused whole.
        if not after.active and at_work.administrators() == [person]:
            raise NotAllowed("nobody else is an administrator; make somebody one first")
        if (after.name, after.email) != (before.name, before.email):
            people.edit(person=person, name=after.name, email=after.email, by=by, now=at)
        if external != before.external:
            _call(by, "person", person, external, at)
    if not after.active:
        people.deactivate(person=person, by=by, now=now)
    elif not before.active:
        people.reactivate(person=person, by=by, now=now)


@access.needs(Right.ADMINISTER)
def add_group(*, wanted: Group, by: Actor, now: dt.datetime | None = None) -> int:
    """Add a team of a directory, with its members; return its id."""
    external = _external(wanted.external)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        _check_name(at_work, wanted.name, 0)
        _check_external(by, "team", external, 0)
        members = tuple(sorted({one.id for one in wanted.members}))
        id_: int = people.add_team(name=wanted.name, members=members, by=by, now=at)
        if external:
            _call(by, "team", id_, external, at)
    return id_


@access.needs(Right.ADMINISTER)
def change_group(
    group: int, *, to: Callable[[Group], Group], by: Actor, now: dt.datetime | None = None
) -> None:
    """Make of a team what `to` makes of it."""
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        before = _group(by, group)
        after = to(before)
        external = _external(after.external)
        _check_name(at_work, after.name, group)
        _check_external(by, "team", external, group)
        members = tuple(sorted({one.id for one in after.members}))
        known = at_work.team_by_id(group)
        if known is not None and after.name != before.name:
            teams.change(
                team=group,
                name=after.name,
                level=known.level,
                lead=known.lead,
                manager=known.manager,
                members=members,
                by=by,
                now=at,
            )
        elif members != tuple(sorted(one.id for one in before.members)):
            teams.set_members(team=group, members=members, by=by, now=at)
        if external != before.external:
            _call(by, "team", group, external, at)


def _person(by: Actor, id_: int) -> Person:
    found = directory.people(where=Compared("id", str(id_)), by=by).found
    if not found:
        raise access.missing()
    person: Person = found[0]
    return person


def _group(by: Actor, id_: int) -> Group:
    found = directory.groups(where=Compared("id", str(id_)), by=by).found
    if not found:
        raise access.missing()
    group: Group = found[0]
    return group


def _external(value: str) -> str:
    return given.text(value, "externalId", kind="key", empty=True)


def _check_external(by: Actor, table: str, external: str, id_: int) -> None:
    if external and rows.query(
        f"SELECT 1 FROM {table} WHERE tenant_id = %s AND external_id = %s AND id <> %s",
        [by.tenant, external, id_],
    ):
        raise Taken("another resource has this externalId already")


def _check_address(at_work: Desk, email: str, id_: int) -> None:
    key = email.strip().casefold()
    if any(one.email.casefold() == key and one.id != id_ for one in at_work.people.values()):
        raise Taken("somebody has this userName already")


def _check_name(at_work: Desk, name: str, id_: int) -> None:
    key = name.strip().casefold()
    for one in at_work.teams.values():
        if one.id != id_ and key in (one.key, one.name.casefold()):
            raise Taken("another group has this displayName already")


def _call(by: Actor, table: str, id_: int, external: str, at: dt.datetime) -> None:
    """Note what the directory calls something. It may be an address, so it is content."""
    rows.run(
        f"UPDATE {table} SET external_id = %s WHERE tenant_id = %s AND id = %s",
        [external, by.tenant, id_],
    )
    told = {"kept": bool(external)}
    configuration.record(by, table, id_, "directory", told, now=at, content=external or None)
