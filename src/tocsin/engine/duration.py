"""Lengths of time as people write them: ``8h``, ``1h 30m``, ``45m``, ``PT8H``."""

import datetime as dt
import re

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

_PLAIN = re.compile(r"(?:(\d+) *h)? *(?:(\d+) *m(?:in)?)? *(?:(\d+) *s)?")
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_NOTHING = dt.timedelta(0)


def parse(value: object, path: str, *, zero: bool = False) -> dt.timedelta:
    """Read a length; refuse what is not one, and zero unless it is allowed.

    Days are refused: a day of open time and a day of the calendar differ, so hours must be
    written, or one of the forms that count days.
    """
    if not isinstance(value, str):
        raise Invalid(path, f"expected a length such as 8h or 30m, got {shape.describe(value)}")
    if re.fullmatch(r"\s*\d+\s*(d|w|days?|weeks?)\s*", value):
        raise Invalid(
            path,
            f"{value!r} is ambiguous: write open hours (48h), or a form that counts days "
            "such as {business_days: 2} or {calendar_days: 2}",
        )
    text = value.strip(" ")
    found = _PLAIN.fullmatch(text) or _ISO.fullmatch(text)
    if found is None or not any(found.groups()):
        raise Invalid(path, f"{value!r} is not a length; write it like 8h, 30m or 1h 30m")
    try:
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        length = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (OverflowError, ValueError):  # Python reads no number of thousands of digits
        raise Invalid(path, f"{value!r} is longer than any calendar") from None
    if not length and not zero:
        raise Invalid(path, "must be longer than zero")
    return length


def text(length: dt.timedelta) -> str:
    """Return a length in words of hours, minutes and seconds: ``1 h 30 min``, ``-5 min``."""
    sign = "-" if length < _NOTHING else ""
    whole = abs(length)
    minutes, seconds = divmod(whole.days * 86_400 + whole.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    shown = str(seconds) if not whole.microseconds else f"{seconds}.{whole.microseconds:06d}"
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    parts += [f"{shown} s"] if shown != "0" else []
    return sign + (" ".join(parts) or "0 min")
