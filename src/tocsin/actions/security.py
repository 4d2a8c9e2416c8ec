"""Setting what a tenant asks of those who sign in and read."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from tocsin.actions import configuration, ledger
from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, security
from tocsin.queries.access import RIGHTS, Actor, Right
from tocsin.queries.security import Rules
from tocsin.records import rows

STREAM = "security"
# Roles that people may have; the others are no people of the desk.
ROLES = tuple(role for role in RIGHTS if role not in ("contact", "operator"))
_WITHIN = {"read_budget": (10, 100_000), "session_hours": (1, 168), "idle_minutes": (5, 1440)}


@access.needs(Right.ADMINISTER)
def set_rules(*, rules: Rules, by: Actor, now: dt.datetime | None = None) -> None:
    """Have these rules hold from now on; what differs from before is on record."""
    for name, (least, most) in _WITHIN.items():
        if not least <= getattr(rules, name) <= most:
            raise Invalid(name, f"must be between {least} and {most}")
    unknown = sorted(rules.second_factor - set(ROLES))
    if unknown:
        raise Invalid("second_factor", f"there is no role {unknown[0]!r}")
    with ledger.configuring(by.tenant, now=now) as (_, at):
        before = security.in_force(by=by)
        _keep_a_way_in(before, rules, by)
        changed = _changed(before, rules)
        if not changed:
            return
        row = {"tenant_id": by.tenant, **_plain(rules), "changed_at": at}
        row["second_factor"] = canonical.encoded(row["second_factor"]).decode()
        rows.upsert("security", [row], ("tenant_id",))
        configuration.record(by, STREAM, by.tenant, "changed", changed, now=at)


def _keep_a_way_in(before: Rules, after: Rules, by: Actor) -> None:
    """Refuse to shut the last door: without passwords people come by an identity provider."""
    if before.passwords and not after.passwords and not security.other_ways(by=by):
        raise Invalid("passwords", "is the only way in: set up an identity provider first")


def _plain(rules: Rules) -> dict[str, Any]:
    return {**asdict(rules), "second_factor": sorted(rules.second_factor)}


def _changed(before: Rules, after: Rules) -> dict[str, Any]:
    """Return what is other now, and what it was."""
    old, new = _plain(before), _plain(after)
    names = [name for name in new if new[name] != old[name]]
    return {name: {"from": old[name], "to": new[name]} for name in names}
