"""People and teams."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from tocsin.actions import (
    access_rules,
    configuration,
    given,
    leaving,
    ledger,
    security,
    sessions,
)
from tocsin.engine.zone import Zone
from tocsin.kit import canonical, shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.desk import Desk, Person
from tocsin.records import rows
from tocsin.records.people import ROLES

LANGUAGES = ("en", "sv", "pt-BR")
# Where a manager may be given, and None says that there is none: the one there is stays.
AS_IS = -1


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
        _check_free(at_work, email)
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


def _check_free(at_work: Desk, email: str, person: int | None = None) -> None:
    key = email.casefold()
    if any(p.email.casefold() == key and p.id != person for p in at_work.people.values()):
        raise Invalid("email", f"somebody has the address {email} already")


def _checked(role: str, level: int, language: str, zone: str) -> dict[str, Any]:
    own = {"role": role, "level": level, "language": language, "zone": zone}
    _check(own)
    return {**own, "password": "", "is_active": True}


def _check(given_: dict[str, Any]) -> None:
    """Refuse what nobody can be; what is not named is not looked at."""
    if "role" in given_:
        shape.one_of(given_["role"], "role", ROLES)
    if "language" in given_:
        shape.one_of(given_["language"], "language", LANGUAGES)
    if "zone" in given_:
        Zone.from_dict(given_["zone"], "zone")
    if not 1 <= given_.get("level", 1) <= 9:
        raise Invalid("level", "must be 1 to 9")


@access.needs(Right.ADMINISTER)
def edit(
    *,
    person: int,
    by: Actor,
    name: str | None = None,
    email: str | None = None,
    role: str | None = None,
    level: int | None = None,
    manager: int | None = AS_IS,
    language: str | None = None,
    zone: str | None = None,
    external_id: str | None = None,
    address: str = "",
    now: dt.datetime | None = None,
) -> None:
    """Change what is known of somebody; what is not named stays as it is.

    The last administrator keeps the role, and nobody takes one by which they could not come in
    from their present network `address`. With another e-mail address the links that went to the old
    one are worth nothing any more.
    """
    named = {"role": role, "level": level, "language": language, "zone": zone}
    plain: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
    _check(plain)
    own = _personal(name, email, external_id)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = _known(at_work, person, "person")
        plain = {key: value for key, value in plain.items() if value != getattr(known, key)}
        own = {key: value for key, value in own.items() if value != getattr(known, key, None)}
        if plain.get("role", "administrator") != "administrator":
            _check_administrators(at_work, person)
        if "email" in own:
            _check_free(at_work, own["email"], person)
            own["email_key"] = own["email"].casefold()
            leaving.end_links(by, person, at)
        if manager not in (AS_IS, known.manager):
            _check_manager(at_work, known, manager)
            plain["manager_id"] = manager
        if plain or own:
            _update("person", person, {**plain, **own}, by)
            told, content = _told(plain, own)
            configuration.record(by, "person", person, "changed", told, now=at, content=content)
        if "role" in plain:
            _check_way_in(by, person, address)
            sessions.end_owing(by, at, person=person)


def _check_way_in(by: Actor, person: int, address: str) -> None:
    """Refuse a role that has just been given if by it the desk, or its giver, were shut out."""
    security.keep_a_way_in(by.tenant)
    if person == by.person:
        access_rules.check_comes_back(by, address)


def _personal(name: str | None, email: str | None, external_id: str | None) -> dict[str, Any]:
    own: dict[str, Any] = {}
    if name is not None:
        own["name"] = given.text(name, "name")
    if email is not None:
        own["email"] = _address(email)
    if external_id is not None:
        own["external_id"] = given.text(external_id, "external_id", kind="key", empty=True)
    return own


def _told(plain: dict[str, Any], own: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return what the log says of a change: what is personal is content, which can be erased."""
    told = {key: value for key, value in plain.items() if key != "manager_id"}
    if "manager_id" in plain:
        told["manager"] = _id(plain["manager_id"])
    kept = {key: value for key, value in own.items() if key != "email_key"}
    content = canonical.encoded(kept).decode() if kept else None
    return told | {"fields": sorted(kept)}, content


def _check_administrators(at_work: Desk, person: int) -> None:
    """Refuse to lose the last one. Under the configuration's lock: of two at once one waits."""
    if at_work.administrators() == [person]:
        raise NotAllowed("nobody else is an administrator; make somebody one first")


@access.needs(Right.ADMINISTER)
def deactivate(
    *, person: int, by: Actor, hand_over_to: int | None = None, now: dt.datetime | None = None
) -> int:
    """End somebody's access at once, and give away their open tickets; returns how many.

    Sessions, links, tokens and web push end in one transaction; after it nothing can be assigned
    to them. Then their open tickets go to who is named, or back to their teams' queues, some at a
    time. Called again it goes on where it was interrupted.
    """
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = _known(at_work, person, "person")
        if hand_over_to is not None:
            heir = at_work.people.get(hand_over_to)
            if heir is None or not heir.active or heir.id == person:
                raise Invalid("hand_over_to", "must be somebody else who works here")
        if known.active:
            _check_administrators(at_work, person)
            _update("person", person, {"is_active": False}, by)
            told = leaving.end_access(by, person, at)
            told["hand_over_to"] = _id(hand_over_to)
            configuration.record(by, "person", person, "deactivated", told, now=at)
            security.keep_a_way_in(by.tenant)
    return leaving.hand_over(by, person, hand_over_to, now=now)


@access.needs(Right.ADMINISTER)
def reactivate(*, person: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Let somebody in again, with the role, sets and teams they had; no old session or token."""
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        if not _known(at_work, person, "person").active:
            _update("person", person, {"is_active": True}, by)
            configuration.record(by, "person", person, "reactivated", {}, now=at)


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
        _check_manager(at_work, _known(at_work, person, "person"), manager)
        _update("person", person, {"manager_id": manager}, by)
        told = {"manager": _id(manager)}
        configuration.record(by, "person", person, "manager", told, now=at)


def _check_manager(at_work: Desk, known: Person, manager: int | None) -> None:
    if manager is None:
        return
    above = _known(at_work, manager, "manager")
    if _reports_to(at_work, manager, known.id):
        raise NotAllowed(
            "%(above)s reports to %(name)s, perhaps by way of others; nobody can be their own"
            " manager in the end",
            above=above.name,
            name=known.name,
        )


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


def _known(at_work: Desk, id_: int, field: str) -> Person:
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
