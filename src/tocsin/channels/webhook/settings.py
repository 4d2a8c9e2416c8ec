"""The settings of an endpoint: its address, and the secrets that messages to it are signed with."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tocsin.kit.invalid import Invalid

PREFIX = "whsec_"
_LEAST, _MOST = 24, 64


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to, and the keys: the new one first, while two hold."""

    url: str
    keys: tuple[bytes, ...] = field(repr=False)


def read(typed: Mapping[str, str]) -> Endpoint:
    """Return the settings from what was typed; raise `Invalid` that names the field."""
    url = typed.get("url", "")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise Invalid("url", "is no address") from None
    if not host or parts.scheme not in ("https", "http"):
        raise Invalid("url", "must be an address that begins with https://")
    if parts.username or parts.password:
        raise Invalid("url", "must not contain a user and password; messages are signed instead")
    keys = [_key(typed.get("secret", ""), "secret")]
    before = typed.get("secret_before", "")
    if before:
        keys.append(_key(before, "secret_before"))
    return Endpoint(url, tuple(keys))


def _key(secret: str, name: str) -> bytes:
    try:
        found = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not secret.startswith(PREFIX) or not _LEAST <= len(found) <= _MOST:
        raise Invalid(
            name,
            f"must be {PREFIX} and then {_LEAST} to {_MOST} random bytes in base64, such as"
            " openssl rand -base64 32 writes",
        )
    return found
