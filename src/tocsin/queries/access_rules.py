"""Rules for everybody as administrators see them: of fields, and of networks."""

import json
from dataclasses import dataclass

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Who reads a field and who changes it: roles and keys of permission sets."""

    id: int
    name: str
    readers: frozenset[str]
    writers: frozenset[str]


@dataclass(frozen=True, slots=True)
class NetworkRule:
    """A network from which holders of a role or permission set may come."""

    id: int
    holder: str
    network: str


@access.needs(Right.ADMINISTER)
def fields(*, by: Actor) -> list[FieldRule]:
    """Return the rules of fields by name."""
    with reach.reading(by):
        found = rows.query(
            "SELECT id, name, readers, writers FROM field_rule WHERE tenant_id = %s"
            " ORDER BY lower(name)",
            [by.tenant],
        )
    return [
        FieldRule(row[0], row[1], frozenset(json.loads(row[2])), frozenset(json.loads(row[3])))
        for row in found
    ]


@access.needs(Right.ADMINISTER)
def field_names(*, by: Actor) -> list[str]:
    """Return the fields that the company added itself, as they stand on tickets; the first 200."""
    with reach.reading(by):
        found = rows.query(
            "SELECT DISTINCT name FROM ticket_field WHERE tenant_id = %s ORDER BY 1 LIMIT 200",
            [by.tenant],
        )
    return [row[0] for row in found]


@access.needs(Right.ADMINISTER)
def networks(*, by: Actor) -> list[NetworkRule]:
    """Return the rules of networks by holder."""
    with reach.reading(by):
        found = rows.query(
            "SELECT id, holder, network FROM network_rule WHERE tenant_id = %s"
            " ORDER BY holder, network",
            [by.tenant],
        )
    return [NetworkRule(*row) for row in found]
