"""What countries, their parts, kinds of holidays and days of the week are called."""

import functools
from collections.abc import Mapping
from typing import Any

from babel import Locale
from babel import dates as names_of
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.kit import holiday_dates, timezone_data
from tocsin.web import moments

_CATEGORIES = {
    "public": gettext_noop("Public holidays"),
    "bank": gettext_noop("Bank holidays"),
    "de_facto": gettext_noop("Days off by custom"),
    "optional": gettext_noop("Optional days"),
    "half_day": gettext_noop("Half days"),
    "government": gettext_noop("Government offices closed"),
    "school": gettext_noop("School holidays"),
    "unofficial": gettext_noop("Unofficial days"),
    "armed_forces": gettext_noop("Armed forces"),
    "workday": gettext_noop("Working holidays"),
    "catholic": gettext_noop("Catholic"),
    "protestant": gettext_noop("Protestant"),
    "orthodox": gettext_noop("Orthodox"),
    "christian": gettext_noop("Christian"),
    "hebrew": gettext_noop("Jewish"),
    "islamic": gettext_noop("Islamic"),
    "hindu": gettext_noop("Hindu"),
}


def countries() -> tuple[tuple[str, str], ...]:
    """Return the countries whose holidays are known, by their names in the reader's language."""
    return _countries(moments.locale())


@functools.lru_cache(maxsize=8)
def _countries(language: str) -> tuple[tuple[str, str], ...]:
    known = Locale.parse(language).territories
    named = [(code, known.get(code, code)) for code in holiday_dates.countries()]
    return tuple(sorted(named, key=lambda item: item[1].casefold()))


def country(code: str) -> str:
    """Return what a country is called."""
    return str(Locale.parse(moments.locale()).territories.get(code, code))


def category(key: str) -> str:
    """Return what a kind of holidays is called."""
    return _(_CATEGORIES[key]) if key in _CATEGORIES else key.replace("_", " ").capitalize()


def weekdays(width: str = "wide") -> tuple[str, ...]:
    """Return the names of the days of the week, Monday first."""
    found = names_of.get_day_names(width, context="stand-alone", locale=moments.locale())  # type: ignore[arg-type]  # Babel names its widths one by one
    return tuple(str(found[k]).rstrip(".").capitalize() for k in range(7))


def zones() -> tuple[str, ...]:
    """Return the zones that people write: those with a place in their name, and UTC."""
    left_out = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")
    found = [
        name for name in timezone_data.names() if "/" in name and not name.startswith(left_out)
    ]
    return ("UTC", *sorted(found))


def title(item: Mapping[str, Any]) -> str:
    """Return what a country's set is called."""
    code, part = str(item.get("country")), item.get("subdivision")
    if not part:
        return country(code)
    known = holiday_dates.offer(code).parts if code in holiday_dates.countries() else {}
    return f"{country(code)}, {known.get(str(part), part)}"
