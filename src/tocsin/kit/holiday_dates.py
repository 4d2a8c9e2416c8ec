"""Public holidays by country, as a snapshot of dated days from the `holidays` package.

The days are copied into files once and live there: a newer package must never move a date that
somebody has been promised.
"""

import datetime as dt
import functools
import importlib.metadata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import holidays

from tocsin.kit.invalid import Invalid


def countries() -> frozenset[str]:
    """Return the ISO 3166-1 codes of the countries that the package knows."""
    return frozenset(holidays.list_supported_countries(include_aliases=False))


@dataclass(frozen=True, slots=True)
class Offer:
    """What the package knows of a country: its parts with their names, and kinds of days."""

    parts: Mapping[str, str]
    categories: tuple[str, ...]
    usual: str


@functools.cache
def offer(country: str) -> Offer:
    """Return what there is to choose from; `Invalid` for a country that the package lacks."""
    if country not in countries():
        raise Invalid("country", f"{country!r} is not a known ISO 3166-1 code such as SE")
    known = holidays.country_holidays(country)
    # The first name of a part is its own, later ones are older or of another language.
    names: dict[str, str] = {}
    for name, code in known.subdivisions_aliases.items():
        names.setdefault(code, name)
    return Offer(
        {code: names.get(code, code) for code in known.subdivisions},
        tuple(known.supported_categories),
        known.default_category or known.supported_categories[0],
    )


def source() -> str:
    """Return the name and version of the package, to be kept with a snapshot."""
    return f"holidays {importlib.metadata.version('holidays')}"


def dates(
    country: str,
    *,
    subdivision: str | None,
    categories: Sequence[str],
    years: Iterable[int],
    language: str | None = None,
) -> dict[dt.date, str]:
    """Return the days of a country or subdivision in `years`, by date, with their names.

    Names are in the country's first language unless another is asked for. `Invalid` for a
    country, subdivision, category or language that the package does not know.
    """
    if country not in countries():
        raise Invalid("country", f"{country!r} is not a known ISO 3166-1 code such as SE")
    known = holidays.country_holidays(country)
    _offered("subdivision", country, [subdivision] if subdivision else [], known.subdivisions)
    _offered("category", country, categories, known.supported_categories)
    _offered("language", country, [language] if language else [], known.supported_languages)
    # Named explicitly: left out, it would follow the machine's own language.
    found = holidays.country_holidays(
        country,
        subdiv=subdivision,
        years=list(years),
        categories=tuple(categories),
        language=language or known.default_language,
    )
    return {day: str(name) for day, name in sorted(found.items())}


def _offered(what: str, country: str, wanted: Iterable[str], offered: Iterable[str]) -> None:
    has = sorted(offered)
    for name in wanted:
        if name not in has:
            listed = ", ".join(has) or "none"
            raise Invalid(what, f"{country} has no {what} {name!r}; it has: {listed}")
