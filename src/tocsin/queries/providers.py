"""Providers as the settings show them; of a secret it is shown that there is one, and no more."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows


@dataclass(frozen=True, slots=True)
class Shown:
    """A provider. `used` says that its channel's messages go to it; `told` is its last trouble."""

    id: int
    channel: str
    name: str
    settings: Mapping[str, str]
    secrets: frozenset[str]
    enabled: bool
    used: bool
    changed_at: dt.datetime
    tested_at: dt.datetime | None
    told: str


_FOUND = (
    "SELECT id, channel, name, settings, secret, enabled,"
    " enabled AND id = first_value(id) OVER (PARTITION BY channel"
    " ORDER BY enabled DESC, position, id),"
    " changed_at, tested_at, told FROM provider WHERE tenant_id = %s"
    " ORDER BY channel, position, id"
)


@access.needs(Right.ADMINISTER)
def listed(*, by: Actor) -> list[Shown]:
    """Return a tenant's providers by channel, each channel's in their order."""
    with reach.reading(by):
        found = rows.query(_FOUND, [by.tenant])
    return [
        Shown(
            id=row[0],
            channel=row[1],
            name=row[2],
            settings=json.loads(row[3]),
            secrets=frozenset(json.loads(row[4] or "{}")),
            enabled=row[5],
            used=row[6],
            changed_at=row[7],
            tested_at=row[8],
            told=row[9],
        )
        for row in found
    ]


@access.needs(Right.ADMINISTER)
def one(id_: int, *, by: Actor) -> Shown:
    """Return one provider."""
    for shown in listed(by=by):
        if shown.id == id_:
            return shown
    raise access.missing()
