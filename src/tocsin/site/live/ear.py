"""Hearing that events were placed: a connection of its own that only listens."""

import asyncio
from collections.abc import Callable

import psycopg

from tocsin.kit import database

CHANNEL = "tocsin_placed"


class Ear:
    """Connects in the thread of the database, then listens in the loop and calls `heard`."""

    def __init__(self, url: str, heard: Callable[[], None]) -> None:
        self._url = url
        self._heard = heard
        self._connection: psycopg.Connection | None = None
        self._socket = -1

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def connect(self) -> None:
        """Connect; what is placed from now on will be heard."""
        found = psycopg.connect(
            **database.parameters(self._url, "live"),  # type: ignore[arg-type]  # all are texts
            autocommit=True,
        )
        try:
            found.execute(f"LISTEN {CHANNEL}".encode())
        except psycopg.Error:
            found.close()
            raise
        self._connection = found

    def listen(self) -> None:
        """Hear what is said, in this loop."""
        assert self._connection is not None
        # Kept: a connection that broke does not know its own any more.
        self._socket = self._connection.fileno()
        asyncio.get_running_loop().add_reader(self._socket, self._hear)

    def _hear(self) -> None:
        assert self._connection is not None
        try:
            self._connection.pgconn.consume_input()
            while self._connection.pgconn.notifies():
                pass
        except psycopg.OperationalError:
            self.close()
        # Also when it broke: the turn connects again.
        self._heard()

    def close(self) -> None:
        """Stop listening."""
        if self._connection is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._connection.close()
            self._connection = None
