"""A ticket as its facts make it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine.clock import Clock
from tocsin.engine.escalation import Escalation
from tocsin.engine.event import Order
from tocsin.engine.recall import Slot
from tocsin.engine.value import replace


@dataclass(frozen=True)
class Ticket:
    """A ticket as its facts so far make it: its fields and all its clocks, ended ones included.

    `last` is the order of the newest fact taken in; `pinned` the policies moved to a version by
    an explicit act, `calendars` the newest versions that facts named. `done_at` is when the
    ticket was resolved or closed, None while it is neither. `history_until` is when the newest
    imported fact was learned: what came before is history, and alerts nobody. `gone` says why no
    clock starts any more: the ticket was merged, or is spam; then `shelved` keeps its clocks as
    they would go on. `touched_at` is when somebody last touched it, or it came into its stage;
    `arisen` when each trigger of a path, by its place there, last came to hold.
    """

    id: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()
    pinned: Mapping[str, int] = field(default_factory=dict)
    calendars: Mapping[str, int] = field(default_factory=dict)
    begun: bool = False
    early: bool = False
    awaited: bool = False
    last: Order | None = None
    acknowledged: tuple[dt.datetime, ...] = ()
    done_at: dt.datetime | None = None
    history_until: dt.datetime | None = None
    gone: str = ""
    shelved: tuple[Clock, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    touched_at: dt.datetime | None = None
    arisen: Mapping[tuple[str, int], dt.datetime] = field(default_factory=dict)

    def current(self, slot: Slot) -> Clock | None:
        """Return the newest clock of a slot, or None if none ever started."""
        agreement, key = slot
        for clock in reversed(self.clocks):
            terms = clock.terms
            if terms.agreement is agreement and terms.definition.key == key:
                return clock
        return None

    def has_sla(self) -> bool:
        """Say whether any policy ever gave the ticket a clock; if not it belongs in "no SLA"."""
        return bool(self.clocks)

    def clock(self, id_: str) -> Clock | None:
        """Return the clock of that id, or None."""
        return next((clock for clock in self.clocks if clock.id == id_), None)

    def put(self, old: Clock, new: Clock) -> "Ticket":
        """Return the ticket with one clock in the place of another."""
        if new is old:
            return self
        clocks = tuple(new if clock is old else clock for clock in self.clocks)
        return replace(self, clocks=clocks)
