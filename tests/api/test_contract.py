"""The document of the interface, and that every answer keeps to it, whoever asks whatever."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Err
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks
from tests.web.conftest import Pages

from tocsin.actions import api_tokens, people
from tocsin.queries import access
from tocsin.queries.api_tokens import RIGHTS, Scope

DOCUMENT = "/t/acme/api/v1/openapi.json"
HOST = {"Host": "localhost"}
# Enough to find what is not thought of, few enough to wait for.
EXAMPLES = 12
FIXED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
CHECKS: list[Any] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
WHO = [
    ("ann", "agent", Scope.READ_TICKETS),
    ("ann", "agent", Scope.WRITE_TICKETS),
    ("lea", "lead", Scope.READ_REPORTS),
    ("mia", "manager", Scope.WRITE_TICKETS),
    ("ada", "auditor", Scope.READ_TICKETS),
    ("dora", "administrator", Scope.SCIM),
    ("dora", "administrator", Scope.WRITE_TICKETS),
]


def test_the_document_names_every_route_with_what_it_needs(pages: Pages) -> None:
    found: dict[str, Any] = pages.client("ann").get(DOCUMENT).json()
    assert found["openapi"] == "3.1.0"
    assert found["servers"] == [{"url": "/t/acme"}]
    assert set(found["paths"]) == {
        "/api/v1/me",
        "/api/v1/openapi.json",
        "/api/v1/tickets/{number}/clocks",
        "/api/v1/tickets/{number}/notes",
    }
    note = found["paths"]["/api/v1/tickets/{number}/notes"]["post"]
    assert note["description"] == "Needs the right: write notes."
    assert set(note["responses"]) >= {"201", "400", "401", "404", "413", "415", "422", "429"}
    assert note["requestBody"]["required"] is True
    clocks = found["paths"]["/api/v1/tickets/{number}/clocks"]["get"]
    assert [one["name"] for one in clocks["parameters"]] == ["number", "at", "as_of", "clock"]
    assert found["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert pages.anybody().get(DOCUMENT).status_code == 401


def operations(token: str) -> list[APIOperation[Any, Any, Any, Any]]:
    headers = {**HOST, "Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, get_wsgi_application(), headers=headers)
    found = [one.ok() for one in schema.get_all_operations() if not isinstance(one, Err)]
    # The document itself is not among them: it is what they are read from.
    assert len(found) == 3
    return found


def right_of(operation: APIOperation[Any, Any, Any, Any]) -> str:
    told = str(operation.definition.raw["description"])
    return told.removeprefix("Needs the right: ").removesuffix(".")


@pytest.mark.long("every operation is asked many things by every role and scope")
@pytest.mark.promise("P27", "A26")
@pytest.mark.asvs("2.2.1")
def test_every_answer_keeps_to_the_document(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_tokens, "AT_ONCE", 100_000)
    made = pages.made
    made.people["ada"] = people.add_person(
        name="Ada", email="ada@acme.example", role="auditor", by=made.operator
    )
    made.open()
    asked, good, denied = 0, 0, 0
    for name, role, scope in WHO:
        by = made.person(name, role)
        token = api_tokens.make(name="Test", scopes=[scope], by=by).token
        rights = {right.value for right in RIGHTS[scope] & access.RIGHTS[role]}
        headers = {**HOST, "Authorization": f"Bearer {token}"}
        # The document itself is for whoever is signed in.
        reader = api_tokens.make(name="Test", scopes=[Scope.READ_TICKETS], by=made.person("ann"))
        for operation in operations(reader.token):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                found = statuses(operation, mode, headers, may=right_of(operation) in rights)
                asked += len(found)
                good += sum(status < 300 for status in found)
                denied += found.count(404)
    # It went through, and not only to where there is nothing.
    assert asked >= len(WHO) * 4 * 4
    assert good >= EXAMPLES
    assert denied >= EXAMPLES


def statuses(
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    headers: dict[str, str],
    *,
    may: bool,
) -> list[int]:
    """Return what an operation answered to all that was thought up for it."""
    found: list[int] = []

    @seed(20310602)
    @FIXED
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        # One ticket is there; about others there is not much to say.
        if mode is GenerationMode.POSITIVE and "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = 1
        answer = case.call(headers=headers)
        found.append(answer.status_code)
        if mode is GenerationMode.NEGATIVE:
            # What no route is for is answered by a page.
            case.validate_response(answer, checks=[not_a_server_error])
        else:
            case.validate_response(answer, checks=CHECKS)
        if not may:
            assert answer.status_code == 404, (operation.label, answer.status_code)

    try:
        ask()
    except schemathesis.errors.InvalidSchema:
        # There is nothing that could be wrong with it.
        return []
    return found
