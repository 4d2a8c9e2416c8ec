"""What a tenant asks of those who sign in and read."""

import json
from dataclasses import dataclass

from django.db import transaction

from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows


@dataclass(frozen=True, slots=True)
class Rules:
    """What a tenant asks for. `second_factor` are the roles that need one.

    `read_budget` is how many tickets a person may open in an hour. A session ends after
    `session_hours`, or `idle_minutes` without use. Without `passwords` people sign in by way of an
    identity provider only.
    """

    read_budget: int = 300
    export_approval: bool = False
    second_factor: frozenset[str] = frozenset()
    session_hours: int = 12
    idle_minutes: int = 120
    passwords: bool = True


@access.operates
def rules(tenant: int) -> Rules:
    """Return what a tenant asks for; what it never set is as the defaults say."""
    with transaction.atomic(), context.tenant(tenant):
        return _rules(tenant)


@access.needs(Right.ADMINISTER)
def in_force(*, by: Actor) -> Rules:
    """Return the same for whoever sets it."""
    with reach.reading(by):
        return _rules(by.tenant)


def _rules(tenant: int) -> Rules:
    found = rows.query(
        "SELECT read_budget, export_approval, second_factor, session_hours, idle_minutes, passwords"
        " FROM security WHERE tenant_id = %s",
        [tenant],
    )
    if not found:
        return Rules()
    budget, approval, factor, hours, idle, passwords = found[0]
    return Rules(budget, approval, frozenset(json.loads(factor)), hours, idle, passwords)


@access.needs(Right.ADMINISTER)
def other_ways(*, by: Actor) -> int:
    """Return how many identity providers people may sign in by."""
    with reach.reading(by):
        return int(
            rows.query(
                "SELECT count(*) FROM identity_provider WHERE tenant_id = %s AND enabled",
                [by.tenant],
            )[0][0]
        )
