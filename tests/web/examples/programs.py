"""What programs ask for, and the tokens they do it with."""

from tests.desk import Company

from tocsin.actions import api_tokens
from tocsin.queries.api_tokens import Scope

EXAMPLES = {"made": "1"}
PUBLIC = {"calendar_feed"}
FORMS: dict[str, dict[str, str]] = {
    "api_note": {"body": "Looked into it"},
    "token_make": {"name": "Reports", "scopes": "tickets:read", "days": "30"},
    "token_revoke": {},
}


def prepare(made: Company) -> None:
    """Have a token: there is a list of them."""
    by = made.person("ann")
    api_tokens.make(name="Reports", scopes=[Scope.READ_TICKETS], by=by)
