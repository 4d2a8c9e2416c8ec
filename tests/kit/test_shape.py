"""Plain data read field by field: taken as it is, or refused by its path with a reason."""

from typing import Any

import pytest

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid


def reason(read: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(Invalid) as refused:
        read(*arguments, **named)
    assert refused.value.path.startswith("here")
    return refused.value.reason


def test_what_is_of_the_form_is_given_back() -> None:
    data = {"a": 1}
    assert shape.mapping(data, "here") is data
    assert shape.listing((1, 2), "here") == [1, 2]
    assert shape.text(" a ", "here") == " a "
    assert shape.whole(0, "here", least=0) == 0
    assert shape.one_of("b", "here", iter("ab")) == "b"
    shape.only(data, "here", iter("ab"))


@pytest.mark.parametrize("value", [None, [], "a", 3, [("a", 1)]])
def test_what_is_no_mapping_is_refused(value: object) -> None:
    assert reason(shape.mapping, value, "here").startswith("expected a mapping, got ")


@pytest.mark.parametrize("key", [1, None, True, ("a",)])
def test_a_key_that_is_no_text_is_refused(key: object) -> None:
    assert reason(shape.mapping, {"a": 1, key: 2}, "here") == (
        f"the key {key!r} must be text (put it in quotes)"
    )


@pytest.mark.parametrize("value", [None, {}, "ab", 3, iter([1])])
def test_what_is_no_list_is_refused(value: object) -> None:
    assert reason(shape.listing, value, "here").startswith("expected a list, got ")


@pytest.mark.parametrize("value", [None, "", "  ", 3, ["a"], b"a"])
def test_what_is_no_text_is_refused(value: object) -> None:
    assert reason(shape.text, value, "here").startswith("expected text, got ")


@pytest.mark.parametrize("value", [None, 1, 2.0, "2", True])
def test_what_is_no_whole_number_or_too_small_is_refused(value: object) -> None:
    assert reason(shape.whole, value, "here", least=2) == (
        f"expected a whole number of at least 2, got {shape.describe(value)}"
    )


def test_a_word_that_is_not_among_the_known_is_refused_with_the_nearest() -> None:
    words = ("carry", "restart")
    assert reason(shape.one_of, "cary", "here", words) == (
        "'cary' is not one of: carry, restart (did you mean carry?)"
    )
    assert reason(shape.one_of, 3, "here", words) == "3 is not one of: carry, restart"
    assert reason(shape.one_of, None, "here", words) == "nothing is not one of: carry, restart"
    assert reason(shape.one_of, ["carry"], "here", words).startswith("['carry'] is not one of")


def test_the_first_unknown_field_is_refused_by_its_own_path() -> None:
    with pytest.raises(Invalid) as refused:
        shape.only({"zone": 1, "weeks": 2, "x": 3}, "here", ("zone", "week"))
    assert refused.value.path == "here.weeks"
    assert refused.value.reason == "unknown field; known here: zone, week (did you mean week?)"
    with pytest.raises(Invalid, match=r"^x: unknown field"):
        shape.only({"x": 3}, "", ("zone", "week"))


def test_a_hint_comes_only_when_a_word_is_near() -> None:
    assert shape.hint("Europe/Stokholm", ["Europe/Oslo", "Europe/Stockholm"]) == (
        " (did you mean Europe/Stockholm?)"
    )
    assert shape.hint("qqq", ["zone", "week"]) == ""
    assert shape.hint(None, ["zone"]) == ""


def test_a_value_is_described_by_its_text_or_when_long_by_its_type() -> None:
    assert shape.describe(None) == "nothing"
    assert shape.describe("a") == "'a'"
    assert shape.describe("x" * 58) == repr("x" * 58)
    assert shape.describe("x" * 59) == "a str"
    assert shape.describe(list(range(99))) == "a list"
