"""The sequencer: has every event given its place. One leads, by a lock that the door takes."""

import logging
import threading
from dataclasses import dataclass

import psycopg

from tocsin.kit import database

_log = logging.getLogger(__name__)
MOST = 1000
_BUSY_S = 0.05
_IDLE_S = 0.25
_LONGEST_PAUSE_S = 5.0


@dataclass(slots=True)
class Sequencer:
    """One of any number: those that do not lead get no work. `run` returns once `stop` is set."""

    url: str
    stop: threading.Event
    most: int = MOST

    def run(self) -> None:
        """Place events until told to stop; a database that is away is waited for."""
        pause = 0.1
        while not self.stop.is_set():
            try:
                with self._connected() as connection:
                    while not self.stop.is_set():
                        placed = self.place(connection)
                        pause = 0.1
                        if placed < self.most:
                            self.stop.wait(_BUSY_S if placed else _IDLE_S)
            except psycopg.Error as error:
                _log.warning("the database is away: %s", str(error).strip().partition("\n")[0])
                self.stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    def place(self, connection: psycopg.Connection) -> int:
        """Place the next events and return how many; 0 also while another one leads."""
        row = connection.execute("SELECT sequence_events(%s)", [self.most]).fetchone()
        return int(row[0]) if row else 0

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(
            **database.parameters(self.url, "sequencer"),  # type: ignore[arg-type]  # all are texts
            autocommit=True,
        )
