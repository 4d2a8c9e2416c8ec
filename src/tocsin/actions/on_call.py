"""Who is there: overrides of on-call schedules, and absences with substitutes."""

import datetime as dt

from tocsin.actions import configuration, given, ledger
from tocsin.kit import canonical, shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.audit import instant
from tocsin.queries.desk import Desk
from tocsin.records import rows

LONGEST = dt.timedelta(days=731)


@access.needs(Right.PLAN_ON_CALL)
def add_override(
    *,
    schedule: str,
    person: int,
    begins: dt.datetime,
    ends: dt.datetime,
    by: Actor,
    now: dt.datetime | None = None,
) -> int:
    """Put somebody on call in the place of all whom a schedule would name; returns its id.

    Where two run at once the one that was added last counts.
    """
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        if schedule not in at_work.on_call.schedules:
            near = shape.hint(schedule, at_work.on_call.schedules)
            raise Invalid("schedule", f"there is no schedule {schedule!r}{near}")
        _active(at_work, person, "person")
        _stretch(begins, ends, at)
        id_ = rows.ids("on_call_override", 1)[0]
        row = {"id": id_, "tenant_id": by.tenant, "schedule": schedule, "person_id": person}
        row |= {"begins_at": begins, "ends_at": ends, "author_id": by.person, "made_at": at}
        rows.insert("on_call_override", [row])
        told = {"override": str(id_), "person": str(person)}
        told |= {"begins": instant(begins), "ends": instant(ends)}
        _record(by, schedule, "override added", told, at)
    return id_


@access.needs(Right.PLAN_ON_CALL)
def remove_override(*, override: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Take an override away: one that has begun ends now, and what was before stays known."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        schedule = _end("on_call_override", "schedule", override, by, at)
        _record(by, schedule, "override removed", {"override": str(override)}, at)


def _record(by: Actor, schedule: str, did: str, told: dict[str, str], at: dt.datetime) -> None:
    """Note it in the stream of the schedule, which is called by the id of its first version."""
    stream = rows.query(
        "SELECT id FROM config_version WHERE tenant_id = %s AND kind = 'on-call' AND key = %s"
        " ORDER BY version LIMIT 1",
        [by.tenant, schedule],
    )
    configuration.record(by, "on-call", stream[0][0], did, {"on-call": schedule, **told}, now=at)


@access.needs(Right.SIGNED_IN)
def add_absence(
    *,
    person: int,
    begins: dt.datetime,
    ends: dt.datetime,
    by: Actor,
    substitute: int | None = None,
    note: str = "",
    now: dt.datetime | None = None,
) -> int:
    """Say that somebody is away and who stands in; returns its id.

    One's own absence takes no right; that of others is for who plans who is on call.
    """
    _may(by, person)
    note = given.text(note, "note", kind="reason", empty=True)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        _active(at_work, person, "person")
        if substitute is not None:
            _active(at_work, substitute, "substitute")
        if substitute == person:
            raise Invalid("substitute", "nobody stands in for themselves")
        _stretch(begins, ends, at)
        id_ = rows.ids("absence", 1)[0]
        row = {"id": id_, "tenant_id": by.tenant, "person_id": person, "note": note}
        row |= {"begins_at": begins, "ends_at": ends, "made_at": at}
        rows.insert("absence", [{**row, "substitute_id": substitute}])
        told = {"person": str(person), "substitute": str(substitute or "")}
        told |= {"begins": instant(begins), "ends": instant(ends)}
        content = canonical.encoded({"note": note}).decode()
        configuration.record(by, "absence", id_, "added", told, now=at, content=content)
    return id_


@access.needs(Right.SIGNED_IN)
def end_absence(*, absence: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Say that somebody is back: an absence that has begun ends now, another is taken away."""
    with ledger.configuring(by.tenant, now=now) as (_, at):
        person = _end("absence", "person_id", absence, by, at)
        _may(by, int(person))
        configuration.record(by, "absence", absence, "ended", {"person": str(person)}, now=at)


def _may(by: Actor, person: int) -> None:
    if person != by.person and Right.PLAN_ON_CALL not in by.rights:
        raise access.missing()


def _active(at_work: Desk, person: int, field: str) -> None:
    found = at_work.people.get(person)
    if found is None or not found.active:
        raise Invalid(field, f"there is no person {person} who could")


def _stretch(begins: dt.datetime, ends: dt.datetime, now: dt.datetime) -> None:
    if ends <= begins:
        raise Invalid("ends", "must be later than the beginning")
    if ends <= now:
        raise Invalid("ends", "is past already")
    if ends - begins > LONGEST:
        raise Invalid("ends", "is more than two years after the beginning")


def _end(table: str, column: str, id_: int, by: Actor, at: dt.datetime) -> str:
    """End what runs, or take away what has not begun; returns whose it is."""
    where, which = " WHERE tenant_id = %s AND id = %s", [by.tenant, id_]
    found = rows.query(f"SELECT {column}, begins_at, ends_at FROM {table}{where}", which)
    if not found:
        raise access.missing()
    whose, begins, ends = found[0]
    if ends <= at:
        raise NotAllowed("it is over already")
    if begins < at:
        rows.run(f"UPDATE {table} SET ends_at = %s{where}", [at, *which])
    else:
        rows.run(f"DELETE FROM {table}{where}", which)
    return str(whose)
