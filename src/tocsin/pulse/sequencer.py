"""The sequencer: has every event given its place, within a twentieth of a second.

Any number may run. Places are given under a lock that lasts one transaction, so a process that
freezes holds up nobody; which one looks often and which ones only stand by is settled by another.
"""

import logging
import threading
from dataclasses import dataclass

import psycopg

from tocsin.kit import database

_log = logging.getLogger(__name__)
MOST = 1000
# What a browser waits for before it can hear of a change.
POLL_S = 0.05
STAND_BY_S = 1.0
_LONGEST_PAUSE_S = 5.0


@dataclass(slots=True)
class Sequencer:
    """One of any number. `run` returns once `stop` is set."""

    url: str
    stop: threading.Event
    most: int = MOST

    def run(self) -> None:
        """Place events until told to stop; a database that is away is waited for."""
        pause = 0.1
        while not self.stop.is_set():
            try:
                with self._connected() as connection:
                    leads = False
                    while not self.stop.is_set():
                        leads = leads or self.lead(connection)
                        placed = self.place(connection)
                        pause = 0.1
                        if placed < self.most:
                            # Whoever finds something while it stands by steps in: the other sleeps.
                            self.stop.wait(POLL_S if leads or placed else STAND_BY_S)
            except psycopg.Error as error:
                _log.warning("the database is away: %s", str(error).strip().partition("\n")[0])
                self.stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    def lead(self, connection: psycopg.Connection) -> bool:
        """Become the one that looks often, as long as the connection lasts, or say that one is."""
        row = connection.execute(
            "SELECT pg_try_advisory_lock(hashtext('tocsin sequencer leads'))"
        ).fetchone()
        return bool(row and row[0])

    def place(self, connection: psycopg.Connection) -> int:
        """Place the next events and return how many; 0 also while another one is at it."""
        row = connection.execute("SELECT sequence_events(%s)", [self.most]).fetchone()
        return int(row[0]) if row else 0

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(
            **database.parameters(self.url, "sequencer"),  # type: ignore[arg-type]  # all are texts
            autocommit=True,
        )
