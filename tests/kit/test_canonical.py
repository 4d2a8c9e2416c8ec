"""Canonical bytes: the quick way and the library agree; what neither can say is refused."""

import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid

SAFE = 2**53 - 1
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_the_bytes_are_those_of_rfc_8785(value: canonical.Value) -> None:
    assert canonical.encoded(value) == rfc8785.dumps(value)


@given(texts)
def test_a_quoted_text_is_that_of_rfc_8785(text: str) -> None:
    assert canonical.quoted(text).encode() == rfc8785.dumps(text)


@given(values)
def test_the_bytes_read_back_as_what_they_were(value: canonical.Value) -> None:
    assert json.loads(canonical.encoded(value)) == value


@pytest.mark.parametrize("value", [2**53, -(2**53), {"a": 2**60}, "\ud800", {"a": ["\udfff"]}])
def test_what_not_every_reader_could_read_is_refused(value: canonical.Value) -> None:
    with pytest.raises(Invalid):
        canonical.encoded(value)


def test_keys_are_sorted_by_code_units_and_not_by_code_points() -> None:
    # By code points the emoji would come last.
    value = {"\ufb33": 1, "\U0001f600": 2}
    assert canonical.encoded(value) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_a_leaf_is_that_of_rfc_9162() -> None:
    assert canonical.leaf(b"entry") == hashlib.sha256(b"\x00entry").digest()


def test_a_commitment_says_nothing_without_its_salt() -> None:
    first, second = canonical.salt(), canonical.salt()
    assert len(first) == canonical.SALT_BYTES
    assert first != second
    assert canonical.commitment(first, b"yes") != canonical.commitment(second, b"yes")
    assert canonical.commitment(first, b"yes") == hashlib.sha256(first + b"yes").hexdigest()
