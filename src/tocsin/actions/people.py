"""People and teams."""

import datetime as dt
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from tocsin.actions import configuration, given, ledger
from tocsin.engine.zone import Zone
from tocsin.kit import canonical, shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows
from tocsin.records.people import ROLES

LANGUAGES = ("en", "sv", "pt-BR")
LEAST_PASSWORD = 12
MOST_PASSWORD = 1024


@access.needs(Right.ADMINISTER)
def add_person(
    *,
    name: str,
    email: str,
    by: Actor,
    role: str = "agent",
    level: int = 1,
    manager: int | None = None,
    language: str = "en",
    zone: str = "UTC",
    now: dt.datetime | None = None,
) -> int:
    """Add a person and return their id. An agent of level 2 and up is senior."""
    name, email = given.text(name, "name"), _address(email)
    row = _checked(role, level, language, zone)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        if any(p.email.casefold() == email.casefold() for p in at_work.people.values()):
            raise Invalid("email", f"somebody has the address {email} already")
        if manager is not None:
            _known(at_work, manager, "manager")
        id_ = rows.ids("person", 1)[0]
        own = {"id": id_, "tenant_id": by.tenant, "manager_id": manager, "name": name}
        rows.insert("person", [{**own, **row, "email": email, "email_key": email.casefold()}])
        told = {"role": role, "level": level, "manager": _id(manager)}
        content = canonical.encoded({"name": name, "email": email}).decode()
        configuration.record(by, "person", id_, "added", told, now=at, content=content)
    return id_


def _address(email: str) -> str:
    found = given.text(email, "email")
    if "@" not in found or any(sign.isspace() or not sign.isprintable() for sign in found):
        raise Invalid("email", f"{found!r} is no address")
    return found


def _checked(role: str, level: int, language: str, zone: str) -> dict[str, Any]:
    shape.one_of(role, "role", ROLES)
    shape.one_of(language, "language", LANGUAGES)
    Zone.from_dict(zone, "zone")
    if not 1 <= level <= 9:
        raise Invalid("level", "must be 1 to 9")
    own = {"role": role, "level": level, "language": language, "zone": zone}
    return {**own, "password": "", "is_active": True}


@access.needs(Right.ADMINISTER)
def set_password(*, person: int, password: str, by: Actor, now: dt.datetime | None = None) -> None:
    """Give somebody a password of at least 12 characters; their sessions end by it."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD or "\0" in password:
        told = f"must have {LEAST_PASSWORD} to {MOST_PASSWORD} characters, no NUL among them"
        raise Invalid("password", told)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        _known(at_work, person, "person")
        _update("person", person, {"password": make_password(password)}, by)
        configuration.record(by, "person", person, "password set", {}, now=at)


@access.needs(Right.SIGNED_IN)
def set_reading(*, language: str, zone: str, by: Actor, now: dt.datetime | None = None) -> None:
    """Choose the language and the zone that one reads in oneself."""
    shape.one_of(language, "language", LANGUAGES)
    Zone.from_dict(zone, "zone")
    if by.person is None:
        raise access.missing()
    with ledger.configuring(by.tenant, now=now) as (_, at):
        told = {"language": language, "zone": zone}
        _update("person", by.person, told, by)
        configuration.record(by, "person", by.person, "reading set", told, now=at)


@access.needs(Right.ADMINISTER)
def set_manager(
    *, person: int, manager: int | None, by: Actor, now: dt.datetime | None = None
) -> None:
    """Say who somebody reports to; a circle is refused."""
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = _known(at_work, person, "person")
        if manager is not None:
            above = _known(at_work, manager, "manager")
            if _reports_to(at_work, manager, person):
                raise NotAllowed(
                    f"{above.name} reports to {known.name}, perhaps by way of others; nobody can "
                    "be their own manager in the end"
                )
        _update("person", person, {"manager_id": manager}, by)
        told = {"manager": _id(manager)}
        configuration.record(by, "person", person, "manager", told, now=at)


def _reports_to(at_work: Desk, person: int | None, manager: int) -> bool:
    seen: set[int] = set()
    while person is not None and person not in seen:
        if person == manager:
            return True
        seen.add(person)
        found = at_work.people.get(person)
        person = found.manager if found else None
    return False


@access.needs(Right.ADMINISTER)
def add_team(
    *,
    name: str,
    by: Actor,
    level: int = 1,
    lead: int | None = None,
    manager: int | None = None,
    members: tuple[int, ...] = (),
    now: dt.datetime | None = None,
) -> int:
    """Add a team and return its id. Configuration calls it by its name, in any case."""
    name = given.text(name, "name")
    key = name.casefold()
    if len(set(members)) != len(members):
        raise Invalid("members", "somebody is named twice")
    if not 1 <= level <= 9:
        raise Invalid("level", "must be 1 to 9")
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        if key in at_work.teams:
            raise Invalid("name", f"there is a team {name!r} already")
        named = [("lead", lead), ("manager", manager), *(("members", one) for one in members)]
        for field, one in named:
            if one is not None:
                _known(at_work, one, field)
        id_ = rows.ids("team", 1)[0]
        row = {"id": id_, "tenant_id": by.tenant, "key": key, "name": name, "level": level}
        rows.insert("team", [{**row, "lead_id": lead, "manager_id": manager}])
        own = {"tenant_id": by.tenant, "team_id": id_}
        rows.insert("membership", [{**own, "person_id": one} for one in members])
        told = {"key": key, "level": level, "lead": _id(lead), "manager": _id(manager)}
        listed = {"members": [str(one) for one in members]}
        configuration.record(by, "team", id_, "added", {**told, **listed}, now=at)
    return id_


def _known(at_work: Desk, id_: int, field: str) -> Any:
    found = at_work.people.get(id_)
    if found is None:
        raise Invalid(field, f"there is no person {id_}")
    return found


def _id(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)


def _update(table: str, id_: int, changes: dict[str, Any], by: Actor) -> None:
    columns = ", ".join(f"{column} = %s" for column in changes)
    try:
        with transaction.atomic():
            rows.run(
                f"UPDATE {table} SET {columns} WHERE tenant_id = %s AND id = %s",
                [*changes.values(), by.tenant, id_],
            )
    except IntegrityError as error:
        raise NotAllowed(str(error).splitlines()[0]) from None
