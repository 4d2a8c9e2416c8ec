"""A refusal names its field and its reason, and can be put under a longer path."""

import pytest

from tocsin.kit.invalid import Invalid


def test_a_refusal_reads_as_path_and_reason() -> None:
    refused = Invalid("week.mon[1]", "overlaps")
    assert str(refused) == "week.mon[1]: overlaps"
    assert (refused.path, refused.reason) == ("week.mon[1]", "overlaps")
    assert isinstance(refused, ValueError)


def test_a_refusal_of_the_whole_is_the_reason_alone() -> None:
    assert str(Invalid("", "is empty")) == "is empty"


@pytest.mark.parametrize(
    ("path", "parent", "whole"),
    [
        ("week", "calendars.office", "calendars.office.week"),
        ("[1]", "week.mon", "week.mon[1]"),
        ("", "week.mon", "week.mon"),
        ("week", "", "week"),
        ("", "", ""),
        ("a[0].b", "c[1]", "c[1].a[0].b"),
    ],
)
def test_a_path_is_put_under_its_parent(path: str, parent: str, whole: str) -> None:
    refused = Invalid(path, "why").under(parent)
    assert (refused.path, refused.reason) == (whole, "why")
    assert str(refused) == (f"{whole}: why" if whole else "why")
