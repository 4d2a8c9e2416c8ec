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
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from django.db import Error, connection

from tocsin.actions import outbox
from tocsin.actions.outbox import FailedForGood, FailedForNow, Lease, LeaseLost, Outcome, Unsure
from tocsin.channels.email.letters import letter
from tocsin.channels.email.send import VARIABLE, Smtp, send
from tocsin.kit import database, machine_clock
from tocsin.pulse.doorbell import POLL_S, Doorbell

_log = logging.getLogger(__name__)
_LONGEST_PAUSE_S = 5.0
_TAKEN_S = 0.02
_BATCH = 20
_AT_ONCE = 4
MAIL = "mail"

Sender = Callable[[Lease], Outcome]


def _mail(lease: Lease, *, to: Smtp) -> Outcome:
    return send(letter(lease), to)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take. Tests are in a hurry; nobody else sets it."""

    failures: int = 5
    pause: dt.timedelta = dt.timedelta(seconds=30)
    unready: dt.timedelta = dt.timedelta(seconds=60)
    crowded: dt.timedelta = dt.timedelta(seconds=5)
    beat_s: float = 1.0
    drain_s: float = 20.0


@dataclass(slots=True)
class Provider:
    """One provider: what waits for it, what is on its way, and a breaker.

    After some failures in a row it is left alone for a while; then one letter shows whether it is
    back.
    """

    name: str
    send: Sender
    pace: Pace
    waiting: list[Lease] = field(default_factory=list)
    away: int = 0
    failures: int = 0
    paused_until: float | None = None

    def paused(self) -> bool:
        """Say whether it is being left alone."""
        return self.paused_until is not None and machine_clock.steady() < self.paused_until

    def room(self) -> int:
        """Return how many letters may be handed over now."""
        if self.paused():
            return 0
        return (1 if self.paused_until is not None else _AT_ONCE) - self.away

    def learn(self, outcome: Outcome) -> None:
        """Take in how a letter fared."""
        if not isinstance(outcome, FailedForNow | Unsure):
            self.failures, self.paused_until = 0, None
            return
        self.failures += 1
        if self.failures >= self.pace.failures:
            if not self.paused():
                _log.warning("%s is left alone for a while: %s", self.name, outcome.reason)
            self.paused_until = machine_clock.steady() + self.pace.pause.total_seconds()


@dataclass(slots=True)
class Deliveries:
    """One of any number of workers. `run` returns once `stop` is set and letters are settled."""

    smtp: Smtp | None
    stop: threading.Event
    url: str = field(default_factory=database.address)
    name: str = field(default_factory=lambda: f"{socket.gethostname()}/{os.getpid()}/deliveries")
    pace: Pace = field(default_factory=Pace)
    providers: dict[str, Provider] = field(default_factory=dict)
    _done: "queue.SimpleQueue[tuple[Provider, Lease, Outcome]]" = field(
        default_factory=queue.SimpleQueue
    )
    # What is done and not written yet: the database may be away meanwhile.
    _unwritten: list[tuple[Lease, Outcome]] = field(default_factory=list)
    _ear: socket.socket | None = None
    _mouth: socket.socket | None = None
    _warned: set[str] = field(default_factory=set)
    _beat_at: float = 0.0
    _sent: int = 0

    def __post_init__(self) -> None:
        if self.smtp is not None:
            self.add(MAIL, functools.partial(_mail, to=self.smtp))

    def add(self, channel: str, sender: Sender) -> None:
        """Have letters of a channel handed to a sender, which never raises for weather."""
        self.providers[channel] = Provider(channel, sender, self.pace)

    def run(self) -> None:
        """Deliver until told to stop; a database that is away is waited for."""
        if MAIL not in self.providers:
            self._warn(MAIL)
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
        if ready is None or (due and not self._room()):
            self._wait(bell, POLL_S)
        else:
            # What is due and was not to be had is being taken by somebody else just now.
            self._wait(bell, max(_TAKEN_S, (ready - now).total_seconds()))

    # ------------------------------------------------------------------------------- one letter

    def _claim(self) -> bool:
        """Lease a batch if there is room for one; says whether there may be more."""
        room = self._room()
        found = outbox.claim(most=room) if room else []
        for lease in found:
            provider = self.providers.get(lease.channel)
            if provider is None:
                self._warn(lease.channel)
                reason = f"nothing is configured that sends {lease.channel}"
                self._give_back(lease, reason, self.pace.unready, expires=False)
            elif provider.paused():
                reason = f"{provider.name} is left alone for a while after failures in a row"
                self._give_back(lease, reason, self.pace.pause)
            elif len(provider.waiting) >= _BATCH:
                self._give_back(lease, "", self.pace.crowded)
            else:
                provider.waiting.append(lease)
        return bool(found)

    def _give_back(
        self, lease: Lease, reason: str, length: dt.timedelta, *, expires: bool = True
    ) -> None:
        try:
            outbox.postpone(lease, reason, length, expires=expires)
        except LeaseLost:
            _log.warning("letter %s was somebody else's when it was given back", lease.id)

    def _hand_over(self) -> None:
        for provider in self.providers.values():
            provider.waiting.sort(key=lambda lease: (not lease.urgent, lease.created_at, lease.id))
            while provider.waiting and provider.room() > 0:
                lease = provider.waiting.pop(0)
                if self._begun(lease):
                    provider.away += 1
                    # No pool: its threads would have to be waited for at the end of the process.
                    threading.Thread(target=self._send, args=(provider, lease), daemon=True).start()
            if provider.paused():
                while provider.waiting:
                    reason = f"{provider.name} is left alone for a while after failures in a row"
                    self._give_back(provider.waiting.pop(0), reason, self.pace.pause)

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
            self._unwritten.append((lease, outcome))
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
        return max((_BATCH - len(p.waiting) for p in self.providers.values()), default=_BATCH)

    def _beat(self) -> None:
        steady = machine_clock.steady()
        if self._beat_at and steady - self._beat_at < self.pace.beat_s:
            return
        self._beat_at = steady
        away = sum(provider.away for provider in self.providers.values())
        paused = sorted(p.name for p in self.providers.values() if p.paused())
        outbox.beat(self.name, {"sent": self._sent, "away": away, "paused": paused})

    def _warn(self, channel: str) -> None:
        if channel not in self._warned:
            self._warned.add(channel)
            hint = f"; set {VARIABLE}" if channel == MAIL else ""
            _log.warning("nothing is configured that sends %s: letters wait%s", channel, hint)

    def _drain(self) -> None:
        """Give back what has not begun, and wait a while for what has."""
        until = machine_clock.steady() + self.pace.drain_s
        try:
            for provider in self.providers.values():
                while provider.waiting:
                    self._give_back(provider.waiting.pop(0), "", dt.timedelta(0), expires=False)
            self._collect()
            while any(p.away for p in self.providers.values()):
                left = until - machine_clock.steady()
                if left <= 0:
                    break
                self._listen(min(left, POLL_S))
                self._collect()
        except (Error, psycopg.Error) as error:
            # Their leases end by themselves; another worker sends them again.
            _log.warning("stopped without the database: %s", str(error).strip().partition("\n")[0])
