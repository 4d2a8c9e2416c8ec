"""The library behind the extra `saml`: the only module that imports it, and only when it is used.

It parses without entities and outside of the network, and checks signatures against certificates.
What a signature may look like, and what is said by what was signed, `saml_answer` checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class Untrue(ValueError):
    """The answer proves nothing; the words are for the log and name nothing of anybody."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who answers, with certificates (base64 of DER), and who had asked: its name and address."""

    issuer: str
    sign_in: str
    certificates: Sequence[str]
    entity: str
    answers: str


def parsed(xml: bytes) -> Any:
    """Return the root of an XML document without comments; raises `Untrue`.

    A document type, entities and whatever is too large or too deep are refused.
    """
    # Only now, since the extra may not be installed; it has no types.
    from onelogin.saml2 import xml_utils  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        return xml_utils.OneLogin_Saml2_XML.to_etree(xml)
    except (ValueError, SyntaxError) as error:
        raise Untrue(f"it is no XML that we take ({type(error).__name__})") from None


def signed(root: Any, answer: str, parties: Parties, request: str) -> None:
    """Raise `Untrue` unless the issuer has signed what was parsed, for us and for this request.

    `answer` is the same document in base64. What is checked is `root` itself, so that what is read
    afterwards is what was signed.
    """
    # As above.
    from onelogin.saml2 import response, settings  # noqa: PLC0415

    try:
        known = settings.OneLogin_Saml2_Settings(_settings(parties))
        found = response.OneLogin_Saml2_Response(known, answer)
        found.document = root
        found.is_valid(_place(parties.answers), request_id=request, raise_exceptions=True)
    except Exception as error:
        # Libraries below it raise what they like; whatever it is, nothing was proved.
        raise Untrue(f"{type(error).__name__}: {str(error)[:200]!a}") from None


def _settings(parties: Parties) -> dict[str, Any]:
    return {
        "strict": True,
        "sp": {
            "entityId": parties.entity,
            "assertionConsumerService": {"url": parties.answers},
        },
        "idp": {
            "entityId": parties.issuer,
            "singleSignOnService": {"url": parties.sign_in},
            "x509certMulti": {"signing": list(parties.certificates)},
        },
        "security": {
            "rejectDeprecatedAlgorithm": True,
            "wantAttributeStatement": False,
            "allowRepeatAttributeName": True,
            "allowSingleLabelDomains": True,
            "requestedAuthnContext": False,
        },
    }


def _place(address: str) -> dict[str, Any]:
    """Return where the answer arrived as the library takes it: our own address, no header's."""
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return {
        "https": "on" if scheme == "https" else "off",
        "http_host": host,
        "script_name": slash + path,
        "get_data": {},
        "post_data": {},
    }
