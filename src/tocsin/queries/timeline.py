"""What happened on a ticket, in order: what was said, what was changed, what fell due."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tocsin.engine.event import Kind, Side
from tocsin.queries import access, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows

# What an effect was of; messages about effects repeat them and are left out.
_TELLING = ("warn", "breach", "escalate", "restate", "alarm")
_WORDS = frozenset(
    {
        *(Kind.CREATED.value, Kind.CUSTOMER_MESSAGE.value, Kind.AGENT_MESSAGE.value),
        *(Kind.NOTE.value, Kind.AUTOMATED_MESSAGE.value),
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `told` is what the fact says; `who` is a name, empty for the desk.

    `body` is what was said, or the reason that was given. `side` is who acted: customer, agent or
    automation. For an effect, `kind` is its deed; `message` is the id of what was said, 0 for what
    was done.
    """

    seq: int
    kind: str
    at: dt.datetime
    side: Side
    who: str
    body: str = ""
    public: bool = True
    told: Mapping[str, Any] = field(default_factory=dict)
    message: int = 0

    @property
    def said(self) -> bool:
        """Whether somebody said something, rather than did."""
        return bool(self.body) and self.kind in _WORDS and "did" not in self.told


@dataclass(frozen=True, slots=True)
class Timeline:
    """A ticket's entries, the oldest first, and how many older ones were left out."""

    entries: tuple[Entry, ...]
    older: int


@access.needs(Right.READ_TICKETS)
def timeline(*, ticket_id: int, by: Actor, most: int = 200) -> Timeline:
    """Return the newest `most` entries of a ticket; a contact sees what was said in public."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        seen, given = reach.condition(by)
        found = rows.query(
            "SELECT e.stream_seq, e.kind, e.effective_at, e.side, e.actor, e.payload, m.body,"
            " m.public, CASE WHEN m.id IS NULL AND e.kind IN ('status', 'note', 'field')"
            " THEN c.content END, m.id"
            " FROM ticket t JOIN event e ON e.tenant_id = t.tenant_id AND e.stream_id = t.id"
            " AND e.stream_kind = 'ticket'"
            " LEFT JOIN message m ON m.tenant_id = e.tenant_id AND m.event_id = e.id"
            " LEFT JOIN event_content c ON c.tenant_id = e.tenant_id AND c.event_id = e.id"
            f" WHERE t.tenant_id = %s AND t.id = %s AND {seen}"
            " ORDER BY e.effective_at, e.stream_seq",
            [by.tenant, ticket_id, *given],
        )
        if not found:
            raise access.missing()
        names = contacts(by.tenant, {row[4] for row in found})
    made = [
        _read_by(by, one) for one in _entries(found, at_work, names) if _may_read(by, one, at_work)
    ]
    if by.contact is not None:
        made = [entry for entry in made if entry.said and entry.public]
    return Timeline(tuple(made[-most:]), max(0, len(made) - most))


def _entries(
    found: Iterable[tuple[Any, ...]], at_work: Desk, names: Mapping[str, str]
) -> Iterable[Entry]:
    moved_at: dt.datetime | None = None
    for seq, kind, at, side, actor, payload, body, public, reason, message in found:
        told = json.loads(payload)
        if kind == Kind.EFFECT.value:
            kind = str(told["deed"])  # noqa: PLW2901  # from here on the deed is the kind
            if kind not in _TELLING or told.get("superseded"):
                continue
        elif kind == Kind.STAGE.value:
            moved_at = at
        elif kind == Kind.STATUS.value and at == moved_at and not reason:
            # The stage said so already.
            continue
        yield Entry(
            seq=seq,
            kind=kind,
            at=at,
            side=Side(side),
            who=name_of(actor, at_work, names),
            body=body or reason or "",
            public=public is not False,
            told=told,
            message=message or 0,
        )


def _may_read(by: Actor, entry: Entry, at_work: Desk) -> bool:
    """Say whether an entry is for the actor: not all are that stand on a ticket which they see."""
    if entry.kind == Kind.FIELD.value:
        return access.reads(by, str(entry.told.get("name")))
    if entry.kind == Kind.PRIORITY.value:
        return access.reads(by, entry.kind)
    team = at_work.teams.get(str(entry.told.get("private", "")))
    return "private" not in entry.told or (team is not None and team.id in by.teams)


def _read_by(by: Actor, entry: Entry) -> Entry:
    """Return an entry without the fields that the actor does not read: it may set several."""
    if entry.kind != Kind.CREATED.value or by.hidden.isdisjoint(entry.told):
        return entry
    told = {name: value for name, value in entry.told.items() if access.reads(by, name)}
    return replace(entry, told=told)


def name_of(actor: str, at_work: Desk, known: Mapping[str, str]) -> str:
    """Return the name of whoever acted; nothing for the desk itself."""
    kind, _, id_ = actor.partition(":")
    if kind == "person" and id_.isdecimal() and int(id_) in at_work.people:
        return at_work.people[int(id_)].name
    if actor == "tocsin":
        return ""
    return known.get(actor, actor)


def contacts(tenant: int, actors: Iterable[str]) -> dict[str, str]:
    """Return the names of the contacts among those who acted. Call it inside the tenant."""
    ids = [int(actor[8:]) for actor in actors if actor.startswith("contact:")]
    if not ids:
        return {}
    found = rows.query(
        "SELECT id, name FROM contact WHERE tenant_id = %s AND id = ANY(%s)", [tenant, ids]
    )
    return {f"contact:{id_}": name for id_, name in found}
