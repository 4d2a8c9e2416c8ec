"""Identity providers: one that is set up and switched off."""

from tests.desk import Company

from tocsin.actions import identity_providers
from tocsin.actions.identity_providers import Typed

EXAMPLES_OF = {
    "identity_provider": {"provider": "1"},
    "identity_provider_do": {"provider": "1", "deed": "on"},
    "identity_begin": {"key": "staff"},
    "identity_callback": {"key": "staff"},
}
PUBLIC = {"identity_begin", "identity_callback"}
FORMS: dict[str, dict[str, str]] = {"identity_provider_do": {}}


def prepare(made: Company) -> None:
    """Have a provider."""
    typed = Typed("Work account", "https://id.example.com", "desk", "a secret")
    identity_providers.add(key="staff", typed=typed, by=made.operator)
