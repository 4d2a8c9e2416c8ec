"""Setting what a tenant asks of those who sign in and read."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from tocsin.actions import configuration, ledger, sessions
from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, security
from tocsin.queries.access import RIGHTS, Actor, NotAllowed, Right
from tocsin.queries.security import Rules
from tocsin.records import rows

STREAM = "security"
# Roles that people may have; the others are no people of the desk.
ROLES = tuple(role for role in RIGHTS if role not in ("contact", "operator"))
_WITHIN = {"read_budget": (10, 100_000), "session_hours": (1, 168), "idle_minutes": (5, 1440)}


@access.needs(Right.ADMINISTER)
def set_rules(*, rules: Rules, by: Actor, now: dt.datetime | None = None) -> None:
    """Have these rules hold from now on; what differs from before is on record.

    They hold for sessions that run as well: who needs a second factor by now and has none is
    signed out, and a shorter time ends what is older at once.
    """
    for name, (least, most) in _WITHIN.items():
        if not least <= getattr(rules, name) <= most:
            raise Invalid(name, f"must be between {least} and {most}")
    unknown = sorted(rules.second_factor - set(ROLES))
    if unknown:
        raise Invalid("second_factor", f"there is no role {unknown[0]!r}")
    with ledger.configuring(by.tenant, now=now) as (_, at):
        before = security.in_force(by=by)
        if before.passwords and not rules.passwords and not security.other_way_in(by.tenant):
            raise Invalid("passwords", "is the only way in: set up an identity provider first")
        changed = _changed(before, rules)
        if not changed:
            return
        row = {"tenant_id": by.tenant, **_plain(rules), "changed_at": at}
        row["second_factor"] = canonical.encoded(row["second_factor"]).decode()
        rows.upsert("security", [row], ("tenant_id",))
        configuration.record(by, STREAM, by.tenant, "changed", changed, now=at)
        sessions.end_owing(by, at)
        sessions.bound(by.tenant, rules)


@access.operates
def keep_a_way_in(tenant: int) -> None:
    """Refuse what has just been done, in the caller's transaction, if it shut the last way in.

    Without passwords some administrator must be able to sign in by something else.
    """
    if not security.rules(tenant).passwords and not security.other_way_in(tenant):
        raise NotAllowed(
            "passwords are switched off and no administrator could sign in any more;"
            " switch passwords on first"
        )


def _plain(rules: Rules) -> dict[str, Any]:
    return {**asdict(rules), "second_factor": sorted(rules.second_factor)}


def _changed(before: Rules, after: Rules) -> dict[str, Any]:
    """Return what is other now, and what it was."""
    old, new = _plain(before), _plain(after)
    names = [name for name in new if new[name] != old[name]]
    return {name: {"from": old[name], "to": new[name]} for name in names}
