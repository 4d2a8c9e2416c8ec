"""Permission sets: rights that an administrator puts together, and the people who hold them."""

import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import Any

from tocsin.actions import access_rules, configuration, given, ledger
from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.desk import Desk
from tocsin.queries.permission_sets import GIVEN
from tocsin.records import rows
from tocsin.records.access import REACHES
from tocsin.records.people import ROLES

_STREAM = "permission set"
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MOST_TYPES = 50


@access.needs(Right.ADMINISTER)
def save(
    *,
    key: str,
    name: str,
    rights: Iterable[str],
    by: Actor,
    reach: str = "all",
    teams: Iterable[int] = (),
    types: Iterable[str] = (),
    new: bool = False,
    now: dt.datetime | None = None,
) -> int:
    """Make a permission set, or change the one of that key; returns its id.

    `reach` says which tickets its rights are for: ``all``, those of the holder's ``own`` teams, or
    of the named ``teams``; `types` narrows it further. A `new` one must have a key of its own.
    """
    _check_key(key, reach)
    wanted, named = _rights(rights), _types(types)
    row: dict[str, Any] = {
        "name": given.text(name, "name"),
        "rights": json.dumps(wanted),
        "reach": reach,
    }
    row["types"] = json.dumps(named)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        of = sorted(set(teams)) if reach == "teams" else []
        _check_teams(at_work, reach, of)
        known = _id(by, key)
        if known is not None and new:
            raise Invalid("key", "there is a permission set of that key already")
        row |= {"teams": json.dumps(of), "changed_at": at}
        id_ = rows.ids("permission_set", 1)[0] if known is None else known
        if known is None:
            rows.insert("permission_set", [{"id": id_, "tenant_id": by.tenant, "key": key, **row}])
        else:
            _update(by, id_, row)
        told = {"set": key, "rights": wanted, "reach": reach, "teams": [str(one) for one in of]}
        content = canonical.encoded({"name": row["name"]}).decode()
        did = "added" if known is None else "changed"
        full = {**told, "types": named}
        configuration.record(by, _STREAM, id_, did, full, now=at, content=content)
        _tell(by, id_, key, at)
    return id_


def _check_key(key: str, reach: str) -> None:
    if _KEY.fullmatch(key) is None or key in ROLES:
        raise Invalid("key", "must be small letters, digits and hyphens, and no role's name")
    if reach not in REACHES:
        raise Invalid("reach", "must be one of those that are offered")


def _rights(names: Iterable[str]) -> list[str]:
    """Return rights in their order; what is not there, or nobody's to give, is not given."""
    found = set(names)
    if not found <= {right.value for right in GIVEN}:
        raise Invalid("rights", "must be some of those that are offered")
    if not found:
        raise Invalid("rights", "choose at least one right")
    return [right.value for right in Right if right.value in found]


def _types(names: Iterable[str]) -> list[str]:
    found = sorted({given.text(one, "types", kind="type") for one in names})
    if len(found) > _MOST_TYPES:
        raise Invalid("types", "are too many")
    return found


def _check_teams(at_work: Desk, reach: str, teams: list[int]) -> None:
    if not {one.id for one in at_work.teams.values()} >= set(teams):
        raise Invalid("teams", "must be teams of this desk")
    if reach == "teams" and not teams:
        raise Invalid("teams", "choose at least one team")


def _update(by: Actor, id_: int, row: dict[str, Any]) -> None:
    columns = ", ".join(f"{column} = %s" for column in row)
    rows.run(
        f"UPDATE permission_set SET {columns} WHERE tenant_id = %s AND id = %s",
        [*row.values(), by.tenant, id_],
    )


def _tell(by: Actor, id_: int, key: str, at: dt.datetime) -> None:
    """Note it with whoever holds the set: open pages look again at what is theirs to see."""
    for person in _holders(by, id_):
        configuration.record(by, "person", person, "permission set changed", {"set": key}, now=at)


@access.needs(Right.ADMINISTER)
def remove(*, key: str, by: Actor, now: dt.datetime | None = None) -> None:
    """Remove a permission set that nobody holds and no rule names."""
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        id_ = _known(by, key)
        if held := _holders(by, id_):
            names = ", ".join(sorted(at_work.people[one].name for one in held))
            raise NotAllowed("it is held by %(names)s; take it from them first", names=names)
        if rows.query(
            "SELECT 1 FROM field_rule WHERE tenant_id = %s"
            " AND (readers::jsonb ? %s OR writers::jsonb ? %s)"
            " UNION ALL SELECT 1 FROM network_rule WHERE tenant_id = %s AND holder = %s",
            [by.tenant, key, key, by.tenant, key],
        ):
            raise NotAllowed("a rule for fields or networks names it; change that rule first")
        rows.run("DELETE FROM permission_set WHERE tenant_id = %s AND id = %s", [by.tenant, id_])
        configuration.record(by, _STREAM, id_, "removed", {"set": key}, now=at)


@access.needs(Right.ADMINISTER)
def grant(
    *, person: int, key: str, by: Actor, address: str = "", now: dt.datetime | None = None
) -> None:
    """Give somebody a permission set beside their role.

    Refused when whoever gives it to themselves could not come in with it from their `address`.
    """
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        id_ = _known(by, key)
        if person not in at_work.people:
            raise access.missing()
        if person in _holders(by, id_):
            return
        row = {"tenant_id": by.tenant, "person_id": person, "permission_set_id": id_}
        rows.insert("permission_grant", [{**row, "granted_at": at}])
        if person == by.person:
            access_rules.check_comes_back(by, address)
        configuration.record(by, "person", person, "permission set given", {"set": key}, now=at)


@access.needs(Right.ADMINISTER)
def revoke(*, person: int, key: str, by: Actor, now: dt.datetime | None = None) -> None:
    """Take a permission set from somebody."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        id_ = _known(by, key)
        if person not in _holders(by, id_):
            return
        rows.run(
            "DELETE FROM permission_grant"
            " WHERE tenant_id = %s AND person_id = %s AND permission_set_id = %s",
            [by.tenant, person, id_],
        )
        configuration.record(by, "person", person, "permission set taken", {"set": key}, now=at)


def _holders(by: Actor, id_: int) -> list[int]:
    found = rows.query(
        "SELECT person_id FROM permission_grant WHERE tenant_id = %s AND permission_set_id = %s"
        " ORDER BY person_id",
        [by.tenant, id_],
    )
    return [row[0] for row in found]


def _known(by: Actor, key: str) -> int:
    found = _id(by, key)
    if found is None:
        raise access.missing()
    return found


def _id(by: Actor, key: str) -> int | None:
    found = rows.query(
        "SELECT id FROM permission_set WHERE tenant_id = %s AND key = %s", [by.tenant, key]
    )
    return found[0][0] if found else None
