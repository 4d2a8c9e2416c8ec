"""Instants and lengths in the reader's words: their zone, their language, two units at most."""

import datetime as dt
import functools

from babel import dates, numbers
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tocsin.web import names

_MINUTE = 60
_DAYS_NEAR = 6


def locale() -> str:
    """Return the language at work as Babel calls it."""
    return translation.to_locale(translation.get_language() or "en")


@functools.lru_cache(maxsize=8)
def _weekdays(language: str) -> tuple[str, ...]:
    found = dates.get_day_names("abbreviated", context="stand-alone", locale=language)
    return tuple(found[day].rstrip(".").capitalize() for day in range(7))


@functools.lru_cache(maxsize=8)
def _months(language: str) -> tuple[str, ...]:
    found = dates.get_month_names("abbreviated", context="stand-alone", locale=language)
    return tuple(found[month].rstrip(".") for month in range(1, 13))


def local(at: dt.datetime) -> dt.datetime:
    """Return an instant in the reader's zone."""
    return at.astimezone(timezone.get_current_timezone())


def short(at: dt.datetime, *, now: dt.datetime) -> str:
    """Return ``14:02``, ``Mon 14:02`` or ``3 Nov 14:02``, whichever says enough at `now`."""
    here, today, language = local(at), local(now).date(), locale()
    time = f"{here:%H:%M}"
    away = (here.date() - today).days
    if away == 0:
        return time
    if abs(away) <= _DAYS_NEAR and away > -2:
        return f"{_weekdays(language)[here.weekday()]} {time}"
    year = f" {here.year}" if here.year != today.year else ""
    return f"{here.day} {_months(language)[here.month - 1]}{year} {time}"


def whole(at: dt.datetime) -> str:
    """Return an instant in full, its zone named: for titles, and where it must not be mistaken."""
    here = local(at)
    day = f"{_weekdays(locale())[here.weekday()]} {here.day} {_months(locale())[here.month - 1]}"
    return f"{day} {here:%Y %H:%M:%S} {zone_name()}"


def zone_name() -> str:
    """Return the reader's zone, by the name it has everywhere."""
    return timezone.get_current_timezone_name()


def day(at: dt.date) -> str:
    """Return a date, ``Mon 3 Nov``."""
    language = locale()
    return f"{_weekdays(language)[at.weekday()]} {at.day} {_months(language)[at.month - 1]}"


def length(found: dt.timedelta) -> str:
    """Return how long, without a sign: ``4:05`` below an hour, ``1 h 04 m`` above.

    The clocks in the browser write the same (clock.js); a test compares them.
    """
    return names.words(translation.get_language() or "en").span(found)


def rough(found: dt.timedelta) -> str:
    """Return a length for reading rather than for ticking: ``2 h``, ``35 min``, ``4 d``."""
    minutes = abs(int(found.total_seconds())) // _MINUTE
    if minutes < 1:
        return _("%(n)s s") % {"n": abs(int(found.total_seconds()))}
    if minutes < _MINUTE:
        return _("%(n)s min") % {"n": minutes}
    hours, rest = divmod(minutes, _MINUTE)
    if hours < 48:
        return length(found) if rest else _("%(n)s h") % {"n": hours}
    days, rest = divmod(hours, 24)
    told = _("%(n)s d") % {"n": days}
    return f"{told} {_('%(n)s h') % {'n': rest}}" if rest else told


def exact(found: dt.timedelta) -> str:
    """Return a length to the second, as it is said in a sentence: ``1 h 30 min 5 s``."""
    minutes, seconds = divmod(abs(int(found.total_seconds())), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    told = [
        _("%(n)s h") % {"n": hours} if hours else "",
        _("%(n)s min") % {"n": minutes} if minutes else "",
        _("%(n)s s") % {"n": seconds} if seconds or not (hours or minutes) else "",
    ]
    return " ".join(part for part in told if part)


def percent(share: float) -> str:
    """Return a share as ``97.4 %`` in the language at work; only what is whole is called so."""
    shown = round(share * 100, 1)
    if shown == 100 and share < 1:
        shown = 99.9
    return numbers.format_decimal(shown, format="0.#", locale=locale()) + " %"
