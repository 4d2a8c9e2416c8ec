"""Identity providers: one by OpenID that is switched off, and one by SAML that is switched on."""

from tests.desk import Company
from tests.web import saml_idp

from tocsin.actions import identity_providers
from tocsin.actions.identity_providers import Typed, TypedSaml

EXAMPLES_OF = {
    "identity_provider": {"provider": "1"},
    "identity_provider_do": {"provider": "1", "deed": "on"},
    "identity_begin": {"key": "staff"},
    "identity_callback": {"key": "staff"},
    "identity_answer": {"key": "saml"},
    "identity_done": {"key": "saml"},
    "identity_metadata": {"key": "saml"},
}
PUBLIC = {
    *("identity_begin", "identity_callback", "identity_answer", "identity_done"),
    "identity_metadata",
}
FORMS: dict[str, dict[str, str]] = {"identity_provider_do": {}}


def prepare(made: Company) -> None:
    """Have two providers."""
    by = made.operator
    typed = Typed("Work account", "https://id.example.com", "desk", "a secret")
    identity_providers.add(key="staff", typed=typed, by=by)
    certificate = saml_idp.KEYS[0].certificate
    saml = TypedSaml("By SAML", saml_idp.ISSUER, saml_idp.SIGN_IN, certificate)
    other = identity_providers.add(key="saml", typed=saml, by=by)
    identity_providers.switch(provider=other, on=True, by=by)
