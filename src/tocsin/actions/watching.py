"""What the watchman found, told to those who can mend it; that a clock's jump was meant."""

import datetime as dt
from collections.abc import Set as AbstractSet

from django.db import transaction

from tocsin.actions import alarms, configuration, ledger
from tocsin.queries import access, watch
from tocsin.queries.access import Actor, Right
from tocsin.queries.watch import Watched
from tocsin.records import context, rows

DEED = "alarm"


@access.operates
def tell(
    told: AbstractSet[tuple[int, str]] = frozenset(), *, now: dt.datetime | None = None
) -> frozenset[tuple[int, str]]:
    """Tell administrators what the watchman found, once a finding; returns what has been told.

    The watchman can write nothing, so whoever can does it. `told` is what need not be looked at
    again: a tenant, and the name under which it was told there.
    """
    found = watch.read(watch.noted())
    everyone = [int(row[0]) for row in rows.query("SELECT tenant_id FROM tenant_list()")]
    kept = set()
    for one in found:
        finding = one.finding
        if finding.what in watch.TOLD_ELSEWHERE:
            continue
        for tenant in everyone if finding.tenant == watch.INSTALLATION else [finding.tenant]:
            key = _key(one)
            if (tenant, key) not in told:
                _raise(
                    tenant, finding.sentence, key, now, mail=finding.what not in watch.ABOUT_MAIL
                )
            kept.add((tenant, key))
    return frozenset(kept)


def _key(one: Watched) -> str:
    return f"watch/{one.finding.what}/{one.first_at.isoformat()}"


def _raise(tenant: int, sentence: str, key: str, now: dt.datetime | None, *, mail: bool) -> None:
    with transaction.atomic(), context.tenant(tenant):
        at = now or ledger.clock()
        alarms.raise_(tenant, DEED, sentence, key=key, now=at, mail=mail)


@access.operates
def doubt(sentence: str, *, now: dt.datetime) -> None:
    """Tell all administrators that the clocks cannot be trusted, at most once an hour."""
    # Every pulse sees the same jump a little earlier or later than the others.
    key = f"clocks/{now:%Y-%m-%dT%H}"
    for (tenant,) in rows.query("SELECT tenant_id FROM tenant_list()"):
        _raise(int(tenant), sentence, key, now, mail=True)


@access.needs(Right.ADMINISTER)
def trust_clocks(*, by: Actor) -> dt.datetime:
    """Say that the database's clock is right although it jumped: the pulses go on at once."""
    with ledger.configuring(by.tenant) as (_, now):
        found: dt.datetime = rows.query("SELECT gate_trust()")[0][0]
        told = {"trusted_at": found.isoformat()}
        configuration.record(by, "tenant", by.tenant, "clocks trusted", told, now=now)
    return found
