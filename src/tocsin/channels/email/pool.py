"""Connections to mail servers that are kept for the next letter, a few and not for long.

Greeting, TLS and signing in cost more than a letter. A kept connection may be dead by the time it
is wanted: whoever takes one sees to that before anything is said of a letter.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar

from tocsin.kit import machine_clock

AT_MOST = 4
IDLE_S = 30.0
LETTERS = 100


class Connection(Protocol):
    """What can be kept: it knows how many letters it has carried, and how to say goodbye."""

    letters: int

    def part(self) -> None:
        """Say goodbye and close."""


C = TypeVar("C", bound=Connection)


class Pool(Generic[C]):
    """Kept connections by their place: a server, and who we are to it."""

    def __init__(self, steady: Callable[[], float] = machine_clock.steady) -> None:
        """Make an empty one; tests give a clock of their own."""
        self._steady = steady
        self._kept: dict[Hashable, list[tuple[C, float]]] = {}
        self._lock = threading.Lock()
        self._broom: threading.Timer | None = None

    def take(self, place: Hashable) -> C | None:
        """Return the connection that was used last, or None; it is the caller's from now on."""
        self.sweep()
        with self._lock:
            kept = self._kept.get(place)
            return kept.pop()[0] if kept else None

    def give(self, place: Hashable, connection: C) -> None:
        """Keep a connection for the next letter, or close it when there are enough."""
        with self._lock:
            kept = self._kept.setdefault(place, [])
            keeps = connection.letters < LETTERS and len(kept) < AT_MOST
            if keeps:
                kept.append((connection, self._steady()))
                self._later()
        if not keeps:
            connection.part()

    def sweep(self) -> None:
        """Close what nobody has used for a while."""
        oldest = self._steady() - IDLE_S
        with self._lock:
            stale = [c for kept in self._kept.values() for c, at in kept if at <= oldest]
            left = {
                place: [(c, at) for c, at in kept if at > oldest]
                for place, kept in self._kept.items()
            }
            self._kept = {place: kept for place, kept in left.items() if kept}
        for connection in stale:
            connection.part()

    def empty(self) -> None:
        """Close everything that is kept."""
        with self._lock:
            found = [c for kept in self._kept.values() for c, _ in kept]
            self._kept = {}
        for connection in found:
            connection.part()

    def size(self) -> int:
        """Return how many connections are kept."""
        with self._lock:
            return sum(len(kept) for kept in self._kept.values())

    def _later(self) -> None:
        """See to it that what is kept now is closed also when no letter follows."""
        if self._broom is not None and self._broom.is_alive():
            return
        self._broom = threading.Timer(IDLE_S + 1, self._swept)
        self._broom.daemon = True
        self._broom.start()

    def _swept(self) -> None:
        self.sweep()
        with self._lock:
            self._broom = None
            if self._kept:
                self._later()
