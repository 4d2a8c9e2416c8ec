"""A ticket in hand: its facts, what they make of it, and what is about to be written."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine import replay
from tocsin.engine.effect import Key
from tocsin.engine.escalation import TOUCHES
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.ticket import Ticket
from tocsin.kit import canonical
from tocsin.queries import facts
from tocsin.queries.access import Actor
from tocsin.queries.desk import Desk

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact that is not written yet."""

    seq: int
    event: Event
    content: str | None
    salt: bytes
    # The team that the content is for, when it is not for all who see the rest.
    private_to: int | None = None


@dataclass(slots=True)
class Work:
    """One ticket inside one transaction, its row locked or not there yet.

    `log` holds all its facts in their order, those of calendars included, and `seq` the number of
    the last of its own. The lists are rows that leave with `ledger.write`; a row that names a fact
    does so by its number, under ``seq``, since a fact gets its id only then.
    """

    desk: Desk
    id: int
    now: dt.datetime
    log: list[Event]
    state: Ticket
    row: Row
    seq: int = 0
    new: bool = False
    rethought: bool = False
    wake_at: dt.datetime | None = None
    drafts: list[Draft] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    violations: list[Row] = field(default_factory=list)
    withdrawn: list[Key] = field(default_factory=list)
    restatements: list[Row] = field(default_factory=list)
    alerts: list[Row] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    digests: set[int] = field(default_factory=set)
    participants: set[int] = field(default_factory=set)

    @property
    def tenant(self) -> int:
        """The tenant's id."""
        return self.desk.tenant

    def add(
        self,
        kind: Kind,
        payload: Mapping[str, Any],
        by: Actor,
        *,
        key: str = "",
        content: str | None = None,
        private_to: int | None = None,
        effective_at: dt.datetime | None = None,
    ) -> int:
        """Take in a new fact and return its number in the ticket's stream."""
        self.seq += 1
        told, salt = sealed({**payload, **self._outside(kind, by)}, content)
        event = Event(
            ticket=str(self.id),
            kind=kind,
            effective_at=effective_at or self.now,
            recorded_at=self.now,
            key=key or f"{self.id}/{self.seq}",
            payload=told,
            side=by.side,
            actor=by.name,
            source_seq=self.seq,
        )
        self.take(event, content=content, salt=salt, private_to=private_to)
        return self.seq

    def _outside(self, kind: Kind, by: Actor) -> dict[str, bool]:
        """Return what is added to a fact by somebody who is not of the team that has the ticket.

        It is no touch for paths that wait for one.
        """
        team = self.desk.teams.get(str(self.field("team") or ""))
        if by.person is None or team is None or kind not in TOUCHES or not self.desk.versions.paths:
            return {}
        own = self.desk.members.get(team.id, frozenset()) | {team.lead, team.manager}
        return {} if by.person in own else {"outside": True}

    def take(
        self,
        event: Event,
        *,
        content: str | None = None,
        salt: bytes = b"",
        private_to: int | None = None,
    ) -> None:
        """Take in a fact that is made already; its number must be the next one."""
        self.drafts.append(Draft(self.seq, event, content, salt, private_to))
        self.log.append(event)
        if replay.follows(self.state, event):
            self.state = replay.advance(self.state, event, self.desk.versions)
        else:
            self.rethought = True
            self.think()

    def think(self) -> None:
        """Have all the facts count in their order, and calendars that changed since the first."""
        self.log = facts.with_calendars(self.log, self.desk.calendar_facts)
        self.state = replay.fold(str(self.id), self.log, self.desk.versions)

    def field(self, name: str) -> Any:
        """Return a field of the ticket as the facts have set it, or None."""
        return self.state.fields.get(name)


def sealed(payload: Row, content: str | None) -> tuple[Row, bytes]:
    """Return a payload with the commitment to what may be erased, and the salt that opens it."""
    if content is None:
        return payload, b""
    salt = canonical.salt()
    return {**payload, "content": canonical.commitment(salt, content.encode())}, salt


def automation(desk: Desk) -> Actor:
    """Return the desk itself as whoever acts."""
    return Actor(desk.tenant, "tocsin", frozenset(), Side.AUTOMATION)
