"""The heart: waits until a ticket is due, has it decided, waits again. Decides nothing itself."""

import bisect
import datetime as dt
import json
import logging
import os
import socket
import threading
from dataclasses import dataclass, field

import psycopg
from django.db import Error, connection

from tocsin.actions import digests, due, watching
from tocsin.actions.due import Attempts, Decided
from tocsin.kit import machine_clock
from tocsin.pulse.doorbell import POLL_S, Doorbell
from tocsin.pulse.vigil import Trust, Vigil
from tocsin.queries.health import LATENESS_S

_log = logging.getLogger(__name__)
_LONGEST_PAUSE_S = 5.0
# Somebody else holds what is due: they are about to finish, or about to be found dead.
_LOCKED_S = 0.02
# How often what the watchman found is passed on. It looks each minute.
_PASS_ON_S = 20.0


@dataclass(slots=True)
class Figures:
    """What a pulse has done since it started, for its sign of life."""

    tickets: int = 0
    effects: int = 0
    latest_us: int = 0
    late_us: int = 0
    late: list[int] = field(default_factory=lambda: [0] * (len(LATENESS_S) + 1))
    trust: str = Trust.ACT.value
    gate: bool = True

    def count(self, decided: Decided) -> None:
        """Add a batch."""
        self.tickets += decided.tickets
        self.effects += len(decided.late)
        worst = max(decided.late, default=dt.timedelta(0))
        self.latest_us = worst // dt.timedelta(microseconds=1)
        for one in decided.late:
            self.late[bisect.bisect_left(LATENESS_S, one.total_seconds())] += 1
            self.late_us += one // dt.timedelta(microseconds=1)

    def told(self) -> str:
        """Return it as JSON."""
        return json.dumps(
            {
                "tickets": self.tickets,
                "effects": self.effects,
                "last_late_us": self.latest_us,
                "late": self.late,
                "late_us": self.late_us,
                "trust": self.trust,
                "gate": self.gate,
            }
        )


@dataclass(slots=True)
class Pulse:
    """One pulse; any number of them share the work. `run` returns once `stop` is set."""

    url: str
    stop: threading.Event
    name: str = field(default_factory=lambda: f"{socket.gethostname()}/{os.getpid()}")
    figures: Figures = field(default_factory=Figures)
    vigil: Vigil = field(default_factory=Vigil)
    _after: int = 0
    _passed_on: frozenset[tuple[int, str]] = frozenset()
    _passed_on_at: float | None = None

    def run(self) -> None:
        """Beat until told to stop; a database that is away is waited for."""
        pause = 0.1
        while not self.stop.is_set():
            try:
                with Doorbell(self.url, "pulse") as bell:
                    attempts = Attempts(bell.connection)
                    while not self.stop.is_set():
                        self.beat(bell, attempts)
                        pause = 0.1
            except (Error, psycopg.Error) as error:
                _log.warning("the database is away: %s", str(error).strip().partition("\n")[0])
                pause = self._rest(pause)
            except Exception:  # whatever it is, the deadlines of all others are still to be watched
                _log.exception("a beat failed")
                pause = self._rest(pause)
        connection.close()

    def _rest(self, pause: float) -> float:
        """Let go of the connection and wait; returns how long to wait next time."""
        connection.close()
        self.stop.wait(pause)
        return min(pause * 2, _LONGEST_PAUSE_S)

    def beat(self, bell: Doorbell, attempts: Attempts) -> None:
        """Look once, do what is due, and wait for what comes next."""
        row = bell.connection.execute(
            "SELECT * FROM pulse_look(%s, %s)", [self.name, self.figures.told()]
        ).fetchone()
        assert row is not None
        now, tickets, timers, gate, orphans, trusted = row
        if not self._may_act(now, gate, trusted):
            bell.wait(POLL_S)
            return
        self._pass_on()
        if orphans:
            due.redo(attempts)
        coming = min((at for at in (tickets, timers) if at is not None), default=None)
        if coming is None or coming > now:
            bell.wait(POLL_S if coming is None else (coming - now).total_seconds())
        elif not self._work(attempts, tickets, timers, now):
            bell.wait(_LOCKED_S)

    def _may_act(self, now: dt.datetime, gate: int | None, trusted: dt.datetime | None) -> bool:
        trust = self.vigil.seen(now, machine_clock.wall(), machine_clock.steady(), trusted)
        acts = trust in (Trust.ACT, Trust.WARN)
        if trust.value != self.figures.trust:
            _log.log(logging.INFO if trust is Trust.ACT else logging.ERROR, "clocks: %s", trust)
            self.figures.trust = trust.value
            if not acts and gate == due.UNDERSTOOD:
                watching.doubt(f"{self.name}: {trust.value}", now=now)
        understands = gate == due.UNDERSTOOD
        if not understands and self.figures.gate:
            _log.error("stands down: the database is for version %s, not %s", gate, due.UNDERSTOOD)
        self.figures.gate = understands
        return acts and understands

    def _pass_on(self) -> None:
        """Have administrators told what the watchman found, now and then."""
        steady = machine_clock.steady()
        if self._passed_on_at is None or steady - self._passed_on_at >= _PASS_ON_S:
            self._passed_on_at = steady
            self._passed_on = watching.tell(self._passed_on)

    def _work(
        self,
        attempts: Attempts,
        tickets: dt.datetime | None,
        timers: dt.datetime | None,
        now: dt.datetime,
    ) -> bool:
        """Do one batch of what is due; says whether anything was done."""
        did = False
        if tickets is not None and tickets <= now:
            decided = due.take(attempts, after=self._after)
            if decided is not None:
                self._after = decided.tenant
                self.figures.count(decided)
                did = True
        if timers is not None and timers <= now:
            did = digests.take() > 0 or did
        return did
