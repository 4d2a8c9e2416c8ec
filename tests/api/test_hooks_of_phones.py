"""What providers of messages and calls tell under /hooks/, with a real database behind it."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from tests import phones
from tests.desk import Company, Database, at, company
from tests.mailbox import BREACH

from tocsin.actions import hooks, outbox, providers, twilio
from tocsin.actions.carriers import Carrier
from tocsin.actions.letters import FailedForGood
from tocsin.actions.subscriptions import GONE
from tocsin.channels.sms.form import CARRIER as SMS
from tocsin.channels.voice.form import CARRIER as VOICE

BASE = "https://desk.example.com"


@pytest.fixture
def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("TOCSIN_URL", BASE)
    return company(now=at("2026-01-01 00:00"))


def add(desk: Company, name: str) -> int:
    twilios = {"account": phones.SID, "token": phones.TOKEN}
    elks = {"account": phones.ELKS_NAME, "token": phones.ELKS_PASSWORD}
    typed: dict[str, str]
    carrier: Carrier[Any]
    if name == "voice":
        typed, carrier = {**twilios, "number": "+46766860000"}, VOICE
    elif name == "Twilio":
        typed, carrier = {**twilios, "provider": name, "sender": "+46766860000"}, SMS
    else:
        typed, carrier = {**elks, "provider": name, "sender": "Tocsin"}, SMS
    return providers.add(carrier=carrier, name=name, typed=typed, by=desk.operator)


def letter(
    database: Database, desk: Company, channel: str, reference: str = "", **given: Any
) -> int:
    """Write a letter that a provider took; it is urgent and about a ticket, if there is one."""
    usual: dict[str, Any] = {
        "address": "+46701234567",
        "state": "sent",
        "sent_at": at("2026-03-02 09:00"),
        "ticket": None,
    }
    told = {**usual, **given}
    found: int = database.one(
        "INSERT INTO outbox (tenant_id, channel, person_id, ticket_id, key, address, parts, urgent,"
        " state, created_at, next_at, sent_at, reference, attempts, maybe_sent, told) VALUES"
        " (%s, %s, %s, %s, %s, %s, %s, true, %s, clock_timestamp(), clock_timestamp(), %s, %s, 1,"
        " false, '') RETURNING id",
        *(desk.tenant, channel, desk.people["ann"], told["ticket"], f"breach/7/{channel}"),
        *(told["address"], BREACH, told["state"], told["sent_at"], reference),
    )
    return found


def post(address: str, fields: dict[str, str], *, token: str = phones.TOKEN) -> Any:
    """Call as Twilio does, by the address that it was given."""
    path = address.removeprefix(BASE)
    given = {"X-Twilio-Signature": twilio.signature(token, f"{BASE}{path}", fields.items())}
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    kind = "application/x-www-form-urlencoded"
    return client.post(path, urlencode(fields).encode(), content_type=kind, headers=given)


def test_a_message_that_arrived_says_so(desk: Company, database: Database) -> None:
    id_ = letter(database, desk, "sms", "SM1")
    address = f"/hooks/acme/{add(desk, 'Twilio')}/sms"
    done = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert post(address, done, token="00" * 16).status_code == 401
    assert database.one("SELECT delivered_at FROM outbox WHERE id = %s", id_) is None
    assert post(address, done).status_code == 200
    assert database.one("SELECT delivered_at IS NOT NULL FROM outbox WHERE id = %s", id_)


@pytest.mark.promise("P11")
def test_a_message_that_was_lost_leaves_by_the_next_way(desk: Company, database: Database) -> None:
    for position, (channel, where) in enumerate((("sms", "+46701234567"), ("slack", "U0123"))):
        database.rows(
            "INSERT INTO contact_method (tenant_id, person_id, channel, address, position,"
            " critical_only, added_at) VALUES (%s, %s, %s, %s, %s, true, clock_timestamp())",
            *(desk.tenant, desk.people["ann"], channel, where, position),
        )
    id_ = letter(database, desk, "sms", "s1")
    url = hooks.sealed(f"{BASE}/hooks/acme/{add(desk, '46elks')}/sms", phones.ELKS_PASSWORD)
    path = url.removeprefix(BASE)
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    kind = "application/x-www-form-urlencoded"
    for _ in range(2):
        answer = client.post(path, b"id=s1&status=failed", content_type=kind)
        assert answer.status_code == 200
    state, told = database.rows("SELECT state, told FROM outbox WHERE id = %s", id_)[0]
    assert state == "dead"
    assert "46elks could not deliver it" in told
    # Once, however often the provider says so.
    others = "SELECT channel, address, state FROM outbox WHERE id <> %s AND channel = 'slack'"
    assert database.rows(others, id_) == [("slack", "U0123", "pending")]
    wrong = client.post(path.replace("seal=", "seal=0"), b"id=s1&status=failed", content_type=kind)
    assert wrong.status_code == 401


def test_the_key_of_a_call_acknowledges_as_who_was_called(
    desk: Company, database: Database
) -> None:
    ticket = desk.open()
    id_ = letter(database, desk, "voice", "CA1", ticket=ticket)
    provider = add(desk, "voice")
    lease = phones.lease(
        "", tenant=desk.tenant, id=id_, tenant_key="acme", provider=provider, channel="voice"
    )
    action = hooks.address(lease, "voice", letter=hooks.token(lease, "voice"), language="sv")
    wrong = post(action, {"CallSid": "CA1", "Digits": "9"})
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert "Det var inte 4" in wrong.content.decode()
    assert post(action, {"CallSid": "CA1", "Digits": "4"}, token="00" * 16).status_code == 401
    right = post(action, {"CallSid": "CA1", "Digits": "4"})
    assert "Tack. Det är kvitterat." in right.content.decode()


def test_a_call_that_nobody_takes_is_noted_and_not_given_up(
    desk: Company, database: Database
) -> None:
    id_ = letter(database, desk, "voice", "CA1")
    address = f"/hooks/acme/{add(desk, 'voice')}/voice"
    assert post(address, {"CallSid": "CA1", "CallStatus": "no-answer"}).status_code == 200
    assert database.rows("SELECT state, told FROM outbox WHERE id = %s", id_) == [
        ("sent", "nobody answered")
    ]


def test_a_browser_that_is_gone_is_nobodys_address_any_more(
    desk: Company, database: Database
) -> None:
    for address in ("gone", "here"):
        database.rows(
            "INSERT INTO contact_method (tenant_id, person_id, channel, address, position,"
            " critical_only, added_at) VALUES (%s, %s, 'push', %s, 0, true, clock_timestamp())",
            *(desk.tenant, desk.people["ann"], address),
        )
    letter(database, desk, "push", state="pending", sent_at=None, address="gone")
    database.play("worker")
    (lease,) = [one for one in outbox.claim() if one.channel == "push"]
    assert outbox.begin(lease)
    assert outbox.complete(lease, FailedForGood(f"{GONE} (push service 410)")) == "dead"
    left = "SELECT address FROM contact_method WHERE channel = 'push' ORDER BY position"
    assert database.rows(left) == [("here",)]
    told = "SELECT payload FROM event WHERE stream_kind = 'person' ORDER BY id DESC LIMIT 1"
    assert json.loads(database.one(told))["did"] == "contact method ended"
