"""Lengths of time as people write them, and those that could mean two things."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.engine import duration
from tocsin.kit.invalid import Invalid

MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("8h", 480),
        ("30m", 30),
        ("30min", 30),
        ("90m", 90),
        ("1h30m", 90),
        ("1h 30m", 90),
        (" 1 h  30 min ", 90),
        ("1h 30m 30s", 90.5),
        ("15s", 0.25),
        ("100h", 6000),
        ("08h", 480),
        ("PT8H", 480),
        ("PT1H30M", 90),
        ("PT45M", 45),
        ("PT90S", 1.5),
    ],
)
def test_a_length_is_read(text: str, minutes: float) -> None:
    assert duration.parse(text, "target") == minutes * MINUTE


@pytest.mark.parametrize("text", ["2d", "2 d", "1 day", "3days", "1w", "2 weeks", " 2d "])
def test_days_are_ambiguous(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        duration.parse(text, "targets.P1")
    assert refused.value.path == "targets.P1"
    assert "ambiguous" in refused.value.reason
    assert "48h" in refused.value.reason
    assert "business_days" in refused.value.reason


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "h", "8", "-1h", "+1h", "1.5h", "1,5h", "8 hours", "30m 1h", "1h1h", "1h30"],
        *["P1D", "P1W", "PT", "P", "PT1D", "pt8h", "8H", "eight", "1h 2d", "∞"],
        *["1 0h", "1h 3 0m", "8h\n", "1\th"],
    ],
)
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        duration.parse(text, "targets.P1")
    assert refused.value.path == "targets.P1"
    assert "write it like 8h, 30m or 1h 30m" in refused.value.reason
    assert repr(text) in refused.value.reason


@pytest.mark.parametrize("value", [8, 8.0, None, True, ["8h"], {"h": 8}, dt.timedelta(hours=8)])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(Invalid, match=r"^x: expected a length such as 8h or 30m, got "):
        duration.parse(value, "x")


@pytest.mark.parametrize("text", ["0h", "0m", "0s", "0h 0m", "PT0S", "00m"])
def test_zero_is_refused_unless_it_is_allowed(text: str) -> None:
    with pytest.raises(Invalid, match=r"^x: must be longer than zero$"):
        duration.parse(text, "x")
    assert duration.parse(text, "x", zero=True) == dt.timedelta(0)


@pytest.mark.parametrize("digits", [12, 40, 5000])
def test_a_length_beyond_all_calendars_is_refused(digits: int) -> None:
    with pytest.raises(Invalid, match="longer than any calendar") as refused:
        duration.parse("9" * digits + "h", "x")
    assert refused.value.path == "x"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (dt.timedelta(0), "0 min"),
        (30 * MINUTE, "30 min"),
        (60 * MINUTE, "1 h"),
        (90 * MINUTE, "1 h 30 min"),
        (90.5 * MINUTE, "1 h 30 min 30 s"),
        (dt.timedelta(days=3), "72 h"),
        (dt.timedelta(seconds=5), "5 s"),
        (dt.timedelta(microseconds=1), "0.000001 s"),
        (dt.timedelta(seconds=60, microseconds=500_000), "1 min 0.500000 s"),
        (-5 * MINUTE, "-5 min"),
        (-90 * MINUTE, "-1 h 30 min"),
    ],
)
def test_a_length_is_told_in_words(length: dt.timedelta, text: str) -> None:
    assert duration.text(length) == text


@given(st.integers(1, 10**7))
def test_what_is_told_is_read_again(seconds: int) -> None:
    length = dt.timedelta(seconds=seconds)
    assert duration.parse(duration.text(length), "x") == length
