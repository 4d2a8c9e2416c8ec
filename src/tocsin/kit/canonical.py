"""Canonical bytes and their digests: the same facts give the same bytes wherever they are made.

The form is RFC 8785. Numbers are whole ones only: a fraction would not survive every reader.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring

import rfc8785

from tocsin.kit.invalid import Invalid

Value = str | int | bool | None | Sequence["Value"] | Mapping[str, "Value"]
_SAFE = 2**53 - 1
SALT_BYTES = 32
_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def encoded(value: Value) -> bytes:
    """Return the canonical bytes of a value; refuse what they cannot say exactly."""
    try:
        if _is_plain(value):
            # Nearly every payload: Python's own encoder says the same, many times as fast.
            return _PLAIN.encode(value).encode()
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise Invalid("", f"cannot be written canonically: {error}") from None


def quoted(text: str) -> str:
    """Return a text as canonical JSON has it, quotes included."""
    return encode_basestring(text)


def _is_plain(value: object) -> bool:
    """Say whether a value is one that both ways of writing have no choice about."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -_SAFE <= value <= _SAFE  # type: ignore[operator]  # it is one
    if kind is list:
        return all(map(_is_plain, value))  # type: ignore[call-overload]  # it is one
    if kind is dict:
        # Keys of other alphabets may sort otherwise by code units than by code points.
        return all(
            type(key) is str and key.isascii() and _is_plain(one)
            for key, one in value.items()  # type: ignore[attr-defined]  # it is one
        )
    return False


def leaf(data: bytes) -> bytes:
    """Return the hash of a log entry, 32 bytes: a leaf in the sense of RFC 9162."""
    return hashlib.sha256(b"\x00" + data).digest()


def salt() -> bytes:
    """Return 256 random bits."""
    return secrets.token_bytes(SALT_BYTES)


def commitment(salted: bytes, content: bytes) -> str:
    """Return what stands for erasable content in a log entry: a digest that only its salt opens."""
    return hashlib.sha256(salted + content).hexdigest()
