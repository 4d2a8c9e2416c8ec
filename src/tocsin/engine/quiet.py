"""Quiet hours: from when until when only what is critical may reach a person."""

import datetime as dt
import re

from tocsin.engine import zone as zones
from tocsin.engine.zone import DAY_S
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SECOND = dt.timedelta(seconds=1)


def seconds(text: object, path: str) -> int:
    """Read a time of day such as ``22:00``; returns seconds since midnight."""
    found = _TIME.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise Invalid(path, f"{shape.describe(text)} is no time of day such as 22:00")
    return int(found[1]) * 3600 + int(found[2]) * 60


def ends(begin: str, end: str, zone: str, at: dt.datetime) -> dt.datetime | None:
    """Return the instant at which the quiet hours that hold at `at` end; None when none hold.

    `begin` and `end` are local times of the zone, both empty for no quiet hours; they may span
    midnight. A time that a clock change skips is the change; of one shown twice the first counts.

    >>> night = dt.datetime(2026, 3, 2, 23, 0, tzinfo=dt.UTC)
    >>> ends("22:00", "07:00", "UTC", night)
    datetime.datetime(2026, 3, 3, 7, 0, tzinfo=datetime.timezone.utc)
    >>> ends("22:00", "07:00", "UTC", night - dt.timedelta(hours=2)) is None
    True
    """
    if not begin or not end:
        return None
    first, last = seconds(begin, "quiet_from"), seconds(end, "quiet_until")
    found = zones.named(zone)
    now = (at - _EPOCH) // _SECOND
    midnight = (now + found.offset_at(now)) // DAY_S * DAY_S
    # Those of yesterday may span midnight; a clock change may move those of tomorrow to today.
    for day in (midnight - DAY_S, midnight, midnight + DAY_S):
        begins = found.first(day + first)
        over = found.first(day + last + (DAY_S if last <= first else 0))
        if begins <= now < over:
            return _EPOCH + over * _SECOND
    return None
