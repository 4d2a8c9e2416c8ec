"""Writing to Slack: what it is sent, and what each of its answers means."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.channels.letters import BREACH, lease
from tests.channels.loopback import Provider, Said, Told, provider

from tocsin.actions import carriers
from tocsin.actions.outbox import FailedForGood, FailedForNow, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.slack import errors, message
from tocsin.channels.slack.form import CARRIER
from tocsin.channels.slack.settings import Slack
from tocsin.kit.invalid import Invalid

TOKEN = "xoxb-1234567890-abcdefghijkl"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5".replace("y", "0").replace("z", "1")


class Workspace:
    """Slack as far as chat.postMessage goes."""

    def __init__(self) -> None:
        self.known = {"U024BE7LH", "C024BE91L"}
        self.error = ""
        self.said: Said | None = None

    def __call__(self, told: Told) -> Said:
        if self.said is not None:
            return self.said
        if told.path != "/api/chat.postMessage":
            return answer({"ok": False, "error": "unknown_method"})
        if told.headers["content-type"] != "application/json; charset=utf-8":
            return answer({"ok": False, "error": "invalid_post_type"})
        if told.headers["authorization"] != f"Bearer {TOKEN}":
            return answer({"ok": False, "error": "invalid_auth"})
        to = told.json["channel"]
        error = self.error or ("" if to in self.known else "channel_not_found")
        if error:
            return answer({"ok": False, "error": error})
        return answer({"ok": True, "channel": to, "ts": "1503435956.000247"})


def answer(told: Any, status: int = 200, **headers: str) -> Said:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(status, json.dumps(told).encode(), named)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def slack(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with provider(workspace) as found:
        yield found


def settings(slack: Provider, **given: str) -> Slack:
    typed = {"token": TOKEN, "signing_secret": SECRET, "address": slack.url, **given}
    return carriers.checked(CARRIER, typed)


def send(slack: Provider, **given: Any) -> Outcome:
    more = {"address": "U024BE7LH", **given}
    return CARRIER.send(lease("slack", **more), settings(slack))


def test_a_message_has_the_words_the_ticket_and_buttons(slack: Provider) -> None:
    assert send(slack) == Sent(reference="U024BE7LH/1503435956.000247")
    (told,) = slack.told
    sent = told.json
    assert sent["channel"] == "U024BE7LH"
    kinds = [block["type"] for block in sent["blocks"]]
    assert kinds == ["header", "section", "actions"]
    assert "Breached: first response" in sent["blocks"][0]["text"]["text"]
    assert "*It is broken*" in sent["blocks"][1]["text"]["text"]
    assert "BREACHED: first response" in sent["text"]
    buttons = sent["blocks"][2]["elements"]
    assert [one["text"]["text"] for one in buttons][:2] == ["Acknowledge", "Snooze 30 min"]
    assert message.number_of(buttons[0]["value"], 1) == 7
    assert sent["unfurl_links"] is False


def test_buttons_are_in_the_readers_language(slack: Provider) -> None:
    assert isinstance(send(slack, language="sv"), Sent)
    assert slack.told[0].json["blocks"][2]["elements"][0]["text"]["text"] == "Kvittera"


def test_without_a_signing_secret_there_are_no_buttons_that_nobody_would_hear(
    slack: Provider,
) -> None:
    silent = settings(slack, signing_secret="")
    assert isinstance(CARRIER.send(lease("slack", address="U024BE7LH"), silent), Sent)
    sent = slack.told[0].json
    ids = [e["action_id"] for b in sent["blocks"] for e in b.get("elements", ())]
    assert message.ACKNOWLEDGE not in ids


@pytest.mark.asvs("1.3.3")
def test_what_people_typed_is_no_markup(slack: Provider) -> None:
    hostile = "<!channel> *x* <https://evil.example|pay> & <@U1>"
    assert isinstance(send(slack, subject=hostile), Sent)
    sent = slack.told[0].json
    for text in (sent["blocks"][1]["text"]["text"], sent["text"]):
        assert "<" not in text
        assert "&lt;!channel&gt;" in text


def test_a_long_digest_is_cut_at_a_line_within_the_limits(slack: Provider) -> None:
    lines = [{**BREACH, "ticket": n, "clock": "SLA/" + "<&>" * 20} for n in range(200)]
    assert isinstance(send(slack, lines=lines, subject="<" * 900), Sent)
    sent = slack.told[0].json
    section = sent["blocks"][1]["text"]["text"]
    assert len(section) <= 3000
    assert section.endswith("and more; open the ticket.")
    assert not section.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "").count("&")
    assert len(sent["blocks"][0]["text"]["text"]) <= 150


def test_what_is_for_nobody_goes_to_the_channel_of_the_provider(slack: Provider) -> None:
    nobody = lease("slack", recipient=None, about=None)
    assert isinstance(CARRIER.send(nobody, settings(slack, channel="C024BE91L")), Sent)
    assert slack.told[0].json["channel"] == "C024BE91L"
    assert isinstance(CARRIER.send(nobody, settings(slack)), FailedForGood)
    assert len(slack.told) == 1


@pytest.mark.parametrize("error", sorted(errors.MENDABLE))
def test_what_an_administrator_can_mend_waits_and_says_how(
    slack: Provider, workspace: Workspace, error: str
) -> None:
    workspace.error = error
    found = send(slack)
    assert isinstance(found, FailedForNow)
    assert found.reason.endswith(f"({error})")
    assert len(found.reason) > 40
    assert TOKEN not in found.reason


@pytest.mark.parametrize("error", sorted(errors.PASSING))
def test_what_passes_by_itself_is_tried_again(
    slack: Provider, workspace: Workspace, error: str
) -> None:
    workspace.error = error
    found = send(slack)
    assert isinstance(found, FailedForNow)
    assert found.retry_after == dt.timedelta(seconds=30)


@pytest.mark.parametrize("error", sorted(errors.FINAL))
def test_what_will_never_be_otherwise_is_final(
    slack: Provider, workspace: Workspace, error: str
) -> None:
    workspace.error = error
    assert isinstance(send(slack), FailedForGood)


def test_an_error_that_nobody_knows_yet_gives_nothing_up(
    slack: Provider, workspace: Workspace
) -> None:
    workspace.error = "brand_new_error"
    assert send(slack) == FailedForNow("Slack said: brand_new_error", dt.timedelta(seconds=30))
    workspace.error = "fatal_error"
    assert isinstance(send(slack), Unsure)


def test_a_wrong_token_is_said_without_the_token(slack: Provider) -> None:
    wrong = Slack(token="xoxb-somebody-elses-token", root=slack.url)
    found = CARRIER.send(lease("slack", address="U024BE7LH"), wrong)
    assert isinstance(found, FailedForNow)
    assert "Bot User OAuth Token" in found.reason
    assert "xoxb-somebody" not in found.reason + repr(wrong)


def test_an_address_that_slack_does_not_know_is_final(slack: Provider) -> None:
    found = send(slack, address="U0000000000")
    assert isinstance(found, FailedForGood)
    assert "correct the Slack address" in found.reason


@pytest.mark.promise("P11")
def test_slack_says_how_long_to_wait(slack: Provider, workspace: Workspace) -> None:
    workspace.said = answer({"ok": False, "error": "ratelimited"}, 429, Retry_After="42")
    found = send(slack)
    assert isinstance(found, FailedForNow)
    assert found.retry_after == dt.timedelta(seconds=42)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_is_not_well_is_tried_again(
    slack: Provider, workspace: Workspace, status: int
) -> None:
    workspace.said = Said(status, b"<html>busy</html>")
    found = send(slack)
    assert isinstance(found, FailedForNow)
    assert str(status) in found.reason


def test_something_that_is_not_slack_is_not_taken_for_it(
    slack: Provider, workspace: Workspace
) -> None:
    for said in (Said(200, b"<html>sign in</html>"), Said(200, b"[]"), Said(302, b"")):
        workspace.said = said
        found = send(slack)
        assert isinstance(found, FailedForNow)
        assert "not Slack" in found.reason


@pytest.mark.parametrize("weather", ["cut", "half"])
def test_handed_over_without_an_answer_is_unsure(
    slack: Provider, workspace: Workspace, weather: str
) -> None:
    workspace.said = Said(200, b"{}", weather=weather)
    assert isinstance(send(slack), Unsure)


def test_nobody_listens_and_it_never_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with provider(Workspace()) as gone:
        pass
    assert isinstance(send(gone), FailedForNow)


@pytest.mark.promise("A23")
def test_an_address_inside_is_never_written_to(
    slack: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(outgoing.VARIABLE)
    assert isinstance(send(slack), FailedForGood)
    assert slack.told == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"token": "xoxp-1234567890-abc"}, "token"),
        ({"token": ""}, "token"),
        ({"signing_secret": "not hex"}, "signing_secret"),
        ({"channel": "#general"}, "channel"),
        ({"address": "https://slack.com/api"}, "address"),
        ({"user": "x"}, "user"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(typed: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        carriers.checked(CARRIER, {"token": TOKEN, **typed})
    assert refused.value.path == field


@pytest.mark.parametrize("typed", ["@ann", "ann@acme.example", "U1", "", "T024BE7LH"])
def test_a_name_is_no_address(typed: str) -> None:
    assert CARRIER.address is not None
    with pytest.raises(Invalid) as refused:
        CARRIER.address(typed)
    assert refused.value.path == "address"


def test_the_manual_says_what_to_do_about_every_error() -> None:
    page = Path(__file__).parents[3] / "docs" / "operate" / "slack.md"
    written = page.read_text(encoding="utf-8")
    known = {*errors.MENDABLE, *errors.PASSING, *errors.FINAL}
    assert [error for error in sorted(known) if f"`{error}`" not in written] == []
