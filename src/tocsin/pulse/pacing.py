"""Pacing: one provider, what waits for it and what is on its way; how fast, and when to leave it.

Each provider has its own, so that one that is dead or slow never holds up another.
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from tocsin.actions.carriers import Limits
from tocsin.actions.letters import FailedForNow, Lease, Outcome, Unsure
from tocsin.kit import machine_clock

_log = logging.getLogger(__name__)
_AT_ONCE = 4
_MOST_WAITING = 40
# What waits here is leased: it must have its turn long before its lease ends.
_LONGEST_TURN_S = 30.0
_LONGEST_WAIT_S = 600.0
# Left alone again, and again: twice as long each time, up to this.
_LONGEST_PAUSE = dt.timedelta(minutes=5)
_SHORTEST_CROWD_S = 0.2
_USUAL_SPEED = 40.0

Sender = Callable[[Lease], Outcome]


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
    back. With `limits` it is never handed more than that; when it asks to wait, all letters do.
    `broken` says why it cannot be used at all.
    """

    name: str
    send: Sender
    pace: Pace
    limits: Limits | None = None
    id: int | None = None
    enabled: bool = True
    broken: str = ""
    waiting: list[Lease] = field(default_factory=list)
    away: int = 0
    failures: int = 0
    openings: int = 0
    paused_until: float | None = None
    tokens: float = 0.0
    filled_at: float | None = None
    speed: float = _USUAL_SPEED
    answered_at: float | None = None

    def begin_anew(self, send: Sender, limits: Limits | None, broken: str) -> None:
        """Take other settings: what was learnt of the old ones does not count."""
        self.send, self.limits, self.broken = send, limits, broken
        self.failures, self.openings, self.paused_until = 0, 0, None

    def paused(self) -> bool:
        """Say whether it is being left alone."""
        return self.paused_until is not None and machine_clock.steady() < self.paused_until

    def is_down(self) -> bool:
        """Say whether it is left alone because it failed, not because it asked us to wait."""
        return self.paused() and self.failures >= self.pace.failures

    def pause(self) -> dt.timedelta:
        """Return for how long its letters are put back while it is left alone."""
        left = (self.paused_until or 0.0) - machine_clock.steady()
        return max(self.pace.pause, dt.timedelta(seconds=left))

    def reason(self) -> str:
        """Say why its letters wait while it is left alone."""
        if self.failures >= self.pace.failures:
            return f"{self.name} is left alone for a while after failures in a row"
        return f"{self.name} asked us to wait"

    def most(self) -> int:
        """Return how many letters may wait for it here."""
        if self.limits is None:
            return _MOST_WAITING
        return max(1, min(_MOST_WAITING, int(self.limits.per_second * _LONGEST_TURN_S)))

    def room(self) -> int:
        """Return how many letters may be handed over now."""
        if self.paused():
            return 0
        at_once = self.limits.at_once if self.limits is not None else _AT_ONCE
        free = (1 if self.paused_until is not None else at_once) - self.away
        return free if self.limits is None else min(free, int(self._filled()))

    def took(self, lease: Lease) -> None:
        """Note that a letter is on its way."""
        del lease
        self.away += 1
        if self.limits is not None:
            self.tokens = self._filled() - 1

    def ready_in(self) -> float | None:
        """Return the seconds until the pace allows the next letter, None when nothing waits."""
        if not self.waiting or self.limits is None or self.paused():
            return None
        return max(0.0, (1 - self._filled()) / self.limits.per_second)

    def _filled(self) -> float:
        """Return how many letters the pace allows now: what a second brings, saved for a second."""
        assert self.limits is not None
        now, most = machine_clock.steady(), max(1.0, self.limits.per_second)
        if self.filled_at is None:
            self.tokens = most
        else:
            self.tokens += (now - self.filled_at) * self.limits.per_second
        self.filled_at, self.tokens = now, min(self.tokens, most)
        return self.tokens

    def crowded(self) -> dt.timedelta:
        """Return when it is worth asking again, with so many waiting."""
        speed = self.speed
        if self.limits is not None:
            speed = min(speed, self.limits.per_second)
        wait = max(_SHORTEST_CROWD_S, len(self.waiting) / max(speed, 0.1))
        return min(self.pace.crowded, dt.timedelta(seconds=wait))

    def learn(self, outcome: Outcome) -> None:
        """Take in how a letter fared."""
        now = machine_clock.steady()
        if self.answered_at is not None:
            gap = max(now - self.answered_at, 0.001)
            self.speed = 0.9 * self.speed + 0.1 / gap
        self.answered_at = now
        if not isinstance(outcome, FailedForNow | Unsure):
            self.failures, self.openings, self.paused_until = 0, 0, None
            return
        asked = outcome.retry_after if isinstance(outcome, FailedForNow) else None
        # A mail server asks so for one recipient; the others mean whoever writes to them.
        if asked is not None and self.limits is not None:
            self.paused_until = now + min(asked.total_seconds(), _LONGEST_WAIT_S)
            return
        self.failures += 1
        if self.failures >= self.pace.failures and not self.paused():
            _log.warning("%s is left alone for a while: %s", self.name, outcome.reason)
            pause, longest = self.pace.pause, max(self.pace.pause, _LONGEST_PAUSE)
            pause = min(pause * 2 ** min(self.openings, 20), longest)
            self.openings += 1
            self.paused_until = now + pause.total_seconds()
