"""Whether the clocks can be trusted: the database's against the machine's, and against itself.

Only the database's clock decides when something is due; this decides whether to act on it.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

_WARN = dt.timedelta(seconds=2)
_STOP = dt.timedelta(seconds=30)
_JUMP_S = 120.0
_HOLD_S = 60.0
_AGREE_S = 2.0


class Trust(StrEnum):
    """What to do."""

    ACT = "act"
    WARN = "act, and say that the clocks differ"
    SUSPECT = "hold: the database's clock jumped"
    STAND_DOWN = "stand down: the machine's clock is not the database's"


@dataclass(slots=True)
class _Tick:
    database: dt.datetime
    steady: float

    def drift(self, later: "_Tick") -> float:
        """Return by how many seconds the database's clock went ahead of the steady one."""
        return (later.database - self.database).total_seconds() - (later.steady - self.steady)


@dataclass(slots=True)
class Vigil:
    """Compares the clocks at each tick."""

    _good: _Tick | None = None
    _last: _Tick | None = None
    _since: float | None = None
    _trusted: dt.datetime | None = None

    def seen(
        self,
        database: dt.datetime,
        machine: dt.datetime,
        steady: float,
        trusted: dt.datetime | None = None,
    ) -> Trust:
        """Say what to do, given both wall clocks and the machine's steady seconds.

        `trusted` is when somebody last said that the database's clock is right.
        """
        tick = _Tick(database, steady)
        jumped = self._jumped(tick, meant=trusted != self._trusted)
        # Said while nothing was in doubt it means nothing later.
        self._trusted = trusted
        self._last = tick
        apart = abs(database - machine)
        if apart > _STOP:
            return Trust.STAND_DOWN
        if jumped:
            return Trust.SUSPECT
        return Trust.WARN if apart > _WARN else Trust.ACT

    def _jumped(self, tick: _Tick, *, meant: bool) -> bool:
        """Say whether the database's clock has jumped and not yet shown that it meant it.

        It is believed again when it goes back to where it was, when somebody says that it is right,
        or after a minute in which it kept step (a machine that slept, say).
        """
        said = meant and self._since is not None
        if self._good is None or said or abs(self._good.drift(tick)) <= _JUMP_S:
            self._good, self._since = tick, None
            return False
        if self._since is None:
            self._since = tick.steady
        steps = self._last is not None and abs(self._last.drift(tick)) <= _AGREE_S
        if steps and tick.steady - self._since >= _HOLD_S:
            self._good, self._since = tick, None
            return False
        return True
