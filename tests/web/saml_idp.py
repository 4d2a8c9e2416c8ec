"""A SAML 2.0 identity provider: it reads an AuthnRequest and answers with XML that it has signed.

It keeps to the web browser profile (redirect there, a form back). `twist` has it, or somebody who
stands between it and us, do one thing wrong.
"""

import base64
import datetime as dt
import importlib
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tocsin.kit import machine_clock

# The one has no types, the other has some that name half of it.
etree: Any = importlib.import_module("lxml.etree")
xmlsec: Any = importlib.import_module("xmlsec")
ISSUER = "https://idp.example.com/saml"
SIGN_IN = "https://idp.example.com/saml/sign-in?organisation=7&way=redirect"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
NAMES = {"p": PROTOCOL, "a": ASSERTION, "ds": "http://www.w3.org/2000/09/xmldsig#"}
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


@dataclass(frozen=True)
class Key:
    """A key with a certificate that it has signed itself."""

    private: str
    certificate: str

    @property
    def bare(self) -> str:
        return "".join(self.certificate.splitlines()[1:-1])


def made(*, days: int = 365, bits: int = 2048) -> Key:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.com")])
    now = machine_clock.wall()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=500))
        .not_valid_after(now + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return Key(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
    )


# Made once: they take a while.
KEYS = [made() for _ in range(2)]
Twist = Callable[[Any], Any]


def minutes(number: float) -> str:
    """Return the instant so many minutes from now as SAML writes it."""
    at = machine_clock.wall() + dt.timedelta(minutes=number)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _same(root: Any) -> Any:
    return root


@dataclass
class SamlProvider:
    """A provider; the fields say what it tells of whoever signs in at it."""

    subject: str = "4711"
    format: str = PERSISTENT
    attributes: dict[str, list[str]] = field(default_factory=dict)
    key: Key = KEYS[0]
    signs: tuple[str, ...] = ("assertion",)
    means: tuple[Any, Any] = (xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256)
    # What it says otherwise than it should: by the name of an element or attribute.
    says: dict[str, str | None] = field(default_factory=dict)
    # Before signing and after it; the one is the provider's own doing, the other is not.
    before: Twist = _same
    after: Twist = _same

    def asked(self, address: str) -> Any:
        """Return the request that lies in an address."""
        query = parse_qs(urlsplit(address).query)
        assert query["organisation"] == ["7"]
        packed = base64.b64decode(query["SAMLRequest"][0])
        return etree.fromstring(zlib.decompress(packed, wbits=-15))

    def browse(self, address: str) -> dict[str, str]:
        """Sign in as a browser would, and return the form that it is to send on."""
        asked = self.asked(address)
        return self.form(self.answer(asked))

    def form(self, root: Any) -> dict[str, str]:
        return {"SAMLResponse": base64.b64encode(etree.tostring(root)).decode()}

    def answer(self, asked: Any) -> Any:
        """Return a signed answer to a request."""
        place, request = asked.get("AssertionConsumerServiceURL"), asked.get("ID")
        entity = asked.findtext("a:Issuer", namespaces=NAMES)
        root = etree.fromstring(self.text(place, request, entity))
        root = self.before(root)
        for what in self.signs:
            self.sign(root if what == "response" else root.find(".//a:Assertion", NAMES))
        # What the library below has made is known to the tree by its names once it is read again.
        return self.after(etree.fromstring(etree.tostring(root)))

    def say(self, name: str, value: str) -> str:
        """Return an attribute as it is said, or nothing."""
        said = self.says.get(name, value)
        return "" if said is None else f'{name.rpartition(".")[2]}="{said}"'

    def text(self, place: str, request: str, entity: str) -> str:
        audience = self.says.get("Audience", entity)
        restriction = (
            f"<a:AudienceRestriction><a:Audience>{audience}</a:Audience></a:AudienceRestriction>"
        )
        values = "".join(
            f'<a:Attribute Name="{name}">'
            + "".join(f"<a:AttributeValue>{one}</a:AttributeValue>" for one in listed)
            + "</a:Attribute>"
            for name, listed in self.attributes.items()
        )
        return f"""<p:Response xmlns:p="{PROTOCOL}" xmlns:a="{ASSERTION}" Version="2.0"
  ID="_{secrets.token_hex(16)}" IssueInstant="{minutes(0)}" {self.say("Destination", place)}
  {self.say("InResponseTo", request)}><a:Issuer>{self.says.get("Issuer", ISSUER)}</a:Issuer>
<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{
            self.says.get("Status", "Success")
        }"/></p:Status>
<a:Assertion Version="2.0" ID="_{secrets.token_hex(16)}" {self.say("IssueInstant", minutes(0))}>
<a:Issuer>{self.says.get("Assertion.Issuer", ISSUER)}</a:Issuer>
<a:Subject><a:NameID Format="{self.format}">{self.subject}</a:NameID>
<a:SubjectConfirmation Method="{self.says.get("Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer")}">
<a:SubjectConfirmationData {self.say("Recipient", place)}
 {self.say("Confirmation.InResponseTo", request)} {
            self.say("Confirmation.NotOnOrAfter", minutes(5))
        }/>
</a:SubjectConfirmation></a:Subject>
<a:Conditions {self.say("NotBefore", minutes(-1))} {self.say("NotOnOrAfter", minutes(5))}>{
            restriction if audience else ""
        }{self.says.get("Condition", "")}</a:Conditions>
<a:AuthnStatement {self.say("AuthnInstant", minutes(0))}><a:AuthnContext><a:AuthnContextClassRef>
urn:oasis:names:tc:SAML:2.0:ac:classes:Password</a:AuthnContextClassRef></a:AuthnContext>
</a:AuthnStatement>
<a:AttributeStatement>{values or '<a:Attribute Name="none"/>'}</a:AttributeStatement>
</a:Assertion></p:Response>"""

    def sign(self, element: Any, *, key: Key | None = None, uri: str = "") -> None:
        """Sign an element, with the signature in its place behind the issuer."""
        key = key or self.key
        method, digest = self.means
        signature = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, method, ns="ds")
        reference = xmlsec.template.add_reference(
            signature, digest, uri=uri or f"#{element.get('ID')}"
        )
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
        element.insert(1, signature)
        xmlsec.tree.add_ids(element.getroottree().getroot(), ["ID"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(key.private, xmlsec.KeyFormat.PEM)
        context.key.load_cert_from_memory(key.certificate, xmlsec.KeyFormat.PEM)
        context.sign(signature)


def metadata(*keys: Key, issuer: str = ISSUER, address: str = SIGN_IN) -> str:
    """Return what a provider says of itself."""
    listed = "".join(
        f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{key.bare}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for key in keys
    )
    address = address.replace("&", "&amp;")
    binding = "urn:oasis:names:tc:SAML:2.0:bindings"
    return f"""<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
 xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{issuer}">
<md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">{listed}
<md:SingleSignOnService Binding="{binding}:HTTP-POST" Location="https://idp.example.com/post"/>
<md:SingleSignOnService Binding="{binding}:HTTP-Redirect" Location="{address}"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""
