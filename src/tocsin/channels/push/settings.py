"""The key by which push services know this installation, and a browser's subscription."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from tocsin.kit.invalid import Invalid

_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PURPOSE = b"tocsin: key of web push"
_LONGEST = 2000
_MAIL = re.compile(r"mailto:[^\s@]+@[^\s@]+\.[^\s@]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """Who we are to push services: a private key, and where they may write about trouble."""

    contact: str
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def public_key(self) -> str:
        """Return the key that browsers subscribe with."""
        return encoded(point(self.key.public_key()))


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a browser gets its messages, and what they are sealed with."""

    endpoint: str
    p256dh: bytes
    auth: bytes = field(repr=False)

    @property
    def origin(self) -> str:
        """Return the origin of the push service."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"


def read(given: Mapping[str, str]) -> Settings:
    """Return the settings of a provider; raises `Invalid` that names the field."""
    contact = given.get("contact", "").strip()
    if "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    if not _MAIL.fullmatch(contact) and not _is_page(contact):
        raise Invalid("contact", "must be a mail address, or an address that begins with https://")
    typed = given.get("key", "").strip()
    return Settings(contact, _typed(typed) if typed else _ours())


def _is_page(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme == "https" and bool(parts.hostname)


def _typed(text: str) -> ec.EllipticCurvePrivateKey:
    """Read a private key as tools write it: 32 bytes in base64, or PEM."""
    try:
        if text.startswith("-----BEGIN"):
            found = serialization.load_pem_private_key(text.encode("ascii"), password=None)
        else:
            number = int.from_bytes(_bytes(text, 32, 32), "big")
            found = ec.derive_private_key(number, _CURVE)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Invalid("key", "must be a private key of P-256: 32 bytes in base64, or PEM") from None
    if not isinstance(found, ec.EllipticCurvePrivateKey) or found.curve.name != _CURVE.name:
        raise Invalid("key", "must be a private key of the curve P-256")
    return found


def _ours() -> ec.EllipticCurvePrivateKey:
    """Return the installation's own key: the same in each of its processes, and after a restart."""
    # Twice as long as needed: what is left of the division is even enough.
    made = HKDF(SHA256(), 64, None, _PURPOSE).derive(settings.SECRET_KEY.encode())
    return ec.derive_private_key(int.from_bytes(made, "big") % (_ORDER - 1) + 1, _CURVE)


def address(text: str) -> str:
    """Return a browser's subscription in one form; raises `Invalid` for ``address``."""
    found = subscription(text)
    return json.dumps(
        {
            "endpoint": found.endpoint,
            "keys": {"auth": encoded(found.auth), "p256dh": encoded(found.p256dh)},
        },
        separators=(",", ":"),
        sort_keys=True,
    )


def subscription(text: str) -> Subscription:
    """Read a subscription as browsers write it; raises `Invalid` for ``address``."""
    wrong = Invalid("address", "is no subscription of a browser: switch it on in that browser")
    if len(text) > _LONGEST:
        raise wrong
    try:
        told = json.loads(text)
        endpoint, keys = told["endpoint"], told["keys"]
        found = Subscription(endpoint, _bytes(keys["p256dh"], 65, 65), _bytes(keys["auth"], 16, 16))
        parts = urlsplit(endpoint)
        # It is checked to be a point of the curve, so that what is sealed can be opened.
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, found.p256dh)
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        raise wrong from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
        raise wrong
    if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        raise wrong
    return found


def _bytes(text: str, shortest: int, longest: int) -> bytes:
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    try:
        found = base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("no base64") from error
    if not shortest <= len(found) <= longest:
        raise ValueError("of another length")
    return found


def encoded(raw: bytes) -> str:
    """Return bytes as these standards write them: base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as 65 bytes."""
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
