"""Slack's buttons: who pressed, what is done, and what is no press of Slack's at all."""

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.channels.letters import AT
from tests.channels.loopback import Provider, Said, provider
from tests.desk import Company, Database, at, company, inside

from tocsin.actions.inbound import Arrival, Forged, Reply
from tocsin.channels import outgoing
from tocsin.channels.slack import message, receive
from tocsin.channels.slack.settings import Slack
from tocsin.records import rows

SECRET = "8f742231b10e8888abcd9900011185a5"
ANN = "U024BE7LH"
BLOCKS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "BREACHED"}},
    {"type": "actions", "elements": []},
]


def press(
    value: str,
    *,
    action: str = message.ACKNOWLEDGE,
    member: str = ANN,
    url: str = "",
    tenant: int = 1,
    stamp: int | None = None,
    secret: str = SECRET,
    **headers: str,
) -> Arrival:
    payload = {
        "type": "block_actions",
        "user": {"id": member, "username": "ann"},
        "response_url": url,
        "message": {"blocks": BLOCKS},
        "actions": [{"type": "button", "action_id": action, "value": value}],
    }
    return signed(
        urlencode({"payload": json.dumps(payload)}).encode(),
        tenant=tenant,
        stamp=stamp,
        secret=secret,
        **headers,
    )


def signed(
    body: bytes, *, tenant: int = 1, stamp: int | None = None, secret: str = SECRET, **headers: str
) -> Arrival:
    now = str(int(AT.timestamp()) if stamp is None else stamp)
    named = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": now,
        "x-slack-signature": receive.signature(secret, now, body),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Arrival(tenant, 3, "https://desk.example/hooks/acme/3/slack", named, body, AT)


def slack(found: Provider | None = None) -> Slack:
    return Slack("xoxb-1234567890-abc", SECRET, root=found.url if found else "https://slack.com")


# ------------------------------------------------------------------------------------ the signature


def test_the_signature_is_slacks() -> None:
    # The worked example of Slack's documentation.
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015"
        b".47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    found = receive.signature(SECRET_OF_THE_EXAMPLE, "1531420618", body)
    assert found == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


SECRET_OF_THE_EXAMPLE = "8f742231b10e8888abcd99yyyzzz85a5"


@pytest.mark.promise("A17", "A20", "A21")
@pytest.mark.parametrize(
    "arrival",
    [
        press("x", secret="another secret of somebody"),
        press("x", stamp=int(AT.timestamp()) - 301),
        press("x", stamp=int(AT.timestamp()) + 301),
        press("x", x_slack_signature=""),
        press("x", x_slack_signature="v0=é"),
        press("x", x_slack_request_timestamp=""),
        press("x", x_slack_request_timestamp="٣"),
        press("x", x_slack_request_timestamp="1e9"),
        press("x", x_slack_request_timestamp="9" * 40),
    ],
)
def test_what_slack_did_not_sign_now_is_forged(arrival: Arrival) -> None:
    with pytest.raises(Forged):
        receive.receive(arrival, slack())


@pytest.mark.promise("A17")
def test_another_body_under_the_same_signature_is_forged() -> None:
    given = press("x")
    again = Arrival(1, 3, given.url, given.headers, given.body + b" ", AT)
    with pytest.raises(Forged):
        receive.receive(again, slack())


@pytest.mark.promise("A20")
def test_without_a_secret_everything_is_forged() -> None:
    with pytest.raises(Forged):
        receive.receive(press("x", secret=""), Slack("xoxb-1234567890-abc", ""))


def test_slack_may_check_the_address() -> None:
    told = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    assert receive.receive(signed(told, content_type="application/json"), slack()) == Reply(
        body=b"3eZbrw1aB"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=",
        b"payload=%7B",
        b"payload=[]",
        b"payload=" + b"[" * 100_000,
        b"\xff\xfe",
        b"payload=" + json.dumps({"type": "block_actions", "actions": [1]}).encode(),
        b"payload=" + json.dumps({"type": "view_submission"}).encode(),
    ],
)
def test_whatever_slack_may_tell_is_answered(body: bytes) -> None:
    assert receive.receive(signed(body), slack()) == Reply()


# ------------------------------------------------------------------------------------ what is done


@pytest.fixture
def desk(database: Database) -> Company:
    made = company(now=at("2026-01-01 00:00"))
    add(made, "ann", ANN)
    return made


def add(made: Company, name: str, address: str) -> None:
    with inside(made.tenant):
        rows.run(
            "INSERT INTO contact_method"
            " (tenant_id, person_id, channel, address, position, critical_only, added_at)"
            " VALUES (%s, %s, 'slack', %s, 0, true, now())",
            [made.tenant, made.people[name], address],
        )


def breached(made: Company, database: Database) -> int:
    """Return the number of a ticket whose first response was missed."""
    ticket = made.open(priority="P1", now=at("2026-03-02 08:00"))
    return int(database.one("SELECT number FROM ticket WHERE id = %s", ticket))


def acknowledged(database: Database) -> list[tuple[Any, ...]]:
    return database.rows(
        "SELECT actor, payload::json ->> 'via' FROM event WHERE kind = 'acknowledgement'"
    )


@pytest.mark.promise("P13")
def test_the_button_acknowledges_as_the_person_and_the_message_says_so(
    desk: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    number = breached(desk, database)
    with provider(lambda told: Said(200, b"ok")) as hooks:
        arrival = press(
            message.signed(desk.tenant, number),
            url=f"{hooks.url}/actions/T1/2/3",
            tenant=desk.tenant,
        )
        # Slack repeats what was not answered in time; the number of the repetition changes nothing.
        repeated = Arrival(
            arrival.tenant,
            3,
            arrival.url,
            {**arrival.headers, "x-slack-retry-num": "1"},
            arrival.body,
            AT,
        )
        for one in (arrival, repeated):
            reply = receive.receive(one, slack(hooks))
            assert (reply.status, reply.body) == (200, b"")
            assert reply.afterwards is not None
            reply.afterwards()
            said = hooks.wait().json
            assert said["replace_original"] is True
            assert [block["type"] for block in said["blocks"]] == ["section", "context"]
            assert "Acknowledged by Ann" in said["text"]
    assert acknowledged(database) == [(f"person:{desk.people['ann']}", "slack")]


def aside(reply: Reply, hooks: Provider) -> str:
    assert reply.afterwards is not None
    reply.afterwards()
    said = hooks.wait().json
    assert said["response_type"] == "ephemeral"
    assert said["replace_original"] is False
    return str(said["text"])


def test_whoever_is_not_known_does_nothing_and_is_told_what_to_do(
    desk: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    number = breached(desk, database)
    with provider(lambda told: Said(200)) as hooks:
        value = message.signed(desk.tenant, number)
        unknown = press(value, member="U9999999", url=hooks.url + "/x", tenant=desk.tenant)
        assert "U9999999" in aside(receive.receive(unknown, slack(hooks)), hooks)
        # Two people with one address: nobody can say who it was.
        add(desk, "lea", ANN)
        both = press(value, url=hooks.url + "/x", tenant=desk.tenant)
        assert "does not know who you are" in aside(receive.receive(both, slack(hooks)), hooks)
    assert acknowledged(database) == []


@pytest.mark.promise("A2", "A29")
def test_whoever_has_left_or_may_not_does_nothing(
    desk: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    number = breached(desk, database)
    value = message.signed(desk.tenant, number)
    with provider(lambda told: Said(200)) as hooks:
        arrival = press(value, url=hooks.url + "/x", tenant=desk.tenant)
        ann = desk.people["ann"]
        database.rows("UPDATE person SET role = 'auditor' WHERE id = %s", ann)
        assert "could not be done" in aside(receive.receive(arrival, slack(hooks)), hooks)
        database.rows("UPDATE person SET role = 'agent', is_active = false WHERE id = %s", ann)
        assert "does not know" in aside(receive.receive(arrival, slack(hooks)), hooks)
    assert acknowledged(database) == []


@pytest.mark.promise("A29")
def test_a_value_that_we_did_not_write_for_this_tenant_does_nothing(
    desk: Company, database: Database
) -> None:
    number = breached(desk, database)
    good = message.signed(desk.tenant, number)
    for value in ("", "x", good[:-1], message.signed(desk.tenant + 1, number)):
        assert receive.receive(press(value, tenant=desk.tenant), slack()) == Reply()
    assert acknowledged(database) == []


@pytest.mark.promise("A23")
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/hooks.slack.com",
        "https://hooks.slack.com@127.0.0.1/x",
        "https://hooks.slack.com:8443/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_slack_is_answered(
    desk: Company, database: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[Any] = []
    monkeypatch.setattr(outgoing, "post", lambda *given, **more: posted.append(given))
    number = breached(desk, database)
    arrival = press(message.signed(desk.tenant, number), url=url, tenant=desk.tenant)
    reply = receive.receive(arrival, slack())
    assert reply.afterwards is not None
    reply.afterwards()
    assert posted == []
    assert len(acknowledged(database)) == 1


def test_that_slack_is_away_does_not_undo_it(
    desk: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    number = breached(desk, database)
    with provider(lambda told: Said(200)) as hooks:
        pass
    value = message.signed(desk.tenant, number)
    reply = receive.receive(press(value, url=hooks.url + "/x", tenant=desk.tenant), slack(hooks))
    assert reply.afterwards is not None
    reply.afterwards()
    assert len(acknowledged(database)) == 1


def test_the_other_button_gives_half_an_hour_of_quiet(
    desk: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    number = breached(desk, database)
    with provider(lambda told: Said(200)) as hooks:
        arrival = press(
            message.signed(desk.tenant, number),
            action=message.SNOOZE,
            url=hooks.url + "/x",
            tenant=desk.tenant,
        )
        assert "30 minutes" in aside(receive.receive(arrival, slack(hooks)), hooks)
    ((person, left),) = database.rows("SELECT person_id, until - clock_timestamp() FROM snooze")
    assert person == desk.people["ann"]
    assert dt.timedelta(minutes=28) < left <= dt.timedelta(minutes=30)
    assert acknowledged(database) == []
