"""What is typed about a SAML provider, checked: its name, its address and its certificates."""

import base64
import binascii
import re
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tocsin.actions import given
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

# How a provider names people: by a name that never changes, or by their address.
SUBJECTS = ("persistent", "email")
LEAST_BITS = 2048
_LONGEST = 500
_LONGEST_CERTIFICATES = 100_000
# Two are there while one is rolled over for the next; some providers list the one after that too.
_MOST = 10
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_NAME = re.compile(r"[0-9A-Za-z_.:/-]{1,200}")


def checked(typed: Any) -> dict[str, Any]:
    """Return the settings of a provider as they are kept; raises `Invalid`."""
    shape.one_of(typed.subject, "subject", SUBJECTS)
    return {
        "issuer": given.text(typed.issuer, "issuer", kind="name"),
        "address": given.web_address(typed.address, "address", longest=_LONGEST, query=True),
        "certificates": _certificates(typed.certificates),
        "subject": typed.subject,
        "claim": _attribute(typed.claim, "claim"),
        "email": _attribute(typed.email, "email"),
        "person": _attribute(typed.person, "person"),
        "checked": typed.checked,
    }


def _attribute(typed: str, path: str) -> str:
    found = typed.strip()
    if found and not _NAME.fullmatch(found):
        raise Invalid(path, "must be the name of an attribute, such as groups")
    return found


def _certificates(typed: str) -> list[str]:
    """Return certificates (base64 of DER) out of blocks of PEM, each once."""
    if len(typed) > _LONGEST_CERTIFICATES:
        raise Invalid("certificates", "is too long")
    blocks = _PEM.findall(typed)
    if not blocks or _PEM.sub("", typed).strip():
        raise Invalid("certificates", "must be certificates in PEM, one below the other")
    found = list(dict.fromkeys(_certificate("".join(block.split())) for block in blocks))
    if len(found) > _MOST:
        raise Invalid("certificates", f"are {len(found)}; {_MOST} are the most")
    return found


def _certificate(text: str) -> str:
    try:
        raw = base64.b64decode(text, validate=True)
        key = x509.load_der_x509_certificate(raw).public_key()
    except (binascii.Error, ValueError, TypeError):
        raise Invalid("certificates", "has one that cannot be read") from None
    strong = isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_BITS
    strong = strong or (isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES)
    if not strong:
        raise Invalid("certificates", "has one whose key is too weak: RSA needs 2048 bits")
    return base64.b64encode(raw).decode("ascii")
