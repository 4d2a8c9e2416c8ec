"""The event log as people read it."""

import datetime as dt
import functools


# One transaction writes the same few instants again and again.
@functools.lru_cache(maxsize=4096)
def instant(at: dt.datetime) -> str:
    """Return an instant as the log writes it: UTC, always to the microsecond."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
