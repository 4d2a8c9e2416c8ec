"""Holidays of a country as a snapshot: dated days, in one language, of what was asked for."""

import datetime as dt
import importlib.metadata
from typing import Any

import pytest

from tocsin.kit import holiday_dates
from tocsin.kit.invalid import Invalid


def days(country: str, years: list[int], **more: Any) -> dict[dt.date, str]:
    asked = {"subdivision": None, "categories": ["public"], **more}
    return holiday_dates.dates(country, years=years, **asked)


def test_days_come_by_date_with_names_in_the_countrys_language() -> None:
    found = days("SE", [2027, 2026])
    assert list(found) == sorted(found)
    assert {day.year for day in found} == {2026, 2027}
    assert found[dt.date(2026, 6, 20)] == "Midsommardagen"
    assert all(type(name) is str for name in found.values())


def test_only_the_categories_asked_for_come() -> None:
    eve = dt.date(2026, 6, 19)
    assert eve not in days("SE", [2026])
    both = days("SE", [2026], categories=["public", "de_facto"])
    assert both[eve] == "Midsommarafton"
    assert set(days("SE", [2026])) < set(both)


def test_a_subdivision_adds_its_own_days() -> None:
    epiphany = dt.date(2026, 1, 6)
    assert epiphany not in days("DE", [2026])
    assert days("DE", [2026], subdivision="BY")[epiphany] == "Heilige Drei Könige"
    english = days("DE", [2026], subdivision="BY", language="en_US")
    assert english[epiphany] == "Epiphany"


@pytest.mark.parametrize("language", ["de", "en_US", "th"])
def test_the_language_of_the_machine_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    wanted = days("SE", [2026])
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, language)
    assert days("SE", [2026]) == wanted


@pytest.mark.parametrize(
    ("country", "more", "path", "reason"),
    [
        ("XX", {}, "country", "'XX' is not a known ISO 3166-1 code such as SE"),
        ("Sweden", {}, "country", "'Sweden' is not a known"),
        ("SWE", {}, "country", "'SWE' is not a known"),
        ("DE", {"subdivision": "by"}, "subdivision", "DE has no subdivision 'by'; it has: "),
        ("SE", {"categories": ["public", "x"]}, "category", "SE has no category 'x'; it has: "),
        ("SE", {"language": "en"}, "language", "SE has no language 'en'; it has: "),
        ("AQ", {"language": "en"}, "language", "AQ has no language 'en'; it has: "),
    ],
)
def test_what_the_package_does_not_know_is_refused(
    country: str, more: dict[str, Any], path: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        days(country, [2026], **more)
    assert refused.value.path == path
    assert refused.value.reason.startswith(reason)


def test_codes_and_the_source_are_named() -> None:
    assert {"SE", "DE", "GB", "US"} <= holiday_dates.countries()
    assert "UK" not in holiday_dates.countries()  # an alias is no ISO code
    assert holiday_dates.source() == f"holidays {importlib.metadata.version('holidays')}"


def test_what_there_is_to_choose_from_in_a_country() -> None:
    germany = holiday_dates.offer("DE")
    assert germany.parts["BY"] == "Bayern"
    assert "catholic" in germany.categories
    sweden = holiday_dates.offer("SE")
    assert sweden.parts == {}
    assert (sweden.usual, "de_facto" in sweden.categories) == ("public", True)
    with pytest.raises(Invalid, match="is not a known ISO 3166-1 code"):
        holiday_dates.offer("XX")


def test_whatever_is_offered_is_known() -> None:
    for country in sorted(holiday_dates.countries())[::10]:
        offer = holiday_dates.offer(country)
        assert offer.usual in offer.categories, country
        for part in list(offer.parts)[:2]:
            days(country, [2026], subdivision=part, categories=[offer.usual])
