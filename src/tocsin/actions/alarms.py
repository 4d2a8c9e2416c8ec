"""Alarms: what an administrator must put right, told to every administrator of a tenant."""

import datetime as dt
from collections.abc import Iterable

from tocsin.actions import notifying
from tocsin.kit import canonical
from tocsin.queries.audit import instant
from tocsin.records import rows


def raise_(
    tenant: int,
    what: str,
    reason: str,
    *,
    key: str,
    now: dt.datetime,
    ticket: int | None = None,
    mail: bool = True,
) -> None:
    """Tell the administrators once under `key`: in the product, by mail unless mail is at fault.

    By a query of its own: what cannot be read may be the configuration itself.
    """
    found = rows.query(
        "SELECT id FROM person WHERE tenant_id = %s AND is_active AND role = 'administrator'",
        [tenant],
    )
    told = [row[0] for row in found]
    tell(tenant, told, what, reason, key=key, now=now, ticket=ticket, mail=mail)


def tell(
    tenant: int,
    people: Iterable[int],
    what: str,
    reason: str,
    *,
    key: str,
    now: dt.datetime,
    ticket: int | None = None,
    mail: bool = True,
) -> None:
    """Tell these people once under `key`, in the product and by mail; who has left is not told."""
    line = {"deed": what, "clock": "", "which": reason, "planned_at": instant(now)}
    parts = canonical.encoded({"lines": [line]}).decode()
    own = {"tenant_id": tenant, "ticket_id": ticket}
    told = rows.query(
        "SELECT id, email FROM person WHERE tenant_id = %s AND is_active AND id = ANY(%s)"
        " ORDER BY id",
        [tenant, sorted(set(people))],
    )
    bell = {"key": key, "parts": parts, "critical": True, "created_at": now}
    rows.add_missing(
        "notification",
        [{**own, "person_id": id_, **bell} for id_, _ in told],
        ("tenant_id", "person_id", "key"),
    )
    letters = [
        {**own, **notifying.letter(f"{key}/{id_}/mail", "mail", id_, parts, urgent=True, now=now)}
        for id_, email in told
        if email and mail
    ]
    rows.add_missing("outbox", letters, ("tenant_id", "key"))
