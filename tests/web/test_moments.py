"""Instants and lengths in words."""

import datetime as dt
import zoneinfo

import pytest
from django.utils import timezone, translation
from tests.desk import at

from tocsin.web import moments

NOW = at("2026-11-18 12:00")  # a Wednesday


def seconds(count: float) -> dt.timedelta:
    return dt.timedelta(seconds=count)


@pytest.mark.parametrize(
    ("length", "english", "swedish"),
    [
        (seconds(0), "0:00", "0:00"),
        (seconds(-0.4), "0:00", "0:00"),
        (seconds(9.9), "0:09", "0:09"),
        (seconds(754), "12:34", "12:34"),
        (seconds(3599), "59:59", "59:59"),
        (seconds(3600), "1 h 00 m", "1 h 00 m"),
        (seconds(-5099), "1 h 24 m", "1 h 24 m"),
        (dt.timedelta(days=9), "216 h 00 m", "216 h 00 m"),
    ],
)
def test_a_length_says_two_units_and_no_sign(
    length: dt.timedelta, english: str, swedish: str
) -> None:
    with translation.override("en"):
        assert moments.length(length) == english
    with translation.override("sv"):
        assert moments.length(length) == swedish


@pytest.mark.parametrize(
    ("instant", "told"),
    [
        ("2026-11-18 12:00", "13:00"),
        ("2026-11-18 22:59", "23:59"),
        ("2026-11-18 23:00", "Thu 00:00"),
        ("2026-11-17 12:00", "Tue 13:00"),
        ("2026-11-16 12:00", "16 Nov 13:00"),
        ("2026-11-24 12:00", "Tue 13:00"),
        ("2026-11-25 12:00", "25 Nov 13:00"),
        ("2027-01-02 12:00", "2 Jan 2027 13:00"),
        ("2026-07-01 12:00", "1 Jul 14:00"),
    ],
)
@pytest.mark.scenario("E65")
def test_an_instant_says_as_much_as_is_needed_in_the_readers_zone(instant: str, told: str) -> None:
    with translation.override("en"), timezone.override(zoneinfo.ZoneInfo("Europe/Stockholm")):
        assert moments.short(at(instant), now=NOW) == told


@pytest.mark.scenario("E65")
def test_in_full_the_zone_is_named() -> None:
    with translation.override("sv"), timezone.override(zoneinfo.ZoneInfo("America/Sao_Paulo")):
        assert moments.whole(NOW) == "Ons 18 nov 2026 09:00:00 America/Sao_Paulo"


@pytest.mark.parametrize(
    ("share", "english", "swedish"),
    [
        (1.0, "100 %", "100 %"),
        (0.99999, "99.9 %", "99,9 %"),
        (0.925, "92.5 %", "92,5 %"),
        (0.0, "0 %", "0 %"),
    ],
)
def test_only_what_is_whole_is_a_hundred_per_cent(share: float, english: str, swedish: str) -> None:
    with translation.override("en"):
        assert moments.percent(share) == english
    with translation.override("sv"):
        assert moments.percent(share) == swedish


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (seconds(5), "5 s"),
        (seconds(3599), "59 min"),
        (seconds(7200), "2 h"),
        (seconds(7260), "2 h 01 m"),
        (dt.timedelta(hours=47), "47 h"),
        (dt.timedelta(days=4), "4 d"),
        (dt.timedelta(days=4, hours=3), "4 d 3 h"),
    ],
)
def test_a_rough_length_is_for_reading(length: dt.timedelta, told: str) -> None:
    with translation.override("en"):
        assert moments.rough(length) == told


def test_a_length_in_a_sentence_is_exact() -> None:
    with translation.override("en"):
        assert moments.exact(seconds(5405)) == "1 h 30 min 5 s"
        assert moments.exact(seconds(0)) == "0 s"
        assert moments.exact(seconds(3600)) == "1 h"
