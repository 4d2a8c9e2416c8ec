"""The event log as people read it."""

import datetime as dt


def instant(at: dt.datetime) -> str:
    """Return an instant as the log writes it: UTC, always to the microsecond."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
