"""Canonical bytes and their digests: the same facts give the same bytes wherever they are made.

The form is RFC 8785. Numbers are whole ones only: a fraction would not survive every reader.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence

import rfc8785

from tocsin.kit.invalid import Invalid

Value = str | int | bool | None | Sequence["Value"] | Mapping[str, "Value"]
_SAFE = 2**53 - 1
SALT_BYTES = 32


def encoded(value: Value) -> bytes:
    """Return the canonical bytes of a value; refuse what they cannot say exactly."""
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise Invalid("", f"cannot be written canonically: {error}") from None


def leaf(data: bytes) -> bytes:
    """Return the hash of a log entry, 32 bytes: a leaf in the sense of RFC 9162."""
    return hashlib.sha256(b"\x00" + data).digest()


def salt() -> bytes:
    """Return 256 random bits."""
    return secrets.token_bytes(SALT_BYTES)


def commitment(salted: bytes, content: bytes) -> str:
    """Return what stands for erasable content in a log entry: a digest that only its salt opens."""
    return hashlib.sha256(salted + content).hexdigest()
