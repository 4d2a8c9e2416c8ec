"""Publishing things of any kind together, in one transaction that somebody has begun."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.actions import config_versions, ledger, pipelines, sla
from tocsin.engine.calendar import Calendar
from tocsin.engine.version import CalendarVersion, Versions
from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid
from tocsin.queries import desk, pipeline_form
from tocsin.queries.access import Actor
from tocsin.queries.desk import Desk
from tocsin.queries.policy_file import Thing
from tocsin.records import rows

NEW_TICKETS = "new tickets"
# Beside these everything holds for what comes: there is nothing to choose.
_JUDGING = ("calendar", "policy")
# What is named by others comes before them.
_ORDER = (
    *("pipeline", "priorities", "options", "contract", "hours"),
    *("responsibilities", "on-call", "template", "path"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """Who publishes, on what basis for the clocks that run, why, and when.

    Without a basis calendars count for running clocks from now on, and policies for new tickets.
    """

    by: Actor
    now: dt.datetime
    basis: str | None = None
    reason: str = ""


def publish(things: Sequence[Thing], change: Change) -> list[str]:
    """Put things into force and return what became a new version; what is as it was does not.

    Calendars and policies go in together, so that they may name each other. A mistake in one of
    several things is refused by its place in a policy file.
    """
    made: list[str] = []
    calendars = {one.key: one.data for one in things if one.kind == "calendar"}
    policies = [one for one in things if one.kind == "policy"]
    if calendars or policies:
        made += _promises(calendars, policies, change)
    for kind in _ORDER:
        for one in (one for one in things if one.kind == kind):
            try:
                made += _other(one, change)
            except Invalid as error:
                raise (error if len(things) == 1 else error.under(one.place)) from None
    return made


def check_basis(things: Sequence[Thing], basis: str | None) -> None:
    """Refuse to choose for running clocks where a thing holds only for what comes."""
    if basis in (None, NEW_TICKETS) or any(one.kind in _JUDGING for one in things):
        return
    raise Invalid("basis", f"only calendars and policies can hold for more than {NEW_TICKETS}")


def _other(one: Thing, change: Change) -> list[str]:
    if one.kind != "pipeline":
        return config_versions.publish(
            kind=one.kind, key=one.key, data=one.data, by=change.by, now=change.now
        )
    found = rows.query(
        "SELECT v.data FROM pipeline p JOIN pipeline_version v ON v.tenant_id = p.tenant_id"
        " AND v.pipeline_id = p.id AND v.version = p.version"
        " WHERE p.tenant_id = %s AND p.key = %s",
        [change.by.tenant, one.key],
    )
    at_work, _ = desk.at_work(change.by.tenant)
    data = pipeline_form.checked(one.data, at_work)
    if found and canonical.encoded(json.loads(found[0][0])) == canonical.encoded(data):
        return []
    version = pipelines.publish(key=one.key, config=one.data, by=change.by, now=change.now)
    return [f"pipeline {one.key} v{version}"]


# ----------------------------------------------------------------------- calendars and policies


def _promises(calendars: Mapping[str, Any], policies: Sequence[Thing], change: Change) -> list[str]:
    """Publish calendars and policies in the company of those that there are.

    Those are given as they are stored, zones with their transitions: a newer time zone database
    must not make new versions of what nobody has touched.
    """
    tenant = change.by.tenant
    _check_ranks(policies, desk.at_work(tenant)[0])
    known = _stored(tenant, "calendar_version")
    config: dict[str, Any] = {
        "tocsin": 1,
        "calendars": {**known, **calendars},
        "policies": [_bare(one.data, one.key) for one in policies],
        "paths": _paths([one.data for one in policies]),
    }
    if not policies:
        # A file has a policy: any that there is, which is as it was.
        stored = list(_stored(tenant, "policy_version").values())[:1]
        config["policies"] = [_bare(data, data["key"]) for data in stored]
        config["paths"] = _paths(stored)
        if not stored:
            return _first_calendars(calendars, change)
    return sla.publish(
        config=config, by=change.by, basis=change.basis, reason=change.reason, now=change.now
    )


def _check_ranks(policies: Sequence[Thing], at_work: Desk) -> None:
    """Refuse the rank of a policy that stays; those that come together are compared as a file."""
    for k, one in enumerate(policies):
        rank, agreement = one.data.get("rank"), one.data.get("agreement", "SLA")
        for other in at_work.versions.policies:
            if other.key != one.key and (other.rank, other.agreement) == (rank, agreement):
                told = f"is the rank of {other.key!r}, of which there are versions already"
                raise Invalid(f"policies[{k}].rank", told)


def _first_calendars(calendars: Mapping[str, Any], change: Change) -> list[str]:
    """Publish calendars where there is no policy yet: nothing runs by them."""
    read = {
        key: (CalendarVersion(key, 1, Calendar.from_dict(data, f"calendars.{key}")),)
        for key, data in calendars.items()
    }
    made: list[str] = []
    with ledger.configuring(change.by.tenant, now=change.now) as (at_work, at):
        alone = sla._Change(change.by, at, sla.Basis.NEW_TICKETS, "")
        for key in calendars:
            made += sla._calendar(alone, at_work, key, Versions(read, ()))
    return made


def _stored(tenant: int, table: str) -> dict[str, Any]:
    found = rows.query(
        f"SELECT DISTINCT ON (key) key, data FROM {table} WHERE tenant_id = %s"
        " ORDER BY key, version DESC",
        [tenant],
    )
    return {key: json.loads(data) for key, data in found}


def _bare(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {"key": key, **{name: value for name, value in data.items() if name != "paths"}}


def _paths(policies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for data in policies:
        for name, path in data.get("paths", {}).items():
            if found.setdefault(name, path) != path:
                told = "two policies mean another path by this name; publish them one by one"
                raise Invalid(f"paths.{name}", told)
    return found
