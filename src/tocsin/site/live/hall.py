"""Who watches: entering, hearing, leaving. Time is an argument and nothing waits here.

A turn goes `work` → `turn.take` in the thread of the database → `settle`. Rooms change in `settle`
alone, news before newcomers, so that nobody misses an event or hears it twice.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tocsin.queries.stream import Watcher
from tocsin.site.live import wire
from tocsin.site.live.line import Line
from tocsin.site.live.request import Request
from tocsin.site.live.rooms import Client, Room
from tocsin.site.live.turn import MOST_AT_ONCE, Found, Work

MOST_STREAMS = 2000
MOST_OF_A_PERSON = 10
# Whoever loses the right to watch is gone within five seconds: the look itself takes its time.
CHECK_S = 4.0
_BELL_S = 1.0
_LOOK_S = 2.0
_PULSE_S = 10.0


@dataclass(slots=True)
class Hall:
    """All streams of the process."""

    rooms: dict[int, Room] = field(default_factory=dict)
    _entering: list[Client] = field(default_factory=list)
    _streams: int = 0
    _people: Counter[tuple[int, int]] = field(default_factory=Counter)
    _slow: set[Client] = field(default_factory=set)
    _checked_at: float = float("-inf")
    _bells_at: float = float("-inf")
    _looked_at: float = float("-inf")
    _pulse_at: float = float("-inf")
    _bells_due: set[int] = field(default_factory=set)
    # The database's clock when it was looked at, in milliseconds, and the health then.
    _clock: tuple[float, float] = (0.0, 0.0)
    _health: dict[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nobody is here or wants to enter."""
        return not self._streams

    # ------------------------------------------------------------------------ coming and going

    def enter(self, line: Line, request: Request) -> Client | None:
        """Take in somebody, who is answered at the next turn; None when all places are taken."""
        if self._streams >= MOST_STREAMS:
            return None
        self._streams += 1
        client = Client(line, request)
        self._entering.append(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget somebody; a second time does nothing."""
        if client.gone:
            return
        client.gone = True
        self._streams -= 1
        self._slow.discard(client)
        client.waiting = None
        watcher = client.watcher
        if watcher is not None:
            self._people[watcher.tenant, watcher.person] -= 1
            self.rooms[watcher.tenant].clients.discard(client)

    def _lose(self, client: Client) -> None:
        """Drop somebody who is too slow: their browser comes back and says where it was."""
        self.leave(client)
        client.line.cut()

    def _tell(self, client: Client, body: bytes, steady: float) -> None:
        if not client.tell(body, steady):
            self._lose(client)

    # ------------------------------------------------------------------------------- one turn

    def work(self, steady: float) -> Work:
        """Return what to ask the database in this moment."""
        entering, self._entering = self._entering, []
        check = steady - self._checked_at >= CHECK_S
        bells = frozenset(self._bells_due) if check or steady - self._bells_at >= _BELL_S else None
        return Work(
            steady=steady,
            entering=[client for client in entering if not client.gone],
            watching=self._clients(),
            rooms={room.tenant: (room.at, room.first) for room in self.rooms.values()},
            check=check,
            bells=bells,
            look=steady - self._looked_at >= _LOOK_S,
        )

    def failed(self, work: Work) -> None:
        """Have those who want to enter wait on, and tell everybody that all is not well."""
        self._entering = [*work.entering, *self._entering]
        self._looked_at = float("-inf")
        self._see(False, {}, work.steady)

    def settle(self, work: Work, found: Found) -> None:
        """Act on what the database said."""
        steady = work.steady
        for slow in tuple(self._slow):
            if not slow.catch_up(steady):
                self._lose(slow)
        if found.checked is not None:
            self._recheck(work, found.checked)
        self._news(found, steady)
        if found.health is not None:
            self._looked_at = steady
            self._see(*found.health, steady)
        for client, watcher in zip(work.entering, found.admitted, strict=True):
            self._admit(client, watcher, found, steady)
        self._bells(work, found)
        self._slow = {client for client in self._clients() if client.waiting}
        self.rooms = {room.tenant: room for room in self.rooms.values() if room.clients}

    def _clients(self) -> list[Client]:
        return [client for room in self.rooms.values() for client in room.clients]

    def _recheck(self, work: Work, checked: list[Watcher | None]) -> None:
        self._checked_at = work.steady
        for client, watcher in zip(work.watching, checked, strict=True):
            if client.gone:
                continue
            if watcher is None or watcher.person != (client.watcher and client.watcher.person):
                # Signed out, dismissed, a new password, or somebody else by now.
                self.leave(client)
                client.line.end()
            else:
                client.watcher = watcher

    def _news(self, found: Found, steady: float) -> None:
        for tenant, room in self.rooms.items():
            news = found.news.get(tenant, [])
            flooded = len(news) > MOST_AT_ONCE
            if tenant in found.heads:
                room.skip(found.heads[tenant], steady)
            elif news:
                room.happened(news, steady, self._lose)
            room.settle(flooded, steady, self._lose)

    def _admit(self, client: Client, watcher: Watcher | None, found: Found, steady: float) -> None:
        if client.gone:
            return
        if watcher is None:
            self.leave(client)
            client.line.refuse(204)
            return
        tenant, person = watcher.tenant, watcher.person
        if self._people[tenant, person] >= MOST_OF_A_PERSON:
            self.leave(client)
            client.line.refuse(503)
            return
        room = self.rooms.get(tenant)
        if room is None:
            room = self.rooms[tenant] = Room(tenant, found.heads[tenant])
        room.remember(found.earlier.get(tenant, []))
        after = client.request.after
        missed = room.replay(watcher, after)
        # A browser that loses this connection at once must come back to where it was.
        place = after if missed and after is not None and after >= 0 else room.at
        hello = {"now": self._now(steady), "at": room.at, "me": person}
        pulse = {**self._health, "now": self._now(steady)}
        client.watcher = watcher
        client.unread = found.unread[tenant, person]
        self._people[tenant, person] += 1
        room.clients.add(client)
        client.line.open()
        first = [wire.RETRY, wire.event("hello", hello, place), missed, _bell(client.unread)]
        self._tell(client, b"".join([*first, wire.event("pulse", pulse)]), steady)

    def _bells(self, work: Work, found: Found) -> None:
        if work.bells is None:
            self._bells_due |= found.news.keys()
        else:
            self._bells_at = work.steady
            self._bells_due.clear()
        if not found.unread:
            return
        for client in self._clients():
            assert client.watcher is not None  # nobody is in a room before
            unread = found.unread.get((client.watcher.tenant, client.watcher.person))
            if unread is not None and unread != client.unread:
                client.unread = unread
                self._tell(client, _bell(unread), work.steady)

    # -------------------------------------------------------------------------------- the pulse

    def _see(self, ok: bool, told: dict[str, Any], steady: float) -> None:
        """Take in the health, and tell it when it has changed, or to show that we are there."""
        beat = None
        if "now" in told:
            now = dt.datetime.fromisoformat(told["now"])
            self._clock = (now.timestamp() * 1000, steady)
            if told["pulse_beat"]:
                since = now - dt.datetime.fromisoformat(told["pulse_beat"])
                beat = round(since.total_seconds(), 1)
        health = {"ok": ok, "beat": beat, "behind": told.get("overdue")}
        changed = any(health[name] != self._health.get(name) for name in ("ok", "behind"))
        self._health = health
        if changed or steady - self._pulse_at >= _PULSE_S:
            self._pulse_at = steady
            pulse = wire.event("pulse", {**health, "now": self._now(steady)})
            for client in self._clients():
                self._tell(client, pulse, steady)

    def _now(self, steady: float) -> int:
        """Return the database's time in milliseconds: by it the browsers' clocks run."""
        then, at = self._clock
        return round(then + (steady - at) * 1000)


def _bell(unread: int) -> bytes:
    return wire.event("bell", {"unread": unread})
