"""Microsoft Teams: the card, the addresses there are, and what a workflow answers."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.channels.letters import BREACH, lease
from tests.channels.loopback import Provider, Said, Told, provider

from tocsin.actions import carriers
from tocsin.actions.outbox import FailedForGood, FailedForNow, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.teams import card
from tocsin.channels.teams.form import CARRIER
from tocsin.kit.invalid import Invalid

LOGIC = "https://prod-12.westeurope.logic.azure.com:443/workflows/a/triggers/manual/paths/invoke"
PLATFORM = (
    "https://default0123.45.environment.api.powerplatform.com:443/powerautomate/automations/direct"
    "/workflows/a/triggers/manual/paths/invoke"
)
SIGNED = "?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=secret-of-the-flow"


class Workflow:
    """A workflow that posts cards, as far as its trigger goes."""

    def __init__(self) -> None:
        self.said: Said | None = None

    def __call__(self, told: Told) -> Said:
        if self.said is not None:
            return self.said
        if "sig=secret-of-the-flow" not in told.path:
            return error(401, "DirectApiAuthorizationRequired")
        if len(told.body) > card.MOST:
            return error(413, "RequestEntityTooLarge")
        found = told.json
        kinds = [one["contentType"] for one in found["attachments"]]
        if found["type"] != "message" or kinds != ["application/vnd.microsoft.card.adaptive"]:
            return error(400, "TriggerInputSchemaMismatch")
        return Said(202, headers={"x-ms-workflow-run-id": "08584"})


def error(status: int, code: str) -> Said:
    return Said(status, json.dumps({"error": {"code": code, "message": "…"}}).encode())


@pytest.fixture
def workflow() -> Workflow:
    return Workflow()


@pytest.fixture
def teams(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with provider(workflow) as found:
        yield found


def send(teams: Provider, **given: Any) -> Outcome:
    settings = carriers.checked(CARRIER, {"url": f"{teams.url}/workflows/a{SIGNED}"})
    return CARRIER.send(lease("teams", **given), settings)


def texts(content: dict[str, Any]) -> list[str]:
    return [run["text"] for part in content["body"] for run in part["inlines"]]


def test_a_message_is_a_card_with_the_words_and_the_ticket(teams: Provider) -> None:
    assert send(teams) == Sent(reference="08584")
    (told,) = teams.told
    content = told.json["attachments"][0]["content"]
    assert (content["type"], content["version"]) == ("AdaptiveCard", "1.4")
    shown = texts(content)
    assert "Breached: first response" in shown[0]
    assert shown[1] == "It is broken"
    assert "BREACHED: first response" in shown[2]


def test_a_yes_is_no_proof_that_it_arrived() -> None:
    assert CARRIER.proves is False
    assert CARRIER.limits.per_second <= 4


def test_what_people_typed_is_no_markdown(teams: Provider) -> None:
    hostile = "[pay](https://evil.example) **now** <at>everyone</at>"
    assert isinstance(send(teams, subject=hostile), Sent)
    content = teams.told[0].json["attachments"][0]["content"]
    assert hostile in texts(content)
    # Only a TextBlock reads Markdown.
    assert {part["type"] for part in content["body"]} == {"RichTextBlock"}


def test_a_long_digest_stays_within_what_teams_takes(teams: Provider) -> None:
    lines = [{**BREACH, "ticket": n, "clock": f"SLA/{'å' * 300}"} for n in range(300)]
    assert isinstance(send(teams, lines=lines, language="sv"), Sent)
    assert len(teams.told[0].body) < card.MOST
    assert texts(teams.told[0].json["attachments"][0]["content"])[-1] == "… med mera"


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "TriggerInputSchemaMismatch", "did not understand"),
        (400, "WorkflowTriggerIsNotEnabled", "WorkflowTriggerIsNotEnabled"),
        (401, "DirectApiAuthorizationRequired", "copy the address once more"),
        (403, "AuthorizationFailed", "copy the address once more"),
        (404, "WorkflowNotFound", "no such workflow"),
        (429, "TooManyRequests", "fewer messages"),
        (500, "InternalServerError", "not well"),
        (502, "NoResponse", "not well"),
        (503, "ServerTimeout", "not well"),
        (409, "Odd", "409"),
    ],
)
def test_what_can_be_mended_or_passes_waits(
    teams: Provider, workflow: Workflow, status: int, code: str, said: str
) -> None:
    workflow.said = error(status, code)
    found = send(teams)
    assert isinstance(found, FailedForNow)
    assert said in found.reason
    assert "secret-of-the-flow" not in found.reason


@pytest.mark.parametrize(("status", "said"), [(410, "no such workflow"), (413, "28 KB")])
def test_what_is_final(teams: Provider, workflow: Workflow, status: int, said: str) -> None:
    workflow.said = Said(status, b"<html>")
    found = send(teams)
    assert isinstance(found, FailedForGood)
    assert said in found.reason


@pytest.mark.promise("P11")
def test_teams_says_how_long_to_wait(teams: Provider, workflow: Workflow) -> None:
    workflow.said = Said(429, headers={"Retry-After": "17"})
    found = send(teams)
    assert isinstance(found, FailedForNow)
    assert found.retry_after == dt.timedelta(seconds=17)


@pytest.mark.promise("A23")
def test_a_redirect_is_not_followed(teams: Provider, workflow: Workflow) -> None:
    workflow.said = Said(302, headers={"Location": "http://169.254.169.254/"})
    found = send(teams)
    assert isinstance(found, FailedForNow)
    assert len(teams.told) == 1


@pytest.mark.parametrize("weather", ["cut", "half"])
def test_handed_over_without_an_answer_is_unsure(
    teams: Provider, workflow: Workflow, weather: str
) -> None:
    workflow.said = Said(202, weather=weather)
    assert isinstance(send(teams), Unsure)


def test_nobody_listens_and_it_never_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with provider(Workflow()) as gone:
        pass
    found = send(gone)
    assert isinstance(found, FailedForNow)
    assert "sig=" not in found.reason


@pytest.mark.parametrize("url", [LOGIC, PLATFORM])
def test_the_addresses_of_workflows_are_taken(url: str) -> None:
    found = carriers.checked(CARRIER, {"url": url + SIGNED})
    assert "secret-of-the-flow" not in repr(found)


@pytest.mark.promise("A23")
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://acme.webhook.office.com/webhookb2/x?sig=1", "retired"),
        ("https://outlook.office.com/webhook/x?sig=1", "retired"),
        ("https://evil.example/?sig=1", ".logic.azure.com"),
        ("https://logic.azure.com.evil.example/?sig=1", ".logic.azure.com"),
        ("https://evil-logic.azure.com/?sig=1", ".logic.azure.com"),
        ("https://prod.logic.azure.com@evil.example/?sig=1", ".logic.azure.com"),
        ("http://prod-1.westeurope.logic.azure.com/?sig=1", "https://"),
        ("https://127.0.0.1/?sig=1", ".logic.azure.com"),
        ("https://[::1/?sig=1", "no address"),
        (LOGIC, "not complete"),
        (f"{LOGIC}?sig=a b", "no address"),
    ],
)
def test_any_other_address_is_refused_with_a_sentence(
    url: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(outgoing.VARIABLE, raising=False)
    with pytest.raises(Invalid) as refused:
        carriers.checked(CARRIER, {"url": url})
    assert refused.value.path == "url"
    assert said in refused.value.reason


def test_buttons_are_links(teams: Provider, with_links: Callable[[], None]) -> None:
    with_links()
    assert isinstance(send(teams), Sent)
    actions = teams.told[0].json["attachments"][0]["content"]["actions"]
    assert [one["title"] for one in actions] == ["Acknowledge", "Open ticket"]
    assert {one["type"] for one in actions} == {"Action.OpenUrl"}


@pytest.fixture
def with_links(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    from tocsin.actions import wording

    of = wording.of

    class Linked:
        url = "https://desk.example.com/t/acme/tickets/7/"
        acknowledge_url = "https://desk.example.com/t/acme/acknowledge/x/"

        def __init__(self, words: wording.Words) -> None:
            self.language, self.subject = words.language, words.subject
            self.body, self.short, self.lines = words.body, words.short, words.lines

    return lambda: monkeypatch.setattr(wording, "of", lambda letter: Linked(of(letter)))
