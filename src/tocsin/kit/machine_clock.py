"""The machine's own clocks: to compare with the database's and to measure, never to decide."""

import datetime as dt
import time


def wall() -> dt.datetime:
    """Return what the machine takes for the time, in UTC."""
    return dt.datetime.now(dt.UTC)


def steady() -> float:
    """Return seconds of a clock that never jumps; only differences mean something."""
    return time.monotonic()
