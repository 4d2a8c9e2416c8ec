"""Sealing a message for one browser, and signing who sends it."""

import datetime as dt
import json
from collections.abc import Mapping

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tocsin.channels.push.settings import Settings, Subscription, encoded

# A push service takes 4,096 bytes; some are the header's and the seal's.
MOST_BYTES = 3000
_RECORD = 4096
# Push services take at most a day.
_VALID = dt.timedelta(hours=12)


def sealed(
    message: bytes,
    to: Subscription,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return a message that only that browser can open (RFC 8291, `aes128gcm`).

    Each has a key and a salt of its own; only a test of the standard's example gives them.
    """
    made: bytes = http_ece.encrypt(
        message,
        salt=salt,
        private_key=key or ec.generate_private_key(ec.SECP256R1()),
        dh=to.p256dh,
        auth_secret=to.auth,
        rs=_RECORD,
        version="aes128gcm",
    )
    return made


def authorization(to: Subscription, by: Settings, *, now: dt.datetime) -> str:
    """Return the header that proves who sends (RFC 8292): a token for this push service alone."""
    head = {"typ": "JWT", "alg": "ES256"}
    claims = {"aud": to.origin, "exp": int((now + _VALID).timestamp()), "sub": by.contact}
    signed = f"{_part(head)}.{_part(claims)}"
    r, s = decode_dss_signature(by.key.sign(signed.encode("ascii"), ec.ECDSA(SHA256())))
    signature = encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={signed}.{signature}, k={by.public_key}"


def _part(told: Mapping[str, object]) -> str:
    return encoded(json.dumps(told, separators=(",", ":")).encode())
