"""Waiting: until something is due, until somebody rings, or for a second."""

from types import TracebackType

import psycopg

from tocsin.actions.ledger import DOORBELL
from tocsin.kit import database

POLL_S = 1.0


class Doorbell:
    """A connection of its own in autocommit, which hears the bell and takes the look."""

    def __init__(self, url: str, role: str) -> None:
        self.connection = psycopg.connect(
            **database.parameters(url, role),  # type: ignore[arg-type]  # all are texts
            autocommit=True,
        )
        # Notes and signs of life need not survive a crash of the server, so nobody waits for them.
        self.connection.execute("SET synchronous_commit = off")
        self.connection.execute(f"LISTEN {DOORBELL}".encode())

    def __enter__(self) -> "Doorbell":
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.connection.close()

    def wait(self, seconds: float) -> bool:
        """Wait at most that long, and a second at the most; says whether somebody rang."""
        for _ in self.connection.notifies(timeout=max(0.0, min(seconds, POLL_S)), stop_after=1):
            return True
        return False
