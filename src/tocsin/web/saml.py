"""SAML 2.0 providers of a tenant: asking one who somebody is, and taking what it answers.

A browser brings the answer in a form of the provider's page, and does not send our cookies with it.
So an answer is checked on its own first, and kept for two minutes; the browser is sent on to a page
of ours, where its session has to know the very request that was answered.
"""

import base64
import binascii
import datetime as dt
import hashlib
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from allauth.socialaccount.internal import statekit
from django.core.cache import cache
from django.urls import reverse

from tocsin.actions import identity_providers, limits, links
from tocsin.actions.identity_providers import OpenedSaml
from tocsin.actions.provisioning import Claimed
from tocsin.queries import identity_providers as queries
from tocsin.web import saml_answer, saml_library, saml_metadata
from tocsin.web.asked import Asked
from tocsin.web.discovery import Unusable
from tocsin.web.saml_answer import Expected, Said
from tocsin.web.saml_library import Parties, Untrue

LONGEST = 256 * 1024
_KEPT_S = 120
# Longer than an answer is taken at all, whatever it says of itself.
_ONCE = dt.timedelta(days=1)
_LONGEST_EMAIL = 254
_PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_ISSUER = "{urn:oasis:names:tc:SAML:2.0:assertion}Issuer"
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


@dataclass(frozen=True, slots=True)
class Provider:
    """A tenant's provider, with our name there and the address that its answers go to."""

    tenant: int
    opened: OpenedSaml
    entity: str
    answers: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Whom a provider has let in, and when it had asked them."""

    claimed: Claimed
    asked_at: float


def provider(request: Asked, key: str) -> Provider | None:
    """Return a SAML provider of this tenant that is switched on, None for any other or without.

    Without the extra there is none. Raises `Unusable` when TOCSIN_URL is not set.
    """
    if request.tenant is None or not queries.speaks_saml():
        return None
    opened = identity_providers.opened_saml(request.tenant, key)
    if opened is None:
        return None
    entity, answers = addresses(request, key)
    return Provider(request.tenant, opened, entity, answers)


def addresses(request: Asked, key: str) -> tuple[str, str]:
    """Return our name at a provider, which is where our metadata lie, and where answers go.

    They come from TOCSIN_URL and nothing that a request says; raises `Unusable` without.
    """
    base = links.address()
    if not base:
        raise Unusable("TOCSIN_URL is not set")
    if request.prefix == "/":
        # A tenant's own host is what made it this tenant, so it can be no other; its port can.
        parts = urlsplit(base)
        port = f":{parts.port}" if parts.port else ""
        base = f"{parts.scheme}://{request.get_host().partition(':')[0]}{port}"
    names = ("identity_metadata", "identity_answer")
    entity, answers = (f"{base}{reverse(name, args=[key])}" for name in names)
    return entity, answers


def way(
    request: Asked, found: Provider, state: Mapping[str, Any], *, anew: bool, now: dt.datetime
) -> str:
    """Return where a browser goes to be asked who it is, and note the request in its session."""
    id_ = f"_{secrets.token_hex(20)}"
    own = {"state": dict(state), "state_id": id_, "provider_id": found.opened.provider}
    statekit.stash_state(request, **own)
    made = ElementTree.Element(
        f"{_PROTOCOL}AuthnRequest",
        {
            "ID": id_,
            "Version": "2.0",
            "IssueInstant": now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Destination": found.opened.address,
            "ProtocolBinding": _POST,
            "AssertionConsumerServiceURL": found.answers,
            **({"ForceAuthn": "true"} if anew else {}),
        },
    )
    ElementTree.SubElement(made, _ISSUER).text = found.entity
    policy = {"Format": saml_answer.FORMATS[found.opened.subject], "AllowCreate": "true"}
    ElementTree.SubElement(made, f"{_PROTOCOL}NameIDPolicy", policy)
    # The form that the redirect binding wants: without zlib's own head and tail.
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(ElementTree.tostring(made)) + packer.flush()
    asked = urlencode({"SAMLRequest": base64.b64encode(packed).decode("ascii")})
    return f"{found.opened.address}{'&' if '?' in found.opened.address else '?'}{asked}"


def take_state(request: Asked, found: Provider) -> Mapping[str, Any] | None:
    """Return what this browser began with this provider in the last ten minutes; only once."""
    state: Mapping[str, Any] | None = statekit.unstash_state(
        request, provider_id=found.opened.provider, state_id=request.GET.get("request", "")
    )
    return state


def answered(found: Provider, answer: str, *, now: dt.datetime) -> Said:
    """Return what an answer says, checked but for whose browser had asked; raises `Unusable`."""
    opened = found.opened
    parties = Parties(
        opened.issuer, opened.address, opened.certificates, found.entity, found.answers
    )
    try:
        root = saml_library.parsed(_bytes(answer))
        saml_answer.shape(root)
        saml_library.signed(root, answer, parties, root.get("InResponseTo"))
        expected = Expected(opened.issuer, found.entity, found.answers, opened.subject)
        return saml_answer.said(root, expected, now=now)
    except Untrue as error:
        raise Unusable(f"the SAML answer is refused: {error}") from None


def _bytes(answer: str) -> bytes:
    if not answer or len(answer) > LONGEST:
        raise Untrue("there is none, or it is too long")
    try:
        return base64.b64decode("".join(answer.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Untrue("it is not in base64") from None


def is_first(found: Provider, said: Said) -> bool:
    """Say whether an assertion comes for the first time; afterwards it does not any more."""
    who = f"{found.opened.issuer}\0{said.assertion}"
    return limits.take("saml assertion", who, most=1, each=_ONCE, tenant=found.tenant) is None


def keep(found: Provider, said: Said) -> None:
    """Keep what was proved for two minutes, until the browser that had asked fetches it."""
    proof = Proof(_claimed(found.opened, said), said.asked_at.timestamp())
    cache.set(_place(found, said.request), proof, _KEPT_S)


def take(found: Provider, request: str) -> Proof | None:
    """Return what was proved in answer to a request; only once."""
    place = _place(found, request)
    proof = cache.get(place)
    # Of two that come at once one deletes it.
    return proof if isinstance(proof, Proof) and cache.delete(place) else None


def metadata(found: Provider) -> bytes:
    """Return what a provider is told of us."""
    return saml_metadata.ours(found.entity, found.answers, found.opened.subject)


def _place(found: Provider, request: str) -> str:
    return f"saml:{found.opened.provider}:{hashlib.sha256(request.encode()).hexdigest()}"


def _claimed(opened: OpenedSaml, said: Said) -> Claimed:
    """Return what was said as the desk takes it; SAML has no word for an address being checked."""
    email = _single(said, opened.email) or (said.subject if opened.subject == "email" else "")
    fit = 0 < len(email) <= _LONGEST_EMAIL
    groups = said.attributes.get(opened.claim)
    return Claimed(
        subject=said.subject,
        email=email if fit else "",
        name=_single(said, opened.person)[:200],
        verified=fit and opened.checked,
        groups=None if groups is None else frozenset(groups),
    )


def _single(said: Said, name: str) -> str:
    # Of two addresses none is theirs for certain.
    values = said.attributes.get(name, [])
    return values[0] if len(values) == 1 else ""
