"""Telephone numbers: what is a number, and what is said of what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.actions import phone_numbers
from tocsin.kit.invalid import Invalid


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+46701234567", "+46701234567"),
        (" +46 70-123 45 67 ", "+46701234567"),
        ("+46 (0)70 123 45 67", "+46701234567"),
        ("0046701234567", "+46701234567"),
        ("+55 (11) 91234-5678", "+5511912345678"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+44.20.7946.0000", "+442079460000"),
        ("+6834000", "+6834000"),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: str) -> None:
    assert phone_numbers.read(typed) == number
    assert phone_numbers.read(number) == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "with its country"),
        ("070-123 45 67", "with its country"),
        ("+", "with its country"),
        ("+46 70 CALL ME", "with its country"),
        ("+46701234567,+46701234568", "with its country"),
        ("+46701234567\nBcc", "with its country"),
        ("+٤٦٧٠١٢٣٤٥٦٧", "with its country"),
        ("+46701", "5 digits"),
        ("+4670123456789012", "16 digits"),
        ("+46070123456", "leave that 0 out"),
        ("+9991234567", "no country's code"),
        ("+979123456789", "no country's code"),
        ("+1 415 555 267", "North America"),
        ("+11155552671", "North America"),
        ("+0046701234567", "no country's code"),
    ],
)
def test_what_is_no_number_is_refused_with_what_would_be(typed: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        phone_numbers.read(typed)
    assert refused.value.path == "address"
    assert reason in refused.value.reason


@given(st.text(max_size=25))
def test_what_is_taken_is_e164(typed: str) -> None:
    try:
        found = phone_numbers.read(typed)
    except Invalid:
        return
    assert found[0] == "+"
    assert found[1:].isascii()
    assert found[1:].isdigit()
    assert 7 <= len(found) - 1 <= 15


def test_a_log_shows_the_ends_of_a_number() -> None:
    assert phone_numbers.hidden("+46701234567") == "+467…567"
    assert phone_numbers.hidden("+6834000") == "…"
