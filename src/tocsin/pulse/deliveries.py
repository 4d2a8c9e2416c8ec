"""Deliveries: has what is ready leave, each provider at its own pace. Decides nothing itself.

One thread speaks to the database. Each letter is handed over in a thread of its own, so that a
server which hangs holds up four letters and not the next provider.
"""

import contextlib
import datetime as dt
import functools
import logging
import os
import queue
import selectors
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from django.db import Error, connection

from tocsin.actions import outbox
from tocsin.actions.carriers import Carrier
from tocsin.actions.outbox import FailedForGood, Lease, LeaseLost, Outcome
from tocsin.channels import registry
from tocsin.channels.email.letters import hand_over
from tocsin.channels.email.send import VARIABLE, Smtp
from tocsin.kit import database, machine_clock
from tocsin.pulse.doorbell import POLL_S, Doorbell
from tocsin.pulse.pacing import Pace, Provider, Sender
from tocsin.pulse.routes import NoWay, Routes

__all__ = ["MAIL", "Deliveries", "Pace", "Provider"]

_log = logging.getLogger(__name__)
_LONGEST_PAUSE_S = 5.0
_TAKEN_S = 0.02
_BATCH = 20
# With everybody busy, letters for somebody new are looked for this often all the same.
_EXPLORE_S = 1.0
MAIL = "mail"


@dataclass(slots=True)
class Deliveries:
    """One of any number of workers. `run` returns once `stop` is set and letters are settled."""

    smtp: Smtp | None
    stop: threading.Event
    url: str = field(default_factory=database.address)
    name: str = field(default_factory=lambda: f"{socket.gethostname()}/{os.getpid()}/deliveries")
    pace: Pace = field(default_factory=Pace)
    carriers: Mapping[str, Carrier[Any]] = field(default_factory=lambda: registry.CARRIERS)
    routes: Routes = field(init=False)
    _done: "queue.SimpleQueue[tuple[Provider, Lease, Outcome]]" = field(
        default_factory=queue.SimpleQueue
    )
    # What is done and not written yet: the database may be away meanwhile.
    _unwritten: list[tuple[Lease, Outcome]] = field(default_factory=list)
    _ear: socket.socket | None = None
    _mouth: socket.socket | None = None
    _warned: set[str] = field(default_factory=set)
    _beat_at: float = 0.0
    _explored_at: float = 0.0
    _sent: int = 0

    def __post_init__(self) -> None:
        self.routes = Routes(self.carriers, self.pace)
        if self.smtp is not None:
            self.add(MAIL, functools.partial(hand_over, to=self.smtp))

    def add(self, channel: str, sender: Sender) -> None:
        """Have letters of a channel handed to a sender, where a tenant has none of its own.

        A sender never raises for weather.
        """
        self.routes.usual[channel] = Provider(channel, sender, self.pace)

    def run(self) -> None:
        """Deliver until told to stop; a database that is away is waited for."""
        self._ear, self._mouth = socket.socketpair()
        with self._ear, self._mouth:
            self._ear.setblocking(False)
            self._mouth.setblocking(False)
            self._deliver()
            self._drain()
        connection.close()

    def _deliver(self) -> None:
        pause = 0.1
        while not self.stop.is_set():
            try:
                with Doorbell(self.url, "worker") as bell:
                    while not self.stop.is_set():
                        self.turn(bell)
                        pause = 0.1
            except (Error, psycopg.Error) as error:
                _log.warning("the database is away: %s", str(error).strip().partition("\n")[0])
                connection.close()
                self.stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    def turn(self, bell: Doorbell) -> None:
        """Write what is done, take what is ready, hand over what there is room for, and wait."""
        self._collect()
        self._beat()
        now, ready = outbox.look()
        due = ready is not None and ready <= now
        took = due and self._claim()
        self._hand_over()
        if took:
            return
        if ready is None or due:
            # What is due and was not to be had waits for room, or is being taken by another.
            seconds = _TAKEN_S if due and self._room() else POLL_S
        else:
            seconds = max(_TAKEN_S, (ready - now).total_seconds())
        paces = (one.ready_in() for one in self.routes.all() if one.room() <= 0)
        self._wait(bell, min([seconds, *(pace for pace in paces if pace is not None)]))

    # ------------------------------------------------------------------------------- one letter

    def _claim(self) -> bool:
        """Lease a batch if there is room for one; says whether there may be more."""
        room = min(self._room(), _BATCH) or self._explore()
        found = outbox.claim(most=room) if room else []
        self.routes.refresh({lease.tenant for lease in found})
        for lease in found:
            provider = self.routes.way(lease)
            if isinstance(provider, NoWay):
                self._warn(lease.channel, provider.reason)
                # Whoever must mend it may take days: it waits for ever.
                length = self.pace.unready
                self._give_back(lease, provider.reason, length, expires=False, blocked=True)
            elif provider.paused():
                self._put_back(provider, lease)
            else:
                provider.waiting.append(lease)
                if len(provider.waiting) > provider.most():
                    self._make_room(provider)
        return bool(found)

    def _explore(self) -> int:
        """Return how many letters to lease when everybody that we know of is busy."""
        steady = machine_clock.steady()
        if steady - self._explored_at < _EXPLORE_S:
            return 0
        self._explored_at = steady
        return _BATCH

    def _make_room(self, provider: Provider) -> None:
        """Give back whoever can wait best."""
        last = max(provider.waiting, key=lambda one: (not one.urgent, one.created_at, one.id))
        provider.waiting.remove(last)
        self._give_back(last, "", provider.crowded())

    def _put_back(self, provider: Provider, lease: Lease) -> None:
        """Give back a letter for a provider that is left alone."""
        self._give_back(lease, provider.reason(), provider.pause(), blocked=provider.is_down())

    def _give_back(
        self,
        lease: Lease,
        reason: str,
        length: dt.timedelta,
        *,
        expires: bool = True,
        blocked: bool = False,
    ) -> None:
        try:
            outbox.postpone(lease, reason, length, expires=expires, blocked=blocked)
        except LeaseLost:
            _log.warning("letter %s was somebody else's when it was given back", lease.id)

    def _hand_over(self) -> None:
        for provider in self.routes.all():
            provider.waiting.sort(key=lambda lease: (not lease.urgent, lease.created_at, lease.id))
            if not provider.enabled or provider.broken:
                # Switched off since: the next one of the channel gets what waits.
                while provider.waiting:
                    self._give_back(provider.waiting.pop(0), "", dt.timedelta(0), expires=False)
            while provider.waiting and provider.room() > 0:
                lease = provider.waiting.pop(0)
                if self._begun(lease):
                    provider.took(lease)
                    # No pool: its threads would have to be waited for at the end of the process.
                    threading.Thread(target=self._send, args=(provider, lease), daemon=True).start()
            while provider.paused() and provider.waiting:
                self._put_back(provider, provider.waiting.pop(0))

    def _begun(self, lease: Lease) -> bool:
        try:
            return outbox.begin(lease)
        except LeaseLost:
            return False

    def _send(self, provider: Provider, lease: Lease) -> None:
        """Hand one letter over, in a thread of its own."""
        try:
            outcome = provider.send(lease)
        except Exception as error:
            # A letter that cannot be worded must not come back for ever.
            _log.exception("letter %s of tenant %s", lease.id, lease.tenant)
            outcome = FailedForGood(f"a mistake in our code: {type(error).__name__}: {error}")
        self._done.put((provider, lease, outcome))
        if self._mouth is not None:
            # It may be full of wake-ups already, or closed: nobody waits any more.
            with contextlib.suppress(OSError):
                self._mouth.send(b"!")

    def _collect(self) -> None:
        """Write what came of letters. What cannot be written now is kept."""
        while not self._done.empty():
            provider, lease, outcome = self._done.get()
            provider.away -= 1
            provider.learn(outcome)
            # With who carried it, for the log and for what comes back.
            self._unwritten.append((replace(lease, provider=provider.id), outcome))
        while self._unwritten:
            lease, outcome = self._unwritten[0]
            try:
                self._sent += outbox.complete(lease, outcome) == "sent"
            except LeaseLost:
                _log.warning("letter %s: what came of it (%s) is not written", lease.id, outcome)
            self._unwritten.pop(0)

    # ------------------------------------------------------------------------------ the rest of it

    def _wait(self, bell: Doorbell, seconds: float) -> None:
        """Wait for the bell, a letter that is done, the time, or a second."""
        if bell.wait(0):
            return  # it rang while we were busy
        self._listen(min(seconds, POLL_S), bell.connection.fileno())

    def _listen(self, seconds: float, *others: int) -> None:
        """Wait until a letter is done, or something comes from elsewhere."""
        assert self._ear is not None
        with selectors.DefaultSelector() as selector:
            for place in (self._ear.fileno(), *others):
                selector.register(place, selectors.EVENT_READ)
            selector.select(seconds)
        with contextlib.suppress(BlockingIOError):
            self._ear.recv(4096)

    def _room(self) -> int:
        """Return how many letters may be leased now."""
        rooms = (one.most() - len(one.waiting) for one in self.routes.all() if one.enabled)
        return max(0, max(rooms, default=_BATCH))

    def _beat(self) -> None:
        steady = machine_clock.steady()
        if self._beat_at and steady - self._beat_at < self.pace.beat_s:
            return
        self._beat_at = steady
        away = sum(provider.away for provider in self.routes.all())
        paused = sorted(p.name for p in self.routes.all() if p.paused())
        outbox.beat(self.name, {"sent": self._sent, "away": away, "paused": paused})

    def _warn(self, channel: str, reason: str) -> None:
        if channel not in self._warned:
            self._warned.add(channel)
            hint = f"; set {VARIABLE}, or add a provider" if channel == MAIL else ""
            _log.warning("%s: letters wait%s", reason, hint)

    def _drain(self) -> None:
        """Give back what has not begun, and wait a while for what has."""
        until = machine_clock.steady() + self.pace.drain_s
        try:
            for provider in self.routes.all():
                while provider.waiting:
                    self._give_back(provider.waiting.pop(0), "", dt.timedelta(0), expires=False)
            self._collect()
            while any(p.away for p in self.routes.all()):
                left = until - machine_clock.steady()
                if left <= 0:
                    break
                self._listen(min(left, POLL_S))
                self._collect()
        except (Error, psycopg.Error) as error:
            # Their leases end by themselves; another worker sends them again.
            _log.warning("stopped without the database: %s", str(error).strip().partition("\n")[0])
