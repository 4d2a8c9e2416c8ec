"""A device with a passkey, as a browser speaks for it: real keys, real signatures, no browser."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    """Makes a passkey and proves it; what it says of itself can be changed, to be refused."""

    origin: str = "http://localhost"
    host: str = "localhost"
    verified: bool = True
    id: bytes = field(default_factory=lambda: os.urandom(16))
    handle: bytes = b""
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def made(self, options: dict[str, Any]) -> str:
        """Return a browser's answer to being asked for a new passkey."""
        self.handle = raw(options["user"]["id"])
        numbers = self._key.public_key().public_numbers()
        public = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        data = self._data(_ATTESTED) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id
        data += cbor.encode(public)
        told = {"fmt": "none", "attStmt": {}, "authData": data}
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(
            {"clientDataJSON": text(client), "attestationObject": text(cbor.encode(told))}
        )

    def proved(self, options: dict[str, Any]) -> str:
        """Return a browser's answer to being asked to prove the passkey."""
        client = self._client("webauthn.get", options["challenge"])
        data = self._data(0)
        signed = data + hashlib.sha256(client).digest()
        return self._answer(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": text(self.handle),
            }
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verified else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + bytes(4)

    def _answer(self, response: dict[str, str]) -> str:
        id_ = text(self.id)
        told = {"id": id_, "rawId": id_, "type": "public-key", "response": response}
        return json.dumps({**told, "clientExtensionResults": {}})
