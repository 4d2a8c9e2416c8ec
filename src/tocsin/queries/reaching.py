"""How people are reached, as alerts need it: their own addresses, templates, responsibilities.

A desk keeps what these return, so that an alert is decided without a look at the database. Call
them inside the tenant.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.records import rows


@dataclass(frozen=True, slots=True)
class Method:
    """One address of a person in a channel; with `critical_only` nothing else is sent there."""

    id: int
    channel: str
    address: str
    critical_only: bool


@dataclass(frozen=True, slots=True)
class Reaching:
    """What a desk knows of reaching people.

    `methods` are a person's in their order, `templates` and `types` (who answers for tickets of a
    type) as their newest versions say.
    """

    methods: Mapping[int, tuple[Method, ...]] = field(default_factory=dict)
    templates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def reaching(tenant: int) -> Reaching:
    """Return what a tenant's desk knows of reaching people."""
    kept = _newest(tenant)
    listed: Mapping[str, Any] = kept.get(("responsibilities", "map"), {}).get("types", {})
    return Reaching(
        methods=_methods(tenant),
        templates={key: data for (kind, key), data in kept.items() if kind == "template"},
        types={type_.strip().casefold(): told for type_, told in listed.items()},
    )


def _methods(tenant: int) -> dict[int, tuple[Method, ...]]:
    found: dict[int, list[Method]] = defaultdict(list)
    for person, *one in rows.query(
        "SELECT person_id, id, channel, address, critical_only FROM contact_method"
        " WHERE tenant_id = %s ORDER BY person_id, position, id",
        [tenant],
    ):
        found[person].append(Method(*one))
    return {person: tuple(listed) for person, listed in found.items()}


def _newest(tenant: int) -> dict[tuple[str, str], Mapping[str, Any]]:
    found = rows.query(
        "SELECT DISTINCT ON (kind, key) kind, key, data FROM config_version WHERE tenant_id = %s"
        " AND kind IN ('template', 'responsibilities') ORDER BY kind, key, version DESC",
        [tenant],
    )
    return {(kind, key): json.loads(data) for kind, key, data in found}
