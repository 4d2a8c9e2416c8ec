"""What fits into a short message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.channels.sms import text

ANYTHING = st.text(
    st.characters(codec="utf-8") | st.sampled_from("abc åäöãç€[]{}…😀 \n"), max_size=600
)


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("åäöÅÄÖé" * 22 + "123456", 1),
        # What needs an escape costs two, and is not torn between two parts.
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("€" * 153, 3),
        ("ã" * 70, 1),
        ("ã" * 71, 2),
        ("ã" * 134, 2),
        ("ã" * 135, 3),
        ("ç", 1),
        # Outside of the basic plane a sign costs two as well: 33 of them in a part of 67.
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),
    ],
)
def test_parts_are_counted_as_carriers_count_them(message: str, count: int) -> None:
    assert text.parts(message) == count


def test_what_only_looks_better_costs_nothing() -> None:
    found = text.fitted("“Server” – it’s down…\u00a0now")
    assert found == '"Server" - it\'s down... now'
    assert text.is_gsm(found)


@pytest.mark.asvs("1.3.3")
def test_a_long_text_is_cut_at_a_word_and_the_link_is_whole() -> None:
    link = "https://desk.example.com/t/acme/tickets/42/"
    found = text.fitted("breached " * 100, link)
    assert found.endswith(f" breached...\n{link}")
    assert text.parts(found) == 3
    # Not in GSM: the sign for what was left out is one of its own.
    found = text.fitted("atenção agora " * 100, link)
    assert found.endswith(f"…\n{link}")
    assert found.split("\n")[0].rstrip("…").split()[-1] in ("atenção", "agora")
    assert text.parts(found) == 3


def test_one_word_without_end_is_cut_within_itself() -> None:
    found = text.fitted("x" * 1000)
    assert found == "x" * 456 + "..."


def test_a_link_that_is_longer_than_all_there_is_stays_away() -> None:
    assert text.fitted("down", "https://x.example/" + "a" * 500) == "down"


@given(ANYTHING, st.sampled_from(["", "https://desk.example.com/t/acme/tickets/42/"]))
def test_nothing_takes_more_than_three_parts(message: str, link: str) -> None:
    found = text.fitted(message, link)
    assert text.parts(found) <= 3
    assert found.endswith(link)
    assert all(c.isprintable() or c == "\n" for c in found)
