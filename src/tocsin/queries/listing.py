"""Lists of tickets: each named list, each value, and the clocks behind a figure of a report.

Lists of work are in the order of work, lists of what was come newest first. A page is found by its
place, not by counting: what changes meanwhile moves, and nothing else is shown twice or left out.
"""

import datetime as dt
from dataclasses import dataclass

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, filters, reach, showing
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.filters import Drill, Wanted, Which, readable
from tocsin.queries.showing import Card
from tocsin.records import rows

__all__ = ["Drill", "Page", "Wanted", "Which", "count", "readable", "tickets"]

_MOST = 200


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. `after` leads to the next one, None at the end.

    `clocks` names of each card the clock that it is listed for; empty unless the list is a drill.
    """

    cards: tuple[Card, ...]
    after: str | None
    clocks: tuple[str, ...] = ()


@access.needs(Right.READ_TICKETS)
def tickets(
    *,
    by: Actor,
    wanted: Wanted | None = None,
    after: str | None = None,
    most: int = 50,
    now: dt.datetime | None = None,
) -> Page:
    """Return a page of a list, from its beginning or after another page; a contact's own only."""
    wanted = wanted or Wanted()
    if shape.whole(most, "most", least=1) > _MOST:
        raise Invalid("most", f"is {most}; {_MOST} are the most")
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        return _page(at_work, by, wanted, (after, most), now or clock)


@access.needs(Right.READ_TICKETS)
def count(*, by: Actor, wanted: Wanted | None = None, now: dt.datetime | None = None) -> int:
    """Return how many lines the list has, all its pages together."""
    wanted = wanted or Wanted()
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        where = filters.conditions(at_work, by, wanted, now or clock)
        statement = f"SELECT count(*) FROM {_source(wanted)} WHERE {where.sql}"
        return int(rows.query(statement, where.given)[0][0])


def _page(
    at_work: Desk, by: Actor, wanted: Wanted, part: tuple[str | None, int], now: dt.datetime
) -> Page:
    after, most = part
    where = filters.conditions(at_work, by, wanted, now)
    if wanted.drill is not None:
        column, id_, newest, key = filters.drill_order(wanted.drill), "c.id", True, ", c.key"
    else:
        column, newest = filters.order(wanted.which)
        id_, key = "t.id", ""
    sql, given = where.sql, list(where.given)
    if after is not None:
        sql += f" AND ({column}, {id_}) {'<' if newest else '>'} (%s, %s)"
        given += filters.place(after)
    down = " DESC" if newest else ""
    found = rows.query(
        f"SELECT t.id, {column}, {id_}{key} FROM {_source(wanted)} WHERE {sql}"
        f" ORDER BY {column}{down}, {id_}{down} LIMIT %s",
        [*given, most + 1],
    )
    shown, more = found[:most], len(found) > most
    made = {
        card.id: card for card in showing.cards(at_work, by, [row[0] for row in shown], now=now)
    }
    return Page(
        cards=tuple(made[row[0]] for row in shown),
        after=filters.token(*shown[-1][1:3]) if more else None,
        clocks=tuple(row[3] for row in shown) if key else (),
    )


def _source(wanted: Wanted) -> str:
    if wanted.drill is None:
        return "ticket t"
    return "clock c JOIN ticket t ON t.tenant_id = c.tenant_id AND t.id = c.ticket_id"
