"""The strongbox: secrets that we must read again, sealed with a key from the installation's own.

What lies in the database, and in every copy of it, cannot be read without TOCSIN_SECRET_KEY. Each
seal names its key, so that the installation's key can be changed: the ones before still open.
"""

import base64
import binascii
import hashlib
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_FORM = "1"
_NONCE = 12
_PURPOSE = b"tocsin: secrets of providers"
# A sealed text where it lies among others, with the name of its key.
_SEAL = re.compile(rf"{_FORM}:([0-9a-f]{{8}}):[A-Za-z0-9+/]+={{0,2}}")


class Locked(ValueError):
    """It was sealed with a key that we do not have, or for something else."""


def seal(text: str, *, for_: str) -> str:
    """Return a text sealed; `for_` names what it belongs to, and it opens for nothing else."""
    key = _key(settings.SECRET_KEY)
    nonce = os.urandom(_NONCE)
    hidden = AESGCM(key).encrypt(nonce, text.encode(), for_.encode())
    return f"{_FORM}:{_name(key)}:{base64.b64encode(nonce + hidden).decode('ascii')}"


def open_(sealed: str, *, for_: str) -> str:
    """Return what was sealed; raises `Locked`."""
    form, _, rest = sealed.partition(":")
    name, _, text = rest.partition(":")
    if form != _FORM:
        raise Locked("it is sealed in a form that this version does not know")
    for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = _key(one)
        if _name(key) != name:
            continue
        try:
            raw = base64.b64decode(text, validate=True)
            return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], for_.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Locked("it was changed, or belongs to something else") from None
    raise Locked("it was sealed with another TOCSIN_SECRET_KEY: enter it again")


def is_current(sealed: str) -> bool:
    """Say whether it is sealed with the key of today."""
    return sealed.startswith(f"{_FORM}:{_name(_key(settings.SECRET_KEY))}:")


def key_names() -> list[str]:
    """Return the names of the keys that open something here, that of today first."""
    return [_name(_key(one)) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def keys_in(text: str) -> list[str]:
    """Return the name of its key for each sealed text that lies in a text."""
    return _SEAL.findall(text)


def is_sealed(text: str) -> bool:
    """Say whether a text is one that was sealed, and nothing else."""
    return _SEAL.fullmatch(text) is not None


def renewed(sealed: str, *, for_: str) -> str:
    """Return the same secret sealed with the key of today; raises `Locked`."""
    return sealed if is_current(sealed) else seal(open_(sealed, for_=for_), for_=for_)


def _key(secret: str | bytes) -> bytes:
    raw = secret.encode() if isinstance(secret, str) else secret
    return HKDF(SHA256(), 32, None, _PURPOSE).derive(raw)


def _name(key: bytes) -> str:
    return hashlib.sha256(b"name of " + key).hexdigest()[:8]
