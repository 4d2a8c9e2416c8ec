"""Exports: every list that leaves is noted; where it is asked for, a second person agrees first."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from tocsin.actions import alarms, configuration, given, ledger, read_budget
from tocsin.kit import shape
from tocsin.queries import access
from tocsin.queries.access import RIGHTS, Actor, NotAllowed, Refused, Right
from tocsin.records import context, rows

STREAM = "export"
LISTS = ("violations", "punctuality", "access")
# How long an export that was agreed to may be taken.
OPEN = dt.timedelta(hours=24)
_LONGEST_QUERY = 2000


class NeedsAgreement(Refused):
    """A second person has to agree: ask for it, with a reason."""


@access.needs(Right.EXPORT)
def take(*, what: str, query: str, count: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Note that so many rows of a list leave now; raise `NeedsAgreement` where that is not enough.

    That is where the tenant asks for it, and for more tickets than a person may read in an hour.
    """
    what = shape.one_of(what, "what", LISTS)
    with transaction.atomic(), context.tenant(by.tenant):
        at = now or ledger.clock()
        if _approval(by) or (what in read_budget.OF_TICKETS and _too_many(count, by, at)):
            raise NeedsAgreement("a second person has to agree to this export; ask for it")
        row = _row(by, what, query, "", at)
        rows.insert("export", [{**row, "taken_at": at, "rows": count}])
        _note(by, row["id"], "taken", {"what": what, "rows": count}, at)


def _approval(by: Actor) -> bool:
    return bool(
        rows.query("SELECT FROM security WHERE tenant_id = %s AND export_approval", [by.tenant])
    )


def _too_many(count: int, by: Actor, at: dt.datetime) -> bool:
    return by.person is not None and count > read_budget.left(by, at)


def _row(by: Actor, what: str, query: str, reason: str, at: dt.datetime) -> dict[str, Any]:
    if by.person is None:
        raise access.missing()
    return {
        "id": rows.ids("export", 1)[0],
        "tenant_id": by.tenant,
        "person_id": by.person,
        "what": what,
        "query": query[:_LONGEST_QUERY],
        "reason": reason,
        "asked_at": at,
    }


def _note(
    by: Actor,
    id_: int,
    did: str,
    told: dict[str, Any],
    at: dt.datetime,
    *,
    content: str | None = None,
) -> None:
    configuration.record(by, STREAM, id_, did, told, now=at, content=content)


@access.needs(Right.EXPORT)
def ask(*, what: str, query: str, reason: str, by: Actor, now: dt.datetime | None = None) -> int:
    """Ask for an export, with a reason, and return its id; who may agree is told."""
    what = shape.one_of(what, "what", LISTS)
    reason = given.text(reason, "reason")
    with transaction.atomic(), context.tenant(by.tenant):
        at = now or ledger.clock()
        row = _row(by, what, query, reason, at)
        rows.insert("export", [row])
        _note(by, row["id"], "asked", {"what": what}, at, content=reason)
        key = f"export/{row['id']}/asked"
        alarms.tell(by.tenant, _deciders(by), "export asked", _name(by), key=key, now=at)
    return int(row["id"])


def _deciders(by: Actor) -> Iterable[int]:
    """Return who may agree to what this person asks for."""
    roles = [role for role, rights in RIGHTS.items() if Right.APPROVE_EXPORTS in rights]
    found = rows.query(
        "SELECT p.id FROM person p WHERE p.tenant_id = %s AND p.is_active AND p.id <> %s"
        " AND (p.role = ANY(%s) OR EXISTS (SELECT FROM permission_grant g JOIN permission_set s"
        " ON s.tenant_id = g.tenant_id AND s.id = g.permission_set_id"
        " WHERE g.tenant_id = p.tenant_id AND g.person_id = p.id"
        " AND s.rights::jsonb @> to_jsonb(%s::text)))",
        [by.tenant, by.person, roles, Right.APPROVE_EXPORTS.value],
    )
    return [row[0] for row in found]


def _name(by: Actor) -> str:
    found = rows.query(
        "SELECT name FROM person WHERE tenant_id = %s AND id = %s", [by.tenant, by.person]
    )
    return str(found[0][0]) if found else ""


@access.needs(Right.APPROVE_EXPORTS)
def decide(*, export: int, agree: bool, by: Actor, now: dt.datetime | None = None) -> None:
    """Agree to the export of somebody else, or refuse it; they are told."""
    with transaction.atomic(), context.tenant(by.tenant):
        at = now or ledger.clock()
        found = rows.query(
            "SELECT person_id, what, approved FROM export WHERE tenant_id = %s AND id = %s"
            " AND taken_at IS NULL FOR UPDATE",
            [by.tenant, export],
        )
        if not found or by.person is None:
            raise access.missing()
        asker, what, approved = found[0]
        if asker == by.person:
            raise NotAllowed("nobody agrees to their own export; somebody else has to")
        if approved is not None:
            raise NotAllowed("this export was decided already")
        rows.run(
            "UPDATE export SET approved = %s, decided_by_id = %s, decided_at = %s"
            " WHERE tenant_id = %s AND id = %s",
            [agree, by.person, at, by.tenant, export],
        )
        _note(by, export, "agreed" if agree else "refused", {"what": what}, at)
        deed = "export agreed" if agree else "export refused"
        key = f"export/{export}/decided"
        alarms.tell(by.tenant, [asker], deed, _name(by), key=key, now=at)


@access.needs(Right.EXPORT)
def take_agreed(*, export: int, count: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Note that the asker takes what was agreed to: once, and within a day."""
    with transaction.atomic(), context.tenant(by.tenant):
        at = now or ledger.clock()
        found = rows.query(
            "SELECT what, decided_at, taken_at FROM export WHERE tenant_id = %s AND id = %s"
            " AND person_id = %s AND approved FOR UPDATE",
            [by.tenant, export, by.person],
        )
        if not found:
            raise access.missing()
        what, decided_at, taken_at = found[0]
        if taken_at is not None:
            raise NotAllowed("this export was taken already; ask for it again")
        if at - decided_at > OPEN:
            raise NotAllowed("this export was agreed to more than a day ago; ask for it again")
        rows.run(
            "UPDATE export SET taken_at = %s, rows = %s WHERE tenant_id = %s AND id = %s",
            [at, count, by.tenant, export],
        )
        _note(by, export, "taken", {"what": what, "rows": count}, at)
