"""The night's audit: each tenant's clocks reckoned anew at two o'clock where it is, exactly once.

Any number of workers may look for what is due; a run is taken by one of them, and held while it
lasts. If that one dies, another takes it up when the hold has run out.
"""

import datetime as dt
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import Error, connection

from tocsin.actions import audits
from tocsin.actions.audits import Turn
from tocsin.actions.due import reason
from tocsin.kit import machine_clock
from tocsin.pulse import reckoners
from tocsin.queries.reckoning import Reckoning

_log = logging.getLogger(__name__)
LOOK_S = 5.0
_PLAN_S = 60.0
_HOLD_S = 60.0


@dataclass(slots=True)
class Nightly:
    """One of any number. `run` returns once `stop` is set."""

    url: str
    stop: threading.Event
    processes: int = 0
    _planned: float | None = None

    def run(self) -> None:
        """Look for runs that are due until told to stop; a database that is away is waited for."""
        while not self.stop.is_set():
            try:
                self.plan()
                while not self.stop.is_set() and self.turn():
                    pass
            except Error as error:
                told = str(error).strip().partition("\n")[0]
                _log.warning("the database is away: %s", told)
                connection.close()
            self.stop.wait(LOOK_S)
        connection.close()

    def plan(self) -> None:
        """Plan the nights of new tenants, once a minute."""
        at = machine_clock.steady()
        if self._planned is None or at - self._planned >= _PLAN_S:
            audits.plan()
            self._planned = at

    def turn(self, *, now: dt.datetime | None = None) -> bool:
        """Do one run that is due, if there is one; says whether there was."""
        turn = audits.take(now=now)
        if turn is None:
            return False
        total, at = Reckoning(), machine_clock.steady()
        try:
            for part in self._parts(turn):
                total.add(part)
                if self.stop.is_set():
                    return True  # it is held until its time runs out; then another does it
                if now is None and machine_clock.steady() - at >= _HOLD_S:
                    again = audits.hold(turn)
                    if again is None:
                        _log.warning("the audit of tenant %d was taken over", turn.tenant)
                        return True
                    turn, at = again, machine_clock.steady()
        except Error:
            raise
        except Exception as error:  # whatever it is, the other tenants' runs are still to be done
            _log.exception("the audit of tenant %d failed", turn.tenant)
            audits.fail(turn, reason(error), now=now)
            return True
        if audits.finish(turn, total, now=now):
            told = "tenant %d: %d clocks reckoned anew, %d differences"
            _log.info(told, turn.tenant, total.clocks, len(total.differences))
        return True

    def _parts(self, turn: Turn) -> Iterator[Reckoning]:
        processes = self.processes or reckoners.cores()
        return reckoners.reckon(turn.tenant, url=self.url, processes=processes)
