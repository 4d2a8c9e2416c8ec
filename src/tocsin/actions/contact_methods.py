"""How one is reached oneself: addresses of one's own in channels, their order, quiet hours."""

import datetime as dt
from typing import Any

from tocsin.actions import configuration, ledger, notifying
from tocsin.actions.carriers import Carrier
from tocsin.engine import quiet
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows

# A push subscription is the longest there is.
_LONGEST = 4000
_MOST = 20


@access.needs(Right.SIGNED_IN)
def add(
    *,
    carrier: Carrier[Any],
    address: str,
    by: Actor,
    critical_only: bool = True,
    now: dt.datetime | None = None,
) -> int:
    """Add an address of one's own in a channel, after those there are; returns its id.

    With `critical_only` nothing but breaches and escalations goes there.
    """
    # The address that everybody has is an administrator's to change.
    if carrier.address is None or carrier.channel == notifying.MAIL:
        raise Invalid("channel", "has no addresses of persons")
    if not address.strip() or len(address) > _LONGEST or "\0" in address:
        raise Invalid("address", f"expected a short text, got {shape.describe(address)}")
    found = carrier.address(address)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        person, known = _own(at_work, by), _known(at_work, by)
        if any((one.channel, one.address) == (carrier.channel, found) for one in known):
            raise Invalid("address", "is there already")
        if len(known) >= _MOST:
            raise Invalid("address", f"is one too many; {_MOST} are the most")
        id_ = rows.ids("contact_method", 1)[0]
        row = {"id": id_, "tenant_id": by.tenant, "person_id": person, "channel": carrier.channel}
        own = {"address": found, "critical_only": critical_only, "added_at": at}
        position = rows.query(
            "SELECT coalesce(max(position), 0) + 1 FROM contact_method"
            " WHERE tenant_id = %s AND person_id = %s",
            [by.tenant, person],
        )[0][0]
        rows.insert("contact_method", [{**row, **own, "position": position}])
        told = {"channel": carrier.channel, "method": str(id_)}
        configuration.record(by, "person", person, "contact method added", told, now=at)
    return id_


@access.needs(Right.SIGNED_IN)
def remove(*, method: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Take away an address of one's own."""
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        person = _own(at_work, by)
        found = rows.query(
            "DELETE FROM contact_method WHERE tenant_id = %s AND person_id = %s AND id = %s"
            " RETURNING channel",
            [by.tenant, person, method],
        )
        if not found:
            raise access.missing()
        told = {"channel": found[0][0], "method": str(method)}
        configuration.record(by, "person", person, "contact method removed", told, now=at)


@access.needs(Right.SIGNED_IN)
def put_first(*, method: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Have an address of one's own be the one that is used first."""
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        person, known = _own(at_work, by), [one.id for one in _known(at_work, by)]
        if method not in known:
            raise access.missing()
        order = [method, *(id_ for id_ in known if id_ != method)]
        for position, id_ in enumerate(order, start=1):
            rows.run(
                "UPDATE contact_method SET position = %s WHERE tenant_id = %s AND id = %s",
                [position, by.tenant, id_],
            )
        told = {"method": str(method)}
        configuration.record(by, "person", person, "contact method put first", told, now=at)


@access.needs(Right.SIGNED_IN)
def set_quiet(
    *, quiet_from: str, quiet_until: str, by: Actor, now: dt.datetime | None = None
) -> None:
    """Choose one's quiet hours, local times such as 22:00 and 07:00; both empty for none."""
    begin, end = quiet_from.strip(), quiet_until.strip()
    if begin or end:
        first, last = quiet.seconds(begin, "quiet_from"), quiet.seconds(end, "quiet_until")
        if first == last:
            raise Invalid("quiet_until", "is when they begin; leave both empty for none")
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        person = _own(at_work, by)
        rows.run(
            "UPDATE person SET quiet_from = %s, quiet_until = %s WHERE tenant_id = %s AND id = %s",
            [begin, end, by.tenant, person],
        )
        # What waits for the end of the old ones is looked at again at once.
        rows.run(
            "UPDATE schedule SET wake_at = LEAST(wake_at, %s), planned_for = LEAST(planned_for, %s)"
            " WHERE tenant_id = %s AND kind = 'quiet' AND object = %s",
            [at, at, by.tenant, person],
        )
        told = {"from": begin, "until": end}
        configuration.record(by, "person", person, "quiet hours", told, now=at)


def _own(at_work: Desk, by: Actor) -> int:
    if by.person is None or by.person not in at_work.people:
        raise access.missing()
    return by.person


def _known(at_work: Desk, by: Actor) -> list[Any]:
    return list(at_work.reaching.methods.get(by.person or 0, ()))
