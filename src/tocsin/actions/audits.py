"""The desk's audit of itself: when it is done, what came of it, and who is told of a difference."""

import datetime as dt
import json
import zoneinfo
from dataclasses import asdict, dataclass

from django.db import transaction

from tocsin.actions import alarms, ledger, tenants
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.queries.reckoning import Reckoning
from tocsin.records import context, rows

KIND = "audit"
AT_NIGHT = dt.time(2)
SAMPLE = 20
# For how long a run is its process's; it says again and again that it lives.
LEASE = dt.timedelta(minutes=15)
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """A run that this process has taken; `until` is its hold on it, which nobody else has."""

    tenant: int
    timer: int
    started_at: dt.datetime
    until: dt.datetime


@access.operates
def plan(*, now: dt.datetime | None = None) -> None:
    """Plan the next night's run of every tenant that has none planned."""
    for tenant, _, _ in tenants.everyone():
        with transaction.atomic(), context.tenant(tenant):
            at = now or ledger.clock()
            where = [tenant, KIND]
            if rows.query("SELECT 1 FROM schedule WHERE tenant_id = %s AND kind = %s", where):
                continue
            night = _night(tenant, at)
            row = {"tenant_id": tenant, "kind": KIND, "object": 0, "attempts": 0}
            rows.add_missing(
                "schedule",
                [{**row, "wake_at": night, "planned_for": night}],
                ("tenant_id", "kind", "object"),
            )


@access.operates
def take(*, now: dt.datetime | None = None) -> Turn | None:
    """Take a run that is due, of any tenant, so that nobody else does it; None if there is none."""
    with transaction.atomic():
        found = rows.query("SELECT * FROM schedule_claim(%s, %s, %s)", [1, now, [KIND]])
        if not found:
            return None
        tenant, timer = int(found[0][0]), int(found[0][1])
        with context.tenant(tenant):
            at = now or ledger.clock()
            rows.run(
                "UPDATE schedule SET held_until = %s, attempts = attempts + 1"
                " WHERE tenant_id = %s AND id = %s",
                [at + LEASE, tenant, timer],
            )
    return Turn(tenant, timer, at, at + LEASE)


@access.operates
def hold(turn: Turn, *, now: dt.datetime | None = None) -> Turn | None:
    """Hold a run for longer; None when it has been taken over by somebody else."""
    with transaction.atomic(), context.tenant(turn.tenant):
        until = (now or ledger.clock()) + LEASE
        held = rows.query(
            "UPDATE schedule SET held_until = %s WHERE tenant_id = %s AND id = %s"
            " AND held_until = %s RETURNING 1",
            [until, turn.tenant, turn.timer, turn.until],
        )
    return Turn(turn.tenant, turn.timer, turn.started_at, until) if held else None


@access.operates
def finish(turn: Turn, found: Reckoning, *, now: dt.datetime | None = None) -> bool:
    """Record what a run came to, and plan the next; False when somebody else has taken it over."""
    with transaction.atomic(), context.tenant(turn.tenant):
        at = now or ledger.clock()
        if not _planned_anew(turn, at):
            return False
        _record(access.automation(turn.tenant), found, turn.started_at, at)
    return True


@access.operates
def fail(turn: Turn, reason: str, *, now: dt.datetime | None = None) -> None:
    """Leave a run that failed for later; after three times for the next night, with an alarm."""
    with transaction.atomic(), context.tenant(turn.tenant):
        at = now or ledger.clock()
        tries = rows.query(
            "SELECT attempts FROM schedule WHERE tenant_id = %s AND id = %s AND held_until = %s",
            [turn.tenant, turn.timer, turn.until],
        )
        if not tries or tries[0][0] < _TRIES or not _planned_anew(turn, at):
            return
        key = f"audit/{turn.timer}/{turn.started_at.isoformat()}"
        told = f"the desk could not reckon its clocks anew: {reason}"
        alarms.raise_(turn.tenant, KIND, told, key=key, now=at)


def _planned_anew(turn: Turn, now: dt.datetime) -> bool:
    night = _night(turn.tenant, now)
    return bool(
        rows.query(
            "UPDATE schedule SET wake_at = %s, planned_for = %s, held_until = NULL, attempts = 0"
            " WHERE tenant_id = %s AND id = %s AND held_until = %s RETURNING 1",
            [night, night, turn.tenant, turn.timer, turn.until],
        )
    )


def _night(tenant: int, now: dt.datetime) -> dt.datetime:
    """Return the next two o'clock at night where the tenant is.

    In the night that has none it is the instant at which clocks jump over it.
    """
    found = rows.query("SELECT zone FROM tenant WHERE id = %s", [tenant])
    zone = zoneinfo.ZoneInfo(found[0][0])
    today = now.astimezone(zone).date()
    nights = (
        dt.datetime.combine(today + dt.timedelta(days=days), AT_NIGHT, zone).astimezone(dt.UTC)
        for days in range(3)
    )
    return next(night for night in nights if night > now)


@access.needs(Right.OPERATE)
def record(*, by: Actor, found: Reckoning, started_at: dt.datetime) -> None:
    """Record a run that somebody has begun by a command."""
    with transaction.atomic(), context.tenant(by.tenant):
        _record(by, found, started_at, ledger.clock())


def _record(by: Actor, found: Reckoning, started_at: dt.datetime, now: dt.datetime) -> None:
    """Write the row of a run, and tell the administrators of differences."""
    sample = [asdict(one) for one in found.differences[:SAMPLE]]
    (id_,) = rows.ids("audit_run", 1)
    row = {
        "id": id_,
        "tenant_id": by.tenant,
        "started_at": min(started_at, now),
        "finished_at": now,
        "by": by.name,
        "tickets": found.tickets,
        "clocks": found.clocks,
        "violations": found.violations,
        "differences": len(found.differences),
        "sample": json.dumps(sample, ensure_ascii=False),
    }
    rows.insert("audit_run", [row])
    if found.differences:
        told = (
            f"{len(found.differences)} differences between what is stored and what the event log "
            f"says ({found.clocks} clocks reckoned anew): see Settings, Health of the desk"
        )
        alarms.raise_(by.tenant, KIND, told, key=f"audit/{id_}", now=now)


@access.needs(Right.ADMINISTER)
def ask(*, by: Actor, now: dt.datetime | None = None) -> None:
    """Have the next run begin at once; the worker does it."""
    with transaction.atomic(), context.tenant(by.tenant):
        at = now or ledger.clock()
        row = {"tenant_id": by.tenant, "kind": KIND, "object": 0, "attempts": 0}
        own = [{**row, "wake_at": at, "planned_for": at}]
        rows.add_missing("schedule", own, ("tenant_id", "kind", "object"))
        rows.run(
            "UPDATE schedule SET wake_at = %s, planned_for = LEAST(planned_for, %s)"
            " WHERE tenant_id = %s AND kind = %s AND wake_at > %s",
            [at, at, by.tenant, KIND, at],
        )
