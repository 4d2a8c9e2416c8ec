"""Rules for everybody: who reads and changes a field, and from which networks people may come."""

import datetime as dt
import ipaddress
import json
from collections.abc import Iterable

from tocsin.actions import configuration, given, ledger
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, readers
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.records import rows
from tocsin.records.people import ROLES

# Fields that every ticket has and a rule may be about; a company's own ones besides.
BUILT_IN = ("priority", "type")


@access.needs(Right.ADMINISTER)
def save_field(
    *,
    name: str,
    readers: Iterable[str],
    writers: Iterable[str],
    by: Actor,
    now: dt.datetime | None = None,
) -> int:
    """Say which roles and permission sets read a field of tickets, and which change it.

    Whoever changes it reads it too. Returns the rule's id; a field has one at most.
    """
    if name not in BUILT_IN:
        given.own_field(name, "")
    change = set(writers)
    read = set(readers) | change
    with ledger.configuring(by.tenant, now=now) as (_, at):
        if not read <= _holders(by):
            raise Invalid("readers", "must be roles and permission sets of this desk")
        if not read:
            raise Invalid("readers", "choose somebody who may read it")
        known = rows.query(
            "SELECT id FROM field_rule WHERE tenant_id = %s AND name = %s", [by.tenant, name]
        )
        id_ = int(known[0][0]) if known else rows.ids("field_rule", 1)[0]
        row = {"readers": json.dumps(sorted(read)), "writers": json.dumps(sorted(change))}
        if known:
            rows.run(
                "UPDATE field_rule SET readers = %s, writers = %s, changed_at = %s"
                " WHERE tenant_id = %s AND id = %s",
                [*row.values(), at, by.tenant, id_],
            )
        else:
            own = {"id": id_, "tenant_id": by.tenant, "name": name, "changed_at": at}
            rows.insert("field_rule", [{**own, **row}])
        told = {"name": name, "readers": sorted(read), "writers": sorted(change)}
        configuration.record(by, "field rule", id_, "saved", told, now=at)
    return id_


@access.needs(Right.ADMINISTER)
def remove_field(*, rule: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Remove the rule of a field: everybody who sees the ticket reads it again."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        found = rows.query(
            "DELETE FROM field_rule WHERE tenant_id = %s AND id = %s RETURNING name",
            [by.tenant, rule],
        )
        if not found:
            raise access.missing()
        configuration.record(by, "field rule", rule, "removed", {"name": found[0][0]}, now=at)


@access.needs(Right.ADMINISTER)
def add_network(
    *, holder: str, network: str, by: Actor, address: str = "", now: dt.datetime | None = None
) -> int:
    """Have holders of a role or permission set come from a network (or others of their rules) only.

    Refused when whoever makes the rule, from their present `address`, could not come in by it.
    Returns the rule's id.
    """
    named = _network(network)
    with ledger.configuring(by.tenant, now=now) as (_, at):
        if holder not in _holders(by):
            raise Invalid("holder", "must be a role or a permission set of this desk")
        if rows.query(
            "SELECT 1 FROM network_rule WHERE tenant_id = %s AND holder = %s AND network = %s",
            [by.tenant, holder, named],
        ):
            raise Invalid("network", "is there already")
        id_ = rows.ids("network_rule", 1)[0]
        row = {"id": id_, "tenant_id": by.tenant, "holder": holder, "network": named}
        rows.insert("network_rule", [{**row, "changed_at": at}])
        check_comes_back(by, address)
        told = {"holder": holder, "network": named}
        configuration.record(by, "network rule", id_, "added", told, now=at)
    return id_


@access.needs(Right.ADMINISTER)
def remove_network(
    *, rule: int, by: Actor, address: str = "", now: dt.datetime | None = None
) -> None:
    """Take a network away; without any people may come from anywhere."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        found = rows.query(
            "DELETE FROM network_rule WHERE tenant_id = %s AND id = %s RETURNING holder, network",
            [by.tenant, rule],
        )
        if not found:
            raise access.missing()
        check_comes_back(by, address)
        told = {"holder": found[0][0], "network": found[0][1]}
        configuration.record(by, "network rule", rule, "removed", told, now=at)


def _network(text: str) -> str:
    """Return a network as it is written, ``10.20.0.0/16``; a single address is one of its own."""
    try:
        found = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise Invalid("network", "is no network; write it like 10.20.0.0/16") from None
    if found.version == 6 and found.network_address.ipv4_mapped is not None:
        raise Invalid("network", "is no network; write it like 10.20.0.0/16")
    return str(found)


@access.operates
def check_comes_back(by: Actor, address: str) -> None:
    """Refuse what has just been written if whoever did it could not come back to undo it.

    Call it in the same transaction. Commands of the installation come from anywhere.
    """
    if by.person is None:
        return
    reader = readers.reader(by.tenant, by.person)
    if reader is not None and not reader.comes_from(address):
        raise NotAllowed(
            "you come from %(address)s and would shut yourself out; add that network first",
            address=address or "an unknown address",
        )


def _holders(by: Actor) -> set[str]:
    found = rows.query("SELECT key FROM permission_set WHERE tenant_id = %s", [by.tenant])
    return {*ROLES, *(row[0] for row in found)}
