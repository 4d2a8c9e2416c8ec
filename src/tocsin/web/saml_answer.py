"""What an answer of a SAML provider may look like, and what it says of whoever it is about.

Two steps around the library's check of the signature. Before it: nothing in the document but one
assertion, signed in the one way that leaves no doubt about what was signed; so no transform that
looks elsewhere is ever run. After it: for us, in answer to our request, and now.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tocsin.web.saml_library import Untrue

LEEWAY = dt.timedelta(minutes=1)
# The request that it answers lives ten minutes.
LONGEST_AGO = dt.timedelta(minutes=10)
LONGEST_SUBJECT = 190
FORMATS = {
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "email": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
}
_PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_IDS = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")
_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
# Neither SHA-1 nor anything with a shared secret.
_METHODS = {
    *(f"http://www.w3.org/2001/04/xmldsig-more#rsa-sha{bits}" for bits in (256, 384, 512)),
    *(f"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha{bits}" for bits in (256, 384, 512)),
}
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
}
_CONDITIONS = {f"{_ASSERTION}{name}" for name in ("OneTimeUse", "ProxyRestriction")}
_MOST_VALUES = 2000


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer has to say: who it is of, whom it is for, where it goes, and how it names."""

    issuer: str
    entity: str
    answers: str
    subject: str


@dataclass(frozen=True, slots=True)
class Said:
    """What was signed: whom it is about, in answer to what, and when they were asked."""

    assertion: str
    request: str
    subject: str
    asked_at: dt.datetime
    attributes: dict[str, list[str]]


def shape(root: Any) -> None:
    """Raise `Untrue` unless a document can have been signed in one sense only."""
    if root.tag != f"{_PROTOCOL}Response":
        raise Untrue("it is no response")
    if any(root.iter(f"{_ASSERTION}EncryptedAssertion")):
        raise Untrue("its assertion is encrypted")
    found = list(root.iter(f"{_ASSERTION}Assertion"))
    if len(found) != 1 or found[0].getparent() is not root:
        raise Untrue("it has not one assertion in its place")
    ids = [one.get(name) for one in root.iter() for name in _IDS if one.get(name) is not None]
    if len(ids) != len(set(ids)):
        raise Untrue("an ID stands there twice")
    signatures = list(root.iter(f"{_SIGNATURE}Signature"))
    if not signatures:
        raise Untrue("nobody has signed it")
    whole = [one for one in signatures if one.getparent() is root]
    part = [one for one in signatures if one.getparent() is found[0]]
    if len(whole) + len(part) != len(signatures) or len(whole) > 1 or len(part) > 1:
        raise Untrue("a signature is not in its place")
    for one in signatures:
        _signature(one)


def _signature(signature: Any) -> None:
    """Raise `Untrue` unless a signature is of its parent, all of it, by means that we know."""
    parts = [one.tag.removeprefix(_SIGNATURE) for one in signature]
    if parts not in (["SignedInfo", "SignatureValue"], ["SignedInfo", "SignatureValue", "KeyInfo"]):
        raise Untrue("a signature has other parts than it may have")
    info = signature[0]
    if [one.tag.removeprefix(_SIGNATURE) for one in info] != [
        "CanonicalizationMethod",
        "SignatureMethod",
        "Reference",
    ]:
        raise Untrue("a signature is not of one thing")
    form, method, reference = info
    wanted = [
        (form, {_C14N}),
        (method, _METHODS),
        *((one, {_ENVELOPED, _C14N}) for one in reference.iter(f"{_SIGNATURE}Transform")),
        *((one, _DIGESTS) for one in reference.iter(f"{_SIGNATURE}DigestMethod")),
    ]
    if any(one.get("Algorithm") not in known for one, known in wanted):
        raise Untrue("a signature is made by means that are not taken, such as SHA-1")
    if any(one.tag.startswith(_SIGNATURE) for part in (form, method) for one in part):
        raise Untrue("a signature's means have parts of their own")
    if not reference.get("URI") or reference.get("URI") != f"#{signature.getparent().get('ID')}":
        raise Untrue("a signature is of something else than where it stands")


def said(root: Any, expected: Expected, *, now: dt.datetime) -> Said:
    """Return what a signed document says; raises `Untrue` when it is not for us and now."""
    request = root.get("InResponseTo")
    if not request:
        raise Untrue("nobody has asked for it")
    if root.get("Version") != "2.0" or root.get("Destination") != expected.answers:
        raise Untrue("it was sent to somewhere else")
    status = _one(_one(root, f"{_PROTOCOL}Status"), f"{_PROTOCOL}StatusCode")
    if status.get("Value") != _SUCCESS:
        raise Untrue("the provider let nobody in")
    assertion = _one(root, f"{_ASSERTION}Assertion")
    issuers = [_text(one) for one in root.findall(f"{_ASSERTION}Issuer")]
    issuers.append(_text(_one(assertion, f"{_ASSERTION}Issuer")))
    if any(one != expected.issuer for one in issuers):
        raise Untrue("it is of another issuer")
    if not now - LONGEST_AGO - LEEWAY <= _at(assertion, "IssueInstant") <= now + LEEWAY:
        raise Untrue("it is old, or of the future")
    _conditions(assertion, expected, now)
    subject = _one(assertion, f"{_ASSERTION}Subject")
    if not any(_confirms(one, request, expected, now) for one in _confirmations(subject)):
        raise Untrue("it is not for whoever brings it here now in answer to this request")
    statement = _one(assertion, f"{_ASSERTION}AuthnStatement")
    ends = statement.get("SessionNotOnOrAfter") is not None
    if ends and _at(statement, "SessionNotOnOrAfter") <= now:
        raise Untrue("the session there is over")
    return Said(
        assertion=str(assertion.get("ID")),
        request=request,
        subject=_subject(subject, expected),
        asked_at=_at(statement, "AuthnInstant"),
        attributes=_attributes(assertion),
    )


def _conditions(assertion: Any, expected: Expected, now: dt.datetime) -> None:
    found = _one(assertion, f"{_ASSERTION}Conditions")
    if found.get("NotBefore") is not None and _at(found, "NotBefore") > now + LEEWAY:
        raise Untrue("it does not hold yet")
    if _at(found, "NotOnOrAfter") <= now - LEEWAY:
        raise Untrue("it holds no more")
    audiences = list(found.findall(f"{_ASSERTION}AudienceRestriction"))
    # Each restriction has to allow us, and what none of us knows is not fulfilled.
    if not audiences or any(
        expected.entity not in [_text(one) for one in each.findall(f"{_ASSERTION}Audience")]
        for each in audiences
    ):
        raise Untrue("it is for somebody else")
    if any(one not in audiences and one.tag not in _CONDITIONS for one in found):
        raise Untrue("it has a condition that we do not know")


def _confirmations(subject: Any) -> Iterator[Any]:
    for one in subject.findall(f"{_ASSERTION}SubjectConfirmation"):
        if one.get("Method") == _BEARER:
            yield from one.findall(f"{_ASSERTION}SubjectConfirmationData")


def _confirms(data: Any, request: str, expected: Expected, now: dt.datetime) -> bool:
    # Of these two the library looks whether the one begins with, or lies in, the other.
    return (
        data.get("Recipient") == expected.answers
        and data.get("InResponseTo") == request
        and data.get("NotBefore") is None
        and _at(data, "NotOnOrAfter") > now - LEEWAY
    )


def _subject(subject: Any, expected: Expected) -> str:
    found = _one(subject, f"{_ASSERTION}NameID")
    name = _text(found)
    if found.get("Format") != FORMATS[expected.subject]:
        raise Untrue("it names somebody in another format than was agreed")
    if found.get("SPNameQualifier") not in (None, expected.entity):
        raise Untrue("it names somebody as they are called elsewhere")
    if not name or len(name) > LONGEST_SUBJECT:
        raise Untrue("it names nobody, or at too great length")
    return name


def _attributes(assertion: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in assertion.iter(f"{_ASSERTION}Attribute"):
        values = found.setdefault(one.get("Name") or "nameless", [])
        for value in one.findall(f"{_ASSERTION}AttributeValue")[:_MOST_VALUES]:
            if not len(value):
                values.append((value.text or "").strip())
    return found


def _one(parent: Any, tag: str) -> Any:
    found = parent.findall(tag)
    if len(found) != 1:
        raise Untrue(f"it has {len(found)} of {tag.rpartition('}')[2]}")
    return found[0]


def _text(element: Any) -> str:
    # Comments are gone since it was parsed; whatever else lies in a name makes it none.
    if len(element):
        raise Untrue("a name has parts")
    return (element.text or "").strip()


def _at(element: Any, name: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(element.get(name) or "")
    except ValueError:
        raise Untrue(f"{name} is no instant") from None
    if found.tzinfo is None:
        raise Untrue(f"{name} is no instant of any zone")
    return found
