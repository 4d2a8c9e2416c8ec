"""The list of restatements: each verdict that was on record and is another one now, and why."""

import datetime as dt
from dataclasses import dataclass

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, filters, naming, reach, timeline
from tocsin.queries.access import Actor, Right
from tocsin.queries.filters import Where
from tocsin.records import rows

MOST = 1000
_COLUMNS = (
    *("id", "ticket", "number", "subject", "clock", "was", "now", "due_was", "due_now", "reason"),
    *("restated_at", "event"),
)


@dataclass(frozen=True, slots=True)
class Restatement:
    """One of them: what the verdict and the due were, and what they became.

    `clock` is the clock's id within its ticket, `kind` what kind of clock it is. `event` is the
    kind of the fact that restated it, `who` whose fact that was (empty for the desk itself).
    """

    id: int
    ticket: int
    number: int
    subject: str
    clock: str
    kind: str
    was: str
    now: str
    due_was: dt.datetime | None
    due_now: dt.datetime | None
    reason: str
    restated_at: dt.datetime
    event: str
    who: str


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list, the newest first. `after` leads to the next one, None at the end."""

    restatements: tuple[Restatement, ...]
    after: str | None


@access.needs(Right.READ_REPORTS)
def restatements(
    *,
    by: Actor,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    after: str | None = None,
    most: int = 50,
) -> Page:
    """Return a page of the list, from its beginning or after another page."""
    if shape.whole(most, "most", least=1) > MOST:
        raise Invalid("most", f"is {most}; {MOST} are the most")
    where = _conditions(by, since, until)
    if after is not None:
        where.add("(r.restated_at, r.id) < (%s, %s)", *filters.place(after))
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        found = rows.query(
            "SELECT r.id, r.ticket_id, t.number, t.subject, r.clock, r.was, r.now, r.due_was,"
            " r.due_now, r.reason, r.restated_at, e.kind, e.actor FROM"
            f" (SELECT * FROM restatement r WHERE {where.sql}"
            " ORDER BY r.restated_at DESC, r.id DESC LIMIT %s) r"
            " JOIN ticket t ON t.tenant_id = r.tenant_id AND t.id = r.ticket_id"
            " JOIN event e ON e.tenant_id = r.tenant_id AND e.id = r.event_id"
            " ORDER BY r.restated_at DESC, r.id DESC",
            [*where.given, most + 1],
        )
        names = timeline.contacts(by.tenant, {row[-1] for row in found})
    made = tuple(
        Restatement(
            **dict(zip(_COLUMNS, row, strict=False)),
            kind=naming.kind(row[4]),
            who=timeline.name_of(row[-1], at_work, names),
        )
        for row in found[:most]
    )
    more = filters.token(made[-1].restated_at, made[-1].id) if len(found) > most else None
    return Page(made, more)


@access.needs(Right.READ_REPORTS)
def count(*, by: Actor, since: dt.datetime | None = None, until: dt.datetime | None = None) -> int:
    """Return how many lines the list has, all its pages together."""
    where = _conditions(by, since, until)
    with reach.reading(by):
        found = rows.query(f"SELECT count(*) FROM restatement r WHERE {where.sql}", where.given)
    return int(found[0][0])


def _conditions(by: Actor, since: dt.datetime | None, until: dt.datetime | None) -> Where:
    where = Where("r.tenant_id = %s", [by.tenant])
    seen, own = reach.about(by, "r.ticket_id")
    where.add(seen, *own)
    if since is not None:
        where.add("r.restated_at >= %s", since)
    if until is not None:
        where.add("r.restated_at < %s", until)
    return where
