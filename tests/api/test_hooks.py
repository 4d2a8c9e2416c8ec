"""The way in for providers: who is let in, and what everybody else learns, which is nothing."""

import json
import threading
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver
from tests.desk import Company, Database, at, company, inside
from tests.web.routes import digest

from tocsin.actions import carriers, inbound, ledger, providers
from tocsin.actions.inbound import Arrival, Reply
from tocsin.api import declared, hooks
from tocsin.channels import registry
from tocsin.channels.pagerduty import event
from tocsin.channels.pagerduty import form as pagerduty
from tocsin.channels.pagerduty import receive as pagerduty_receive
from tocsin.channels.slack import form as slack
from tocsin.channels.slack import message
from tocsin.channels.slack import receive as slack_receive
from tocsin.records import rows

SLACK = "8f742231b10e8888abcd9900011185a5"
DUTY = "a secret that PagerDuty showed once"


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=at("2026-01-01 00:00"))


def add_slack(desk: Company, signing: str = SLACK) -> int:
    typed = {"token": "xoxb-1234567890-abc", "signing_secret": signing}
    return providers.add(carrier=slack.CARRIER, name="Our Slack", typed=typed, by=desk.operator)


def add_duty(desk: Company) -> int:
    typed = {"routing_key": "R" * 32, "webhook_secret": DUTY}
    return providers.add(carrier=pagerduty.CARRIER, name="Duty", typed=typed, by=desk.operator)


def post(address: str, body: bytes, **headers: str) -> Any:
    # With the checks of forms on: a provider has no token for them.
    found = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = named.pop("content-type", "application/x-www-form-urlencoded")
    return found.post(address, body, content_type=kind, headers=named)


def signed(body: bytes, secret: str = SLACK) -> dict[str, str]:
    stamp = str(int(ledger.clock().timestamp()))
    return {
        "x_slack_request_timestamp": stamp,
        "x_slack_signature": slack_receive.signature(secret, stamp, body),
    }


CHALLENGE = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()


def test_a_provider_that_proves_itself_is_heard(desk: Company) -> None:
    address = f"/hooks/acme/{add_slack(desk)}/slack"
    given = signed(CHALLENGE)
    answer = post(address, CHALLENGE, content_type="application/json", **given)
    assert (answer.status_code, answer.content) == (200, b"abc")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.promise("A17", "A20")
def test_every_failure_of_the_proof_is_one_answer(desk: Company, database: Database) -> None:
    address = f"/hooks/acme/{add_slack(desk)}/slack"
    silent = f"/hooks/acme/{add_duty(desk)}/pagerduty"
    before = digest(database)
    answers = [
        post(address, CHALLENGE),
        post(address, CHALLENGE, **signed(CHALLENGE, "another")),
        post(address, CHALLENGE + b" ", **signed(CHALLENGE)),
        post(address, b"", **signed(b"x")),
        post(silent, b"{}"),
        post(silent, b"{}", x_pagerduty_signature=pagerduty_receive.signature("another", b"{}")),
    ]
    told = b'{"error": "the signature does not verify"}'
    assert {(a.status_code, a.content) for a in answers} == {(401, told)}
    assert digest(database) == before


@pytest.mark.promise("A19", "A20")
def test_what_is_not_there_or_switched_off_is_one_answer(desk: Company) -> None:
    id_ = add_slack(desk)
    company("bolt", now=at("2026-01-01 00:00"))
    given = signed(CHALLENGE)
    off = add_duty(desk)
    providers.switch(provider=off, on=False, by=desk.operator)
    answers = [
        post(address, CHALLENGE, **given)
        for address in (
            "/hooks/nobody/1/slack",
            f"/hooks/bolt/{id_}/slack",
            f"/hooks/acme/{id_ + 99}/slack",
            f"/hooks/acme/{'9' * 30}/slack",
            f"/hooks/acme/{id_}/pagerduty",
            f"/hooks/acme/{id_}/webhook",
            f"/hooks/acme/{off}/pagerduty",
        )
    ]
    assert len({(a.status_code, a.content) for a in answers}) == 1
    assert answers[0].status_code == 404
    # Without a secret there is nothing that could be proved.
    unset = providers.add(
        carrier=slack.CARRIER,
        name="Another",
        typed={"token": "xoxb-1234567890-abc"},
        by=desk.operator,
    )
    assert post(f"/hooks/acme/{unset}/slack", CHALLENGE, **signed(CHALLENGE, "")).status_code == 401


def test_what_is_too_long_is_not_read(desk: Company) -> None:
    address = f"/hooks/acme/{add_slack(desk)}/slack"
    long = b"x" * (hooks.MOST + 1)
    assert post(address, long, **signed(long)).status_code == 413
    assert post(address, long[:-1], **signed(long[:-1])).status_code == 200


def test_looking_is_no_telling(desk: Company) -> None:
    address = f"/hooks/acme/{add_slack(desk)}/slack"
    assert Client(headers={"host": "localhost"}).get(address).status_code == 405


@pytest.mark.asvs("16.5.3")
def test_secrets_that_cannot_be_read_let_nobody_in(
    desk: Company, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"/hooks/acme/{add_slack(desk)}/slack"
    with override_settings(SECRET_KEY="another key of the installation"):
        answer = post(address, CHALLENGE, **signed(CHALLENGE))
    assert (answer.status_code, answer.json()) == (503, {"error": "this provider is not set up"})
    assert SLACK not in caplog.text


def test_what_comes_afterwards_does_not_hold_the_answer_up(
    desk: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, heard = threading.Event(), threading.Event(), list[Arrival]()

    def later() -> None:
        begun.set()
        go_on.wait(10)
        raise RuntimeError("nobody may notice")

    def receive(arrival: Arrival, typed: object) -> Reply:
        heard.append(arrival)
        return Reply(afterwards=later)

    monkeypatch.setitem(hooks.CHANNELS, "slack", receive)
    monkeypatch.setenv("TOCSIN_URL", "https://desk.example.com/")
    address = f"/hooks/acme/{add_slack(desk)}/slack?letter=a%20b"
    try:
        assert post(address, b"x", x_odd="1").status_code == 200
        assert begun.wait(10)
    finally:
        go_on.set()
    assert heard[0].url == f"https://desk.example.com{address}"
    assert heard[0].headers["x-odd"] == "1"
    assert heard[0].body == b"x"


@pytest.mark.promise("A18")
def test_no_route_is_open_to_posts_without_a_proof() -> None:
    exempt = []
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern)
        view: Any = pattern.callback
        if getattr(view, "csrf_exempt", False):
            while hasattr(view, "__wrapped__"):
                view = view.__wrapped__
            exempt.append(f"{view.__module__}.{view.__qualname__}")
    # Hooks prove who sent them; directories come with a token and never with a session. What else
    # programs ask for looks at the token of a form itself, where it comes with a session.
    proved = {name for name in declared.PROVED if not name.startswith("tocsin.api.scim.")}
    assert proved == {"tocsin.api.hooks.hook"}
    # A provider of identities has signed what a browser brings, and by itself it does nothing.
    signed = {"tocsin.web.saml_sign_in.answer"}
    assert set(exempt) == declared.PROVED | set(declared.OPERATIONS) | signed


# --------------------------------------------------------------------------------- the whole way


def add_address(desk: Company, name: str, channel: str, address: str) -> None:
    with inside(desk.tenant):
        rows.run(
            "INSERT INTO contact_method"
            " (tenant_id, person_id, channel, address, position, critical_only, added_at)"
            " VALUES (%s, %s, %s, %s, 0, true, now())",
            [desk.tenant, desk.people[name], channel, address],
        )


def acknowledged(database: Database) -> list[tuple[Any, ...]]:
    return database.rows(
        "SELECT actor, payload::json ->> 'via' FROM event WHERE kind = 'acknowledgement'"
    )


@pytest.mark.promise("P13", "A21")
def test_a_press_in_slack_acknowledges_the_ticket(desk: Company, database: Database) -> None:
    add_address(desk, "ann", "slack", "U024BE7LH")
    desk.open(priority="P1", now=at("2026-03-02 08:00"))
    payload = {
        "type": "block_actions",
        "user": {"id": "U024BE7LH"},
        "actions": [{"action_id": message.ACKNOWLEDGE, "value": message.signed(desk.tenant, 1)}],
    }
    body = b"payload=" + json.dumps(payload).encode()
    address = f"/hooks/acme/{add_slack(desk)}/slack"
    given = signed(body)
    for _ in range(2):
        assert post(address, body, **given).status_code == 200
    assert acknowledged(database) == [(f"person:{desk.people['ann']}", "slack")]


@pytest.mark.promise("P13")
def test_an_incident_acknowledged_in_pagerduty_acknowledges_the_ticket(
    desk: Company, database: Database
) -> None:
    desk.open(priority="P1", now=at("2026-03-02 08:00"))
    told = {
        "event": {
            "event_type": "incident.acknowledged",
            "occurred_at": ledger.clock().isoformat(),
            "agent": {"id": "PXPGF42", "summary": "Earline Greenholt"},
            "data": {"incident_key": event.of_ticket(desk.tenant, 1), "number": 4},
        }
    }
    body = json.dumps(told).encode()
    address = f"/hooks/acme/{add_duty(desk)}/pagerduty"
    header = "v1=" + "0" * 64 + ", " + pagerduty_receive.signature(DUTY, body)
    for _ in range(2):
        answer = post(address, body, content_type="application/json", x_pagerduty_signature=header)
        assert answer.status_code == 200
    assert acknowledged(database) == [("tocsin", "pagerduty (Earline Greenholt)")]


def test_the_carriers_settings_are_read_for_each_request(desk: Company) -> None:
    id_ = add_slack(desk)
    line = inbound.line("acme", id_, "slack")
    assert line is not None
    assert SLACK not in repr(line)
    assert carriers.checked(slack.CARRIER, line.typed).signing_secret == SLACK


def test_a_channel_says_that_it_hears_when_there_is_somebody_to_hear() -> None:
    hearing = {one.channel for one in registry.CARRIERS.values() if one.hears}
    assert hearing == set(hooks.CHANNELS)
