"""Single tickets as cards: what a screen asks for again when an event names them."""

import datetime as dt
from collections.abc import Sequence

from tocsin.queries import access, desk, reach, showing
from tocsin.queries.access import Actor, Right
from tocsin.queries.showing import Card
from tocsin.records import rows

__all__ = ["Card", "cards", "numbered"]


@access.needs(Right.READ_TICKETS)
def cards(*, by: Actor, ids: Sequence[int], now: dt.datetime | None = None) -> list[Card]:
    """Return the cards of tickets in the order of `ids`; what is not there, or not theirs, is not.

    A contact sees the promises made to them, and not those among ourselves, nor who goes first.
    """
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        return showing.cards(at_work, by, ids, now=now or clock)


@access.needs(Right.READ_TICKETS)
def numbered(*, by: Actor, number: int, now: dt.datetime | None = None) -> Card | None:
    """Return the card of the ticket of that number; None if it is not there, or not theirs."""
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        found = rows.query(
            "SELECT id FROM ticket WHERE tenant_id = %s AND number = %s", [by.tenant, number]
        )
        made = showing.cards(at_work, by, [row[0] for row in found], now=now or clock)
    return made[0] if made else None
