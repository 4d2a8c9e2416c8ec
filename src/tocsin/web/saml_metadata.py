"""Metadata: what a provider's says of it, and what we say of ourselves to a provider."""

import base64
import datetime as dt
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from tocsin.kit.invalid import Invalid
from tocsin.web import saml_library
from tocsin.web.saml_answer import FORMATS
from tocsin.web.saml_library import Untrue

LONGEST = 500_000
_FIELD = "metadata"
_MD = "urn:oasis:names:tc:SAML:2.0:metadata"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
_BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"


@dataclass(frozen=True, slots=True)
class Read:
    """What metadata say of a provider: its name, where people sign in, certificates as PEM."""

    issuer: str
    address: str
    certificates: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as people compare it; `over` says that its time is over."""

    holder: str
    print: str
    until: dt.datetime
    over: bool


def read(text: str) -> Read:
    """Return what a provider's metadata say; raises `Invalid` for `metadata`."""
    if len(text) > LONGEST:
        raise Invalid(_FIELD, "is too long")
    try:
        root = saml_library.parsed(text.strip().encode())
    except Untrue:
        raise Invalid(_FIELD, "is no XML that can be read") from None
    roles = list(root.iter(f"{{{_MD}}}IDPSSODescriptor"))
    if len(roles) != 1:
        raise Invalid(_FIELD, "must describe one identity provider")
    role = roles[0]
    address = next(
        (
            one.get("Location")
            for one in role.findall(f"{{{_MD}}}SingleSignOnService")
            if one.get("Binding") == f"{_BINDINGS}HTTP-Redirect"
        ),
        None,
    )
    if not address:
        raise Invalid(_FIELD, "names no address for the redirect binding")
    found = [_pem(one.text or "") for key in _signing(role) for one in _certificates(key)]
    return Read(
        issuer=(role.getparent().get("entityID") or "").strip(),
        address=address.strip(),
        certificates="\n".join(dict.fromkeys(found)),
    )


def _signing(role: Any) -> list[Any]:
    # Without a use a key is for both.
    return [
        key for key in role.findall(f"{{{_MD}}}KeyDescriptor") if key.get("use") != "encryption"
    ]


def _certificates(key: Any) -> list[Any]:
    return list(key.iter(f"{_DS}X509Certificate"))


def _pem(text: str) -> str:
    bare = "".join(text.split())
    lines = [bare[n : n + 64] for n in range(0, len(bare), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])


def as_pem(certificates: list[str]) -> str:
    """Return certificates as they are kept in the form in which they are typed."""
    return "\n".join(_pem(one) for one in certificates)


def described(certificates: list[str], *, now: dt.datetime) -> list[Certificate]:
    """Return certificates as they are kept for people to look at."""
    found = []
    for one in certificates:
        made = x509.load_der_x509_certificate(base64.b64decode(one))
        printed = made.fingerprint(SHA256()).hex(":").upper()
        until = made.not_valid_after_utc
        found.append(Certificate(made.subject.rfc4514_string(), printed, until, until <= now))
    return found


def ours(entity: str, answers: str, subject: str) -> bytes:
    """Return our own metadata: our name, where answers go, and what we want of them."""
    root = ElementTree.Element(f"{{{_MD}}}EntityDescriptor", {"entityID": entity})
    told = {
        "protocolSupportEnumeration": _PROTOCOL,
        "AuthnRequestsSigned": "false",
        "WantAssertionsSigned": "true",
    }
    role = ElementTree.SubElement(root, f"{{{_MD}}}SPSSODescriptor", told)
    ElementTree.SubElement(role, f"{{{_MD}}}NameIDFormat").text = FORMATS[subject]
    place = {
        "Binding": f"{_BINDINGS}HTTP-POST",
        "Location": answers,
        "index": "0",
        "isDefault": "true",
    }
    ElementTree.SubElement(role, f"{{{_MD}}}AssertionConsumerService", place)
    ElementTree.indent(root)
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made
